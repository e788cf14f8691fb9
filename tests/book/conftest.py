"""Chapters run as Jupyter runs them."""

import contextlib
import io

import matplotlib
import matplotlib.pyplot as plt
import pytest
from chapters import cells


@pytest.fixture
def page(monkeypatch):
    """Run a chapter from its own folder, as Jupyter does; return its names."""

    def run_cells(path):
        matplotlib.use("agg")
        monkeypatch.chdir(path.parent)
        names = {}
        with contextlib.redirect_stdout(io.StringIO()):
            for cell in cells(path, "code"):
                fails = "raises-exception" in cell.metadata.get("tags", [])
                with contextlib.suppress(Exception) if fails else contextlib.nullcontext():
                    exec(compile(cell.source, cell.id, "exec"), names)
        return names

    yield run_cells
    plt.close("all")
