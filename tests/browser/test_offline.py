"""The book without a network: what was visited is read and run again; the archive is the whole."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from browsers import BOTH
from hosts import Host, keeps
from livebook.site import offline
from living_page import START, LivingPage

CHAPTER = "book/1-numbers/no-limit.html"
OTHER = "book/2-diagnosis/softmax.html"  # not the next one, which Firefox fetches beforehand


@pytest.fixture
def host(site):
    host = Host(site)
    yield host
    host.cut()


def loaded(page):
    """The addresses of all that the page has loaded, as its worker names them."""
    return page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name.replace(/[?#].*/, ''))"
    )


def words(page):
    """What the page says once its scripts have had their turn."""
    page.wait_for_selector(".live-start")
    page.wait_for_selector(".explore-message", state="attached")  # its widget answers
    return page.locator("article").inner_text()


@BOTH
def test_a_visited_page_is_read_without_a_network(host, new_page):
    page = new_page()
    page.goto(host.url(CHAPTER))
    before = words(page)
    keeps(page, CHAPTER, *loaded(page))
    host.cut()
    page.reload()
    assert words(page) == before
    page.goto(host.url(OTHER))
    assert "not kept on your device" in page.locator("h1").inner_text()
    page.get_by_role("link", name="A derivative without a limit").click()
    page.wait_for_url(host.url(CHAPTER))


def test_what_is_under_way_when_the_worker_comes_is_kept(host, new_page):
    """A script that another one imports was asked for past the worker, and comes after it."""
    module = "_static/explore/kit/refusals.js"
    script, worker = host.hold(module), host.hold("sw.js")
    page = new_page()
    page.goto(host.url(CHAPTER))
    assert script.asked.wait(30)
    worker.released.set()
    keeps(page, CHAPTER)
    script.released.set()
    keeps(page, CHAPTER, module)


@BOTH
def test_a_page_that_was_live_runs_without_a_network(host, new_page, site):
    living = LivingPage(new_page(), host.url(CHAPTER))
    living.start()
    living.run(1, "6 * 7")
    packs = [path.name for path in site.glob("_static/live/pyodide/*.zst")]
    keeps(living.page, CHAPTER, "manifest.json", *packs)  # the last of them after a first answer
    host.cut()
    living.page.reload()
    living.start()
    assert living.run(1, "import colorsys; 6 * 7").strip() == "42"


# GitHub Pages has browsers keep files for ten minutes.
@pytest.fixture(params=["no-cache", "max-age=600"])
def caching(request):
    return request.param


@pytest.fixture
def editions(caching, tmp_path):
    """Two states of a small site, which differ in a page and in its style."""
    folders = []
    for text in ("one", "two"):
        folder = tmp_path / text
        (folder / "_static").mkdir(parents=True)
        script = '<script defer src="_static/offline.js"></script>'
        # Where browsers do not ask again, a state is part of the address, as in the book.
        version = "" if caching == "no-cache" else f"?v={text}"
        style = f'<link rel="stylesheet" href="_static/a.css{version}">'
        (folder / "index.html").write_text(f"<title>{text}</title>{style}{script}<h1>{text}</h1>")
        (folder / "other.html").write_text(f"<title>{text}</title>{style}<h1>other {text}</h1>")
        (folder / "_static" / "a.css").write_text(f'h1::after {{ content: " styled {text}" }}')
        (folder / "_static" / offline.REGISTER).write_bytes(
            (offline.HERE / "register.js").read_bytes()
        )
        (folder / offline.WORKER).write_text(offline.worker(folder))
        folders.append(folder)
    # The host tells states by a file's date, in seconds. Only the worker's differs: of the rest the
    # browser is told that its copies are still right, as after a deployment that keeps dates.
    for date, folder in enumerate(folders, start=1_700_000_000):
        for path in folder.rglob("*"):
            os.utime(path, (0, date if path.name == offline.WORKER else 1_700_000_000))
    return folders


def shown(page):
    style = page.evaluate("getComputedStyle(document.querySelector('h1'), '::after').content")
    return page.locator("h1").inner_text(), style.strip('" ')


def test_two_states_of_the_book_are_never_mixed(caching, editions, new_page):
    old, new = editions
    host = Host(old, caching=caching)
    page = new_page()
    page.goto(host.url("index.html"))
    keeps(page, "index.html", "a.css")
    assert shown(page) == ("one", "styled one")
    host.cut()
    page.goto(host.url("index.html"))
    assert shown(page) == ("one", "styled one")

    host = Host(new, host.port, caching)
    page.goto(host.url("other.html"))
    assert shown(page) == ("other two", "styled two")
    page.goto(host.url("index.html"))
    assert shown(page) == ("two", "styled two")
    page.reload()
    keeps(page, "index.html", "a.css")
    host.cut()
    page.reload()
    assert shown(page) == ("two", "styled two")


def test_two_books_of_one_host_keep_their_pages(editions, tmp_path, new_page):
    """As on a school's server, or on GitHub Pages: one origin, and a worker for each folder."""
    for term, folder in zip(("spring", "autumn"), editions, strict=True):
        (tmp_path / term).symlink_to(folder)
    (tmp_path / "spring" / "next").symlink_to(editions[1])  # a book within the folder of another
    host = Host(tmp_path)
    page = new_page()
    for books, place in enumerate(("spring", "autumn", "spring/next"), start=1):
        page.goto(host.url(f"{place}/index.html"))
        # A style asked for with its state is kept without it.
        keeps(page, f"/{place}/index.html", f"/{place}/_static/a.css", books=books)
    host.cut()
    for place, text in [("spring", "one"), ("autumn", "two"), ("spring/next", "two")]:
        page.goto(host.url(f"{place}/index.html"))
        assert shown(page) == (text, f"styled {text}")


