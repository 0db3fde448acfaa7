"""What `scatter_reduce` does with the values that go to the same place.

Each function takes x, an index of x, src (of the index's shape) and include_self: whether what
stands in x at these places takes part.
"""

from __future__ import annotations

import functools

import numpy as np

from minigrad.graph import is_tensor, op
from minigrad.ops.indexing import embed, getitem, index_put
from minigrad.ops.places import arange, raw

__all__: list[str] = []  # the public face is scatter_reduce


def scatter_sum(x, index, src, include_self):
    """The sum. Gradients: g; g at the places."""
    return (x if include_self else index_put(x, index, 0)) + embed(src, index, tuple(x.shape))


def scatter_mean(x, index, src, include_self):
    """The sum divided by how many went into it; for integers rounded down, as in PyTorch."""
    count = embed(np.ones_like(raw(src)), index, tuple(x.shape))
    count = count + 1 if include_self else np.where(count == 0, 1, count)
    total = scatter_sum(x, index, src, include_self)
    return total / count.astype(x.dtype) if x.dtype.kind == "f" else total // count


@op
def scatter_prod(x, index, src, include_self):
    """The product. Gradient of a factor: g times the product of the other factors.

    That is found by division, and where one factor is zero, as the product of the rest.
    """
    first = x if include_self else index_put(x, index, 1)
    if is_tensor(x) or is_tensor(src):
        y = scatter_prod(x, index, src, include_self)
    else:
        y = reduced_at(np.multiply, first, index, src)

    def pullback(g):
        x_zero, src_zero = raw(first) == 0, raw(src) == 0
        zeros = embed(src_zero.astype(np.int64), index, tuple(x.shape)) + x_zero
        nonzero = scatter_prod(np.where(x_zero, 1, first), index, np.where(src_zero, 1, src), True)
        of_x = g * others(first, x_zero, zeros, nonzero)
        of_src = others(src, src_zero, zeros[index], getitem(nonzero, index))
        return of_x if include_self else index_put(of_x, index, 0), None, getitem(g, index) * of_src

    return y, pullback


def others(factor, is_zero, zeros, nonzero):
    """The product of the other factors, of the product of all that are not zero."""
    if_zero = np.where(zeros == 1, nonzero, 0)
    if_not = np.where(zeros == 0, nonzero, 0) / np.where(is_zero, 1, factor)
    return np.where(is_zero, if_zero, if_not)


@op
def scatter_extreme(x, index, src, include_self, ufunc):
    """The largest or the smallest. Gradient: g, shared equally among ties."""
    if is_tensor(x) or is_tensor(src):
        y = scatter_extreme(x, index, src, include_self, ufunc)
    else:
        first = x if include_self else index_put(x, index, worst(ufunc, x.dtype))
        y = reduced_at(ufunc, first, index, src)
    x_chosen = raw(x) == raw(y)
    if not include_self:
        x_chosen = index_put(x_chosen, index, False)
    src_chosen = raw(src) == raw(y)[index]

    def pullback(g):
        ties = embed(src_chosen.astype(np.int64), index, x_chosen.shape) + x_chosen
        share = g / ties.astype(g.dtype)
        return (
            np.where(x_chosen, share, 0), None, np.where(src_chosen, getitem(share, index), 0)
        )  # fmt: skip

    return y, pullback


def worst(ufunc, dtype):
    """What every value beats."""
    if dtype.kind == "f":
        return -np.inf if ufunc is np.maximum else np.inf
    if dtype.kind == "b":
        return ufunc is not np.maximum
    return np.iinfo(dtype).min if ufunc is np.maximum else np.iinfo(dtype).max


def reduced_at(ufunc, x, index, src):
    """A copy of x with x[index] = ufunc(x[index], src), one after the other where one repeats."""
    y = x.copy()
    if isinstance(y, np.ndarray):
        ufunc.at(y, index, src)
        return y
    # CuPy has no multiply.at. The first value of every place takes its turn, then the second, ...
    places = arange(y.size, y).reshape(y.shape)[index].reshape(-1)
    flat, values = y.reshape(-1), src.reshape(-1)
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    turns = arange(len(order), y) - np.searchsorted(ordered, ordered)
    for turn in range(int(turns.max()) + 1 if len(order) else 0):
        now = order[turns == turn]
        flat[places[now]] = ufunc(flat[places[now]], values[now])
    return y


REDUCTIONS = {
    "sum": scatter_sum,
    "prod": scatter_prod,
    "mean": scatter_mean,
    "amax": functools.partial(scatter_extreme, ufunc=np.maximum),
    "amin": functools.partial(scatter_extreme, ufunc=np.minimum),
}
