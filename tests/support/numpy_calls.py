"""Calls of NumPy functions, one a line: what the rules are tested on and the fuzzer composes.

Arrays of floats and np.float64 scalars are varied; everything else is held fixed. Samples lie at
least 0.1 away from ties, kinks and the ends of domains, so that the fuzzer may shake them a little.
"""

# ruff: noqa: E501

from dataclasses import dataclass, field

import numpy as np

from dualedu.internals.registry import qualified

A, B = np.float64(1.3), np.float64(-0.7)
V = np.array([0.7, -1.2, 0.4])
W = np.array([1.1, 0.3, -0.8])
POS = np.array([0.6, 1.4, 2.3])
FOUR = np.array([0.9, -0.4, 2.2, 1.5])
M = np.array([[0.7, -1.3, 2.1], [0.2, 3.3, -0.9]])
N = np.array([[1.2, -0.5], [0.4, 0.8], [-1.6, 0.3]])
S = np.array([[2.1, 0.3, -0.4], [0.5, 1.7, 0.2], [-0.3, 0.6, 1.4]])
P = np.array([[2.5, 0.4, -0.3], [0.4, 1.2, 0.5], [-0.3, 0.5, 3.6]])
D = np.array([[1.1, 0.4, -0.2], [0.3, -2.3, 0.5], [0.1, 0.6, 4.2]])
D2 = np.kron([[1.0, 0.3], [-0.2, 0.7]], S)
T = np.stack([S, P[::-1] + 0.1 * S])
C = np.array(
    [
        0.1,
        1.4,
        -0.7,
        2.2,
        0.9,
        -1.5,
        1.8,
        0.5,
        -2.1,
        1.1,
        3.1,
        -0.3,
        0.7,
        2.6,
        -1.2,
        0.3,
        -0.5,
        1.6,
        2.9,
        -1.8,
        1.2,
        -0.9,
        2.4,
        3.4,
    ]
).reshape(2, 3, 4)
GAPS = np.array([[0.7, np.nan, 2.1], [np.nan, 3.3, -0.9]])
E, Z = np.zeros(0), np.zeros((0, 3))
QUANTILES = [
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "median_unbiased",
    "normal_unbiased",
    "lower",
    "higher",
    "midpoint",
    "nearest",
]
PICK = np.array([[True, False, True], [False, True, True]])


@dataclass
class Call:
    """function(*args, **kwargs)"""

    function: object
    args: tuple
    kwargs: dict = field(default_factory=dict)

    def __call__(self, variables=None):
        """The result, with `variables` in place of the arrays that are varied."""
        queue = iter(self.variables if variables is None else variables)
        args = fill(self.args, queue)
        return self.function(*args, **fill(self.kwargs, queue))

    @property
    def variables(self):
        return [*collect(self.args), *collect(self.kwargs)]

    @property
    def key(self):
        """The function as the registry knows it: a method of a ufunc is a pair."""
        ufunc = getattr(self.function, "__self__", None)
        return (ufunc, self.function.__name__) if isinstance(ufunc, np.ufunc) else self.function

    @property
    def name(self):
        return qualified(self.key)

    def __str__(self):
        shown = [show(a) for a in self.args] + [f"{k}={show(v)}" for k, v in self.kwargs.items()]
        return f"{self.name}({', '.join(shown)})"


def varied(value):
    return isinstance(value, np.ndarray | np.float64) and value.dtype.kind == "f"


def collect(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [x for part in value for x in collect(part)]
    return [value] if varied(value) else []


def fill(value, queue):
    if isinstance(value, dict):
        return {k: fill(v, queue) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill(v, queue) for v in value)
    return next(queue) if varied(value) else value


def leaves(outcome):
    """The results of a function that returns one or several, in tuples and lists, as one list."""
    if isinstance(outcome, list | tuple):
        return [x for part in outcome for x in leaves(part)]
    return [outcome]


def show(value):
    if callable(value):
        return value.__name__  # its repr holds an address, which differs between workers
    if isinstance(value, np.ndarray):
        return "x".join(map(str, value.shape)) + ("" if varied(value) else f" {value.dtype}")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(show, value))}]"
    return repr(value).replace("np.float64", "")


