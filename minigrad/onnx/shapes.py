"""Shapes: another form, other axes, joined, divided, repeated, padded; and parts of an array."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.onnx.table import translates

END = 2**31 - 1  # a place behind every end
PADS = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@translates("reshape", "flatten", "unflatten", "ravel", "squeeze", "unsqueeze")
def reshape(g: Any, x: Any, *options: Any) -> Any:
    """All that leaves the elements in their order: the result says the shape."""
    return g.node("Reshape", x, g.ints(*g.out.shape), allowzero=int(0 in g.out.shape) or None)


@translates("expand")
def expand(g: Any, x: Any, shape: Any) -> Any:
    return g.node("Expand", x, g.ints(*g.out.shape))


@translates("permute", "transpose", "swapaxes", "movedim", "t", "adjoint")
def permute(g: Any, x: Any, *dims: Any) -> Any:
    """Which axis goes where is read off an array with axes of different sizes."""
    probe = np.empty(tuple(range(1, len(x.shape) + 1)), np.bool_)
    return g.node("Transpose", x, perm=[n - 1 for n in g.op.fn(probe, *dims)[0].shape])


@translates("joined")
def joined(g: Any, dim: int, *xs: Any) -> Any:
    dtype = g.out.dtype
    return g.node(
        "Concat", *(x if x.dtype == dtype else ops.astype(x, dtype) for x in xs), axis=dim
    )


@translates("stacked")
def stacked(g: Any, dim: int, *xs: Any) -> Any:
    return ops.cat([ops.unsqueeze(x, dim) for x in xs], dim)


# ---------------------------------------------------------------------------- parts


def slices(g: Any, x: Any, parts: dict[int, slice]) -> Any:
    """x cut along the axes that are the keys."""
    cuts = {}
    for axis, part in parts.items():
        start, stop, step = part.indices(x.shape[axis])
        if (start, stop, step) != (0, x.shape[axis], 1):
            cuts[axis] = start, stop if stop >= 0 else -END, step
    if not cuts:
        return x
    starts, ends, steps = zip(*cuts.values(), strict=True)
    return g.node("Slice", x, g.ints(*starts), g.ints(*ends), g.ints(*cuts), g.ints(*steps))


def pieces(g: Any, x: Any, sizes: list[int], dim: int) -> list:
    if len(sizes) == 1:
        return [x]
    return g.node("Split", x, g.ints(*sizes), axis=dim, outputs=len(sizes))


@translates("split")
def split(g: Any, x: Any, size: Any, dim: int = 0) -> Any:
    n = x.shape[dim]
    sizes = [min(size, n - i) for i in range(0, n, size)] if isinstance(size, int) else list(size)
    return pieces(g, x, sizes, dim)


@translates("tensor_split")
def tensor_split(g: Any, x: Any, where: Any, dim: int = 0) -> Any:
    n = x.shape[dim]
    if isinstance(where, int):
        return pieces(g, x, [n // where + (i < n % where) for i in range(where)], dim)
    ends = [0, *map(int, where), None]
    dim %= len(x.shape)
    return [slices(g, x, {dim: slice(*part)}) for part in itertools.pairwise(ends)]


@translates("unbind")
def unbind(g: Any, x: Any, dim: int = 0) -> Any:
    parts = pieces(g, x, [1] * x.shape[dim], dim)
    return [g.node("Squeeze", part, g.ints(dim)) for part in parts]


@translates("select")
def select(g: Any, x: Any, dim: int, index: int) -> Any:
    return g.node("Gather", x, np.asarray(index, np.int64), axis=dim)


@translates("narrow")
def narrow(g: Any, x: Any, dim: int, start: int, length: int) -> Any:
    dim, start = dim % len(x.shape), start % max(x.shape[dim], 1)
    return slices(g, x, {dim: slice(start, start + length)})


@translates("flip")
def flip(g: Any, x: Any, dims: Any) -> Any:
    dims = dims if isinstance(dims, (tuple, list)) else (dims,)
    return slices(g, x, {d % len(x.shape): slice(None, None, -1) for d in dims})


@translates("diagonal", "rot90", "masked_select")
def picked(g: Any, x: Any, *options: Any) -> Any:
    """What only picks elements: where it picks them is found out, once for all inputs."""
    if g.depends(options):
        raise g.error(f"{g.op.name}: places or a mask that depend on the input (use where)")
    places = g.op.fn(np.arange(math.prod(x.shape)).reshape(x.shape), *options)[0]
    return g.node("Gather", ops.reshape(x, (-1,)), places)


@translates("tril")
def tril(g: Any, x: Any, diagonal: int = 0) -> Any:
    return g.node("Trilu", x, np.asarray(diagonal, np.int64), upper=0)


@translates("triu")
def triu(g: Any, x: Any, diagonal: int = 0) -> Any:
    return g.node("Trilu", x, np.asarray(diagonal, np.int64), upper=1)


# ---------------------------------------------------------------------------- more of it


@translates("repeat")
def repeat(g: Any, x: Any, sizes: Any) -> Any:
    lead = len(sizes) - len(x.shape)
    x = ops.reshape(x, (*[1] * lead, *x.shape)) if lead else x
    return g.node("Tile", x, g.ints(*sizes))


@translates("enlarge")
def enlarge(g: Any, x: Any, dim: int, times: int) -> Any:
    """Each element of an axis several times."""
    shape = x.shape
    wide = ops.expand(ops.unsqueeze(x, dim + 1), (*shape[: dim + 1], times, *shape[dim + 1 :]))
    return ops.reshape(wide, g.out.shape)


@translates("repeat_interleave")
def repeat_interleave(
    g: Any, x: Any, repeats: Any = None, dim: int | None = None, *, output_size: Any = None
) -> Any:
    if not isinstance(repeats, int):
        return picked(g, x, repeats, dim)
    x, dim = (ops.reshape(x, (-1,)), 0) if dim is None else (x, dim % len(x.shape))
    return enlarge(g, x, dim, repeats)


@translates("roll")
def roll(g: Any, x: Any, shifts: Any, dims: Any = None) -> Any:
    if dims is None:
        return ops.reshape(ops.roll(ops.reshape(x, (-1,)), shifts, 0), x.shape)
    if not isinstance(dims, int):
        for shift, dim in zip(shifts, dims, strict=True):
            x = ops.roll(x, shift, dim)
        return x
    n = x.shape[dims]
    at = n - int(shifts if isinstance(shifts, int) else shifts[0]) % max(n, 1)
    return ops.cat([ops.narrow(x, dims, at % n, n - at % n), ops.narrow(x, dims, 0, at % n)], dims)


@translates("pad")
def pad(g: Any, x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """PyTorch counts (before, after) from the last axis, ONNX all before and all after."""
    widths = [*map(int, pad), *[0] * (2 * len(x.shape) - len(pad))]
    before, after = widths[::2][::-1], widths[1::2][::-1]
    if min(widths) < 0:  # cut off first
        for i, (b, a) in enumerate(zip(before, after, strict=True)):
            x = ops.narrow(x, i, max(-b, 0), x.shape[i] + min(b, 0) + min(a, 0))
        return ops.pad(x, [max(0, int(w)) for w in pad], mode, value)
    fill = None if value is None else np.asarray(value, x.dtype)
    if x.dtype == np.bool_:  # which ONNX does not pad
        return ops.astype(ops.pad(ops.astype(x, np.dtype(np.int32)), pad, mode, value), x.dtype)
    return g.node("Pad", x, g.ints(*before, *after), fill, mode=PADS[mode])
