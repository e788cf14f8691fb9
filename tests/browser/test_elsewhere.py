"""A book built where Pyodide could not be had: its pages take Pyodide from the official address."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from livebook import settings
from livebook.python import release, stage
from livebook.site import policy
from living_page import START, LivingPage

SETTINGS, _ = settings.read(Path(__file__).parents[2])
CHAPTER = "book/2-diagnosis/softmax"
ENGINE = "pyodide.asm.wasm"


@pytest.fixture(scope="module")
def official(serve, site):
    """Another server, which stands for the official address, and what it does not hand out."""
    # In the folder that is named, or where the build has put what it fetched.
    lock = release.fetching(SETTINGS)(release.LOCK, release.RELEASE["sha256"][release.LOCK])
    absent, wrong = [], []
    # As jsDelivr does, so that pages of any host may read its files.
    headers = {"Access-Control-Allow-Origin": "*"}
    address = serve(lock.parent, absent=absent, wrong=wrong, headers=headers)
    return SimpleNamespace(address=address, absent=absent, wrong=wrong)


@pytest.fixture(scope="module")
def book(official, site, serve, tmp_path_factory):
    """The address of the site as it is built when the official address does not answer."""
    root = tmp_path_factory.mktemp("elsewhere")
    folder = shutil.copytree(site, root / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(release.RELEASE, "base", f"{official.address}/")
        official.absent.append("")
        # The cache of the project holds the wheels, and may hold Pyodide's own files.
        staged = stage.stage(replace(SETTINGS, cache=root / "cache", pyodide=None))
        official.absent.clear()
    assert any(f"Pyodide comes from {official.address}" in note for note in staged.notes)
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


def test_the_page_comes_alive_and_runs_its_widget(page, official, book):
    living = LivingPage(page, page.url)
    living.start()
    living.run_all()
    page.wait_for_selector(".live-output .explore-picture svg")
    living.assert_quiet()
    hosts = {Path(url).name.split("-")[0]: url for url in page.asked}
    assert hosts[ENGINE].startswith(official.address)
    assert hosts["numpy"].startswith(official.address)
    assert hosts["dualedu"].startswith(book)


def test_python_reaches_that_address_and_no_other(page, official, serve, site):
    reach = "(url) => fetch(url).then(() => true, () => false)"
    assert page.evaluate(reach, f"{official.address}/pyodide-lock.json")
    other = serve(site, headers={"Access-Control-Allow-Origin": "*"})
    assert not page.evaluate(reach, f"{other}/objects.inv")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("wrong", f"The file {ENGINE} is not the one this book was built with."),
        ("absent", f"The file {ENGINE} could not be had (404)."),
    ],
)
def test_a_file_is_checked_wherever_it_comes_from(kind, sentence, page, official):
    getattr(official, kind).append(ENGINE)
    try:
        page.get_by_role("button", name="Make this page live").click()
        page.wait_for_selector(".live-bar[data-state=failed]", timeout=START)
    finally:
        getattr(official, kind).clear()
    assert sentence in page.locator(".live-bar").inner_text()
