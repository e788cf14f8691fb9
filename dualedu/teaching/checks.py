"""Checks for exercises: one sentence says what is wrong with an answer, and what to look at.

    with checks("visible"):                    around the checks of one cell
        check_number(tangent, 14.0, ...)       one number
        check_choice(answer, "b", ...)         one of several replies
        check_array(z, expected, ...)          an array: shape, dtype, NaN, then values
        check_function(product, right, ...)    a function, held against a right one
    score("visible", (1, check), ...)      the same, with points for each part
    with without(hvp, because="..."):          what the student builds, and so may not call
    with calls_of(product) as counts:          how often the student's own functions are called
    made_of(product, answer, right)        whether an answer is made of what they return
    differentiators()                          all of the library's that would do a derivation
    instance(student, "seeds")                 random numbers that are this student's own

A typical wrong answer is recognised and answered by name: `wrong` lists pairs of such an answer and
what to say about it. An answer of `...`, or `None`, counts as not given yet.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import copy
import decimal
import hashlib
import linecache
import numbers
import os
import re
import reprlib
import sys
import traceback
import warnings
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, EllipsisType, FrameType, FunctionType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

RTOL, ATOL = 1e-6, 1e-9
"""How far an answer may be off: another order of operations rounds differently."""

Wrong = Iterable[tuple[Any, str]]


class NotYet(AssertionError):
    """An answer that is missing or wrong. A notebook shows its sentence, and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"Not yet: {self}"]


@contextmanager
def checks(which: str) -> Iterator[None]:
    """Around the checks of one cell: whatever fails inside is said in one sentence.

    At the end it prints "`which` checks passed". Warnings inside are silent, and what is written to
    stderr, such as a progress bar, goes to stdout: a grader takes stderr for a failure.

    Parameters
    ----------
    which : str
        What the checks are called in that sentence, such as "visible".

    Yields
    ------
    nothing : None
        Use it in a `with` statement.

    Raises
    ------
    NotYet
        An answer failed, a name is missing, or there was any other exception.

    Examples
    --------
    >>> with checks("visible"):
    ...     check_number(6.0, 6.0, what="f′(3)", look="the power rule says 2x")
    visible checks passed
    """
    try:
        with _quiet():
            yield
    except NotYet:
        raise
    except NameError as error:
        raise NotYet(
            f"the name {error.name} is not there; run the cells above this one until none of them "
            "stops, and use the names that the exercise gives."
        ) from None
    except Exception as error:
        raise NotYet(f"the checks stopped at {_told(error)}.") from None
    print(f"{which} checks passed")


def score(which: str, *parts: tuple[float, Callable[[], object]]) -> float:
    """Partial credit: the sum of the points whose check passes, as the last line of a cell.

    What fails is printed; if all is well, "`which` checks passed" is.

    Parameters
    ----------
    which : str
        What the checks are called in that sentence, such as "visible".
    *parts : tuple
        Pairs (points, check), where `check` is a function without arguments that raises `NotYet`.

    Returns
    -------
    earned : float
        The sum of the points, a plain float: graders read it from the output.

    Examples
    --------
    >>> score("visible", (1, lambda: check_number(2.0, 2.0, what="x", look="")), (2, lambda: None))
    visible checks passed
    3.0
    """
    earned = 0.0
    for points, check in parts:
        try:
            with _quiet():
                check()
        except NotYet as failure:
            print(f"Not yet: {failure}")
        except NameError as error:
            print(
                f"Not yet: the name {error.name} is not there; run the cells above this one until "
                "none of them stops."
            )
        except Exception as error:
            print(f"Not yet: the check stopped at {_told(error)}.")
        else:
            earned += points
    total = sum(points for points, _ in parts)
    print(f"{which} checks passed" if earned == total else f"{earned:g} of {total:g} points")
    return earned


