"""A book built where Pyodide could not be had: its pages take from the official address what npm
and PyPI do not have, or all of it; where nothing can be had, they say so."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from livebook import build, settings
from livebook.python import release, stage
from livebook.site import policy
from living_page import START, LivingPage

OWN, _ = settings.read(Path(__file__).parents[2])
CHAPTER = "book/1-numbers/directions"
ENGINE = "pyodide.asm.wasm"


@pytest.fixture(scope="module")
def official(serve, site):
    """Another server, which stands for the official address, and what it does not hand out."""
    # Where the build has put what it fetched, unless it was told of a folder.
    lock = release.fetching(OWN)(release.LOCK, release.RELEASE["sha256"][release.LOCK])
    folder = lock.parent
    absent, wrong = [], []
    # As jsDelivr does, so that pages of any host may read its files.
    headers = {"Access-Control-Allow-Origin": "*"}
    address = serve(folder, absent=absent, wrong=wrong, headers=headers)
    return SimpleNamespace(address=address, absent=absent, wrong=wrong)


@pytest.fixture(scope="module", params=["registries", "nothing"])
def has(request):
    """What a build has of Pyodide when the official address does not answer."""
    return request.param


def absent(*_):
    raise build.Absent("the registry does not answer")


@pytest.fixture(scope="module")
def book(has, official, site, serve, tmp_path_factory):
    """The address of the site as it is built when the official address does not answer."""
    root = tmp_path_factory.mktemp("elsewhere")
    folder = shutil.copytree(site, root / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(release.RELEASE, "base", f"{official.address}/")
        if has == "nothing":
            patch.setattr(release, "from_npm", absent)
        official.absent.append("")
        # The cache of the project holds the wheels, and may hold Pyodide's own files.
        staged = stage.stage(replace(OWN, cache=root / "cache", pyodide=None))
        official.absent.clear()
    assert any(f" from {official.address}/ when" in note for note in staged.notes)
    stage.put(staged, folder / "_static" / "live")
    page, host = folder / f"{CHAPTER}.html", policy.host(folder / "_static/live/manifest.json")
    page.write_text(policy.protected(page.read_text(encoding="utf-8"), host), encoding="utf-8")
    return serve(folder)


@pytest.fixture
def page(book, new_page):
    page = new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(f"{book}/{CHAPTER}.html")
    return page


def test_the_page_comes_alive_and_runs_its_widget(has, page, official, book):
    living = LivingPage(page, page.url)
    living.start()
    living.run_all()
    page.wait_for_selector(".live-output .explore-picture svg")
    living.assert_quiet()
    hosts = {Path(url).name.split("-")[0]: url for url in page.asked}
    assert hosts[ENGINE].startswith(book if has == "registries" else official.address)
    assert hosts["numpy"].startswith(official.address)
    assert hosts["dualedu"].startswith(book)


def test_python_reaches_that_address_and_no_other(page, official, serve, site):
    reach = "(url) => fetch(url).then(() => true, () => false)"
    assert page.evaluate(reach, f"{official.address}/pyodide-lock.json")
    other = serve(site, headers={"Access-Control-Allow-Origin": "*"})
    assert not page.evaluate(reach, f"{other}/objects.inv")


def failure(page):
    """What the page says when it is to come alive and cannot."""
    page.get_by_role("button", name="Make this page live").click()
    page.wait_for_selector(".live-bar[data-state=failed]", timeout=START)
    return page.locator(".live-bar").inner_text()


@pytest.fixture
def file(has):
    return {"registries": release.RELEASE["packages"]["numpy"]["file_name"], "nothing": ENGINE}[has]


def test_a_file_is_checked_wherever_it_comes_from(page, file, official):
    official.wrong.append(file)
    try:
        said = failure(page)
    finally:
        official.wrong.clear()
    assert f"The file {file} is not the one this book was built with." in said


def test_a_page_that_cannot_come_alive_says_why_and_where_else_it_runs(page, file, official, site):
    official.absent.append("")
    try:
        said = failure(page)
    finally:
        official.absent.clear()
    host = official.address.removeprefix("http://")
    assert f"could not be had from {host}, where this book's pages take it (404)." in said
    assert "The stored outputs stay. To run the code elsewhere, take" in said
    notebook = page.get_by_role("link", name="this chapter as a notebook")
    assert page.request.get(notebook.evaluate("link => link.href")).ok
    assert page.locator(".live-elsewhere code").inner_text() == OWN.environment


def test_a_book_without_python_says_so(new_page, site, serve, tmp_path):
    folder = shutil.copytree(site, tmp_path / "site")
    here = build.Build(OWN, missing="PyPI does not answer")
    stage.write(SimpleNamespace(build=here, static=folder / "_static"))
    page = new_page()
    page.goto(f"{serve(folder)}/{CHAPTER}.html")
    said = failure(page)
    assert said.startswith("This book was built without Python: PyPI does not answer.")
    assert "To run the code elsewhere, take this chapter as a notebook" in said
