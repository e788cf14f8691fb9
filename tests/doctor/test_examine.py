"""What an examination says: its verdicts, its arrays, its words."""

import functools
import json
import re
import sys
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from diagnosed import later_styles, programs

import dualedu
from dualedu import nn, stop_gradient
from dualedu.doctor import adapters, examine, pages
from dualedu.doctor.claims import Problem
from dualedu.doctor.hypotheses import TABLE
from dualedu.doctor.oracles import by_duals
from dualedu.doctor.reading import Reading
from dualedu.doctor.upstream import Backward

W = np.array([0.3, -1.2, 2.0])


def test_two_faults_in_different_arrays_are_both_named():
    f, claimed, at, _ = programs.two_layers("")

    def faulty(w1, b1, w2, b2):
        g = list(programs.two_layers("slope missing")[1](w1, b1, w2, b2))
        g[2] = -claimed(w1, b1, w2, b2)[2]
        return tuple(g)

    found = examine(f, faulty, at)
    assert {(x.kind, x.arrays) for x in found.findings} == {
        ("slope missing", ("w1", "b1")),
        ("sign", ("w2",)),
    }


def test_an_unknown_fault_gets_no_name():
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(3)
    found = examine(lambda w: np.sum(w**3), lambda w: 3 * w**2 + noise * w[::-1] ** 2, W)
    assert found.verdict == "ill, kind unknown"
    assert "entries differ" in found.findings[0].detail


def test_evidence_is_the_prediction_held_against_the_claim():
    finding = examine(lambda w: np.sum(np.exp(w)), lambda w: 3.7 * np.exp(w), W).findings[0]
    assert finding.kind == "constant factor"
    assert finding.factor == pytest.approx(3.7)
    assert finding.predicted == pytest.approx(finding.measured)
    assert finding.true == pytest.approx(finding.measured / 3.7)


def test_one_number_alone_is_not_explained_by_what_would_show_elsewhere():
    """Labels of −1 and 1 in place of 0 and 1: three samples to one make the slope of the bias that
    of a wrong mask, and that of labels in reverse order; the weights tell both off."""
    f, gradient, at, _ = later_styles.weighted_logistic("")
    x, y, weights = (
        dict(zip(f.__code__.co_freevars, (c.cell_contents for c in f.__closure__), strict=True))[k]
        for k in ("x", "y", "weights")
    )

    def claimed(w, b):
        d = weights * (1 / (1 + np.exp(-x @ w - b)) - (2 * y - 1)) / np.sum(weights)
        return x.T @ d, np.sum(d)

    assert examine(f, gradient, at).healthy
    assert examine(f, claimed, at).verdict == "ill, kind unknown"


def test_a_factor_of_one_number_without_a_name_is_not_said_surely():
    at, sure = np.float64(0.7), {}
    for factor in (2, 1 / 30, 1.27632):
        (finding,) = examine(np.sin, lambda x, c=factor: c * np.cos(x), at).findings
        assert finding.kind in ("constant factor", "mean for sum")
        sure[factor] = finding.confidence
    assert sure[2] == sure[1 / 30] == 0.99
    assert sure[1.27632] == 0.9


def test_noise_where_there_is_no_slope_is_no_share_of_it():
    def claimed(a, b):
        return 1e-5 * np.sin(1e17 * a), 2 * b

    found = examine(lambda a, b: np.sum(b**2) + 0 * np.sum(a), claimed, (W, W))
    assert found.healthy
    (note,) = [note for note in found.notes if "jumps itself" in note]
    assert re.search(r"the claim for a is off by [0-9.]+e-0[56], no more", note, re.IGNORECASE)


def test_what_cannot_be_told():
    noisy = np.random.default_rng()
    found = examine(lambda w: np.sum(w) + noisy.normal(), lambda w: np.ones(3), W)
    assert found.verdict == "cannot tell"
    assert "fix the seed" in str(found)
    found = examine(lambda w: np.sum(np.log(w)), lambda w: 1 / w, W)
    assert found.verdict == "cannot tell"
    assert "the first step that is not is log, line" in str(found)
    found = examine(np.sum, np.ones_like, np.array([1.0, np.nan]))
    assert "the place itself" in str(found)


def test_a_fault_that_does_not_show_at_the_place_given():
    """A regulariser's slope on a bias that is zero."""
    found = examine(lambda b: np.sum(np.sin(b)), lambda b: np.cos(b) + 0.1 * b, np.zeros(3))
    assert found.kinds == ("regulariser",)
    assert "beside it" in found.notes[0]


