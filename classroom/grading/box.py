"""A box for students' code: it reads Python and this library, and writes into a folder that ends
with it. No network, no other process, no file of yours.

Bubblewrap (https://github.com/containers/bubblewrap) makes it, on Linux. It begins with an empty
disk and lays in what Python needs, read only: what is not named here is not there.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts",
          "/etc/ld.so.cache", "/etc/localtime", "/etc/passwd", "/nix/store"]  # fmt: skip
PACKAGES = ["dualedu"]
"""Installed as a folder of the project, which has the solutions beside them."""

KEPT = ["LANG", "LC_ALL", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NBGRADER_EXECUTION"]
"""All else of the environment stays outside: it may hold passwords."""

HOME = "/tmp/home"
MEMORY, DISK, FILE, SECONDS = 6_000_000_000, 512_000_000, 100_000_000, 1200
"""Limits: of a process's memory, of all files and of one in bytes, of a process's time."""

MISSING = (
    "There is no box on this machine: what students wrote runs with your rights, and can read and "
    "write what you can. On Linux, install bubblewrap (apt install bubblewrap, or dnf install "
    "bubblewrap); on Windows or a Mac, grade in a Linux machine (WSL 2 is one) or with an account "
    "that owns nothing else. --no-box says that you know, and leaves this out."
)


@functools.cache
def works() -> bool:
    """Whether bubblewrap is here and may do its work: some machines forbid it to users."""
    if not shutil.which("bwrap") or not shutil.which("prlimit"):
        return False
    return subprocess.run(command(["true"]), capture_output=True).returncode == 0


def needed() -> list[str]:
    """The folders of Python, of what is installed for it, and of this library."""
    found = [sys.prefix, sys.base_prefix, os.path.realpath(sys.executable), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            found.append(str(Path(spec.origin).parent))
    # The shorter first, so that a folder lies inside the one that holds it.
    return sorted({os.path.abspath(path) for path in found if os.path.exists(path)})


def command(
    argv: Iterable[str],
    *,
    files: Path | None = None,
    shared: Path | None = None,
    limits: dict[str, int] | None = None,
) -> list[str]:
    """What starts `argv` in a box.

    Parameters
    ----------
    argv : iterable of str
        A program and its arguments, such as a Python and a script that lies in `files`.
    files : Path, optional
        A folder that it may read, under its own name.
    shared : Path, optional
        A folder that it may write, under its own name; what it writes stays.
    limits : dict of str to int, optional
        For prlimit, such as {"as": 6_000_000_000}.

    Returns
    -------
    command : list of str
        It works in the folder `HOME`, which is empty and of its own.
    """
    if limits is None:
        limits = {"as": MEMORY, "fsize": FILE, "cpu": SECONDS, "core": 0}
    box = ["bwrap", "--unshare-all", "--die-with-parent", "--clearenv"]
    for path in SYSTEM:
        box += ["--ro-bind-try", path, path]
    box += ["--dev", "/dev", "--proc", "/proc"]
    for memory in ("/dev/shm", "/tmp"):
        box += ["--size", str(DISK), "--tmpfs", memory]
    box += ["--dir", HOME]
    for path in needed():  # after the box's own /tmp, which would cover what lies in /tmp
        box += ["--ro-bind-try", path, path]
    for folder, bind in [(files, "--ro-bind"), (shared, "--bind")]:
        if folder is not None:
            box += [bind, str(folder), str(folder)]
    box += ["--remount-ro", "/dev", "--remount-ro", "/"]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"HOME": HOME, "TMPDIR": "/tmp", "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"}
    own["PATH"] = os.pathsep.join([os.path.dirname(straight(sys.executable)), "/usr/bin", "/bin"])
    for name, value in (kept | own).items():
        box += ["--setenv", name, value]
    box += ["--chdir", HOME]
    if limits:
        box += ["prlimit", *(f"--{name}={most}" for name, most in limits.items())]
    # Jupyter stops a cell by interrupting a whole group of processes: the box must not heed it.
    program, *arguments = argv
    return ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *box, straight(program), *arguments]


def straight(program: str) -> str:
    """Its path without `..`: in a box the way there may lead through a folder that is not there."""
    return os.path.abspath(program) if os.sep in program else program
