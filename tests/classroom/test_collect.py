"""Archives as Canvas and Moodle give them: each file and each student is accounted for by name."""

import io
import json
import os
import shutil
import zipfile

import pytest
from classwork import CLASSROOM
from gradebooks import archive
from grading import collect
from nbgrader.api import Gradebook

pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")

WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,"Last modified (submission)"
Participant 4711,Ada Lovelace,S1,ada@example.edu,Submitted,,"Monday, 23 November 2026, 9:05 PM"
Participant 4712,Ada Lovelace,,ada2@example.edu,Submitted,,"Tuesday, 24 November 2026, 9:05 AM"
Participant 4713,Émilie du Châtelet,S3,emilie@example.edu,Submitted,,-
Participant 4714,Emil Noether,S4,emil@example.edu,No submission,,-
"""


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory):
    """An empty one: nbgrader takes seconds to make it."""
    path = tmp_path_factory.mktemp("book") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}"):
        return path


@pytest.fixture
def course(tmp_path):
    (tmp_path / "source" / "numbers").mkdir(parents=True)
    shutil.copy(CLASSROOM / "nbgrader_config.py", tmp_path)
    return tmp_path


def listed(course, gradebook, text, name="list.csv", encoding="utf-8"):
    """Give the course a gradebook and a list of its students: what `run` is told of it."""
    shutil.copy(gradebook, course)
    (course / name).write_text(text, encoding=encoding)
    return "--students", course / name


def run(course, capsys, *arguments):
    status = collect.main(["numbers", *map(str, arguments), "--course", str(course)])
    return status, capsys.readouterr().out


def work(course, student, file="numbers.ipynb"):
    return (course / "submitted" / student / "numbers" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "system", "number", "late", "file"),
    [
        ("lovelaceada_101_4711_numbers.ipynb", "Canvas", "101", False, "numbers.ipynb"),
        ("lovelaceada_LATE_101_4711_numbers-1.ipynb", "Canvas", "101", True, "numbers-1.ipynb"),
        ("o_brien_x_101_4711_numbers_2_of_2.ipynb", "Canvas", "101", False, "numbers_2_of_2.ipynb"),
        ("latejohn_101_4711_12_x.ipynb", "Canvas", "101", False, "12_x.ipynb"),
        ("anon_aB3dE_4711_numbers.ipynb", "Canvas", "anon_aB3dE", False, "numbers.ipynb"),
        ("LATE_anon_aB3dE_4711_numbers.ipynb", "Canvas", "anon_aB3dE", True, "numbers.ipynb"),
        ("李雷_101_4711_numbers.ipynb", "Canvas", "101", False, "numbers.ipynb"),
        ("lovelaceada_LATE_101_text.html", "Canvas", "101", True, "text.html"),
        ("Ada_9_assignsubmission_file/numbers.ipynb", "Moodle", "9", False, "numbers.ipynb"),
        ("Ada_9_assignsubmission_file_/numbers.ipynb", "Moodle", "9", False, "numbers.ipynb"),
        ("Ada_9_assignsubmission_file_numbers.ipynb", "Moodle", "9", False, "numbers.ipynb"),
        ("all/Ada_9_assignsubmission_file/my/1_try.ipynb", "Moodle", "9", False, "my/1_try.ipynb"),
        ("É du C_9_assignsubmission_file/../../x.ipynb", "Moodle", "9", False, "x.ipynb"),
        ("Participant_9_assignsubmission_onlinetext/onlinetext.html", "Moodle", "9", False,
         "onlinetext.html"),
    ],
)  # fmt: skip
def test_names_that_canvas_and_moodle_give(name, system, number, late, file):
    """As lib/content_zipper.rb of instructure/canvas-lms and mod/assign of moodle/moodle do."""
    who, called = collect.parse(name)
    assert (who["system"], who["number"], bool(who.get("late")), called) == (
        system, number, late, file,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["numbers.ipynb", "lovelaceada.ipynb", "notes/4711.txt"])
def test_other_names_are_nobodys(name):
    assert collect.parse(name) is None


def test_canvas_with_all_that_comes(course, capsys):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("work/numbers.ipynb", "{zipped}")
        packed.writestr("__MACOSX/work/._numbers.ipynb", "x")
    path = archive(course, {
        "lovelaceada_101_4711_numbers.ipynb": "{ada}",
        "pascalblaise_LATE_102_4712_numbers-1.ipynb": "{blaise}",
        "gausscarl_103_4713_work.zip": inner.getvalue(),
        "noetheremil_104_4714_notes.txt": "I forgot",
        "noetheremil_104_text.html": "<p>sorry</p>",
        "two_105_4715_numbers.ipynb": "{first}",
        "two_105_4716_numbers (copy).ipynb": "{second}",
        "__MACOSX/._lovelaceada_101_4711_numbers.ipynb": "x",
        "readme.txt": "whose?",
    })  # fmt: skip
    status, said = run(course, capsys, path)
    assert status == 1
    assert work(course, "101") == "{ada}"
    assert work(course, "102") == "{blaise}"
    assert work(course, "103") == "{zipped}"
    assert work(course, "104", "notes.txt") == "I forgot"
    assert "sorry" in work(course, "104", "text.html")
    assert work(course, "105") == "{first}"
    assert work(course, "105", "numbers (copy).ipynb") == "{second}"
    for sentence in [
        "101 (lovelaceada): collected",
        "102 (pascalblaise): LATE",
        "103 (gausscarl): numbers.ipynb was taken out of work.zip",
        "104 handed in no notebook; ask for it",
        "105 (two): several notebooks: numbers (copy).ipynb, numbers.ipynb",
        "readme.txt is called neither as in Canvas nor as in Moodle",
        "5 students handed in, 1 late; 1 file of nobody",
    ]:
        assert sentence in said
    kept = course / "downloaded/numbers/unmatched/readme.txt"
    assert kept.read_text("utf-8") == "whose?"


def packed(**files):
    """An archive of a student's own; a _ in a name stands for its dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archived:
        for name, content in files.items():
            archived.writestr(name.replace("__", "/").replace("_", "."), content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("file", "content", "found", "says"),
    [
        ("NUMBERS.IPYNB", "{1}", ["numbers.ipynb"], "collected"),
        ("numbers.ipynb.txt", "{1}", ["numbers.ipynb"], "collected"),
        ("numbers.ipynb ", "{1}", ["numbers.ipynb"], "collected"),
        ("my\nnumbers.ipynb", "{1}", ["numbers.ipynb"], "collected"),
        (
            "WORK.ZIP",
            packed(NUMBERS_IPYNB="{1}"),
            ["WORK.ZIP", "numbers.ipynb"],
            "NUMBERS.IPYNB was taken out of WORK.ZIP",
        ),
        (
            "outer.zip",
            packed(inner_zip=packed(numbers_ipynb="{1}")),
            ["numbers.ipynb", "outer.zip"],
            "numbers.ipynb was taken out of outer.zip",
        ),
        (
            "two.zip",
            packed(a__numbers_ipynb="{1}", b__numbers_ipynb="{2}"),
            ["again-numbers.ipynb", "numbers.ipynb", "two.zip"],
            "numbers.ipynb, again-numbers.ipynb were taken out of two.zip; several notebooks",
        ),
        (
            "same.zip",
            packed(a__numbers_ipynb="{1}", b__old_ipynb="{1}"),
            ["numbers.ipynb", "same.zip"],
            "numbers.ipynb was taken out of same.zip",
        ),
    ],
)
def test_a_notebook_is_found_whatever_it_is_called_or_packed_in(
    course, capsys, file, content, found, says
):
    _, said = run(course, capsys, archive(course, {f"ada_101_4711_{file}": content}))
    assert f"101 (ada): {says}" in said
    assert "handed in no notebook" not in said
    folder = course / "submitted" / "101" / "numbers"
    assert sorted(path.name for path in folder.iterdir()) == found
    assert work(course, "101") == "{1}"