def mirrored(line, width, axis, options):
    """For np.pad: writes the squares of a line's ends before and after it."""
    line[: width[0]] = line[width[0]] ** 2
    line[-width[1] :] = line[-width[1] - 1] ** 2


CALLS: list[Call] = []


def calls(function, *table):
    """One entry a call: a tuple of arguments, keywords last in a dictionary."""
    for args in table:
        args = args if isinstance(args, tuple) else (args,)
        kwargs = args[-1] if isinstance(args[-1], dict) else {}
        CALLS.append(Call(function, args[:-1] if kwargs else args, kwargs))


def newer(*names):
    """Functions of later versions of NumPy than 2.0, where they are there."""
    return [getattr(np, name) for name in names if hasattr(np, name)]


# fmt: off
# --- shape ---------------------------------------------------------------------------------------
calls(np.reshape, (M, (3, 2)), (M, -1), (M, (3, 2), {"order": "F"}), (A, (1, 1)), (Z, (3, 0)))
calls(np.ravel, M, A, (M, {"order": "F"}), Z)
calls(np.squeeze, M[:, None], (M[None, :, None], {"axis": 0}), (M[None, :, None], {"axis": (0, -2)}), A)
calls(np.expand_dims, (M, 0), (M, -1), (V, (0, 2)), (A, 0))
calls(np.transpose, M, C, (C, (2, 0, 1)), (C, (-1, 0, 1)), V, A, Z)
calls(np.swapaxes, (C, 0, 2), (C, -1, 1), (M, {"axis1": 1, "axis2": 0}))
calls(np.moveaxis, (C, 0, 2), (C, [0, 1], [-1, 0]), (C, -1, {"destination": 0}))
calls(np.rollaxis, (C, 2), (C, 1, 3))
calls(np.flip, M, (C, 1), (C, (0, -1)), E)
calls(np.fliplr, M)
calls(np.flipud, M, V)
calls(np.roll, (V, 1), (M, 2), (M, 1, 0), (M, (1, 2), (0, 1)), (M, -1, {"axis": -1}), (E, 1))
calls(np.rot90, M, (M, 2), (C, 1, (1, 2)), (C, {"k": -1, "axes": (0, -1)}))
calls(np.fft.fftshift, V, M, (M, 1))
calls(np.fft.ifftshift, V, (M, {"axes": 0}))
calls(np.atleast_1d, A, V, (A, V))
calls(np.atleast_2d, A, V, M)
calls(np.atleast_3d, A, V, M, C)
calls(np.matrix_transpose, M, C)
calls(np.linalg.matrix_transpose, M, C)
calls(np.broadcast_to, (V, (2, 3)), (A, (2, 2)), (M[:, :1], (2, 4)), (V, (0, 3)))
calls(np.broadcast_arrays, (V, M), (A, N[:, :1], V))
calls(np.lib.stride_tricks.sliding_window_view, (FOUR, 2), (M, (2, 2)), (M, 2, {"axis": 1}))
calls(np.copy, M, A)
calls(np.real, M)
calls(np.real_if_close, V)
calls(np.unwrap, np.array([0.3, 2.8, 6.9, -1.1]), (M * 3, {"axis": 0}), (FOUR, {"period": 1.0}))
calls(np.astype, (M, np.float64))
calls(np.full_like, (M, A), (V, V, {"shape": (2, 3)}))

