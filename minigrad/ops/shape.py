"""Ops that move elements without changing them: shapes, axes, joining, cutting, padding."""

from __future__ import annotations

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op


@op
def reshape(x, shape):
    """The same elements in the same order, in another shape. Gradient: reshaped back."""
    before = x.shape
    return np.reshape(x, shape), lambda g: np.reshape(g, before)


@op
def expand(x, shape):
    """x repeated along axes of size 1, without copying. Gradient: summed over the repeats."""
    before = x.shape
    lead = len(shape) - len(before)
    shape = tuple(before[i - lead] if n == -1 else n for i, n in enumerate(shape))
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(before) if n == 1 and shape[i + lead] != 1
    )
    y = np.broadcast_to(x, shape)
    return y, lambda g: np.reshape(np.sum(g, axis=axes), before) if axes else g


@op
def permute(x, dims):
    """The axes in the order `dims`. Gradient: put back by the inverse permutation."""
    inverse = np.argsort(dims)
    return np.transpose(x, dims), lambda g: np.transpose(g, tuple(int(i) for i in inverse))


def np_transpose(x, axes=None):
    return permute(x, tuple(range(len(x.shape)))[::-1] if axes is None else tuple(axes))


NUMPY.update({np.reshape: reshape, np.broadcast_to: expand, np.transpose: np_transpose})
