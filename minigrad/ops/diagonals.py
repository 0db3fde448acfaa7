"""Diagonals and triangles: reading them, making matrices of them."""

from __future__ import annotations

import numpy as np

from minigrad import backend, dtypes
from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op, wrap
from minigrad.ops.places import arange, axis, raw
from minigrad.ops.shape import clone, ravel

__all__ = [
    "diag", "diag_embed", "diagflat", "diagonal", "diagonal_scatter", "from_diagonal", "tril",
    "tril_indices", "triu", "triu_indices",
]  # fmt: skip


def plane(name, dim1, dim2, ndim):
    """The two axes of the matrices whose diagonal is meant."""
    i, j = axis(name, dim1, ndim), axis(name, dim2, ndim)
    if i == j:
        raise RuntimeError(f"{name}: dim1 and dim2 must differ, got {dim1} and {dim2}")
    return i, j


@op
def diagonal(x, offset=0, dim1=0, dim2=1):
    """The diagonals of the matrices in the axes dim1 and dim2, as a new last axis. A view.

    offset: above (> 0) or below (< 0) the main diagonal. Gradient: a matrix with g there.
    """
    shape = x.shape
    i, j = plane("diagonal", dim1, dim2, len(shape))
    if is_tensor(x):
        y = diagonal(x, offset, i, j)
    else:
        y = np.diagonal(x, offset, i, j)
        if isinstance(y, np.ndarray):  # NumPy alone hands it out read-only
            y.flags.writeable = x.flags.writeable
    return y, lambda g: from_diagonal(g, shape, offset, i, j)


@op
def from_diagonal(x, shape, offset=0, dim1=0, dim2=1):
    """Zeros of `shape` with x on the diagonals of the matrices in dim1 and dim2.

    The adjoint of `diagonal`. Gradient: g's diagonal.
    """
    if is_tensor(x):
        y = from_diagonal(x, shape, offset, dim1, dim2)
    else:
        y = np.zeros_like(x, shape=shape)
        write_diagonal(y, x, offset, dim1, dim2)
    return y, lambda g: diagonal(g, offset, dim1, dim2)


@op
def diag_embed(x, offset=0, dim1=-2, dim2=-1):
    """Square matrices, in the axes dim1 and dim2, with the vectors in x's last axis as diagonals.

    Gradient: g's diagonals.
    """
    if not x.shape:
        raise IndexError("diag_embed: expected at least one axis, got a 0-d tensor")
    i, j = plane("diag_embed", dim1, dim2, len(x.shape) + 1)
    *shape, n = x.shape
    for place in sorted((i, j)):
        shape.insert(place, n + abs(offset))
    return from_diagonal(x, tuple(shape), offset, i, j), lambda g: diagonal(g, offset, i, j)


def diag(input, diagonal=0):
    """Of a vector: the matrix with it on a diagonal. Of a matrix: a copy of that diagonal."""
    if len(input.shape) == 1:
        return diag_embed(input, diagonal)
    if len(input.shape) == 2:
        return clone(_diagonal(input, diagonal))
    raise RuntimeError(f"diag: expected a vector or a matrix, got shape {list(input.shape)}")


_diagonal = diagonal  # `diag` has an argument of this name


def diagflat(input, offset=0):
    """The matrix with all elements of input on a diagonal."""
    return diag_embed(ravel(input), offset)


@op
def diagonal_scatter(x, src, offset=0, dim1=0, dim2=1):
    """A copy of x with x.diagonal(offset, dim1, dim2) replaced by src.

    Gradients: g outside the diagonal; g's diagonal.
    """
    i, j = plane("diagonal_scatter", dim1, dim2, len(x.shape))
    target = diagonal(raw(x), offset, i, j)
    if tuple(src.shape) != target.shape:
        raise RuntimeError(
            f"diagonal_scatter: expected src of shape {list(target.shape)}, got {list(src.shape)}"
        )
    if is_tensor(x) or is_tensor(src):
        y = diagonal_scatter(x, src, offset, i, j)
    else:
        y = x.copy()
        write_diagonal(y, src, offset, i, j)
    nothing = np.zeros_like(target)
    return y, (
        lambda g: diagonal_scatter(g, nothing, offset, i, j),
        lambda g: diagonal(g, offset, i, j),
    )


def write_diagonal(y, values, offset, dim1, dim2):
    """y.diagonal(offset, dim1, dim2)[...] = values."""
    places = arange(values.shape[-1], values)
    rows, columns = places + max(-offset, 0), places + max(offset, 0)
    np.moveaxis(y, (dim1, dim2), (-2, -1))[..., rows, columns] = values


# ---------------------------------------------------------------------------- triangles


def matrices(name, x):
    if len(x.shape) < 2:
        raise RuntimeError(f"{name}: expected a matrix or a batch of them, got {list(x.shape)}")


@op
def tril(x, diagonal=0):
    """The lower triangle: x up to the given diagonal, zero above. Gradient: that of g."""
    matrices("tril", x)
    return np.tril(x, diagonal), lambda g: tril(g, diagonal)


@op
def triu(x, diagonal=0):
    """The upper triangle: x from the given diagonal on, zero below. Gradient: that of g."""
    matrices("triu", x)
    return np.triu(x, diagonal), lambda g: triu(g, diagonal)


def tril_indices(row, col, offset=0, *, dtype=dtypes.int64, device=None):
    """Where the lower triangle of a (row, col) matrix is: shape (2, N), rows above columns."""
    return where(np.tri(row, col, offset, dtype=bool), dtype, device)


def triu_indices(row, col, offset=0, *, dtype=dtypes.int64, device=None):
    """Where the upper triangle of a (row, col) matrix is: shape (2, N), rows above columns."""
    return where(~np.tri(row, col, offset - 1, dtype=bool), dtype, device)


def where(mask, dtype, device):
    indices = np.stack(np.nonzero(mask)).astype(dtype)
    return wrap(backend.to_device(indices, device or "cpu"))


# ---------------------------------------------------------------------------- NumPy's names


def np_diagonal(a, offset=0, axis1=0, axis2=1):
    return diagonal(a, offset, axis1, axis2)


def np_tril(m, k=0):
    return tril(m, k)


def np_triu(m, k=0):
    return triu(m, k)


def np_diag(v, k=0):
    return diag(v, k)


NUMPY.update({
    np.diag: np_diag, np.diagflat: diagflat, np.diagonal: np_diagonal, np.tril: np_tril,
    np.triu: np_triu,
})  # fmt: skip