# --- picking, repeating and joining ----------------------------------------------------------------
calls(np.take, (V, 1), (V, [2, 0]), (M, [0, 5, 5]), (C, [1, 0], 1), (C, [[0, 3]], {"axis": -1}))
calls(np.take_along_axis, (M, np.array([[0], [2]]), 1), (M, np.array([[1, 0, 1]]), 0))
calls(np.take_along_axis, (M, np.array([4, 0]), None))
calls(np.compress, ([True, False, True], V), ([False, True], M, 0), ([True, True, False], M, {"axis": 1}))
calls(np.extract, (PICK, M), (V > 0, V))
calls(np.delete, (V, 1), (M, [0, 2], 1), (M, 3), (C, slice(1, 3), -1))
calls(np.insert, (V, 1, A), (V, [0, 2], [9.0, 8.0]), (M, 1, V, 0), (M, 2, 0.0), ([1.0, 2.0], 1, A))
calls(np.repeat, (V, 2), (M, 2), (M, [1, 0, 2], 1), (C, 2, {"axis": -2}), (A, 3))
calls(np.tile, (V, 2), (M, (2, 1, 2)), (A, 3))
calls(np.resize, (M, (2, 2)), (V, 7))
calls(np.diag, V, M, (M, 1), (V, -1))
calls(np.diagflat, M, (V, 1))
calls(np.diagonal, M, (C, 1), (C, {"axis1": 2, "axis2": 0}), (C, -1, 1, 2))
calls(np.linalg.diagonal, M, (C, {"offset": 1}))
calls(np.trace, S, (C, 1), (C, {"axis1": -1, "axis2": 0}))
calls(np.linalg.trace, S, T, (T, {"offset": 1}))
calls(np.triu, S, (T, 1), V)
calls(np.tril, S, (M, -1), V)
calls(np.split, (FOUR, 2), (C, [1, 2], 1), (C, 2, {"axis": -1}))
calls(np.array_split, (FOUR, 3), (C, 3, 2))
calls(np.hsplit, (M, 3), (FOUR, 2))
calls(np.vsplit, (M, 2))
calls(np.dsplit, (C, [1, 3]))
for unstack in newer("unstack"):
    calls(unstack, M, (C, {"axis": -1}))
calls(np.concatenate, ([V, W],), ((M, N.T), 1), ([M, V[None]], -2), ([M, C], None), ([V, [1.0]],), ([E, V], {"axis": 0}))
calls(np.stack, ([V, W],), ([V, W], 1), ([M, N.T, M], {"axis": -1}), ([A, B],), ([V, [1.0, 2.0, 3.0]],))
calls(np.vstack, ([V, W],), ([M, V],), ([A, B],))
calls(np.hstack, ([V, A],), ([M, M],), ([C, C],))
calls(np.dstack, ([V, W],), ([M, M],))
calls(np.column_stack, ([V, W],), ([N, V],))
calls(np.block, ([[S, V[:, None]], [W, 1.0]],), ([V, A],), (V,))
calls(np.append, (V, A), (M, N.T, 0), (M, [1.0, 2.0]), ([1.0], V))
calls(np.pad, (V, 1), (M, ((1, 0), (2, 1)), "edge"), (FOUR, 2, "reflect"), (M, 1, "symmetric"), (V, 2, "wrap"))
calls(np.pad, (M, (1, 2), "constant", {"constant_values": 5.0}), (V, 2, {"mode": "constant"}))
calls(np.pad, (V, 2, {"constant_values": A}), (M, ((1, 0), (2, 1)), {"constant_values": [[A, 1.0], [B, A]]}))
calls(np.pad, (V, 3, "linear_ramp"), (M, (2, 1), "linear_ramp", {"end_values": A}), (M, ((0, 2), (1, 0)), "linear_ramp", {"end_values": [A, 0.5]}))
calls(np.pad, (FOUR, 3, "reflect", {"reflect_type": "odd"}), (M, ((2, 1), (0, 2)), "symmetric", {"reflect_type": "odd"}))
calls(np.pad, (FOUR, (1, 2), "mean", {"stat_length": 2}), (M, 1, "maximum", {"stat_length": ((1, 2), (2, 1))}), (M, 1, mirrored))
calls(np.pad, (V, (1, 2), "mean"), (M, 1, "mean"), (C, (1, 0), "maximum"), (M, 2, "minimum"), (M, 1, "median"))
calls(np.meshgrid, (V, W[:2]), (V, FOUR, A, {"indexing": "ij"}), (V, W, {"sparse": True}), (V,))
calls(np.where, (PICK, M, N.T), (PICK, M, 0.0), (V > 0, 1.0, V), (PICK, V, A), ([True, False, True], V, W))
calls(np.select, ([V > 0.5, V < 0], [V, W], 7.0), ([PICK], [M]), ([V > 0.5, V > 0], [V, 1.0], {"default": A}))
calls(np.choose, ([0, 1, 1], [V, W]), (np.array([1, 0, 1]), np.stack([V, W])))
calls(np.choose, ([-1, 5, 1], [V, W], {"mode": "wrap"}), ([-1, 5, 1], [V, W], {"mode": "clip"}))
calls(np.linspace, (A, B), (V, W, 4), (A, 5.0, {"num": 3, "endpoint": False}), (0.0, V, 3, {"axis": -1}))
calls(np.linspace, (A, B, 4, True, True), (A, B, 1))
calls(np.logspace, (A, B, 4), (V, W, 3, {"base": 2.0}), (0.1, A, 3, {"base": np.float64(1.7)}))
calls(np.logspace, (A, B, 3, {"base": POS}), (V, 0.5, 4, {"base": POS, "axis": -1}))
calls(np.geomspace, (A, 5.0, 4), (-A, -3.0, 3), (POS, POS + 1, 3, {"axis": -1}), (1.0, POS, 4, {"axis": 1}))

