"""Run a submission for its marks: in a copy, in a box if there is one, to its end whatever it does.

nbgrader's own step runs the cells one after another in one kernel. This one does the same, and
what a cell does to the kernel stays its own affair: a cell that ends Python, or cannot be
interrupted, is left out and the others are run again without it. The checks are run by a `Judge`,
and a check that shows no result earns nothing.
"""

from __future__ import annotations

import ast
import re
import secrets
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Instance, Unicode

from grading import box
from grading.judge import seal
from grading.mending import is_given, key, names, plain
from grading.trial import copy_all

JUDGE = Path(__file__).with_name("judge.py")
SEALED = r"(\n([0-9a-f]{64}) (.*)\n)"
PROBE = 10
"""Seconds in which a kernel answers that was interrupted."""


class BoxedKernelManager(AsyncKernelManager):
    """Starts a kernel in a box; they talk by sockets in a folder, since there is no network."""

    files = Instance(Path)
    shared = Instance(Path)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        argv: list[str] = super().format_kernel_cmd(extra_arguments)
        return box.command(argv, files=self.files, shared=self.shared)


class CellFailed(Exception):
    """A cell after which the kernel is of no use."""


REASONS = {
    CellFailed: "the cell does not end, and cannot be interrupted",
    CellTimeoutError: "the cell does not end, and cannot be interrupted",
    DeadKernelError: "Python itself ended in this cell, which was left out",
}


class Supervised(Execute):
    """In place of nbgrader's `Execute`."""

    release = Unicode(help="the folder with the releases").tag(config=True)
    box = Bool(True, help="in a box, where there is one").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: object = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        here = resources["nbgrader"]
        release = Path(self.release, here["assignment"], f"{here['notebook']}.ipynb")
        blank = nbformat.read(release, as_version=4)
        stubs = [c.source for c in blank.cells if is_solution(c) and c.cell_type == "code"]
        self._answers = sorted(set().union(*map(names, stubs)))
        self._written = [cell.source for cell in nb.cells]
        self._failed: dict[int, str] = {}
        try:
            # Each round leaves out one cell more.
            while not self._ran(nb, resources):
                pass
        finally:
            for cell, source in zip(nb.cells, self._written, strict=True):
                cell.source = source
        for cell in nb.cells:
            if is_check(cell):
                hold_to_its_result(cell, self._secret)
        return nb, resources

    def _ran(self, nb: NotebookNode, resources: dict[str, Any]) -> bool:
        """Run all cells but those that failed; False if another one did."""
        self._token, self._at = f"judge_{secrets.token_hex(8)}", -1
        self._secret = secrets.token_hex(16)
        metadata = resources.setdefault("metadata", {})
        path = metadata.get("path")
        with tempfile.TemporaryDirectory(prefix="run-") as folder:
            self._files, self._shared = Path(folder, "files"), Path(folder, "k")
            self._shared.mkdir()
            if path:
                copy_all(Path(path), self._files)
            else:
                self._files.mkdir()
            self._boxed = self.box and box.works()
            metadata["path"] = str(self._shared if self._boxed else self._files)
            try:
                super().preprocess(nb, resources)
            except Exception as error:
                if self._at < 0 or self._at in self._failed:
                    raise
                self._failed[self._at] = REASONS.get(type(error), str(error))
                return False
            finally:
                metadata["path"] = path
        return True

    def create_kernel_manager(self) -> Any:
        if self._boxed:
            self.kernel_manager_class = BoxedKernelManager
        km = super().create_kernel_manager()
        if self._boxed:
            km.files, km.shared = self._files, self._shared
            km.connection_file = str(self._shared / "c.json")
            km.transport, km.ip = "ipc", str(self._shared / "s")
        return km

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        if index == 0:
            self._silently(self._beginning())
        if cell.cell_type != "code":
            return cell, resources
        self._at = index
        if index in self._failed:
            cell.outputs = [refusal("CellLeftOut", self._failed[index])]
            return cell, resources
        judge = f"__import__({self._token!r}).judge"
        source = self._written[index]
        if is_given(cell):
            self._silently(f"{judge}.restore()")
        if is_check(cell):
            cell.source = f"{judge}({plain(source)!r}, {key(cell)!r}, {self._answers!r})"
        cell, resources = super().preprocess_cell(cell, resources, index)
        if any(output.get("ename") == "CellTimeoutError" for output in cell.outputs):
            self._hold_alive()
        if is_given(cell) and not is_check(cell):
            self._silently(f"{judge}.given({sorted(names(source))!r})")
        return cell, resources

    def _beginning(self) -> str:
        """What the kernel runs before all else: the judge, and the files of the submission."""
        lines = [
            "import shutil, sys, types",
            f"judge = types.ModuleType({self._token!r})",
            f"exec(compile({JUDGE.read_text(encoding='utf-8')!r}, 'judge', 'exec'), vars(judge))",
            f"judge.judge = judge.Judge(get_ipython(), {self._secret!r})",
            "sys.modules[judge.__name__] = judge",
        ]
        if self._boxed:
            lines.append(f"shutil.copytree({str(self._files)!r}, '.', dirs_exist_ok=True)")
        return "\n".join([*lines, "del judge, shutil, sys, types"])

    def _silently(self, code: str, timeout: int | None = None) -> None:
        """Run a line of ours, whose outputs are nobody's."""
        usual: int = self.timeout
        self.timeout: int = timeout or usual
        try:
            reply = self.wait_for_reply(self.kc.execute(code, silent=True, store_history=False))
        finally:
            self.timeout = usual
        if reply is None:
            raise CellFailed

    def _hold_alive(self) -> None:
        self._silently("", timeout=PROBE)


def is_check(cell: NotebookNode) -> bool:
    return is_grade(cell) and not is_solution(cell) and cell.cell_type == "code"


def refusal(name: str, sentence: str) -> NotebookNode:
    return new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])


def join_pieces(cell: NotebookNode) -> None:
    """A kernel sends what is printed when it finds the time, so a line may come in two pieces: all
    that went to one stream becomes one output, where its first piece was."""
    streams: dict[str, NotebookNode] = {}
    kept = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name in streams:
            streams[output.name].text += output.text
            continue
        if output.output_type == "stream":
            streams[output.name] = output
        kept.append(output)
    cell.outputs = kept


def hold_to_its_result(cell: NotebookNode, secret: str) -> None:
    """What nbgrader makes of a check's outputs: an error and stderr are 0, no result is full marks.

    Here what goes to stderr is a progress bar or a warning, and no failure; a check has come to its
    end only if the judge's seal is there; and the points are those that the judge sealed, whatever
    the notebook shows in their place.
    """
    results = []
    join_pieces(cell)
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
            for said, sealed, value in re.findall(SEALED, output.text):
                if sealed == seal(secret, key(cell), value):
                    results.append(value)
                    output.text = output.text.replace(said, "")
    shown = "execute_result", "display_data"
    cell.outputs = [output for output in cell.outputs if output.output_type not in shown]
    if any(output.output_type == "error" for output in cell.outputs):
        return
    last = ast.parse(plain(cell.source)).body[-1]
    if not results or (isinstance(last, ast.Expr) and results[0] == "None"):
        cell.outputs.append(refusal("NoResult", "the check did not come to its end"))
    elif isinstance(last, ast.Expr):
        if not 0 <= float(results[0]) <= cell.metadata.nbgrader.points:
            sentence = f"the check came to {results[0]} points, which it does not have"
            cell.outputs.append(refusal("NoResult", sentence))
            return
        result = new_output("execute_result", data={"text/plain": results[0]})
        cell.outputs.append(result)
