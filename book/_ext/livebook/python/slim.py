"""Wheels made small and quick for the browser: members left out, edits, byte code, a list of fonts.

Runs in Pyodide's own Python (slim.mjs), whose byte code the pages need: pyodide-build's py-compile
takes the host's, which would have to be Pyodide's version. Without Node it runs in Python at the
build, and the wheels keep their sources. So it imports nothing of livebook.
"""

import importlib._bootstrap_external as bootstrap
import importlib.util
import json
import shutil
import sys
import zipfile
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

EVERYWHERE = ("*.pyi", "*.pxd", "*/tests/*", "*.data/*", "*.dist-info/RECORD")
"""Types for editors, tests, and files for places outside site-packages."""

# What a page cannot reach or has no use for, with what it weighs in kB: terminals, windows,
# printers' formats, samples, fonts that text and formulas do not ask for. fnmatch's * spans /.
OUT = {
    "anywidget": ("anywidget/labextension/*", "anywidget/nbextension/*"),  # 300
    "ipython": (  # 100
        "IPython/sphinxext/*",
        "IPython/testing/plugin/*",
        "IPython/terminal/[!_p]*",
        "IPython/terminal/p[!t]*",
        "IPython/terminal/ptutils.py",
        "IPython/terminal/pt_inputhooks/[!_]*",
    ),
    "matplotlib": (  # 4900
        "matplotlib/_ttconv*.so",
        "matplotlib/backends/*tk*",
        "matplotlib/backends/*gtk*",
        "matplotlib/backends/*qt*",
        "matplotlib/backends/*wx*",
        "matplotlib/backends/*macosx*",
        "matplotlib/backends/*cairo*",
        "matplotlib/backends/*web*",
        "matplotlib/backends/*nbagg*",
        "matplotlib/backends/*pdf*",
        "matplotlib/backends/*pgf*",
        "matplotlib/backends/*ps.py",
        "matplotlib/fontlist.json",
        "matplotlib/mpl-data/fonts/afm/*",
        "matplotlib/mpl-data/fonts/pdfcorefonts/*",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans*-BoldOblique.ttf",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSansMono-[BO]*.ttf",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSerif*.ttf",
        "matplotlib/mpl-data/fonts/ttf/Humor-Sans.ttf",
        "matplotlib/mpl-data/fonts/ttf/STIX*Bol*.ttf",
        "matplotlib/mpl-data/images/*",
        "matplotlib/mpl-data/plot_directive/*",
        "matplotlib/mpl-data/sample_data/*",
        "matplotlib/sphinxext/*",
        "matplotlib/testing/*",
    ),
    "numpy": (  # 170
        "numpy/_core/include/*",
        "numpy/_core/lib/*",
        "numpy/f2py/*",
        "numpy/random/lib/*",
    ),
    "pillow": (  # 500: figures are PNG; JPEG, GIF and BMP are the formats always at hand
        "PIL/_imagingcms*.so",
        "PIL/_imagingft*.so",
        "PIL/_webp*.so",
        "PIL/[!BGJMPT]*ImagePlugin.py",
        "PIL/BlpImagePlugin.py",
        "PIL/BufrStubImagePlugin.py",
        "PIL/GbrImagePlugin.py",
        "PIL/GribStubImagePlugin.py",
        "PIL/Jpeg2KImagePlugin.py",
        "PIL/P[acds]*ImagePlugin.py",
        "PIL/PixarImagePlugin.py",
        "PIL/PdfParser.py",
    ),
    "pygments": (  # 930: Python and the shell are what a page colours
        "pygments/lexers/_[a-ln-z]*.py",
        "pygments/lexers/[!_ps]*.py",
        "pygments/lexers/p[!y]*.py",
        "pygments/lexers/s[!hp]*.py",
    ),
    "python-dateutil": ("dateutil/zoneinfo/*.tar.gz",),  # 160
    "python-stdlib-zip": (  # 700: servers, mail, other processes, old code pages
        "encodings/big5*",
        "encodings/cp[0-35-9]*",
        "encodings/cp424.py",
        "encodings/euc_*",
        "encodings/gb*",
        "encodings/h[pz]*",
        "encodings/iso2022*",
        "encodings/iso8859_1[0-9].py",
        "encodings/iso8859_[2-9].py",
        "encodings/johab.py",
        "encodings/k*",
        "encodings/mac_*",
        "encodings/palmos.py",
        "encodings/ptcp154.py",
        "encodings/shift_*",
        "encodings/tis_620.py",
        "ftplib.py",
        "imaplib.py",
        "mailbox.py",
        "multiprocessing/*",
        "nntplib.py",
        "poplib.py",
        "smtplib.py",
        "telnetlib.py",
        "wsgiref/*",
        "xmlrpc/*",
    ),
}

# In place of an import: asked for when a function needs it, and not when its module is imported.
LATE = """\
class Late:
    def __getattr__(self, name):
        import {module}
        return getattr({module}, name)
{name} = Late()
"""


def late(line: str, module: str, name: str = "") -> tuple[str, str]:
    return f"{line}\n", LATE.format(module=module, name=name or module)


