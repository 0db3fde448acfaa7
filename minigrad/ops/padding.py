"""Padding: more elements at the ends of the axes, constant or made of those that are there."""

from __future__ import annotations

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.indexing import embed
from minigrad.ops.places import integers

__all__ = ["pad"]


@op
def pad(x, pad, mode="constant", value=None):
    """x with its last axes made longer at both ends.

    pad: (before, after) of the last axis, then of the one before it, and so on, as in PyTorch;
    negative numbers cut off. mode "constant" fills with `value` (0); "reflect" mirrors about the
    border element (c b | a b c | b a), "replicate" repeats it (a a | a b c | c c), "circular"
    goes round (b c | a b c | a b). Gradient: g cut back; what was copied into the padding adds up.

    >>> import minigrad as mg
    >>> mg.ops.pad(mg.tensor([[1, 2, 3]]), (2, 1), "reflect")
    tensor([[3, 2, 1, 2, 3, 2]])
    """
    widths, shape = widths_of(x, pad, mode, value), x.shape
    if mode == "constant":
        value = 0 if value is None else value
        back = tuple(-int(n) for n in pad)
        y = pad_op(x, pad, mode, value) if is_tensor(x) else filled(x, widths, value)
        return y, lambda g: pad_op(g, back)
    padded = [axis for axis, pair in enumerate(widths) if pair != (0, 0)]
    # The axes between are indexed too: around a slice NumPy would put what is indexed in front.
    indexed = range(padded[0], padded[-1] + 1) if padded else ()
    index = tuple(
        SOURCES[mode](n, before, after, axis) if axis in indexed else slice(None)
        for axis, (n, (before, after)) in enumerate(zip(shape, widths, strict=True))
    )
    index = open_grid(index, x)
    return x[index], lambda g: embed(g, index, shape)


pad_op = pad  # within `pad`, its argument has that name


def widths_of(x, pad, mode, value):
    """(before, after) for every axis from the first, checked."""
    ndim, pad = len(x.shape), [int(n) for n in pad]
    if mode not in ("constant", *SOURCES):
        raise NotImplementedError(
            f"pad: mode must be constant, reflect, replicate or circular, got {mode!r}"
        )
    if len(pad) % 2:
        raise RuntimeError(f"pad: expected pairs (before, after), got {len(pad)} numbers")
    if len(pad) > 2 * ndim:
        raise RuntimeError(f"pad: {len(pad)} numbers are too many for {ndim} axes, shape {x.shape}")
    if mode != "constant":
        if value is not None:
            raise RuntimeError(f"pad: mode {mode!r} takes no value, got {value}")
        if len(pad) not in (2, 4, 6) or ndim - len(pad) // 2 not in (1, 2):
            raise NotImplementedError(
                f"pad: mode {mode!r} pads the last 1, 2 or 3 axes and leaves 1 or 2 before them; "
                f"got {len(pad)} numbers for a tensor of {ndim} axes"
            )
    pairs = list(zip(pad[::2], pad[1::2], strict=True))
    widths = [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]
    for axis, (n, (before, after)) in enumerate(zip(x.shape, widths, strict=True)):
        if n + before + after < 0:
            raise RuntimeError(
                f"pad: ({before}, {after}) cuts more off axis {axis} than its {n} elements"
            )
    return widths


def filled(x, widths, value):
    shape = tuple(n + before + after for n, (before, after) in zip(x.shape, widths, strict=True))
    y = np.full_like(x, value, shape=shape)
    y[tuple(inside(before, after) for before, after in widths)] = x[
        tuple(inside(-before, -after) for before, after in widths)
    ]
    return y


def inside(before, after):
    """What is left within padding of these widths; all of it for widths that cut off."""
    return slice(max(before, 0), -after if after > 0 else None)


def reflect(n, before, after, axis):
    if max(before, after) >= n:
        raise RuntimeError(
            f"pad: reflecting needs padding smaller than the axis, got ({before}, {after}) for "
            f"axis {axis} of size {n}"
        )
    places = np.abs(np.arange(-before, n + after))
    return np.where(places >= n, 2 * (n - 1) - places, places)


def replicate(n, before, after, axis):
    if n == 0:
        raise RuntimeError(f"pad: axis {axis} is empty, there is nothing to replicate")
    return np.clip(np.arange(-before, n + after), 0, n - 1)


def circular(n, before, after, axis):
    start = max(-before, 0)
    left = n - start - max(-after, 0)  # what negative padding leaves is what goes round
    if max(before, after) > left:
        raise RuntimeError(
            f"pad: circular padding goes round once at most, got ({before}, {after}) for axis "
            f"{axis} of size {n}"
        )
    return start + np.arange(-max(before, 0), left + max(after, 0)) % max(left, 1)


SOURCES = {"reflect": reflect, "replicate": replicate, "circular": circular}


def open_grid(index, like):
    """The places along several axes as arrays that broadcast against each other."""
    arrays = [d for d, part in enumerate(index) if not isinstance(part, slice)]
    parts = list(index)
    for k, d in enumerate(arrays):
        places = integers(parts[d].tolist(), like)
        parts[d] = np.reshape(places, [-1 if e == k else 1 for e in range(len(arrays))])
    return tuple(parts)


# ---------------------------------------------------------------------------- NumPy's name


def np_pad(array, pad_width, mode="constant", *, constant_values=0):
    if mode != "constant":
        raise TypeError("np.pad of a Tensor: only mode='constant'; use minigrad's pad for others")
    pairs = np.broadcast_to(pad_width, (len(array.shape), 2))
    return pad(array, pairs[::-1].reshape(-1).tolist(), "constant", constant_values)


NUMPY.update({np.pad: np_pad})
