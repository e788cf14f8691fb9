"""The rules of NumPy's functions against torch.func.jvp, on every call that torch has too."""

# ruff: noqa: E501

import numpy as np
import pytest
from numpy_calls import leaves
from ufunc_samples import RULES, every_rule, moving, sample

from dualedu import jvp

torch = pytest.importorskip("torch")
from torch_forms import tensor, torch_call, torch_calls  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


TORCH = {
    "cbrt": None, "conjugate": torch.conj_physical, "degrees": torch.rad2deg,
    "divide": torch.true_divide, "fabs": torch.abs, "float_power": torch.pow, "power": torch.pow,
    "radians": torch.deg2rad, "heaviside": None,
}  # fmt: skip


def directions(variables):
    rng = np.random.default_rng(0)
    return tuple(rng.uniform(-1, 1, np.shape(x)) for x in variables)


@pytest.mark.parametrize("call", torch_calls(), ids=str)
def test_tangents_agree_with_torch(call):
    variables, v = call.variables, directions(call.variables)
    _, ours = jvp(lambda *xs: call(xs), variables, v)
    _, theirs = torch.func.jvp(
        lambda *xs: tuple(leaves(torch_call(call, xs))),
        tuple(map(tensor, variables)),
        tuple(map(tensor, v)),
    )
    for tangent, expected in zip(leaves(ours), theirs, strict=True):
        np.testing.assert_allclose(tangent, expected.numpy(force=True), rtol=1e-11, atol=1e-12)


def test_torch_knows_most_of_the_table():
    assert len({call.function for call in torch_calls()}) > 80


@every_rule
def test_tangents_agree_with_torch_to_second_order(ufunc):
    theirs = TORCH.get(ufunc.__name__, getattr(torch, ufunc.__name__, None))
    if theirs is None:
        assert ufunc in (np.cbrt, np.heaviside)
        return
    shapes = ((2, 3), (3,))[: len(RULES[ufunc].partials)]
    points, directions = sample(ufunc, shapes)
    if ufunc is np.ldexp:
        exponents, theirs = torch.tensor(points[1]), lambda x: torch.ldexp(x, exponents)
    f, points = moving(ufunc, points)
    directions = directions[: len(points)]

    def run(jvp, f, to):
        points_, directions_ = tuple(map(to, points)), tuple(map(to, directions))
        first = lambda *xs: jvp(f, xs, directions_)[1]  # noqa: E731
        return (*jvp(f, points_, directions_), jvp(first, points_, directions_)[1])

    for ours, reference in zip(
        run(jvp, f, np.asarray), run(torch.func.jvp, theirs, torch.tensor), strict=True
    ):
        np.testing.assert_allclose(ours, reference.numpy(), rtol=1e-11, atol=1e-13)


def test_eigenvectors_and_singular_vectors_against_torch():
    rng = np.random.default_rng(1)
    a, v = rng.standard_normal((2, 4, 4)), rng.standard_normal((2, 4, 4))
    a, v = a + np.swapaxes(a, -1, -2), v + np.swapaxes(v, -1, -2)
    for ours, theirs in (
        (lambda a: np.linalg.eigh(a)[0], lambda a: torch.linalg.eigh(a)[0]),
        (lambda a: np.linalg.eigh(a)[1] ** 2, lambda a: torch.linalg.eigh(a)[1] ** 2),
        (lambda a: np.linalg.svd(a[..., :3], False)[0] ** 2, lambda a: torch.linalg.svd(a[..., :3], False)[0] ** 2),
        (lambda a: np.linalg.svd(a[..., :3, :], False)[2] ** 2, lambda a: torch.linalg.svd(a[..., :3, :], False)[2] ** 2),
        (np.linalg.pinv, torch.linalg.pinv), (np.linalg.inv, torch.linalg.inv),
        (lambda a: np.linalg.qr(a)[1] ** 2, lambda a: torch.linalg.qr(a)[1] ** 2),
        (lambda a: np.linalg.cholesky(a @ a), lambda a: torch.linalg.cholesky(a @ a)),
        (np.linalg.det, torch.linalg.det), (lambda a: np.linalg.slogdet(a)[1], lambda a: torch.linalg.slogdet(a)[1]),
        (lambda a: np.linalg.norm(a, 2, axis=(-2, -1)), lambda a: torch.linalg.matrix_norm(a, 2)),
        (lambda a: np.linalg.norm(a, "nuc", axis=(-2, -1)), lambda a: torch.linalg.matrix_norm(a, "nuc")),
    ):  # fmt: skip
        tangent = jvp(ours, (a,), (v,))[1]
        expected = torch.func.jvp(theirs, (torch.tensor(a),), (torch.tensor(v),))[1]
        np.testing.assert_allclose(tangent, expected.numpy(), rtol=1e-9, atol=1e-10)
