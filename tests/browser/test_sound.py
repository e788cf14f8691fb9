"""The slope as a pitch: silent until it is asked for, and the tone of the slope that is shown."""

import pytest
from browsers import settled
from living_page import START, LivingPage

from dualedu.explore import SeedExplorer, TangentArrow
from dualedu.explore.tangent_arrow.model import Slopes

SOUND = "Slope as sound"

# An orchestra that writes down what it is told to play.
LISTEN = """
window.heard = [];
window.contexts = 0;
class Param { setTargetAtTime(value) { this.played?.(value); } cancelScheduledValues() {} }
window.AudioContext = class { constructor() { contexts += 1; } currentTime = 0; resume() {} };
window.GainNode = class { gain = new Param(); connect(next) { return next; } };
window.OscillatorNode = class {
  frequency = Object.assign(new Param(), { played: (value) => heard.push(value) });
  connect(next) { return next; }
  start() {}
};
"""


def pitch(slope):
    """330 Hz where the curve is flat; an octave for two units of slope, two octaves at most."""
    return 330 * 2 ** (max(-4.0, min(4.0, slope)) / 2)


def last(page, tone):
    heard = "(tone) => Math.abs(window.heard.at(-1) - tone) < 0.02"
    page.wait_for_function(heard, arg=tone, timeout=START)


@pytest.fixture
def quiet(open_page):
    page = open_page()
    page.add_init_script(LISTEN)
    return page


def test_a_slope_is_heard_once_it_is_asked_for(quiet, pages):
    quiet.goto(f"{pages}/book/intro.html")
    settled(quiet)
    figure = quiet.locator(".dualedu-standin[data-widget=TangentArrow]")
    button = figure.get_by_role("button", name=SOUND)
    slider = figure.locator(".explore-x input[type=range]")
    slider.press("ArrowRight")
    assert quiet.evaluate("[heard.length, contexts]") == [0, 0]
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    start = TangentArrow()
    for step in (1, 2, 3):
        model = Slopes(start.model().expression, start.x + 0.05 * step, start.h)
        last(quiet, pitch(model.slope))
        slider.press("ArrowRight")
    button.press("Space")
    assert button.get_attribute("aria-pressed") == "false"
    played = quiet.evaluate("heard.length")
    slider.press("ArrowRight")
    assert quiet.evaluate("[heard.length, contexts]") == [played, 1]
    assert quiet.evaluate("livePage.kernel ?? null") is None
    quiet.context.close()


def test_a_widget_that_lives_is_heard_too(quiet, book):
    living = LivingPage(quiet, f"{book}/book/1-numbers/directions.html")
    living.start()
    which = "livePage.standins.find((s) => s.figure.dataset.widget === 'SeedExplorer')"
    quiet.evaluate(f"livePage.runOne({which}.cell)")
    widget = quiet.locator(".live-output .dualedu-explore")
    widget.locator("svg[data-slope]").wait_for(timeout=START)
    widget.get_by_role("button", name=SOUND).press("Enter")
    last(quiet, pitch(SeedExplorer().model().tangent))
    slope = float(widget.locator("svg[data-slope]").get_attribute("data-slope"))
    widget.get_by_role("slider").first.press("ArrowRight")
    moved = "([svg, slope]) => Number(svg.querySelector('svg').dataset.slope) !== slope"
    frame = widget.locator(".explore-picture").element_handle()
    quiet.wait_for_function(moved, arg=[frame, slope], timeout=START)
    moved = float(widget.locator("svg[data-slope]").get_attribute("data-slope"))
    last(quiet, pitch(moved))
    living.assert_quiet()
    quiet.context.close()