# --- sums and products -----------------------------------------------------------------------------
for function in (np.sum, np.mean, np.prod, np.nansum, np.nanmean, np.nanprod):
    calls(function, V, A, (C, 1), (C, (0, -1)), (M, {"keepdims": True}), (M, -1, {"keepdims": True}))
    calls(function, (M, {"where": PICK}), (M, {"axis": 1, "where": [True, False, True]}))
for function in (np.sum, np.prod, np.max, np.min, np.ptp, np.nansum, np.nanmax, np.cumsum, np.cumprod):
    calls(function, (A, 0), (A, {"axis": -1}))  # ufuncs take these axes of a number
for function in (np.sum, np.prod, np.nansum, np.nanprod):
    calls(function, (M, {"axis": 0, "initial": 2.5}), E, (Z, 0), (Z, 1), (Z, {"axis": 0, "keepdims": True}))
calls(np.mean, (Z, 1))
calls(np.prod, (V, {"initial": A}), (M, {"axis": 1, "initial": B, "where": PICK}))
for function in (np.nansum, np.nanmean, np.nanprod, np.nanvar, np.nanstd, np.nanmax, np.nanmin,
                 np.nanmedian, np.nancumsum, np.nancumprod):
    calls(function, (GAPS, {"axis": 1}), GAPS, (GAPS, 0))
for function in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod):
    calls(function, V, M, (C, 1), (C, {"axis": -1}), A, E, (Z, 0), (M, {"axis": 0, "dtype": np.float64}))
for function in newer("cumulative_sum", "cumulative_prod"):
    calls(function, V, (C, {"axis": 1}), (C, {"axis": -1, "include_initial": True}))
for function in (np.var, np.std, np.nanvar, np.nanstd):
    calls(function, V, (C, 1), (M, {"axis": (0, 1), "ddof": 1}), (M, {"axis": 0, "keepdims": True}))
    calls(function, (M, {"axis": 1, "correction": 1}), (C, {"axis": 2, "where": np.arange(4) != 2}))
