"""The page on the library's inside says what the library does."""

import doctest
import re
import sys
from pathlib import Path

import numpy as np

from dualedu import core, derivative

PAGE = Path(__file__).parents[2] / "book" / "reference" / "how-it-works.md"
TEXT = PAGE.read_text("utf-8")


def test_its_examples_print_what_they_say():
    source = "\n".join(re.findall(r"```pycon\n(.+?)```", TEXT, re.DOTALL))
    example = doctest.DocTestParser().get_doctest(source, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(example).failed == 0
    assert runner.tries == source.count(">>> ")


def test_the_walk_is_the_one_that_is_walked():
    told = re.findall(r"^\d+\. `(\w+\.py)`, `(\w+)`", TEXT, re.MULTILINE)
    assert len(told) > 10
    core_folder = Path(core.__file__).parent
    folders = {str(core_folder), str(core_folder.with_name("internals"))}
    walked = []

    def note(frame, event, argument):
        file = Path(frame.f_code.co_filename)
        if event == "call" and str(file.parent) in folders:
            walked.append((file.name, frame.f_code.co_name))

    sys.setprofile(note)
    try:
        derivative(lambda x: x * np.sin(x))(2.0)
    finally:
        sys.setprofile(None)
    steps = iter(walked)
    assert [step for step in told if step not in steps] == []


def test_the_files_that_it_names_are_there():
    package = Path(core.__file__).parents[1]
    for name in set(re.findall(r"`(?:dualedu/)?([\w/]+\.py)`", TEXT)):
        assert list(package.rglob(name)), name
