"""Each page with cells in the browser: it comes alive and runs all of them to the stored outputs,
and then axe finds nothing on it against the rules of WCAG that a program can check."""

import pytest
from accessibility import violations
from living_page import LivingPage
from stored import BOOK, differences

CHAPTERS = sorted(path.relative_to(BOOK).as_posix() for path in BOOK.rglob("*.ipynb"))


def run_to_the_stored_outputs(chapter, book, page):
    living = LivingPage(page, f"{book}/book/{chapter.replace('.ipynb', '.html')}")
    living.start()
    living.run_all()
    assert differences(chapter, living.sources(), living.outputs()) == []
    living.at_rest()
    living.assert_quiet()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_runs_to_the_stored_outputs(chapter, book, new_page):
    page = new_page()
    run_to_the_stored_outputs(chapter, book, page)
    assert violations(page) == []


@pytest.mark.browsers("firefox")
@pytest.mark.parametrize("chapter", ["1-numbers/no-limit.ipynb", "2-diagnosis/softmax.ipynb"])
def test_some_run_to_the_stored_outputs_in_another_browser(chapter, book, new_page):
    run_to_the_stored_outputs(chapter, book, new_page())
