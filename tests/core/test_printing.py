"""How dual numbers are written."""

import numpy as np
import pytest

from dualedu import Dual

EXAMPLES = [
    (Dual(3.0, 1.0), "3.0 + 1.0ε"),
    (Dual(3.0, -1.5), "3.0 - 1.5ε"),
    (Dual(-0.5, -0.0), "-0.5 - 0.0ε"),
    (Dual(0.5, -np.nan), "0.5 + nanε"),
    (Dual(np.float32(0.1), 2), "0.1 + 2.0ε"),
    (Dual(np.array([1.0, 2.0]), np.array([0.0, 1.0])), "[1. 2.] + [0. 1.]ε"),
    (
        Dual(np.eye(2), np.array([[1.0, 2.5], [3.0, -4.0]])),
        "[[1. 0.]  + [[ 1.   2.5]\n [0. 1.]]    [ 3.  -4. ]]ε",
    ),
    (Dual(6.0, np.array([1.0, 0.0])), "6.0 + [1. 0.]ε"),
    (
        Dual(np.ones(2), np.eye(2)),
        "[1. 1.] + (2 directions, tangent of shape (2, 2))ε",
    ),
    (Dual(np.ones(2), np.ones((1, 2))), "[1. 1.] + (1 direction, tangent of shape (1, 2))ε"),
    (Dual(Dual(2.0, 1.0), Dual(1.0, 0.0)), "(2.0 + 1.0ε) + (1.0 + 0.0ε)ε₂"),
    (Dual(np.ones(0), np.ones(0)), "[] + []ε"),
]


@pytest.mark.parametrize(("x", "text"), EXAMPLES)
def test_text(x, text):
    assert repr(x) == str(x) == text


def test_notebooks_write_it_so_too():
    pretty = pytest.importorskip("IPython.lib.pretty").pretty
    for x, text in EXAMPLES:
        assert pretty(x) == text


def test_format_applies_to_both_parts():
    assert f"{Dual(np.pi, -np.e):.2f}" == "3.14 - 2.72ε"
    assert f"{Dual(np.array([np.pi]), np.array([1.0])):.3f}" == "[3.142] + [1.000]ε"


FORMULAS = [
    (Dual(3.0, -1.0), r"$3 - 1\,\varepsilon$"),
    (Dual(1e-9, np.inf), r"$1 \cdot 10^{-9} + \infty\,\varepsilon$"),
    (
        Dual(np.array([1.0, 2.0]), np.array([0.5, 1.0])),
        r"$\begin{bmatrix} 1 & 2 \end{bmatrix} + "
        r"\begin{bmatrix} 0.5 & 1 \end{bmatrix}\,\varepsilon$",
    ),
    (Dual(np.eye(9), np.eye(9)), None),
    (Dual(1.0, np.ones(3)), None),
    (Dual(Dual(2.0, 1.0), Dual(1.0, 0.0)), None),
]


@pytest.mark.parametrize(("x", "formula"), FORMULAS)
def test_formula_for_notebooks(x, formula):
    assert x._repr_latex_() == formula
