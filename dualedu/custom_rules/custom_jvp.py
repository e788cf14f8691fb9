"""custom_jvp: a derivative rule of one's own, beside the function it belongs to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from dualedu.core.dual import Dual, apply, finish, unpack
from dualedu.internals.complex_values import refuse_complex
from dualedu.internals.shapes import dtype_of, shape


class Differentiable(Protocol):
    """A function that custom_jvp made, with the method that gives it its rule."""

    __name__: str

    def __call__(self, *args: Any, **options: Any) -> Any: ...

    def defjvps(self, *partials: Callable[..., Any] | None) -> None:
        """Give or exchange the rule, one partial for each argument."""


def custom_jvp(
    f: Callable[..., Any], *partials: Callable[..., Any] | None, elementwise: bool = True
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
    elementwise : bool
        True if f acts entry by entry, with broadcasting; all directions then pass at once. False
        for any other function: each direction then passes alone, of the shape of its argument.

    Returns
    -------
    g : callable
        `g(*args)` is `f(*args)`, and carries tangents by the rule, to any order.

    Raises
    ------
    TypeError
        A dual number meets an argument without a partial, or a partial is not a function.
    ValueError
        A term does not have the result's shape.

    Examples
    --------
    >>> from dualedu import custom_jvp, derivative
    >>> cube = custom_jvp(lambda x: x**3, lambda t, z, x: 3 * x**2 * t)
    >>> derivative(cube)(2.0)
    np.float64(12.0)
    """
    rule: list[Callable[..., Any] | None] = []

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
            return apply(g, terms, head) if elementwise else one_by_one(g, terms, head)

        def through(*xs: Any) -> Any:
            return g(*xs, *rest, **options)

        terms = [
            partial and (lambda t, z, *xs, p=partial: p(t, z, *xs, *rest, **options))
            for partial in rule[: len(head)]
        ]
        return apply(through, terms, head) if elementwise else one_by_one(through, terms, head)

    def defjvps(*partials: Callable[..., Any] | None) -> None:
        for partial in partials:
            if partial is not None and not callable(partial):
                raise TypeError(f"custom_jvp: a partial is a function or None, got {partial!r}")
        rule[:] = partials

    made: Any = g
    made.defjvps = defjvps
    made.defjvps(*partials)
    return made


def one_by_one(f: Callable[..., Any], partials: Any, args: Any) -> Any:
    """f with a tangent that is computed direction by direction."""
    level, primals, _, directions = unpack(args)
    z = f(*primals)
    total: Any = None
    for partial, x in zip(partials, args, strict=True):
        if partial is None or not isinstance(x, Dual) or x.level != level:
            continue
        name = getattr(f, "__name__", "the function")
        tangents: Any = x.tangent
        if directions is None:
            term = of_shape(z, partial(tangents, z, *primals), name)
        elif directions:
            term = np.stack([of_shape(z, partial(t, z, *primals), name) for t in tangents])
        else:
            term = np.zeros((0, *shape(z)), dtype_of(z))
        total = term if total is None else total + term
    return z if total is None else finish(z, total, level, directions)


def of_shape(z: Any, term: Any, name: str) -> Any:
    if shape(term) != shape(z):
        raise ValueError(
            f"a partial of {name} gave a term of shape {shape(term)}, and the result has shape "
            f"{shape(z)}: they must agree"
        )
    return term
