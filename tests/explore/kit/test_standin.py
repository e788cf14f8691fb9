"""The page's picture of a widget without a kernel."""

import re
import xml.etree.ElementTree as ET

import pytest
from bs4 import BeautifulSoup

pytest.importorskip("ipywidgets")
pytest.importorskip("anywidget")

from sample_widget import Sample

from dualedu.explore.kit import standin

SVG = "{http://www.w3.org/2000/svg}"


def page(widget):
    return BeautifulSoup(standin.figure(widget), "html.parser")


@pytest.mark.parametrize("state", [{}, {"number": -2, "log": 0.001, "switch": True, "choice": "b"}])
def test_the_standin_shows_the_state(state):
    sample = Sample(**state)
    html = page(sample)
    boxes = {e["data-trait"]: e for e in html.select("[data-trait]:not([type=range])")}
    assert float(boxes["number"]["value"]) == sample.number
    assert boxes["choice"].select_one("option[selected]")["value"] == sample.choice
    assert boxes["switch"].has_attr("checked") == sample.switch
    assert boxes["line"]["value"] == "x < 1"
    assert [boxes[f"numbers-{i}"]["value"] for i in (0, 1)] == ["1", "2"]
    (button,) = html.select("button")
    assert (button["data-action"], button.text) == ("double", "Double it")
    assert html.strong.text == "Sample <b>&"
    assert html.select_one("[role=status]").text == sample.words
    assert html.figure["data-widget"] == "Sample"


def test_the_standins_html_is_closed_and_escaped(sample):
    """Every tag that is opened is closed: what follows on the page stays outside."""
    whole = re.sub(r"<(input[^>]*)>", r"<\1/>", standin.figure(sample))
    assert ET.fromstring(whole.replace(" selected>", ' selected="">')).tag == "figure"
    assert "<b>" not in whole


def test_a_log_slider_stands_at_the_logarithm():
    (slider,) = page(Sample(log=0.001)).select("[data-scale=log]")
    assert [float(slider[k]) for k in ("min", "value", "max")] == [-6, -3, 1]
    assert slider["aria-valuetext"] == "0.001"


def test_each_field_of_the_standin_has_a_name(sample):
    for field in page(sample).select("input, select"):
        assert field.find_parent("label").span.text.strip()


def test_the_notebook_stores_a_picture_a_standin_and_a_sentence(sample):
    data, _ = sample._repr_mimebundle_()
    assert data["text/plain"] == f"Sample <b>&. {sample.words}"
    assert "var(" not in data["image/svg+xml"]
    assert ET.fromstring(data["image/svg+xml"]).tag == f"{SVG}svg"
    assert data[standin.MIME] == standin.figure(sample)
