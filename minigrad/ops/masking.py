"""Choosing elements by a mask of booleans, and finding where they are."""

from __future__ import annotations

import math

import numpy as np

from minigrad.autograd import sum_to
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, op
from minigrad.ops.indexing import embed, getitem, index_put
from minigrad.ops.places import raw
from minigrad.ops.shape import astype, expand, reshape

__all__ = ["argwhere", "masked_fill", "masked_scatter", "masked_select", "nonzero"]


def boolean(name, mask):
    mask = raw(mask)
    if getattr(mask, "dtype", None) != np.bool_:
        raise RuntimeError(
            f"{name}: expected a mask of booleans, got {describe(mask)}; use .bool()"
        )
    return mask


def broadcast(name, x, mask):
    """The shape of x and mask together."""
    try:
        return np.broadcast_shapes(x.shape, mask.shape)
    except ValueError:
        raise RuntimeError(
            f"{name}: the mask's shape {list(mask.shape)} and the tensor's {list(x.shape)} do not "
            "broadcast"
        ) from None


@op
def masked_fill(x, mask, value):
    """x with `value` (a number or a 0-d Tensor) where mask is True; the dtype is x's.

    Gradients: g where mask is False; of value, the sum of g where it is True.
    """
    mask = boolean("masked_fill", mask)
    before = x.shape
    broadcast("masked_fill", x, mask)
    if getattr(value, "shape", ()):
        raise RuntimeError(f"masked_fill: expected a number or a 0-d value, got {describe(value)}")
    if hasattr(value, "dtype"):
        fill = astype(value, x.dtype)
    else:
        fill = np.array(value).astype(x.dtype).item()
    return np.where(mask, fill, x), (
        lambda g: sum_to(np.where(mask, 0, g), before),
        None,
        lambda g: np.sum(np.where(mask, g, 0)),
    )


@op
def masked_select(x, mask):
    """The elements of x where mask is True, as a vector; the two are broadcast.

    Gradient: g put back in place, zero elsewhere.
    """
    mask = boolean("masked_select", mask)
    before, shape = x.shape, broadcast("masked_select", x, mask)
    mask = np.broadcast_to(mask, shape)
    return np.broadcast_to(x, shape)[mask], lambda g: sum_to(embed(g, mask, shape), before)


def masked_scatter(input, mask, source):
    """input with its elements where mask is True replaced, in order, by the first ones of source.

    input and mask are broadcast. Gradients: g where mask is False; g where it is True, in order.
    """
    mask = boolean("masked_scatter", mask)
    shape = broadcast("masked_scatter", input, mask)
    mask = np.broadcast_to(mask, shape)
    n, given = int(np.sum(mask)), math.prod(source.shape)
    if source.dtype != input.dtype:
        raise RuntimeError(
            f"masked_scatter: source has dtype {source.dtype}, the tensor {input.dtype}"
        )
    if given < n:
        raise RuntimeError(f"masked_scatter: source has {given} elements, the mask chooses {n}")
    return index_put(expand(input, shape), mask, getitem(reshape(source, (-1,)), slice(n)))


@op
def argwhere(x):
    """The indices of the elements that are not zero, one a row, in order. No gradient."""
    return np.argwhere(raw(x)), None


def nonzero(input, *, as_tuple=False):
    """argwhere; with as_tuple its columns, which make an index of these elements."""
    if not as_tuple:
        return argwhere(input)
    rows = argwhere(input if input.shape else reshape(input, (1,)))
    return tuple(rows[:, d] for d in range(rows.shape[1]))


NUMPY.update({np.argwhere: argwhere, np.nonzero: lambda a: nonzero(a, as_tuple=True)})
