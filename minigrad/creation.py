"""Tensors made of nothing or of other data: zeros, arange, from_numpy, ..."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import backend, dtypes
from minigrad.graph import Value, wrap
from minigrad.random import shape_of
from minigrad.tensor import Tensor, tensor

__all__ = [
    "arange", "as_tensor", "asarray", "empty", "empty_like", "eye", "from_numpy", "full",
    "full_like", "linspace", "logspace", "ones", "ones_like", "scalar_tensor", "zeros",
    "zeros_like",
]  # fmt: skip


def _finish(array: np.ndarray, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    if dtype is not None:
        array = array.astype(np.dtype(dtype), copy=False)
    return wrap(backend.to_device(array, device or "cpu")).requires_grad_(requires_grad)


def zeros(*sizes: Any, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A Tensor of zeros: `zeros(2, 3)`, `zeros((2, 3))` or `zeros(size=(2, 3))`."""
    array = np.zeros(shape_of(sizes, size), dtype or dtypes.get_default_dtype())
    return _finish(array, None, device, requires_grad)


def ones(*sizes: Any, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A Tensor of ones."""
    array = np.ones(shape_of(sizes, size), dtype or dtypes.get_default_dtype())
    return _finish(array, None, device, requires_grad)


def empty(*sizes: Any, size=None, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A Tensor whose values are whatever stood in its memory."""
    array = np.empty(shape_of(sizes, size), dtype or dtypes.get_default_dtype())
    return _finish(array, None, device, requires_grad)


def full(size: Any, fill_value: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A Tensor with every element equal to fill_value (a number or a 0-d Tensor)."""
    if isinstance(fill_value, Value):
        dtype = dtype or fill_value.dtype
        fill_value = fill_value.array.item()
    if dtype is None:
        dtype = dtypes.result_type(fill_value)
    # Cast as an array: a number that an integer dtype cannot hold wraps around, as in PyTorch.
    value = np.asarray(fill_value).astype(np.dtype(dtype))
    return _finish(np.full(shape_of((size,)), value), None, device, requires_grad)


def zeros_like(x: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Zeros with the shape, dtype and device of x."""
    return zeros(x.shape, dtype=dtype or x.dtype, device=device or x.device,
                 requires_grad=requires_grad)  # fmt: skip


def ones_like(x: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Ones with the shape, dtype and device of x."""
    return ones(x.shape, dtype=dtype or x.dtype, device=device or x.device,
                requires_grad=requires_grad)  # fmt: skip


def empty_like(x: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """Uninitialised, with the shape, dtype and device of x."""
    return empty(x.shape, dtype=dtype or x.dtype, device=device or x.device,
                 requires_grad=requires_grad)  # fmt: skip


def full_like(x: Any, fill_value: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """fill_value everywhere, with the shape, dtype and device of x."""
    return full(x.shape, fill_value, dtype=dtype or x.dtype, device=device or x.device,
                requires_grad=requires_grad)  # fmt: skip


def eye(n: int, m: int | None = None, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """The n x m matrix (m = n by default) with ones on the diagonal, zeros elsewhere."""
    if n < 0 or (m is not None and m < 0):
        raise RuntimeError(f"eye: expected sizes >= 0, got {n} and {m}")
    return _finish(np.eye(n, m, dtype=dtype or dtypes.get_default_dtype()), None, device,
                   requires_grad)  # fmt: skip


def arange(start: Any, end: Any = None, step: Any = 1, *, dtype=None, device=None,
           requires_grad=False) -> Tensor:  # fmt: skip
    """start, start + step, ... up to, not including, end. `arange(end)` starts at 0.

    int64 if all arguments are integers, else the default dtype.
    """
    if end is None:
        start, end = 0, start
    start, end, step = (a.array.item() if isinstance(a, Value) else a for a in (start, end, step))
    if step == 0:
        raise RuntimeError("arange: step must not be 0")
    if (end - start) * step < 0:
        raise RuntimeError(
            f"arange: from {start} to {end} in steps of {step} leads away from the end"
        )
    if dtype is None:
        dtype = dtypes.result_type(start, end, step)
        dtype = dtypes.int64 if dtype == dtypes.bool_ else dtype
    dtype = np.dtype(dtype)
    whole = dtype.kind in "iu"
    # PyTorch's count: of integers in int64, else in double precision, so that no rounding of a
    # running sum can add an element.
    if dtype == np.int64:
        start, end, step = int(start), int(end), int(step)
    n = math.ceil((end - start) / step)
    values = int(start) + np.arange(n) * int(step) if whole else start + np.arange(n) * step
    return _finish(values, dtype, device, requires_grad)


def _ends(start: Any, end: Any, dtype: np.dtype) -> tuple[Any, Any]:
    """Where linspace and logspace begin and end: numbers, whole ones for an integer dtype."""
    start, end = (a.array.item() if isinstance(a, Value) else a for a in (start, end))
    return (int(start), int(end)) if dtype.kind in "iu" else (start, end)


def linspace(start: Any, end: Any, steps: int, *, dtype=None, device=None,
             requires_grad=False) -> Tensor:  # fmt: skip
    """`steps` numbers from start to end, both included, at equal distances."""
    if steps < 0:
        raise RuntimeError(f"linspace: steps must be >= 0, got {steps}")
    dtype = np.dtype(dtype or dtypes.get_default_dtype())
    return _finish(np.linspace(*_ends(start, end, dtype), steps), dtype, device, requires_grad)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, dtype=None, device=None,
             requires_grad=False) -> Tensor:  # fmt: skip
    """base**linspace(start, end, steps)."""
    if steps < 0:
        raise RuntimeError(f"logspace: steps must be >= 0, got {steps}")
    dtype = np.dtype(dtype or dtypes.get_default_dtype())
    powers = np.power(float(base), np.linspace(*_ends(start, end, dtype), steps))
    return _finish(powers, dtype, device, requires_grad)


def from_numpy(array: np.ndarray) -> Tensor:
    """A Tensor that shares the memory of a NumPy array: what is written to one shows in both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected a numpy.ndarray, got {type(array).__name__}")
    if array.dtype.kind not in "biufc":
        raise TypeError(f"from_numpy: expected numbers or booleans, got dtype {array.dtype}")
    return wrap(array)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a Tensor, sharing its memory where that is possible."""
    if isinstance(data, Value):
        return data.to(dtype=dtype, device=device)  # type: ignore[attr-defined]
    if not backend.is_array(data):
        return tensor(data, dtype=dtype, device=device)
    if dtype is not None:
        data = data.astype(np.dtype(dtype), copy=False)
    return wrap(data if device is None else backend.to_device(data, device))


asarray = as_tensor


def scalar_tensor(value: Any, *, dtype=None, device=None, requires_grad=False) -> Tensor:
    """A 0-d Tensor in the default dtype, also of an int."""
    dtype = dtype or dtypes.get_default_dtype()
    return tensor(value, dtype=dtype, device=device, requires_grad=requires_grad)
