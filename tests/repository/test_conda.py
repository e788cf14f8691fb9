"""The recipe for conda-forge says what the source distribution says of itself."""

import hashlib
import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
import yaml
from frontdoor import conda

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", folder, ROOT],
        env=os.environ | {"FRONTDOOR_REPOSITORY": "https://github.com/owner/name"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (made,) = folder.iterdir()
    return made


def filled(text, context):
    """What a recipe says once its variables are put in."""
    for name, value in context.items():
        text = text.replace(f"${{{{ {name} }}}}", value)
    return text


def test_it_is_this_file_on_pypi(sdist):
    said = conda.recipe(sdist)
    url = filled(said["source"]["url"], said["context"])
    assert url == f"https://pypi.org/packages/source/d/dualedu/{sdist.name}"
    assert said["source"]["sha256"] == hashlib.sha256(sdist.read_bytes()).hexdigest()


def test_it_needs_what_the_package_needs(sdist):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], f"python{project['project']['requires-python']}"]
    said = conda.recipe(sdist)
    run = [filled(one, said["context"]).replace(" ", "") for one in said["requirements"]["run"]]
    assert sorted(run) == sorted(wanted)
    host = [one.replace(" ", "") for one in said["requirements"]["host"]]
    assert set(project["build-system"]["requires"]) < set(host)


def test_its_licences_come_along(sdist):
    said = conda.recipe(sdist)["about"]
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert said["license"]
    assert set(said["license_file"]) <= names


def test_who_keeps_it_and_where_it_lives_follow_from_the_address(sdist):
    said = conda.recipe(sdist)
    assert said["extra"] == {"recipe-maintainers": ["owner"]}
    assert said["about"]["repository"] == "https://github.com/owner/name"
    assert said["about"]["homepage"] == "https://owner.github.io/name/"


def test_it_is_read_again_as_it_was_meant(sdist):
    assert yaml.safe_load(conda.written(sdist)) == conda.recipe(sdist)


@pytest.mark.parametrize(("pythons", "first"), [(">=3.11", "3.11"), ("<4,>=3.12", "3.12")])
def test_the_oldest_python_is_the_one_it_is_built_with(pythons, first):
    assert conda.oldest(pythons) == first


def test_without_an_oldest_python_there_is_no_recipe():
    with pytest.raises(ValueError, match="'<4', which names no oldest Python"):
        conda.oldest("<4")
