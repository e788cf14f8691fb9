"""The course for nbgrader: where things are, how a release is made, how submissions are run.

    cd classroom && nbgrader generate_assignment numbers --force

Every command of nbgrader that is started in this folder reads this file. `make classroom` makes
all releases, without touching the gradebook.
"""

import sys
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions, Execute

c = get_config()  # noqa: F821

HERE = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "dualedu"
c.CourseDirectory.root = str(HERE)

# The package beside this file, from wherever nbgrader was started.
sys.path.insert(0, str(HERE))
from grading.course import read  # noqa: E402
from grading.preprocessors import Dots, Mend, NormalForm, Pack, Term, readable  # noqa: E402
from grading.supervised import Supervised  # noqa: E402

steps = list(GenerateAssignment().preprocessors)
steps.insert(steps.index(ClearSolutions) + 1, Dots)
steps.insert(steps.index(ClearOutput) + 1, NormalForm)
steps.insert(steps.index(ClearHiddenTests) + 1, Pack)
# The first, so that nbgrader keeps the checks with the term in them.
c.GenerateAssignment.preprocessors = [Term, *steps]
c.Term.term = read(HERE).term

# Every way of grading mends first: nbgrader's command, its buttons, and grading.grade.
c.Autograde.sanitize_preprocessors = [Mend, *Autograde().sanitize_preprocessors]
c.Autograde.pre_convert_hook = readable
c.Mend.release = c.Supervised.release = str(HERE / "release")
c.Autograde.autograde_preprocessors = [
    Supervised if step is Execute else step for step in Autograde().autograde_preprocessors
]

# The book's own sign for a blank. A notebook of blanks runs to its end, and the checks speak.
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "*Your answer, in place of this line.*"

# Seconds for a cell. An endless loop costs this much for each cell that calls it.
c.Execute.timeout = 30
# What a grader reads of an exception is what it says. Whole tracebacks hide it.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShell.xmode=Minimal",
    # Not a word but the cells' own: that other users of the machine could listen, say, or how to
    # stop a kernel that has no parent to watch, as in a box.
    "--IPKernelApp.log_level=50",
]
# A deleted check is put back, and counts.
c.OverwriteCells.add_missing_cells = True
