"""custom_jvp: a derivative rule of one's own, beside the function it belongs to."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from dualedu.core.dual import Dual, apply, finish, make, unpack
from dualedu.internals.complex_values import refuse_complex
from dualedu.internals.memory import overlap
from dualedu.internals.shapes import base, dtype_of, shape


class Differentiable(Protocol):
    """A function that custom_jvp made, with the method that gives it its rule."""

    __name__: str

    def __call__(self, *args: Any, **options: Any) -> Any: ...

    def defjvps(self, *partials: Callable[..., Any] | None) -> None:
        """Give or exchange the rule, one partial for each argument."""


def custom_jvp(
    f: Callable[..., Any],
    *partials: Callable[..., Any] | None,
    elementwise: bool | None = None,
) -> Differentiable:
    """The function f with a derivative rule given by hand.

    The tangent of z = f(x₁, x₂, …) is the sum of the partials' terms,
    partialᵢ(ẋᵢ, z, x₁, x₂, …) = ∂z/∂xᵢ · ẋᵢ. It is what a function needs that no other rule reaches
    (of another library, compiled, iterative), or whose own steps lose digits.

    Parameters
    ----------
    f : callable
        A function of numbers and arrays.
    *partials : callable or None
        One for each of the first arguments; None where the derivative is 0. A partial is linear in
        its first argument. It calls NumPy's functions, or functions with rules, on what it gets:
        inside a second derivative z and x are dual numbers. Further arguments, and those by
        keyword, are constants, and handed to the partials too. As in JAX the rule may also follow
        the function: `@custom_jvp` above it and `f.defjvps(*partials)` below.
    elementwise : bool or None
        True if f acts entry by entry, with broadcasting; all directions then pass at once. False
        for any other function: each direction then passes alone, of the shape of its argument.
        With None a trial says which it is: directions pass at once where their sum gets the sum of
        their terms.

    Returns
    -------
    g : callable
        `g(*args)` is `f(*args)`, and carries tangents by the rule, to any order.

    Raises
    ------
    TypeError
        A dual number meets an argument without a partial, or a partial is not a function.
    ValueError
        A term does not have the result's shape, or is not 0 for a tangent of 0.

    Examples
    --------
    >>> from dualedu import custom_jvp, derivative
    >>> cube = custom_jvp(lambda x: x**3, lambda t, z, x: 3 * x**2 * t)
    >>> derivative(cube)(2.0)
    np.float64(12.0)
    """
    rule: list[Callable[..., Any] | None] = []
    run: Callable[..., Any] = tried if elementwise is None else apply if elementwise else one_by_one

    @functools.wraps(f)
    def g(*args: Any, **options: Any) -> Any:
        if Dual not in map(type, args):
            return f(*args, **options)
        n = len(rule)
        for place, x in enumerate(args[n:], n):
            if type(x) is Dual:
                raise TypeError(
                    f"{g.__name__} has {n} partial(s), and argument {place} is a dual number; "
                    "give custom_jvp a partial for it, None where the derivative is 0"
                )
        refuse_complex(g, args)
        head, rest = args[:n], args[n:]
        if not rest and not options:
            terms: Any = rule[: len(head)]
            return run(g, terms, head)

        def through(*xs: Any) -> Any:
            return g(*xs, *rest, **options)

        terms = [
            partial and (lambda t, z, *xs, p=partial: p(t, z, *xs, *rest, **options))
            for partial in rule[: len(head)]
        ]
        return run(through, terms, head)

    def defjvps(*partials: Callable[..., Any] | None) -> None:
        for partial in partials:
            if partial is not None and not callable(partial):
                raise TypeError(f"custom_jvp: a partial is a function or None, got {partial!r}")
        rule[:] = [partial and linear(partial, g.__name__) for partial in partials]

    made: Any = g
    made.defjvps = defjvps
    made.defjvps(*partials)
    return made


def linear(partial: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The partial, which must give 0 for a tangent of 0: that is looked at once. One that forgets
    to multiply by the tangent is right for a seed of 1, and wrong wherever something precedes."""
    looked = False

    @functools.wraps(partial)
    def checked(t: Any, z: Any, *xs: Any, **options: Any) -> Any:
        nonlocal looked
        if not looked:
            still = base(partial(np.zeros_like(t), z, *xs, **options))
            if np.any(np.isfinite(still) & np.not_equal(still, 0)):
                raise ValueError(
                    f"a partial of {name} does not give 0 for a tangent of 0: it is the slope "
                    "times its first argument, t * slope, and not the slope alone"
                )
            looked = True
        term = partial(t, z, *xs, **options)
        return term if hasattr(term, "dtype") else np.asarray(term, dtype_of(z))[()]

    return checked


