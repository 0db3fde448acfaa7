"""Ops that change the shape and leave the elements alone: reshape, squeeze, expand and kin.

Wherever NumPy can, they return a view: another shape on the same memory, nothing copied.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad import inplace
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.places import axes, axis, raw

__all__ = [
    "astype", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_shapes", "broadcast_tensors",
    "broadcast_to", "clone", "contiguous", "expand", "expand_as", "flatten", "ravel", "reshape",
    "reshape_as", "squeeze", "unflatten", "unsqueeze", "view", "view_as",
]  # fmt: skip


# ---------------------------------------------------------------------------- another shape


def reshaped(x, shape):
    """Value and pullback of every op that only renames the places of the elements."""
    before = x.shape
    return np.reshape(x, shape), lambda g: np.reshape(g, before)


@op
def reshape(x, shape):
    """The same elements in the same order, in another shape; -1 stands for what is left over.

    Gradient: reshaped back. A view where the memory allows it, else a copy.
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    try:
        if any(n < -1 for n in shape):  # NumPy would take any of them for -1
            raise ValueError
        return reshaped(x, shape)
    except ValueError:
        raise RuntimeError(
            f"reshape: {list(x.shape)} has {math.prod(x.shape)} elements, which do not fill "
            f"{list(shape)} (one size may be -1 where that leaves no choice)"
        ) from None


def view(input, shape):
    """reshape without ever copying: the result shares its memory with the input.

    RuntimeError if the input's strides do not allow that (after a transpose, say).
    """
    result = reshape(input, shape)
    if inplace.owner(raw(result)) is not inplace.owner(raw(input)):
        raise RuntimeError(
            f"view: {describe(input)} with strides {raw(input).strides} cannot be seen as "
            f"{list(result.shape)} without copying it; use .reshape(...), or .contiguous() before"
        )
    return result


def view_as(input, other):
    """view(input, other.shape)."""
    return view(input, other.shape)


def reshape_as(input, other):
    """reshape(input, other.shape)."""
    return reshape(input, other.shape)


@op
def flatten(x, start_dim=0, end_dim=-1):
    """Axes start_dim to end_dim, both included, joined into one. Gradient: reshaped back.

    >>> import minigrad as mg
    >>> flatten(mg.ones(2, 3, 4), 1).shape
    (2, 12)
    """
    shape = x.shape
    start, end = (axis("flatten", d, len(shape)) for d in (start_dim, end_dim))
    if start > end:
        raise RuntimeError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = math.prod(shape[start : end + 1])
    return reshaped(x, (*shape[:start], joined, *shape[end + 1 :]))


