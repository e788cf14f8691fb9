"""Every widget: words for everything, the same drawing twice, and what is imported."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from dualedu import explore

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

from dualedu.explore.kit import standin
from dualedu.explore.kit.explorable import Explorable

# --- every widget --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", explore.ROOMS)
def test_each_widget_has_a_word_for_everything(name):
    widget = getattr(explore, name)()
    assert widget.__doc__ != Explorable.__doc__
    for key, trait in widget.public().items():
        assert trait.help, key
        assert trait.label, key
    for text in (widget.words, widget.title):
        assert text.strip() == text != ""
    root = ET.fromstring(widget.picture.svg)
    assert (root.get("role"), bool(root.get("aria-label"))) == ("img", True)
    width = float(root.get("viewBox").split()[2])
    assert width <= 480
    # In em, so that the style sheet can make all letters larger on a phone.
    sizes = [e.get("font-size") for e in root.iter() if e is not root and e.get("font-size")]
    assert all(size.endswith("em") and float(size[:-2]) >= 0.9 for size in sizes)
    assert not [e.get("id") for e in root.iter() if e.get("id")]
    assert not set(re.findall(r"#[0-9a-fA-F]{6}", re.sub(r"var\([^)]*\)", "", widget.picture.svg)))


@pytest.mark.parametrize("name", explore.ROOMS)
def test_two_of_a_kind_draw_the_same(name):
    first, second = getattr(explore, name)(), getattr(explore, name)()
    assert first.picture.svg == second.picture.svg
    assert standin.figure(first) == standin.figure(second)


# --- what is imported ----------------------------------------------------------------------------

WITHOUT = """
import importlib, pathlib, sys
for name in ("ipywidgets", "anywidget", "traitlets"):
    sys.modules[name] = None
"""


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_models_and_drawings_need_no_ipywidgets():
    rooms = list(explore.ROOMS.values())
    run(
        f"{WITHOUT}\nimport dualedu.explore.kit.svg, dualedu.explore.kit.expressions\n"
        f"for room in {rooms}:\n    for part in ('model', 'drawing'):\n"
        "        importlib.import_module(f'dualedu.explore.{room}.{part}')"
    )


def test_without_ipywidgets_the_error_says_what_to_install():
    code = f"{WITHOUT}\nfrom dualedu import explore\ntry:\n    explore.TangentArrow\n"
    code += "except ModuleNotFoundError as error:\n    print(error)"
    assert re.fullmatch(
        r"TangentArrow needs (ipywidgets|traitlets): pip install 'dualedu\[explore\]'", run(code)
    )


def test_the_library_does_not_load_widgets():
    loaded = run("import sys, dualedu, dualedu.explore; print(*sys.modules)").split()
    assert not {"ipywidgets", "anywidget", "traitlets", "matplotlib"} & set(loaded)
