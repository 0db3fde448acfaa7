"""NumPy's functions on Tensors: `np.tanh(t)` is minigrad's `tanh(t)`.

NumPy asks its arguments for their own version of a function (`__array_ufunc__`, NEP 13, and
`__array_function__`, NEP 18). A Tensor answers from this table. That is what makes NumPy code
differentiable as it stands, and what lets an op's own pullback be differentiated again.

A function that is not in the table runs on the Tensors' arrays and returns arrays, unless one of
them requires grad: its gradient would be lost without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.value import Value

NUMPY: dict[Callable, Callable] = {}  # NumPy's function: ours. Each file of ops adds its own.


def ufunc(function: np.ufunc, method: str, inputs: tuple, kwargs: dict) -> Any:
    """What `Tensor.__array_ufunc__` answers."""
    name = function.__name__ + ("" if method == "__call__" else f".{method}")
    if method == "at" or any(isinstance(a, Value) for a in kwargs.get("out") or ()):
        raise TypeError(
            f"np.{name}: NumPy cannot write into a Tensor; use a method that ends in an "
            "underscore (t.add_(x)), or t[index] = x"
        )
    plain = any(kwargs.get(k) is not None for k in ("out", "where"))
    if method == "reduce" and function in REDUCERS and not plain:
        kwargs.setdefault("axis", 0)
        return NUMPY[REDUCERS[function]](*inputs, **kwargs)
    if method != "__call__" or function not in NUMPY or plain:
        return on_arrays(name, getattr(function, method), inputs, kwargs)
    return NUMPY[function](*inputs, **kwargs)


REDUCERS = {
    np.add: np.sum, np.multiply: np.prod, np.maximum: np.amax, np.minimum: np.amin,
    np.logical_or: np.any, np.logical_and: np.all,
}  # fmt: skip


def function(function: Callable, args: tuple, kwargs: dict) -> Any:
    """What `Tensor.__array_function__` answers."""
    ours = NUMPY.get(function)
    if ours is None:
        return on_arrays(function.__name__, function, args, kwargs)
    return ours(*args, **kwargs)


def on_arrays(name: str, function: Callable, args: tuple, kwargs: dict) -> Any:
    """NumPy's own function, on arrays in the place of Tensors."""

    def raw(x: Any) -> Any:
        if isinstance(x, Value):
            if x.requires_grad:
                raise TypeError(
                    f"np.{name} has no differentiable version in minigrad (with these arguments); "
                    "use t.detach() if no gradient is to flow through it"
                )
            return x.array
        if type(x) in (tuple, list):
            return type(x)(map(raw, x))
        return x

    return function(*map(raw, args), **{k: raw(v) for k, v in kwargs.items()})