def check_number(
    answer: object,
    right: float,
    *,
    what: str,
    look: str,
    wrong: Wrong = (),
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Hold one number against the right one, without telling it.

    Parameters
    ----------
    answer : object
        What the student gave; `...` and None count as not given yet.
    right : float
        The right number.
    what : str
        What was asked, as in "the tangent of x·y".
    look : str
        What to look at, said of an answer that is no typical mistake.
    wrong : iterable of tuple, optional
        Pairs (number, message) for typical mistakes.
    rtol : float, optional
        The relative error that is still right.
    atol : float, optional
        The absolute error that is still right.

    Raises
    ------
    NotYet
        The answer is missing, no number, or not the right one.
    """
    _given(answer, what)
    number = _number(answer)
    if number is None:
        hint = _named(answer, right, wrong, look, rtol, atol)
        if isinstance(answer, str):
            hint = "leave out the quotes" if _typed(answer) else "give a number, and not a text"
        raise NotYet(f"{what} should be one number, but it is {_show(answer)}; {hint}.")
    if _same(number, right, rtol, atol):
        return
    answer = number
    raise NotYet(
        f"{what} is not {_show(answer)}; {_named(answer, right, wrong, look, rtol, atol)}."
    )


def check_choice(answer: object, right: str, *, what: str, wrong: Mapping[str, str]) -> None:
    """Hold the letter of a reply against the right one.

    Parameters
    ----------
    answer : object
        What the student gave. Capitals, spaces and brackets do not count, nor what follows the
        letter, as in "b: x - a", or stands before it, as in "x - a (b)".
    right : str
        The right letter.
    what : str
        What was asked.
    wrong : mapping of str to str
        The message for each other letter.

    Raises
    ------
    NotYet
        The answer is missing, none of the letters, or not the right one.
    """
    _given(answer, what)
    if isinstance(answer, (list, tuple, set, frozenset, np.ndarray)) and not _is_dual(answer):
        entries = answer.ravel().tolist() if isinstance(answer, np.ndarray) else list(answer)
        answer = entries[0] if len(entries) == 1 else answer
    text = str.casefold(str.strip(answer)) if isinstance(answer, str) else ""
    found = re.fullmatch(r"\W*(\w)(?:\W*|\)? *[):.=,–—-].*|\).*)", text, re.DOTALL)
    if not (found and found[1] in (right, *wrong)) and text.count("(") == 1:
        found = re.search(r"\s\((\w)\)\W*$", text)
    letter = found[1] if found else ""
    if letter == right:
        return
    options = ", ".join(repr(option) for option in sorted([right, *wrong]))
    if letter not in wrong:
        quotes = "" if isinstance(answer, str) else "; write one letter, in quotes"
        raise NotYet(f"{what} should be one of {options}, but it is {_show(answer)}{quotes}.")
    raise NotYet(f"{what} is not {answer!r}; {wrong[letter]}.")


def names_in(answer: object, *, what: str) -> set[str]:
    """The names in an answer that gives several.

    Parameters
    ----------
    answer : set, list, tuple, array, dict, its keys, or str
        The names; of a dictionary its keys; in a text with commas, blanks or "and" between them.
    what : str
        What was asked.

    Returns
    -------
    names : set of str
        In small letters and without spaces.

    Raises
    ------
    NotYet
        The answer is missing or holds no names.

    Examples
    --------
    >>> sorted(names_in("Seeds, softmax ", what="the mistakes"))
    ['seeds', 'softmax']
    """
    _given(answer, what)
    parts = answer
    if isinstance(answer, str):
        parts = [name for name in re.split(r"[\s,;+&]+|\band\b", str.strip(answer)) if name]
    elif isinstance(answer, np.ndarray) and not _is_dual(answer):
        parts = answer.ravel().tolist()
    if isinstance(parts, str) or not isinstance(parts, Collection) or _is_dual(parts):
        raise NotYet(f"{what} should be names in quotes, but it is {_show(answer)}.")
    named = [part if isinstance(part, str) else getattr(part, "__name__", "") for part in parts]
    if not all(isinstance(name, str) and name for name in named):
        raise NotYet(f"{what} should be names in quotes, but it is {_show(answer)}.")
    return {str.casefold(str.strip(name)) for name in named}


def check_array(
    answer: object,
    right: ArrayLike,
    *,
    what: str,
    look: str,
    wrong: Wrong = (),
    dtype: DTypeLike | None = None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Hold an array against the right one: its shape first, then dtype, NaN and values.

    Parameters
    ----------
    answer : array_like
        What the student gave; it may be a list.
    right : array_like
        The right array.
    what : str
        What was asked.
    look : str
        What to look at, said of an answer that is no typical mistake.
    wrong : iterable of tuple, optional
        Pairs (array, message) for typical mistakes. They are looked at before the shape, because
        the shape can be the mistake.
    dtype : dtype, optional
        The dtype that the answer must have; any, if it is left out.
    rtol : float, optional
        The relative error that is still right.
    atol : float, optional
        The absolute error that is still right.

    Raises
    ------
    NotYet
        The answer is missing, no array of numbers, or not the right one.
    """
    _given(answer, what)
    expected = np.asarray(right)
    try:
        array = np.asarray(answer)
    except (TypeError, ValueError):
        raise NotYet(f"{what} should be an array, but it is {_show(answer)}; {look}.") from None
    array = _plain(array) if array.dtype.kind == "O" else array
    if array.dtype.kind not in "biuf":
        raise NotYet(f"{what} should hold numbers, but it is {_show(answer)}; {look}.")
    hint = _named(array, expected, wrong, look, rtol, atol)
    if array.shape != expected.shape:
        shapes = f"have the shape {expected.shape}, but it has {array.shape}"
        if expected.ndim == 1 and array.ndim < 2:
            shapes = f"hold {expected.size} numbers, but it holds {array.size}"
        raise NotYet(f"{what} should {shapes}; {hint}.")
    if dtype is not None and array.dtype != np.dtype(dtype):
        raise NotYet(f"{what} should hold {np.dtype(dtype)}, but it holds {array.dtype}; {look}.")
    lost = np.isnan(array) & ~np.isnan(expected)
    if lost.any():
        raise NotYet(f"{what} holds NaN {_place(lost)}; {hint}.")
    off = ~np.isclose(array, expected, rtol=rtol, atol=atol, equal_nan=True)
    if off.any():
        first = tuple(np.argwhere(off)[0])
        values = f"{_show(array[first])}, where {_show(expected[first])} is expected"
        raise NotYet(f"{what} is {values}, {_place(off)}; {hint}.")


def check_function(
    f: object,
    right: Callable[..., Any],
    inputs: Iterable[tuple[Any, ...]],
    *,
    look: str,
    what: str | None = None,
    wrong: Wrong = (),
    rtol: float = RTOL,
    atol: float = ATOL,
) -> None:
    """Hold a function against a right one, at each tuple of arguments.

    Results may be numbers, arrays, strings, anything with a primal and a tangent, and tuples of
    these.

    Parameters
    ----------
    f : callable
        What the student wrote.
    right : callable
        A right function.
    inputs : iterable of tuple
        The arguments, a tuple for each call.
    look : str
        What to look at, said of an answer that is no typical mistake.
    what : str, optional
        What stands for the function in sentences; its name, if this is left out.
    wrong : iterable of tuple, optional
        Pairs (function, message) for typical mistakes: the message is given if the answer agrees
        with that function at all inputs. A wrong function may raise, and agrees where the answer
        raises the same kind of error.
    rtol : float, optional
        The relative error that is still right.
    atol : float, optional
        The absolute error that is still right.

    Raises
    ------
    NotYet
        At the first input whose result is wrong, that raises, or whose argument was changed.
    """
    name = what or getattr(f, "__name__", "the function")
    name = "the function" if name == "<lambda>" else name
    if f is None or isinstance(f, EllipsisType):
        raise NotYet(f"{name} is still missing; write it in place of the dots.")
    if not callable(f):
        raise NotYet(f"{name} should be a function, but it is {_show(f)}; {look}.")
    cases = list(inputs)
    got = []
    for case in cases:
        arguments = copy.deepcopy(case)
        got.append(_outcome(f, arguments))
        for after, before in zip(arguments, case, strict=True):
            if not _same(after, before, 0.0, 0.0):
                raise NotYet(
                    f"{name} changes its argument {_show(before)} in place; compute a new one."
                )
    # Only now: what a student's function could find, it might return.
    expected = [right(*copy.deepcopy(case)) for case in cases]
    for case, value, wanted in zip(cases, got, expected, strict=True):
        if _same(value, wanted, rtol, atol):
            continue
        hint = look
        for g, message in wrong:
            theirs = [_outcome(g, copy.deepcopy(case)) for case in cases]
            if _same(got, theirs, rtol, atol):
                hint = message
                break
        call = f"{name} at ({', '.join(map(_show, case))})"
        if isinstance(value, Exception):
            raise NotYet(f"{call} stops at {_told(value)}; {hint}.")
        if value is None or isinstance(value, EllipsisType):
            raise NotYet(
                f"{call} returns nothing; write your code in place of the dots, and end it with "
                "return."
            )
        if _is_dual(value) and isinstance(wanted, tuple) and len(wanted) == 2:
            hint = "return the pair (primal, tangent), two plain numbers, and not a dual number"
        shown, right_one = _compared(value, wanted, rtol, atol)
        raise NotYet(f"{call} gives {shown}, but {right_one} is expected; {hint}.")


def run(source: str, names: dict[str, Any], cell: str) -> Any:
    """Run the text of a cell as a notebook would: the value of its last line is the result.

    Parameters
    ----------
    source : str
        Python, with an expression as its last line or without.
    names : dict of str to object
        Where it finds names and leaves its own, such as `globals()`.
    cell : str
        What the cell is called, for messages that quote a line of it.

    Returns
    -------
    value : object
        That of the last line; None if this is no expression.
    """
    file = f"<{cell}>"
    linecache.cache[file] = len(source), None, source.splitlines(keepends=True), file
    tree = ast.parse(source, file)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, file, "exec"), names)
        return None
    exec(compile(ast.Module(tree.body[:-1], []), file, "exec"), names)
    return eval(compile(ast.Expression(last.value), file, "eval"), names)


