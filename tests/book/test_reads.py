"""What chapters read from files goes along wherever they run: pages, JupyterLite, Colab."""

import ast
import os

import nbformat
import pytest
from frontdoor import branch
from livebook.settings import read

ROOT = branch.ROOT
CHAPTERS = sorted((ROOT / "book").glob("*-*/*.ipynb"))


def files(chapter):
    """The files of the project that its cells name, by their paths in it."""
    found = set()
    for cell in nbformat.read(chapter, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                path = os.path.normpath(os.path.join(chapter.parent, node.value))
                if len(node.value) < 200 and os.path.isfile(path):
                    found.add(os.path.relpath(path, ROOT))
    return found


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_what_a_chapter_reads_goes_along(chapter):
    named = files(chapter)
    assert named <= set(read(ROOT)[0].data_files())
    assert named <= {str(path.relative_to(ROOT)) for path in (ROOT / branch.DATA).glob("*.json")}


def test_some_chapters_read_stored_results():
    assert sum(bool(files(chapter)) for chapter in CHAPTERS) > 4
