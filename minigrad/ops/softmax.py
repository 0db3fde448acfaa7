"""Softmax, its logarithm, and logsumexp: the three that must not overflow.

exp(1000) is infinite in every float type, but softmax does not change when the same number is
taken from all x. With the largest one taken, every exponent is at most 0 and one of them is 0: the
sum is at least 1 and can overflow only by its length.
"""

from __future__ import annotations

import numpy as np

import kernels
from minigrad import dtypes
from minigrad.graph import is_tensor, op
from minigrad.ops.axes import reduced, reduced_axes, restored
from minigrad.ops.places import integer, raw
from minigrad.ops.reduce import accumulate

__all__ = ["log_softmax", "logsumexp", "softmax", "softmin"]


def _softmax(x, dim, dtype=None):
    """softmax, of plain ops."""
    x, dims = _prepared("softmax", x, dim, dtype)
    e = np.exp(x - _largest(raw(x), dims))
    return e / e.sum(dims, True)


@op(definition=_softmax)
def softmax(x, dim, dtype=None):
    """exp(x) / sum(exp(x)) along `dim`: positive, and 1 in all.

    dtype: the floating dtype to compute and answer in. A row that is -inf throughout, or has +inf
    or NaN in it, gives NaN. Gradient: y * (g - sum(g * y)).

    >>> import minigrad as mg
    >>> mg.softmax(mg.tensor([1000.0, 1000.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    x, dims = _prepared("softmax", x, dim, dtype)
    y = _along(dims, "softmax", x)
    return y, lambda g: _along(dims, "softmax_backward", g, y)


def _log_softmax(x, dim, dtype=None):
    """log_softmax, of plain ops."""
    x, dims = _prepared("log_softmax", x, dim, dtype)
    z = x - _largest(raw(x), dims)
    return z - np.log(np.exp(z).sum(dims, True))


@op(definition=_log_softmax)
def log_softmax(x, dim, dtype=None):
    """log(softmax(x)) along `dim`, as x - logsumexp(x): exact where softmax would round to 0.

    Takes `softmax`'s arguments. Gradient: g - softmax(x) * sum(g).
    """
    x, dims = _prepared("log_softmax", x, dim, dtype)
    y = _along(dims, "log_softmax", x)
    return y, lambda g: _along(dims, "log_softmax_backward", g, y)


def softmin(input, dim, dtype=None):
    """softmax(-x): the smallest x gets the most."""
    return softmax(-input, dim, dtype)


@op
def logsumexp(x, dim, keepdim=False):
    """log(sum(exp(x))) over `dim` (an axis or several), without overflow. Integers become floats.

    -inf for a row of -inf or of nothing. Gradient: g * exp(x - y), the softmax; NaN for a row of
    -inf.
    """
    if x.dtype.kind not in "fc":
        x = x.astype(dtypes.get_default_dtype())
    shape = x.shape
    dims = reduced_axes("logsumexp", dim, len(shape))
    if is_tensor(x):
        y = logsumexp(x, dim, True)
    else:
        top = _largest(x, dims)
        top = np.where(np.isfinite(top), top, 0)
        e = np.exp(x - top)
        y = np.log(accumulate(e.sum, e, dims, True)) + top

    def pullback(g):
        return restored(g, shape, dims) * np.exp(x - y)

    return np.reshape(y, reduced(shape, dims, keepdim)), pullback


def _prepared(name, x, dim, dtype):
    if dtype is not None:
        x = x.astype(dtype)
    if x.dtype.kind not in "fc":
        raise NotImplementedError(
            f"{name}: expected a floating dtype, got {x.dtype}; pass dtype=float32, say"
        )
    return x, reduced_axes(name, integer(name, "dim", dim), len(x.shape))


def _along(dims, name, *arrays):
    """The kernel `name`, which works along the last axis, along the axis `dims` (none of 0-d)."""
    kernel = kernels.KERNELS[name]
    if not dims:
        return kernel(*(a.reshape(1) for a in arrays)).reshape(())
    (dim,) = dims
    if dim == arrays[0].ndim - 1:
        return kernel(*arrays)
    # The reference does not mind where in memory the axis runs, and leaves it there in its result.
    moved = kernel.implementation("numpy")(*(a.swapaxes(dim, -1) for a in arrays))
    return moved.swapaxes(dim, -1)


def _largest(x, dims):
    """The largest element over `dims`, whose axes are kept; 0 where there is none.

    No gradient flows through it: the result does not depend on what is taken from all x.
    """
    if 0 in x.shape:
        return np.zeros_like(x, shape=reduced(x.shape, dims, True))
    return x.max(axis=dims, keepdims=True)
