"""Letters to students: what to do, and nothing of anybody else."""

import pytest
from evening import hand_in
from grading import letters, preflight
from grading.letters import letter
from grading.mending import Report
from submissions import in_a_function, rely_on, solved, submit, use_a_name_from_below

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("there is no numbers.ipynb in the folder; ask for it.", "download it as a notebook"),
        ("there is no numbers.ipynb in the folder, but one in w.zip; unpack it.", "an archive"),
        ("numbers.ipynb cannot be read as a notebook: it is a PDF; ask for it again.", "read your"),
        ("this is the notebook of digits; ask for that of numbers.", "the notebook of digits"),
        ("the cell length-answer is not valid Python (null bytes); nothing in it counts.",
         "The cell length-answer is not valid Python (null bytes)."),
        ("there is no numbers.ipynb in the folder, but numbers.html; ask for it.", "as a notebook"),
        ("what stands in the first cell, Ada, is no name in quotes and no number, so", "in quotes"),
        ("own-3 defines len, sum, names that the exercise uses as well; the checks keep their own.",
         "own-3 defines len, sum, and"),
        ("the cell length-answer is not valid Python in line 2 (bad); nothing in it counts.",
         "look at its line 2 (bad)"),
        ("length-answer does not define length, which its check asks for; ask the student.",
         "should define length"),
        ("length-answer does not define length, which its check asks for; it may now be called l.",
         "should define length"),
    ],
)  # fmt: skip
def test_a_letter_says_what_to_do(sentence, words):
    assert words in letters.letter(Report("ada", "numbers", look=[sentence]))


def test_a_letter_names_nobody_else_and_no_suspicion(tmp_path):
    report = Report("ada", "numbers", look=[
        "blaise, carl wrote the same name, 'x'; ask both.",
        "own-3 holds sys._getframe; see what it is for, before it earns marks.",
    ])  # fmt: skip
    assert letters.letter(report) == ""
    assert letters.send([report], tmp_path / "letters") == 0
    report.mended.append("the check dual-sum was deleted, with its 1 points; put back.")
    assert letters.send([report], tmp_path / "letters") == 1
    text = (tmp_path / "letters/ada-numbers.txt").read_text("utf-8")
    assert "The check dual-sum was deleted" in text
    assert "blaise" not in text
    assert "_getframe" not in text
    # What was mended, or handed in anew, since: nothing is to be sent.
    assert letters.send([Report("ada", "numbers")], tmp_path / "letters") == 0
    assert not (tmp_path / "letters/ada-numbers.txt").exists()


def test_letters_come_from_the_preflight(course, capsys):
    submitted = course / "submitted"
    hand_in(course, "carl", {"length-answer": "def lengths(a, b, c, d):\n    return a"})
    preflight.main([str(submitted), "--letters", str(course / "letters"), "--no-box"])
    assert "1 letter in" in capsys.readouterr().out
    assert "should define length" in (course / "letters/carl-numbers.txt").read_text("utf-8")


def test_an_answer_that_stops_at_a_name_is_said_to_its_student(tmp_path):
    notebook = solved()
    use_a_name_from_below(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=20.0))
    assert "The cell length-answer asks for the name radius" in text
    assert "only mine defines it, which stands further down. Restart the kernel" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import of_my_own", "needs the module of_my_own, which is not there where it is graded"),
        ("open('my data.txt')", "reads the file my data.txt, which did not come with your"),
        ("n = input()", "asks with input(), and nobody answers while it is graded"),
        ("%reset -f", "calls %reset, which forgets what the cells above it defined. Please"),
    ],
)
def test_what_an_answer_lacks_is_said_to_its_student(tmp_path, line, said):
    notebook = solved()
    rely_on(f"{line}\n")(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=20.0))
    assert f"The cell length-answer {said}" in text
    assert not text.count("None")


def test_a_function_that_lacks_a_name_is_said_to_its_student(tmp_path):
    notebook = solved()
    in_a_function("radical(a**2 + c**2)")(notebook)
    text = letter(preflight.examine(submit(tmp_path, notebook), limit=None))
    assert "A function in length-answer asks for the name radical, which no cell of your" in text
