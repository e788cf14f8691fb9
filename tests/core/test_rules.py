"""The table of ufuncs: every line against central differences to second order, for
scalars, arrays and broadcast pairs, in both precisions."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from ufunc_samples import RULES, every_rule, moving, sample

from dualedu import Dual, check_jvp, jvp
from dualedu.internals.registry import of_kind

CONSTANT = [f for f in of_kind("constant") if isinstance(f, np.ufunc)]
SHAPES = {
    1: [((),), ((3,),), ((2, 3),), ((2, 0),)],
    2: [((), ()), ((3,), ()), ((), (2, 3)), ((2, 1), (3,)), ((2, 3), (2, 3)), ((0, 1), (1, 4))],
}
every_rule_and_shape = pytest.mark.parametrize(
    ("ufunc", "shapes"),
    [(u, s) for u, rule in RULES.items() for s in SHAPES[len(rule.partials)]],
    ids=lambda value: getattr(value, "__name__", str(value)),
)


@every_rule_and_shape
def test_tangents_agree_with_central_differences_to_second_order(ufunc, shapes):
    f, points = moving(ufunc, sample(ufunc, shapes)[0])
    check_jvp(f, *points, tolerance=1e-7)


@every_rule_and_shape
def test_values_are_numpys_in_every_precision(ufunc, shapes):
    points, directions = sample(ufunc, shapes)
    for dtype in (np.float16, np.float32, np.float64):
        cast = tuple(
            p if p.dtype.kind == "i" else np.asarray(p, dtype) for p in map(np.asarray, points)
        )
        f, moved = moving(ufunc, cast)
        for seeds in (directions, tuple(np.stack([v, -v, 2 * v]) for v in directions)):
            value, tangent = jvp(f, moved, seeds[: len(moved)])
            expected = ufunc(*cast)
            np.testing.assert_array_equal(value, expected)
            assert value.dtype == tangent.dtype == expected.dtype
            assert tangent.shape[-value.ndim :] == expected.shape or not value.ndim


@every_rule
def test_directions_at_once_are_single_runs(ufunc):
    points, _ = sample(ufunc, ((2, 1), (3,))[: len(RULES[ufunc].partials)])
    f, points = moving(ufunc, points)
    rng = np.random.default_rng(5)
    directions = tuple(rng.uniform(-1, 1, (3, *p.shape)) for p in points)
    _, together = jvp(f, points, directions)
    for k in range(3):
        np.testing.assert_array_equal(
            together[k], jvp(f, points, tuple(v[k] for v in directions))[1]
        )


@every_rule
def test_rules_of_one_argument_leave_the_other_constant(ufunc):
    points, directions = sample(ufunc, ((3,), (3,))[: len(RULES[ufunc].partials)])
    total = 0
    for i, partial in enumerate(RULES[ufunc].partials):
        if ufunc is np.ldexp and i == 1:
            continue
        args = list(points)
        args[i] = Dual(points[i], directions[i])
        z = ufunc(*args)
        if partial is None:
            assert type(z) is np.ndarray
        else:
            total = total + z.tangent
    f, points = moving(ufunc, points)
    np.testing.assert_allclose(total, jvp(f, points, directions[: len(points)])[1], rtol=1e-13)


@pytest.mark.parametrize("ufunc", CONSTANT, ids=lambda ufunc: ufunc.__name__)
def test_constants_are_plain_values(ufunc):
    x, y = np.array([0.4, -1.5, 2.0]), np.array([0.7, -1.5, 0.2])
    args = (x, y)[: ufunc.nin]
    outcome = ufunc(*(Dual(a, np.ones(3)) for a in args))
    assert type(outcome) is np.ndarray
    np.testing.assert_array_equal(outcome, ufunc(*args))
    if ufunc.nin == 2:
        np.testing.assert_array_equal(ufunc(x, Dual(y, y)), ufunc(x, y))


def test_every_rule_has_a_formula_and_a_domain_for_each_argument():
    for ufunc, rule in RULES.items():
        assert r"\dot" in rule.formula
        assert len(rule.partials) == len(rule.domain) == ufunc.nin
        assert all(low < high for low, high in rule.domain)
        with pytest.raises(FrozenInstanceError):
            rule.formula = ""
