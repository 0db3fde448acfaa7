"""Reductions to a sum: sum, mean, product, variance, counts, along one, several or all axes.

`dim` is an axis, a tuple of axes, or None for all of them. The gradient of a sum is g at every
summand; the other formulas follow from it.
"""

from __future__ import annotations

import builtins

import numpy as np

from minigrad import dtypes
from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.axes import count, raw, reduced, reduced_axes, restored, spread
from minigrad.ops.cumulative import product_before

__all__ = [
    "all", "any", "count_nonzero", "mean", "nanmean", "nansum", "prod", "std", "std_mean", "sum",
    "var", "var_mean",
]  # fmt: skip

# The dtype in which elements are added up, where it is not their own. Integers give an int64;
# halves are rounded once, at the end.
_WIDE = {np.dtype(c): dtypes.int64 for c in "?bBhHiI"} | {dtypes.float16: dtypes.float32}


def accumulate(reduction, x, dims, keepdim, dtype=None):
    """`reduction`, which is x.sum or x.prod, in a dtype that is wide enough."""
    wide = _WIDE.get(x.dtype) if dtype is None else dtype
    y = reduction(axis=dims, dtype=wide, keepdims=keepdim)
    return y.astype(x.dtype) if dtype is None and wide is dtypes.float32 else y


