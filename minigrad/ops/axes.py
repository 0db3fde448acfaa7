"""What reductions share: their axes, and picking elements along one axis."""

from __future__ import annotations

import functools
import math
from collections import namedtuple

import numpy as np

from minigrad.ops.indexing import embed
from minigrad.ops.places import arange, axes
from minigrad.ops.places import raw as raw

__all__: list[str] = []  # helpers of the other files, not ops


def reduced_axes(name, dim, ndim):
    """The axes that a reduction is over, counted from 0; None for all, as () is in PyTorch."""
    if dim is None or dim in ((), []):
        return None
    found = axes(name, dim, ndim)
    return found if ndim else ()  # a 0-d array may be reduced over dim 0, as if it had that axis


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


def nonempty(name, shape, dims, whole: type[Exception] = RuntimeError):
    """Refuse to choose an element where there is none; `whole`: the error when all are reduced."""
    if dims is None and 0 in shape:
        raise whole(
            f"{name}: there is no element to choose in shape {tuple(shape)}; name a non-empty dim"
        )
    for i in dims or ():
        if shape[i] == 0:
            raise IndexError(f"{name}: dim {i} of shape {tuple(shape)} has no element to choose")


# ------------------------------------------------------------ picking elements along one axis


def mesh(indices, dim):
    """`indices` along axis `dim`, as an index of all axes: x[mesh(i, dim)] picks along dim."""
    grid = []
    for d, n in enumerate(indices.shape):
        shape = [1] * indices.ndim
        shape[d] = n
        grid.append(indices if d == dim else arange(n, indices).reshape(shape))
    return tuple(grid)


def pick(x, indices, dim):
    """The elements of x at `indices` along `dim`; the pullback adds g back where they were."""
    if not indices.shape:
        return x.astype(x.dtype), lambda g: g  # the one element of a 0-d x
    index, shape = mesh(indices, dim), x.shape
    return x[index], lambda g: embed(g, index, shape)


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
