"""Reading and writing parts of a Tensor, with every kind of index that NumPy has."""

from __future__ import annotations

import numpy as np

from minigrad import backend
from minigrad.graph import Value, op


@op
def getitem(x, index):
    """x[index]. Gradient: g at the places that were read, added up where one was read twice."""
    shape = x.shape
    if is_basic(index):
        # With the ellipsis NumPy returns a view even of a single element, not a copy of it.
        parts = index if isinstance(index, tuple) else (index,)
        index = parts if any(p is Ellipsis for p in parts) else (*parts, ...)
    return x[index], lambda g: embed(g, index, shape)


@op
def embed(x, index, shape):
    """Zeros of `shape`, with x added at `index`: the adjoint of getitem. Gradient: g[index]."""
    if isinstance(x, Value):
        y = embed(x, index, shape)
    else:
        y = np.zeros_like(x, shape=shape)
        if is_basic(index):
            y[index] = x
        else:
            backend.add_at(y, index, x)
    return y, lambda g: g[index]


@op
def index_put(x, index, value):
    """x with x[index] replaced by value. Gradients: g outside the index; g at the index."""
    if isinstance(x, Value) or isinstance(value, Value):
        y = index_put(x, index, value)
    else:
        y = x.copy()
        y[index] = value
    outside = np.ones_like(x, dtype=bool)
    outside[index] = False
    shape = np.shape(value)
    return y, (lambda g: np.where(outside, g, 0), None, lambda g: to_shape(g[index], shape))


def to_shape(g, shape):
    """The gradient of broadcasting `shape` to g's shape: the sum over what was repeated."""
    from minigrad.autograd import sum_to

    return sum_to(g, shape)


def is_basic(index):
    """True if NumPy reads `index` as a view: integers, slices, None and the ellipsis."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(
        p is None or p is Ellipsis or isinstance(p, slice)
        or (isinstance(p, (int, np.integer)) and not isinstance(p, bool))
        for p in parts
    )  # fmt: skip
