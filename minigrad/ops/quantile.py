"""Quantiles: the median and its relatives, read off the sorted elements."""

from __future__ import annotations

import numpy as np

from minigrad.graph import is_tensor, op
from minigrad.ops.axes import mesh, named, nonempty, pick_one, raw
from minigrad.ops.comparison import where
from minigrad.ops.extrema import shared
from minigrad.ops.places import axis, scalar
from minigrad.ops.sorting import order, sort

__all__ = ["median", "nanmedian", "nanquantile", "quantile"]


def median(input, dim=None, keepdim=False):
    """The middle element; of an even number of them the lower of the two in the middle.

    median(x): of all elements (`median_all`); median(x, dim): (values, indices) along an axis
    (`median_dim`). NaN if there is a NaN: see `nanmedian`.

    >>> import minigrad as mg
    >>> mg.median(mg.tensor([4.0, 1.0, 3.0, 2.0]))
    tensor(2.)
    """
    return median_all(input) if dim is None else median_dim(input, dim, keepdim)


def nanmedian(input, dim=None, keepdim=False):
    """`median` of what is not NaN; NaN where there is nothing else."""
    return nanmedian_all(input) if dim is None else nanmedian_dim(input, dim, keepdim)


@op
def median_all(x):
    """The median of all elements; NaN for none. Gradient: g, evenly among the x that equal it."""
    y = median_all(x) if is_tensor(x) else _median(x, skip_nan=False)
    return y, lambda g: shared(g, x, y)


@op
def nanmedian_all(x):
    """The median of what is not NaN. Gradient: g, evenly among the x that equal it."""
    y = nanmedian_all(x) if is_tensor(x) else _median(x, skip_nan=True)
    return y, lambda g: shared(g, x, y)


@named("values", "indices")
@op
def median_dim(x, dim, keepdim=False):
    """(values, indices) of the median along `dim`. Gradient: g to that one element."""
    return _median_along("median", x, dim, keepdim, skip_nan=False)


@named("values", "indices")
@op
def nanmedian_dim(x, dim, keepdim=False):
    """(values, indices) of the median of what is not NaN. Gradient: g to that one element."""
    return _median_along("nanmedian", x, dim, keepdim, skip_nan=True)


def _median(x, skip_nan):
    flat = np.reshape(x, (-1,))
    if not flat.shape[0]:
        if x.dtype.kind != "f":
            raise RuntimeError(f"median: expected at least one element, got an empty {x.dtype}")
        return scalar(np.nan, x)
    return flat[_median_index(flat, 0, skip_nan)][0]


def _median_along(name, x, dim, keepdim, skip_nan):
    dim = axis(name, dim, len(x.shape))
    nonempty(name, x.shape, (dim,) if x.shape else None)
    return pick_one(x, _median_index(raw(x), dim, skip_nan), dim, keepdim)


def _median_index(x, dim, skip_nan):
    """Where the median of the raw array x is along `dim`, which is kept."""
    indices = order(x, dim)
    if not x.ndim:
        return indices
    n = x.shape[dim]
    numbers = (x == x).sum(axis=dim, keepdims=True)  # NaN are sorted behind them
    if skip_nan:
        place = (np.maximum(numbers, 1) - 1) // 2
    else:
        place = np.where(numbers < n, numbers, (n - 1) // 2)
    return indices[mesh(place, dim)]


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The value below which a share q of the elements lies; NaN if there is a NaN.

    q: a number from 0 to 1, or a 1-d Tensor of them, whose axis comes first in the result. The
    sorted elements stand at q = 0, 1/(n-1), ..., 1. Between two of them `interpolation` decides:
    'linear', 'lower', 'higher', 'nearest' (ties to the even place) or 'midpoint'.

    >>> import minigrad as mg
    >>> mg.quantile(mg.tensor([1.0, 2.0, 4.0]), 0.75)
    tensor(3.)
    """
    return _quantile("quantile", input, q, dim, keepdim, interpolation)


def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """`quantile` of what is not NaN; NaN where there is nothing else."""
    return _quantile("nanquantile", input, q, dim, keepdim, interpolation)


def _quantile(name, x, q, dim, keepdim, interpolation):
    q = _checked(name, x, q, interpolation)
    ndim = len(x.shape)
    if dim is None:
        last, x = 0, np.reshape(x, (-1,))
        before = (1,) * ndim
    else:
        last = axis(name, dim, ndim)
        before = tuple(1 if i == last else n for i, n in enumerate(x.shape))
        x = x if ndim else np.reshape(x, (1,))
    others = tuple(i for i in range(len(x.shape)) if i != last)
    # The axis to reduce goes last; there the places that the q ask for stand beside each other.
    values = np.transpose(sort(x, last)[0], (*others, last))
    ordered, q_line = raw(values), np.reshape(q, (-1,))
    n = ordered.shape[-1]
    numbers = (ordered == ordered).sum(axis=-1, keepdims=True)  # the others, NaN, are last
    if name == "quantile":
        place = where(numbers < n, n - 1, q_line * (n - 1))
    else:
        place = q_line * np.maximum(numbers - 1, 0).astype(x.dtype)
    result = _interpolated(values, place, interpolation)
    result = np.transpose(result, (len(others), *range(len(others))))
    kept = before if keepdim else ordered.shape[:-1]
    return np.reshape(result, (*q.shape, *kept))


def _checked(name, x, q, interpolation):
    """q as an array or Tensor, after a look at every argument."""
    if interpolation not in ("linear", "lower", "higher", "midpoint", "nearest"):
        raise RuntimeError(
            f"{name}: expected interpolation 'linear', 'lower', 'higher', 'midpoint' or 'nearest', "
            f"got {interpolation!r}"
        )
    if x.dtype not in (np.float32, np.float64):
        raise RuntimeError(f"{name}: expected float32 or float64, got {x.dtype}")
    if 0 in x.shape:
        raise RuntimeError(f"{name}: there is no quantile of nothing, got shape {tuple(x.shape)}")
    if isinstance(q, str):
        raise TypeError(f"{name}: expected q to be a number or a Tensor, got {q!r}")
    q = q if hasattr(q, "dtype") else scalar(q, x)
    if q.dtype != x.dtype:
        raise RuntimeError(f"{name}: q is {q.dtype}, but the input is {x.dtype}; expected the same")
    if len(q.shape) > 1:
        raise RuntimeError(f"{name}: expected q to be a number or 1-d, got shape {tuple(q.shape)}")
    if not np.all((raw(q) >= 0) & (raw(q) <= 1)):
        raise RuntimeError(f"{name}: expected every q between 0 and 1, got {q}")
    return q


def _interpolated(values, place, interpolation):
    """The values at `place`, a floating index into their last axis."""
    last = len(place.shape) - 1
    spot = np.rint(raw(place)) if interpolation == "nearest" else raw(place)
    below = np.ceil(spot) if interpolation == "higher" else np.floor(spot)
    low = values[mesh(below.astype(np.int64), last)]
    if interpolation in ("lower", "higher", "nearest"):
        return low
    high = values[mesh(np.ceil(spot).astype(np.int64), last)]
    step = high - low
    weight = place - below if interpolation == "linear" else np.full_like(below, 0.5)
    # From the nearer end, as PyTorch's lerp: exact at both.
    return where(raw(weight) < 0.5, low + step * weight, high - step * (1 - weight))