# Each old text stands once in its file. IPython opens a terminal and a database of past input when
# it is imported; a page has neither, and without them sqlite3 and prompt_toolkit (1 MB) stay out.
# The kernel disables the history, so the names of sqlite3 are read and never used. What is late is
# what few cells come to: whole tracebacks, which pages do not show, manuals, profiles; of NumPy,
# LAPACK and FFT, a third of what it loads.
EDITS = {
    "IPython/__init__.py": [("from .terminal.embed import embed\n", "embed = None\n")],
    "IPython/core/history.py": [
        (
            "import sqlite3\n",
            "from types import SimpleNamespace\n"
            "sqlite3 = SimpleNamespace(DatabaseError=OSError, OperationalError=OSError,\n"
            "                          IntegrityError=OSError, Connection=type(None))\n",
        )
    ],
    "IPython/core/magics/code.py": [
        (
            "from urllib.request import Request, urlopen\n",
            "def Request(*given):\n"
            "    from urllib import request\n"
            "    return request.Request(*given)\n"
            "def urlopen(*given):\n"
            "    from urllib import request\n"
            "    return request.urlopen(*given)\n",
        )
    ],
    "IPython/core/magics/execution.py": [
        late("import cProfile as profile", "cProfile", "profile"),
        late("import pstats", "pstats"),
    ],
    "IPython/core/ultratb.py": [
        late("import pydoc", "pydoc"),
        late("import stack_data", "stack_data"),
    ],
    "anywidget/_protocols.py": [
        (
            "from typing_extensions import Protocol, TypedDict\n",
            "from typing import Protocol, TypedDict\n",
        )
    ],
    "numpy/fft/_pocketfft.py": [
        late("from . import _pocketfft_umath as pfu", "numpy.fft._pocketfft_umath", "pfu")
    ],
    "numpy/linalg/_linalg.py": [
        late(
            "from numpy.linalg import _umath_linalg", "numpy.linalg._umath_linalg", "_umath_linalg"
        )
    ],
    "pyodide/_package_loader.py": [
        ("    import tarfile\n", ""),
        ("tarfile.open(archive.name)", '__import__("tarfile").open(archive.name)'),
    ],
    "traitlets/config/application.py": [
        (
            "from logging.config import dictConfig\n",
            "def dictConfig(*given):\n"
            "    from logging import config\n"
            "    return config.dictConfig(*given)\n",
        )
    ],
}

EDITED_AWAY = {"ipython": {"prompt-toolkit", "sqlite3", "wcwidth"}}
UNNEEDED = {
    "matplotlib": {"fonttools", "matplotlib-pyodide", "pytz"},
    "ipywidgets": {"jupyterlab-widgets", "widgetsnbextension"},
}
"""Dependencies that nothing imports after EDITS, and those that nothing imports in a browser."""


def normalised(name: str) -> str:
    return name.replace("_", "-").replace(".", "-").lower()


def package(file: str) -> str:
    """The normalised name in the file name of a wheel."""
    return normalised(file.split("-")[0])


def relieved(name: str, entry: dict[str, Any], *, edits: bool = True) -> dict[str, Any]:
    """The entry of a lock file without what the package need not depend on."""
    depends = {normalised(d) for d in entry["depends"]} - UNNEEDED.get(name, set())
    if edits:
        depends -= EDITED_AWAY.get(name, set())
    return entry | {"depends": sorted(depends)}


def left_out(name: str, member: str) -> bool:
    return any(fnmatchcase(member, pattern) for pattern in (*EVERYWHERE, *OUT.get(name, ())))


def edited(member: str, data: bytes) -> bytes:
    for old, new in EDITS.get(member, ()):
        if (count := data.count(old.encode())) != 1:
            raise ValueError(f"{member} has {old!r} {count} times, not once")
        data = data.replace(old.encode(), new.encode())
    return data


def byte_code(file: str, data: bytes) -> bytes:
    """Byte code that Python takes without a look at the source: archives have no reliable time."""
    code = compile(data, file, "exec", dont_inherit=True)
    return bootstrap._code_to_hash_pyc(  # type: ignore[attr-defined]
        code, importlib.util.source_hash(data), False
    )


def slim(source: Path, target: Path, *, compiled: bool, keep_sources: bool) -> None:
    """A wheel, or the standard library, written smaller as `target`."""
    name = package(source.name)
    home = "/lib/python312.zip" if source.suffix == ".zip" else "/lib/python3.12/site-packages"
    with (
        zipfile.ZipFile(source) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        for member in old.namelist():
            if member.endswith("/") or left_out(name, member):
                continue
            data, path = edited(member, old.read(member)), PurePosixPath(member)
            files = {member: data}
            if compiled and path.suffix == ".py":
                code = byte_code(f"{home}/{member}", data)
                tag = (
                    path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
                )
                files = {member: data, str(tag): code} if keep_sources else {f"{member}c": code}
            for file, content in files.items():
                # No time: the same input gives the same bytes, and the same name in the cache.
                new.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED, 9)


def slim_all(source: Path, target: Path, *, compiled: bool, whole: str = "") -> None:
    """Every archive of a folder; the package `whole` keeps its sources, for tracebacks and
    `inspect`."""
    for archive in sorted(source.iterdir()):
        keep = package(archive.name) == whole
        slim(archive, target / archive.name, compiled=compiled, keep_sources=keep)


def add_fonts(folder: Path) -> None:
    """Put the list of its fonts into matplotlib's wheel, where that is here. The list that comes
    with it is of another version, so that the first figure of every visit would look through all
    fonts (a second)."""
    wheel = next(folder.glob("matplotlib-*.whl"), None)
    if wheel is None:  # pages take it from Pyodide's own host
        return
    site = Path("/lib/python3.12/site-packages")
    for file in folder.glob("*.whl"):
        shutil.unpack_archive(file, site, "zip")
    importlib.invalidate_caches()
    from matplotlib import font_manager

    made = json.dumps(font_manager.FontManager(), cls=font_manager._JSONEncoder, indent=1)  # type: ignore[attr-defined]
    with zipfile.ZipFile(wheel, "a") as archive:
        info = zipfile.ZipInfo("matplotlib/fontlist.json")
        archive.writestr(info, made, zipfile.ZIP_DEFLATED, 9)
