"""The floors of dualedu: a package imports those below it, never one above or beside it.

Read from the source, so that an import inside a function counts as one at the top does.
"""

import ast
import pkgutil
from importlib.util import resolve_name
from pathlib import Path

import pytest
from thisbook.pictures import FLOORS

import dualedu

SOURCE = Path(dualedu.__file__).parent
TESTS = Path(__file__).parent
ROOT = TESTS.parent
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
FLOOR["dualedu"] = FLOOR["numpy_rules"] + 0.5  # `import dualedu`: core, with NumPy's rules
PART_OF = {"typing": "internals", "train": "training"}  # names of types; another name of a command
IN_A_WIDGET = {"contours": 0, "reading": 0, "model": 1, "drawing": 2, "widget": 3}


def imported(code, module, is_package=False):
    """The full names that the code of a module imports, whatever they name."""
    package = module if is_package else module.rpartition(".")[0]
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []  # what a type checker alone imports, no program needs
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{start}.{alias.name}" for alias in node.names)


def room(name):
    """The package, or module beside the packages, that a full name is of."""
    second = name.split(".")[1] if "." in name else ""
    second = PART_OF.get(second, second)
    return second if second in FLOOR else "dualedu"


def upward(code, module, is_package=False):
    here = room(module)
    rooms = {room(n) for n in imported(code, module, is_package) if n.split(".")[0] == "dualedu"}
    return sorted(there for there in rooms - {here} if FLOOR[there] >= FLOOR[here])


def modules():
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        if "data" not in parts:  # scripts that made the files, no part of the package
            yield ".".join(parts[: len(parts) - is_package]), path.read_text("utf-8"), is_package


def test_every_package_has_a_floor():
    found = {module.name for module in pkgutil.iter_modules([str(SOURCE)])}
    assert found - PART_OF.keys() == FLOOR.keys() - {"dualedu"}


def test_core_can_be_read_in_an_evening():
    lines = sum(len(p.read_text("utf-8").splitlines()) for p in (SOURCE / "core").glob("*.py"))
    assert 1000 < lines <= 1400


def test_nothing_is_imported_upward():
    found = {module: upward(code, module, package) for module, code, package in modules()}
    assert len(found) > 50
    assert {module: rooms for module, rooms in found.items() if rooms} == {}


@pytest.mark.parametrize(
    ("module", "code", "rooms"),
    [
        ("dualedu.core.dual", "def f():\n    from dualedu.nn.mlp import MLP", ["nn"]),
        ("dualedu.core.dual", "import dualedu", ["dualedu"]),
        ("dualedu.core.dual", "from dualedu import jvp, explore", ["dualedu", "explore"]),
        ("dualedu.core.dual", "from ..numpy_rules import families", ["numpy_rules"]),
        ("dualedu.internals.memory", "from dualedu.core.dual import Dual", ["core"]),
        ("dualedu.internals.memory", "if TYPE_CHECKING:\n    import dualedu.core.dual", []),
        ("dualedu.core.dual", "from . import rules\nfrom .rules import ANY\nimport numpy", []),
        ("dualedu.numpy_rules.order", "import dualedu.scipy_rules.special", ["scipy_rules"]),
        ("dualedu.nn.mlp", "from dualedu import Dual, figures, mnist", []),
        ("dualedu.training.history", "def f():\n    import dualedu", []),
        ("dualedu.numpy_rules.order", "from dualedu import doctor", ["doctor"]),
    ],
)
def test_an_import_upward_or_beside_is_found(module, code, rooms):
    assert upward(code, module) == rooms


def widgets():
    """Each module of a widget, as (widget, part), and what of explore it imports."""
    for module, code, is_package in modules():
        package, _, place = module.partition(".explore.")
        widget, _, part = place.partition(".")
        if package == "dualedu" and part and widget != "kit":
            names = (name.split(".") for name in imported(code, module, is_package))
            yield widget, part, {tuple(n[2:4]) for n in names if n[:2] == ["dualedu", "explore"]}


def test_a_widget_stands_on_the_kit_and_its_model_on_no_drawing():
    found = list(widgets())
    assert len(found) > 24
    for widget, part, there in found:
        assert {where for where, _ in there} <= {widget, "kit"}, (widget, part)
        own = [other for where, other in there if where == widget]
        assert all(IN_A_WIDGET[other] < IN_A_WIDGET[part] for other in own), (widget, part)
        if part == "model":
            assert ("kit", "svg") not in there, widget


