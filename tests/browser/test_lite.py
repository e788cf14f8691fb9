"""Chapters and exercises as notebooks in JupyterLite: opened, run, changed, kept; no other host."""

import json
import re
from html import unescape

import nbformat
import pytest
import untested
from browsers import BOTH
from hosts import Host, keeps
from livebook.lite import app as lite
from livebook.python import lock
from living_page import START
from thisbook.notebooks import ROOT

CHAPTER = "book/1-numbers/no-limit"
WIDGETS = "book/widgets"


@pytest.fixture(scope="module")
def app(site):
    folder = site / lite.FOLDER
    if not folder.is_dir():
        untested.skip("lite")
    return folder


class Notebook:
    """What a reader does in JupyterLite, in words."""

    def __init__(self, page):
        self.page = page
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=START)
        idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
        page.wait_for_selector(idle, state="attached", timeout=START)  # a phone hides it

    def cell(self, text):
        return self.page.locator(".jp-CodeCell", has_text=text).first

    def output(self, text):
        return self.cell(text).locator(".jp-OutputArea-output")

    def reach(self, text):
        self.cell(text).locator(".cm-content").click()

    def write(self, text, code):
        self.reach(text)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)

    def clear(self):
        """Put the stored outputs away, so that what comes is new."""
        self.choose("Edit", "Clear Outputs of All Cells")

    def choose(self, menu, entry):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_text(entry, exact=True).click()

    def run(self, text):
        """Run a cell, once its stored outputs are cleared, and return what it put out, as text."""
        self.reach(text)
        prompt = self.cell(text).locator(".jp-InputPrompt")
        self.page.keyboard.press("Control+Enter")
        prompt.get_by_text(re.compile(r"\[\d+\]")).wait_for(timeout=START)
        return "".join(self.output(text).all_inner_texts())

    def try_out(self, code):
        """Run code in place of the first cell's."""
        first = self.page.locator(".jp-CodeCell").first
        first.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(code)
        return self.run(code.split("\n")[0])

    def assert_quiet(self):
        assert self.page.errors == []
        assert self.page.external == []
        assert self.page.failed == []


def opened(page, host, name):
    page.goto(f"{host}/lite/notebooks/index.html?path={name}.ipynb")
    return Notebook(page)


def stored(name, text):
    """The text that a cell of a notebook has put out, by a part of its code."""
    notebook = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
    cell = next(c for c in notebook.cells if c.cell_type == "code" and text in c.source)
    return "".join(output.get("text", "") for output in cell.outputs)


@BOTH
def test_a_chapter_opens_runs_and_keeps_what_is_changed(app, book, new_page):
    page = new_page()
    page.goto(f"{book}/{CHAPTER}.html")
    page.locator(".live-bar").get_by_role("link", name="Open in JupyterLite").click()
    notebook = Notebook(page)
    expected = stored(CHAPTER, "def forward").strip()
    notebook.reach("def forward")
    assert notebook.output("def forward").inner_text().strip() == expected
    notebook.reach("ax.loglog")
    notebook.output("ax.loglog").locator("svg, img").first.wait_for()

    notebook.clear()
    assert notebook.run("from fractions") == ""
    assert notebook.run("def forward").strip() == expected
    notebook.write("from fractions", "print('my own', 6 * 7)")
    page.keyboard.press("Control+s")
    with page.expect_download() as download:
        notebook.choose("File", "Download")
    assert "my own" in download.value.path().read_text(encoding="utf-8")
    page.reload()
    notebook = Notebook(page)
    notebook.reach("my own")
    notebook.assert_quiet()


def test_widgets_answer(app, book, new_page):
    expect = pytest.importorskip("playwright.sync_api").expect
    notebook = opened(new_page(), book, WIDGETS)
    notebook.clear()

    def sentence(name):
        notebook.run(f"import {name}")
        words = notebook.output(f"import {name}").get_by_role("status").first
        expect(words).to_contain_text(re.compile(r"\d"), timeout=START)
        return words

    words = sentence("TangentArrow")
    notebook.output("import TangentArrow").get_by_role("slider", name="x", exact=True).focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(words).to_contain_text("f(1.05 + 1ε) = 0.9108 + 1.3899ε")  # x sin x at 1.05

    words = sentence("DrawADigit")
    notebook.output("import DrawADigit").get_by_role("button", name="Clear").click()
    expect(words).to_contain_text("The grid is empty")
    notebook.output("import DrawADigit").get_by_role("application").focus()
    notebook.page.keyboard.press("Space")
    expect(words).to_contain_text("The network reads")
    notebook.assert_quiet()


