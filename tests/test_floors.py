"""The packages stand on floors: each imports from the floors below its own, and from no other."""

import ast
from pathlib import Path

import pytest
from thisbook.pictures import FLOORS

import dualedu

PACKAGE = Path(dualedu.__file__).parent
HEIGHT = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def imported(file):
    """The packages and modules of dualedu that a file imports, those inside functions too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        paths = []
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            inside = [f"dualedu.{alias.name}" for alias in node.names]
            paths = inside if node.module == "dualedu" else [node.module or ""]
        for path in paths:
            if path.startswith("dualedu."):
                name = path.split(".")[1]
                yield "core" if name in dualedu.__all__ else name


def files(name):
    return (
        [PACKAGE / f"{name}.py"]
        if (PACKAGE / f"{name}.py").is_file()
        else [*(PACKAGE / name).rglob("*.py")]
    )


def test_every_package_has_a_floor():
    """dualedu.typing only names types, and dualedu.train only another module."""
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert names - {"__init__", "__pycache__", "data", "typing", "train"} == set(HEIGHT)


@pytest.mark.parametrize("name", HEIGHT)
def test_imports_lead_downwards(name):
    found = {other for file in files(name) for other in imported(file)} - {name, "typing"}
    upward = {other for other in found if HEIGHT[other] >= HEIGHT[name]}
    assert upward == set()


def test_the_search_sees_imports_of_every_kind(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("from dualedu import Dual, nn\ndef f():\n    import dualedu.explore.kit\n")
    assert set(imported(file)) == {"core", "nn", "explore"}
