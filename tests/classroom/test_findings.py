"""What can be read off a notebook, and that other styles and names of one's own are left alone."""

import pytest
from classwork import ANSWERS, ASSIGNMENTS, read
from course import handed_in
from grading import preflight
from submissions import at, name, solved, submit


@pytest.mark.parametrize(
    ("written", "text"),
    [("...", "first cell"), ("Ada", "first cell"), ("Ada Lovelace", "student is not valid Python")],
)
def test_without_a_name_in_the_first_cell_that_alone_is_said(tmp_path, written, text):
    """Their own numbers are missing then, and each answer that uses them stops at their names."""
    notebook = solved()
    name(f"student = {written}")(notebook)
    report = preflight.examine(submit(tmp_path, notebook), limit=20.0)
    preflight.compare_names([report])
    assert len(report.look) == 1
    assert text in report.look[0]


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("right_share", []),
        ("seen", ["does not define seen, which its check asks for; ask the student."]),
    ],
)
def test_names_that_no_check_asks_for_are_the_students_own(tmp_path, name, look):
    """And what the checks define is not what a name may be called now."""
    notebook = read("release", "diagnosis")
    cell = notebook.cells[at(notebook, "accuracy-answer")]
    cell.source = cell.source.replace(name, "another")
    found = preflight.examine(submit(tmp_path, notebook, assignment="diagnosis"), limit=None).look
    assert len(found) == len(look)
    assert all(text in sentence for text, sentence in zip(look, found, strict=True)), found


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_another_style_is_left_alone(tmp_path, assignment):
    notebook = handed_in(assignment, ANSWERS[assignment].OTHER_STYLE)
    report = preflight.examine(submit(tmp_path, notebook, assignment=assignment), limit=None)
    assert (report.mended, report.look) == ([], [])


def test_one_name_for_two(tmp_path):
    submit(tmp_path, solved(), "ada")
    folder = submit(tmp_path, solved(), "bob")
    reports = preflight.preflight(
        folder.parents[1], known=list((tmp_path / "submitted").glob("*/*"))
    )
    assert [report.look for report in reports] == [
        ["bob wrote the same name, 'Ada Lovelace'; ask both."],
        ["ada wrote the same name, 'Ada Lovelace'; ask both."],
    ]
