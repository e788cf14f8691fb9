"""Products of dual numbers with SciPy's sparse matrices, which are constants: x @ A."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from scipy import sparse

from dualedu.core.dual import Dual, finish, unpack
from dualedu.internals.registry import RULES, Rule


def times_sparse(x: Any, A: Any) -> Any:
    """x @ A for a vector or matrix x, a row of the product for each direction."""
    if not isinstance(x, Dual):
        return NotImplemented
    level, (primal, _), (t, _), directions = unpack([x, A])
    z = primal @ A
    t = np.broadcast_to(t, (*np.shape(t)[: t.ndim - x.ndim], *x.shape))
    rows = np.reshape(t, (-1, x.shape[-1])) @ A
    return finish(z, np.reshape(rows, (*t.shape[:-1], *A.shape[1:])), level, directions)


for layout, kind in product(["bsr", "coo", "csc", "csr", "dia", "dok", "lil"], ("array", "matrix")):
    RULES[getattr(sparse, f"{layout}_{kind}")] = Rule("linear", "ẋ A", call=times_sparse)
