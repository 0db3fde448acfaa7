"""The axes in another order: permute, transpose, movedim and kin. Views, nothing is copied."""

from __future__ import annotations

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op
from minigrad.ops.places import axes, axis

__all__ = [
    "adjoint", "moveaxis", "movedim", "permute", "swapaxes", "swapdims", "t", "transpose",
]  # fmt: skip


def permuted(x, order):
    """Value and pullback of a permutation of the axes: put back by the inverse permutation."""
    inverse = sorted(range(len(order)), key=order.__getitem__)
    return np.transpose(x, order), lambda g: np.transpose(g, inverse)


@op
def permute(x, dims):
    """The axes in the order `dims`. Gradient: put back by the inverse permutation."""
    order = axes("permute", dims, len(x.shape))
    if len(order) != len(x.shape):
        raise RuntimeError(
            f"permute: dims {tuple(dims)} must name each of the {len(x.shape)} axes of a tensor "
            f"of shape {list(x.shape)} once"
        )
    return permuted(x, order)


def swapped(name, x, dim0, dim1):
    """Value and pullback of an exchange of two axes."""
    ndim = len(x.shape)
    i, j = axis(name, dim0, ndim), axis(name, dim1, ndim)
    order = list(range(ndim))
    if order:
        order[i], order[j] = j, i
    return permuted(x, order)


@op
def transpose(x, dim0, dim1):
    """Axes dim0 and dim1 exchanged. Gradient: exchanged back."""
    return swapped("transpose", x, dim0, dim1)


@op
def swapaxes(x, axis0, axis1):
    """transpose, under NumPy's name."""
    return swapped("swapaxes", x, axis0, axis1)


swapdims = transpose


@op
def t(x):
    """The transpose of a matrix; a vector or a number as it is."""
    if len(x.shape) > 2:
        raise RuntimeError(
            f"t: expected at most 2 axes, got shape {list(x.shape)}; use transpose or permute"
        )
    return permuted(x, tuple(range(len(x.shape)))[::-1])


@op
def adjoint(x):
    """The last two axes exchanged (and conjugated, if it were complex)."""
    if len(x.shape) < 2:
        raise RuntimeError(f"adjoint: expected a matrix or a batch of them, got {list(x.shape)}")
    return swapped("adjoint", x, -2, -1)


@op
def movedim(x, source, destination):
    """The axes `source` moved to the places `destination`; the others keep their order."""
    ndim = len(x.shape)
    source, destination = axes("movedim", source, ndim), axes("movedim", destination, ndim)
    if len(source) != len(destination):
        raise RuntimeError(
            f"movedim: {len(source)} axes to move, but {len(destination)} places to move them to"
        )
    order = [d for d in range(ndim) if d not in source]
    if ndim:
        for place, d in sorted(zip(destination, source, strict=True)):
            order.insert(place, d)
    return permuted(x, order)


moveaxis = movedim


def np_transpose(x, axes=None):
    return permute(x, tuple(range(len(x.shape)))[::-1] if axes is None else tuple(axes))


NUMPY.update({np.transpose: np_transpose, np.moveaxis: movedim, np.swapaxes: swapaxes})
