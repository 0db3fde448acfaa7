"""Sorting along an axis, and choosing by rank: the k largest, the k-th, the most frequent.

NaN counts as larger than every number. The positions are computed once, on raw arrays; the values
are picked at them, and the gradient goes back to where they were.
"""

from __future__ import annotations

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op
from minigrad.ops.axes import mesh, named, nonempty, pick, pick_one, raw, reduced
from minigrad.ops.cumulative import running
from minigrad.ops.places import arange, at, axis

__all__ = ["argsort", "kthvalue", "mode", "msort", "sort", "topk"]


@named("values", "indices")
@op
def sort(x, dim=-1, descending=False, stable=False):
    """(values, indices): x sorted along `dim`, and where each value was.

    NaN comes last, or first if descending. Equal elements keep their order (with stable=False
    too). Gradient: g put back to where the values came from.

    >>> import minigrad as mg
    >>> mg.sort(mg.tensor([3, 1, 2]))
    sort(values=tensor([1, 2, 3]), indices=tensor([1, 2, 0]))
    """
    dim = axis("sort", dim, len(x.shape))
    indices = order(raw(x), dim, descending)
    y, back = pick(x, indices, dim)
    return (y, indices), lambda g, _: back(g)


def order(x, dim, descending=False):
    """The indices that sort the raw array x along `dim`, equal elements in their order."""
    if not x.ndim:
        return np.zeros_like(x, dtype=np.int64)
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    # Sorted from the other end and read backwards, equal elements are in their order again.
    backwards = np.flip(np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)
    return x.shape[dim] - 1 - backwards


@op
def argsort(x, dim=-1, descending=False, stable=False):
    """The indices that sort x along `dim`; see `sort`. No gradient."""
    return order(x, axis("argsort", dim, len(x.shape)), descending), None


def msort(input):
    """x sorted along its first axis."""
    return sort(input, 0)[0]


@named("values", "indices")
@op
def topk(x, k, dim=-1, largest=True, sorted=True):
    """(values, indices) of the k largest (or smallest) along `dim`, the most extreme first.

    sorted=False allows any order, and gets this one. RuntimeError unless 0 <= k <= size.
    Gradient: g put back to where the values came from.
    """
    dim = axis("topk", dim, len(x.shape))
    array = raw(x)
    n = array.shape[dim] if array.ndim else 1
    k = int(k)
    if not 0 <= k <= n:
        raise RuntimeError(f"k={k} is out of range: dim {dim} has {n} elements")
    if array.ndim and 0 < k < n:
        # First split off the k elements, in linear time; then sort only those.
        parts = np.argpartition(array, n - k if largest else k - 1, axis=dim)
        some = parts[at(dim, slice(n - k, None) if largest else slice(k))]
        some = np.sort(some, axis=dim)
        chosen = order(array[mesh(some, dim)], dim, largest)
        indices = some[mesh(chosen, dim)]
    else:
        indices = order(array, dim, largest)
        indices = indices[at(dim, slice(k))] if array.ndim else indices
    y, back = pick(x, indices, dim)
    return (y, indices), lambda g, _: back(g)


@named("values", "indices")
@op
def kthvalue(x, k, dim=-1, keepdim=False):
    """(values, indices) of the k-th smallest along `dim`; k counts from 1.

    RuntimeError unless 1 <= k <= size. Gradient: g to that one element.
    """
    dim = axis("kthvalue", dim, len(x.shape))
    nonempty("kthvalue", x.shape, (dim,) if x.shape else None)
    n = x.shape[dim] if x.shape else 1
    if not 1 <= k <= n:
        raise RuntimeError(f"k={k} is out of range: expected 1 to {n}, the size of dim {dim}")
    indices = order(raw(x), dim)
    if indices.ndim:
        indices = indices[at(dim, slice(k - 1, k))]
    return pick_one(x, indices, dim, keepdim)


@named("values", "indices")
@op
def mode(x, dim=-1, keepdim=False):
    """(values, indices) of the most frequent element along `dim`, and where it is last.

    The smallest of equally frequent ones; every NaN is different from every other.
    Gradient: g to that one element.
    """
    dim = axis("mode", dim, len(x.shape))
    nonempty("mode", x.shape, (dim,) if x.shape else None)
    indices = order(raw(x), dim)
    if indices.ndim:
        indices = _last_of_longest_run(raw(x), indices, dim)
    return pick_one(x, indices, dim, keepdim)


def _last_of_longest_run(x, indices, dim):
    """Of the sorted positions `indices`: the one that ends the longest run of equal values."""
    values = x[mesh(indices, dim)]
    same = values[at(dim, slice(1, None))] == values[at(dim, slice(None, -1))]
    places = arange(x.shape[dim], x).reshape([-1 if d == dim else 1 for d in range(x.ndim)])
    kept = reduced(x.shape, (dim,), True)
    goes_on = np.concatenate([np.zeros_like(same, shape=kept), same], axis=dim)
    start = running(np.maximum, np.where(goes_on, 0, places), dim)
    longest = np.argmax(places - start, axis=dim)
    return indices[mesh(np.reshape(longest, kept), dim)]


def _np_sort(a, axis=-1, kind=None, order=None):
    return sort(a, axis)[0] if axis is not None else sort(np.reshape(a, (-1,)))[0]


def _np_argsort(a, axis=-1, kind=None, order=None):
    return argsort(a, axis) if axis is not None else argsort(np.reshape(a, (-1,)))


NUMPY.update({np.sort: _np_sort, np.argsort: _np_argsort})