def test_a_name_that_leads_out_of_the_archive_is_nobodys(course, capsys):
    status, said = run(course, capsys, archive(course, {"ada_101_1_../../../evil.ipynb": "{1}"}))
    assert status == 1
    assert "it is in downloaded/numbers/unmatched/ada_101_1_../evil.ipynb." in said
    assert (course / "downloaded/numbers/unmatched/ada_101_1_../evil.ipynb").is_file()


def test_what_is_handed_in_again_takes_the_place_and_nothing_is_lost(course, capsys):
    first = {"ada_101_1_numbers.ipynb": "{1}", "blaise_102_2_numbers.ipynb": "{same}"}
    run(course, capsys, archive(course, first))
    # As the preflight leaves it: what was collected has been mended since.
    (course / "submitted/102/numbers/numbers.ipynb").write_text("{mended}", encoding="utf-8")
    again = {
        "ada_LATE_101_9_numbers-1.ipynb": "{2}",
        "blaise_102_2_numbers.ipynb": "{same}",
        "carl_103_3_numbers.ipynb": "{new}",
    }
    status, said = run(course, capsys, archive(course, again, "second.zip"))
    assert status == 0
    assert "101 (ada): handed in again; the earlier version is in originals/; LATE" in said
    assert "102 (blaise): unchanged" in said
    assert (work(course, "101"), work(course, "102")) == ("{2}", "{mended}")
    kept = (course / "originals/101/numbers/numbers.ipynb").read_text("utf-8")
    assert kept == "{1}"
    _, said = run(course, capsys, archive(course, {"carl_103_3_numbers.ipynb": "{new}"}, "3.zip"))
    assert "101: not in this archive; what was collected before stays" in said
    assert work(course, "101") == "{2}"


