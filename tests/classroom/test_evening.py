"""The rest of a teacher's evening: marks again after a mended check, late work, feedback, letters.

nbgrader is the real one, but for the step that runs a notebook: its cells run in this process, so
that no kernel is started for each submission.
"""

import datetime
import json
import random
import shutil
import zipfile

import nbformat
import pytest
from classwork import ANSWERS, SOURCES, read
from course import copy_course, handed_in, with_name
from gradebooks import archive
from grading import collect, compare, feedback, grade, letters, marks, preflight
from grading import course as settings
from grading.mending import Report
from nbgrader.api import Gradebook

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

IN_PROCESS = """
from classwork import run
from nbgrader.preprocessors import NbGraderPreprocessor


class InProcess(NbGraderPreprocessor):
    def preprocess(self, nb, resources):
        names = {}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = run(cell, cell.source, names), 1
        return nb, resources


c.Autograde.autograde_preprocessors = [
    InProcess if step is Supervised else step for step in c.Autograde.autograde_preprocessors
]
"""
GOOD = {"ada": {}, "blaise": {}, "carl": {"length-answer": "length = None"}}


def submit(course, student, answers):
    path = course / "submitted" / student / "numbers" / "numbers.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(with_name(handed_in("numbers", answers), student), path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of three, graded, with 3 of 4 for each essay but Carl's, which waits."""
    course = tmp_path_factory.mktemp("course")
    copy_course(course, "numbers")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(IN_PROCESS)
    for student, answers in GOOD.items():
        submit(course, student, answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preflight, "check_run", lambda *arguments: {})
        assert grade.main(["numbers", "--course", str(course), "--no-box"]) == 0
    with gradebook(course) as book:
        for student in ("ada", "blaise"):
            essay = book.find_grade("explain-answer", "numbers", "numbers", student)
            essay.manual_score, essay.needs_manual_grade = 3.0, False
        book.db.commit()
    return course


@pytest.fixture
def course(graded, tmp_path, monkeypatch):
    monkeypatch.setattr(preflight, "check_run", lambda *arguments: {})
    return shutil.copytree(graded, tmp_path / "course")


def gradebook(course):
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def run(course, capsys, *options):
    capsys.readouterr()
    status = grade.main(["numbers", *options, "--course", str(course), "--no-box"])
    return status, capsys.readouterr().out


def scores(course):
    with gradebook(course) as book:
        return {s.student.id: s.score for s in book.assignment_submissions("numbers")}


def spoil_a_check(course):
    """Nobody passes one of the checks any more, which is worth a point."""
    path = course / "source" / "numbers" / "numbers.ipynb"
    notebook = nbformat.read(path, as_version=4)
    check = next(cell for cell in notebook.cells if cell.id == "length-check")
    check.source += "\nraise RuntimeError('a new check')"
    nbformat.write(notebook, path)


def test_again_uses_the_new_check_and_keeps_marks_by_hand(course, capsys):
    assert scores(course) == {"ada": 27.0, "blaise": 27.0, "carl": 21.0}
    spoil_a_check(course)
    _, said = run(course, capsys)
    assert said.count("graded before") == 3
    assert scores(course)["ada"] == 27.0, "without --again nobody is graded anew"
    status, said = run(course, capsys, "--again")
    assert status == 0
    assert scores(course) == {"ada": 26.0, "blaise": 26.0, "carl": 21.0}
    assert "ada: 26 of 28\n" in said
    assert "carl: 21 of 28, 4 of them still to be marked by hand" in said


def test_one_student_again(course, capsys):
    spoil_a_check(course)
    with gradebook(course) as book:
        api = grade.nbgrader(course)
        api.generate_assignment("numbers", force=True)
        assert book.find_submission("numbers", "ada").score == 27.0
    stamp = (course / "autograded/blaise/numbers").stat().st_mtime_ns
    _, said = run(course, capsys, "--student", "ada")
    assert scores(course) == {"ada": 26.0, "blaise": 27.0, "carl": 21.0}
    assert (course / "autograded/blaise/numbers").stat().st_mtime_ns == stamp
    assert "ada: graded" in said
    assert "blaise: graded" not in said


@pytest.mark.parametrize("options", [(), ("--again",), ("--student", "ada")])
def test_another_essay_waits_for_its_mark(course, capsys, options):
    submit(course, "ada", {"explain-answer": "Quite another essay."})
    _, said = run(course, capsys, *options)
    assert "ada: 27 of 28, 4 of them still to be marked by hand" in said


