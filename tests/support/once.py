"""What takes long is made once for all processes of a run."""

import os

from filelock import FileLock


def made_once(tmp_path_factory, name, make):
    """The folder of this name, which `make` fills where it is asked for first."""
    base = tmp_path_factory.getbasetemp()
    common = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = common / name, common / f"{name}.done"
    with FileLock(common / f"{name}.lock"):
        if not done.is_file():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
