"""What to write instead, where a dual number would have become a plain number or array.

NumPy, math and other libraries ask an argument for plain numbers by __array__ or __float__; who
asked, and in which expression, can be read from the caller's line. The sentence is made from that.
"""

from __future__ import annotations

import ast
import builtins
import dis
import linecache
import os
import re
import sys
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from dualedu.internals.registry import find, qualified
from dualedu.internals.shapes import is_array, is_dual

LOST = "a dual number does not become {what}, where its tangent would be lost: "
VALUE = "stop_gradient(x) is the value alone"

LIKE = "say which array the new one is like, np.{name}(…, like=x)"

NUMPY = {
    **dict.fromkeys(("full", "fromiter"), LIKE),
    **dict.fromkeys(
        ("stack", "concatenate", "hstack", "vstack", "dstack", "column_stack"),
        "write nested lists as np.array([[a, b], [c, d]], like=x), a list among arrays as "
        "np.array([a, b], like=x)",
    ),
    "dot": "write X @ W, or np.dot(X, W)",
    "Polynomial": "write np.polyval(coefficients[::-1], x), or the powers",
    "poly1d": "write np.polyval(coefficients, x), or the powers",
    "vectorize": (
        "np.vectorize hands its function plain numbers; call the function itself, f.pyfunc of a "
        "decorated one, on the whole array, or write np.stack([f(entry) for entry in x])"
    ),
    **dict.fromkeys(
        ("permutation", "permuted", "choice"),
        "draw places and take their entries: x[rng.permutation(len(x))], x[rng.choice(len(x), n)]",
    ),
    "arange": "count in whole numbers: start + step * np.arange(n)",
    "ndenumerate": "write [(i, x[i]) for i in np.ndindex(x.shape)]",
    "nditer": "np.nditer walks through plain arrays; write for v in x.flat",
    "matrix": "leave it out: x is an array already, and x @ y the product of matrices",
    **dict.fromkeys(
        ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"),
        "compare stop_gradient(x)",
    ),
    "fill": "make the array like one, np.zeros_like(x); then y.fill(x) works",
    **dict.fromkeys(
        ("put", "fill_diagonal"),
        "make the array like one, np.zeros_like(x); then y[…] = x works, and np.{name}(y, …)",
    ),
    **dict.fromkeys(
        ("format_float_positional", "format_float_scientific"), "write f'{{x:.6f}}' or f'{{x:.3e}}'"
    ),
    "as_strided": "np.lib.stride_tricks.sliding_window_view(x, window) makes windows of both",
    "broadcast": "write np.broadcast_arrays(x, y), or np.broadcast_shapes(x.shape, y.shape)",
    **dict.fromkeys(("complex128", "complex64"), "write x + 0j"),
    "asarray_chkfinite": "leave it out, x is an array already; np.isfinite(x) looks at its entries",
    "float64": "leave it out: x computes in the dtype it has",
    "float32": "leave it out, or write x.astype(np.float32)",
}
"""Advice by the name that was called."""

DRAWS = (
    "write what is drawn as a function of plain random numbers: mean + std * rng.normal(size=n), "
    "scale * rng.exponential(size=n), low + (high - low) * rng.random(n)"
)

MATH = {
    "asin": "np.arcsin", "acos": "np.arccos", "atan": "np.arctan", "atan2": "np.arctan2",
    "asinh": "np.arcsinh", "acosh": "np.arccosh", "atanh": "np.arctanh", "pow": "np.power",
    "fsum": "np.sum", "prod": "np.prod", "dist": "np.linalg.norm", "radians": "np.radians",
    "degrees": "np.degrees", "erf": "scipy.special.erf", "erfc": "scipy.special.erfc",
    "gamma": "scipy.special.gamma", "lgamma": "scipy.special.gammaln", "sumprod": "np.dot",
    "isclose": "np.isclose", "remainder": "x - y * np.round(x / y)", "factorial": "np.prod",
    "fmod": "np.fmod", "modf": "np.modf",
}  # fmt: skip
"""NumPy's names where they are not those of math."""


