"""Axes: how ops read `dim`, put reduced axes back, and pick elements along one axis."""

from __future__ import annotations

import functools
import math
from collections import namedtuple

import numpy as np

from minigrad.graph import is_tensor
from minigrad.ops.indexing import embed

__all__: list[str] = []  # helpers of the other files, not ops


def axes(dim, ndim):
    """`dim` as a tuple of axes counted from 0; None, for all of them, stays None, as () becomes.

    A 0-d array may be reduced over dim 0 or -1, as if it had an axis.
    """
    if dim is None:
        return None
    if not isinstance(dim, (tuple, list)):
        return (axis(dim, ndim),) if ndim else () if axis(dim, 0) == 0 else None
    found = tuple([axis(d, ndim) for d in dim])
    if len(set(found)) < len(found):
        raise RuntimeError(f"dim={tuple(dim)} names an axis twice")
    return (found if ndim else ()) if found else None


def axis(dim, ndim):
    """One axis, counted from 0; a 0-d array counts as having one."""
    n = ndim or 1
    if not -n <= dim < n:
        raise IndexError(f"dim {dim} is out of range: expected {-n} to {n - 1}")
    return int(dim) % n


def count(shape, dims):
    """How many elements a reduction over `dims` makes one of."""
    return math.prod(shape if dims is None else [shape[i] for i in dims])


def reduced(shape, dims, keepdim):
    """The shape that is left when `dims` are reduced."""
    if keepdim:
        return tuple(1 if dims is None or i in dims else n for i, n in enumerate(shape))
    return () if dims is None else tuple(n for i, n in enumerate(shape) if i not in dims)


def restored(y, shape, dims):
    """A reduction of `shape` over `dims`, with the reduced axes back as axes of size 1."""
    return np.reshape(y, reduced(shape, dims, True))


def spread(g, shape, dims, keepdim):
    """The gradient of a sum of `shape` over `dims`: g at every summand."""
    if dims is not None and not keepdim:
        g = restored(g, shape, dims)
    return np.broadcast_to(g, shape)


def nonempty(shape, dims, whole=RuntimeError):
    """Refuse to choose an element where there is none; `whole`: the error when all are reduced."""
    if dims is None and 0 in shape:
        raise whole(f"there is no element to choose in shape {tuple(shape)}; name a non-empty dim")
    for i in dims or ():
        if shape[i] == 0:
            raise IndexError(f"dim {i} of shape {tuple(shape)} has no element to choose")


def raw(x):
    """The array of a Tensor; an array as it is. For what no gradient flows through."""
    return x.array if is_tensor(x) else x


# ------------------------------------------------------------ picking elements along one axis


def along(dim, part):
    """The index that takes `part` of axis `dim`, and all of every other axis."""
    return (*[slice(None)] * dim, part, ...)


def mesh(indices, dim):
    """`indices` along axis `dim`, as an index of all axes: x[mesh(i, dim)] picks along dim."""
    if not indices.ndim:
        return ()
    grid = []
    for d, n in enumerate(indices.shape):
        shape = [1] * indices.ndim
        shape[d] = n
        grid.append(indices if d == dim else np.arange(n, like=indices).reshape(shape))
    return tuple(grid)


def pick(x, indices, dim):
    """The elements of x at `indices` along `dim`, and the pullback: g added back where they were."""
    index, shape = mesh(indices, dim), x.shape
    y = np.reshape(x[index], indices.shape)  # of a 0-d array NumPy picks a number, not an array
    return y, lambda g: embed(g, index, shape)


def pick_one(x, indices, dim, keepdim):
    """(values, indices) and pullback of an op that picks one element along `dim`.

    indices: with the axis `dim` kept, of size 1.
    """
    kept = indices.shape
    shape = kept if keepdim else kept[:dim] + kept[dim + 1 :]
    y, back = pick(x, indices, dim)
    value = np.reshape(y, shape), np.reshape(indices, shape)
    return value, lambda g, _=None: back(np.reshape(g, kept))


def named(*fields):
    """Give the several values of an op names, as PyTorch does: `sort(x).indices`."""

    def decorate(fn):
        result = namedtuple(fn.__name__.removesuffix("_dim"), fields)

        @functools.wraps(fn)
        def call(*args, **kwargs):
            return result(*fn(*args, **kwargs))

        return call

    return decorate
