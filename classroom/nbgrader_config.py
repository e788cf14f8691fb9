"""The course for nbgrader: where things are, how a release is made, how submissions are run.

    cd classroom && nbgrader generate_assignment numbers --force

Every command of nbgrader that is started in this folder reads this file. `make classroom` makes
all releases, without touching the gradebook.
"""

import re
from pathlib import Path

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearOutput, ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import is_grade

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "dualedu"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)


class Dots(NbGraderPreprocessor):
    """`x = (...)`, what is left of a solution in brackets, becomes `x = ...` as in the book."""

    def preprocess_cell(self, cell, resources, index):
        cell.source = re.sub(r"\(\n\s+\.\.\.\n\s*\)", "...", cell.source)
        return cell, resources


class NormalForm(NbGraderPreprocessor):
    """Nothing in a release that was not written into its source: a second run changes nothing."""

    def preprocess(self, notebook, resources):
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        }
        for cell in notebook.cells:
            # Checks are there to be run, not read: folded, on the page and in JupyterLab.
            if is_grade(cell) and cell.cell_type == "code":
                prompts = {"code_prompt_show": "Show the check", "code_prompt_hide": "Hide it"}
                folded = {"tags": ["hide-input", "check"], "jupyter": {"source_hidden": True}}
                cell.metadata |= folded | {"mystnb": prompts}
        return notebook, resources


steps = list(GenerateAssignment().preprocessors)
steps.insert(steps.index(ClearSolutions) + 1, Dots)
steps.insert(steps.index(ClearOutput) + 1, NormalForm)
c.GenerateAssignment.preprocessors = steps

# What Canvas and Moodle call the notebooks in the archive of all submissions:
#     lovelaceada_101_4711_numbers.ipynb, with _LATE before 101, who is Ada in Canvas;
#     Ada Lovelace_4711_assignsubmission_file/numbers.ipynb, or with _ in place of /.
c.FileNameCollectorPlugin.named_regexp = r"""(?x)
    .*[/\\]
    (?P<canvas>[^/\\_]+_(?:LATE_)?(?=\d+_\d+_))?
    (?P<student_id>[^/\\_]+)_\d+_(?(canvas)|assignsubmission_file[/\\_]+)
    (?P<file_id>[^/\\]+)$"""

# The book's own sign for a blank. A notebook of blanks runs to its end, and the checks speak.
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "*Your answer, in place of this line.*"

# Seconds for a cell. An endless loop costs this much for each cell that calls it.
c.Execute.timeout = 30
# What a grader reads of an exception is what it says. Whole tracebacks hide it.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShell.xmode=Minimal",
    # Not a word on stderr but the cells' own: that other users of the machine could listen, say.
    "--IPKernelApp.log_level=40",
]
# A deleted check is put back, and counts.
c.OverwriteCells.add_missing_cells = True