@op
def unflatten(x, dim, sizes):
    """Axis `dim` cut into several of the given sizes (one may be -1). Gradient: reshaped back."""
    shape = x.shape
    dim = axis("unflatten", dim, len(shape))
    sizes = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    known, gaps = math.prod(n for n in sizes if n != -1), sum(n == -1 for n in sizes)
    n = shape[dim] if shape else 1
    if not sizes or gaps > 1 or (gaps and (not known or n % known)) or (not gaps and known != n):
        raise RuntimeError(
            f"unflatten: sizes {list(sizes)} do not multiply up to {n}, the size of axis {dim}"
        )
    sizes = tuple(n // known if s == -1 else s for s in sizes)
    return reshaped(x, (*shape[:dim], *sizes, *shape[dim + 1 :]))


@op
def ravel(x):
    """All elements along one axis. Gradient: reshaped back."""
    return reshaped(x, (-1,))


@op
def squeeze(x, dim=None):
    """Without its axes of size 1: all of them, or those among `dim`. Gradient: reshaped back."""
    shape = x.shape
    drop = range(len(shape)) if dim is None else axes("squeeze", dim, len(shape))
    return reshaped(x, tuple(n for i, n in enumerate(shape) if n != 1 or i not in drop))


@op
def unsqueeze(x, dim):
    """With a new axis of size 1 at `dim`. Gradient: reshaped back."""
    shape = x.shape
    dim = axis("unsqueeze", dim, len(shape) + 1)
    return reshaped(x, (*shape[:dim], 1, *shape[dim:]))


def atleast(ndim, tensors):
    """Each tensor with axes of size 1 added until it has `ndim`; where, is NumPy's convention."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tensors[0]

    def grown(x):
        shape = tuple(x.shape)
        if len(shape) < ndim:
            # (n,) -> (1, n) -> (1, n, 1); (m, n) -> (m, n, 1)
            shape = (1,) * (min(ndim, 2) - len(shape)) + shape
            x = reshape(x, shape + (1,) * (ndim - len(shape)))
        return x

    return grown(tensors[0]) if len(tensors) == 1 else tuple(grown(x) for x in tensors)


def atleast_1d(*tensors):
    """Each tensor with at least one axis; one result, or a tuple of them for several."""
    return atleast(1, tensors)


def atleast_2d(*tensors):
    """Each tensor with at least two axes: new ones in front."""
    return atleast(2, tensors)


def atleast_3d(*tensors):
    """Each tensor with at least three axes: (n,) becomes (1, n, 1), (m, n) becomes (m, n, 1)."""
    return atleast(3, tensors)


# ---------------------------------------------------------------------------- repeated, not copied


@op
def expand(x, shape):
    """x repeated along axes of size 1 and new leading axes, without copying; -1 keeps a size.

    Gradient: summed over the repeats.
    """
    before = x.shape
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    lead = len(shape) - len(before)
    sizes, repeated, fits = list(shape), list(range(lead)), lead >= 0
    for i, n in enumerate(before if fits else (), lead):
        if shape[i] == -1:
            sizes[i] = n
        elif n == 1 != shape[i]:
            repeated.append(i)
        elif n != shape[i]:
            fits = False
    if not fits or min(sizes, default=0) < 0:
        raise RuntimeError(
            f"expand: {list(before)} does not expand to {list(shape)}: only axes of size 1 and new "
            "axes in front can be repeated (-1 keeps the size of an old axis)"
        )
    if len(repeated) == lead and math.prod(sizes[:lead]) == 1:
        return reshaped(x, sizes)  # nothing is repeated: a view that can be written to
    repeated = tuple(repeated)
    y = np.broadcast_to(x, sizes)
    return y, lambda g: np.reshape(np.sum(g, axis=repeated), before)


def broadcast_to(input, shape):
    """expand, under NumPy's name."""
    return expand(input, shape)


def expand_as(input, other):
    """expand(input, other.shape)."""
    return expand(input, other.shape)


def broadcast_shapes(*shapes):
    """The shape that tensors of these shapes broadcast to.

    >>> broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    shapes = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise RuntimeError(
            f"broadcast: {' and '.join(str(list(s)) for s in shapes)} do not broadcast: counted "
            "from the right, sizes must be equal or 1"
        ) from None


def broadcast_tensors(*tensors):
    """The tensors expanded to the one shape that they broadcast to; a tuple."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tensors[0]
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(expand(x, shape) for x in tensors)


# ---------------------------------------------------------------------------- the same again


@op
def clone(x):
    """A copy in memory of its own. Gradient: g."""
    return clone(x) if is_tensor(x) else x.copy(), lambda g: g


def contiguous(input):
    """Itself if its elements lie in memory in their order without gaps, else a copy that does."""
    return input if raw(input).flags.c_contiguous else clone(input)


@op
def astype(x, dtype):
    """x in another dtype. Gradient: g in x's dtype; None through an integer dtype.

    A Tensor's method for it is `x.to(dtype)`.
    """
    before = x.dtype
    return astype(x, dtype) if is_tensor(x) else x.astype(dtype), lambda g: astype(g, before)


# ---------------------------------------------------------------------------- NumPy's names


def np_squeeze(x, axis=None):
    if axis is not None and any(x.shape[i] != 1 for i in axes("squeeze", axis, len(x.shape))):
        raise ValueError(f"squeeze: an axis of {axis} of {list(x.shape)} has not size 1")
    return squeeze(x, axis)


def np_expand_dims(x, axis):
    ndim = len(x.shape) + (len(axis) if isinstance(axis, (tuple, list)) else 1)
    for i in sorted(axes("expand_dims", axis, ndim)):
        x = unsqueeze(x, i)
    return x


NUMPY.update({
    np.reshape: reshape, np.ravel: ravel, np.squeeze: np_squeeze, np.expand_dims: np_expand_dims,
    np.broadcast_to: expand, np.broadcast_arrays: broadcast_tensors, np.copy: clone,
    np.atleast_1d: atleast_1d, np.atleast_2d: atleast_2d, np.atleast_3d: atleast_3d,
})  # fmt: skip
