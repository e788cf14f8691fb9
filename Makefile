# Short names for the ordinary commands. `make book` and `make test` set up what they need.
PYTHON ?= python3
NOTEBOOKS ?= book classroom/source

VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
CANARY := .venv-canary
GRADER := _build/grader
CANARY_BIN := $(CANARY)/$(notdir $(BIN))
GRADER_BIN := $(GRADER)/$(notdir $(BIN))
READY := $(VENV)/.ready

# One thread each: small matrix products stall when several pools compete for the cores,
# and sums keep their order, so stored outputs stay comparable.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: help book grader offline print lint test test-portable canary links colab preview release \
  editions release-check publish-dry results notebooks pictures living-picture classroom constraints format clean
.DEFAULT_GOAL := help

help:
	@echo "make book       the whole book as a site, in _build/html"
	@echo "make grader     what grading a class needs and no more, in $(GRADER)"
	@echo "make offline    the whole book as an archive, to read and run without a network"
	@echo "make print      the whole book as a PDF and as an EPUB (OF=pdf or OF=epub: one of them)"
	@echo "make test       lint, types, spelling, every test and every notebook"
	@echo "make test-portable  the same, but for browsers and for the grading of classes"
	@echo "make canary     the book and most tests on the newest releases (OF=nightly: NumPy's)"
	@echo "make links      every link to another site, asked"
	@echo "make publish-dry  all of a publication but the sending, played through here"
	@echo "make release    what is published, with checksums, in _build/release"
	@echo "make editions   the built site with its earlier editions, by number, in _build/site"
	@echo "make notebooks  execute and normalise all notebooks (NOTEBOOKS=path for one)"
	@echo "make results    measure again what the pages read, on all of MNIST (an hour)"
	@echo "make pictures   draw the pictures of book/assets again"
	@echo "make classroom  the students' notebooks, from the ones with solutions"
	@echo "make constraints  pin again what requirements.txt brings along"
	@echo "make format     lay out the code, notebooks included"
	@echo "make clean      remove the site and the environment"

# Rebuilt from nothing when a pin changes, or what the library installs: nothing older stays behind.
$(READY): requirements.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "dualedu needs Python 3.11 or newer, and $(PYTHON) is not:" \
	       "name one, as in  make PYTHON=python3.12 book" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check -r requirements.txt
	@touch $@

book: $(READY)
	$(BIN)/python book/_ext/thisbook/notebooks.py --stale
	$(BIN)/jupyter-book build . --quiet
	@echo
	@echo "The book is ready: open $(CURDIR)/_build/html/index.html"
	@echo "or serve it:       $(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000"
	@cat _build/livebook/report.txt

# The pins are those of requirements.txt; what is left out builds the site and tests it.
grader:
	$(PYTHON) -m venv $(GRADER)
	$(GRADER_BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e . \
	  $$(sed -nE 's/^((numpy|tqdm|ipykernel|matplotlib|nbclient|nbformat|nbgrader)==[^ ]+).*/\1/p' requirements.txt)
	@echo
	@echo "Ready to grade: . $(GRADER_BIN)/activate, then cd classroom; its README has the steps."

offline: book
	@PYTHONPATH=book/_ext $(BIN)/python -m livebook.site.offline

print: book
	@PYTHONPATH=book/_ext $(BIN)/python -m printed $(OF)

PYTEST := pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell

test: lint
	$(BIN)/$(PYTEST) --no-loadscope-reorder

# For machines of other kinds: no browser is driven, and no class is graded.
test-portable: lint
	$(BIN)/$(PYTEST) --ignore tests/browser --ignore tests/classroom

# Made anew each time: what is newest changes. The pins are no matter here, browsers and classes are
# tested with the pinned packages.
canary:
	$(PYTHON) -m venv --clear $(CANARY)
	$(CANARY_BIN)/python -m pip install --disable-pip-version-check -r requirements-canary.txt
	$(CANARY_BIN)/python -m pip install --disable-pip-version-check --no-deps jupyter-book==1.0.4.post1
	$(if $(filter nightly,$(OF)),$(CANARY_BIN)/python -m pip install --upgrade --pre numpy scipy \
	  --extra-index-url https://pypi.anaconda.org/scientific-python-nightly-wheels/simple)
	$(CANARY_BIN)/$(PYTEST) \
	  --ignore tests/browser --ignore tests/classroom --ignore tests/test_environment.py \
	  --ignore tests/repository

links: $(READY)
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.links

# In a container of Colab's image, with the packages that are there: no environment is made.
colab:
	$(PYTHON) -m pip install --quiet ".[explore,mnist,scipy]"
	$(PYTHON) -m jupyter nbconvert --to notebook --execute --ExecutePreprocessor.timeout=-1 \
	  --output-dir _build/colab book/*.ipynb book/*/*.ipynb

# --- publishing: RELEASING.md tells the order -----------------------------------------------------

preview: export FRONTDOOR_PREVIEW = yes
preview: book

release: offline print
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.packages _build/release
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.branch _build/launch

editions: $(READY)
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.assemble _build/html _build/editions _build/site

release-check: $(READY)
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.release $(TAG)

publish-dry: $(READY)
	@PYTHONPATH=book/_ext $(BIN)/python -m frontdoor.rehearsal

notebooks: $(READY)
	$(BIN)/python book/_ext/thisbook/notebooks.py $(NOTEBOOKS)

# In this order: the runs on MNIST take the rates that were chosen first.
results: $(READY)
	$(BIN)/python book/results/rates.py
	$(BIN)/python book/results/mnist_full.py
	$(BIN)/python book/results/mnist_wide.py
	$(BIN)/python book/results/budgets.py
	$(BIN)/python book/results/patient.py
	$(BIN)/python book/results/switchboard.py
	$(BIN)/python book/results/digit_model.py
	$(BIN)/python book/results/curves.py
	$(BIN)/python book/results/memory.py
	$(BIN)/python book/results/effective_rank.py
	$(BIN)/python book/results/workers.py

pictures: $(READY)
	$(BIN)/python book/_ext/thisbook/pictures.py

# The README's: a widget of the site of `make book`, alive, in the Chromium that is installed.
living-picture: $(READY)
	$(BIN)/python book/_ext/thisbook/living_picture.py

# Without the gradebook, which belongs to a course and not to the project.
classroom: $(READY)
	cd classroom && for source in source/*/; do \
	  ../$(BIN)/nbgrader generate_assignment "$$(basename "$$source")" \
	    --force --no-db --log-level=ERROR --NbGrader.logfile= || exit 1; \
	done

# By uv, for every platform and Python at once. A pin stays what it is until something asks for more;
# without the file, the newest of everything is pinned. Not in the environment, which waits for it.
constraints:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target _build/uv uv==0.13.9
	grep -v '^-c' requirements.txt | _build/uv/bin/uv pip compile - --quiet --universal \
	  --python-version 3.11 --annotation-style line --custom-compile-command 'make constraints' \
	  --no-emit-package dualedu \
	  $$(sed -n 's/^\([[:alnum:]_.-]*\)==.*/--no-emit-package \1/p' requirements.txt) \
	  --output-file constraints.txt

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf _build $(VENV) $(CANARY)
