"""The promises outside the code: every pin is there, the versions agree, the README's lines run."""

import doctest
import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import dualedu

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Where the book is built: markers decide what a platform needs, and each needs its pins.
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    "macOS": {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def pins(file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    names = [re.split("[ ;#]", line)[0] for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(Requirement(name).name): Requirement(name) for name in names}


DIRECT, BROUGHT = pins("requirements.txt"), pins("constraints.txt")


def test_the_canary_has_every_package_that_is_used_directly():
    lines = (ROOT / "requirements-canary.txt").read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line.split("#")[0]) for line in lines if line and line[0] not in "#-"]
    names = {canonicalize_name(each.name) for each in asked}
    # The one comes without its dependencies, the other with an extra of fonttools.
    assert DIRECT.keys() - names == {"jupyter-book", "brotli"}


def test_every_pin_is_exact():
    loose = [str(r) for r in (*DIRECT.values(), *BROUGHT.values()) if not exact(r)]
    assert loose == []


def test_no_package_is_pinned_twice():
    assert DIRECT.keys() & BROUGHT.keys() == set()


def exact(requirement):
    return [s.operator for s in requirement.specifier] == ["=="] and "*" not in str(requirement)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_whatever_is_brought_along_is_pinned(platform, python):
    marks = PLATFORMS[platform] | {"python_version": python, "python_full_version": f"{python}.0"}
    missing, seen, queue = set(), set(), [(name, "") for name in DIRECT]
    while queue:
        name, extra = queue.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for line in needs(name):
            needed = Requirement(line)
            key = canonicalize_name(needed.name)
            if not holds(needed.marker, marks | {"extra": extra}):
                continue
            if key in DIRECT or key in BROUGHT:
                queue.extend((key, e) for e in ("", *needed.extras))
            elif name != "torch":  # which pins its CUDA parts itself
                missing.add(f"{key} (for {name})")
    assert sorted(missing) == []


@pytest.mark.parametrize("python", [PROJECT["requires-python"].removeprefix(">=") + ".0"])
def test_every_pin_installs_on_the_oldest_python(python):
    """Also where a distribution stays at its first release: Debian 12 has 3.11.2."""
    newer = {}
    for name in (*DIRECT, *BROUGHT):
        try:
            asked = metadata(name).get("Requires-Python", "")
        except PackageNotFoundError:  # of another platform
            continue
        if not SpecifierSet(asked).contains(python):
            newer[name] = asked
    assert newer == {}


def needs(name):
    try:
        return requires(name) or []
    except PackageNotFoundError:  # colorama on Windows, appnope on macOS: neither needs anything
        return []


def holds(marker: Marker | None, marks):
    return marker is None or marker.evaluate(marks)


def test_the_library_s_own_needs_are_among_the_pins():
    extras = PROJECT["optional-dependencies"]
    wanted = [*PROJECT["dependencies"], *extras["book"], *extras["test"], *extras["mnist"]]
    for line in wanted:
        needed = Requirement(line)
        if needed.name == PROJECT["name"]:
            continue
        pin = DIRECT[canonicalize_name(needed.name)]
        (version,) = (s.version for s in pin.specifier)
        assert needed.specifier.contains(version, prereleases=True), f"{pin} is not {needed}"


def test_numpy_is_all_the_library_needs():
    assert [Requirement(line).name for line in PROJECT["dependencies"]] == ["numpy"]


def test_every_file_says_the_same_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.MULTILINE)[1] == dualedu.__version__
    assert re.search(r"^## (\d\S*)", changes, re.MULTILINE)[1] == dualedu.__version__


def test_the_readme_runs():
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried
    assert not failed


TALK = [*ROOT.glob("*.md"), *ROOT.glob(".github/*.md"), *ROOT.glob("paper/*.md")]


@pytest.mark.parametrize("page", TALK, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"(`+).+?\1", "", text, flags=re.DOTALL)  # what stands in code is no link
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [t for t in targets if not (page.parent / t).exists()] == []