calls(np.var, (M, 1, None, None, 1), (M, {"axis": 1, "mean": N[:2, :1]}))
calls(np.std, (M, {"axis": 1, "mean": N[:2, :1]}))
calls(np.average, V, (M, 1), (V, {"weights": POS}), (M, 1, POS), (M, {"weights": np.abs(M), "axis": 0}))
calls(np.average, (M, {"axis": 1, "weights": [1, 2, 5], "returned": True}), (M, {"weights": POS, "axis": 1, "keepdims": True}))
calls(np.average, (C, (0, 2), np.abs(C[:, 0])), (C, (2, 0), np.abs(C[:, 0].T)))
calls(np.dot, (V, W), (M, V), (V, N), (M, N), (C, FOUR), (V, C), (M[:, :1] @ M[:1], C), (A, V), (M, B), ([1.0, 2.0, 3.0], N))
calls(np.vdot, (V, W), (M, N), (A, B))
calls(np.inner, (V, W), (M, V), (C, FOUR), (A, V), (M, M[:1]))
calls(np.outer, (V, W), (M, V), (A, W), {"a": V, "b": W}, {"b": M, "a": V}, (V, {"b": W}))
calls(np.linalg.outer, (V, W))
calls(np.matmul, (V, W), (M, N), (V, N), (M, V), (C, FOUR), (V, C), (T, N), (M, T), (T, S[None]), (T, T), (T[:1], T), (T, V), (FOUR[:2], T[:, :2]), (Z, N))
calls(np.matmul, (C[:, None], C[0].T), (np.ones((3, 1, 2, 3)), T), ([[1.0, 2.0, 3.0]], N))
calls(np.linalg.matmul, (M, N), (T, S))
calls(np.vecdot, (V, W), (M, V), (C, FOUR), (M, N.T, {"axis": 0}))
calls(np.linalg.vecdot, (M, V), (M, N.T, {"axis": 0}))
for function in newer("matvec"):
    calls(function, (M, V), (T, V), (T, M))
for function in newer("vecmat"):
    calls(function, (V, N), (V, T), (M, T))
calls(np.tensordot, (M, N, 1), (C, np.moveaxis(C, 0, -1)), (C, C, ((0, 2), (0, 2))), (C, M, (1, 1)), (V, W, 0), (M, N, ([-1], [0])))
calls(np.linalg.tensordot, (M, N, {"axes": 1}))
calls(np.kron, {"b": M, "a": V}, (V, W), (M, N), (V, M), (A, V))
calls(np.cross, (V, W), (S, P), (V, S), (S, P, {"axis": 0}), (S, P, -1, 0, 1))
calls(np.linalg.cross, (V, W), (S, P, {"axis": 0}))
calls(np.convolve, (V, FOUR), (FOUR, V, "same"), (FOUR, V[:2], {"mode": "valid"}), (V, [1.0, 2.0]))
calls(np.correlate, (FOUR, V), (FOUR, V, "full"))
for text, *operands in (
    ("ij,jk->ik", M, N), ("ij,jk", M, N), ("ii->i", S), ("ii", S), ("ij->ji", M), ("...i,i", C, FOUR),
    ("ij...,i->...j", C, B + np.arange(2.0)), ("a,b,ab->", FOUR[:2], V, M), ("ij,ij->i", M, N.T), ("i,i", V, V),
    ("...ij,...jk->...ik", T, N), ("b c, c -> b", M, V), ("ij->", Z),
):
    calls(np.einsum, (text, *operands))
calls(np.einsum, (M, [0, 30]), (M, [30, 2]), (M, [0, 1], N, [1, 2], [0, 2]), (S, [0, 0]), (T, [Ellipsis, 0, 1], V, [1], [Ellipsis, 0]))
calls(np.einsum, ("ij,jk->ik", M, N, {"optimize": True}))

# --- order -----------------------------------------------------------------------------------------
for function in (np.max, np.min, np.ptp, np.amax, np.amin, np.nanmax, np.nanmin, np.median, np.nanmedian):
    calls(function, V, A, (C, 1), (C, (0, -1)), (M, {"keepdims": True}), (M, -1, {"keepdims": True}))
for function in (np.max, np.nanmax):
    calls(function, (M, {"axis": 0, "initial": 0.5}), (M, {"axis": 1, "where": PICK, "initial": -9.0}), (Z, {"axis": 0, "initial": 1.0}))
