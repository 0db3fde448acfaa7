"""PyTorch's first names for Tensors of one dtype: `LongTensor`, `FloatTensor`, ...

Code of PyTorch's first years makes Tensors with them, and today's still writes them as types.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.graph import Value, wrap
from minigrad.random import shape_of
from minigrad.tensor import Tensor, tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor",
    "IntTensor", "LongTensor", "ShortTensor",
]  # fmt: skip


class OfDtype(type):
    """The type of these types: their instances are the Tensors of their dtype."""

    dtype: np.dtype

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Value) and x.dtype == cls.dtype

    def __call__(cls, *data: Any) -> Tensor:
        if all(isinstance(n, int) for n in data):
            return wrap(np.empty(shape_of(data) if data else (0,), cls.dtype))
        (given,) = data
        return tensor(given, dtype=cls.dtype)


class FloatTensor(metaclass=OfDtype):
    """`FloatTensor([1, 2])` is a float32 Tensor of numbers, `FloatTensor(2, 3)` one of a size.

    Today's words for them are `tensor([1, 2], dtype=float32)` and `empty(2, 3)`. Every float32
    Tensor is an instance, and `x.type(FloatTensor)` is x in float32; the same with the others.

    >>> import minigrad as mg
    >>> mg.LongTensor([1, 2])
    tensor([1, 2])
    >>> isinstance(mg.zeros(2), mg.FloatTensor), isinstance(mg.zeros(2), mg.LongTensor)
    (True, False)
    """

    dtype = dtypes.float32


class DoubleTensor(metaclass=OfDtype):
    """float64: see `FloatTensor`."""

    dtype = dtypes.float64


class HalfTensor(metaclass=OfDtype):
    """float16: see `FloatTensor`."""

    dtype = dtypes.float16


class ByteTensor(metaclass=OfDtype):
    """uint8: see `FloatTensor`."""

    dtype = dtypes.uint8


class CharTensor(metaclass=OfDtype):
    """int8: see `FloatTensor`."""

    dtype = dtypes.int8


class ShortTensor(metaclass=OfDtype):
    """int16: see `FloatTensor`."""

    dtype = dtypes.int16


class IntTensor(metaclass=OfDtype):
    """int32: see `FloatTensor`."""

    dtype = dtypes.int32


class LongTensor(metaclass=OfDtype):
    """int64: see `FloatTensor`."""

    dtype = dtypes.int64


class BoolTensor(metaclass=OfDtype):
    """bool: see `FloatTensor`."""

    dtype = dtypes.bool_
