"""The figures' style: loaded only when asked for, and arrows that stop at the boxes they join."""

import subprocess
import sys

import pytest

from dualedu import figures


def test_importing_loads_no_matplotlib():
    program = "import dualedu, dualedu.figures, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


@pytest.fixture
def plt():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    with pyplot.rc_context():
        figures.use()
        yield pyplot
    pyplot.close("all")


def test_use_sets_the_book_s_colours(plt):
    first, second, third, fourth, *_ = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    ours = [figures.BLUE, figures.VERMILLION, figures.GREEN, figures.PURPLE]
    assert [f"#{c.lstrip('#')}" for c in (first, second, third, fourth)] == ours


@pytest.mark.parametrize("dpi", [72, 220])
def test_an_arrow_touches_both_frames(plt, dpi):
    fig, ax = plt.subplots()
    upper, lower = figures.box(ax, 0.5, 0.8, "up"), figures.box(ax, 0.5, 0.2, "down")
    patch = figures.arrow(ax, upper, lower, arrowstyle="-")
    fig.set_dpi(dpi)
    fig.canvas.draw()
    ys = patch.get_path().transformed(patch.get_transform()).vertices[:, 1]
    pixels = 0.02 * dpi
    assert ys.max() == pytest.approx(upper.get_bbox_patch().get_window_extent().y0, abs=pixels)
    assert ys.min() == pytest.approx(lower.get_bbox_patch().get_window_extent().y1, abs=pixels)


def test_an_arrow_between_points(plt):
    _, ax = plt.subplots()
    patch = figures.arrow(ax, (0.0, 0.0), (1.0, 2.0), figures.TANGENT)
    assert patch.get_edgecolor()[:3] == pytest.approx((0xD5 / 255, 0x5E / 255, 0))
    assert patch.axes is ax
