"""Fits and phases: what moves with their points."""

import numpy as np
import pytest
from mistakes import refuses

from dualedu import check_jvp, jacobian, jvp

X = np.array([0.3, 1.1, 2.1, 3.2])
Y = np.array([0.2, 0.9, 2.4, 2.9])


def test_a_fit_moves_with_its_points():
    """Of a straight line through exact points: the slope moves with the last point as by hand."""
    fit = lambda y: np.polyfit(X, y, 1)  # noqa: E731
    centred = X - X.mean()
    expected = centred / np.sum(centred**2)
    np.testing.assert_allclose(jacobian(fit)(2 * X + 1)[0], expected, rtol=1e-10)
    check_jvp(lambda x, y: np.polyfit(x, y, 2), X, Y, order=2, tolerance=1e-5)
    for option in ({"full": True}, {"cov": True}):
        with pytest.raises(TypeError, match=r"np\.linalg\.lstsq\(np\.vander"):
            jvp(lambda y: np.polyfit(X, y, 1, **option), (Y,), (Y,))  # noqa: B023


def test_zeros_of_a_list_of_coefficients():
    check_jvp(lambda x: np.sort(np.roots([1, -6 - x[0], 11 + x[1], -6.0])), X, order=2)


REFUSED = {
    "dual period": (lambda a: np.unwrap(a, period=a[0, 0]), "first argument only"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_rule_does_not_take_is_refused(name):
    refuses(*REFUSED[name])
