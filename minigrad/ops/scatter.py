"""Reading and writing one element at a time along one axis: gather, scatter and kin.

`index` has as many axes as x and is a grid of places along `dim`; along every other axis an
entry of the index works where it stands. For dim 0 of a matrix:

    gather:       y[i, j] = x[index[i, j], j]
    scatter:      x[index[i, j], j] = src[i, j]
    scatter_add:  x[index[i, j], j] += src[i, j]
"""

from __future__ import annotations

import math

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe, op
from minigrad.ops.indexing import embed, getitem, index_put
from minigrad.ops.places import arange, axis, check_range, integers, raw
from minigrad.ops.scatter_reduce import REDUCTIONS
from minigrad.ops.selection import take
from minigrad.ops.shape import expand, reshape

__all__ = ["gather", "scatter", "scatter_add", "scatter_reduce", "take_along_dim"]


def grid(name, x, dim, index):
    """The NumPy index of the places `index` along `dim`, x's shape and the index's (not 0-d)."""
    index, shape = raw(index), tuple(x.shape) or (1,)
    dim = axis(name, dim, len(x.shape))
    if not hasattr(index, "dtype") or index.dtype.kind not in "iu":
        raise RuntimeError(f"{name}: expected integers as index, got {describe(index)}")
    # Without places nothing happens, whatever the index's shape.
    sizes = (tuple(index.shape) or (1,)) if math.prod(index.shape) else (0,) * len(shape)
    if len(sizes) != len(shape) or any(
        n > m for d, (n, m) in enumerate(zip(sizes, shape, strict=True)) if d != dim
    ):
        raise RuntimeError(
            f"{name}: the index must have as many axes as the tensor and, except along axis {dim}, "
            f"no larger sizes; got an index of {list(index.shape)} for {list(x.shape)}"
        )
    check_range(name, index, shape[dim], dim)
    parts = [
        np.reshape(index, sizes)
        if d == dim
        else np.reshape(arange(n, index), [n if e == d else 1 for e in range(len(sizes))])
        for d, n in enumerate(sizes)
    ]
    return tuple(parts), shape, sizes


@op
def gather(x, dim, index, *, sparse_grad=False):
    """x at the places `index` along `dim`; the result has the index's shape.

    Gradient: g added where it was read. sparse_grad is accepted and changes nothing.
    """
    before = x.shape
    part, shape, sizes = grid("gather", x, dim, index)
    y = np.reshape(np.reshape(x, shape)[part], index.shape)
    return y, lambda g: np.reshape(embed(np.reshape(g, sizes), part, shape), before)


def take_along_dim(input, indices, dim=None):
    """gather, with the other axes of input and indices broadcast against each other.

    dim None: both flattened. Negative places count from the end.
    """
    indices = raw(indices)
    if dim is None:
        return take(input, np.reshape(indices, (-1,)))
    ndim = len(input.shape)
    dim = axis("take_along_dim", dim, ndim)
    if len(indices.shape) != ndim:
        raise RuntimeError(
            f"take_along_dim: indices must have the tensor's {ndim} axes, got {describe(indices)}"
        )
    if not ndim:
        return gather(input, 0, indices)
    n = input.shape[dim]
    check_range("take_along_dim", indices, n, dim, -n)
    indices = indices.astype(np.int64)
    indices = np.where(indices < 0, indices + n, indices)
    others = np.broadcast_shapes(
        *(tuple(1 if d == dim else m for d, m in enumerate(x.shape)) for x in (input, indices))
    )
    shape = [n if d == dim else m for d, m in enumerate(others)]
    places = [indices.shape[dim] if d == dim else m for d, m in enumerate(others)]
    return gather(expand(input, shape), dim, np.broadcast_to(indices, places))


def cropped(name, src, sizes, dtype):
    """The part of src that an index of these sizes uses; src itself if it is a number."""
    if not hasattr(src, "dtype"):
        return src
    if src.dtype != dtype:
        raise RuntimeError(
            f"{name}: src has dtype {src.dtype}, the tensor {dtype}; cast one of them"
        )
    if not math.prod(sizes):
        return reshape(getitem(reshape(src, (-1,)), slice(0, 0)), sizes)
    shape = tuple(src.shape) or (1,)
    if len(shape) != len(sizes) or any(n > m for n, m in zip(sizes, shape, strict=True)):
        raise RuntimeError(
            f"{name}: src must be at least as large as the index, got {list(src.shape)} for an "
            f"index of {list(sizes)}"
        )
    return getitem(reshape(src, shape), tuple(slice(n) for n in sizes))


def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """input with the elements at the places `index` along `dim` replaced by those of src.

    src: a Tensor at least as large as the index, or a number (also as `value`). Where a place is
    repeated the last one stays, and it alone has a gradient; with reduce="add" or "multiply" all
    are added or multiplied to what is there.
    """
    src = value if src is None else src
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError(f'scatter: reduce must be "add" or "multiply", got {reduce!r}')
        if not hasattr(src, "dtype"):
            src = np.full_like(raw(input), src, shape=raw(index).shape)
        return scatter_reduce(input, dim, index, src, "sum" if reduce == "add" else "prod")
    part, shape, sizes = grid("scatter", input, dim, index)
    src = cropped("scatter", src, sizes, input.dtype)
    return reshape(index_put(reshape(input, shape), part, src), input.shape)


def scatter_add(input, dim, index, src):
    """input with the elements of src added at the places `index` along `dim`.

    Gradients: g; g at the places (0 for what the index does not reach).
    """
    part, shape, sizes = grid("scatter_add", input, dim, index)
    src = cropped("scatter_add", src, sizes, input.dtype)
    return input + reshape(embed(src, part, shape), input.shape)


def scatter_reduce(input, dim, index, src, reduce, *, include_self=True):
    """The elements of src that go to the same place along `dim` made one by `reduce`.

    reduce: "sum", "prod", "mean", "amax" or "amin". include_self: what stands in input takes part
    too. Places that nothing goes to keep input's element. The gradient of amax and amin is shared
    equally among ties; the second derivative of prod is exact where no factor is zero.
    """
    if reduce not in REDUCTIONS:
        raise RuntimeError(
            f"scatter_reduce: reduce must be one of {', '.join(REDUCTIONS)}, got {reduce!r}"
        )
    part, shape, sizes = grid("scatter_reduce", input, dim, index)
    src = cropped("scatter_reduce", src, sizes, input.dtype)
    return reshape(REDUCTIONS[reduce](reshape(input, shape), part, src, include_self), input.shape)


def np_take_along_axis(arr, indices, axis=-1):
    return take_along_dim(arr, integers(indices, arr), axis)


NUMPY.update({np.take_along_axis: np_take_along_axis})