def test_nobody_of_this_name(course, capsys):
    with pytest.raises(SystemExit):
        run(course, capsys, "--student", "adda")
    assert "adda/numbers: no such folder" in capsys.readouterr().err


# Due dates.

LATE = """
[numbers]
due = 2026-11-23T12:00:00Z
grace = 15
per_day = 10
days = 5

[numbers.handed_in]
ada = 2026-11-23T12:15:00Z
blaise = 2026-11-24T13:00:00Z
"""


@pytest.mark.parametrize(
    ("late", "share"),
    [
        ({}, 0.0),
        ({"minutes": 15}, 0.0),
        ({"minutes": 16}, 0.1),
        ({"days": 1}, 0.1),
        ({"days": 1, "seconds": 1}, 0.2),
        ({"days": 5}, 0.5),
        ({"days": 5, "seconds": 1}, 1.0),
    ],
)
def test_what_lateness_costs(late, share):
    rules = settings.Rules(grace=15, per_day=10, days=5)
    assert rules.penalty(20.0, datetime.timedelta(**late)) == pytest.approx(20 * share)


def test_late_work_is_told_and_counted_in_the_marks(course, capsys):
    (course / "course.toml").write_text(LATE, encoding="utf-8")
    _, said = run(course, capsys)
    assert "blaise: 27 of 28, less 5.4 for being late" in said
    assert "blaise is 1 d 1 h late; 5.4 points are taken off." in said
    assert "ada is 15 min late; nothing is taken off." in said
    more = "\n[numbers.extensions]\nblaise = 2026-11-24T12:30:00Z\n[accommodations]\n"
    extended = f'{LATE}{more}ada = {{days = 1, excused = ["numbers"]}}\nblaisse = {{days = 1}}\n'
    (course / "course.toml").write_text(extended, encoding="utf-8")
    exported = course / "exported.csv"
    exported.write_text("Student,ID,Section\nx,ada,1\ny,blaise,1\nz,carl,1\n", encoding="utf-8")
    to = course / "new.csv"
    marks.main(["numbers", str(exported), str(to), "--course", str(course)])
    said = capsys.readouterr().out
    assert "ada: excused by course.toml" in said
    assert "carl: left out, because something is still to be marked by hand" in said
    # An extension moves the day that counts: 30 minutes late is one day begun.
    assert to.read_text("utf-8").split()[-2:] == ["y,blaise,1,24.3", "x,ada,1,EX"]
    _, said = run(course, capsys)
    assert "course.toml names 'blaisse', and nobody is called so; did you mean 'blaise'?" in said
    assert "ada is" not in said, "with a day more, she is in time"


def test_late_by_a_mark_alone_costs_nothing_before_the_time_is_known(course, capsys):
    (course / "course.toml").write_text("[numbers]\ndue = 2026-11-23\nper_day = 10\n", "utf-8")
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({"carl": {"late": True}}), "utf-8")
    _, said = run(course, capsys)
    assert "carl is late by Canvas, whose archive does not say by how much" in said
    assert "carl: 21 of 28, 4 of them" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[number]\ndue = 2026-11-23", "nothing is called 'number' in course.toml; did you mean"),
        ("[numbers]\ndeu = 2026-11-23", "nothing is called 'deu' in numbers; did you mean due?"),
        ("[numbers]\ndue = '2026-11-23'", "should be a time without quotes"),
        ("[numbers]\nper_day = -5", "numbers.per_day is -5, but should be a number, 0 or more"),
        ("[numbers]\nextensions = 3", "should be a table, as in [numbers.extensions]"),
        ("[accommodations]\nada = {excused = ['nmbers']}", "did you mean numbers?"),
        ("[numbers", "cannot be read"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(tmp_path, text, says):
    (tmp_path / "source" / "numbers").mkdir(parents=True)
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"course\.toml") as error:
        settings.read(tmp_path)
    assert says in str(error.value)


# Another term.


def test_another_term_has_other_numbers_and_the_solution_still_earns_all(course, capsys):
    (course / "course.toml").write_text('term = "2027"\n', encoding="utf-8")
    before = nbformat.read(course / "release/numbers/numbers.ipynb", as_version=4)
    run(course, capsys, "--again")
    after = nbformat.read(course / "release/numbers/numbers.ipynb", as_version=4)
    changed = [b.id for b, a in zip(before.cells, after.cells, strict=True) if b.source != a.source]
    assert changed == ["predict-numbers", "measure-function"]
    assert 'instance(student, "predict, 2027")' in after.cells[4].source
    assert scores(course)["ada"] == 27.0


