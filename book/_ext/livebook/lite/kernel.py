"""What JupyterLite's kernel loads beside the packages of the pages, and its lock file."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from livebook import build
from livebook.build import Absent, once
from livebook.js.src import imports
from livebook.python import lock, stage, wheels
from livebook.python.lock import as_json
from livebook.python.release import RELEASE
from livebook.settings import Settings

HERE = Path(__file__).parent
EXTENSION = "@jupyterlite/pyodide-kernel-extension"
WHEELS = ("ipykernel", "pyodide_kernel")

LOADED = ("micropip", "piplite", "ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi",
          "ipython")  # fmt: skip
"""What the kernel would install piece by piece if it were not loaded at once, by its own names."""

ABSENT = ("jedi", "micropip", "sqlite3", "ssl")
"""Of these, what it does without: 4 MB for completion by type, histories and installations."""


def loaded(settings: Settings) -> list[str]:
    return [*LOADED, *settings.packages, *settings.own[:1]]


def prepare(settings: Settings, staged: stage.Staged, recipe: Sequence[bytes]) -> Path:
    """The folder with these packages, made if need be."""
    own = [path.read_bytes() for path in installer()]
    data = [path.read_bytes() for path in settings.data_files().values()]
    stages = [(stage.HERE / name).read_bytes() for name in stage.RECIPE]
    parts = [*recipe, Path(__file__).read_bytes(), *stages, *own, about(settings), *data]
    engine = staged.files["pyodide/pyodide.asm.wasm"]
    assert isinstance(engine, Path)

    def make(folder: Path) -> None:
        write(folder, engine.parent, settings)

    return once(settings.cache, "litekernel", build.key(*parts), make)


def installer() -> list[Path]:
    """The files of the package that stands in for JupyterLite's piplite."""
    return [*sorted((HERE / "piplite").glob("*.py")), Path(str(imports.__file__))]


def about(settings: Settings) -> bytes:
    """What that package knows of the book."""
    has = [*settings.own[:1], *settings.packages, "matplotlib", "ipywidgets"]
    return as_json({"has": has, "imports": dict(settings.imports)})


def write(folder: Path, engine: Path, settings: Settings) -> None:
    """The wheels that JupyterLite's kernel needs beside those of the pages."""
    labextension = Path(sys.prefix, "share", "jupyter", "labextensions", *EXTENSION.split("/"))
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        for package in WHEELS:
            wheel = next(labextension.glob(f"static/pypi/{package}-*.whl"))
            with (
                zipfile.ZipFile(wheel) as old,
                zipfile.ZipFile(source / wheel.name, "w", zipfile.ZIP_DEFLATED) as new,
            ):
                for member in old.namelist():
                    new.writestr(member, edited(member, old.read(member)))
        with zipfile.ZipFile(source / "piplite-0-py3-none-any.whl", "w") as own:
            for path in installer():
                own.write(path, f"piplite/{path.name}")
            for file, path in settings.data_files().items():
                own.write(path, f"piplite/data/{'/'.join(file.split('/')[-2:])}")
            own.writestr("piplite/about.json", about(settings))
            metadata = "Metadata-Version: 2.1\nName: piplite\nVersion: 0\n"
            own.writestr("piplite-0.dist-info/METADATA", metadata)
        note = wheels.shrink(source, folder, engine)
    with zipfile.ZipFile(folder / "absent-0.zip", "w") as absent:
        absent.writestr("absent.txt", "Stands in for a package that the kernel does without.\n")
    lock.finish(folder, lock.entries(folder, wheels.DEPENDS), note)


def edited(member: str, data: bytes) -> bytes:
    """The kernel, which finds the packages of a cell by the names of whole modules only, asks
    `piplite.load`, which knows those of their parts."""
    if member != "pyodide_kernel/kernel.py":
        return data
    old = b"from pyodide_js import loadPackagesFromImports as _load_packages_from_imports\n"
    if data.count(old) != 1:
        raise Absent(f"{member} does not load packages as expected")
    return data.replace(old, b"from piplite.piplite import load as _load_packages_from_imports\n")


def lock_file(folder: Path, staged: stage.Staged, settings: Settings) -> bytes:
    """The pages' lock file, with the kernel that JupyterLite brings and stands-in for what it
    names and does without."""
    made, _ = lock.finished(folder)
    absent = made.pop("absent")
    made |= {name: absent | {"name": name, "imports": []} for name in ABSENT}
    packages = staged.packages | made
    lock.closure(loaded(settings), packages)
    return as_json({"info": RELEASE["info"], "packages": packages})
