"""More programs as people write them: spectra and roots, waves and bands, books and populations,
and Python's own ways of putting numbers together. Held as those of test_programs are: value of
plain NumPy, differences to second order, arguments as they were, no warning of its own."""

import copy
import dataclasses
import functools
import heapq
import itertools
import math
import operator
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from held_programs import hold, table

from dualedu import gradient, hvp, jacobian, jvp

R = np.random.default_rng(11)
SERIES = R.normal(size=12)
SQUARE = R.normal(size=(3, 3))
THREE = np.array([0.7, 1.3, 0.4])
FOUR = np.array([0.9, -0.4, 1.6, 0.5])
SIGNAL = R.normal(size=16)

PROGRAMS, program = table()


# --- spectra, roots, complex numbers on the way --------------------------------------------------


@program(THREE)
def growth_of_a_population(rates):
    """The largest eigenvalue of a Leslie matrix, and the ages of a population that grows so."""
    first = np.stack([rates[0], rates[1], rates[2]])
    leslie = np.stack([first, np.array([0.5, 0, 0]) + 0 * first, np.array([0, 0.4, 0]) + 0 * first])
    values, vectors = np.linalg.eig(leslie)
    k = np.argmax(np.abs(values))
    ages = np.abs(vectors[:, k])
    return values[k].real, ages / ages.sum()


@program(THREE)
def where_a_chain_comes_to_rest(weights):
    steps = np.array([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3], [0.2, 0.3, 0.5]]) ** weights[:, None]
    steps = steps / steps.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(steps.T)
    rest = np.real(vectors[:, np.argmax(values.real)])
    return rest / rest.sum()


@program(np.array([1.0, 0.6, 1.5, 2.0]))
def damping_of_the_slowest_root(c):
    return np.max(np.roots(c).real), np.sort(np.abs(np.roots(c)))


@program(np.array([0.6, -1.1, 0.8]))
def bands_of_a_chain(p):
    k, t, m = p
    hop = 1 + t * np.exp(-1j * k)
    h = np.stack([np.stack([m + 0j, hop]), np.stack([np.conj(hop), -m + 0j])])
    return np.linalg.eigvalsh(h)


@program(np.array([0.4, 1.2, 0.9]))
def a_filter_of_two_poles(p):
    """|H| at some frequencies, and the phase, from R, L and C."""
    r, ell, c = p
    w = np.linspace(0.5, 2, 6)
    h = 1 / (1 - w**2 * ell * c + 1j * w * r * c)
    return np.abs(h), np.angle(h), np.linalg.norm(h)


