"""NumPy functions that refuse dual numbers, and what to do instead.

The reasons are few: no real derivative, no derivative worth a rule, or an array changed in place.
`dual` puts the advice into its error message; the book prints the table.
"""

from __future__ import annotations

REFUSED: dict[str, str] = {}
"""The advice for each function, by its dotted name."""

MODULES: dict[str, str] = {}
"""The advice for whole modules of functions."""


def refuse(advice: str, names: str) -> None:
    REFUSED.update({f"np.{name}": advice for name in names.split()})


refuse(
    "it works on whole numbers or bits, which have no derivative; give it x.primal.astype(int)",
    """bitwise_and bitwise_or bitwise_xor bitwise_count invert left_shift right_shift gcd lcm
    packbits unpackbits ravel_multi_index unravel_index""",
)
refuse(
    "it takes a number apart into its bits or steps to the next one; give it x.primal",
    "frexp nextafter spacing",
)
refuse(
    "it works on strings or dates; give it x.primal, or write f'{x}' for a text",
    """isnat str_len isalpha isdigit isspace isalnum islower isupper istitle isdecimal isnumeric
    find rfind index rindex count startswith endswith array2string array_repr array_str
    busday_count busday_offset is_busday datetime_as_string""",
)
refuse(
    "it writes into an array that exists; build the result with np.where(mask, new, old), "
    "np.stack or np.concatenate",
    "copyto put put_along_axis putmask place fill_diagonal",
)
refuse(
    "it makes a plain array; join dual numbers with np.stack or np.concatenate, or repeat one "
    "with np.broadcast_to",
    """array asarray asanyarray ascontiguousarray asfortranarray require fromiter frombuffer
    fromfile fromstring fromfunction full ones zeros empty eye identity tri arange genfromtxt
    loadtxt ix_""",
)
refuse(
    "files hold plain arrays; save x.primal and x.tangent",
    "save savez savez_compressed savetxt",
)
refuse(
    "which elements coincide changes in jumps; use np.sort, or x.primal for the value alone",
    """unique unique_all unique_counts unique_inverse unique_values union1d intersect1d setdiff1d
    setxor1d in1d""",
)
refuse(
    "the counts change in jumps; use x.primal for the counts, or add up weights with np.sum over "
    "np.where(mask, weights, 0)",
    "bincount histogram histogram2d histogramdd histogram_bin_edges",
)
refuse(
    "it hands plain arrays to a function; call the function on the dual number, or on its rows "
    "and join those with np.stack",
    "apply_along_axis apply_over_axes piecewise",
)
refuse("its length changes in jumps; cut the array with a slice", "trim_zeros")
refuse("it is complex; for a real square root use np.sqrt and its like", "sort_complex")
refuse(
    "write it with np.mean and a matrix product: c = x - np.mean(x, axis=1, keepdims=True); "
    "c @ c.T / (n - 1)",
    "cov corrcoef",
)
refuse(
    "write it with np.convolve for products, np.polyval for values and np.linalg.solve for fits",
    "poly polyadd polysub polymul polydiv polyder polyint polyfit",
)
refuse(
    "eigenvalues of a general matrix are complex; for a symmetric one use np.linalg.eigh",
    "roots linalg.eig linalg.eigvals",
)
refuse(
    "divide the largest by the smallest of np.linalg.svdvals(x)",
    "linalg.cond",
)
refuse(
    "reshape to matrices and use np.linalg.solve or np.linalg.inv",
    "linalg.tensorsolve linalg.tensorinv",
)
refuse("its derivative is the Bessel function I₁, which NumPy lacks", "i0")
refuse(
    "where memory lies does not depend on a tangent; ask about x.primal",
    "may_share_memory shares_memory",
)

MODULES["np.fft"] = (
    "a spectrum is complex; multiply by the real matrices of cosines and sines, "
    "np.cos(2 * np.pi * np.outer(k, t)) @ x"
)
MODULES["np.lib.scimath"] = MODULES["np.lib._scimath_impl"] = (
    "it may turn complex; use np.sqrt, np.log, np.power and their like"
)
MODULES["np.polynomial.polynomial"] = (
    "add up the powers, x[..., None] ** np.arange(n) @ c, or follow Horner's scheme with + and *"
)
MODULES["np.strings"] = MODULES["np.char"] = (
    "it works on strings; give it x.primal, or write f'{x}' for a text"
)
MODULES["np.lib.recfunctions"] = "records are no numbers; use x.primal"


METHODS: dict[str, str] = {
    "sort": "it would be changed in place; np.sort(x) gives a new one",
    "partition": "it would be changed in place; np.partition(x, kth) gives a new one",
    "fill": "it would be changed in place; use np.broadcast_to(value, x.shape)",
    "put": "it would be changed in place; build the new one with np.where(mask, new, x)",
    "resize": "it would be changed in place; np.resize(x, shape) gives a new one",
    "choose": "an index is a whole number; use np.choose(x.primal.astype(int), choices)",
}
"""The advice for what an array has and a dual number has not."""


MEMORY = """base byteswap ctypes data device dump dumps flat getfield itemsize nbytes setfield
setflags strides to_device tobytes tofile tolist view"""
for name in MEMORY.split():
    METHODS[name] = "it is two arrays; ask x.primal or x.tangent for theirs"


def advice(name: str) -> str | None:
    """What to do instead of calling the function of this dotted name, if it is listed."""
    return REFUSED.get(name) or MODULES.get(name.rpartition(".")[0])
