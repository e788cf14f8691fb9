"""A trial run has a copy of what lies beside the notebook, as far as these are files."""

import os

from grading import preflight, trial
from submissions import solved, submit


def test_what_is_no_file_is_not_copied(tmp_path):
    """And stops nobody: such as a pipe, or a link that leads nowhere, or round in a circle."""
    folder = submit(tmp_path, solved())
    (folder / "data.txt").write_text("42", encoding="utf-8")
    (folder / "round").symlink_to("..")
    (folder / "gone").symlink_to("nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe")
    trial.copy_all(folder, tmp_path / "copy")
    copied = sorted(path.name for path in (tmp_path / "copy").iterdir())
    assert copied == ["data.txt", "numbers.ipynb"]
    assert preflight.examine(folder, limit=20.0).look == []
