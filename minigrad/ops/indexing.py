"""Reading and writing parts of a Tensor, with every kind of index that NumPy has.

Everything here stands on three ops: `getitem` reads at an index, `embed` is its adjoint (it adds
into zeros), `index_put` replaces. What NumPy reads as a view (integers, slices, None, the
ellipsis) is one here too.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad import backend
from minigrad.autograd import sum_to
from minigrad.graph import is_tensor, op
from minigrad.ops.places import arange, raw, scalar

__all__ = ["embed", "getitem", "index_put"]


@op
def getitem(x, index):
    """x[index]. Gradient: g at the places that were read, added up where one was read twice.

    NumPy's rules throughout. PyTorch's differ in one case, an integer and an array with a slice
    between them: x[0, :, rows] has the rows' axis first here, last there.
    """
    shape = x.shape
    index, _ = normal(index)
    try:
        return x[index], lambda g: embed(g, index, shape)
    except IndexError as error:
        raise index_error("getitem", error, index) from None


@op
def embed(x, index, shape):
    """Zeros of `shape`, with x added at `index`: the adjoint of getitem. Gradient: g[index]."""
    if is_tensor(x):
        y = embed(x, index, shape)
    else:
        # Not with shape=(), which CuPy takes for none: like x.
        y = np.zeros_like(x, shape=shape or (1,), order="C").reshape(shape)
        index, basic = normal(index)
        if basic:
            y[index] = x
        else:
            add_at(y, index, x)
    return y, lambda g: getitem(g, index)


@op
def index_put(x, indices, values, accumulate=False):
    """x with x[indices] replaced by values; with accumulate, with values added to it.

    Gradients: g outside the indices (with accumulate, all of g); g at the indices. Where an index
    is repeated, the last value written stays, and it alone has a gradient.
    """
    index, basic = normal(indices)
    shape = getattr(values, "shape", ())
    if accumulate:
        target = raw(x)[index].shape
        values = values if hasattr(values, "shape") else scalar(values, x)
        added = embed(np.broadcast_to(values, target), index, tuple(x.shape))
        return x + added, (lambda g: g, None, lambda g: sum_to(getitem(g, index), shape))
    if is_tensor(x) or is_tensor(values):
        y = index_put(x, index, values)
    else:
        y = x.copy()
        try:
            y[index] = values
        except IndexError as error:
            raise index_error("index_put", error, index) from None
        except ValueError:
            raise RuntimeError(
                f"index_put: values of shape {list(shape)} do not broadcast to "
                f"{list(y[index].shape)}, the shape of what is indexed"
            ) from None

    def values_gradient(g):
        kept = getitem(g, index)
        if not basic:
            kept = np.where(last_writes(raw(g), index), kept, 0)
        return sum_to(kept, shape)

    return y, (lambda g: index_put(g, index, 0), None, values_gradient)


def last_writes(like, index):
    """For every value assigned to [index]: was it not overwritten by a later one?"""
    writer = np.zeros_like(like, dtype=np.int64)
    turn = arange(math.prod(writer[index].shape), like).reshape(writer[index].shape)
    writer[index] = turn
    return writer[index] == turn


def normal(index):
    """An index as a tuple of raw parts, and whether NumPy reads it as a view.

    It then ends in an ellipsis, with which NumPy returns a view even of a single element.
    """
    basic, ellipsis, parts = True, False, []
    for p in index if index.__class__ is tuple else (index,):
        p = raw(p)
        if getattr(p, "shape", None) == () and p.dtype.kind in "iu":
            p = int(p)  # a 0-d array is an integer, as in PyTorch
        kind = p.__class__
        if p is Ellipsis:
            ellipsis = True
        elif not (p is None or kind is int or kind is slice):
            basic = False
        parts.append(p)
    return tuple(parts) if ellipsis or not basic else (*parts, ...), basic


def index_error(name, error, index):
    """NumPy's error, said more clearly where arrays in an index do not go together."""
    if "broadcast" not in str(error):
        return error
    shapes = " and ".join(str(list(np.shape(p))) for p in index if hasattr(p, "dtype"))
    return IndexError(f"{name}: the arrays in an index must broadcast, got shapes {shapes}")


def add_at(y, index, values):
    """y[index] += values, adding every time an index is repeated; y is fresh and contiguous."""
    if not isinstance(y, np.ndarray):
        if y.dtype.kind in "biu" and y.dtype.itemsize < 4:  # a GPU adds no smaller ones in place
            wide = y.astype(np.int64)
            backend.add_at(wide, index, values.astype(np.int64))
            y[...] = wide
        else:
            backend.add_at(y, index, values)
    elif y.ndim > 1 and y.size and is_rows(index):
        # Where the elements of a row are in memory follows from the row alone. (A negative row
        # comes to negative places, which count from the end too.)
        width = y[0].size
        rows = index[0].astype(np.int64).reshape(-1, 1) * width
        np.add.at(y.reshape(-1), (rows + np.arange(width)).reshape(-1), values.reshape(-1))
    else:
        # NumPy adds at indices into a flat array several times as fast as at any others.
        places = np.arange(y.size).reshape(y.shape)[index]
        np.add.at(y.reshape(-1), places.reshape(-1), values.reshape(-1))


def is_rows(index):
    """True for one array of integers, which picks along the first axis."""
    alone = len(index) == 1 or (len(index) == 2 and index[1] is Ellipsis)
    return alone and getattr(index[0], "dtype", np.bool_) != np.bool_