def test_a_faulty_rule_of_f_is_seen_and_differences_judge():
    from dualedu.core.dual import Dual, apply

    def cube(x):
        if isinstance(x, Dual):
            return apply(cube, (lambda t, y, x: t * x**2,), (x,))
        return x**3

    found = examine(lambda w: np.sum(cube(w)), lambda w: 3 * w**2, W)
    assert found.healthy
    assert "own rule for dual numbers" in found.notes[0]


def test_what_came_is_not_changed():
    at = {"w": W.copy(), "rows": np.arange(3)}

    def f(p):
        p["w"] *= 2
        return np.sum(p["w"] * p["rows"])

    assert examine(f, lambda p: {"w": 2.0 * np.arange(3)}, at).healthy
    assert np.array_equal(at["w"], W)


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((3, len, W), {}, "must be a function"),
        ((np.sum, np.ones_like, np.arange(3)), {}, "nothing to differentiate"),
        ((np.sum, np.ones_like, W), {"kind": "slope"}, "it can be 'gradient', 'jacobian'"),
        ((np.sin, np.cos, W), {"kind": "gradient"}, "has no gradient; sum it"),
        ((np.sum, lambda w, v: v, W), {}, "kind='jvp'"),
        ((np.sum, lambda w: (w, w, w), W), {}, "say with wrt="),
        ((np.sum, lambda w: W, [1.0, 2.0]), {}, "for a vector give np.array"),
        ((lambda a, b: a + b, lambda a, b: (1.0, 1.0), 2.0), {}, "at= must be a tuple"),
        ((lambda w: None, np.ones_like, W), {}, "returns None"),
        ((np.sum, lambda w: 1j * w, W), {}, "claim returns an array of complex128"),
        ((np.sum, lambda: W, W), {}, r"kind='gradient', gets one argument, and takes \(\)"),
        ((np.sin, np.cos, W), {}, "np.diag"),
        ((np.sum, np.ones_like, W), {"wrt": 5}, "wrt is 5"),
        ((np.sum, np.zeros_like, W), {"kind": "update", "learning_rate": 0}, "must be positive"),
    ],
)
def test_a_message_leads_out(arguments, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        examine(*arguments, **options)


def test_as_a_dict_and_as_a_page():
    found = examine(lambda w: np.sum(w**2), lambda w: w, {"a<b": W}["a<b"])
    again = json.loads(json.dumps(found.as_dict()))
    assert again["findings"][0]["kind"] == "constant factor"
    page = found._repr_html_()
    assert '<svg role="img" aria-label=' in page
    assert found._repr_mimebundle_()["text/plain"] == str(found)


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


def test_it_is_loaded_on_demand():
    assert "doctor" in dir(dualedu)
    assert dualedu.doctor.examine is examine


def test_the_doctor_finds_both_faults_of_the_first_notebook():
    """With no hint: the patient as written, on a batch like the first one."""
    from dualedu import mnist
    from dualedu.teaching import patient

    digits = mnist.load()
    x, labels = patient.pixels(digits.train_images[:64]), digits.train_labels[:64]
    written = patient.Switches()

    def loss(W1, W2):
        return patient.loss([W1, W2], x, labels, written)

    def gradient(W1, W2):
        return patient.gradients([W1, W2], x, labels, written)[1]

    found = examine(loss, gradient, tuple(patient.initial_weights(written, rng=0)))
    assert [(f.kind, f.arrays) for f in found.findings] == [
        ("one number", ("W1", "W2")),
        ("diagonal of the Jacobian", ("W1", "W2")),
    ]
    healthy = patient.Switches("full", "units")
    found = examine(
        lambda W1, W2: patient.loss([W1, W2], x, labels, healthy),
        lambda W1, W2: patient.gradients([W1, W2], x, labels, healthy)[1],
        tuple(patient.initial_weights(healthy, rng=0)),
    )
    assert found.healthy, str(found)


def one_jvp_of_many(fault):
    """tanh(x W + b) of 2,440 parameters: too many to ask a jvp for them one by one."""
    rng = np.random.default_rng(0)
    x, at = rng.standard_normal((6, 60)), (0.2 * rng.standard_normal((60, 40)), np.zeros(40))

    def push(w, b, w_dot, b_dot):
        t = np.tanh(x @ w + b)
        z_dot = x @ w_dot + (0 if fault == "bias" else b_dot)
        slope = {"slope": 1, "nan": np.nan}.get(fault, 1 - t * t)
        noise = np.random.default_rng().normal(size=t.shape) if fault == "noise" else 0
        return {"two": 2, "": 1}.get(fault, 1) * slope * z_dot + noise

    return examine(lambda w, b: np.tanh(x @ w + b), push, at, kind="jvp")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("", set()),
        ("bias", {("zeros", ("b",))}),
        ("two", {("constant factor", ("w", "b"))}),
        ("slope", {("slope missing", ("w", "b"))}),
        ("nan", {("overflow", ("w",))}),
        ("noise", {("random estimate", ("w",)), ("random estimate", ("b",))}),
    ],
)
def test_a_jvp_of_many_numbers_is_asked_along_directions_alone(fault, found):
    assert {(x.kind, x.arrays) for x in one_jvp_of_many(fault).findings} == found


