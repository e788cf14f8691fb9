"""A wrong array as a picture."""

import re

import numpy as np
import pytest

from dualedu.doctor import examine

W = np.array([0.3, -1.2, 2.0])


@pytest.mark.parametrize(
    ("claimed", "length", "angle"),
    [
        (lambda w: -2 * w, 1, 180),
        (lambda w: w * np.array([2.0, 0.0]), 1 / np.sqrt(2), 45),
        (lambda w: 6 * w[::-1] * np.array([1.0, -1.0]), 3, 90),
        (lambda w: 2 * w + 2e-3 * w[::-1] * np.array([1.0, -1.0]), 1, 0.1 / np.sqrt(3.046)),
    ],
)
def test_arrows_have_the_angle_and_the_lengths(claimed, length, angle):
    w = np.array([1.0, 1.0])
    page = examine(lambda w: np.sum(w**2), claimed, w)._repr_html_()
    said = re.search(
        r"has ([\d.]+) times the length of the true one and is turned by ([\d.]+) deg", page
    )
    assert float(said[1]) == pytest.approx(length, rel=5e-3)
    assert float(said[2]) == pytest.approx(angle, abs=0.06)


def test_a_gradient_of_zeros_has_no_arrow():
    page = examine(lambda w: np.sum(w**2), np.zeros_like, W)._repr_html_()
    assert "Two heat-maps" in page
    assert "Arrows" not in page
