"""The largest and the smallest element: what it is, and where."""

from __future__ import annotations

from collections import namedtuple

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.axes import named, nonempty, pick_one, raw, reduced, reduced_axes, restored
from minigrad.ops.places import axis
from minigrad.ops.reduce import numpy_reduction

__all__ = ["amax", "amin", "aminmax", "argmax", "argmin", "max", "min"]


@op
def amax(x, dim=(), keepdim=False):
    """The largest element over `dim` (an axis, several, or all). NaN if there is a NaN.

    Gradient: g, shared evenly among those that are equal to it (NaN if it is NaN).
    """
    return _extreme_value("amax", np.max, amax, x, dim, keepdim)


@op
def amin(x, dim=(), keepdim=False):
    """The smallest element over `dim` (an axis, several, or all). NaN if there is a NaN.

    Gradient: g, shared evenly among those that are equal to it (NaN if it is NaN).
    """
    return _extreme_value("amin", np.min, amin, x, dim, keepdim)


def _extreme_value(name, reduction, ours, x, dim, keepdim):
    shape = x.shape
    dims = reduced_axes(name, dim, len(shape))
    nonempty(name, shape, dims)
    y = ours(x, dim, True) if is_tensor(x) else reduction(x, axis=dims, keepdims=True)

    def pullback(g):
        equal = raw(x) == raw(y)
        ties = equal.sum(axis=dims, keepdims=True)
        return np.where(equal, restored(g, shape, dims), 0) / ties.astype(x.dtype)

    return np.reshape(y, reduced(shape, dims, keepdim)), pullback


@op
def max_all(x):
    """The largest of all elements. NaN if there is a NaN.

    Gradient: g, shared evenly among those that are equal to it (among the NaN if it is NaN).
    """
    nonempty("max", x.shape, None)
    y = max_all(x) if is_tensor(x) else np.max(x)
    return y, lambda g: shared(g, x, y)


@op
def min_all(x):
    """The smallest of all elements. NaN if there is a NaN.

    Gradient: g, shared evenly among those that are equal to it (among the NaN if it is NaN).
    """
    nonempty("min", x.shape, None)
    y = min_all(x) if is_tensor(x) else np.min(x)
    return y, lambda g: shared(g, x, y)


def shared(g, x, y):
    """The gradient of choosing one value y out of all x: g, evenly among the x that equal it."""
    x, y = raw(x), raw(y)
    equal = (x == y) | ((x != x) & (y != y))
    return np.where(equal, g / np.sum(equal).astype(x.dtype), 0)


@named("values", "indices")
@op
def max_dim(x, dim, keepdim=False):
    """(values, indices) of the largest along `dim`, the first of equal ones; NaN is the largest.

    Gradient: g to that one element.
    """
    return _extremum_along("max", np.argmax, x, dim, keepdim)


@named("values", "indices")
@op
def min_dim(x, dim, keepdim=False):
    """(values, indices) of the smallest along `dim`, the first of equal ones; NaN is the smallest.

    Gradient: g to that one element.
    """
    return _extremum_along("min", np.argmin, x, dim, keepdim)


def _extremum_along(name, position, x, dim, keepdim):
    dim = axis(name, dim, len(x.shape))
    nonempty(name, x.shape, (dim,) if x.shape else None)
    indices = np.reshape(
        position(raw(x), axis=dim if x.shape else None), reduced(x.shape, (dim,), True)
    )
    return pick_one(x, indices, dim, keepdim)


def max(input, dim=None, keepdim=False, *, other=None):
    """The largest element, in PyTorch's three forms.

    max(x): of all elements (`max_all`). max(x, dim): (values, indices) along an axis
    (`max_dim`). max(x, y): the larger of the two, elementwise (`maximum`).

    >>> import minigrad as mg
    >>> mg.max(mg.tensor([[1, 5], [7, 3]]), dim=1)
    max(values=tensor([5, 7]), indices=tensor([1, 0]))
    """
    return _three_forms(max_all, max_dim, np.maximum, input, dim, keepdim, other)


def min(input, dim=None, keepdim=False, *, other=None):
    """The smallest element, in PyTorch's three forms.

    min(x): of all elements (`min_all`). min(x, dim): (values, indices) along an axis
    (`min_dim`). min(x, y): the smaller of the two, elementwise (`minimum`).
    """
    return _three_forms(min_all, min_dim, np.minimum, input, dim, keepdim, other)


def _three_forms(of_all, along, elementwise, x, dim, keepdim, other):
    if hasattr(dim, "dtype") and not isinstance(dim, np.integer):
        dim, other = None, dim
    if other is not None:
        return elementwise(x, other)
    return of_all(x) if dim is None else along(x, dim, keepdim)


_MinMax = namedtuple("aminmax", ["min", "max"])


def aminmax(input, *, dim=None, keepdim=False):
    """(min, max) of all elements or along `dim`; see `amin` and `amax`."""
    dims = () if dim is None else axis("aminmax", dim, len(input.shape))
    return _MinMax(amin(input, dims, keepdim), amax(input, dims, keepdim))


@op
def argmax(x, dim=None, keepdim=False):
    """Where the largest element is along `dim`, or in the flattened array: the first of equal ones.

    An int64; no gradient.
    """
    return _argument("argmax", np.argmax, x, dim, keepdim), None


@op
def argmin(x, dim=None, keepdim=False):
    """Where the smallest element is along `dim`, or in the flattened array.

    An int64, the first of equal ones; no gradient.
    """
    return _argument("argmin", np.argmin, x, dim, keepdim), None


def _argument(name, position, x, dim, keepdim):
    shape = x.shape
    dims = None if dim is None else (axis(name, dim, len(shape)),)
    nonempty(name, shape, dims if shape else None, IndexError)
    y = position(x, axis=dims[0] if dims and shape else None)
    return np.reshape(y, reduced(shape, dims, keepdim))


NUMPY.update({
    np.max: numpy_reduction(amax), np.amax: numpy_reduction(amax),
    np.min: numpy_reduction(amin), np.amin: numpy_reduction(amin),
    np.argmax: numpy_reduction(argmax), np.argmin: numpy_reduction(argmin),
})  # fmt: skip
