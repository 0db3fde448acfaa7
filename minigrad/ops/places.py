"""Places along an axis: `dim` arguments and indices checked by name, and the index they make."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minigrad.graph import describe, is_tensor

__all__: list[str] = []  # helpers of the other files, not ops


def axis(name, dim, ndim):
    """`dim` counted from the front; an IndexError that names the op if there is no such axis.

    A 0-d tensor counts as having one axis, as in PyTorch.
    """
    if dim.__class__ is not int:
        dim = integer(name, "dim", dim)
    n = ndim or 1
    if not -n <= dim < n:
        raise IndexError(
            f"{name}: dim {dim} is out of range for a {ndim}-d tensor (expected {-n} to {n - 1})"
        )
    return dim % n


def integer(name, what, n):
    """`n` as an int; a TypeError that names the op and the argument if it is none."""
    try:
        return operator.index(n)
    except TypeError:
        raise TypeError(f"{name}: {what} must be an integer, got {n!r}") from None


def per_axis(name, what, value, n, least):
    """An option as a tuple of n integers, each at least `least`."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    if len(values) not in (1, n):
        raise RuntimeError(f"{name}: {what} must be 1 or {n} integers, got {value!r}")
    values = tuple(integer(name, what, v) for v in values) * (n // len(values))
    if min(values) < least:
        raise RuntimeError(f"{name}: {what} must be at least {least}, got {value!r}")
    return values


def axes(name, dims, ndim):
    """A dim or several as a tuple, each counted from the front; no axis twice."""
    dims = dims if isinstance(dims, (tuple, list, range)) else (dims,)
    found = tuple([axis(name, d, ndim) for d in dims])
    if len(set(found)) != len(found):
        raise RuntimeError(f"{name}: an axis appears twice in dims {tuple(dims)}")
    return found


def at(dim, part):
    """The index that applies `part` along axis `dim`: x[:, :, part] for dim 2.

    With the ellipsis NumPy returns a view even of a single element, not a copy of it.
    """
    return (*(slice(None),) * dim, part, ...)


def raw(x):
    """The array of a Tensor; anything else as it is. For what no gradient flows through."""
    return x.array if is_tensor(x) else x


def arange(n, like):
    """0, 1, ..., n - 1 where `like` lives."""
    return np.arange(n, like=raw(like))


def scalar(value, like, dtype=None) -> Any:
    """A number as a 0-d array where `like` lives, of its dtype unless another is named.

    (Not with shape=() at once: CuPy takes an empty shape for none, and would copy like's.)
    """
    return np.full_like(raw(like), value, shape=(1,), dtype=dtype).reshape(())


def eye(rows, columns, dtype, like):
    """Ones on the diagonal, where `like` lives. (np.eye with like= is not understood by CuPy.)"""
    row = np.expand_dims(arange(rows, like), 1)
    return (row == arange(columns, like)).astype(dtype)


def integers(values, like):
    """A list of integers as an array where `like` lives."""
    return np.array(values, dtype=np.int64, like=raw(like))


def check_range(name, index, n, dim, low=0):
    """An IndexError that names op, index, axis and size if an index is not from low to n - 1.

    (What lies on a GPU is not fetched to be checked.)
    """
    if isinstance(index, np.ndarray) and index.size:
        smallest, largest = index.min(), index.max()
        if smallest < low or largest >= n:
            wrong = largest if largest >= n else smallest
            raise IndexError(f"{name}: index {wrong} is out of bounds for axis {dim} with size {n}")


def vector(name, index, n, dim, low=0):
    """The places along an axis of size n as a vector, checked to be from `low` to n - 1."""
    index = raw(index)
    if not hasattr(index, "dtype") or index.dtype.kind not in "iu" or index.ndim > 1:
        raise IndexError(f"{name}: expected a vector of integers as index, got {describe(index)}")
    index = np.reshape(index, (-1,))
    check_range(name, index, n, dim, low)
    return index


def check_broadcast(name, **arguments):
    """A RuntimeError that names the arguments if their shapes do not broadcast."""
    try:
        np.broadcast_shapes(*(a.shape for a in arguments.values()))
    except ValueError:
        shapes = ", ".join(f"{what} {tuple(a.shape)}" for what, a in arguments.items())
        raise RuntimeError(
            f"{name}: the shapes do not fit: {shapes}; counted from the last axis, sizes must be "
            "equal, or one of them 1"
        ) from None
