"""Element types, under PyTorch's names, and PyTorch's rule for mixing them.

A dtype here *is* NumPy's, so `mg.float32` can be handed to any NumPy function.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "complex64", "complex128", "double", "finfo", "float16", "float32", "float64",
    "get_default_dtype", "half", "iinfo", "int8", "int16", "int32", "int64", "long",
    "promote_types", "result_type", "set_default_dtype", "short", "uint8",
]  # fmt: skip

# `mg.float`, `mg.int` and `mg.bool` are made of these in minigrad/__init__.py: here they would
# hide Python's own.
float16 = half = np.dtype("float16")
float32 = np.dtype("float32")
float64 = double = np.dtype("float64")
uint8 = np.dtype("uint8")
int8 = np.dtype("int8")
int16 = short = np.dtype("int16")
int32 = np.dtype("int32")
int64 = long = np.dtype("int64")
bool_ = np.dtype("bool")
complex64 = np.dtype("complex64")
complex128 = np.dtype("complex128")

finfo = np.finfo
iinfo = np.iinfo

_default = float32


def get_default_dtype() -> np.dtype:
    """The dtype of Tensors made from Python floats: float32 unless it was set otherwise."""
    return _default


def set_default_dtype(dtype: Any) -> None:
    """Make `dtype` (a floating one) the dtype of Tensors made from Python floats."""
    global _default
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"set_default_dtype: expected a floating dtype, got {dtype}")
    _default = dtype


_CATEGORY = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}


def promote_types(a: Any, b: Any) -> np.dtype:
    """The smallest dtype that holds both, by PyTorch's rule.

    Within a category (bool < integer < floating < complex) the wider one; across categories the
    dtype of the higher category, unchanged: int64 with float32 is float32 (NumPy: float64).

    >>> promote_types("int64", "float32")
    dtype('float32')
    """
    a, b = np.dtype(a), np.dtype(b)
    ca, cb = _CATEGORY[a.kind], _CATEGORY[b.kind]
    if ca == cb or (ca, cb) in ((2, 3), (3, 2)):
        return np.promote_types(a, b)
    return a if ca > cb else b


def _combine(higher: np.dtype | None, lower: np.dtype | None) -> np.dtype | None:
    """A group of higher priority keeps its dtype unless the lower group's *category* is higher."""
    if higher is None or lower is None:
        return lower if higher is None else higher
    if _CATEGORY[lower.kind] > _CATEGORY[higher.kind]:
        return promote_types(higher, lower)
    return higher


def result_type(*values: Any) -> np.dtype:
    """The dtype in which an elementwise op on `values` computes, by PyTorch's rule.

    Arrays with dimensions decide; 0-d arrays and then Python numbers are consulted only when
    their category is higher (a float among integers, say).

    >>> result_type(np.zeros(3, "float32"), np.float64(1.0).reshape(()))
    dtype('float32')
    >>> result_type(np.zeros(3, "int64"), 1.5)
    dtype('float32')
    """
    arrays = zero_dim = numbers = None
    for v in values:
        dtype = getattr(v, "dtype", None)
        if dtype is None:
            new = _number_dtype(v)
            numbers = new if numbers is None else promote_types(numbers, new)
        elif v.ndim:
            arrays = dtype if arrays is None else promote_types(arrays, dtype)
        else:
            zero_dim = dtype if zero_dim is None else promote_types(zero_dim, dtype)
    result = _combine(arrays, _combine(zero_dim, numbers))
    if result is None:
        raise TypeError("result_type: needs at least one array or number")
    return result


def is_number(a: Any) -> bool:
    """True for a Python number, which takes the dtype of what it meets."""
    return isinstance(a, (int, float, complex))


def _number_dtype(value: Any) -> np.dtype:
    if isinstance(value, bool):
        return bool_
    if isinstance(value, int):
        return int64
    if isinstance(value, float):
        return _default
    if isinstance(value, complex):
        return np.promote_types(_default, complex64)
    raise TypeError(
        f"expected a Tensor, an array or a number, got {type(value).__name__}: {value!r}"
    )