def run_packed(packed: str, names: dict[str, Any], cell: str) -> Any:
    """The same for a packed text: a check in a notebook for students.

    It keeps answers out of sight and no more: whoever wants to can unpack it. What it defines stays
    among the checks, where the next ones find it: a student's own function may have the same name.

    Parameters
    ----------
    packed : str
        What `pack` made of a text.
    names : dict of str to object
        Where the check finds what it judges, such as `globals()`.
    cell : str
        What the cell is called, for messages that quote a line of it.

    Returns
    -------
    value : object
        That of the last line; None if this is no expression.
    """
    # One dictionary for all checks of a notebook, since a function goes on where it was defined.
    own: dict[str, Any] = names.setdefault("__checks__", {})
    kept: set[str] = own.setdefault("__kept__", {"__kept__"})
    for name in own.keys() - kept:
        del own[name]
    own.update((name, value) for name, value in names.items() if name not in kept)
    before = dict(own)
    try:
        return run(unpack(packed), own, cell)
    finally:
        kept |= {name for name in own if name not in before or own[name] is not before[name]}


def pack(text: str) -> str:
    """A text in letters and digits that nobody reads by accident.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    packed : str
        In base 64.

    Examples
    --------
    >>> unpack(pack("the answer is b"))
    'the answer is b'
    """
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(packed: str) -> str:
    """The text that was packed.

    Parameters
    ----------
    packed : str
        What `pack` returned.

    Returns
    -------
    text : str
        As it was.
    """
    return zlib.decompress(base64.b64decode(packed)).decode()


