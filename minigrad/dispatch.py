"""NumPy's functions on Tensors: `np.tanh(t)` is minigrad's `tanh(t)`.

NumPy asks its arguments for their own version of a function (`__array_ufunc__`, NEP 13, and
`__array_function__`, NEP 18). A Tensor answers from this table. That is what makes NumPy code
differentiable as it stands, and what lets an op's own pullback be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

NUMPY: dict[Callable, Callable] = {}  # NumPy's function: ours. Each file of ops adds its own.


def ufunc(function: np.ufunc, method: str, inputs: tuple, kwargs: dict) -> Any:
    """What `Tensor.__array_ufunc__` answers."""
    if any(kwargs.get(k) is not None for k in ("out", "where")):
        raise TypeError(f"np.{function.__name__}: out= and where= do not work on a Tensor")
    if method == "reduce":
        reducer = REDUCERS.get(function)
        if reducer is not None:
            kwargs.setdefault("axis", 0)
            return NUMPY[reducer](*inputs, **kwargs)
    ours = NUMPY.get(function)
    if method != "__call__" or ours is None:
        raise unsupported(function.__name__ + ("" if method == "__call__" else f".{method}"))
    return ours(*inputs, **kwargs)


REDUCERS = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.amax, np.minimum: np.amin,
    np.logical_or: np.any, np.logical_and: np.all,
}  # fmt: skip


def function(function: Callable, args: tuple, kwargs: dict) -> Any:
    """What `Tensor.__array_function__` answers."""
    ours = NUMPY.get(function)
    if ours is None:
        raise unsupported(function.__name__)
    return ours(*args, **kwargs)


def unsupported(name: str) -> TypeError:
    return TypeError(
        f"np.{name} has no differentiable version in minigrad; use t.detach().numpy() if no "
        "gradient is to flow through it"
    )
