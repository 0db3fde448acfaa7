"""The ops as methods of a Tensor, one line each: `x.tanh()` is `ops.tanh(x)`.

Nothing is computed here; every formula stands in `minigrad/ops/`. A name that ends in an
underscore writes its result into the Tensor's own memory (see `minigrad/inplace.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import backend, dtypes, inplace, ops, random
from minigrad.graph import Value, wrap


class Methods:
    """What a Tensor can do; mixed into `minigrad.Tensor`."""

    __slots__ = ()

    array: Any
    shape: Any
    dtype: Any

    # ------------------------------------------------------------------ operators

    def __add__(self, other: Any) -> Any:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return ops.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return ops.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return ops.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return ops.mul(other, self)

    def __truediv__(self, other: Any) -> Any:
        return ops.div(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return ops.div(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return ops.floor_divide(other, self)

    def __mod__(self, other: Any) -> Any:
        return ops.remainder(self, other)

    def __rmod__(self, other: Any) -> Any:
        return ops.remainder(other, self)

    def __divmod__(self, other: Any) -> Any:
        return ops.floor_divide(self, other), ops.remainder(self, other)

    def __pow__(self, other: Any) -> Any:
        return ops.pow(self, other)

    def __rpow__(self, other: Any) -> Any:
        return ops.pow(other, self)

    def __matmul__(self, other: Any) -> Any:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return ops.matmul(other, self)

    def __neg__(self) -> Any:
        return ops.neg(self)

    def __pos__(self) -> Any:
        return ops.positive(self)

    def __abs__(self) -> Any:
        return ops.abs(self)

    def __round__(self, decimals: int = 0) -> Any:
        return ops.round(self, decimals=decimals)

    def __invert__(self) -> Any:
        return ops.bitwise_not(self)

    def __and__(self, other: Any) -> Any:
        return ops.bitwise_and(self, other)

    __rand__ = __and__

    def __or__(self, other: Any) -> Any:
        return ops.bitwise_or(self, other)

    __ror__ = __or__

    def __xor__(self, other: Any) -> Any:
        return ops.bitwise_xor(self, other)

    __rxor__ = __xor__

    def __lshift__(self, other: Any) -> Any:
        return ops.bitwise_left_shift(self, other)

    def __rshift__(self, other: Any) -> Any:
        return ops.bitwise_right_shift(self, other)

    def __eq__(self, other: Any) -> Any:
        return ops.eq(self, other) if comparable(other) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return ops.ne(self, other) if comparable(other) else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return ops.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return ops.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return ops.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return ops.ge(self, other)

    __hash__ = object.__hash__

    def __iadd__(self, other: Any) -> Any:
        return self.add_(other)

    def __isub__(self, other: Any) -> Any:
        return self.sub_(other)

    def __imul__(self, other: Any) -> Any:
        return self.mul_(other)

    def __itruediv__(self, other: Any) -> Any:
        return self.div_(other)

    def __ifloordiv__(self, other: Any) -> Any:
        return self.floor_divide_(other)

    def __imod__(self, other: Any) -> Any:
        return self.remainder_(other)

    def __ipow__(self, other: Any) -> Any:
        return self.pow_(other)

    # ------------------------------------------------------------------ shapes given as arguments

    def reshape(self, *shape: Any) -> Any:
        return ops.reshape(self, sizes(shape))

    def view(self, *shape: Any) -> Any:
        if len(shape) == 1 and isinstance(shape[0], np.dtype):
            return wrap(self.array.view(shape[0]))
        return ops.view(self, sizes(shape))

    def permute(self, *dims: Any) -> Any:
        return ops.permute(self, sizes(dims))

    def expand(self, *shape: Any) -> Any:
        return ops.expand(self, sizes(shape))

    def repeat(self, *repeats: Any) -> Any:
        return ops.repeat(self, sizes(repeats))

    def tile(self, *repeats: Any) -> Any:
        return ops.tile(self, sizes(repeats))

    @property
    def T(self) -> Any:
        """The axes in reverse order."""
        return ops.permute(self, tuple(range(self.array.ndim))[::-1])

    @property
    def mT(self) -> Any:
        """The last two axes swapped."""
        return ops.transpose(self, -2, -1)

    # ------------------------------------------------------------------ dtype and device

    def to(self, *args: Any, dtype: Any = None, device: Any = None, copy: bool = False,
           non_blocking: bool = False) -> Any:  # fmt: skip
        """In another dtype, on another device, or both; itself if nothing changes.

        `x.to("cuda")`, `x.to(mg.float64)`, `x.to(other)` (that Tensor's dtype and device).
        """
        for a in args:
            if isinstance(a, Value):
                dtype, device = a.dtype, backend.device_of(a.array)
            elif isinstance(a, backend.Device) or (
                isinstance(a, str) and a.partition(":")[0] in ("cpu", "cuda")
            ):
                device = a
            elif isinstance(a, bool):  # PyTorch's non_blocking, copy
                continue
            else:
                dtype = a
        out = self
        if dtype is not None and np.dtype(dtype) != self.array.dtype:
            out = ops.astype(out, np.dtype(dtype))
        if device is not None:
            moved = ops.to_device(out, device)
            out = out if moved.array is out.array else moved
        return ops.clone(out) if copy and out is self else out

    def type(self, dtype: Any = None) -> Any:
        return str(self.array.dtype) if dtype is None else self.to(dtype)

    def astype(self, dtype: Any) -> Any:
        """NumPy's name for `to(dtype)`."""
        return ops.astype(self, np.dtype(dtype))

    def type_as(self, other: Any) -> Any:
        return self.to(other.dtype)

    def float(self) -> Any:
        return self.to(dtypes.float32)

    def double(self) -> Any:
        return self.to(dtypes.float64)

    def half(self) -> Any:
        return self.to(dtypes.float16)

    def long(self) -> Any:
        return self.to(dtypes.int64)

    def int(self) -> Any:
        return self.to(dtypes.int32)

    def short(self) -> Any:
        return self.to(dtypes.int16)

    def bool(self) -> Any:
        return self.to(dtypes.bool_)

    def cpu(self) -> Any:
        return self.to(device="cpu")

    def cuda(self, device: Any = None) -> Any:
        return self.to(device="cuda" if device is None else backend.Device("cuda", device))

    def where(self, condition: Any, other: Any) -> Any:
        return ops.where(condition, self, other)


    # ------------------------------------------------------------------ arithmetic

    def add(self, other, *, alpha=1):
        return ops.add(self, other, alpha=alpha)

    def sub(self, other, *, alpha=1):
        return ops.sub(self, other, alpha=alpha)

    def mul(self, other):
        return ops.mul(self, other)

    def neg(self):
        return ops.neg(self)

    # ------------------------------------------------------------------ exponentials, trigonometry, rounding

    # ------------------------------------------------------------------ activations

    # ------------------------------------------------------------------ comparison

    # ------------------------------------------------------------------ reductions

    def sum(self, dim=None, keepdim=False, *, dtype=None):
        return ops.sum(self, dim, keepdim, dtype=dtype)

    # ------------------------------------------------------------------ shape

    # ------------------------------------------------------------------ selection

    def index_put(self, index, value):
        return ops.index_put(self, index, value)

    # ------------------------------------------------------------------ linear algebra

    # ------------------------------------------------------------------ in place

    def add_(self, other, *, alpha=1):
        return inplace.overwrite(self, lambda t: ops.add(t, other, alpha=alpha), "add_")

    def sub_(self, other, *, alpha=1):
        return inplace.overwrite(self, lambda t: ops.sub(t, other, alpha=alpha), "sub_")

    def mul_(self, other):
        return inplace.overwrite(self, lambda t: ops.mul(t, other), "mul_")

    def neg_(self):
        return inplace.overwrite(self, lambda t: ops.neg(t), "neg_")

    def index_put_(self, index, value):
        return inplace.overwrite(self, lambda t: ops.index_put(t, index, value), "index_put_")

    def __ilshift__(self, other: Any) -> Any:
        return inplace.overwrite(self, lambda t: ops.bitwise_left_shift(t, other), "<<=")

    def __iand__(self, other: Any) -> Any:
        return inplace.overwrite(self, lambda t: ops.bitwise_and(t, other), "&=")

    def __ior__(self, other: Any) -> Any:
        return inplace.overwrite(self, lambda t: ops.bitwise_or(t, other), "|=")

    def __ixor__(self, other: Any) -> Any:
        return inplace.overwrite(self, lambda t: ops.bitwise_xor(t, other), "^=")

    def copy_(self, src: Any, non_blocking: bool = False) -> Any:
        """Overwrite with `src`, which is broadcast and cast."""
        return inplace.overwrite(
            self, lambda t: ops.expand(as_value(src, t), t.shape).astype(t.dtype), "copy_"
        )

    def fill_(self, value: Any) -> Any:
        """Overwrite every element with one number or 0-d Tensor."""
        return inplace.overwrite(
            self, lambda t: ops.expand(as_value(value, t), t.shape).astype(t.dtype), "fill_"
        )

    def zero_(self) -> Any:
        return self.fill_(0)

    # ------------------------------------------------------------------ random numbers, in place

    def _draw(self, values: Any, name: str) -> Any:
        return inplace.overwrite(self, lambda t: wrap(values.astype(t.dtype)), name)

    def uniform_(self, from_: Any = 0.0, to: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with numbers uniform in [from_, to)."""
        draw = random.uniform(self.shape, from_, to, dtype=self.dtype,
                              device=backend.device_of(self.array), generator=generator)  # fmt: skip
        return self._draw(draw, "uniform_")

    def normal_(self, mean: Any = 0.0, std: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with normal numbers."""
        draw = random.normal(self.shape, mean, std, dtype=self.dtype,
                             device=backend.device_of(self.array), generator=generator)  # fmt: skip
        return self._draw(draw, "normal_")

    def random_(self, from_: Any = 0, to: Any = None, *, generator: Any = None) -> Any:
        """Overwrite with integers in [from_, to); `random_(to)` starts at 0."""
        low, high = (0, from_) if to is None and from_ else (from_, to)
        if high is None:  # as far as the dtype can count exactly
            kind = self.array.dtype.kind
            high = 2 ** (np.finfo(self.dtype).nmant + 1) if kind == "f" else 2
            high = np.iinfo(self.dtype).max if kind in "iu" else high
        draw = random.integers(low, high, self.shape, device=backend.device_of(self.array),
                               generator=generator)  # fmt: skip
        return self._draw(draw, "random_")

    def bernoulli_(self, p: Any = 0.5, *, generator: Any = None) -> Any:
        """Overwrite with 1 at the chance p, else 0."""
        p = p.array if isinstance(p, Value) else p
        draw = random.uniform(self.shape, dtype=np.float64,
                              device=backend.device_of(self.array), generator=generator)  # fmt: skip
        return self._draw(draw < p, "bernoulli_")

    def exponential_(self, lambd: Any = 1.0, *, generator: Any = None) -> Any:
        """Overwrite with numbers of density lambd * exp(-lambd * x)."""
        draw = random.uniform(self.shape, dtype=np.float64,
                              device=backend.device_of(self.array), generator=generator)  # fmt: skip
        return self._draw(-np.log1p(-draw) / lambd, "exponential_")

    def bernoulli(self, p: Any = None, *, generator: Any = None) -> Any:
        return random.bernoulli(self, p, generator=generator)

    def multinomial(self, num_samples: Any, replacement: Any = False, *, generator: Any = None) -> Any:
        return random.multinomial(self, num_samples, replacement, generator=generator)

    # ------------------------------------------------------------------ new ones like it

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None,
                   requires_grad: Any = False) -> Any:  # fmt: skip
        array = np.array(data.array if isinstance(data, Value) else data, dtype=dtype or self.dtype)
        return self._new(array, device, requires_grad)

    def new_zeros(self, *size: Any, dtype: Any = None, device: Any = None,
                  requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.zeros(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_ones(self, *size: Any, dtype: Any = None, device: Any = None,
                 requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.ones(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_empty(self, *size: Any, dtype: Any = None, device: Any = None,
                  requires_grad: Any = False) -> Any:  # fmt: skip
        return self._new(np.empty(sizes(size), dtype or self.dtype), device, requires_grad)

    def new_full(self, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None,
                 requires_grad: Any = False) -> Any:  # fmt: skip
        array = np.full(sizes((size,)), fill_value, dtype or self.dtype)
        return self._new(array, device, requires_grad)

    def _new(self, array: Any, device: Any, requires_grad: Any) -> Any:
        device = device or backend.device_of(self.array)
        return wrap(backend.to_device(array, device)).requires_grad_(requires_grad)


def sizes(shape: tuple) -> tuple:
    """The shape meant by `f(2, 3)`, `f((2, 3))` or `f([2, 3])`."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    return tuple(n if n.__class__ is int else n.__index__() for n in shape)


def comparable(x: Any) -> bool:
    """Tensors are compared with Tensors, arrays and numbers; with anything else they are unequal."""
    return isinstance(x, (Value, int, float, complex)) or hasattr(x, "dtype")


def as_value(x: Any, like: Any) -> Any:
    """x as a Tensor on the device of `like`."""
    if isinstance(x, Value):
        return ops.to_device(x, backend.device_of(like.array))
    return wrap(np.full_like(like.array, x, shape=()) if np.isscalar(x) else x)