def test_the_worker_names_every_file_of_the_site(site):
    text = (site / offline.WORKER).read_text(encoding="utf-8")
    listed = set(re.findall(r'"([^"]+)":"[0-9a-f]{16}"', text))
    there = {n for n in offline.site_files(site) if not n.startswith(offline.UNKEPT)}
    assert listed == there
    assert text == offline.worker(site)


def test_a_browser_s_old_worker_never_stands_beside_new_scripts(site):
    """It is asked for by its content, on hosts that let browsers keep files and without sw.js."""
    live = site / "_static" / "live"
    content = b"".join((live / name).read_bytes() for name in ("worker.js", "alive.css"))
    scripts = "".join(file.read_text(encoding="utf-8") for file in live.glob("*.js"))
    asked = re.findall(r"worker\.js\?v=(\w+)", scripts)
    assert asked == [hashlib.sha256(content).hexdigest()[:8]]


def test_the_archive_is_the_whole_site(site, tmp_path):
    offline.pack(site, tmp_path / "book.zip", "A book", "DUALEDU_PYODIDE")
    with zipfile.ZipFile(tmp_path / "book.zip") as archive:
        packed = {n.partition("/")[2]: archive.read(n) for n in archive.namelist()}
    first = {name for name in packed if "/" not in name}
    assert first == {"START-HERE.html", "START-HERE.py", "START-HERE.txt"}
    for name in first - {"START-HERE.py"}:
        for python in ("py", "python3"):
            assert f"{python} START-HERE.py".encode() in packed[name]
            command = f"{python} -m http.server --bind 127.0.0.1 --directory book 8000"
            assert command.encode() in packed[name]
    assert b"<h1>A book</h1>" in packed["START-HERE.html"]
    book = {n.removeprefix("book/"): b for n, b in packed.items() if n not in first}
    assert book == {n: p.read_bytes() for n, p in offline.site_files(site).items()}


def test_the_unpacked_archive_serves_itself(site, tmp_path, new_page):
    offline.pack(site, tmp_path / "book.zip", "A book", "DUALEDU_PYODIDE")
    shutil.unpack_archive(tmp_path / "book.zip", tmp_path)
    command = [sys.executable, str(tmp_path / "book" / "START-HERE.py")]
    quiet = os.environ | {"BROWSER": "true"}  # a command that opens nothing
    lite = tmp_path / "book" / "book" / "lite"
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet) as server:
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())[0]
            living = LivingPage(new_page(), f"{address}{CHAPTER}")
            living.start()
            assert living.run(1, "6 * 7").strip() == "42"
            living.assert_quiet()
            if lite.is_dir():
                page = new_page()
                page.goto(f"{address}lite/notebooks/index.html?path={CHAPTER[:-5]}.ipynb")
                page.get_by_role("heading", name="What to remember").wait_for()
                idle = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
                page.wait_for_selector(idle, state="attached", timeout=START)
                assert page.errors == page.external == page.failed == []
        finally:
            server.terminate()


def test_without_a_built_book_there_is_no_archive(tmp_path):
    with pytest.raises(SystemExit, match="`make book` builds it"):
        offline.pack(tmp_path, tmp_path / "book.zip", "A book", "DUALEDU_PYODIDE")
    assert not list(tmp_path.iterdir())


def test_without_python_in_it_there_is_no_archive(tmp_path):
    site = tmp_path / "html"
    site.mkdir()
    (site / "index.html").touch()
    with pytest.raises(SystemExit, match="set DUALEDU_PYODIDE to a folder with Pyodide's files"):
        offline.pack(site, tmp_path / "book.zip", "A book", "DUALEDU_PYODIDE")
    assert [path.name for path in tmp_path.iterdir()] == ["html"]