ROOMS = (
    *("core", "custom_rules", "doctor", "doctor/steps", "explore/kit", "internals", "nn"),
    *("numpy_rules", "scipy_rules", "teaching", "training"),
)
LIVEBOOK = ROOT / "book" / "_ext" / "livebook"
HOUSES = {room: SOURCE / room for room in ROOMS} | {
    "classroom": ROOT / "classroom" / "grading",
    "livebook": LIVEBOOK,
    "livebook/js": LIVEBOOK / "js" / "src",
    "livebook/lite": LIVEBOOK / "lite",
    "livebook/lite/piplite": LIVEBOOK / "lite" / "piplite",
    "livebook/python": LIVEBOOK / "python",
    "livebook/site": LIVEBOOK / "site",
}
"""Folders of tests, and those with the modules that they test."""

ELSEWHERE = {
    "classroom/run_cells.py": "classroom/test_preflight.py",  # what the preflight runs
    "doctor/hypotheses.py": "doctor/test_faults.py",  # faults are planted in programs
    "doctor/plain_faults.py": "doctor/test_faults.py",
    "doctor/reading.py": "doctor/test_examination.py",
    "doctor/steps/composites.py": "doctor/test_faults.py",
    "doctor/steps/factors.py": "doctor/test_faults.py",
    "doctor/steps/jacobians.py": "doctor/test_faults.py",
    "doctor/steps/paths.py": "doctor/test_faults.py",
    "doctor/steps/places.py": "doctor/test_faults.py",
    "doctor/steps/rows.py": "doctor/test_faults.py",
    "doctor/steps/slopes.py": "doctor/test_faults.py",
    "doctor/steps/values.py": "doctor/test_faults.py",
    "doctor/torch_steps.py": "doctor/test_faults.py",
    "doctor/variants.py": "doctor/test_faults.py",
    "explore/kit/picture.py": "explore/kit/test_explorable.py",
    "explore/kit/stored.py": "explore/test_answers_at_once.py",
    "livebook/build.py": "livebook/python/test_stage.py",
    "livebook/finish.py": "browser/test_foreign_book.py",  # all steps, on a book of two pages
    "livebook/generated.py": "book/test_reference.py",
    "livebook/js/kernel.py": "browser/test_living_page.py",
    "livebook/lite/kernel.py": "browser/test_lite.py",
    "livebook/lite/piplite/cli.py": "browser/test_lite.py",
    "livebook/lite/piplite/piplite.py": "browser/test_lite.py",
    "livebook/pages.py": "browser/test_living_page.py",
    "livebook/site/budget.py": "browser/test_every_page.py",
    "livebook/site/folder.py": "browser/test_foreign_book.py",
    "livebook/site/mathjax.py": "livebook/site/test_formulas.py",
    "livebook/site/offline.py": "browser/test_offline.py",
    "livebook/site/policy.py": "browser/test_foreign_book.py",
    "livebook/weights.py": "book/test_how_built.py",
    "scipy_rules/slopes.py": "scipy_rules/test_special.py",  # of special functions, table by table
    "training/recipes.py": "training/test_command_line.py",
    "training/run.py": "training/test_command_line.py",
}
"""Modules that have no tests of their name, and what tests them."""


def test_the_tests_of_a_module_bear_its_name():
    """tests/numpy_rules/test_order.py is of dualedu/numpy_rules/order.py."""
    found, unnamed = 0, set()
    for house, source in HOUSES.items():
        for path in source.glob("[!_]*.py"):
            found += 1
            if not (TESTS / house / f"test_{path.name}").is_file():
                unnamed.add(f"{house}/{path.name}")
    assert found > 100
    assert unnamed == ELSEWHERE.keys()
    assert [file for file in ELSEWHERE.values() if not (TESTS / file).is_file()] == []


APART = {"support", "typing", "foreign"}  # what several use, what mypy reads, another book


def test_a_folder_of_tests_holds_tests_alone():
    for path in TESTS.rglob("*.py"):
        named = path.name == "conftest.py" or path.name.startswith("test_")
        assert named or APART & {*path.relative_to(TESTS).parts}, path


def test_no_test_is_built_on_another():
    """What two of them need is in tests/support."""
    tests = list(TESTS.rglob("test_*.py"))
    assert len(tests) > 40
    for path in tests:
        names = imported(path.read_text("utf-8"), path.stem)
        assert [name for name in names if name.split(".")[0].startswith("test_")] == [], path
