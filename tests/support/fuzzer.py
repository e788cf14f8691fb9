"""Random programs composed from the table of calls, the table of ufuncs, and functions that write
into arrays of their own.

A program is a tree of calls. Every array that a call takes may come from another call: a value u
becomes the argument s + ρ sin(u / ρσ), resized to the sample s, with σ about the size of u and a
small ρ. So it stays near the sample, inside the domain and away from kinks, while its slope is of
the order of u's own.
"""

import inspect
import warnings
from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np
from numpy_calls import CALLS, Call, varied
from writes import WRITES

from dualedu import jvp
from dualedu.core.check import central_difference
from dualedu.internals.registry import of_kind

import_module("dualedu.scipy_rules")  # so that its rules are in the registry

DEPTH, RADIUS = 6, 0.05
INPUTS = {
    "a": np.float64(0.37),
    "v": np.array([0.7, -1.2, 0.4]),
    "m": np.array([[0.3, 1.1], [-0.6, 0.2]]),
}


@dataclass(frozen=True, eq=False)
class Node:
    """call(...)[path], with a Node, the name of an input or None (the sample) for each array."""

    call: Call
    sources: tuple
    scales: tuple
    path: tuple


def near(sample, u, scale, sin=np.sin, resize=np.resize):
    return sample + RADIUS * sin(resize(u, np.shape(sample)) / (RADIUS * scale))


def evaluate(node, inputs):
    if isinstance(node, str):
        return inputs[node]
    outcome = node.call(
        [
            sample if source is None else near(sample, evaluate(source, inputs), scale)
            for sample, source, scale in zip(
                node.call.variables, node.sources, node.scales, strict=True
            )
        ]
    )
    for index in node.path:
        outcome = outcome[index]
    return outcome


# --- growing -------------------------------------------------------------------------------------


def grid(low, high, shape, offset, rng):
    """Numbers of a domain, well inside it, away from 0 and, by the offset, from each other's."""
    margin = 0.1 * (high - low)
    points = np.arange(low + margin, high - margin, 0.4 if high - low > 1 else 0.02)
    points = np.round(points / 0.4) * 0.4 + offset if high - low > 1 else points
    inside = points[(points > low + 0.06) & (points < high - 0.06)]
    return rng.choice(inside if inside.size else [(low + high) / 2], shape)


def ufunc_calls():
    rng = np.random.default_rng(0)
    for ufunc, rule in (of_kind("elementwise") | of_kind("elementwise", library="scipy")).items():
        for shapes in [((3,), (2, 1)), ((), (3,)), ((2, 2), ())][: 1 + 2 * (len(rule.domain) > 1)]:
            args = [
                grid(*domain, shape, 0.12 + 0.17 * i, rng)
                for i, (domain, shape) in enumerate(zip(rule.domain, shapes * 2, strict=False))
            ]
            for i, partial in enumerate(rule.partials):
                if partial is not None and "no_partial" in partial.__qualname__:
                    args[i] = int(rule.domain[i][1])  # an order or a parameter of SciPy's
            if ufunc is np.ldexp:
                args[1] = np.array([[2], [0]])
            yield Call(
                ufunc, tuple(x if isinstance(x, int) or np.ndim(x) else np.float64(x) for x in args)
            )


BLIND = (np.full_like, np.select, np.interp, np.prod, np.pad, np.apply_along_axis)
"""Functions in which NumPy looks for duals in some arguments only, and refuses the others."""


def pool():
    """All calls whose results move with their arguments, by function."""
    found = {}
    for call in (*ufunc_calls(), *CALLS, *WRITES):
        finite = all(np.isfinite(x).all() and x.size for x in call.variables)
        if call.function not in BLIND and call.variables and finite and moving(call):
            found.setdefault(call.function, []).append(call)
    return found