def test_it_tells_what_it_does():
    told = []
    examine(lambda w: np.sum(np.tanh(w)), lambda w: 1 - w**2, W, progress=told.append)
    assert told[0] == "measuring the slopes of f along random directions"
    assert any("at the steps inside of f" in words for words in told)


def test_patience_ends_the_search_and_the_diagnosis_says_so():
    asked = (lambda w: np.sum(np.tanh(w) ** 2), lambda w: 2 * np.tanh(w), W)
    assert examine(*asked).kinds == ("slope missing",)
    hurried = examine(*asked, patience=0)
    assert hurried.verdict == "ill, kind unknown"
    assert any("were not tried on w" in note for note in hurried.notes)
    assert not any("not tried" in note for note in examine(*asked).notes)


def test_a_hypothesis_that_fails_on_a_program_does_not_end_the_examination(monkeypatch):
    def broken(reading):
        yield from ()
        raise IndexError("list index out of range")

    table = tuple(replace(h, guesses=broken) if h.name == "zeros" else h for h in TABLE)
    monkeypatch.setattr("dualedu.doctor.examination.TABLE", table)
    found = examine(lambda w: np.sum(w**2), lambda w: w, W)
    assert found.kinds == ("constant factor",)
    assert any("“zeros” could not be tried" in note for note in found.notes)


def test_what_comes_back_through_the_steps_is_the_gradient():
    """Against dual numbers, through each way that it has: entry by entry, placed, added up,
    multiplied, and asked one by one."""

    def f(a, b):
        top = np.concatenate([a @ b, b], axis=0)
        rows = top[[0, 2, 2], 1:] / (1 + np.exp(-top[1, 1:]))
        largest = np.max(rows, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(rows - largest), axis=1))) + np.einsum("ij,ji->", a, b)

    rng = np.random.default_rng(4)
    at = [rng.standard_normal((3, 4)), rng.standard_normal((4, 3))]
    problem = Problem(f, lambda a, b: (a, b), tuple(at), None, None, None)
    trace = Reading(problem, at, np.ones(()), True, 1).trace
    back = Backward(trace).at
    for k, x in enumerate(at):
        units = np.eye(x.size).reshape(-1, *x.shape)
        truth = by_duals(problem.phi(np.ones(())), at, k, units).reshape(x.shape)
        np.testing.assert_allclose(back[k], truth, rtol=1e-6, atol=1e-8)


def test_momentum_is_told_from_chance():
    kept = {"v": np.zeros(3)}

    def gradient(w):
        kept["v"] = 0.9 * kept["v"] + 2 * w
        return kept["v"]

    (finding,) = examine(lambda w: np.sum(w**2), gradient, W).findings
    assert finding.kind == "accumulated"
    assert "0.9 times what was there" in finding.detail


def test_a_factor_keeps_its_name_in_float32():
    def f(w):
        return np.float32(np.sum(np.tanh(w.astype(np.float32))))

    (finding,) = examine(f, lambda w: 2 * (1 - np.tanh(w) ** 2), W).findings
    assert finding.detail == "twice the gradient"


def test_a_backward_that_uses_what_comes_in_only_in_part():
    """As a library's log-softmax did: right behind a cross-entropy, whose gradients sum to −1."""

    def log_softmax(z):
        return z - np.log(np.sum(np.exp(z)))

    def backward(z, g):
        return np.exp(log_softmax(z)) + g

    (finding,) = examine(log_softmax, backward, W, kind="vjp").findings
    assert finding.kind == "cotangent ignored"
    assert "of an incoming gradient of 0" in finding.detail