def test_two_of_one_name_are_two_students(course, capsys):
    files = {f"Ada Lovelace_{n}_assignsubmission_file/numbers.ipynb": f"{{{n}}}" for n in (8, 9)}
    status, said = run(course, capsys, archive(course, files))
    assert status == 1
    assert "Ada Lovelace is the name of several; this one is 'Ada Lovelace (8)'" in said
    assert [work(course, f"Ada Lovelace ({n})") for n in (8, 9)] == ["{8}", "{9}"]


def test_one_of_the_same_name_joins_late(course, capsys):
    one = {"Ada Lovelace_8_assignsubmission_file/numbers.ipynb": "{8}"}
    run(course, capsys, archive(course, one))
    two = one | {"ada lovelace_9_assignsubmission_file/numbers.ipynb": "{9}"}
    _, said = run(course, capsys, archive(course, two, "2.zip"))
    assert work(course, "Ada Lovelace") == "{8}"
    assert work(course, "ada lovelace (9)") == "{9}"
    assert "Ada Lovelace: unchanged" in said


def test_the_worksheet_tells_people_and_times(course, gradebook, capsys):
    """Both called Ada get names that hold in the next assignment too; Emil is missed."""
    students = listed(course, gradebook, WORKSHEET, "worksheet.csv", "utf-8-sig")
    files = {
        "Ada Lovelace_4711_assignsubmission_file/numbers.ipynb": "{1}",
        "Ada Lovelace_4712_assignsubmission_file/numbers.ipynb": "{2}",
        "E\u0301milie du Cha\u0302telet_4713_assignsubmission_file/numbers.ipynb": "{3}",
        "Blaise Pascal_4715_assignsubmission_file/numbers.ipynb": "{4}",
    }
    status, said = run(course, capsys, archive(course, files), *students)
    assert status == 1
    folders = ["Ada Lovelace (S1)", "Ada Lovelace (ada2)", "Émilie du Châtelet", "Blaise Pascal"]
    assert [work(course, folder) for folder in folders] == ["{1}", "{2}", "{3}", "{4}"]
    assert "Blaise Pascal (4715) is not in the list of students; collected all the same" in said
    assert "Emil Noether: handed nothing in" in said
    stamp = (course / "submitted/Ada Lovelace (S1)/numbers/timestamp.txt").read_text("utf-8")
    assert stamp.endswith(":05:00 UTC")
    assert not (course / "submitted/Émilie du Châtelet/numbers/timestamp.txt").exists()
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        addresses = {student.id: student.email for student in book.students}
    assert addresses == {
        "Ada Lovelace (S1)": "ada@example.edu",
        "Ada Lovelace (ada2)": "ada2@example.edu",
        "Émilie du Châtelet": "emilie@example.edu",
    }
    late = files | {"Carl Gauss_4716_assignsubmission_file/numbers.ipynb": "{5}"}
    _, said = run(course, capsys, archive(course, late, "2.zip"))
    assert "look: Carl Gauss was not in the class before; they joined, or were renamed" in said


def test_one_of_two_with_the_same_name_hands_nothing_in(course, gradebook, capsys):
    """Her address stays hers, and she is missed; and who is listed by another number is another."""
    students = listed(course, gradebook, WORKSHEET, "worksheet.csv", "utf-8-sig")
    files = {
        "Ada Lovelace_4711_assignsubmission_file/numbers.ipynb": "{1}",
        "Emil Noether_9999_assignsubmission_file/numbers.ipynb": "{2}",
    }
    _, said = run(course, capsys, archive(course, files), *students)
    assert "Ada Lovelace: handed nothing in" in said
    assert "Emil Noether (9999) is not in the list of students" in said
    assert "Emil Noether: handed nothing in" in said
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        assert {s.id: s.email for s in book.students} == {"Ada Lovelace (S1)": "ada@example.edu"}


def test_nbgraders_list_knows_canvas_students(course, gradebook, capsys):
    text = "id,first_name,last_name,email\n101,Ada,Lovelace,ada@example.edu\n106,Emil,Noether,\n"
    students = listed(course, gradebook, text)
    files = {"lovelaceada_101_1_numbers.ipynb": "{}"}
    status, said = run(course, capsys, archive(course, files), *students)
    assert status == 0
    assert "not in the list" not in said
    assert "Emil Noether: handed nothing in" in said
    assert "Ada Lovelace: handed" not in said
    # Who was collected before is not missed in a later archive.
    more = archive(course, {"noetheremil_106_2_numbers.ipynb": "{}"}, "2.zip")
    _, said = run(course, capsys, more, *students)
    assert "handed nothing in" not in said