@op
def sum(x, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim`; of integers and bools it is an int64. Gradient: g at every summand.

    >>> import minigrad as mg
    >>> mg.sum(mg.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
    tensor([3., 7.])
    """
    shape = x.shape
    dims = dim if dim is None else reduced_axes("sum", dim, len(shape))
    y = accumulate(x.sum, x, dims, keepdim, dtype)
    return y, lambda g: spread(g, shape, dims, keepdim)


@op
def mean(x, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` divided by how many there are (NaN for none). Gradient: g / count.

    RuntimeError for integers without a `dtype`: they have no mean of their own type.
    """
    shape = x.shape
    dims = dim if dim is None else reduced_axes("mean", dim, len(shape))
    out = x.dtype if dtype is None else np.dtype(dtype)
    if out.kind not in "fc":
        raise RuntimeError(f"mean: expected a floating dtype, got {out}; pass dtype=float32, say")
    n = count(shape, dims)
    wide = _WIDE.get(out, out)
    y = x.sum(axis=dims, dtype=wide, keepdims=keepdim) / n
    return y if wide is out else y.astype(out), lambda g: spread(g / n, shape, dims, keepdim)


@op
def nansum(x, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` of what is not NaN. Gradient: g at every summand, 0 at the NaN."""
    shape = x.shape
    dims = reduced_axes("nansum", dim, len(shape))
    number = raw(x) == raw(x)
    numbers = np.where(number, x, 0)
    y = accumulate(numbers.sum, numbers, dims, keepdim, dtype)
    return y, lambda g: spread(g, shape, dims, keepdim) * number  # a mean of nothing: inf * 0


def nanmean(input, dim=None, keepdim=False, *, dtype=None):
    """The mean over `dim` of what is not NaN; NaN, as is its gradient, where all is NaN."""
    if input.dtype.kind not in "fc":
        raise RuntimeError(f"nanmean: expected a floating dtype, got {input.dtype}")
    numbers = sum(raw(input) == raw(input), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / numbers.astype(input.dtype)


@op
def count_nonzero(x, dim=None):
    """How many elements along `dim` are not 0, as an int64. No gradient."""
    dims = reduced_axes("count_nonzero", dim, len(x.shape))
    return (x != 0).sum(axis=dims, dtype=np.int64), None


@op
def any(x, dim=None, keepdim=False):
    """True where at least one element along `dim` is not 0 (NaN is not). No gradient."""
    return _logical("any", np.any, x, dim, keepdim), None


@op
def all(x, dim=None, keepdim=False):
    """True where no element along `dim` is 0. No gradient."""
    return _logical("all", np.all, x, dim, keepdim), None


def _logical(name, reduction, x, dim, keepdim):
    # dim=() reduces nothing here, and everything elsewhere; uint8 was PyTorch's first bool type,
    # and still comes back as it is.
    dims = () if dim in ((), []) else reduced_axes(name, dim, len(x.shape))
    y = reduction(x, axis=dims, keepdims=keepdim)
    return y.astype(np.uint8) if x.dtype == np.uint8 else y


# ---------------------------------------------------------------------------- the product


@op
def prod(x, dim=None, keepdim=False, *, dtype=None):
    """The product over `dim`; of integers and bools it is an int64.

    Gradient: g times the product of the others, which is y / x where no x is 0. Where one is, it
    is (the product of those before) * (the product of those after): right for any number of
    zeros, and to any order.
    """
    shape = x.shape
    dims = reduced_axes("prod", dim, len(shape))
    if dtype is not None:
        x = x.astype(dtype)
    y = accumulate(x.prod, x, dims, keepdim, dtype)

    def pullback(g):
        if np.all(raw(x) != 0):
            return restored(g * y, shape, dims) / x
        return restored(g, shape, dims) * _product_of_others(x, dims)

    return y, pullback


def _product_of_others(x, dims):
    """At each element, the product of all others along `dims`, without a division."""
    shape, ndim = x.shape, len(x.shape)
    dims = tuple(range(ndim)) if dims is None else dims
    order = (*[i for i in range(ndim) if i not in dims], *dims)  # reduced axes last, as one axis
    lined = tuple(shape[i] for i in order)
    x = np.reshape(np.transpose(x, order), (*reduced(shape, dims, False), count(shape, dims)))
    last = len(x.shape) - 1
    after = np.flip(product_before(np.flip(x, last), last), last)
    others = np.reshape(product_before(x, last) * after, lined)
    return np.transpose(others, tuple(order.index(i) for i in range(ndim)))


# ---------------------------------------------------------------------------- the variance


@op
def var(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The mean squared distance from the mean: sum((x - mean)**2) / (n - correction).

    correction=1 (the default; unbiased=True says the same) makes it unbiased for a sample,
    correction=0 (unbiased=False) is the population's variance; var(x, False) is PyTorch's old
    short form of the latter. NaN where n <= correction.
    Gradient: 2 (x - mean) g / (n - correction).
    """
    shape = x.shape
    dims, freedom = _spread_arguments("var", x, dim, unbiased, correction)
    d = _centered(x, dims)
    y = (d * d).sum(axis=dims, keepdims=keepdim) / freedom

    def pullback(g):
        return _centered(x, dims) * restored(2 * g, shape, dims) / freedom

    return y.astype(x.dtype), pullback


@op
def std(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """The square root of `var`, whose arguments it takes.

    Gradient: (x - mean) g / (std (n - correction)); 0 where std is 0.
    """
    shape = x.shape
    dims, freedom = _spread_arguments("std", x, dim, unbiased, correction)
    if is_tensor(x):
        y = std(x, dim, unbiased, keepdim, correction=correction)
    else:
        d = _centered(x, dims)
        y = np.sqrt((d * d).sum(axis=dims, keepdims=keepdim) / freedom).astype(x.dtype)

    def pullback(g):
        flat = raw(y) == 0
        slope = np.where(flat, 0, g / np.where(flat, 1, y))
        return _centered(x, dims) * restored(slope, shape, dims) / freedom

    return y, pullback


def _spread_arguments(name, x, dim, unbiased, correction):
    """The axes and n - correction, from every form in which PyTorch takes them."""
    if x.dtype.kind not in "fc":
        raise RuntimeError(f"expected a floating dtype, got {x.dtype}; use .float() first")
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError("give either unbiased or correction, not both")
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    dims = reduced_axes(name, dim, len(x.shape))
    return dims, builtins.max(count(x.shape, dims) - correction, 0)


def _centered(x, dims):
    wide = _WIDE.get(x.dtype, x.dtype)
    return x - x.sum(axis=dims, dtype=wide, keepdims=True) / count(x.shape, dims)


def var_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """(var, mean) over `dim`; see `var`."""
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return var(input, dim, unbiased, keepdim, correction=correction), mean(input, dim, keepdim)


def std_mean(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
    """(std, mean) over `dim`; see `std`."""
    dim, unbiased = (None, dim) if isinstance(dim, bool) else (dim, unbiased)
    return std(input, dim, unbiased, keepdim, correction=correction), mean(input, dim, keepdim)


# ------------------------------------------------------- NumPy's names, in NumPy's argument order


def numpy_reduction(fn):
    """`fn(x, dim, keepdim)` called as NumPy calls its reductions; axis=() reduces nothing."""

    def call(a, axis=None, *, keepdims=False, **options):
        if axis == () and a.shape:
            raise ValueError(f"np.{fn.__name__} on a Tensor: axis=() reduces nothing")
        return fn(a, axis, keepdims, **options)

    return call


def _np_var(a, axis=None, *, ddof=0, keepdims=False):
    return var(a, axis, keepdim=keepdims, correction=ddof)


def _np_std(a, axis=None, *, ddof=0, keepdims=False):
    return std(a, axis, keepdim=keepdims, correction=ddof)


NUMPY.update({
    np.sum: numpy_reduction(sum), np.mean: numpy_reduction(mean), np.prod: numpy_reduction(prod),
    np.nansum: numpy_reduction(nansum), np.nanmean: numpy_reduction(nanmean),
    np.any: numpy_reduction(any), np.all: numpy_reduction(all), np.var: _np_var, np.std: _np_std,
})  # fmt: skip
