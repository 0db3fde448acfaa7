"""Choosing slices along one axis by a vector of places, and writing them: index_select and kin.

Each builds an index and leaves the rest to `getitem`, `embed` and `index_put`.
"""

from __future__ import annotations

import math

import numpy as np

import kernels
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.indexing import embed, getitem, index_put
from minigrad.ops.places import arange, at, axis, check_range, integers, raw, vector
from minigrad.ops.shape import reshape

__all__ = [
    "embedding", "index_add", "index_copy", "index_fill", "index_select",
    "one_hot", "put", "select_scatter", "slice_scatter", "take",
]  # fmt: skip


def place(name, x, dim, index, negative=False):
    """The NumPy index of the places `index` along `dim`; a 0-d tensor has one element there."""
    shape = tuple(x.shape) or (1,)
    dim = axis(name, dim, len(x.shape))
    low = -shape[dim] if negative else 0
    return at(dim, vector(name, index, shape[dim], dim, low)), shape


@op
def index_select(x, dim, index):
    """The slices of x at the places `index` along the axis `dim`; places may be repeated.

    Gradient: g added at these places.
    """
    before = x.shape
    part, shape = place("index_select", x, dim, index)
    if not before and math.prod(index.shape) != 1:
        raise RuntimeError(
            f"index_select: a 0-d tensor has one place, the index has {math.prod(index.shape)}"
        )
    y = np.reshape(x, shape)[part]
    if before:
        return y, lambda g: embed(g, part, shape)
    return np.reshape(y, ()), lambda g: g


def checked_source(name, x, part, shape, source):
    """`source` in the shape of x's slices at `part`, or an error."""
    target = np.empty_like(raw(x), shape=shape, dtype=bool)[part].shape
    if tuple(source.shape) not in (target, () if math.prod(target) == 1 else target):
        raise RuntimeError(
            f"{name}: expected a source of shape {list(target)}, as the index selects, "
            f"got {describe(source)}"
        )
    if source.dtype != x.dtype:
        raise RuntimeError(
            f"{name}: the source has dtype {source.dtype}, the tensor {x.dtype}; cast one of them"
        )
    return reshape(source, target)


def index_add(input, dim, index, source, *, alpha=1):
    """input with alpha * source[i] added to its slice index[i] along `dim`, for every i.

    Where a place is repeated, all that belongs there is added.
    """
    part, shape = place("index_add", input, dim, index)
    source = checked_source("index_add", input, part, shape, source)
    added = reshape(embed(source, part, shape), input.shape)
    if alpha < 0:  # unsigned integers have no negative alpha, but they can be subtracted
        return input - -alpha * added
    return input + (added if alpha == 1 else alpha * added)


def index_copy(input, dim, index, source):
    """input with its slice index[i] along `dim` replaced by source[i], for every i."""
    part, shape = place("index_copy", input, dim, index)
    source = checked_source("index_copy", input, part, shape, source)
    return reshape(index_put(reshape(input, shape), part, source), input.shape)


def index_fill(input, dim, index, value):
    """input with its slices at the places `index` along `dim` filled with a number.

    Negative places count from the end.
    """
    part, shape = place("index_fill", input, dim, index, negative=True)
    if getattr(value, "shape", ()):
        raise RuntimeError(f"index_fill: expected a number or a 0-d value, got {describe(value)}")
    return reshape(index_put(reshape(input, shape), part, value), input.shape)


@op
def take(x, index):
    """The elements at the places `index` of x flattened; the result has the index's shape."""
    index, shape, n = raw(index), x.shape, math.prod(x.shape)
    if index.dtype.kind not in "iu":
        raise IndexError(f"take: expected integers as index, got {describe(index)}")
    check_range("take", index, n, "0 of the flattened tensor", -n)
    places = np.reshape(index, (-1,))
    y = np.reshape(np.reshape(x, (n,))[places], index.shape)
    return y, lambda g: np.reshape(embed(np.reshape(g, places.shape), places, (n,)), shape)


def put(input, index, source, accumulate=False):
    """input with its elements at `index`, counted as if it were flat, replaced by those of source.

    accumulate: added to instead.
    """
    index, n = raw(index), math.prod(input.shape)
    if math.prod(index.shape) != math.prod(source.shape):
        raise IndexError(
            f"put: index and source must have as many elements, got {list(index.shape)} and "
            f"{list(source.shape)}"
        )
    check_range("put", index, n, "0 of the flattened tensor", -n)
    flat = reshape(input, (n,))
    return reshape(
        index_put(flat, np.reshape(index, (-1,)), reshape(source, (-1,)), accumulate), input.shape
    )


