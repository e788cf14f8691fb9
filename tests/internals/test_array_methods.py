"""Being an array: methods, attributes and protocols are those of arrays."""

import numpy as np
import pytest

from dualedu import Dual


def test_array_properties_and_protocols():
    x = Dual(np.arange(6.0).reshape(2, 3), np.ones((2, 3)))
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((2, 3), 2, 6, 2, np.float64)
    assert x.T.shape == x.mT.shape == (3, 2)
    assert [row.primal.tolist() for row in x] == [[0, 1, 2], [3, 4, 5]]
    assert x[1, 2].item().primal == 5.0
    assert x.item(4).primal == 4.0
    assert x.item(1, 0).primal == x.item((1, 0)).primal == x.item((3,)).primal == 3.0
    with pytest.raises(TypeError, match="key of a dictionary"):
        hash(x)
    scalar = Dual(1.0, 1.0)
    with pytest.raises(TypeError, match="scalar"):
        len(scalar)
    with pytest.raises(TypeError, match="scalar"):
        iter(scalar)
    with pytest.raises(ValueError, match="6 elements"):
        x.item()


METHODS = {
    "sum": (), "mean": (), "prod": (), "cumsum": (), "cumprod": (), "var": (), "std": (),
    "max": (), "min": (), "clip": (0.5, 2.5), "reshape": (3, 2), "ravel": (), "flatten": (),
    "transpose": (1, 0), "swapaxes": (0, 1), "squeeze": (), "repeat": (2,), "take": ([0, 2],),
    "diagonal": (), "trace": (), "copy": (), "astype": (np.float32,), "dot": (np.ones(3),),
    "compress": ([False, True], 0), "conj": (), "conjugate": (),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_methods_equal_those_of_arrays_and_carry_tangents(name):
    values = np.array([[0.7, 1.3, 2.1], [0.2, 3.3, 1.9]])
    direction = np.array([[1.0, -2.0, 0.5], [0.3, 0.1, -1.0]])
    x = Dual(values, direction)
    y = getattr(x, name)(*METHODS[name])
    np.testing.assert_array_equal(y.primal, getattr(values, name)(*METHODS[name]))
    if name != "astype":
        h = 1e-6
        ahead = getattr(values + h * direction, name)(*METHODS[name])
        behind = getattr(values - h * direction, name)(*METHODS[name])
        np.testing.assert_allclose(y.tangent, (ahead - behind) / (2 * h), rtol=1e-7, atol=1e-8)


LOOKING = {
    "argmax": (), "argmin": (), "argsort": (), "any": (), "all": (), "round": (), "nonzero": (),
    "argpartition": (1,), "searchsorted": (0.5,),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKING)
def test_methods_that_only_look_at_the_primal(name):
    values = np.array([0.7, 1.3, -2.1])
    outcome = getattr(Dual(values, np.ones(3)), name)(*LOOKING[name])
    np.testing.assert_array_equal(outcome, getattr(values, name)(*LOOKING[name]))


def test_a_dual_number_is_real():
    x = Dual(np.array([0.7, 1.3]), np.array([2.0, 3.0]))
    np.testing.assert_array_equal(x.real.tangent, x.tangent)
    np.testing.assert_array_equal(x.imag, [0.0, 0.0])


def reason(x, name):
    try:
        getattr(x, name)
    except (AttributeError, TypeError) as error:
        return str(error)
    return None


def test_everything_that_an_array_has_is_there_or_says_what_to_do():
    x = Dual(np.ones((2, 2)), np.ones((2, 2)))
    names = [name for name in dir(np.ndarray) if not name.startswith("_")]
    reasons = [said for name in names if (said := reason(x, name))]
    assert all(said.startswith("a dual number ") and "; " in said for said in reasons), reasons
    assert reason(x, "sums") == "a dual number has no attribute 'sums'"


def test_astype_keeps_to_floats():
    assert Dual(1.0, 1.0).astype(np.float32).tangent.dtype == np.float32
    with pytest.raises(TypeError, match="drop the tangent"):
        Dual(1.0, 1.0).astype(int)
