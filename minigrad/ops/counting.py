"""Counting and looking up: distinct values, bins, places in a sorted sequence. No gradients."""

from __future__ import annotations

import math

import numpy as np

from minigrad import dtypes
from minigrad.graph import op
from minigrad.ops.places import axis, raw, scalar

__all__ = ["bincount", "bucketize", "histc", "searchsorted", "unique", "unique_consecutive"]


@op
def unique(x, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements of x (with `dim`: its distinct slices along that axis), sorted.

    return_inverse adds where each element of x is among them, return_counts how many there are of
    each; then the result is a tuple. Every NaN is distinct. sorted=False allows any order, and
    gets this one.

    >>> import minigrad as mg
    >>> mg.unique(mg.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    dim = None if dim is None else axis("unique", dim, len(x.shape))
    values, inverse, counts = np.unique(
        x, return_inverse=True, return_counts=True, axis=dim, equal_nan=False
    )
    inverse = np.reshape(inverse, x.shape if dim is None else (-1,))
    return _selected(values, inverse, counts, return_inverse, return_counts), None


@op
def unique_consecutive(x, return_inverse=False, return_counts=False, dim=None):
    """x without the elements (with `dim`: slices) that equal the one before; see `unique`.

    >>> import minigrad as mg
    >>> mg.unique_consecutive(mg.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    shape = x.shape
    if dim is None:
        rows = np.reshape(x, (-1,))
    else:
        dim = axis("unique_consecutive", dim, len(shape))
        rows = np.moveaxis(x, dim, 0)
    n = rows.shape[0]
    new = np.any(rows[1:] != rows[:-1], axis=tuple(range(1, rows.ndim)))
    new = np.concatenate([np.ones_like(new, shape=(min(n, 1),)), new])
    starts = np.nonzero(new)[0]
    ends = np.concatenate([starts[1:], np.full_like(starts, n, shape=(min(n, 1),))])
    inverse = np.cumsum(new) - 1
    if dim is None:
        values, inverse = rows[starts], np.reshape(inverse, shape)
    else:
        values = np.moveaxis(rows[starts], 0, dim)
    return _selected(values, inverse, ends - starts, return_inverse, return_counts), None


def _selected(values, inverse, counts, return_inverse, return_counts):
    extra = ((inverse,) if return_inverse else ()) + ((counts,) if return_counts else ())
    return (values, *extra) if extra else values


@op
def searchsorted(
    sorted_sequence, input, *, out_int32=False, right=False, side=None, sorter=None
):  # fmt: skip
    """Where each element of `input` would have to stand for `sorted_sequence` to stay sorted.

    The index i with sorted_sequence[i-1] < v <= sorted_sequence[i]; with right=True (side="right")
    sorted_sequence[i-1] <= v < sorted_sequence[i]. sorted_sequence is 1-d, or one row (its last
    axis) for each row of `input`. sorter: the indices that sort it, if it is not sorted.

    >>> import minigrad as mg
    >>> mg.searchsorted(mg.tensor([1, 3, 5]), mg.tensor([3, 4]))
    tensor([1, 2])
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise RuntimeError(f"expected side 'left' or 'right', as right says, got {side!r}")
    side = "right" if right or side == "right" else "left"
    values = scalar(input, sorted_sequence) if _is_number(input) else input
    if values.dtype != sorted_sequence.dtype:
        raise RuntimeError(
            f"expected one dtype, got {sorted_sequence.dtype} for the sequence and {values.dtype} "
            "for the values to find"
        )
    if sorter is not None:
        sorter = raw(sorter)
        if sorter.shape != sorted_sequence.shape:
            raise RuntimeError(
                f"expected sorter of shape {sorted_sequence.shape}, got {sorter.shape}"
            )
        sorted_sequence = np.take_along_axis(sorted_sequence, sorter, axis=-1)
    if sorted_sequence.ndim == 1:
        found = np.searchsorted(sorted_sequence, values, side=side)
    elif sorted_sequence.ndim > 1 and sorted_sequence.shape[:-1] == values.shape[:-1]:
        rows = np.reshape(sorted_sequence, (-1, sorted_sequence.shape[-1]))
        wanted = np.reshape(values, (rows.shape[0], values.shape[-1]))
        each = [np.searchsorted(r, v, side=side) for r, v in zip(rows, wanted, strict=True)]
        each = np.stack(each) if each else np.zeros_like(values, dtype=np.int64)
        found = np.reshape(each, values.shape)
    else:
        raise RuntimeError(
            "expected sorted_sequence to be 1-d, or to have the shape of the values but for the "
            f"last axis; got {tuple(sorted_sequence.shape)} and {tuple(values.shape)}"
        )
    return found.astype(np.int32 if out_int32 else np.int64), None


@op
def bucketize(x, boundaries, *, out_int32=False, right=False):
    """In which bucket between the sorted, 1-d `boundaries` each x lies: from 0 to len(boundaries).

    boundaries[i-1] < x <= boundaries[i]; with right=True boundaries[i-1] <= x < boundaries[i].

    >>> import minigrad as mg
    >>> mg.bucketize(mg.tensor([3, 6, 9]), mg.tensor([1, 3, 5, 7]))
    tensor([1, 3, 4])
    """
    if boundaries.ndim != 1:
        raise RuntimeError(f"expected 1-d boundaries, got shape {tuple(boundaries.shape)}")
    x = scalar(x, boundaries, type(x)) if _is_number(x) else x
    found = np.searchsorted(boundaries, x, side="right" if right else "left")
    return found.astype(np.int32 if out_int32 else np.int64), None


def _is_number(x):
    return isinstance(x, (int, float))


@op
def bincount(x, weights=None, minlength=0):
    """How often 0, 1, 2, ... occurs in the 1-d integers x; with `weights`, their sums.

    >>> import minigrad as mg
    >>> mg.bincount(mg.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    if x.ndim != 1 or x.dtype.kind not in "iu" or (x.shape[0] and np.min(x) < 0):
        raise RuntimeError("expected 1-d integers that are not negative")
    if weights is not None and weights.shape != x.shape:
        raise RuntimeError(f"expected weights of shape {x.shape}, got {weights.shape}")
    if minlength < 0:
        raise RuntimeError(f"expected minlength of at least 0, got {minlength}")
    # Unlike NumPy's, the counts of nothing are int64 whatever the weights.
    if weights is None or not x.shape[0]:
        return np.bincount(x.astype(np.int64), minlength=minlength), None
    sums = np.bincount(x.astype(np.int64), weights=weights, minlength=minlength)
    return sums.astype(weights.dtype if weights.dtype == dtypes.float32 else np.float64), None


@op
def histc(x, bins=100, min=0, max=0):
    """How many elements lie in each of `bins` equal bins from `min` to `max`, in x's dtype.

    The last bin includes `max`; elements outside are not counted. min = max stands for the
    smallest and the largest element (and one below and above, if they are equal).

    >>> import minigrad as mg
    >>> mg.histc(mg.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    if x.dtype.kind != "f":
        raise NotImplementedError(
            f"histc: expected a floating dtype, got {x.dtype}; use .float() first"
        )
    if bins <= 0:
        raise RuntimeError(f"expected bins > 0, got {bins}")
    x = np.reshape(x, (-1,))
    low, high = float(min), float(max)
    if low == high and x.shape[0]:
        low, high = float(np.min(x)), float(np.max(x))
    if low == high:
        low, high = low - 1, high + 1
    if not (math.isfinite(low) and math.isfinite(high)):
        raise RuntimeError(f"the range from {low} to {high} is not finite")
    if low > high:
        raise RuntimeError(f"expected min <= max, got {low} and {high}")
    x = x[(x >= low) & (x <= high)]
    edges = low + (high - low) / bins * np.arange(bins + 1, dtype=x.dtype, like=x)
    place = np.minimum(np.searchsorted(edges, x, side="right") - 1, bins - 1)
    return np.bincount(place, minlength=bins).astype(x.dtype), None