def test_a_notebook_has_the_results_and_reaches_no_other_host(app, book, serve, tmp_path, new_page):
    notebook = opened(new_page(), book, "book/2-diagnosis/patient")
    notebook.clear()
    results = (ROOT / "book" / "results" / "patient.json").read_text(encoding="utf-8")
    code = 'from pathlib import Path\nprint(len(Path("../results/patient.json").read_text()))'
    assert notebook.try_out(code).strip() == str(len(results))
    assert "Nothing can be installed here" in notebook.try_out("%pip install autograd")
    # An answer that may be had, but not read, would do: so only the page's policy is in the way.
    ask = "from pyodide.code import run_js\nawait run_js(\"fetch('{}/', {{mode: 'no-cors'}})\")"
    assert "Failed to fetch" in notebook.try_out(ask.format(serve(tmp_path)))
    assert "Response" in notebook.try_out(ask.format(book))
    notebook.assert_quiet()


def test_a_notebook_that_was_open_runs_without_a_network(app, site, new_page):
    host = Host(site)
    page = new_page()
    page.goto(host.url(f"{CHAPTER}.html"))  # the service worker comes with the pages
    keeps(page, f"{CHAPTER}.html")
    notebook = opened(page, host.url("").rstrip("/"), CHAPTER)
    notebook.clear()
    assert notebook.try_out("print(6 * 7)").strip() == "42"
    host.cut()
    page.reload()
    notebook = Notebook(page)
    notebook.clear()
    said = notebook.try_out("import dualedu\nprint(dualedu.Dual(3.0, 1.0) ** 2)")
    assert said.strip() == "9.0 + 6.0ε"


# --- what is in the site --------------------------------------------------------------------------


def listed(app, folder=""):
    """Every notebook that JupyterLite lists, through its folders."""
    inside = json.loads((app / "api" / "contents" / folder / "all.json").read_text())["content"]
    for entry in inside:
        if entry["type"] == "directory":
            yield from listed(app, entry["path"])
        else:
            yield entry["path"]


def test_every_chapter_and_exercise_is_there_and_linked(app, site):
    notebooks = [*ROOT.glob("book/**/*.ipynb"), *ROOT.glob("classroom/release/*/*.ipynb")]
    assert {*listed(app)} == {path.relative_to(ROOT).as_posix() for path in notebooks}
    for name in listed(app):
        ours = nbformat.read(ROOT / name, as_version=4)
        theirs = nbformat.read(app / "files" / name, as_version=4)
        nbformat.validate(theirs)
        assert [cell.id for cell in theirs.cells] == [cell.id for cell in ours.cells]
        codes = [[c.source for c in n.cells if c.cell_type == "code"] for n in (ours, theirs)]
        assert codes[0] == codes[1]
        outputs = [[c.outputs for c in n.cells if c.cell_type == "code"] for n in (ours, theirs)]
        for output in (o for cell in outputs[0] for o in cell if "execution_count" in o):
            output.execution_count = None  # nothing has run there yet
        assert outputs[0] == outputs[1]
        assert (site / "_sources" / name).read_bytes() == (ROOT / name).read_bytes()
        page = (site / name).with_suffix(".html").read_text(encoding="utf-8")
        assert f"lite/notebooks/index.html?path={name}" in page


def texts(path):
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def markdown(path):
    """The Markdown of a notebook, code and formulas left out."""
    other = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|\$\$.*?\$\$|\$[^$]+\$", re.S)
    return "\n\n".join(other.sub("", text) for text in texts(path))


SYNTAX = re.compile(
    r"""^:\w+:.*|^:::\{solution\}.*|^```\{figure\}.*|^:::\{[\w:]+\}  # heads of blocks
    |\{(?:cite:p|eq|numref|prf:ref)\}`[^`]*`|\{ref\}|<ex-[\w-]+>|\$\$[ ]\(.*\)  # names of places
    |^\([\w-]+\)=$  # labels
    |\]\(\S+\)|</?\w+>  # links, elements""",
    re.M | re.X,
)
WORD = r"[^\W\d_]{2,}"
NUMERIC = re.compile(r"^:::\{question\}[^\n]*\n:numeric:.*?^:::$", re.M | re.S)


def words(text):
    return set(re.findall(WORD, SYNTAX.sub(" ", text)))


def test_no_syntax_of_the_book_is_left_in_a_notebook(app):
    for name in listed(app):
        text = markdown(app / "files" / name)
        assert not re.findall(r"^.*(?::::|```|\{[\w:]+\}|\)=$|^:\w+:).*", text, re.M), name