def replaced(name, input, part, src):
    """input with the view that `part` cuts out of it replaced by src, which must have its shape."""
    target = raw(input)[part].shape
    if tuple(src.shape) != target:
        raise RuntimeError(f"{name}: expected src of shape {list(target)}, got {list(src.shape)}")
    return index_put(input, part, src)


def select_scatter(input, src, dim, index):
    """A copy of input with input.select(dim, index) replaced by src."""
    dim = axis("select_scatter", dim, len(input.shape))
    n = input.shape[dim]
    if not -n <= index < n:
        raise IndexError(
            f"select_scatter: index {index} is out of bounds for axis {dim} with size {n}"
        )
    return replaced("select_scatter", input, at(dim, index), src)


def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """A copy of input with input[start:end:step] along `dim` replaced by src."""
    dim = axis("slice_scatter", dim, len(input.shape))
    return replaced("slice_scatter", input, at(dim, slice(start, end, step)), src)


@op
def one_hot(tensor, num_classes=-1):
    """For every class number k a vector with 1 at place k and 0 elsewhere, as int64.

    num_classes: -1 for the largest number plus one. Shape (*, num_classes); no gradient.
    """
    x = raw(tensor)
    if x.dtype.kind not in "iu":
        raise RuntimeError(f"one_hot: expected integer class numbers, got {x.dtype}")
    if math.prod(x.shape) == 0 and num_classes <= 0:
        raise RuntimeError("one_hot: the number of classes cannot be told from an empty tensor")
    if num_classes < 0:
        num_classes = int(np.max(x)) + 1
    if isinstance(x, np.ndarray) and x.size and (x.min() < 0 or x.max() >= num_classes):
        expected = f"from 0 to {num_classes - 1}" if num_classes > 0 else "0 or more"
        raise RuntimeError(
            f"one_hot: class numbers must be {expected}, got numbers from {x.min()} to {x.max()}"
        )
    classes = np.reshape(x, (*x.shape, 1)) == arange(num_classes, x)
    return classes.astype(np.int64), None


@op
def embedding(x, weight, padding_idx=None, scale_grad_by_freq=False):
    """The rows of `weight` (N, D) at the places x (any shape): shape (*x.shape, D).

    Gradient of weight: every row the sum of g where it was read; with scale_grad_by_freq divided
    by how often that was. The row padding_idx gets none.
    """
    index, shape = raw(x), tuple(weight.shape)
    if index.dtype.kind not in "iu":
        raise RuntimeError(f"embedding: expected integers as index, got {describe(index)}")
    if len(shape) != 2:
        raise RuntimeError(f"embedding: expected a 2-d weight (N, D), got {describe(weight)}")
    if padding_idx is not None and not -shape[0] <= padding_idx < shape[0]:
        raise ValueError(
            f"embedding: padding_idx {padding_idx} is not a row of a weight with {shape[0]} rows"
        )
    check_range("embedding", index, shape[0], 0)

    places = np.reshape(index, (-1,))
    padding = -1 if padding_idx is None else padding_idx % shape[0]

    def pullback(g):
        if not is_tensor(g):
            g = np.reshape(g, (*places.shape, shape[1]))
            return None, kernels.embedding_backward(
                g, places, shape[0], padding, scale_grad_by_freq
            )
        if scale_grad_by_freq:
            often = np.bincount(places, minlength=shape[0])[index]
            g = g / np.reshape(often, (*index.shape, 1)).astype(g.dtype)
        if padding_idx is not None:
            g = np.where(np.reshape(index == padding, (*index.shape, 1)), 0, g)
        return None, embed(g, index, shape)

    return weight[index] if is_tensor(weight) else np.take(weight, index, axis=0), pullback


# ---------------------------------------------------------------------------- NumPy's names


def np_take(a, indices, axis=None):
    if axis is None:
        return take(a, integers(raw(indices), a))
    return getitem(a, at(axis % len(a.shape), integers(raw(indices), a)))


NUMPY.update({np.take: np_take})