def moving(call):
    """The paths to those results of a call that change with its arguments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        here, there = (
            call(),
            call([x + 1e-3 * np.cos(np.arange(x.size)).reshape(x.shape) for x in call.variables]),
        )
    pairs = zip(paths(here), paths(there), strict=True)
    return [path for (path, x), (_, y) in pairs if x.dtype.kind == "f" and np.any(x != y)]


def paths(outcome, path=()):
    if isinstance(outcome, list | tuple):
        for i, part in enumerate(outcome):
            yield from paths(part, (*path, i))
    else:
        yield path, outcome


def grow(rng, calls, depth):
    functions = list(calls)
    candidates = calls[functions[rng.integers(len(functions))]]
    call = candidates[rng.integers(len(candidates))]
    count = len(call.variables)
    sources = [None] * count
    for i in rng.permutation(count)[: 1 + rng.integers(count)]:
        deeper = depth > 1 and rng.random() < 0.75
        sources[i] = grow(rng, calls, depth - 1) if deeper else str(rng.choice(list(INPUTS)))
    scales = tuple(
        1.0 if s is None else float(f"{max(1.0, np.max(np.abs(evaluate(s, INPUTS)))):.1g}")
        for s in sources
    )
    options = moving(call)
    return Node(call, tuple(sources), scales, options[rng.integers(len(options))])


# --- judging -------------------------------------------------------------------------------------


def fault(node, rng, thorough):
    """What is wrong with the derivative of a program, or None."""
    points = tuple(INPUTS.values())
    v, w = (tuple(rng.uniform(-1, 1, np.shape(x)) for x in points) for _ in range(2))

    def f(*xs):
        return evaluate(node, dict(zip(INPUTS, xs, strict=True)))

    plain = f(*points)
    value, tangent = jvp(f, points, v)
    if not np.array_equal(value, plain) or value.dtype != plain.dtype:
        return "the value is not NumPy's"
    if np.shape(tangent) != np.shape(plain):
        return f"the tangent has shape {np.shape(tangent)}, the value {np.shape(plain)}"
    if not np.isfinite(plain).all():
        return None
    wrong = differs(f, points, v, tangent, "the tangent")
    if wrong or not thorough:
        return wrong
    _, both = jvp(f, points, tuple(np.stack([a, b, a]) for a, b in zip(v, w, strict=True)))
    single = np.stack([tangent, jvp(f, points, w)[1], tangent])
    if not np.allclose(both, single, rtol=1e-8, atol=1e-10 * (1 + np.max(np.abs(single)))):
        return "three directions at once are not three runs"

    def slope(*xs):
        return jvp(f, xs, w)[1]

    return differs(slope, points, v, jvp(slope, points, v)[1], "the second derivative")


def differs(f, points, v, tangent, what):
    """Compare with central differences of two steps, whose disagreement is part of the slack."""
    coarse, fine = (
        np.asarray(central_difference(f, points, tuple(h * d for d in v))) / h for h in (0.1, 0.02)
    )
    size = np.max(np.abs(fine), initial=0)
    slack = 1e-6 * (1e-3 + size) + 20 * np.abs(fine - coarse)
    error = np.abs(tangent - fine)
    if np.all(error <= slack):
        return None
    worst = np.unravel_index(
        np.argmax(np.where(np.isnan(error), np.inf, error - slack)), error.shape
    )
    return f"{what} is {np.asarray(tangent)[worst]:.9g}, central differences give {fine[worst]:.9g}"


# --- shrinking and printing ----------------------------------------------------------------------


def shrink(node, failing):
    """The smallest program found that still fails, one simplification at a time."""
    while True:
        smaller = next((s for s in simpler(node) if failing(s)), None)
        if smaller is None:
            return node
        node = smaller


def simpler(node):
    """A node's own subtrees, then itself with one source replaced by an input or its sample."""
    subtrees = [s for s in node.sources if isinstance(s, Node)]
    yield from subtrees
    for i, source in enumerate(node.sources):
        if isinstance(source, Node):
            for less in simpler(source):
                yield with_source(node, i, less)
            yield from (with_source(node, i, name) for name in INPUTS)
        elif source and sum(map(bool, node.sources)) > 1:
            yield with_source(node, i, None)


def with_source(node, i, source):
    return replace(node, sources=(*node.sources[:i], source, *node.sources[i + 1 :]))


def source_code(node, seed):
    """A program that runs on its own and shows both derivatives."""
    written = {call.function for call in WRITES} & {n.call.function for n in nodes(node)}
    lines = [
        "import numpy as np",
        "import scipy.special",
        "from dualedu import check_jvp",
        "",
        "",
        *(
            line
            for function in written
            for line in [*inspect.getsource(function).splitlines(), "", ""]
        ),
        f"def near(sample, u, scale, r={RADIUS}):",
        "    return sample + r * np.sin(np.resize(u, np.shape(sample)) / (r * scale))",
        "",
        "",
        f"def f({', '.join(INPUTS)}):",
    ]
    names = {}

    def write(value, queue):
        if isinstance(value, dict):
            return ", ".join(f"{k}={write(v, queue)}" for k, v in value.items())
        if isinstance(value, list | tuple):
            inner = ", ".join(write(v, queue) for v in value)
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)"
        if varied(value):
            name = next(queue)
            return literal(value) if name is None else name
        return literal(value)

    def visit(node):
        if isinstance(node, str):
            return node
        arguments = []
        for sample, source, scale in zip(
            node.call.variables, node.sources, node.scales, strict=True
        ):
            text = None if source is None else f"near({literal(sample)}, {visit(source)}, {scale})"
            arguments.append(text)
        queue = iter(arguments)
        shown = [write(a, queue) for a in node.call.args]
        shown += [f"{k}={write(v, queue)}" for k, v in node.call.kwargs.items()]
        names[node] = f"x{len(names) + 1}"
        index = "".join(f"[{i}]" for i in node.path)
        name = node.call.name if node.call.function not in written else node.call.function.__name__
        lines.append(f"    {names[node]} = {name}({', '.join(shown)}){index}")
        return names[node]

    lines += [f"    return {visit(node)}", "", ""]
    lines += [f"check_jvp(f, {', '.join(map(literal, INPUTS.values()))})  # seed {seed}"]
    return "\n".join(lines)


def literal(value):
    if isinstance(value, np.ndarray):
        kind = "" if value.dtype.kind in "fib" and value.size else f", {value.dtype}"
        return f"np.array({value.tolist()}{kind})"
    if callable(value):
        return f"np.{value.__name__}"
    return repr(value)


# --- searching -----------------------------------------------------------------------------------


def search(count, seed, calls=None):
    """Try programs; at the first that fails raise AssertionError with a minimal one."""
    calls = pool() if calls is None else calls
    rng = np.random.default_rng(seed)
    used = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for trial in range(count):
            key = (seed, trial)
            node = grow(rng, calls, 1 + trial % DEPTH)
            used |= {n.call.function for n in nodes(node)}
            check = judge(key, thorough=trial % 4 == 0)
            if check(node):
                least = shrink(node, check)
                raise AssertionError(f"{check(least)}\n\n{source_code(least, key)}")
    return used


def judge(key, thorough):
    def check(node):
        try:
            return fault(node, np.random.default_rng(key), thorough)
        except Exception as error:  # any error of a program that NumPy runs is a fault
            evaluate(node, INPUTS)
            return f"{type(error).__name__}: {error}"

    return check


def nodes(node):
    if isinstance(node, Node):
        yield node
        for source in node.sources:
            yield from nodes(source)
