"""The types of what users pass in and get back.

Inside the rules everything is duck-typed on purpose: a rule calls NumPy on floats, arrays and duals
of any level alike, and no type says that better than `Any`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dualedu.core.dual import Dual

Real: TypeAlias = float | np.floating[Any] | NDArray[np.floating[Any]]
"""A plain number or an array of floats."""

Number: TypeAlias = Union[Real, "Dual"]
"""A plain or a dual number, or an array of them."""

Truth: TypeAlias = bool | np.bool_ | NDArray[np.bool_]
"""What a comparison gives."""

Places: TypeAlias = np.intp | NDArray[np.intp]
"""What argmax and argsort give."""