@program(SIGNAL)
def a_transform_by_halves(x):
    def transform(z):
        n = len(z)
        if n == 1:
            return z
        even, odd = transform(z[::2]), transform(z[1::2])
        odd = np.exp(-2j * np.pi * np.arange(n // 2) / n) * odd
        return np.concatenate([even + odd, even - odd])

    return np.abs(transform(x)), transform(x).imag


@program(SIGNAL)
def a_spectrogram(x):
    frames = np.lib.stride_tricks.sliding_window_view(x, 8)[::4] * np.hanning(8)
    return 10 * np.log10(np.abs(np.fft.rfft(frames, axis=-1)) ** 2 + 1e-6)


@program(THREE)
def curvature_of_a_curve(p):
    """By np.gradient over the length of the arc, which depends on the curve."""
    t = np.linspace(0, 2, 9)
    x, y = p[0] * np.cos(t), p[1] * np.sin(t) + p[2] * t
    s = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    dx, dy = np.gradient(x, s), np.gradient(y, s, edge_order=2)
    return dx * np.gradient(dy, s) - dy * np.gradient(dx, s)


@program(THREE)
def a_histogram_of_weighted_events(w):
    events = np.array([0.1, 0.7, 0.8, 1.4, 1.9])
    weights = np.exp(-w[0] * events) * (1 + w[1] * events**2) + w[2]
    density, _ = np.histogram(events, bins=3, range=(0, 2), weights=weights, density=True)
    return density


@program(SQUARE)
def how_ill_conditioned(a):
    return np.linalg.cond(a), np.linalg.cond(a, 1), np.linalg.tensorinv(a, ind=1).sum()


@program(np.array([0.3, 1.1]))
def hours_of_a_day(p):
    hours = np.array([1.0, 7, 13, 20])
    light = np.array([0.0, 0.4, 1.0, 0.2]) * p[1]
    return np.interp(22 + 4 * p[0] + np.arange(3), hours, light, period=24)


@program(FOUR)
def edges_of_an_image(x):
    image = np.outer(x, x[:3])
    return (
        np.pad(image, 1, constant_values=x[0]),
        np.pad(image, (1, 2), "linear_ramp", end_values=x[1]),
        np.pad(image, 1, "mean"),
    )


# --- statistics, finance, mechanics --------------------------------------------------------------


@program(np.array([0.1, 0.2, 0.6]))
def garch_by_accumulate(p):
    w, a, b = p
    step = lambda s, e: w + a * e**2 + b * s  # noqa: E731
    s = np.stack(list(itertools.accumulate(SERIES[:-1], step, initial=np.var(SERIES) + 0 * w)))
    return -0.5 * np.sum(np.log(s) + SERIES**2 / s)


@program(SQUARE, THREE)
def forward_algorithm_in_logarithms(a, mu):
    steps = a - np.logaddexp.reduce(a, axis=1, keepdims=True)
    alpha = -np.log(3) * np.ones(3)
    for y in SERIES[:6]:
        alpha = np.logaddexp.reduce(alpha[:, None] + steps, axis=0) - 0.5 * (y - mu) ** 2
    return np.logaddexp.reduce(alpha)


@program(np.array([0.3, 0.5, 0.9, 1.4]))
def partial_likelihood(r):
    order = np.argsort([3, 1, 2, 4])
    hazard = np.exp(r)[order]
    at_risk = np.cumsum(hazard[::-1])[::-1]
    return np.sum(np.log(hazard) - np.log(at_risk))


@program(np.array([1.0, 0.95, 0.2, 0.03]))
def american_put_on_a_tree(p):
    spot, strike, sigma, rate = p
    n, dt = 6, 1 / 6
    up = np.exp(sigma * math.sqrt(dt))
    q = (np.exp(rate * dt) - 1 / up) / (up - 1 / up)
    value = np.maximum(strike - spot * up ** (2 * np.arange(n + 1) - n), 0)
    for i in reversed(range(n)):
        now = spot * up ** (2 * np.arange(i + 1) - i)
        value = np.maximum(
            strike - now, np.exp(-rate * dt) * (q * value[1:] + (1 - q) * value[:-1])
        )
    return value[0]


@program(np.array([0.02, 0.025, 0.03]))
def bootstrapped_curve(coupons):
    discount = []
    for c in coupons:
        discount.append((1 - c * sum(discount)) / (1 + c))
    return [-np.log(d) / (i + 1) for i, d in enumerate(discount)]


@program(np.array([0.2, 0.7]))
def kepler_by_newton(p):
    e, mean = p
    anomaly = mean
    for _ in range(20):
        step = (anomaly - e * np.sin(anomaly) - mean) / (1 - e * np.cos(anomaly))
        anomaly = anomaly - step
        if abs(step) < 1e-15:
            break
    return 2 * np.arctan2(
        np.sqrt(1 + e) * np.sin(anomaly / 2), np.sqrt(1 - e) * np.cos(anomaly / 2)
    )


@program(np.array([0.4, 1.1, -0.3, 0.8, 0.1, 0.2]))
def rigid_motion_by_its_series(xi):
    w, v = xi[:3], xi[3:]
    k = np.zeros((4, 4), like=xi)
    k[0, 1], k[0, 2], k[1, 2] = -w[2], w[1], -w[0]
    k[1, 0], k[2, 0], k[2, 1] = w[2], -w[1], w[0]
    k[:3, 3] = v
    total = term = np.eye(4)
    for i in range(1, 15):
        term = term @ k / i
        total = total + term
    return total[:3]


@program(np.array([1.0, 2.0, 0.5]))
def steps_that_end_on_time(p):
    a, b, x = p
    y, t = 0 * x + 1.0, 0.0
    while t < 1.0:
        h = min(0.15, 1.0 - t)
        x, y, t = x + h * (a + x * x * y - (b + 1) * x), y + h * (b * x - x * x * y), t + h
    return x, y


# --- Python's own ways ---------------------------------------------------------------------------


@dataclasses.dataclass(order=True)
class Item:
    key: float
    rest: object = dataclasses.field(compare=False)


@program(THREE)
def records(x):
    a = dataclasses.replace(Item(x[0], x[1:]), key=2 * x[0])
    first, *_, last = sorted(Item(v, v**2) for v in x)
    return a.key * a.rest, first.rest + 2 * last.key


@program(THREE)
def patterns(x):
    def f(v):
        match v:
            case (a, b, c):
                return a * b + c
            case Item(key=k, rest=r) if k > 0:
                return k * r
            case _:
                return 0.0

    return f(tuple(x)), f([*x]), f(Item(x[0], x[1]))


@program(THREE)
def coroutine(x):
    def mean():
        total = 0.0
        while True:
            total = 0.5 * total + (yield total)

    running = mean()
    next(running)
    return [running.send(v) for v in x]


@program(THREE)
def tools_of_iteration(x):
    return (
        [functools.reduce(operator.mul, pair) for pair in itertools.combinations(x, 2)],
        list(itertools.accumulate(x, operator.mul)),
        [a - b for a, b in itertools.pairwise(x)],
        math.prod(x),
        heapq.nlargest(2, x),
        max(x, key=abs),
        list(map(operator.mul, x, x[::-1])),
    )


@program(THREE)
def remembered_by_number(x):
    @functools.cache
    def legendre(n):
        if n < 2:
            return x if n else x**0
        return ((2 * n - 1) * x * legendre(n - 1) - (n - 1) * legendre(n - 2)) / n

    return legendre(6)


@program(THREE)
def several_threads(x):
    out = [None] * 3

    def work(i):
        out[i] = np.sin(x[i]) * x[i - 1]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ThreadPoolExecutor(2) as pool:
        return np.stack(out), sum(pool.map(lambda v: v**3, x))


@program(THREE)
def copies_are_copies(x):
    deep, flat = copy.deepcopy([x, {"first": x[0]}]), copy.copy(x)
    flat[0] = 5.0
    return deep[0] * flat, deep[1]["first"] * x


@program(SQUARE)
def determinant_by_permutations(a):
    rows = a.tolist()

    def minors(m):
        if len(m) == 1:
            return m[0][0]
        rest = [[row[:j] + row[j + 1 :] for row in m[1:]] for j in range(len(m))]
        return sum((-1) ** j * m[0][j] * minors(rest[j]) for j in range(len(m)))

    return minors(rows)


@program(SQUARE)
def rotations_one_by_one(a):
    a = a.copy()
    for j in range(2):
        for i in range(2, j, -1):
            r = np.hypot(a[i - 1, j], a[i, j])
            c, s = a[i - 1, j] / r, -a[i, j] / r
            turn = np.stack([np.stack([c, -s]), np.stack([s, c])])
            a[[i - 1, i]] = turn @ a[[i - 1, i]]
    return a


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name):
    hold(*PROGRAMS[name])


@pytest.mark.parametrize("name", ["garch_by_accumulate", "american_put_on_a_tree"])
def test_each_transformation_says_the_same(name):
    f, (x,) = PROGRAMS[name]
    v = np.linspace(-1, 1, len(x))
    hessian = jacobian(gradient(f))(x)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(hvp(f, x, v), hessian @ v, rtol=1e-9)
    np.testing.assert_allclose(jvp(f, (x,), (v,))[1], gradient(f)(x) @ v, rtol=1e-12)