for function in (np.min, np.nanmin):
    calls(function, (M, {"axis": 0, "initial": 0.5}), (M, {"axis": 1, "where": PICK, "initial": 9.0}))
calls(np.median, FOUR, (C, 2))
for function in (np.quantile, np.nanquantile):
    calls(function, (FOUR, 0.3), (C, 0.25, 1), (C, [0.1, 0.5, 0.9], {"axis": (0, -1), "keepdims": True}), (FOUR, np.float64(0.45)), (V, [[0.2], [0.8]]), (M, 1.0))
for function in (np.percentile, np.nanpercentile):
    calls(function, (FOUR, 30), (C, [25, 75], {"axis": -1}), (FOUR, np.float64(45.0)))
calls(np.nanquantile, (GAPS, [0.2, 0.7], 1), (GAPS, 0.6))
for method in QUANTILES:
    calls(np.quantile, (C, [0.03, 0.4, 0.98], {"axis": 1, "method": method}), (FOUR, np.float64(0.45), {"method": method}))
    calls(np.nanpercentile, (GAPS, [11, 73], 1, {"method": method}))
calls(np.sort, V, M, (C, 1), (C, None), (M, {"axis": 0, "kind": "stable"}), Z)
calls(np.partition, (C, 2), (C, [1, 3]), (C, 1, {"axis": 1}), (C, 7, None))
calls(np.clip, (V, -0.5, 0.5), (V, None, W), (M, A, {"a_max": None}), (V, -1.0, {"a_max": np.array([0.5, 1, 2])}))

# --- calculus ----------------------------------------------------------------------------------------
calls(np.diff, V, (C, 2), (C, {"axis": 1}), (V, {"prepend": 0.0, "append": A}), (M, {"axis": 0, "prepend": V[None]}), (V, 0), (V, 0, {"prepend": 1.0}), ([1.0, 2.0], {"append": A}))
calls(np.ediff1d, M, (V, A, W), (V, {"to_begin": [1.0, 2.0]}))
calls(np.gradient, FOUR, (FOUR, 0.5), C, (C, {"axis": 1}), (np.concatenate([C, C]), 0.5, [0.0, 1.0, 3.0], {"axis": (0, 1)}), (FOUR, {"edge_order": 2}), (C, {"axis": (0, -1)}))
calls(np.gradient, (C, 0.5, 2.0, 1.0), (C, {"axis": (-1,)}))
calls(np.gradient, (V, POS), (FOUR, A), (np.concatenate([C, C]), A, POS, B, {"edge_order": 2}), (M, POS, {"axis": 1}), (C, A, POS, {"axis": (0, 1)}), ([0.5, 2.0, 1.0], POS, {"edge_order": 2}))
calls(np.trapezoid, V, (C, {"axis": 1}), (V, POS), (M, POS), (M, N.T.cumsum(1)), (V, {"dx": A}), (C, {"x": POS, "axis": 1}))
calls(np.trapezoid, (M, {"dx": POS, "axis": 0}), (C, {"dx": FOUR, "axis": 1}), (C, {"dx": N.T[:, :1, None], "axis": 2}), (C, {"x": S.cumsum(0)[:, :1], "axis": -2}))
calls(np.interp, (V, [-1.0, 0.1, 1.0], W), (np.array([-2.0, 0.5, 3.0]), [-1.0, 1.0], FOUR[:2]))
calls(np.interp, (A, POS, W), (V, [0.0], [1.0]), (np.array([-2.0, 3.0]), [0.0, 1.0], [5.0, 6.0], {"left": A, "right": B}), ([0.5, 1.6], POS, W))
calls(np.interp, (W, [-0.5, 0.1, 1.0], V, {"period": 1.7}), (POS, W, V, {"period": A}), (A, POS, W, {"period": -2.6}))
calls(np.sinc, V, M, np.array([0.0, 0.01, 1.0, -0.159]), A)
calls(np.vander, V, (V, 2), (V, {"increasing": True}))
calls(np.polyval, (V, A), (FOUR, M), ([1.0, 2.0], V), (V, [1.0, 2.0]))
calls(np.nan_to_num, V, np.array([1.5, np.nan, np.inf, -np.inf]), (np.array([1.5, np.nan]), {"nan": 7.0}), (GAPS, {"nan": A}), (np.array([np.inf, -np.inf, 0.5]), {"posinf": A, "neginf": B}))