def test_who_handed_in_hidden_files_is_not_lost(course, capsys):
    files = {
        "Ada Lovelace_1_assignsubmission_file/numbers.ipynb": "{}",
        "Ada Lovelace_1_assignsubmission_file/._numbers.ipynb": "x",
        "Lee_2_assignsubmission_file/.numbers.ipynb": "{}",
        "__MACOSX/Bob_3_assignsubmission_file/numbers.ipynb": "x",
        "all/._carl_4_4711_numbers.ipynb": "x",
    }
    status, said = run(course, capsys, archive(course, files))
    assert status == 1
    assert "Ada Lovelace: collected" in said
    assert "Lee: no notebook, but nothing else that can be read" in said
    assert "look: Lee handed in no notebook; ask for it." in said
    assert "2 students handed in" in said


def test_what_cannot_be_written_stops_nobody(course, capsys):
    """Such as a name that is too long for the disk."""
    name = f"{'работа ' * 30}.txt"
    files = {
        f"Ada Lovelace_1_assignsubmission_file/{name}": "x",
        "Ada Lovelace_1_assignsubmission_file/numbers.ipynb": "{}",
        "Bob_2_assignsubmission_file/numbers.ipynb": "{}",
    }
    status, said = run(course, capsys, archive(course, files))
    assert status == 1
    assert "Bob: collected" in said
    assert "Ada Lovelace: NOT COLLECTED" in said
    assert "look: what Ada Lovelace handed in could not be written here: " in said
    assert work(course, "Bob") == "{}"
    status, said = run(course, capsys, archive(course, files))
    assert "Ada Lovelace: NOT COLLECTED" in said


def test_nobody_says_when_they_handed_in(course, capsys):
    """nbgrader would believe a file of this name."""
    files = {
        "lovelaceada_LATE_101_1_numbers.ipynb": "{}",
        "lovelaceada_LATE_101_2_timestamp.txt": "2026-11-01 09:00:00 UTC",
    }
    run(course, capsys, archive(course, files))
    assert not (course / "submitted/101/numbers/timestamp.txt").exists()
    assert work(course, "101", "101-timestamp.txt") == "2026-11-01 09:00:00 UTC"


def test_of_two_downloads_the_later_counts(course, capsys):
    folder = course / "downloaded/numbers/archive"
    folder.mkdir(parents=True)
    for age, (name, text) in enumerate([("s (1).zip", "{new}"), ("s.zip", "{old}")]):
        path = archive(course, {"ada_101_1_numbers.ipynb": text}, name).rename(folder / name)
        os.utime(path, (1e9 - age, 1e9 - age))
    run(course, capsys)
    assert work(course, "101") == "{new}"


def test_canvas_gradebook_names_who_is_missing(course, gradebook, capsys):
    text = (
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        '"Lovelace, Ada",101,S1,ada,Monday\n"Noether, Emil",106,S6,emil,Monday\n'
    )
    students = listed(course, gradebook, text, "exported.csv")
    files = {"lovelaceada_101_1_numbers.ipynb": "{}", "gausscarl_103_2_numbers.ipynb": "{}"}
    _, said = run(course, capsys, archive(course, files), *students)
    assert "gausscarl (103) is not in the list of students" in said
    assert "    Noether, Emil: handed nothing in" in said
    assert "Lovelace" not in said


def test_a_damaged_member_costs_only_itself(course, capsys):
    path = archive(course, {"ada_101_1_numbers.ipynb": "A" * 50, "bo_102_2_numbers.ipynb": "{}"})
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"A" * 50, b"A" * 49 + b"B"))
    status, said = run(course, capsys, path)
    assert status == 1
    assert "ada_101_1_numbers.ipynb cannot be unpacked" in said
    assert "101 (ada): no notebook, but nothing else that can be read" in said
    assert work(course, "102") == "{}"


def test_a_folder_is_an_archive_too(course, capsys):
    """Some browsers unpack what they download."""
    folder = course / "submissions"
    folder.mkdir()
    (folder / "ada_101_1_numbers.ipynb").write_text("{}", encoding="utf-8")
    status, _ = run(course, capsys, folder)
    assert status == 0
    assert json.loads((course / "downloaded/numbers/collected.json").read_text("utf-8"))["101"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["letters"], "no such assignment"),
        (["numbers"], "no archive; name one, or put it into"),
        (["numbers", "none.zip"], "none.zip: "),
        (["numbers", "text.zip"], "text.zip: File is not a zip file; download it again"),
    ],
)
def test_what_cannot_be_done_is_said(course, capsys, monkeypatch, arguments, says):
    monkeypatch.chdir(course)
    (course / "text.zip").write_text("no archive", encoding="utf-8")
    with pytest.raises(SystemExit):
        collect.main([*arguments, "--course", str(course)])
    assert says in capsys.readouterr().err