# Feedback.


def moodle_reads(name):
    """The participant's number and the file's name, as importziplib.php takes them."""
    parts = name.split("/")
    while parts:
        info = parts.pop(0).split("_", 4)
        if len(info) < 4 or not info[1].isdigit():
            continue
        parts.insert(0, info[4] if len(info) == 5 else "")
        return int(info[1]), "/".join(parts).lstrip("/")
    return None


@pytest.mark.parametrize(
    "member",
    [
        "Ada Lovelace_4711_assignsubmission_file/numbers.ipynb",
        "Ada Lovelace_4711_assignsubmission_file_/numbers.ipynb",
        "Ada Lovelace_4711_assignsubmission_file_numbers.ipynb",
        "all/Ada Lovelace_4711_assignsubmission_file/my/numbers.ipynb",
    ],
)
def test_moodle_gives_the_page_to_the_right_student(member):
    assert moodle_reads(feedback.in_moodle(member, "numbers.html")) == (4711, "numbers.html")


def test_feedback_as_each_system_takes_it(course, capsys):
    rows = {
        "ada": ("Canvas", "lovelaceada_LATE_101_4711_numbers-1.ipynb"),
        "blaise": ("Moodle", "Blaise Pascal_12_assignsubmission_file/numbers.ipynb"),
        "carl": ("Canvas", "gausscarl_103_4713_numbers.ipynb"),
    }
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({
        student: {"system": system, "late": False, "members": {"numbers.ipynb": member}}
        for student, (system, member) in rows.items()
    }), encoding="utf-8")  # fmt: skip
    page = course / "feedback/blaise/numbers/numbers.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html>", encoding="utf-8")
    with gradebook(course) as book:
        book.find_comment("explain-answer", "numbers", "numbers", "ada").manual_comment = "Well!"
        book.db.commit()
    assert feedback.main(["numbers", "--course", str(course)]) == 1
    assert "carl: left out, because something is still to be marked" in capsys.readouterr().out
    with zipfile.ZipFile(course / "feedback/numbers-moodle.zip") as packed:
        assert packed.namelist() == ["Blaise Pascal_12_assignsubmission_file/numbers.html"]
    with zipfile.ZipFile(course / "feedback/numbers-canvas.zip") as packed:
        (name,) = packed.namelist()
        notebook = nbformat.reads(packed.read(name), as_version=4)
    nbformat.validate(notebook)
    assert name == rows["ada"][1]
    text = "\n".join(cell.source for cell in notebook.cells)
    assert notebook.cells[0].source == "**27 of 28 points**."
    assert "**3 of 4 points.** Well!" in text
    assert "HIDDEN" not in text
    hidden = next(c.source for c in SOURCES["numbers"].cells if c.id == "length-check")
    assert hidden not in text
    assert "class Dual:" in text


def test_feedback_has_the_marks_as_they_are_now(course, capsys):
    """The time came after the grading, and a mark by hand as well: both are in the penalty."""
    (course / "course.toml").write_text(
        "[numbers]\ndue = 2026-11-23T12:00:00Z\nper_day = 10\n", encoding="utf-8"
    )
    row = {"system": "Canvas", "late": True, "members": {"n": "lovelaceada_LATE_101_1_n.ipynb"}}
    settings.record(course, "numbers").parent.mkdir(parents=True)
    settings.record(course, "numbers").write_text(json.dumps({"ada": row}), encoding="utf-8")
    stamp = course / "submitted/ada/numbers/timestamp.txt"
    stamp.write_text("2026-11-24 11:00:00 UTC", encoding="utf-8")
    with gradebook(course) as book:
        book.find_grade("explain-answer", "numbers", "numbers", "ada").manual_score = 1.0
        book.db.commit()
    assert feedback.main(["numbers", "--course", str(course)]) == 0
    with zipfile.ZipFile(course / "feedback/numbers-canvas.zip") as packed:
        notebook = nbformat.reads(packed.read("lovelaceada_LATE_101_1_n.ipynb"), as_version=4)
    assert notebook.cells[0].source == "**25 of 28 points**, less 2.5 for being late."