# --- linear algebra ------------------------------------------------------------------------------------
calls(np.linalg.inv, S, T, np.zeros((0, 3, 3)))
calls(np.linalg.solve, (S, V), (S, N), (T, V), (T, N), (S, T), (T, T), (T[:, None], np.stack([N, N, N])), (S, [1.0, 2.0, 3.0]))
calls(np.linalg.det, S, T, S[:1, :1], np.zeros((0, 0)), np.zeros((0, 2, 2)), M[:, :2])
calls(np.linalg.det, np.array([[1.0, 2.0], [2.0, 4.0]]), np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]), np.zeros((2, 2)), np.zeros((1, 1)))
calls(np.linalg.slogdet, S, T, -S)
calls(np.linalg.cholesky, P, np.stack([P, 2 * P]), (P, {"upper": True}))
calls(np.linalg.eigh, P, np.stack([P, -P]), (P, "U"))
calls(np.linalg.eigvalsh, P, (P, {"UPLO": "U"}))
calls(np.linalg.eig, D, np.stack([D, -2 * D]))
calls(np.linalg.eigvals, np.zeros((0, 0)), D, np.stack([D, D.T + 0.1 * S]))
calls(np.linalg.cond, S, T, N, (S, 1), (T, np.inf), (S, "fro"), (M, -2))
calls(np.linalg.tensorsolve, (S, V), (np.reshape(D2, (2, 3, 6)), M), (np.reshape(D2, (2, 6, 3)), M, (1,)))
calls(np.linalg.tensorinv, (S, {"ind": 1}), (np.reshape(D2, (6, 2, 3)), 1), (np.reshape(D2, (2, 3, 6)),))
calls(np.roots, (np.array([0.5, -1.7, 0.3, 0.9]),), (np.array([1.0, -2.0, -15.0, 0.0]),))
calls(np.linalg.svd, S, (M, False), (N, {"full_matrices": False}), (M, {"compute_uv": False}), (T, {"full_matrices": False}))
calls(np.linalg.svdvals, M, T)
calls(np.linalg.qr, S, N, T, (N, "r"), M, (M, "r"), np.moveaxis(C, 1, -1))
calls(np.linalg.pinv, S, M, N, T, (M, {"rtol": 1e-10}))
calls(np.linalg.lstsq, (N, V), (N, S), (S, V), (M, FOUR[:2]), (Z, E))
calls(np.linalg.matrix_power, (S, 3), (T, 2), (S, -2), (S, 1), (S, 0), (S, 6))
calls(np.linalg.multi_dot, ([V, S, N],), ([M, S, N, FOUR[:2]],))
calls(np.linalg.norm, V, M, C, A, (V, 1), (V, 3), (V, np.inf), (V, -np.inf), (V, 0.5), (V, {"keepdims": True}))
calls(np.linalg.norm, (M, "fro"), (M, 1), (M, -1), (M, np.inf), (M, -np.inf), (M, 2), (M, -2), (M, "nuc"))
calls(np.linalg.norm, (C, {"axis": 1}), (C, None, (0, 2)), (C, 1, (2, 0)), (C, np.inf, (0, 1), True), (M, 3, -1, True), (C, 2, (0, 2), True), (C, {"axis": (1,), "keepdims": True}), (C, 0, 1))
calls(np.linalg.vector_norm, V, M, (C, {"axis": (0, 2)}), (C, {"ord": 3, "keepdims": True}), (M, {"ord": np.inf, "axis": 0}))
calls(np.linalg.matrix_norm, M, (C, {"ord": 1}), (T, {"ord": 2, "keepdims": True}), (C, {"ord": "nuc"}))

