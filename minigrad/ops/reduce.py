"""Reductions: sums, means, extrema, norms and cumulative sums along one, several or all axes."""

from __future__ import annotations

import builtins

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op


def restored(y, dim, keepdim, ndim):
    """`y`, the result of a reduction over `dim`, with the reduced axes back as axes of size 1."""
    if keepdim or dim is None or not ndim:
        return y
    dims = {d % ndim for d in (dim if isinstance(dim, (tuple, list)) else (dim,))}
    return np.reshape(y, tuple(1 if i in dims else n for i, n in _kept(y.shape, dims, ndim)))


def _kept(shape, dims, ndim):
    sizes = iter(shape)
    return [(i, 1 if i in dims else next(sizes)) for i in range(ndim)]


@op
def sum(x, dim=None, keepdim=False, *, dtype=None):
    """The sum over `dim` (an axis, several, or all of them). Gradient: g at every summand."""
    dim = tuple(dim) if isinstance(dim, list) else dim
    shape, ndim = x.shape, len(x.shape)
    y = np.sum(x, axis=dim, keepdims=keepdim, dtype=dtype)
    return y, lambda g: np.broadcast_to(restored(g, dim, keepdim, ndim), shape)


NUMPY.update({np.sum: sum})