def conversion(what: str, depth: int = 2) -> Exception:
    """The error for a refused conversion to `what`, as seen from the caller's line."""
    instead = advice(sys._getframe(depth), what)
    # np.nditer puts a sentence of its own, which leads nowhere, in the place of every TypeError.
    kind = ValueError if NUMPY["nditer"] in instead else TypeError
    return kind(LOST.format(what=what) + instead)


def advice(frame: FrameType | None, what: str) -> str:
    inside, module = "", ""
    while frame is not None and package(frame):
        if (instead := of_object(frame)) is not None:
            return f"{instead}; {VALUE}"
        if package(frame) not in ("numpy", "dualedu"):
            inside = public_name(frame) or inside
            module = public_module(frame)
        elif module:
            break
        frame = frame.f_back
    if module:
        name = inside or module
        found = find(name)
        return f"{name} works on plain numbers; {found.formula if found else f'{VALUE}, {RULE}'}"
    call = expression(frame) if frame is not None else None
    if isinstance(call, ast.Call):
        return of_list(call, frame) or of_call(call, what, frame)
    if isinstance(call, ast.BinOp):
        return f"{of_operator(call, frame)}; {VALUE}"
    if isinstance(call, ast.Subscript | ast.Attribute):
        name = ast.unparse(call.value)
        if name in COLUMNS:
            return f"write {COLUMNS[name]} in place of {name}[…]; {VALUE}"
        if frame is not None and stores(frame):
            records = getattr(getattr(value_of(call.value, frame), "dtype", None), "names", None)
            return f"{RECORDS if records else f'{name} is a plain array, {MAKE}'}; {VALUE}"
        return f"an index is a whole number, np.floor(x).astype(int); {VALUE}"
    return GENERAL if what == "a plain array" else f"{ASSIGNED}; {VALUE}"


def of_operator(call: ast.BinOp, frame: FrameType | None) -> str:
    """For an operand that takes dual numbers for its own kind, as NumPy's arrays do not: a text
    with its %, a masked array."""
    for side in (call.left, call.right):
        if type(value_of(side, frame)).__name__ == "MaskedArray":
            return MASKED
    return "write f'{x:.2f}' in place of '%.2f' % x" if isinstance(call.op, ast.Mod) else GENERAL


def stores(frame: FrameType) -> bool:
    """Whether the frame is writing into what its expression names."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("STORE")


MAKE = (
    "which cannot hold it; make that array with like=, np.zeros(n, like=x), or by np.zeros_like(x)"
)

RECORDS = "an array of records holds no dual numbers; keep a dict of arrays, one for each field"

ASSIGNED = (
    "write np.sin and its like for functions of math; where it was assigned to an entry, y[i] = x, "
    "make y with np.zeros(n, like=x)"
)

COLUMNS = {"np.r_": "np.concatenate([x, y])", "np.c_": "np.column_stack([x, y])"}


GENERAL = (
    "np.array([…], like=x) makes an array of dual numbers, np.stack and np.concatenate join them, "
    f"np.where chooses between them; {VALUE}"
)

RULE = "and custom_jvp gives a function a derivative"


def package(frame: FrameType) -> str:
    """The library a frame belongs to, "" for the reader's own code."""
    top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    installed = frame.f_code.co_filename.startswith(LIBRARIES) and top not in ("", "__main__")
    return top if installed or top in KNOWN else ""


KNOWN = {"numpy", "dualedu", "scipy", "pandas", "xarray", "sklearn", "torch", "jax", "statsmodels"}

LIBRARIES = tuple(os.path.dirname(name) for name in (os.__file__, os.path.dirname(np.__file__)))
"""Where Python's own modules lie, and what is installed beside NumPy. Others are known by name."""


