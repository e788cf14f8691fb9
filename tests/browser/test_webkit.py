"""The living page in WebKit, the engine of Safari and of every browser on an iPhone."""

import pytest
import webkit as engine
from hosts import Host, keeps
from stored import differences

CHAPTER = "1-numbers/no-limit.ipynb"
PAGE = "book/1-numbers/no-limit.html"
EDGE = "return document.documentElement.scrollWidth - innerWidth"
PICTURE = "document.querySelector('.dualedu-standin .explore-picture svg').outerHTML"


@pytest.fixture(scope="module")
def webkit():
    with engine.started() as browser:
        yield browser


def test_a_chapter_runs_to_the_stored_outputs(webkit, book):
    webkit.open(f"{book}/{PAGE}")
    webkit.start()
    webkit.run_all()
    assert differences(CHAPTER, webkit.sources(), webkit.outputs()) == []
    webkit.assert_quiet()


def test_what_a_reader_wrote_is_there_after_a_reload(webkit, book):
    webkit.open(f"{book}/book/1-numbers/algebra.html")
    webkit.start()
    webkit.write(2, "mine = 6 * 7\nmine")
    assert webkit.run(2).strip() == "42"
    webkit.driver.refresh()
    assert "are back" in webkit.find(".live-kept").text
    assert webkit.cell(2, "pre").text.strip() == "mine = 6 * 7\nmine"
    webkit.button("Put the book's back").click()
    webkit.wait("livePage.cells[1].root.querySelector('pre').innerText.startsWith('x = Dual')")


def test_a_sleeping_picture_answers_keys_a_mouse_and_a_finger(webkit, pages):
    webkit.open(f"{pages}/{PAGE}")
    webkit.find(".dualedu-standin .explore-message")  # it can answer
    slider = webkit.find(".dualedu-standin input[type=range]")
    before = webkit.ask(f"return {PICTURE}")
    slider.send_keys(webkit.keys.ARROW_RIGHT)
    webkit.wait(f"{PICTURE} !== arguments[0]", before)
    for kind in ("mouse", "touch"):
        point = webkit.find(".dualedu-standin .explore-picture [data-drag]")
        before = webkit.ask(f"return {PICTURE}")
        webkit.drag(kind, point, 40, 0)
        webkit.wait(f"{PICTURE} !== arguments[0]", before)
    webkit.assert_quiet()


def test_a_visited_page_is_read_and_run_without_a_network(webkit, site):
    host = Host(site)
    webkit.open(host.url(PAGE))
    webkit.start()
    webkit.run(2)
    packs = [path.name for path in site.glob("_static/live/pyodide/*.zst")]
    keeps(webkit, PAGE, "manifest.json", *packs)  # the last of them after a first answer
    host.cut()
    webkit.driver.refresh()
    webkit.ask(engine.LISTEN)
    webkit.start()
    webkit.write(2, "print(6 * 7)")
    assert webkit.run(2).strip() == "42"
    webkit.assert_quiet()


def test_nothing_goes_over_a_narrow_edge(webkit, built, pages):
    over = {}
    for file in sorted(built.folder.glob("book/**/*.html")):
        webkit.open(f"{pages}/{file.relative_to(built.folder).as_posix()}", width=320)
        if webkit.ask(EDGE) > 0:
            over[file.name] = webkit.ask(EDGE)
    assert over == {}
