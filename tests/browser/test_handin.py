"""What a reader wrote on a page of exercises is theirs to take away: the notebook, filled in."""

import nbformat
import pytest
from chapters import CLASSROOM
from living_page import LivingPage

PAGE = "classroom/release/numbers/numbers"
WORDS = "The tangent of a product has two terms.\n\nOne alone misses *half* of it."


@pytest.fixture
def living(book, new_page):
    page = LivingPage(new_page(), f"{book}/{PAGE}.html")
    page.start()
    return page


def taken(living):
    """The file that the button gives."""
    with living.page.expect_download() as download:
        living.page.get_by_role("button", name="Download with your changes").click()
    assert download.value.suggested_filename == "numbers.ipynb"
    return nbformat.read(download.value.path(), as_version=4)


def test_untouched_it_is_the_notebook_of_the_book(living):
    released = nbformat.read(CLASSROOM / "release/numbers/numbers.ipynb", as_version=4)
    assert taken(living) == released


def test_code_and_words_are_in_the_file(living):
    living.write(1, 'student = "Ada"')
    living.page.get_by_label("Your answer in words").fill(WORDS)
    released = nbformat.read(CLASSROOM / "release/numbers/numbers.ipynb", as_version=4)
    notebook = taken(living)
    differ = [
        (new.id, new.source)
        for old, new in zip(released.cells, notebook.cells, strict=True)
        if old != new
    ]
    code = next(cell for cell in released.cells if cell.cell_type == "code")
    assert differ == [(code.id, 'student = "Ada"'), ("explain-answer", WORDS)]
    assert [cell.metadata for cell in notebook.cells] == [cell.metadata for cell in released.cells]


def test_leaving_with_unsaved_work_is_asked_about(living):
    asked = []
    living.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    living.write(1, 'student = "Ada"')
    with living.page.expect_event("dialog"):
        living.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    taken(living)
    with living.page.expect_event("close"):
        living.page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_words_are_there_after_a_reload(living):
    living.page.get_by_label("Your answer in words").fill(WORDS)
    living.page.once("dialog", lambda dialog: dialog.accept())
    living.page.reload()
    assert living.page.get_by_label("Your answer in words").input_value() == WORDS
