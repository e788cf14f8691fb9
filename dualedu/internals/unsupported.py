"""NumPy functions that refuse dual numbers, and what to do instead.

The reasons are few: no real derivative, no derivative worth a rule, or an array changed in place.
`dual` puts the advice into its error message; the book prints the table.
"""

from __future__ import annotations

from dualedu.internals.registry import RULES, Rule


def unsupported(advice: str, names: str, prefix: str = "np.") -> None:
    """Enter functions, or whole modules of them, that refuse dual numbers: what to do instead."""
    RULES.update({f"{prefix}{name}": Rule("unsupported", advice) for name in names.split()})


unsupported(
    "it works on whole numbers or bits, which have no derivative; give it np.floor(x).astype(int)",
    """bitwise_and bitwise_or bitwise_xor bitwise_count invert left_shift right_shift gcd lcm
    packbits unpackbits ravel_multi_index unravel_index""",
)
unsupported(
    "it works on the bits of a number, which have no derivative; give it stop_gradient(x)",
    "frexp nextafter spacing",
)
unsupported(
    "it works on strings or dates; give it stop_gradient(x), or write f'{x}' for a text",
    """isnat str_len isalpha isdigit isspace isalnum islower isupper istitle isdecimal isnumeric
    find rfind index rindex count startswith endswith array2string array_repr array_str
    busday_count busday_offset is_busday datetime_as_string""",
)
unsupported("an index has no derivative; use stop_gradient(x)", "ix_")
unsupported(
    "files hold plain arrays; return x from the function, and save what jvp gives",
    "save savez savez_compressed savetxt",
)
unsupported(
    "which elements are equal changes in jumps; use np.sort, or stop_gradient(x) for the value",
    """unique unique_all unique_counts unique_inverse unique_values union1d intersect1d setdiff1d
    setxor1d in1d""",
)
unsupported(
    "the counts change in jumps; use stop_gradient(x) for them, or add up weights with "
    "np.bincount(places, weights)",
    "histogram2d histogramdd histogram_bin_edges",
)
unsupported(
    "the length of its result changes in jumps; cut the array with a slice. In place of np.poly1d "
    "write np.polyval(coefficients, x)",
    "trim_zeros",
)
unsupported("it makes real numbers complex; use np.sort, which sorts both", "sort_complex")
unsupported(
    "write it with np.polymul for products, np.polyval for values and np.polyfit for fits",
    "polydiv",
)
unsupported("NumPy lacks its derivative, the Bessel function I₁; use scipy.special.i0", "i0")
unsupported(
    "where memory lies does not depend on a tangent; ask about stop_gradient(x)",
    "may_share_memory shares_memory",
)

unsupported(
    "its result may be complex; use np.sqrt, np.log, np.power and their like, of x + 0j for "
    "complex results",
    "lib.scimath lib._scimath_impl",
)
unsupported(
    "add up the powers, x[..., None] ** np.arange(n) @ c, or follow Horner's scheme with + and *",
    "polynomial.polynomial",
)
unsupported(
    "it works on strings; give it stop_gradient(x), or write f'{x}' for a text", "strings char"
)
unsupported("records are not numbers; use stop_gradient(x)", "lib.recfunctions")

STATISTICS = {
    "mean": "np.mean(x)",
    "fmean": "np.mean(x)",
    "geometric_mean": "np.exp(np.mean(np.log(x)))",
    "harmonic_mean": "1 / np.mean(1 / x)",
    "stdev": "np.std(x, ddof=1)",
    "variance": "np.var(x, ddof=1)",
    "pstdev": "np.std(x)",
    "pvariance": "np.var(x)",
    "quantiles": "np.quantile(x, q, method='weibull')",
    "covariance": "np.cov(x, y)[0, 1]",
    "correlation": "np.corrcoef(x, y)[0, 1]",
    "linear_regression": "np.polyfit(x, y, 1)",
    "NormalDist": (
        "np.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * np.sqrt(2 * np.pi)) for its pdf, "
        "scipy.special.ndtr((x - mu) / sigma) for its cdf"
    ),
}
for name, code in STATISTICS.items():
    unsupported(f"write {code}", name, prefix="statistics.")

unsupported(
    "a Series or DataFrame holds no dual numbers; take its numbers out with .to_numpy(), and put "
    "results back",
    "pandas",
    prefix="",
)


METHODS: dict[str, str] = {
    "resize": "y.shape = … keeps all entries; np.resize(x, shape) gives a new array",
    "choose": "an index is a whole number; use np.choose(np.floor(x).astype(int), choices)",
}
"""The advice for attributes that an array has and a dual number does not."""


METHODS["is_integer"] = "write x == np.floor(x)"
METHODS["strides"] = (
    "it is two arrays; np.lib.stride_tricks.sliding_window_view(x, window) makes windows of both"
)
MEMORY = """base byteswap ctypes data device dump dumps getfield hex itemsize nbytes setfield
setflags to_device tobytes tofile"""
for name in MEMORY.split():
    METHODS[name] = "it is two arrays; stop_gradient(x) has that of its value"