@pytest.mark.parametrize("stamp", [b"", b"in time", b"\xff\xfe", b"9" * 400])
def test_a_time_that_is_none_stops_nobody(course, stamp):
    (course / "submitted/ada/numbers").mkdir(parents=True, exist_ok=True)
    (course / "submitted/ada/numbers/timestamp.txt").write_bytes(stamp)
    with gradebook(course) as book:
        said = settings.settle(book, "numbers", course)
    assert [sentence for sentence in said if "timestamp" in sentence] == [
        "ada has a timestamp.txt that holds no time; course.toml can say when it was handed in, "
        "under [numbers.handed_in]."
    ]


# Comparing.


def works(notebooks):
    blank = read("release", "numbers")
    return [compare.work(student, notebook, blank) for student, notebook in notebooks.items()]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (
            "def f(x):\n    y = x + 1\n    return y",
            "def g(a):\n    b = a+1 # so\n    return b",
            True,
        ),
        (
            "def f(x: float) -> float:\n    '''Doc.'''\n    return 2*x",
            "def f(t): return 2 * t",
            True,
        ),
        ("y: int = 3", "z = 3", True),
        ("y = 3", "y = 4", False),
        ("y = np.sin(x)", "y = np.cos(x)", False),
        ("y = sum(x)", "y = len(x)", False),
        ("def f(x) return", "def  f(x)  return", True),
    ],
)
def test_names_and_layout_do_not_count(one, other, same):
    kept = {"np", "x"}
    assert (compare.normal_form(one, kept) == compare.normal_form(other, kept)) is same


ODD = """
def length(a, b, c, d):
    squares = sum(part * part for part in (a, c))
    speeds = [part * speed for part, speed in ((a, b), (c, d))]
    p = squares**0.5
    return p, (speeds[0] + speeds[1]) / p
"""
DISGUISED = """
# Mine.
def length(a, b, c, d):
    total = sum(n*n for n in (a, c))   # both
    v = [n * w for n, w in ((a, b), (c, d))]
    root = total**.5
    return root, (v[0] + v[1])/root
"""


def test_a_disguised_copy_stands_out_and_equal_right_answers_do_not():
    """Each of the others writes each answer in one of two ways."""
    other, rng = ANSWERS["numbers"].OTHER_STYLE, random.Random(0)
    class_of = {
        f"other {n}": handed_in("numbers", {k: v for k, v in other.items() if rng.random() < 0.5})
        for n in range(12)
    }
    class_of |= {
        "one": handed_in("numbers", {"length-answer": ODD}),
        "two": handed_in("numbers", {"length-answer": DISGUISED}),
    }
    found = compare.pairs(works(class_of), set(class_of))
    assert {found[0].first.student, found[0].second.student} == {"one", "two"}
    shown = compare.remarkable(found)
    assert shown[0] is found[0]
    assert len(shown) < len(found) / 10
    assert found[0].weight > 1.5 * found[1].weight, "what many wrote weighs little"
    text = compare.report("numbers", works(class_of), shown, ["x is not compared: it is empty"])
    assert "This is no verdict" in text
    assert "## one and two" in text
    assert "total**.5" in text
    assert "x is not compared" in text


def test_comparing_changes_nothing_and_names_what_it_cannot_read(course, capsys):
    broken = course / "submitted/emil/numbers/numbers.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_text("<html>", encoding="utf-8")
    before = {p: p.read_bytes() for p in (course / "submitted").rglob("*") if p.is_file()}
    other = shutil.copytree(course / "submitted", course / "last")
    assert compare.main(["numbers", "--course", str(course), "--with", str(other)]) == 0
    assert "It is no verdict" in capsys.readouterr().out
    assert "emil is not compared: it is a web page" in (course / "compared/numbers.md").read_text(
        "utf-8"
    )
    assert before == {p: p.read_bytes() for p in (course / "submitted").rglob("*") if p.is_file()}


# Letters.


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
    submit(course, "carl", {"length-answer": "def lengths(a, b, c, d):\n    return a"})
    preflight.main([str(submitted), "--letters", str(course / "letters"), "--no-box"])
    assert "1 letter in" in capsys.readouterr().out
    assert "should define length" in (course / "letters/carl-numbers.txt").read_text("utf-8")


# All together.


def test_collected_and_graded(course, capsys):
    """From an archive to an account: who joined late is graded like the others."""
    notebook = with_name(handed_in("numbers"), "dora")
    path = archive(course, {"maierdora_LATE_104_9_numbers.ipynb": nbformat.writes(notebook)})
    collect.main(["numbers", str(path), "--course", str(course)])
    assert "104 was not in the class before" in capsys.readouterr().out
    status, said = run(course, capsys)
    assert status == 0
    assert "104: 24 of 28, 4 of them still to be marked by hand" in said
