"""What of a preflight's report a student should know, in words for them.

A report is for a teacher: it may name other students, and what somebody wants to have a look at.
None of that goes into a letter. It holds what the student can do something about, and what has been
mended already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from grading.mending import Report

TOLD = [
    (
        r"(?:there is no (\S+) in the folder(?:, but [^;]+)?; ask for it|"
        r"(.+?) cannot be read as a notebook: .*)\.",
        "I could not find or read your notebook {0}. Please download it as a notebook (.ipynb) and "
        "hand in the file itself.",
    ),
    (
        r"there is no (\S+) in the folder, but .*",
        "Your notebook lies in another folder or an archive. Please hand in the file {0} itself.",
    ),
    (
        r"there is no (\S+), only (.*); rename the one that counts\.",
        "You handed in several notebooks, {1}. Which of them counts? Please call it {0}.",
    ),
    (
        r"only (\S+) is graded, and (.*) lies beside it; .*",
        "You handed in {0} and {1}. Only {0} is graded; say so if you meant the other.",
    ),
    (
        r"this is the notebook of (\S+); ask for that of (\S+)\.",
        "You handed in the notebook of {0}. Please hand in that of {1}.",
    ),
    (
        r"(?:there is no name|what stands) in the first cell.*",
        "There is no name in the first cell, or none in quotes. Your numbers are made from it, so "
        "please write it there, run all cells again, and check your answers.",
    ),
    (
        r"the cell (\S+) is not valid Python in line (\d+) \((.*)\); .*",
        "The cell {0} is not valid Python: look at its line {1} ({2}). Nothing in it counts now.",
    ),
    (
        r"the cell (\S+) is not valid Python \((.*)\); .*",
        "The cell {0} is not valid Python ({1}). Nothing in it counts now.",
    ),
    (
        r"(\S+) does not define (\w+), which its check asks for(?:; it may now be called (\w+))?.*",
        "The answer {0} should define {1}, by this name. The check finds nothing of that name.",
    ),
    (
        r"(\w+) is defined after its check (\S+), .*",
        "You define {0} below its check {1}. A check sees only what stands above it: move it up.",
    ),
    (
        r"the cell (\S+) does not end within ([\d.]+) seconds.*",
        "The cell {0} was stopped after {1} seconds, perhaps because of a loop without an end. "
        "Such a cell earns nothing.",
    ),
    (
        r"the cell (\S+) stops at the name (\S+) \(NameError\): (.+)\. What stands below .*",
        "The cell {0} asks for the name {1}, which is not there when all cells run from the top: "
        "{2}. Restart the kernel and run all cells, and you will see it.",
    ),
    (
        r"a function in (\S+) asks for the name (\S+), which no cell .*",
        "A function in {0} asks for the name {1}, which no cell of your notebook defines. Restart "
        "the kernel, run all cells, and call the function: you will see it.",
    ),
    (
        r"the cell (\S+) stops at the module (\S+) .*",
        "The cell {0} needs the module {1}, which is not there where it is graded, and what stands "
        "below that line does not run. Please do without it.",
    ),
    (
        r"the cell (\S+) stops at the file (.+) \(FileNotFoundError\), .*",
        "The cell {0} reads the file {1}, which did not come with your notebook, and what stands "
        "below that line does not run. Please hand it in as well, or do without it.",
    ),
    (
        r"the cell (\S+) stops at input\(\), .*",
        "The cell {0} asks with input(), and nobody answers while it is graded. Please write the "
        "answer into the cell.",
    ),
    (
        r"(\S+) calls %reset, .*",
        "The cell {0} calls %reset, which forgets what the cells above it defined. Please take it "
        "out.",
    ),
    (
        r"Python itself ends in the cell (\S+), .*",
        "The cell {0} ends Python, so it is left out. Look for os._exit() or very large arrays.",
    ),
    (
        r"(\S+) calls exit\(\) or quit\(\); .*",
        "The cell {0} calls exit() or quit(). What stands below it in the cell does not run.",
    ),
    (
        r"(\S+) defines ([\w, ]+), (?:a name|names) that the exercise uses as well; .*",
        "The cell {0} defines {1}, and the exercise uses that for something else. The checks "
        "keep theirs, but your other cells may stop; other names are safer.",
    ),
    (
        r"the answer cell (\S+) is missing .*",
        "The answer cell {0} is missing, and nothing looks like it. Please hand it in again if you "
        "had written an answer.",
    ),
]
"""What stands in a report, and what a student is told. What matches nothing is not told."""


def told(sentences: Iterable[str]) -> list[str]:
    """What a student is told of these sentences to look at."""
    found = []
    for sentence in sentences:
        for pattern, words in TOLD:
            if match := re.fullmatch(pattern, sentence, re.DOTALL):
                found.append(words.format(*(g for g in match.groups() if g is not None)))
                break
    return found


def letter(report: Report) -> str:
    """What a student is sent; an empty text if there is nothing to say."""
    asked = told(report.look)
    if not asked and not report.mended:
        return ""
    lines = [f"Your notebook for {report.assignment} was looked at before it is graded.", ""]
    if asked:
        lines += ["Please look at this, and hand the notebook in again if you can:", ""]
        lines += [f"- {sentence}" for sentence in asked] + [""]
    if report.mended:
        lines += ["This was mended for you:", ""]
        lines += [f"- {sentence[0].upper()}{sentence[1:]}" for sentence in report.mended] + [""]
    return "\n".join(lines)


def send(reports: Iterable[Report], folder: Path) -> int:
    """Write a letter for each student to whom there is something to say; how many there are."""
    written = 0
    for report in reports:
        path = folder / f"{report.student}-{report.assignment}.txt"
        path.unlink(missing_ok=True)  # that of an earlier look
        if text := letter(report):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written += 1
    return written