def tried(f: Callable[..., Any], partials: Any, args: Any) -> Any:
    """f with the tangents of all directions at once, or of one by one if they would meet: where
    the term of a sum of directions is not the sum of their terms."""
    level, primals, _, directions = unpack(args)
    z, name = f(*primals), getattr(f, "__name__", "the function")

    def value(*args: Any) -> Any:
        return z

    def singly(args: Any) -> Any:
        return one_by_one(value, partials, args, name, broadcast=True)

    if not directions:
        return singly(args)
    weights = np.random.default_rng(0).normal(size=directions).astype(dtype_of(z))

    def summed(tangent: Any) -> Any:
        return np.tensordot(weights, tangent, 1)

    single = singly([
        make(x.primal, summed(x.tangent), level, None)
        if isinstance(x, Dual) and x.level == level else x for x in args
    ])  # fmt: skip
    if not isinstance(single, Dual) or single.level != level:
        return z
    try:
        whole = apply(value, partials, args)
        a, b = base(summed(whole.tangent)), base(single.tangent)
    except (IndexError, ValueError):
        return singly(args)
    near = float(np.sqrt(np.finfo(dtype_of(z)).eps))
    size = np.max(np.abs(b), where=np.isfinite(b), initial=0)
    same = shape(a) == shape(b) and np.allclose(a, b, near, near * size, equal_nan=True)
    if not same or shares(whole, args):
        return singly(args)
    return whole


def shares(z: Any, args: Any) -> bool:
    """Whether a tangent has been passed on in its own memory, which may be written into."""
    return any(isinstance(x, Dual) and overlap(z._tangent, x._tangent) for x in args)


def one_by_one(
    f: Callable[..., Any], partials: Any, args: Any, name: str = "", broadcast: bool = False
) -> Any:
    """f with a tangent that is computed direction by direction."""
    level, primals, _, directions = unpack(args)
    z = f(*primals)
    name = name or getattr(f, "__name__", "the function")
    total: Any = None
    for partial, x in zip(partials, args, strict=True):
        if partial is None or not isinstance(x, Dual) or x.level != level:
            continue

        def term_of(t: Any, partial: Any = partial) -> Any:
            return of_shape(z, partial(t, z, *primals), name, broadcast)

        tangents: Any = x.tangent
        if directions is None:
            term = term_of(tangents)
            term = term.copy() if overlap(term, x._tangent) else term
        elif directions:
            term = np.stack([term_of(t) for t in tangents])
        else:
            term = np.zeros((0, *shape(z)), dtype_of(z))
        total = term if total is None else total + term
    return z if total is None else finish(z, total, level, directions)


def of_shape(z: Any, term: Any, name: str, broadcast: bool) -> Any:
    if broadcast and shape(term) != shape(z):
        with contextlib.suppress(ValueError):
            term = np.broadcast_to(term, shape(z))
    if shape(term) != shape(z):
        raise ValueError(
            f"a partial of {name} gave a term of shape {shape(term)}, and the result has shape "
            f"{shape(z)}: they must agree"
        )
    return term
