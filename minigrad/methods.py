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

    def subtract(self, other, *, alpha=1):
        return ops.subtract(self, other, alpha=alpha)

    def mul(self, other):
        return ops.mul(self, other)

    def multiply(self, other):
        return ops.multiply(self, other)

    def div(self, other, *, rounding_mode=None):
        return ops.div(self, other, rounding_mode=rounding_mode)

    def divide(self, other, *, rounding_mode=None):
        return ops.divide(self, other, rounding_mode=rounding_mode)

    def true_divide(self, other):
        return ops.true_divide(self, other)

    def floor_divide(self, other):
        return ops.floor_divide(self, other)

    def remainder(self, other):
        return ops.remainder(self, other)

    def fmod(self, other):
        return ops.fmod(self, other)

    def neg(self):
        return ops.neg(self)

    def negative(self):
        return ops.negative(self)

    def positive(self):
        return ops.positive(self)

    def pow(self, exponent):
        return ops.pow(self, exponent)

    def float_power(self, exponent):
        return ops.float_power(self, exponent)

    def square(self):
        return ops.square(self)

    def sqrt(self):
        return ops.sqrt(self)

    def rsqrt(self):
        return ops.rsqrt(self)

    def reciprocal(self):
        return ops.reciprocal(self)

    def abs(self):
        return ops.abs(self)

    def absolute(self):
        return ops.absolute(self)

    def sign(self):
        return ops.sign(self)

    def sgn(self):
        return ops.sgn(self)

    def maximum(self, other):
        return ops.maximum(self, other)

    def minimum(self, other):
        return ops.minimum(self, other)

    def fmax(self, other):
        return ops.fmax(self, other)

    def fmin(self, other):
        return ops.fmin(self, other)

    def clamp(self, min=None, max=None):
        return ops.clamp(self, min, max)

    def clip(self, min=None, max=None):
        return ops.clip(self, min, max)

    def clamp_min(self, min):
        return ops.clamp_min(self, min)

    def clamp_max(self, max):
        return ops.clamp_max(self, max)

    def lerp(self, end, weight):
        return ops.lerp(self, end, weight)

    def addcmul(self, tensor1, tensor2, *, value=1):
        return ops.addcmul(self, tensor1, tensor2, value=value)

    def addcdiv(self, tensor1, tensor2, *, value=1):
        return ops.addcdiv(self, tensor1, tensor2, value=value)

    def hypot(self, other):
        return ops.hypot(self, other)

    def copysign(self, other):
        return ops.copysign(self, other)

    def heaviside(self, values):
        return ops.heaviside(self, values)

    def ldexp(self, other):
        return ops.ldexp(self, other)

    # ------------------------------------------------------------------ exponentials, trigonometry, rounding

    def exp(self):
        return ops.exp(self)

    def exp2(self):
        return ops.exp2(self)

    def expm1(self):
        return ops.expm1(self)

    def log(self):
        return ops.log(self)

    def log2(self):
        return ops.log2(self)

    def log10(self):
        return ops.log10(self)

    def log1p(self):
        return ops.log1p(self)

    def logaddexp(self, other):
        return ops.logaddexp(self, other)

    def logaddexp2(self, other):
        return ops.logaddexp2(self, other)

    def xlogy(self, other):
        return ops.xlogy(self, other)

    def erf(self):
        return ops.erf(self)

    def erfc(self):
        return ops.erfc(self)

    def erfinv(self):
        return ops.erfinv(self)

    def lgamma(self):
        return ops.lgamma(self)

    def digamma(self):
        return ops.digamma(self)

    def sinc(self):
        return ops.sinc(self)

    def logit(self, eps=None):
        return ops.logit(self, eps)

    def sin(self):
        return ops.sin(self)

    def cos(self):
        return ops.cos(self)

    def tan(self):
        return ops.tan(self)

    def asin(self):
        return ops.asin(self)

    def acos(self):
        return ops.acos(self)

    def atan(self):
        return ops.atan(self)

    def atan2(self, other):
        return ops.atan2(self, other)

    def arcsin(self):
        return ops.arcsin(self)

    def arccos(self):
        return ops.arccos(self)

    def arctan(self):
        return ops.arctan(self)

    def arctan2(self, other):
        return ops.arctan2(self, other)

    def sinh(self):
        return ops.sinh(self)

    def cosh(self):
        return ops.cosh(self)

    def tanh(self):
        return ops.tanh(self)

    def asinh(self):
        return ops.asinh(self)

    def acosh(self):
        return ops.acosh(self)

    def atanh(self):
        return ops.atanh(self)

    def arcsinh(self):
        return ops.arcsinh(self)

    def arccosh(self):
        return ops.arccosh(self)

    def arctanh(self):
        return ops.arctanh(self)

    def deg2rad(self):
        return ops.deg2rad(self)

    def rad2deg(self):
        return ops.rad2deg(self)

    def floor(self):
        return ops.floor(self)

    def ceil(self):
        return ops.ceil(self)

    def round(self, *, decimals=0):
        return ops.round(self, decimals=decimals)

    def trunc(self):
        return ops.trunc(self)

    def fix(self):
        return ops.fix(self)

    def frac(self):
        return ops.frac(self)

    def nan_to_num(self, nan=0.0, posinf=None, neginf=None):
        return ops.nan_to_num(self, nan, posinf, neginf)

    # ------------------------------------------------------------------ activations

    def relu(self):
        return ops.relu(self)

    def sigmoid(self):
        return ops.sigmoid(self)

    def softmax(self, dim, dtype=None):
        return ops.softmax(self, dim, dtype)

    def log_softmax(self, dim, dtype=None):
        return ops.log_softmax(self, dim, dtype)

    def prelu(self, weight):
        return ops.prelu(self, weight)

    # ------------------------------------------------------------------ comparison

    def eq(self, other):
        return ops.eq(self, other)

    def ne(self, other):
        return ops.ne(self, other)

    def lt(self, other):
        return ops.lt(self, other)

    def le(self, other):
        return ops.le(self, other)

    def gt(self, other):
        return ops.gt(self, other)

    def ge(self, other):
        return ops.ge(self, other)

    def greater(self, other):
        return ops.greater(self, other)

    def greater_equal(self, other):
        return ops.greater_equal(self, other)

    def less(self, other):
        return ops.less(self, other)

    def less_equal(self, other):
        return ops.less_equal(self, other)

    def not_equal(self, other):
        return ops.not_equal(self, other)

    def isnan(self):
        return ops.isnan(self)

    def isinf(self):
        return ops.isinf(self)

    def isfinite(self):
        return ops.isfinite(self)

    def isposinf(self):
        return ops.isposinf(self)

    def isneginf(self):
        return ops.isneginf(self)

    def isclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        return ops.isclose(self, other, rtol, atol, equal_nan)

    def allclose(self, other, rtol=1e-05, atol=1e-08, equal_nan=False):
        return ops.allclose(self, other, rtol, atol, equal_nan)

    def equal(self, other):
        return ops.equal(self, other)

    def logical_and(self, other):
        return ops.logical_and(self, other)

    def logical_or(self, other):
        return ops.logical_or(self, other)

    def logical_xor(self, other):
        return ops.logical_xor(self, other)

    def logical_not(self):
        return ops.logical_not(self)

    def bitwise_and(self, other):
        return ops.bitwise_and(self, other)

    def bitwise_or(self, other):
        return ops.bitwise_or(self, other)

    def bitwise_xor(self, other):
        return ops.bitwise_xor(self, other)

    def bitwise_not(self):
        return ops.bitwise_not(self)

    def bitwise_left_shift(self, other):
        return ops.bitwise_left_shift(self, other)

    def bitwise_right_shift(self, other):
        return ops.bitwise_right_shift(self, other)

    def signbit(self):
        return ops.signbit(self)

    # ------------------------------------------------------------------ reductions

    def sum(self, dim=None, keepdim=False, *, dtype=None):
        return ops.sum(self, dim, keepdim, dtype=dtype)

    def mean(self, dim=None, keepdim=False, *, dtype=None):
        return ops.mean(self, dim, keepdim, dtype=dtype)

    def prod(self, dim=None, keepdim=False, *, dtype=None):
        return ops.prod(self, dim, keepdim, dtype=dtype)

    def var(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        return ops.var(self, dim, unbiased, keepdim, correction=correction)

    def std(self, dim=None, unbiased=None, keepdim=False, *, correction=None):
        return ops.std(self, dim, unbiased, keepdim, correction=correction)

    def max(self, dim=None, keepdim=False, *, other=None):
        return ops.max(self, dim, keepdim, other=other)

    def min(self, dim=None, keepdim=False, *, other=None):
        return ops.min(self, dim, keepdim, other=other)

    def amax(self, dim=(), keepdim=False):
        return ops.amax(self, dim, keepdim)

    def amin(self, dim=(), keepdim=False):
        return ops.amin(self, dim, keepdim)

    def aminmax(self, *, dim=None, keepdim=False):
        return ops.aminmax(self, dim=dim, keepdim=keepdim)

    def argmax(self, dim=None, keepdim=False):
        return ops.argmax(self, dim, keepdim)

    def argmin(self, dim=None, keepdim=False):
        return ops.argmin(self, dim, keepdim)

    def any(self, dim=None, keepdim=False):
        return ops.any(self, dim, keepdim)

    def all(self, dim=None, keepdim=False):
        return ops.all(self, dim, keepdim)

    def logsumexp(self, dim, keepdim=False):
        return ops.logsumexp(self, dim, keepdim)

    def norm(self, p="fro", dim=None, keepdim=False, *, dtype=None):
        return ops.norm(self, p, dim, keepdim, dtype=dtype)

    def nansum(self, dim=None, keepdim=False, *, dtype=None):
        return ops.nansum(self, dim, keepdim, dtype=dtype)

    def nanmean(self, dim=None, keepdim=False, *, dtype=None):
        return ops.nanmean(self, dim, keepdim, dtype=dtype)

    def count_nonzero(self, dim=None):
        return ops.count_nonzero(self, dim)

    def cumsum(self, dim, *, dtype=None):
        return ops.cumsum(self, dim, dtype=dtype)

    def cumprod(self, dim, *, dtype=None):
        return ops.cumprod(self, dim, dtype=dtype)

    def cummax(self, dim):
        return ops.cummax(self, dim)

    def cummin(self, dim):
        return ops.cummin(self, dim)

    def logcumsumexp(self, dim):
        return ops.logcumsumexp(self, dim)

    def diff(self, n=1, dim=-1, prepend=None, append=None):
        return ops.diff(self, n, dim, prepend, append)

    def sort(self, dim=-1, descending=False, stable=False):
        return ops.sort(self, dim, descending, stable)

    def argsort(self, dim=-1, descending=False, stable=False):
        return ops.argsort(self, dim, descending, stable)

    def topk(self, k, dim=-1, largest=True, sorted=True):
        return ops.topk(self, k, dim, largest, sorted)

    def kthvalue(self, k, dim=-1, keepdim=False):
        return ops.kthvalue(self, k, dim, keepdim)

    def median(self, dim=None, keepdim=False):
        return ops.median(self, dim, keepdim)

    def nanmedian(self, dim=None, keepdim=False):
        return ops.nanmedian(self, dim, keepdim)

    def quantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        return ops.quantile(self, q, dim, keepdim, interpolation=interpolation)

    def nanquantile(self, q, dim=None, keepdim=False, *, interpolation="linear"):
        return ops.nanquantile(self, q, dim, keepdim, interpolation=interpolation)

    def mode(self, dim=-1, keepdim=False):
        return ops.mode(self, dim, keepdim)

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        return ops.unique(self, sorted, return_inverse, return_counts, dim)

    def unique_consecutive(self, return_inverse=False, return_counts=False, dim=None):
        return ops.unique_consecutive(self, return_inverse, return_counts, dim)

    def bincount(self, weights=None, minlength=0):
        return ops.bincount(self, weights, minlength)

    def histc(self, bins=100, min=0, max=0):
        return ops.histc(self, bins, min, max)

    def msort(self):
        return ops.msort(self)

    # ------------------------------------------------------------------ shape

    def transpose(self, dim0, dim1):
        return ops.transpose(self, dim0, dim1)

    def swapaxes(self, axis0, axis1):
        return ops.swapaxes(self, axis0, axis1)

    def swapdims(self, dim0, dim1):
        return ops.swapdims(self, dim0, dim1)

    def t(self):
        return ops.t(self)

    def squeeze(self, dim=None):
        return ops.squeeze(self, dim)

    def unsqueeze(self, dim):
        return ops.unsqueeze(self, dim)

    def flatten(self, start_dim=0, end_dim=-1):
        return ops.flatten(self, start_dim, end_dim)

    def unflatten(self, dim, sizes):
        return ops.unflatten(self, dim, sizes)

    def ravel(self):
        return ops.ravel(self)

    def movedim(self, source, destination):
        return ops.movedim(self, source, destination)

    def moveaxis(self, source, destination):
        return ops.moveaxis(self, source, destination)

    def reshape_as(self, other):
        return ops.reshape_as(self, other)

    def view_as(self, other):
        return ops.view_as(self, other)

    def expand_as(self, other):
        return ops.expand_as(self, other)

    def broadcast_to(self, shape):
        return ops.broadcast_to(self, shape)

    def clone(self):
        return ops.clone(self)

    def contiguous(self):
        return ops.contiguous(self)

    def split(self, split_size_or_sections, dim=0):
        return ops.split(self, split_size_or_sections, dim)

    def tensor_split(self, indices_or_sections, dim=0):
        return ops.tensor_split(self, indices_or_sections, dim)

    def chunk(self, chunks, dim=0):
        return ops.chunk(self, chunks, dim)

    def hsplit(self, indices_or_sections):
        return ops.hsplit(self, indices_or_sections)

    def vsplit(self, indices_or_sections):
        return ops.vsplit(self, indices_or_sections)

    def dsplit(self, indices_or_sections):
        return ops.dsplit(self, indices_or_sections)

    def unbind(self, dim=0):
        return ops.unbind(self, dim)

    def narrow(self, dim, start, length):
        return ops.narrow(self, dim, start, length)

    def select(self, dim, index):
        return ops.select(self, dim, index)

    def flip(self, dims):
        return ops.flip(self, dims)

    def fliplr(self):
        return ops.fliplr(self)

    def flipud(self):
        return ops.flipud(self)

    def roll(self, shifts, dims=None):
        return ops.roll(self, shifts, dims)

    def rot90(self, k=1, dims=(0, 1)):
        return ops.rot90(self, k, dims)

    def repeat_interleave(self, repeats=None, dim=None, *, output_size=None):
        return ops.repeat_interleave(self, repeats, dim, output_size=output_size)

    def tril(self, diagonal=0):
        return ops.tril(self, diagonal)

    def triu(self, diagonal=0):
        return ops.triu(self, diagonal)

    def diag(self, diagonal=0):
        return ops.diag(self, diagonal)

    def diagonal(self, offset=0, dim1=0, dim2=1):
        return ops.diagonal(self, offset, dim1, dim2)

    def diag_embed(self, offset=0, dim1=-2, dim2=-1):
        return ops.diag_embed(self, offset, dim1, dim2)

    def diagflat(self, offset=0):
        return ops.diagflat(self, offset)

    def unfold(self, dimension, size, step):
        return ops.unfold(self, dimension, size, step)

    # ------------------------------------------------------------------ selection

    def index_select(self, dim, index):
        return ops.index_select(self, dim, index)

    def index_add(self, dim, index, source, *, alpha=1):
        return ops.index_add(self, dim, index, source, alpha=alpha)

    def index_copy(self, dim, index, source):
        return ops.index_copy(self, dim, index, source)

    def index_fill(self, dim, index, value):
        return ops.index_fill(self, dim, index, value)

    def index_put(self, indices, values, accumulate=False):
        return ops.index_put(self, indices, values, accumulate)

    def gather(self, dim, index, *, sparse_grad=False):
        return ops.gather(self, dim, index, sparse_grad=sparse_grad)

    def scatter(self, dim, index, src=None, *, value=None, reduce=None):
        return ops.scatter(self, dim, index, src, value=value, reduce=reduce)

    def scatter_add(self, dim, index, src):
        return ops.scatter_add(self, dim, index, src)

    def scatter_reduce(self, dim, index, src, reduce, *, include_self=True):
        return ops.scatter_reduce(self, dim, index, src, reduce, include_self=include_self)

    def take(self, index):
        return ops.take(self, index)

    def take_along_dim(self, indices, dim=None):
        return ops.take_along_dim(self, indices, dim)

    def put(self, index, source, accumulate=False):
        return ops.put(self, index, source, accumulate)

    def masked_fill(self, mask, value):
        return ops.masked_fill(self, mask, value)

    def masked_select(self, mask):
        return ops.masked_select(self, mask)

    def masked_scatter(self, mask, source):
        return ops.masked_scatter(self, mask, source)

    def nonzero(self, *, as_tuple=False):
        return ops.nonzero(self, as_tuple=as_tuple)

    def argwhere(self):
        return ops.argwhere(self)

    def select_scatter(self, src, dim, index):
        return ops.select_scatter(self, src, dim, index)

    def slice_scatter(self, src, dim=0, start=None, end=None, step=1):
        return ops.slice_scatter(self, src, dim, start, end, step)

    def diagonal_scatter(self, src, offset=0, dim1=0, dim2=1):
        return ops.diagonal_scatter(self, src, offset, dim1, dim2)

    # ------------------------------------------------------------------ linear algebra

    # ------------------------------------------------------------------ in place

    def add_(self, other, *, alpha=1):
        return inplace.overwrite(self, lambda t: ops.add(t, other, alpha=alpha), "add_")

    def sub_(self, other, *, alpha=1):
        return inplace.overwrite(self, lambda t: ops.sub(t, other, alpha=alpha), "sub_")

    def subtract_(self, other, *, alpha=1):
        return inplace.overwrite(self, lambda t: ops.subtract(t, other, alpha=alpha), "subtract_")

    def mul_(self, other):
        return inplace.overwrite(self, lambda t: ops.mul(t, other), "mul_")

    def multiply_(self, other):
        return inplace.overwrite(self, lambda t: ops.multiply(t, other), "multiply_")

    def div_(self, other, *, rounding_mode=None):
        return inplace.overwrite(
            self, lambda t: ops.div(t, other, rounding_mode=rounding_mode), "div_"
        )

    def divide_(self, other, *, rounding_mode=None):
        return inplace.overwrite(
            self, lambda t: ops.divide(t, other, rounding_mode=rounding_mode), "divide_"
        )

    def floor_divide_(self, other):
        return inplace.overwrite(self, lambda t: ops.floor_divide(t, other), "floor_divide_")

    def remainder_(self, other):
        return inplace.overwrite(self, lambda t: ops.remainder(t, other), "remainder_")

    def fmod_(self, other):
        return inplace.overwrite(self, lambda t: ops.fmod(t, other), "fmod_")

    def neg_(self):
        return inplace.overwrite(self, lambda t: ops.neg(t), "neg_")

    def pow_(self, exponent):
        return inplace.overwrite(self, lambda t: ops.pow(t, exponent), "pow_")

    def square_(self):
        return inplace.overwrite(self, lambda t: ops.square(t), "square_")

    def sqrt_(self):
        return inplace.overwrite(self, lambda t: ops.sqrt(t), "sqrt_")

    def rsqrt_(self):
        return inplace.overwrite(self, lambda t: ops.rsqrt(t), "rsqrt_")

    def reciprocal_(self):
        return inplace.overwrite(self, lambda t: ops.reciprocal(t), "reciprocal_")

    def abs_(self):
        return inplace.overwrite(self, lambda t: ops.abs(t), "abs_")

    def sign_(self):
        return inplace.overwrite(self, lambda t: ops.sign(t), "sign_")

    def clamp_(self, min=None, max=None):
        return inplace.overwrite(self, lambda t: ops.clamp(t, min, max), "clamp_")

    def clip_(self, min=None, max=None):
        return inplace.overwrite(self, lambda t: ops.clip(t, min, max), "clip_")

    def clamp_min_(self, min):
        return inplace.overwrite(self, lambda t: ops.clamp_min(t, min), "clamp_min_")

    def clamp_max_(self, max):
        return inplace.overwrite(self, lambda t: ops.clamp_max(t, max), "clamp_max_")

    def lerp_(self, end, weight):
        return inplace.overwrite(self, lambda t: ops.lerp(t, end, weight), "lerp_")

    def addcmul_(self, tensor1, tensor2, *, value=1):
        return inplace.overwrite(
            self, lambda t: ops.addcmul(t, tensor1, tensor2, value=value), "addcmul_"
        )

    def addcdiv_(self, tensor1, tensor2, *, value=1):
        return inplace.overwrite(
            self, lambda t: ops.addcdiv(t, tensor1, tensor2, value=value), "addcdiv_"
        )

    def exp_(self):
        return inplace.overwrite(self, lambda t: ops.exp(t), "exp_")

    def exp2_(self):
        return inplace.overwrite(self, lambda t: ops.exp2(t), "exp2_")

    def expm1_(self):
        return inplace.overwrite(self, lambda t: ops.expm1(t), "expm1_")

    def log_(self):
        return inplace.overwrite(self, lambda t: ops.log(t), "log_")

    def log2_(self):
        return inplace.overwrite(self, lambda t: ops.log2(t), "log2_")

    def log10_(self):
        return inplace.overwrite(self, lambda t: ops.log10(t), "log10_")

    def log1p_(self):
        return inplace.overwrite(self, lambda t: ops.log1p(t), "log1p_")

    def erf_(self):
        return inplace.overwrite(self, lambda t: ops.erf(t), "erf_")

    def erfc_(self):
        return inplace.overwrite(self, lambda t: ops.erfc(t), "erfc_")

    def sin_(self):
        return inplace.overwrite(self, lambda t: ops.sin(t), "sin_")

    def cos_(self):
        return inplace.overwrite(self, lambda t: ops.cos(t), "cos_")

    def tan_(self):
        return inplace.overwrite(self, lambda t: ops.tan(t), "tan_")

    def asin_(self):
        return inplace.overwrite(self, lambda t: ops.asin(t), "asin_")

    def acos_(self):
        return inplace.overwrite(self, lambda t: ops.acos(t), "acos_")

    def atan_(self):
        return inplace.overwrite(self, lambda t: ops.atan(t), "atan_")

    def sinh_(self):
        return inplace.overwrite(self, lambda t: ops.sinh(t), "sinh_")

    def cosh_(self):
        return inplace.overwrite(self, lambda t: ops.cosh(t), "cosh_")

    def tanh_(self):
        return inplace.overwrite(self, lambda t: ops.tanh(t), "tanh_")

    def floor_(self):
        return inplace.overwrite(self, lambda t: ops.floor(t), "floor_")

    def ceil_(self):
        return inplace.overwrite(self, lambda t: ops.ceil(t), "ceil_")

    def round_(self, *, decimals=0):
        return inplace.overwrite(self, lambda t: ops.round(t, decimals=decimals), "round_")

    def trunc_(self):
        return inplace.overwrite(self, lambda t: ops.trunc(t), "trunc_")

    def frac_(self):
        return inplace.overwrite(self, lambda t: ops.frac(t), "frac_")

    def nan_to_num_(self, nan=0.0, posinf=None, neginf=None):
        return inplace.overwrite(
            self, lambda t: ops.nan_to_num(t, nan, posinf, neginf), "nan_to_num_"
        )

    def relu_(self):
        return inplace.overwrite(self, lambda t: ops.relu(t), "relu_")

    def sigmoid_(self):
        return inplace.overwrite(self, lambda t: ops.sigmoid(t), "sigmoid_")

    def eq_(self, other):
        return inplace.overwrite(self, lambda t: ops.eq(t, other), "eq_")

    def ne_(self, other):
        return inplace.overwrite(self, lambda t: ops.ne(t, other), "ne_")

    def lt_(self, other):
        return inplace.overwrite(self, lambda t: ops.lt(t, other), "lt_")

    def le_(self, other):
        return inplace.overwrite(self, lambda t: ops.le(t, other), "le_")

    def gt_(self, other):
        return inplace.overwrite(self, lambda t: ops.gt(t, other), "gt_")

    def ge_(self, other):
        return inplace.overwrite(self, lambda t: ops.ge(t, other), "ge_")

    def logical_and_(self, other):
        return inplace.overwrite(self, lambda t: ops.logical_and(t, other), "logical_and_")

    def logical_or_(self, other):
        return inplace.overwrite(self, lambda t: ops.logical_or(t, other), "logical_or_")

    def logical_xor_(self, other):
        return inplace.overwrite(self, lambda t: ops.logical_xor(t, other), "logical_xor_")

    def logical_not_(self):
        return inplace.overwrite(self, lambda t: ops.logical_not(t), "logical_not_")

    def cumsum_(self, dim, *, dtype=None):
        return inplace.overwrite(self, lambda t: ops.cumsum(t, dim, dtype=dtype), "cumsum_")

    def cumprod_(self, dim, *, dtype=None):
        return inplace.overwrite(self, lambda t: ops.cumprod(t, dim, dtype=dtype), "cumprod_")

    def tril_(self, diagonal=0):
        return inplace.overwrite(self, lambda t: ops.tril(t, diagonal), "tril_")

    def triu_(self, diagonal=0):
        return inplace.overwrite(self, lambda t: ops.triu(t, diagonal), "triu_")

    def index_add_(self, dim, index, source, *, alpha=1):
        return inplace.overwrite(
            self, lambda t: ops.index_add(t, dim, index, source, alpha=alpha), "index_add_"
        )

    def index_copy_(self, dim, index, source):
        return inplace.overwrite(
            self, lambda t: ops.index_copy(t, dim, index, source), "index_copy_"
        )

    def index_fill_(self, dim, index, value):
        return inplace.overwrite(
            self, lambda t: ops.index_fill(t, dim, index, value), "index_fill_"
        )

    def index_put_(self, indices, values, accumulate=False):
        return inplace.overwrite(
            self, lambda t: ops.index_put(t, indices, values, accumulate), "index_put_"
        )

    def scatter_(self, dim, index, src=None, *, value=None, reduce=None):
        return inplace.overwrite(
            self, lambda t: ops.scatter(t, dim, index, src, value=value, reduce=reduce), "scatter_"
        )

    def scatter_add_(self, dim, index, src):
        return inplace.overwrite(
            self, lambda t: ops.scatter_add(t, dim, index, src), "scatter_add_"
        )

    def scatter_reduce_(self, dim, index, src, reduce, *, include_self=True):
        return inplace.overwrite(
            self,
            lambda t: ops.scatter_reduce(t, dim, index, src, reduce, include_self=include_self),
            "scatter_reduce_",
        )

    def masked_fill_(self, mask, value):
        return inplace.overwrite(self, lambda t: ops.masked_fill(t, mask, value), "masked_fill_")

    def masked_scatter_(self, mask, source):
        return inplace.overwrite(
            self, lambda t: ops.masked_scatter(t, mask, source), "masked_scatter_"
        )

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

    def multinomial(
        self, num_samples: Any, replacement: Any = False, *, generator: Any = None
    ) -> Any:
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