def test_solutions_and_hints_are_folded(app):
    for name in listed(app):
        source, made = (markdown(folder / name) for folder in (ROOT, app / "files"))
        folds = len(re.findall(r":class: .*dropdown", source))
        assert made.count("</details>") == made.count("<details>") >= folds
        open_text = re.sub(r"<details>.*?</details>", "", made, flags=re.S)
        assert "Solution to" not in open_text
        assert made.count("<summary>Solution to") == source.count(":::{solution}")


def test_a_notebook_says_what_its_page_says(app, site):
    """Replies to wrong numbers aside, which a page gives when they are typed."""
    for name in listed(app):
        source, made = ("\n".join(texts(folder / name)) for folder in (ROOT, app / "files"))
        page = unescape((site / name).with_suffix(".html").read_text(encoding="utf-8"))
        assert words(NUMERIC.sub("", source)) <= words(made), f"{name}: these are lost"
        said = {*re.findall(WORD, page), "Answer"}
        assert words(made) <= said, f"{name}: not on its page"


def test_formulas_keep_their_numbers(app):
    for name in listed(app):
        sources, made = (texts(folder / name) for folder in (ROOT, app / "files"))
        for source, text in zip(sources, made, strict=True):
            assert text.count("$$") == source.count("$$")
            assert text.count(r"\tag{") == len(re.findall(r"^\$\$ \(.*\)$", source, re.M))


def test_links_of_notebooks_lead_to_the_site(app, site):
    pages = {}
    for name in listed(app):
        for link in re.findall(r"\]\(([^)\s]+)\)", markdown(app / "files" / name)):
            if link.startswith(("https://", "data:")):
                continue
            file, _, anchor = link.partition("#")
            path = (site / name).parent / file
            assert path.is_file(), f"{name}: {link}"
            if anchor:
                if path not in pages:
                    pages[path] = path.read_text(encoding="utf-8")
                assert f'id="{anchor}"' in pages[path], f"{name}: {link}"


def test_a_notebook_is_read_as_its_page(app, book, new_page):
    expect = pytest.importorskip("playwright.sync_api").expect
    page = new_page(dark=True)
    warnings = []
    page.on("console", lambda message: warnings.append(message.text))
    notebook = opened(page, book, "book/1-numbers/algebra")
    assert not [text for text in warnings if "satisf" in text.lower()]  # no version that is missed
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    title = page.locator("strong", has_text="Theorem 2.2 (Which dual numbers have an inverse)")
    expect(title).to_be_visible()
    solution = page.locator("details", has_text="Solution to Exercise 2.1")
    expect(solution.locator("p").first).not_to_be_visible()
    solution.locator("summary").click()
    expect(solution.locator("p").first).to_be_visible()
    expect(solution.locator("mjx-container").first).to_be_visible()
    with page.context.expect_page() as other:
        page.get_by_role("link", name="Theorem 2.2").first.click()
    assert other.value.url == f"{book}/book/1-numbers/algebra.html#thm-inverse"
    notebook.assert_quiet()


@pytest.mark.parametrize("name", ["book/intro", "book/1-numbers/algebra"])
def test_a_phone_shows_formulas_and_pictures_whole(app, book, new_page, name):
    notebook = opened(new_page(width=360), book, name)
    page = notebook.page
    page.locator(".jp-RenderedMarkdown mjx-container").last.wait_for()
    texts = page.locator(".jp-RenderedMarkdown")
    wide = "texts => texts.filter((text) => text.scrollWidth > text.clientWidth + 1).length"
    assert texts.evaluate_all(wide) == 0
    assert 0 not in texts.locator("img").evaluate_all("pictures => pictures.map((p) => p.width)")
    notebook.assert_quiet()


def test_there_is_one_pyodide_and_its_lock_file_is_whole(app, site):
    live = site / "_static" / "live"
    assert [p.parent for p in site.rglob("pyodide.asm.wasm")] == [live / "pyodide"]
    settings = json.loads((app / "jupyter-lite.json").read_text())["jupyter-config-data"]
    plugin = settings["litePluginSettings"][f"{lite.kernel.EXTENSION}:kernel"]
    options = plugin["loadPyodideOptions"]
    path = app / options["lockFileURL"]
    packages = json.loads(path.read_text())["packages"]
    lock.closure(options["packages"], packages)
    for entry in packages.values():
        assert lock.digest(live / "pyodide" / entry["file_name"]) == entry["sha256"]


def test_what_is_shipped_is_listed_with_its_licence(app, site):
    texts = (site / "_static" / "licences.txt").read_text(encoding="utf-8")
    page = (site / "book" / "reference" / "licences.html").read_text(encoding="utf-8")
    for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel", "anywidget", "yjs"):
        assert name in texts
        assert name in page
