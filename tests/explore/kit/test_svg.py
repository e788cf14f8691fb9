"""Drawings as text: arrows, paths, planes, colours."""

import math
import xml.etree.ElementTree as ET

import pytest

from dualedu.explore.kit import svg

SVG = "{http://www.w3.org/2000/svg}"


def test_text_from_a_reader_stays_text():
    nasty = "<script>alert('x')</script> & \"y\""
    root = ET.fromstring(svg.picture(10, nasty, svg.text(0, 0, nasty), width=10))
    assert root.get("aria-label") == nasty
    assert root.find(f"{SVG}text").text == nasty
    assert list(root.iter(f"{SVG}script")) == []


def test_colours_are_written_out_for_print():
    drawn = svg.picture(10, "a", svg.dot((1, 2), svg.TANGENT))
    assert "var(" in drawn
    assert "var(" not in svg.printed(drawn)
    assert f'fill="{svg.TANGENT[len("var(--explore-tangent, ") : -1]}"' in svg.printed(drawn)


def test_an_arrow_ends_where_it_says():
    shaft, head = ET.fromstring(f"<g>{svg.arrow((10, 10), (110, 10), '#000', 4)}</g>")
    tip, *corners = (tuple(map(float, c.split())) for c in head.get("d")[1:-1].split("L"))
    assert tip == (110, 10)
    assert float(shaft.get("x2")) == corners[0][0] == corners[1][0] == 110 - 4.5 * 4
    assert corners[0][1] - 10 == pytest.approx(10 - corners[1][1])
    (dot,) = ET.fromstring(f"<g>{svg.arrow((5, 5), (5.5, 5), '#000', 4)}</g>")
    assert (dot.tag, dot.get("cx"), dot.get("cy")) == ("circle", "5", "5")


def test_a_path_is_interrupted_where_there_is_no_number():
    drawn = svg.path([(0.0, 0.0), (1.0, 1.0), (2.0, math.nan), (3.0, 3.0), (4.0, math.inf)])
    assert 'd="M0 0L1 1M3 3"' in drawn


@pytest.mark.parametrize("point", [(0.0, 0.0), (-1.5, 2.75), (4.0, -3.0)])
def test_a_plane_leads_there_and_back(point):
    plane = svg.Plane((-4, 4), (-3, 5), left=20, top=10, width=300, height=200)
    assert plane.inverse(*plane.at(*point)) == pytest.approx(point)
    assert plane.at(-4, 5) == (20, 10)
    assert plane.at(4, -3) == (320, 210)


def test_a_plane_keeps_far_points_within_what_browsers_can_draw():
    plane = svg.Plane((0, 1), (0, 1))
    assert max(map(abs, plane.at(1e12, -1e300))) < 1e4
    assert math.isnan(plane.at(0.5, math.nan)[1])


pytest.importorskip("anywidget")