# --- ufuncs with a rule written out, and methods of ufuncs ---------------------------------------------
calls(np.divmod, (POS, np.array([0.5, 0.9, -1.0])), (A, 0.5))
calls(np.modf, V, A)
for method in (np.add.reduce, np.multiply.reduce, np.maximum.reduce, np.minimum.reduce):
    calls(method, V, M, (C, 1), (C, {"axis": (0, -1), "keepdims": True}), (M, {"initial": 0.5, "axis": None}), (M, 1, np.float64))
for method in (np.add.accumulate, np.multiply.accumulate):
    calls(method, V, M, (C, -1), (C, {"axis": 1, "dtype": np.float64}))
for method in (np.maximum.accumulate, np.minimum.accumulate):
    calls(method, V, FOUR, (C, 1), (C, -1), (M, {"axis": 0, "dtype": np.float64}), E, Z)
for method in (np.logaddexp.reduce, np.logaddexp2.reduce):
    calls(method, V, FOUR, (C, 1), (M, {"axis": -1, "keepdims": True}), (M, {"axis": 1, "where": PICK}), (V, {"initial": 0.3}))
for method in (np.logaddexp.accumulate, np.logaddexp2.accumulate):
    calls(method, V, FOUR, (C, 1), (M, {"axis": -1}))
calls(np.add.reduceat, (FOUR, [0, 2]), (C, [0, 1], 1), (C, [1, 3, 0], {"axis": -1}), (M, [0, 1]))

# --- statistics, and functions of functions ------------------------------------------------------------
PLACES = np.array([0, 2, 0, 1])
calls(np.bincount, (PLACES, FOUR), (PLACES, {"weights": FOUR, "minlength": 5}), (PLACES[:3], V))
calls(np.histogram, ([0.1, 0.9, 0.5], 2, {"weights": V}), ([[0.1, 0.9], [0.5, 2.0]], [0, 0.3, 1.0], {"weights": N[:2]}), ([0.1, 0.4, 2.0], 3, (0, 2), {"weights": POS}))
calls(np.cov, M, C[0], V, (V, W), (M, {"bias": True}), (C[0], {"rowvar": False}), (M, {"ddof": 0}), (V, W, {"rowvar": False}))
calls(np.cov, (C[0], {"fweights": [1, 2, 1, 3]}), (C[0], {"aweights": np.array([0.5, 1.0, 0.8, 1.7])}), (M, {"fweights": [1, 2, 1], "aweights": POS, "ddof": 0}))
calls(np.corrcoef, C[0], (FOUR, C[0, 1]), (C[0], {"rowvar": False}), V)
calls(np.polyfit, (POS, V, 1), (FOUR, C[0, 0], 2), (FOUR, C[0, 0], 1, {"w": np.array([0.5, 1.0, 0.8, 1.7])}), (POS, N, 1), ([1.0, 2.0, 3.0], V, 1))
calls(np.piecewise, (V, [V > 0.5, V < 0], [np.square, np.exp, 3.0]), (V, [PICK[0]], [np.sin, np.cos]), (M, [PICK], [np.exp]), (A, [True], [np.square]))
calls(np.apply_along_axis, (np.sum, 0, M), (np.cumsum, 1, C), (np.diag, -1, M), (np.outer, 0, M, V[:2]), (np.max, 0, V))
calls(np.apply_over_axes, (np.sum, C, (0, 2)), (np.max, M, -1), (lambda a, axis: np.sum(a, axis), M, [0, 1]))
calls(np.poly, (V,), (V[:1],))
calls(np.polymul, (V, FOUR), ([1.0, 2.0], V), (V, V))
calls(np.polyadd, (V, FOUR), (A, V), ([1.0, 2.0], V))
calls(np.polysub, (V, FOUR), (V, A), (V, V))
calls(np.polyder, (FOUR,), (FOUR, 2), (FOUR, {"m": 3}))
calls(np.polyint, (V,), (V, 2), (V, 2, [0.5, 1.0]), (V, {"k": 1.5}))
