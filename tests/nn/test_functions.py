"""The stable functions: torch, central differences, and inputs of ±10,000."""

import numpy as np
import pytest

from dualedu import check_jvp, derivative, gradient, hvp, jacobian, jvp, nn, value_and_gradient
from dualedu.core.dual import make
from dualedu.internals.levels import OPEN_LEVELS
from dualedu.nn.functions import maximum

torch = pytest.importorskip("torch")
F = torch.nn.functional

LABELS = np.array([2, 0, 1, 1])
FUNCTIONS = {
    "sigmoid": (nn.sigmoid, torch.sigmoid),
    "softplus": (nn.softplus, lambda x: torch.logaddexp(x, torch.zeros_like(x))),
    "relu": (nn.relu, torch.relu),
    "tanh": (nn.tanh, torch.tanh),
    "softmax": (nn.softmax, lambda x: torch.softmax(x, -1)),
    "softmax, axis 0": (lambda x: nn.softmax(x, axis=0), lambda x: torch.softmax(x, 0)),
    "log_softmax": (nn.log_softmax, lambda x: torch.log_softmax(x, -1)),
    "log_softmax, axis 0": (lambda x: nn.log_softmax(x, axis=0), lambda x: torch.log_softmax(x, 0)),
    "log_softmax, all axes": (
        lambda x: nn.log_softmax(x, axis=None),
        lambda x: torch.log_softmax(x.ravel(), 0).reshape(x.shape),
    ),
    "softmax, two axes": (
        lambda x: nn.softmax(x, axis=(0, -1)),
        lambda x: torch.softmax(x.ravel(), 0).reshape(x.shape),
    ),
    "logsumexp, all axes": (
        lambda x: nn.logsumexp(x, axis=None),
        lambda x: torch.logsumexp(x, tuple(range(x.ndim))),
    ),
    "logsumexp": (nn.logsumexp, lambda x: torch.logsumexp(x, -1)),
    "logsumexp, axis 0": (
        lambda x: nn.logsumexp(x, axis=0, keepdims=True),
        lambda x: torch.logsumexp(x, 0, keepdim=True),
    ),
    "cross_entropy": (
        lambda x: nn.cross_entropy(x, LABELS),
        lambda x: F.cross_entropy(x, torch.tensor(LABELS)),
    ),
    "cross_entropy, sum": (
        lambda x: nn.cross_entropy(x, LABELS, reduction="sum"),
        lambda x: F.cross_entropy(x, torch.tensor(LABELS), reduction="sum"),
    ),
    "cross_entropy, none": (
        lambda x: nn.cross_entropy(x, LABELS, reduction="none"),
        lambda x: F.cross_entropy(x, torch.tensor(LABELS), reduction="none"),
    ),
}
X = np.random.default_rng(3).standard_normal((4, 3))
V = np.random.default_rng(4).standard_normal((4, 3))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_agree_with_torch(name):
    ours, theirs = FUNCTIONS[name]
    value, tangent = jvp(ours, (X,), (V,))
    expected = torch.func.jvp(theirs, (torch.tensor(X),), (torch.tensor(V),))
    np.testing.assert_allclose(value, expected[0].numpy(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(tangent, expected[1].numpy(), rtol=1e-11, atol=1e-14)
    np.testing.assert_array_equal(value, ours(X))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_nest_and_take_several_directions(name):
    ours, _ = FUNCTIONS[name]
    check_jvp(ours, X, order=3)
    directions = np.stack([V, -2 * V, V[::-1]])
    _, together = jvp(ours, (X,), (directions,))
    apart = [jvp(ours, (X,), (v,))[1] for v in directions]
    np.testing.assert_allclose(together, apart, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [100.0, 1e4])
def test_functions_stay_right_far_from_zero(name, dtype, scale):
    ours, theirs = FUNCTIONS[name]
    x, v = (scale * np.sign(X)).astype(dtype), V.astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, tangent = jvp(ours, (x,), (v,))
    assert value.dtype == tangent.dtype == dtype
    expected = torch.func.jvp(
        theirs, (torch.tensor(x, dtype=torch.float64),), (torch.tensor(v, dtype=torch.float64),)
    )
    tolerance = 10 * np.finfo(dtype).eps
    np.testing.assert_allclose(value, expected[0].numpy(), rtol=tolerance, atol=1e-30)
    # torch's 1 - s loses the last bits where s is near 1: an absolute tolerance for those.
    np.testing.assert_allclose(tangent, expected[1].numpy(), rtol=tolerance, atol=1e-15)


@pytest.mark.parametrize("x", [40.0, -40.0, 700.0, -700.0])
def test_the_slope_of_the_sigmoid_keeps_its_relative_precision(x):
    np.testing.assert_allclose(derivative(nn.sigmoid)(x), np.exp(-abs(x)), rtol=1e-14)


def test_scalars_stay_scalars_and_kinks_are_documented():
    assert np.shape(nn.sigmoid(0.0)) == ()
    assert derivative(nn.sigmoid)(0.0) == 0.25
    assert derivative(nn.relu)(0.0) == 0.0
    assert derivative(nn.relu)(1e-300) == 1.0
    assert nn.softmax([0.0, 0.0]).tolist() == [0.5, 0.5]


def test_softmax_jacobian_is_the_whole_one():
    z = np.array([0.3, -1.0, 2.0])
    p = nn.softmax(z)
    np.testing.assert_allclose(jacobian(nn.softmax)(z), np.diag(p) - np.outer(p, p), rtol=1e-14)
    np.testing.assert_allclose(jacobian(nn.softmax)(z).sum(axis=0), 0, atol=1e-16)


def test_logits_of_minus_infinity_are_impossible_classes():
    z = np.array([0.0, -np.inf, 1.0])
    value, tangent = jvp(nn.softmax, (z,), (np.ones(3),))
    assert value[1] == 0
    assert np.isfinite(tangent).all()
    assert np.isfinite(jvp(nn.logsumexp, (z,), (np.ones(3),))[1])


@pytest.mark.parametrize("shape", [(5,), (2, 3, 5), (0, 5)])
def test_cross_entropy_takes_any_leading_axes(shape):
    rng = np.random.default_rng(0)
    z, v = rng.standard_normal(shape), rng.standard_normal((2, *shape))
    labels = rng.integers(0, 5, shape[:-1])
    losses = nn.cross_entropy(z, labels, reduction="none")
    assert losses.shape == shape[:-1]
    expected = -np.take_along_axis(nn.log_softmax(z), labels[..., None], -1)[..., 0]
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    _, tangent = jvp(lambda z: nn.cross_entropy(z, labels, reduction="none"), (z,), (v,))
    _, reference = jvp(
        lambda z: -np.take_along_axis(nn.log_softmax(z), labels[..., None], -1)[..., 0], (z,), (v,)
    )
    np.testing.assert_allclose(tangent, reference, rtol=1e-11, atol=1e-14)


def test_a_shift_of_all_logits_moves_no_loss():
    z = np.random.default_rng(0).standard_normal((3, 5))
    _, tangent = jvp(lambda s: nn.cross_entropy(z + s, [0, 4, 2]), (0.5,), (np.ones(4),))
    np.testing.assert_allclose(tangent, np.zeros(4), atol=1e-15)


AFFINE = [  # which of x, W, b is differentiated, and the number of directions
    (active, count)
    for active in [(1, 1, 1), (0, 1, 1), (1, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 1)]
    for count in (None, 3)
]


@pytest.mark.parametrize(("active", "count"), AFFINE)
@pytest.mark.parametrize("batch", [(), (5,), (2, 5)])
def test_affine_is_the_product_plus_the_bias(active, count, batch):
    rng = np.random.default_rng(0)
    parts = [rng.standard_normal(s) for s in ((*batch, 4), (4, 3), (3,))]
    lead = () if count is None else (count,)
    chosen = [i for i in range(3) if active[i]]

    def with_constants(f):
        def g(*xs):
            full = list(parts)
            for i, x in zip(chosen, xs, strict=True):
                full[i] = x
            return f(*full)

        return g

    points = tuple(parts[i] for i in chosen)
    directions = tuple(rng.standard_normal(lead + p.shape) for p in points)
    before = [p.copy() for p in (*parts, *directions)]
    ours = jvp(with_constants(nn.affine), points, directions)
    plain = jvp(with_constants(lambda x, w, b: x @ w + b), points, directions)
    np.testing.assert_array_equal(ours[0], plain[0])
    np.testing.assert_allclose(ours[1], plain[1], rtol=1e-13)
    assert all(np.array_equal(p, q) for p, q in zip(before, (*parts, *directions), strict=True))
    if count is None:
        check_jvp(with_constants(nn.affine), *points, order=2)


def test_affine_broadcasts_a_bias_for_each_row():
    product, bias = np.full(3, 4.0), np.arange(6.0).reshape(2, 3)
    x, w = np.ones(4), np.ones((4, 3))
    np.testing.assert_array_equal(nn.affine(x, w, bias), product + bias)
    seeds = np.random.default_rng(0).standard_normal((2, 2, 3))
    for b, v in ((bias, seeds), (0.5, seeds[:, 0, 0])):
        ours = jvp(lambda w, b: nn.affine(x, w, b), (w, b), (np.ones((2, 4, 3)), v))
        plain = jvp(lambda w, b: x @ w + b, (w, b), (np.ones((2, 4, 3)), v))
        np.testing.assert_array_equal(ours[0], plain[0])
        np.testing.assert_array_equal(ours[1], plain[1])


def test_affine_takes_the_common_dtype():
    x, w, b = np.ones((2, 3), np.float32), np.ones((3, 2), np.float32), np.ones(2)
    assert nn.affine(x, w, b).dtype == np.float64
    assert jvp(lambda w: nn.affine(x, w, b), (w,), (w,))[1].dtype == np.float64


def test_directions_shared_by_a_batch_give_what_repeated_ones_give():
    rng = np.random.default_rng(0)
    z, labels = rng.standard_normal((6, 4)), np.array([0, 1, 2, 3, 1, 0])
    seeds = rng.standard_normal((3, 1, 4))
    level = 0
    assert level in OPEN_LEVELS
    shared = nn.cross_entropy(make(z, seeds, level, 3), labels, reduction="none")
    whole = nn.cross_entropy(make(z, np.repeat(seeds, 6, axis=1), level, 3), labels, "none")
    np.testing.assert_allclose(shared.tangent, whole.tangent, rtol=1e-13)
    assert shared.tangent.shape == (3, 6)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("shape", [(3, 40, 10), (33, 2, 32), (1, 1, 33)])
def test_the_stabilising_maximum_is_numpys(shape, axis):
    z = np.random.default_rng(0).standard_normal(shape)
    z[0, 0, 0] = np.nan
    np.testing.assert_array_equal(maximum(z, axis), z.max(axis=axis, keepdims=True))


# --- sure answers and impossible states -----------------------------------------------------------


@pytest.mark.parametrize("lead", [5.0, 20.0, 40.0, 300.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_slopes_of_a_sure_answer_keep_their_digits(lead, dtype):
    """1 − p of the likeliest class is the sum of the others: no difference of numbers near 1."""
    z = np.array([[lead, 0.0, -3.0]], dtype)
    powers = np.exp(z.astype(float)[0] - lead)
    p = powers / powers.sum()
    slope = np.array([-(p[1] + p[2]), p[1], p[2]])  # of the loss with the likeliest label
    rtol = 1e-12 if dtype is np.float64 else 3e-5
    tiny = {"rtol": rtol, "atol": float(np.finfo(dtype).tiny)}
    loss = gradient(lambda z: nn.cross_entropy(z, np.array([0])))(z)
    np.testing.assert_allclose(loss[0], slope, **tiny)
    np.testing.assert_allclose(gradient(lambda z: nn.log_softmax(z)[0, 0])(z)[0], -slope, **tiny)
    np.testing.assert_allclose(gradient(lambda z: nn.softmax(z)[0, 0])(z)[0], -p[0] * slope, **tiny)
    wrong = gradient(lambda z: nn.cross_entropy(z, np.array([1])))(z)
    np.testing.assert_allclose(wrong[0], [p[0], -(p[0] + p[2]), p[2]], **tiny)


def test_softmax_that_ties_or_spans_axes_has_torchs_jacobian():
    z = np.array([[1.0, 1.0, -0.5], [0.3, 1.0, 1.0]])
    for ours, theirs in (
        (nn.softmax, lambda z: torch.softmax(z, -1)),
        (nn.log_softmax, lambda z: torch.log_softmax(z, -1)),
        (lambda z: nn.softmax(z, None), lambda z: torch.softmax(z.ravel(), 0).reshape(z.shape)),
    ):
        expected = torch.func.jacfwd(theirs)(torch.tensor(z))
        np.testing.assert_allclose(jacobian(ours)(z), expected.numpy(), atol=1e-15)


INF = np.inf


@pytest.mark.parametrize(
    ("row", "weights"),
    [
        ([-INF, -INF], [0, 0]),
        ([-INF, 0.0], [0, 1]),
        ([-INF, 1.0, 1.0], [0, 0.5, 0.5]),
        ([INF, 1.0], [1, 0]),
        ([INF, INF, -INF], [0.5, 0.5, 0]),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_impossible_states_weigh_nothing(row, weights, dtype):
    x = np.array(row, dtype)
    slope = gradient(lambda x: nn.logsumexp(x))(x)
    assert slope.dtype == dtype
    assert slope.tolist() == weights
    rows = jacobian(lambda x: nn.logsumexp(np.stack([x, x]), axis=1))(x)
    assert rows.tolist() == [weights, weights]


def test_paths_through_impossible_states():
    """A chain that can only stay or move on, in log space: its states behind are impossible yet."""

    def chain(p):
        states = np.hstack([p[0], -INF, -INF])
        for step in p[1:]:
            before = np.hstack([-INF, states[:-1]])
            states = nn.logsumexp(np.stack([states, before]), axis=0) + step
        return nn.logsumexp(states)

    p = np.array([0.4, -0.3, 0.2])
    value, slope = value_and_gradient(chain)(p)
    assert value == pytest.approx(p.sum() + np.log(4))  # stay or move, twice
    np.testing.assert_allclose(slope, np.ones(3))
    np.testing.assert_allclose(hvp(chain, p, np.ones(3)), np.zeros(3), atol=1e-15)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("directions", [(), (1,), (3,)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_a_row_that_is_undefined_leaves_the_others_alone(bad, directions, keepdims):
    x = np.array([[0.3, -1.2, 0.4], [bad, 0.1, 0.2], [0.5, 0.0, -2.0]])
    v = np.random.default_rng(0).normal(size=(*directions, 3, 3))
    v[..., 0, 0] = 0
    value, tangent = jvp(lambda x: nn.logsumexp(x, keepdims=keepdims), (x,), (v,))
    assert tangent.shape == (*directions, *value.shape)
    for i in (0, 2):
        alone = jvp(nn.logsumexp, (x[i],), (v[..., i, :],))[1]
        np.testing.assert_allclose(tangent.reshape(*directions, 3)[..., i], alone, rtol=1e-14)
    assert np.isnan(tangent.reshape(*directions, 3)[..., 1]).all() == np.isnan(bad)