def instance(student: object, exercise: str) -> np.random.Generator:
    """Random numbers for one student and one exercise: the same on every machine, every time.

    Parameters
    ----------
    student : str or int
        A name, in which capitals and spaces do not count, or a whole number.
    exercise : str
        What tells the numbers of two exercises apart.

    Returns
    -------
    rng : numpy.random.Generator
        Seeded by the two.

    Raises
    ------
    NotYet
        There is no name.

    Examples
    --------
    >>> int(instance("Ada Lovelace", "seeds").integers(100))
    81
    """
    if isinstance(student, int) and not isinstance(student, bool):
        student = str(student)
    if not isinstance(student, str) or not student.strip():
        raise NotYet("your numbers depend on your name; write it into the first cell and run it.")
    name = " ".join(student.casefold().split())
    digest = hashlib.sha256(f"{exercise}\n{name}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


@contextmanager
def without(*functions: Callable[..., Any], because: str) -> Iterator[None]:
    """While this lasts, whoever calls one of these functions is told why not.

    It holds under every name that a function has been given.

    Parameters
    ----------
    *functions : function
        Functions written in Python, or classes with an `__init__` that is.
    because : str
        What the student is told.

    Yields
    ------
    nothing : None
        Use it in a `with` statement.

    Raises
    ------
    NotYet
        One of them is called.

    Examples
    --------
    >>> def shortcut():
    ...     return 42
    >>> with without(shortcut, because="build it yourself"):
    ...     shortcut()
    Traceback (most recent call last):
      ...
    dualedu.teaching.checks.NotYet: build it yourself.
    """

    # The code is exchanged, and not a name: a function may have been given others.
    source = (
        "def refused(*arguments, **options):\n"
        f"    from {__name__} import NotYet\n"
        f"    raise NotYet({because + '.'!r})\n"
    )
    names: dict[str, Any] = {}
    exec(source, names)
    found = [vars(f)["__init__"] if isinstance(f, type) else f for f in functions]
    codes = {f: f.__code__ for f in found if isinstance(f, FunctionType)}
    try:
        for f in codes:
            f.__code__ = names["refused"].__code__
        yield
    finally:
        for f, code in codes.items():
            f.__code__ = code


@contextmanager
def calls_of(*functions: Callable[..., Any]) -> Iterator[list[float]]:
    """Count how often each of these functions is called while this lasts.

    It counts under every name that a function has been given, and inside whatever has been made of
    it: a partial, a class with a `__call__`, a vectorised or a decorated one.

    Parameters
    ----------
    *functions : callable
        What a student wrote.

    Yields
    ------
    counts : list of float
        A count for each function, growing; infinite if it has no code in Python to recognise it by.

    Examples
    --------
    >>> def double(x):
    ...     return x + x
    >>> twice = double
    >>> with calls_of(double) as counts:
    ...     _ = twice(twice(1))
    >>> counts
    [2]
    """
    codes = [_code(f) for f in functions]
    counts = [0 if code else float("inf") for code in codes]

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in codes:
            counts[codes.index(frame.f_code)] += 1

    # A profile, and no function in another's place: nobody could say where the old one is kept.
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def made_of(f: Callable[..., Any], answer: Callable[[], Any], right: ArrayLike) -> bool:
    """Whether an answer is made of what a function returns, and does not call it for show.

    The answer is asked for while the function returns three times what it computes.

    Parameters
    ----------
    f : callable
        What a student wrote.
    answer : callable
        Gives the student's answer, at a place that was not asked for before.
    right : array_like
        What it is.

    Returns
    -------
    found : bool
        False if it is right all the same.

    Examples
    --------
    >>> def double(x):
    ...     return x + x
    >>> made_of(double, lambda: double(double(1)), 4)
    True
    >>> made_of(double, lambda: double(1) * 0 + 4, 4)
    False
    """
    inner = _inner(f)
    if inner is None:
        return True
    usual = inner.__code__
    computed = FunctionType(
        usual, inner.__globals__, usual.co_name, inner.__defaults__, inner.__closure__
    )
    computed.__kwdefaults__ = inner.__kwdefaults__
    able = [True]

    def stand_in(*arguments: Any, **options: Any) -> Any:
        result = computed(*arguments, **options)
        try:
            return _tripled(result)
        except (TypeError, ValueError):
            able[0] = False
            return result

    def through(*arguments: Any, **options: Any) -> Any:
        found: Any = 0.5  # the place of the stand-in: in there, names are the student's
        return found(*arguments, **options)

    # Python wants as many free variables as before.
    code = through.__code__
    inner.__code__ = code.replace(
        co_consts=tuple(stand_in if c == 0.5 else c for c in code.co_consts),
        co_freevars=usual.co_freevars,
    )
    try:
        given = answer()
        return not able[0] or not _same(given, right, RTOL, ATOL)
    except Exception:
        return True
    finally:
        inner.__code__ = usual


def _tripled(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        parts = [_tripled(part) for part in value]
        return parts if isinstance(value, list) else tuple(parts)
    return 3.0 * value


def _inner(f: Any) -> FunctionType | None:
    """The function in Python in a callable, whatever has been put around it."""
    while inner := (
        getattr(f, "__wrapped__", None) or getattr(f, "func", None) or getattr(f, "pyfunc", None)
    ):
        f = inner
    f = getattr(f, "__func__", f)
    if not isinstance(f, (FunctionType, type)):
        f = vars(type(f)).get("__call__")
    return f if isinstance(f, FunctionType) else None


def _code(f: Any) -> CodeType | None:
    inner = _inner(f)
    return inner.__code__ if inner else None


def differentiators() -> set[Callable[..., Any]]:
    """What the library differentiates functions with, for an exercise that is done `without`.

    Returns
    -------
    tools : set of callable
        All transforms that give a derivative, and the central difference.
    """
    from dualedu import derivative, gradient, hvp, jacobian, jvp, value_and_gradient
    from dualedu.core.check import central_difference
    from dualedu.jets import jet

    return {
        derivative,
        gradient,
        hvp,
        jacobian,
        jvp,
        value_and_gradient,
        central_difference,
        jet,
    }


@contextmanager
def _quiet() -> Iterator[None]:
    heard = contextlib.redirect_stderr(sys.stdout)
    with warnings.catch_warnings(), np.errstate(all="ignore"), heard:
        warnings.simplefilter("ignore")
        yield


def _given(answer: object, what: str) -> None:
    if answer is None or isinstance(answer, EllipsisType):
        raise NotYet(f"{what} is still missing; put your answer in place of the dots.")


def _typed(text: str) -> bool:
    """Whether a text is nothing but a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(value: Any) -> float | None:
    """What is one number in any form: an array of one, a fraction, a decimal, SymPy's."""
    if isinstance(value, (bool, np.bool_, str, bytes)) or _is_dual(value):
        return None
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        return float(array.item()) if array.size == 1 and array.dtype.kind in "iuf" else None
    if isinstance(value, (numbers.Real, decimal.Decimal)) or getattr(value, "is_number", False):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    return None


def _named(answer: object, right: object, wrong: Wrong, look: str, rtol: float, atol: float) -> str:
    """The message of the typical mistake that was made, the nearest if several are near; `look` if
    it is none of them, or if two of them happen to give the same."""
    mistakes = [pair for pair in wrong if not _same(pair[0], right, rtol, atol)]
    for share in (0.0, 1e-3, 1e-2, 0.1, 0.3, 1.0):
        # Where zero is told apart from what is tiny, it is so here, too.
        near = max(RTOL, share * rtol), max(min(ATOL, atol), share * atol)
        said = {message: m for m, message in mistakes if _same(answer, m, *near)}
        if len(said) == 1:
            return next(iter(said))
        if said:
            return min(said, key=lambda s: _distance(answer, said[s])) if share else look
    return look


def _distance(a: Any, b: Any) -> float:
    return float(np.max(abs(np.asarray(a, float) - np.asarray(b, float))))


def _outcome(f: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return f(*arguments)
    except NotYet:
        raise
    except Exception as error:
        return error


def _same(a: Any, b: Any, rtol: float, atol: float) -> bool:
    if a is b:
        return True
    if isinstance(a, Exception) or isinstance(b, Exception):
        return type(a) is type(b)
    if _is_dual(a) or _is_dual(b):
        both = _is_dual(a) and _is_dual(b)
        return both and _same((a.primal, a.tangent), (b.primal, b.tangent), rtol, atol)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        pairs = zip(a, b, strict=False)
        return len(a) == len(b) and all(_same(x, y, rtol, atol) for x, y in pairs)
    try:
        x, y = np.asarray(a), np.asarray(b)
        if x.shape != y.shape:
            return False
        x, y = (_plain(z) if z.dtype.kind == "O" else z for z in (x, y))
        if x.dtype.kind in "biuf" and y.dtype.kind in "biuf":
            return bool(np.allclose(x, y, rtol=rtol, atol=atol, equal_nan=True))
        # Of two objects, a student's may say that it equals everything.
        return x.dtype.kind == y.dtype.kind != "O" and bool(np.all(x == y))
    except (TypeError, ValueError):
        return False


def _plain(array: np.ndarray) -> np.ndarray:
    """Fractions and the like as floats."""
    found = [_number(entry) for entry in array.ravel()]
    if any(entry is None for entry in found):
        return array
    return np.array(found, float).reshape(array.shape)


def _is_dual(value: object) -> bool:
    """A student's own class counts too."""
    return hasattr(value, "primal") and hasattr(value, "tangent")


def _compared(value: Any, wanted: Any, rtol: float, atol: float) -> tuple[str, str]:
    """Both as shown; where they would look the same, the first place at which they differ."""
    if _show(value) != _show(wanted):
        return _show(value), _show(wanted)
    if _is_dual(value) and _is_dual(wanted):
        value, wanted = (value.primal, value.tangent), (wanted.primal, wanted.tangent)
    if isinstance(value, (tuple, list)) and isinstance(wanted, (tuple, list)):
        pairs = zip(value, wanted, strict=True)
        value, wanted = next(pair for pair in pairs if not _same(*pair, rtol, atol))
        return _compared(value, wanted, rtol, atol)
    if np.ndim(value):
        off = ~np.isclose(value, wanted, rtol=rtol, atol=atol, equal_nan=True)
        first = tuple(np.argwhere(off)[0])
        shown, expected = _compared(value[first], wanted[first], rtol, atol)
        return f"{shown} {_place(off)}", expected
    return repr(np.asarray(value).item()), repr(np.asarray(wanted).item())


def _show(value: Any) -> str:
    """A value within a sentence: short, and on one line."""
    if _is_dual(value):
        return f"{_show(value.primal)} + {_show(value.tangent)}ε".replace("+ -", "- ")
    if isinstance(value, (np.ndarray, np.generic)) and np.ndim(value) == 0:
        value = value.item()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_show, value))})"
    if isinstance(value, list):
        more = ", ..." if len(value) > 4 else ""
        return f"[{', '.join(map(_show, value[:4]))}{more}]"
    if isinstance(value, np.ndarray):
        if value.size > 6 or value.dtype.kind == "O":
            return f"an array of shape {value.shape}"
        return " ".join(np.array2string(value, precision=4, separator=", ").split())
    if callable(value):
        return str(getattr(value, "__name__", "a function"))
    return reprlib.repr(value)


def _place(where: np.ndarray) -> str:
    first = ", ".join(str(i) for i in np.argwhere(where)[0])
    return f"at index {first}" if first else "as its only entry"


def _told(error: Exception) -> str:
    """An exception in a few words, with the line of the student's own code where it arose."""
    said = " ".join(str(error).split())
    libraries = os.path.dirname(os.path.dirname(__file__)), "site-packages"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not any(library in frame.filename for library in libraries)
    ]
    line = (frames[-1].line or "").strip() if frames else ""
    return (
        f"{type(error).__name__}"
        + (f" ({said})" if said else "")
        + (f" in `{line}`" if line else "")
    )
