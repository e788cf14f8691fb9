"""Running a chapter elsewhere: offered only where there is an address, and with the book's pins."""

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from frontdoor import launch
from frontdoor.address import Address
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PUBLIC = "https://github.com/example/little"
BINDER = ROOT / ".binder" / "requirements.txt"


def pins(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    found = (Requirement(line.split("#")[0]) for line in lines if line and line[0] not in "#-")
    return {each.name.lower(): str(each.specifier) for each in found}


def offered(repository, source="book/one.ipynb", buttons=()):
    """What the header of a page has after our buttons were added to others'."""
    place = SimpleNamespace(address=Address(repository=repository), version="1.2", root=ROOT)
    env = SimpleNamespace(doc2path=lambda name: str(ROOT / source))
    context = {"header_buttons": [*buttons]}
    launch.context(SimpleNamespace(env=env, frontdoor=place), "one", "", context, object())
    return context["header_buttons"]


@pytest.mark.parametrize("repository", ["", "https://example.org/not-on-github"])
def test_without_an_address_on_github_nothing_is_offered(repository):
    assert offered(repository) == []


def test_a_page_that_is_no_notebook_offers_nothing():
    assert offered(PUBLIC, "book/reference/notation.md") == []


def test_each_service_opens_the_chapter_where_it_looks_for_it():
    (group,) = offered(PUBLIC)
    urls = [button["url"] for button in group["buttons"]]
    assert urls == [
        "https://colab.research.google.com/github/example/little/blob/launch/book/one.ipynb",
        "https://kaggle.com/kernels/welcome?src="
        "https://github.com/example/little/blob/launch/book/one.ipynb",
        "https://mybinder.org/v2/gh/example/little/v1.2?labpath=book%2Fone.ipynb",
        "https://codespaces.new/example/little",
    ]


def test_buttons_of_others_keep_their_place():
    other = {"label": launch.GROUP, "buttons": [{"text": "Open in JupyterLite"}]}
    (group,) = offered(PUBLIC, buttons=[other])
    assert group["buttons"][0]["text"] == "Open in JupyterLite"
    assert len(group["buttons"]) == 5


def test_binder_has_the_pins_of_the_book():
    pinned = pins(ROOT / "requirements.txt")
    assert {name: pinned.get(name) for name in pins(BINDER)} == pins(BINDER)


def test_binder_has_what_the_notebooks_import():
    asked = set()
    for folder in ("book", "classroom/release"):
        for path in (ROOT / folder).rglob("*.ipynb"):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["cell_type"] == "code":
                    code = "".join(cell["source"])
                    asked |= set(re.findall(r"^(?:from|import) (\w+)", code, re.M))
    third = asked & pins(ROOT / "requirements.txt").keys()
    assert "numpy" in third
    assert third <= pins(BINDER).keys()


def test_every_way_has_a_python_that_the_project_supports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    supported = Requirement(f"python{project['requires-python']}").specifier
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    found = [
        (ROOT / ".binder" / "runtime.txt").read_text(encoding="utf-8").strip().split("-")[1],
        conda["dependencies"][0].split("=")[1],
        container["image"].split(":")[1],
    ]
    assert all(f"{version}.9" in supported for version in found)
    assert {"pip": ["-r requirements.txt"]} in conda["dependencies"]
