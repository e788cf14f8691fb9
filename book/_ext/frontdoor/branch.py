"""The notebooks as Colab and Kaggle open them: each alone, from a branch that holds nothing else.

python -m frontdoor.branch FOLDER     that branch's files, from the site that `make book` built

Their Markdown is JupyterLite's, for neither service knows MyST's syntax; their links lead to the
site. A first cell fetches what is missing there, and where nothing is missing it does nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urljoin

import nbformat

from frontdoor.address import GITHUB, Address, address
from frontdoor.launch import BRANCH
from frontdoor.packages import ROOT
from frontdoor.release import stated

NOTEBOOKS = Path("_build", "html", "lite", "files")
DATA = Path("book", "results")
"""Files that cells read, by their paths relative to the notebook."""

LINK = re.compile(
    r"(?P<before>\]\()(?P<target>(?!#)[^)\s]+)(?=\))|(?P<code>`+).+?(?P=code)", re.DOTALL
)

FIRST = """\
# Fetches what this chapter needs where it is missing, as on Colab and Kaggle.
import importlib.util
import sys

if importlib.util.find_spec("dualedu") is None:
    %pip install --quiet "dualedu[explore,scipy]=={version}"{more}
if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()"""
PLACE = """\
import os
from urllib.request import urlretrieve

os.makedirs("{0}", exist_ok=True)
os.chdir("{0}")"""


def files(root: Path, here: Address) -> dict[str, bytes]:
    """All that the branch holds, by its paths; nothing without an address on GitHub."""
    if not GITHUB.fullmatch(here.repository):
        return {}
    written = sorted((root / NOTEBOOKS).rglob("*.ipynb"))
    if not written:
        raise SystemExit(
            f"There are no notebooks in {root / NOTEBOOKS}: JupyterLite was not built. "
            "Its last lines say why when you run: make book"
        )
    paths = sorted((root / DATA).glob("*.json"))
    data = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    _, version = stated(root)
    made = {}
    for path in written:
        name = path.relative_to(root / NOTEBOOKS)
        made[name.as_posix()] = notebook(path, name, version, here, data).encode()
    return data | made


def notebook(path: Path, name: Path, version: str, here: Address, others: Iterable[str]) -> str:
    """One of them, with its first cell and whole links; `others` are files it may read."""
    made = nbformat.read(path, as_version=4)
    page = here.site + name.with_suffix(".html").as_posix()
    code = "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")
    wanted = {
        there: here.file(other, BRANCH, "raw")
        for other in others
        if (there := Path(os.path.relpath(other, name.parent)).as_posix()) in code
    }
    first = FIRST.format(version=version, more=fetching(name.parent.as_posix(), wanted))
    for cell in made.cells:
        cell.metadata.pop("trusted", None)
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(lambda link: whole(link, page), cell.source)
    fetch = nbformat.v4.new_code_cell(first, id="fetch", metadata={"tags": ["remove-cell"]})
    made.cells.insert(0, fetch)
    return f"{nbformat.writes(made)}\n"


def fetching(folder: str, wanted: dict[str, str]) -> str:
    """The lines that fetch files to where a notebook reads them; `wanted`: names, addresses."""
    if not wanted:
        return ""
    lines = PLACE.format(folder).splitlines()
    for there in sorted({os.path.dirname(name) for name in wanted}):
        lines.append(f'os.makedirs("{there}", exist_ok=True)')
    lines += [f'urlretrieve("{url}", "{name}")' for name, url in wanted.items()]
    return "\n" + textwrap.indent("\n".join(lines), "    ")


def whole(link: re.Match[str], page: str) -> str:
    """A link of a page as an address; a link to another place, or code, as it is."""
    return link[0] if link["code"] else link["before"] + urljoin(page, link["target"])


def main(target: Path) -> None:
    made = files(ROOT, address(ROOT))
    if not made:
        print("No branch for Colab and Kaggle: the project has no address on GitHub")
        return
    shutil.rmtree(target, ignore_errors=True)
    for name, content in made.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    print(f"{target}: {len(made)} files for Colab and Kaggle")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
