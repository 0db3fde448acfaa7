"""Elements in other places, or more than once: flip, roll, tile, repeat, sliding windows.

All of these copy.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.indexing import embed
from minigrad.ops.places import arange, at, axes, axis, integers, raw
from minigrad.ops.shape import clone

__all__ = [
    "flip", "fliplr", "flipud", "repeat", "repeat_interleave", "roll", "rot90", "tile", "unfold",
]  # fmt: skip


@op
def flip(x, dims):
    """The order reversed along `dims`. Gradient: reversed back."""
    ndim = len(x.shape)
    turned = axes("flip", dims, ndim)
    back = tuple(slice(None, None, -1 if d in turned else None) for d in range(ndim))
    return clone(x[back]), lambda g: flip(g, turned)


def fliplr(input):
    """flip along the second axis."""
    if len(input.shape) < 2:
        raise RuntimeError(f"fliplr: expected at least 2 axes, got shape {list(input.shape)}")
    return flip(input, (1,))


def flipud(input):
    """flip along the first axis."""
    if not input.shape:
        raise RuntimeError("flipud: expected at least one axis, got a 0-d tensor")
    return flip(input, (0,))


@op
def rot90(x, k=1, dims=(0, 1)):
    """Turned k times by 90 degrees, from the first of two axes towards the second.

    Gradient: turned back.
    """
    if len(dims) != 2 or len(x.shape) < 2:
        raise RuntimeError(
            f"rot90: expected 2 dims of a tensor with at least 2 axes, got dims {tuple(dims)} for "
            f"shape {list(x.shape)}"
        )
    dims = i, j = axes("rot90", dims, len(x.shape))
    y = rot90(x, k, dims) if is_tensor(x) else np.rot90(x, k, (i, j)).copy()
    return y, lambda g: rot90(g, -k, dims)


@op
def roll(x, shifts, dims=None):
    """Every element moved on by `shifts` along `dims`, round the end to the beginning.

    dims None: as if x were flat. Gradient: moved back.
    """
    shifts = tuple(shifts) if isinstance(shifts, (tuple, list)) else (shifts,)
    if dims is None or dims == ():
        if len(shifts) != 1:
            raise RuntimeError(f"roll: {len(shifts)} shifts, but no dims")
        dims, shifts = None, shifts[0]
        back = -shifts
    else:
        dims = dims if isinstance(dims, (tuple, list)) else (dims,)
        if len(dims) != len(shifts):
            raise RuntimeError(f"roll: {len(shifts)} shifts for {len(dims)} dims")
        if not x.shape:
            raise IndexError("roll: a 0-d tensor has no axis to roll along")
        dims = tuple(axis("roll", d, len(x.shape)) for d in dims)
        back = tuple(-s for s in shifts)
    y = roll(x, shifts, dims) if is_tensor(x) else np.roll(x, shifts, dims)
    return y, lambda g: roll(g, back, dims)


# ---------------------------------------------------------------------------- more than once


@op
def repeat(x, sizes):
    """x laid side by side sizes[d] times along axis d; more sizes than axes add axes in front.

    Gradient: the sum over the copies.
    """
    sizes = (sizes,) if isinstance(sizes, int) else tuple(int(n) for n in sizes)
    before = x.shape
    lead = len(sizes) - len(before)
    if lead < 0 or any(n < 0 for n in sizes):
        raise RuntimeError(
            f"repeat: expected a number >= 0 for each of the {len(before)} axes of shape "
            f"{list(before)}, got {list(sizes)}"
        )
    # (2, 3) twice and thrice: g as (2, 2, 3, 3), summed over the first and the third axis.
    split = tuple(m for pair in zip(sizes, (*(1,) * lead, *before), strict=True) for m in pair)
    copies = tuple(range(0, 2 * len(sizes), 2))
    y = repeat(x, sizes) if is_tensor(x) else np.tile(x, sizes)
    return y, lambda g: np.reshape(np.sum(np.reshape(g, split), axis=copies), before)


def tile(input, dims):
    """repeat, where fewer dims than axes are meant for the last axes."""
    dims = (dims,) if isinstance(dims, int) else tuple(dims)
    return repeat(input, (1,) * (len(input.shape) - len(dims)) + dims)


@op
def repeat_interleave(x, repeats=None, dim=None, *, output_size=None):
    """Each element (or slice along `dim`) `repeats` times in a row: a number, or one for each.

    dim None: of x flattened. With one argument: the index that repeats place i x[i] times.
    Gradient: the sum over the copies.
    """
    if repeats is None:
        counts = raw(x)
        checked_repeats(counts, counts.shape[0])
        return np.repeat(arange(counts.shape[0], counts), counts), None
    shape = x.shape
    flat = x if dim is not None and shape else np.reshape(x, (-1,))
    dim = axis("repeat_interleave", dim or 0, len(flat.shape))
    n = flat.shape[dim]
    counts = raw(repeats) if hasattr(repeats, "dtype") else integers(repeats, x)
    checked_repeats(counts, n)
    index = np.repeat(arange(n, x), np.broadcast_to(np.reshape(counts, (-1,)), (n,)))
    if output_size is not None and index.shape[0] != output_size:
        raise RuntimeError(
            f"repeat_interleave: output_size is {output_size}, but the repeats sum to "
            f"{index.shape[0]}"
        )
    part, before = at(dim, index), flat.shape
    return flat[part], lambda g: np.reshape(embed(g, part, before), shape)


def checked_repeats(counts, n):
    if counts.dtype.kind not in "iu" or math.prod(counts.shape) not in (1, n) or counts.ndim > 1:
        raise RuntimeError(
            f"repeat_interleave: expected an integer or {n} of them as repeats, got "
            f"{describe(counts)}"
        )
    if math.prod(counts.shape) and int(np.min(counts)) < 0:
        raise RuntimeError(f"repeat_interleave: repeats must be >= 0, got {int(np.min(counts))}")


@op
def unfold(x, dimension, size, step):
    """All windows of `size` elements along an axis, every `step`; the windows are a new last axis.

    (n,) becomes ((n - size) // step + 1, size). Gradient: every element the sum of g over the
    windows that it is in.
    """
    shape = x.shape
    flat = x if shape else np.reshape(x, (1,))
    dim = axis("unfold", dimension, len(shape))
    before = flat.shape
    if not 0 <= size <= before[dim] or step <= 0:
        raise RuntimeError(
            f"unfold: expected 0 <= size <= {before[dim]}, the size of axis {dim}, and step > 0; "
            f"got size {size}, step {step}"
        )
    count = (before[dim] - size) // step + 1
    index = np.reshape(arange(count, x) * step, (-1, 1)) + arange(size, x)
    part = at(dim, index)  # (..., count, size, ...)
    y = np.moveaxis(flat[part], dim + 1, -1)
    if not shape:
        y = np.reshape(y, (size,))
    inner = y.shape if shape else (count, size)
    return y, lambda g: np.reshape(
        embed(np.moveaxis(np.reshape(g, inner), -1, dim + 1), part, before), shape
    )


# ---------------------------------------------------------------------------- NumPy's names


def np_flip(m, axis=None):
    return flip(m, tuple(range(len(m.shape))) if axis is None else axis)


def np_roll(a, shift, axis=None):
    return roll(a, shift, axis)


def np_rot90(m, k=1, axes=(0, 1)):
    return rot90(m, k, axes)


def np_tile(A, reps):
    return tile(A, reps)


def np_repeat(a, repeats, axis=None):
    return repeat_interleave(a, repeats, axis)


NUMPY.update({
    np.flip: np_flip, np.fliplr: fliplr, np.flipud: flipud, np.roll: np_roll, np.rot90: np_rot90,
    np.tile: np_tile, np.repeat: np_repeat,
})  # fmt: skip