def public_name(frame: FrameType) -> str:
    """The dotted name by which users call a library's function: of the class for a method, of what
    it decorates for a wrapper. "" if the function has none."""
    code, local = frame.f_code, frame.f_locals
    owner = type(local["self"]) if "self" in local else None
    wrapped = [local.get(name) for name in code.co_freevars]
    candidates = [
        (str(thing.__module__), name)
        for thing in (owner, *wrapped)
        if isinstance(name := getattr(thing, "__qualname__", None), str)
    ]
    here = str(frame.f_globals["__name__"]), code.co_qualname.partition(".")[0]
    for module, name in (*candidates, here):
        parts = public_part(module).split(".")
        for end in range(1, len(parts) + 1):
            prefix = ".".join(parts[:end])
            if callable(getattr(sys.modules.get(prefix), name, None)) and name[0] != "_":
                return f"{prefix}.{name}"
    return ""


def public_module(frame: FrameType) -> str:
    return public_part(str(frame.f_globals["__name__"]))


def public_part(module: str) -> str:
    return re.split(r"\._", module, maxsplit=1)[0]


def expression(frame: FrameType) -> ast.expr | None:
    """The expression that a frame is computing, if its source can be had."""
    positions = list(frame.f_code.co_positions())
    line, end, column, end_column = positions[frame.f_lasti // 2]
    if line is None or end is None or column is None or end_column is None:
        return None
    name = frame.f_code.co_filename
    lines = [linecache.getline(name, n, frame.f_globals).encode() for n in range(line, end + 1)]
    if not all(lines):
        return None
    lines[-1] = lines[-1][:end_column]
    lines[0] = lines[0][column:]
    try:
        return ast.parse(b"(" + b"".join(lines) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def of_object(frame: FrameType) -> str | None:
    """For the objects of NumPy that are called as functions, and what they call."""
    x = frame.f_locals.get("self")
    if isinstance(x, np.vectorize):
        return NUMPY["vectorize"]
    module, name = str(frame.f_globals.get("__name__")), frame.f_code.co_name
    if not module.startswith("numpy.polynomial."):
        return None
    if (value := getattr(x, "_val", None)) is not None:
        module, name = type(x).__module__, value.__name__
        if frame.f_code.co_name == "__call__":
            given = f"{module.replace('numpy', 'np')}.{name}(x, p.convert().coef)"
            return f"write {given} in place of p(x)"
    if module.endswith("._polybase") and name == "fit":
        return "np.polyfit(x, y, deg)[::-1] are the coefficients of the powers"
    if module.endswith(("._polybase", ".polyutils")):
        return None
    named = f"{module.replace('numpy', 'np')}.{name}"
    for ending, instead in POLYNOMIALS.items():
        if name.endswith(ending):
            return instead.format(named=named, stem=named.removesuffix(ending))
    return None


POLYNOMIALS = {
    "polymul": "write np.convolve(a, b)",
    "polyfromroots": "write np.poly(roots)[::-1]",
    "polyroots": "write np.roots(c[::-1])",
    "val": "it is linear in the coefficients c: write {stem}vander(x, len(c) - 1) @ c",
    "vander": "write {stem}val(x, np.eye(deg + 1)).T",
    "fit": "the coefficients are np.linalg.lstsq({stem}vander(x, deg), y)[0]",
    "der": "it is linear in the coefficients c: write {named}(np.eye(len(c))) @ c",
    "int": "it is linear in the coefficients c: write {named}(np.eye(len(c))) @ c",
}
"""Advice by the end of a name in np.polynomial."""


def of_list(call: ast.Call, frame: FrameType | None) -> str | None:
    """For a list of dual numbers given to one of NumPy's functions, which looks for dual numbers
    among its arguments and not within them."""
    function = ast.unparse(call.func)
    owner, name = home(call.func, frame)
    if frame is None or owner.partition(".")[0] not in ("np", "numpy") or "(" in function:
        return None
    if name in ARRAYS or (name in NUMPY and name != "dot"):
        return None
    known = frame.f_globals | frame.f_locals
    duals = {key for key, x in known.items() if is_dual(x) and not isinstance(x, type)}
    for given in (*call.args, *(keyword.value for keyword in call.keywords)):
        names = {part.id for part in ast.walk(given) if isinstance(part, ast.Name)}
        if isinstance(given, LISTS):
            holds = bool(names & duals) or any(holds_dual(known.get(key)) for key in names)
            holds &= not any(isinstance(part, ast.Lambda) for part in ast.walk(given))
        else:
            holds = holds_dual(value_of(given, frame))
        if holds:
            like = min(names & duals or duals or {"x"})
            text = ast.unparse(given)
            return (
                f"{function} does not look into lists; make an array of it first, "
                f"np.array({text if len(text) < 50 else '…'}, like={like}); {VALUE}"
            )
    return None


def value_of(given: ast.expr | None, frame: FrameType | None) -> Any:
    """What a name or dotted name stands for where the frame is, None for other expressions. Only
    modules, classes and NumPy's objects are asked: a reader's property may do anything."""
    if isinstance(given, ast.Name) and frame is not None:
        return (vars(builtins) | frame.f_globals | frame.f_locals).get(given.id)
    if not isinstance(given, ast.Attribute):
        return None
    owner = value_of(given.value, frame)
    known = isinstance(owner, ModuleType | type) or type(owner).__module__.startswith("numpy")
    if known or is_dual(owner):
        return getattr(owner, given.attr, None)
    return getattr(owner, "__dict__", {}).get(given.attr)


def home(function: ast.expr, frame: FrameType | None) -> tuple[str, str]:
    """The module and the name of a function of NumPy or math, whatever the reader calls it, as by
    `from math import sin`; of others what stands before the last dot, and behind it."""
    thing = value_of(function, frame)
    module, name = getattr(thing, "__module__", None), getattr(thing, "__name__", None)
    if isinstance(module, str) and isinstance(name, str) and HOMES.match(module):
        return public_part(module).replace("numpy", "np"), name
    if isinstance(function, ast.Call):  # np.vectorize(f)(x)
        return "", ast.unparse(function.func).rpartition(".")[2]
    owner, _, name = ast.unparse(function).rpartition(".")
    return owner, name


def holds_dual(x: Any) -> bool:
    return isinstance(x, list | tuple) and any(is_dual(part) or holds_dual(part) for part in x)


LISTS = ast.List | ast.Tuple | ast.ListComp

ARRAYS = ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray", "require")

MASKED = (
    "a masked array holds no dual numbers; keep the mask beside x, as an array of truth values: "
    "x[~mask], np.mean(x, where=~mask), np.where(mask, 0.0, x)"
)


def of_call(call: ast.Call, what: str, frame: FrameType | None) -> str:
    function = ast.unparse(call.func)
    owner, name = home(call.func, frame)
    if owner.startswith("np.random") and name not in (*NUMPY, *METHODS):
        return f"{DRAWS}; {VALUE}"
    of_numpy = owner.partition(".")[0] == "np" and "(" not in owner
    if owner.endswith("math") or (name in MATH and what != "a plain array" and not of_numpy):
        instead = MATH.get(name, f"np.{name}")
        return f"write {instead} in place of {function}; {VALUE}"
    if "ma" in owner.split("."):
        return f"{MASKED}; {VALUE}"
    if name in ARRAYS and owner.partition(".")[0] in ("", "np", "numpy"):
        first = call.args[0] if call.args else None
        if isinstance(first, LISTS | ast.GeneratorExp) or holds_dual(value_of(first, frame)):
            return f"{LIKE.format(name=name)}; {VALUE}"
        given = ast.unparse(first) if first is not None else "x"
        return (
            f"leave {function} out, {given} is an array already (of a list of dual numbers, "
            f"np.{name}({given}, like=x) makes one); {VALUE}"
        )
    if name in NUMPY:
        return f"{NUMPY[name].format(name=name)}; {VALUE}"
    inner = {part.id for part in ast.walk(call) if isinstance(part, ast.Name)}
    for kind in ("float", "int", "complex"):  # map(float, x)
        if kind in inner:
            instead = "np.floor(x)" if kind == "int" else "x itself"
            return f"leave {kind} out and use {instead}; {VALUE}"
    if name in METHODS and not of_numpy:
        return f"write np.{name}({owner}, …) in place of {function}(…); {VALUE}"
    if any(keyword.arg == "initial" for keyword in call.keywords):
        return f"begin in a step of its own, as in np.sum(x) + initial; {VALUE}"
    if owner in ("np", "np.linalg", "np.fft"):
        return f"{INSIDE.format(function=function)}; {VALUE}"
    return f"{function} asks for plain numbers; {VALUE}, {RULE}"


HOMES = re.compile(r"(c?math|numpy)(\.|$)")

INSIDE = (
    "{function} looks for dual numbers among its arrays, not within lists and not in its other "
    "arguments; make the array like one, np.array(…, like=x)"
)

METHODS = ("choose", "searchsorted", "std", "var")
"""Methods of a plain array that look for dual numbers among their arguments, as functions do."""


def plain_target(name: str) -> TypeError:
    """The error for a dual number that would be written into a plain array by the function of this
    name, or by what the reader called, such as np.full_like, which calls it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and package(frame):
        frame = frame.f_back
    call = expression(frame) if frame is not None else None
    function = ast.unparse(call.func) if isinstance(call, ast.Call) else name
    likes = home(call.func, frame)[1] in NUMPY if isinstance(call, ast.Call) else False
    return TypeError(
        f"{function} would write a dual number into a plain array and lose its tangent; make that "
        f"array like one: {f'{function}(…, like=x)' if likes else 'np.zeros(n, like=x)'}, or "
        "np.zeros_like(x)"
    )


def no_method(ufunc: Any, method: str) -> TypeError:
    name = qualified(ufunc)
    instead = {
        "reduce": f"write functools.reduce({name}, x)",
        "accumulate": f"write np.stack(list(itertools.accumulate(x, {name})))",
        "reduceat": "write np.stack([functools.reduce("
        f"{name}, p) for p in np.split(x, places)[1:]])",
        "at": f"write for i, b in zip(places, values): y[i] = {name}(y[i], b)",
    }
    return TypeError(f"{name}.{method} has no derivative rule; {instead[method]}")


def no_rule(function: Any) -> TypeError:
    found = find(function)
    if getattr(function, "__name__", "").endswith("(vectorized)"):  # of np.frompyfunc
        return TypeError(NUMPY["vectorize"].replace("vectorize", "frompyfunc"))
    instead = (
        "write it with functions that have one (the book's page 'Every rule' lists them), "
        "or use x.primal if you want the value alone"
        if found is None
        else found.formula
    )
    return TypeError(f"{qualified(function)} has no derivative rule for dual numbers: {instead}")


def dropped(what: str, instead: str) -> str:
    return (
        f"{what} would drop the tangent of a dual number; "
        f"use {instead}, or stop_gradient(x) for the value alone"
    )


def outlived() -> RuntimeError:
    return RuntimeError(
        "this dual number has outlived its differentiation: it was stored inside a function "
        "given to jvp, derivative, gradient or jacobian and used after that call returned. "
        "Return it from the function instead, or store x.primal"
    )


def mixed_directions(first: int | None, second: int | None) -> ValueError:
    names = ["one direction" if k is None else f"{k} directions" for k in (first, second)]
    return ValueError(
        f"these dual numbers carry {names[0]} and {names[1]}: numbers that meet must be seeded "
        "with the same number of directions"
    )


def described(outcome: Any) -> str:
    """What it is, without its repr: a function's holds an address, and others have no end."""
    if outcome is None:
        return "None"
    if is_array(outcome):
        return f"an array of {outcome.dtype}"
    return f"an object of type {type(outcome).__name__}"
