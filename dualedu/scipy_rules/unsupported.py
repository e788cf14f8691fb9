"""SciPy's functions that refuse dual numbers, and what to do instead.

Those that are no ufuncs begin by making plain arrays of their arguments, and so cannot be given a
rule from outside. The recipes that the advice names stand in the book, on "With SciPy and others".
"""

from __future__ import annotations

from dualedu.internals.unsupported import unsupported


def refused(advice: str, names: str) -> None:
    unsupported(advice, names, prefix="scipy.")


OWN_RULE = "give it a rule of its own with dualedu.custom_jvp"
PAGE = "as the page 'With SciPy and others' shows"

refused(f"{OWN_RULE}, {PAGE}, or use stop_gradient(x) for the value alone", "special")
refused(
    "use dualedu.nn.logsumexp(x, axis=None); of weighted terms dualedu.nn.logsumexp(x + np.log(b))",
    "special.logsumexp",
)
refused("use dualedu.nn.softmax(x, axis=None)", "special.softmax")
refused("use dualedu.nn.log_softmax(x, axis=None)", "special.log_softmax")
refused(
    "write (-1)**(n + 1) * scipy.special.gamma(n + 1) * scipy.special.zeta(n + 1, x)",
    "special.polygamma",
)
refused(
    "write p * (p - 1) / 4 * np.log(np.pi) + np.sum(scipy.special.gammaln(x - np.arange(p) / 2))",
    "special.multigammaln",
)
refused("use scipy.special.gamma(x + 1)", "special.factorial")
refused("use scipy.special.binom(x, k)", "special.comb")
refused("use scipy.special.poch(x - k + 1, k)", "special.perm")
refused("write np.sqrt(np.pi / (2 * x)) * scipy.special.jv(n + 0.5, x)", "special.spherical_jn")
refused("write np.sqrt(np.pi / (2 * x)) * scipy.special.yv(n + 0.5, x)", "special.spherical_yn")
refused("write np.sqrt(np.pi / (2 * x)) * scipy.special.iv(n + 0.5, x)", "special.spherical_in")
refused("write np.sqrt(np.pi / (2 * x)) * scipy.special.kv(n + 0.5, x)", "special.spherical_kn")

refused(
    f"use np.linalg where it has the same function; otherwise {OWN_RULE}, {PAGE} for expm",
    "linalg",
)
refused("use np.linalg.solve(A, b)", "linalg.solve_triangular linalg.solve_banded linalg.solve")
refused("use np.linalg.solve with the matrix itself", "linalg.cho_solve linalg.lu_solve")
SAME = "inv det eig eigvals eigh eigvalsh svd svdvals cholesky qr lstsq pinv norm"
refused("write c[abs(np.subtract.outer(i, i))] with i = np.arange(len(c))", "linalg.toeplitz")
refused("write np.block([[A, np.zeros((m, n))], [np.zeros((n, m)), B]])", "linalg.block_diag")
for name in SAME.split():
    refused(f"use np.linalg.{name}", f"linalg.{name}")

refused(
    "give it those, with gradient(f) or jacobian(f) as its jac=, and its answer its derivative "
    f"with dualedu.implicit, {PAGE}",
    "optimize",
)
refused(f"integrate the derivative together with the function, {PAGE}", "integrate")
LINEAR = "apply f to the columns of np.eye(len(x)), f(np.eye(len(x)), axis=0) @ x"
refused(
    f"it is linear in the values x: {LINEAR}",
    "integrate.simpson integrate.cumulative_trapezoid integrate.romb integrate.cumulative_simpson",
)
refused("use np.trapezoid(x)", "integrate.trapezoid")
refused(f"{OWN_RULE}, from the derivative that splines have, {PAGE}", "interpolate")
refused("straight lines are np.interp(x, xp, fp)", "interpolate.interp1d")
refused(
    "put the dual number on the left: x @ A.T is A @ x for a vector x, (X.T @ A.T).T is A @ X, and "
    "s * (x @ A.T) is (s * A) @ x",
    "sparse",
)
refused(
    "the tangent is the solution for the tangent: solve = dualedu.custom_jvp("
    "lambda b: scipy.sparse.linalg.spsolve(A, b), lambda t, z, b: solve(t), elementwise=False)",
    "sparse.linalg",
)
refused(
    "write the density or the distribution with scipy.special, "
    "as ndtr(x) for stats.norm.cdf(x) or stdtr(df, x) for stats.t.cdf(x, df)",
    "stats",
)
STATISTICS = {
    "zscore": "(x - np.mean(x)) / np.std(x)",
    "gmean": "np.exp(np.mean(np.log(x)))",
    "hmean": "1 / np.mean(1 / x)",
    "sem": "np.std(x, ddof=1) / np.sqrt(len(x))",
    "variation": "np.std(x) / np.mean(x)",
    "skew": "np.mean((x - np.mean(x)) ** 3) / np.std(x) ** 3",
    "kurtosis": "np.mean((x - np.mean(x)) ** 4) / np.var(x) ** 2 - 3",
    "iqr": "np.percentile(x, 75) - np.percentile(x, 25)",
    "entropy": "np.sum(scipy.special.entr(x / np.sum(x)))",
    "pearsonr": "np.corrcoef(x, y)[0, 1]",
    "linregress": "np.polyfit(x, y, 1)",
}
for name, code in STATISTICS.items():
    refused(f"write {code}", f"stats.{name}")
refused(
    f"most of its functions f are linear in x: {LINEAR}, or {OWN_RULE}",
    "fft signal ndimage",
)
TRANSFORMS = "fft ifft rfft irfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn"
for name in TRANSFORMS.split():
    refused(f"use np.fft.{name}", f"fft.{name}")
refused("use np.convolve(x, y)", "signal.convolve signal.fftconvolve")
refused('use np.correlate(x, y, "full")', "signal.correlate")
refused(f"{OWN_RULE}, or use stop_gradient(x) for the value alone", "spatial cluster")
refused(
    "write the distance out: np.linalg.norm(x - y) of two vectors, "
    "np.linalg.norm(x[:, None] - y[None], axis=-1) for cdist",
    "spatial.distance",
)
refused(
    "write 1 - x @ y / np.linalg.norm(x) / np.linalg.norm(y)",
    "spatial.distance.cosine",
)
