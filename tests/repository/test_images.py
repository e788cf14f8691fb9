"""The recipes of container images, followed as far as no container is needed: what is copied is
there, and what is installed from it can be built."""

import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECIPES = sorted(file for file in ROOT.glob("*/*/Dockerfile") if ".venv" not in file.parts)


def sent(recipe):
    """The files that Docker is given: the last line of the ignore file that fits decides."""
    lines = Path(f"{recipe}.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip

    def kept(path):
        verdict = True
        for rule in rules:
            pattern = rule.removeprefix("!").removeprefix("**/")
            if fnmatch(path, pattern) or path.startswith(f"{pattern}/"):
                verdict = rule.startswith("!")
        return verdict

    return {path for path in tracked if kept(path)}


def steps(recipe, word):
    text = recipe.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.split()[1:] for line in text.splitlines() if line.startswith(f"{word} ")]


def follow(recipe, image):
    """Copy as its COPY lines say, below the folder `image`."""
    given = sent(recipe)
    for *sources, target in steps(recipe, "COPY"):
        for source in sources:
            files = {f for f in given if f == source or f.startswith(f"{source}/")}
            assert files, f"{source} is not among the files that Docker is given"
            for file in files:
                name = Path(file).relative_to(source) if file != source else Path()
                inside = target.endswith("/") and file == source
                place = image / target.lstrip("/") / (Path(file).name if inside else name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / file, place)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda file: file.parent.name)
def test_what_an_image_installs_is_there_and_can_be_built(recipe, tmp_path):
    follow(recipe, tmp_path)
    (folder,) = {Path(p).parent for p in tmp_path.rglob("pyproject.toml")}
    assert any(f"/{folder.relative_to(tmp_path)}" in " ".join(run) for run in steps(recipe, "RUN"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *options, str(folder)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert list(tmp_path.glob("dualedu-*.whl"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda file: file.parent.name)
def test_no_image_is_given_solutions(recipe):
    assert not [file for file in sent(recipe) if "source" in Path(file).parts]