@pytest.mark.parametrize("page", pages.TITLES)
def test_the_pages_are_there_and_bear_their_titles(page):
    path = Path(__file__).parents[2] / page.replace(".html", ".ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    title = "".join(notebook["cells"][0]["source"]).splitlines()[0]
    assert title == f"# {pages.TITLES[page]}"


def test_what_rounding_hides_is_said():
    found = examine(lambda w: np.sum(np.tanh(w)), lambda w: 1 - np.tanh(w) ** 2, 20 * np.ones(3))
    assert "smaller than rounding lets see" in found.notes[0]

    def step(w):
        return (w - np.float32(1e-6) * (2 * w).astype(np.float32)).astype(np.float32)

    found = examine(
        lambda w: np.sum(w**2), step, W.astype(np.float32), kind="update", learning_rate=1e-6
    )
    assert found.healthy
    assert "as short as the gaps between its numbers" in found.notes[0]
    doubled = examine(
        lambda w: np.sum(w**2), lambda w: w - 2 * (w - step(w)), W, kind="update",
        learning_rate=1e-6,
    )  # fmt: skip
    assert doubled.verdict != "healthy"


def test_no_wrong_array_is_called_right():
    """A bias is explained by the finished array, its weights by a step inside of f alone."""
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((6, 4)), rng.integers(3, size=6)

    def loss(W, b):
        return nn.cross_entropy(x @ W + b, labels) + 0.05 * np.sum(W**2)

    def of_the_sum(W, b):
        s = nn.softmax(x @ W + b) - np.eye(3)[labels]
        return x.T @ s + 0.1 * W, s.sum(axis=0)

    found = examine(loss, of_the_sum, (rng.standard_normal((4, 3)), rng.standard_normal(3)))
    assert [finding.arrays for finding in found.findings] == [("W", "b")]
    assert found.headline == "Ill: the gradient for W and b is wrong."


def test_a_gradient_of_two_arrays_that_lacks_one():
    (finding,) = examine(lambda a, b: np.sum(a * b), lambda a, b: (None, a), (W, W + 1)).findings
    assert (finding.kind, finding.arrays) == ("zeros", ("a",))


def test_a_constant_is_no_regulariser_where_all_have_one_sign():
    (finding,) = examine(lambda w: np.sum(np.sin(w)), lambda w: np.cos(w) + 0.1, W**2).findings
    assert finding.kind == "a constant is added"


class WithRules:
    """A function with rules of its own, as one with jax.custom_vjp and jax.custom_jvp."""

    def __init__(self, run, backward, push):
        self.run, self.backward, self.push = run, backward, push

    def __call__(self, *arguments):
        return self.run(*arguments)


@pytest.fixture
def jax(monkeypatch):
    """As much of JAX as the adapters call: jax.vjp, jax.jvp and jax.numpy.asarray, whose answers
    are as its documentation has them. JAX itself is not among the requirements."""

    def vjp(function, *primals):
        out = function(*primals)

        def pull(cotangent):
            assert cotangent.dtype == out.dtype  # as JAX insists
            assert cotangent.shape == out.shape
            found = function.backward(*primals, cotangent)
            assert isinstance(found, tuple)
            return found

        return out, pull

    def jvp(function, primals, tangents):
        assert len(primals) == len(tangents)
        return function(*primals), function.push(*primals, *tangents)

    library = types.SimpleNamespace(vjp=vjp, jvp=jvp, numpy=np)
    monkeypatch.setitem(sys.modules, "jax", library)


@pytest.mark.parametrize(
    ("slope", "kinds"),
    [
        (lambda t: 1 - t * t, ()),
        (lambda t: 1, ("slope missing",)),
        (lambda t: 2 - 2 * t * t, ("constant factor",)),
    ],
)
def test_the_rules_of_jax_are_examined(jax, slope, kinds):
    def run(x, w):
        return np.tanh((x @ w).astype(np.float32))  # whatever it is given, as JAX does

    def backward(x, w, g):
        d = g * slope(run(x, w))
        return d @ w.T, x.T @ d

    def push(x, w, v, u):
        return slope(run(x, w)) * (v @ w + x @ u)

    rng = np.random.default_rng(0)
    at = rng.standard_normal((4, 3)), rng.standard_normal((3, 2))
    function = WithRules(run, backward, push)
    assert examine(*adapters.jax_vjp(function), at, kind="vjp").kinds == kinds
    assert examine(*adapters.jax_jvp(function), at, kind="jvp").kinds == kinds


WRONG_RULES = {
    "slope missing": lambda x: np.ones_like(x),
    "slope twice": lambda x: (1 - np.tanh(x) ** 2) ** 2,
    "slope at the wrong place": lambda x: 1 - np.tanh(np.tanh(x)) ** 2,
    "sign": lambda x: np.tanh(x) ** 2 - 1,
    "unknown": lambda x: x**2,
}


@pytest.mark.parametrize("kind", WRONG_RULES)
def test_an_activation_of_jax_whose_steps_cannot_be_followed(jax, kind):
    slope = WRONG_RULES[kind]

    def run(x):
        return np.frombuffer(np.tanh(np.array(x, float)).tobytes()).reshape(np.shape(x))

    function = WithRules(run, lambda x, g: (g * slope(x),), lambda x, v: slope(x) * v)
    at = np.random.default_rng(0).standard_normal(5)
    assert examine(*adapters.jax_vjp(function), at, kind="vjp").kinds == (kind,)
    assert examine(*adapters.jax_jvp(function), at, kind="jvp").kinds == (kind,)


@pytest.mark.parametrize("at", [[50.0], [40.0, -40.0], [60.0, 0.0, -60.0]])
def test_a_wrong_slope_of_a_steep_function_is_seen(at):
    found = examine(lambda w: np.sum(np.exp(w)), lambda w: 2 * np.exp(w), np.array(at))
    assert found.kinds == ("constant factor",)


def test_what_f_holds_besides_may_be_of_any_kind():
    W, empty = np.array([-1.0, 2.0, 3.0]), np.array([])
    masked = examine(lambda w: np.sum(w * (w > 0)), lambda w: np.ones(3), W)
    assert masked.verdict.startswith("ill")
    beside = examine(lambda w: np.sum(w**2) + np.sum(empty), lambda w: 3 * w**2, W)
    assert beside.verdict.startswith("ill")


@pytest.mark.parametrize("least", [1e-4, 1e-6])
def test_steps_out_of_the_domain_do_not_blind_the_differences(least):
    def f(w):
        return -np.sum(np.log(np.array(w, float)))  # never on dual numbers

    at = np.array([least, 1.0, 3.0])
    with np.errstate(invalid="ignore"):
        assert examine(f, lambda w: -1 / w, at).healthy
        assert examine(f, lambda w: -2 / w, at).verdict == "ill"


def test_a_rule_is_held_against_values_for_each_argument():
    def f(a, b):
        return -np.sum(np.log(a)) + np.sum(stop_gradient(b) ** 2)

    at = np.array([1e-7, 1.0, 3.0]), np.array([1.0, 2.0])
    with np.errstate(invalid="ignore"):
        assert examine(f, lambda a, b: (-1 / a, 2 * b), at).verdict != "ill"


def test_a_decorated_function_takes_what_it_takes_itself():
    def with_data(f):
        @functools.wraps(f)
        def g(w):
            return f(w, np.ones(3))

        return g

    f = with_data(lambda w, x: np.sum(w * w * x))
    assert examine(f, with_data(lambda w, x: 2 * w * x), np.arange(3.0)).healthy


def test_a_pair_that_may_be_two_gradients_the_wrong_way_round():
    def f(w, b):
        return np.sum(w * w) + 3 * b

    at = (W, 1.0)
    found = examine(f, lambda w, b: (3.0, 2 * w), at)
    assert found.verdict == "cannot tell"
    assert "in the wrong order" in found.reason
    assert examine(f, lambda w, b: (2 * w, 3.0), at).healthy
    assert examine(f, lambda w, b: (f(w, b), 2 * w), at).healthy


def test_f_and_its_gradient_exchanged():
    with pytest.raises(TypeError, match="are f and its gradient exchanged"):
        examine(lambda w: 2 * w, lambda w: np.sum(w * w), W)


def test_steps_of_padding_and_of_dot_can_be_run_again():
    """What NumPy writes into buffers of its own inside np.pad is no step; X.dot(w) of a plain X is
    one. Else each hypothesis would run all of f."""
    X = np.arange(12.0).reshape(4, 3)

    def padded(w):
        x = np.pad(w, 1)
        out = np.zeros(3)
        for k in range(3):
            out[k] = np.sum(x[k : k + 3] * W)
        return np.sum(out**2)

    for f in (padded, lambda w: np.sum(np.tanh(X.dot(w)))):
        problem = Problem(f, lambda w: w, W, None, None, None)
        reading = Reading(problem, [W], np.float64(1), False, 1)
        assert not reading.trace.orphans
        assert reading.trace.run_at([W + 1e-6]) is not None


def test_an_exponent_left_out_is_no_mean():
    """Of three numbers 1/3 is a mean for a sum as well; their cubes have a 3 of their own."""
    found = examine(lambda w: np.sum(w**3), lambda w: w**2, W)
    assert found.kinds == ("constant factor",)
    found = examine(
        lambda w: np.sum(np.sin(w) ** 3 + np.exp(w)),
        lambda w: np.sin(w) ** 2 * np.cos(w) + np.exp(w),
        W,
    )
    assert found.kinds == ("a step's factor",)
