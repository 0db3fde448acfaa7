"""The ops as methods of a Tensor."""
from __future__ import annotations

from typing import Any

from minigrad import inplace, ops


class Methods:
    __slots__ = ()

    def __add__(self, other: Any) -> Any: return ops.add(self, other)
    __radd__ = __add__
    def __mul__(self, other: Any) -> Any: return ops.mul(self, other)
    __rmul__ = __mul__
    def __sub__(self, other: Any) -> Any: return ops.sub(self, other)
    def __neg__(self) -> Any: return ops.neg(self)
    def sum(self, dim=None, keepdim=False, *, dtype=None): return ops.sum(self, dim, keepdim, dtype=dtype)
    def reshape(self, *shape): return ops.reshape(self, shape)
    def mul_(self, other): return inplace.overwrite(self, lambda t: ops.mul(t, other), "mul_")
    def __imul__(self, other): return self.mul_(other)
