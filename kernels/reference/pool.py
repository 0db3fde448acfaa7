"""Pooling: of every window of an image, its maximum or its mean.

x is (N, C, *S) with 1 to 3 spatial axes S. A window is a product of stretches, one an axis: output
o looks along that axis at

    pooling:            o * stride - padding + j * dilation,  0 <= j < kernel_size
    adaptive pooling:   floor(o * n / m), ..., ceil((o + 1) * n / m) - 1,   n sizes made m

of which those count that lie within x. With W outputs and K places in a window, every kernel here
does W * K comparisons or additions, and reads and writes each array once.

The indices of a maximum are places in the flattened plane x[n, c], as in PyTorch. Of equal
maxima the first counts; of NaN, which is larger than any number, the last.
"""

from __future__ import annotations

import functools
import importlib
import math
from typing import Any, NamedTuple

import numpy as np

# ---------------------------------------------------------------------------- windows


class Windows(NamedTuple):
    """The windows along one axis: output o looks at first[o], first[o] + step, ..., last[o]."""

    first: tuple[int, ...]
    last: tuple[int, ...]
    step: int
    size: tuple[int, ...]  # by how many an average over the window divides


Axes = tuple[Windows, ...]


@functools.lru_cache(256)
def windows(n: int, kernel: int, stride: int, padding: int, dilation: int, ceil: bool) -> Windows:
    """Those of an axis of size n, with sizes that count padding. ceil: one more, if it starts
    before the padding at the end."""
    span = dilation * (kernel - 1) + 1
    beyond = n + 2 * padding - span
    count = beyond // stride + 1
    if ceil and beyond % stride and count * stride < n + padding:
        count += 1
    if n < 1 or count < 1:
        raise RuntimeError(
            f"an axis of size {n} with padding {padding} on both sides has no room for a window of "
            f"{span}"
        )
    starts = [o * stride - padding for o in range(count)]
    first = tuple(s if s >= 0 else s % dilation for s in starts)
    last = tuple(s + (min(s + span, n) - 1 - s) // dilation * dilation for s in starts)
    if any(a > b for a, b in zip(first, last, strict=True)):
        raise RuntimeError(
            f"for an axis of size {n}, a window of {kernel} with dilation {dilation} and padding "
            f"{padding} lies in the padding alone"
        )
    return Windows(first, last, dilation, tuple(min(s + span, n + padding) - s for s in starts))


def max_windows(shape, kernel_size, stride, padding, dilation, ceil_mode) -> Axes:
    options = zip(shape, kernel_size, stride, padding, dilation, strict=True)
    return tuple(windows(*o, ceil_mode) for o in options)


def mean_windows(shape, kernel_size, stride, padding, ceil_mode, count_include_pad) -> Axes:
    options = zip(shape, kernel_size, stride, padding, strict=True)
    axes = [windows(*o, 1, ceil_mode) for o in options]
    return tuple(axis if count_include_pad else without_padding(axis) for axis in axes)


def without_padding(axis: Windows) -> Windows:
    size = tuple(b - a + 1 for a, b in zip(axis.first, axis.last, strict=True))
    return axis._replace(size=size)


def sharing(shape, output_size) -> Axes:
    """For adaptive pooling: windows that share out each axis into as many as output_size says."""
    return tuple(shares(n, m) for n, m in zip(shape, output_size, strict=True))


@functools.lru_cache(256)
def shares(n: int, m: int) -> Windows:
    if n < 1:
        raise RuntimeError("an axis of size 0 has nothing to pool")
    first = tuple(o * n // m for o in range(m))
    last = tuple(-(-(o + 1) * n // m) - 1 for o in range(m))
    return without_padding(Windows(first, last, 1, ()))


def places(axes: Axes, like: Any) -> tuple[tuple, Any]:
    """Every place of every window: an index for the spatial axes and whether it counts.

    Both have, or broadcast to, the shape (*outputs, *longest window). A window that is shorter than
    the longest repeats its last place, and there it does not count.
    """
    index, counts = [], True
    for d, axis in enumerate(axes):
        pairs = list(zip(axis.first, axis.last, strict=True))
        longest = max([(b - a) // axis.step + 1 for a, b in pairs], default=1)
        shape = [1] * (2 * len(axes))
        shape[d], shape[len(axes) + d] = len(pairs), longest
        reach = [[a + j * axis.step for j in range(longest)] for a, _ in pairs]
        cut = [[min(i, b) for i in row] for row, (_, b) in zip(reach, pairs, strict=True)]
        index.append(integers(cut, like).reshape(shape))
        counts = counts & (integers(reach, like) == integers(cut, like)).reshape(shape)
    return tuple(index), counts


def integers(values: Any, like: Any) -> Any:
    return np.array(values, dtype=np.int64, like=like)


def divisor(axes: Axes, like: Any) -> Any:
    """The sizes of the windows, as an array of the outputs' shape."""
    sizes = [
        integers(axis.size, like).reshape(
            [len(axis.size) if e == d else 1 for e in range(len(axes))]
        )
        for d, axis in enumerate(axes)
    ]
    return functools.reduce(np.multiply, sizes)


# ---------------------------------------------------------------------------- maxima


def max_pool(
    x: Any, kernel_size: tuple, stride: tuple, padding: tuple, dilation: tuple, ceil_mode: bool
) -> tuple[Any, Any]:
    """y = max over each window, and where it was: (N, C, *O) both, the indices int64.

    Every option has a number for each spatial axis.
    """
    axes = max_windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    return maxima(x, axes)


def adaptive_max_pool(x: Any, output_size: tuple) -> tuple[Any, Any]:
    """max_pool with windows that share out each spatial axis into as many as output_size says."""
    return maxima(x, sharing(x.shape[2:], output_size))


def maxima(x: Any, axes: Axes) -> tuple[Any, Any]:
    index, counts = places(axes, x)
    n = len(axes)
    outputs, window = counts.shape[:n], math.prod(counts.shape[n:])
    flat: Any = 0
    for size, along in zip(x.shape[2:], index, strict=True):
        flat = flat * size + along
    flat = flat.reshape((*outputs, window))
    seen = x[(..., *index)].reshape((*x.shape[:2], *outputs, window))
    best = np.argmax(seen, axis=-1)  # the first maximum, or the first NaN
    nan = seen != seen
    last_nan = window - 1 - np.argmax(nan[..., ::-1], axis=-1)
    best = np.expand_dims(np.where(nan.any(axis=-1), last_nan, best), -1)
    y = np.take_along_axis(seen, best, -1)
    indices = np.take_along_axis(np.broadcast_to(flat, seen.shape), best, -1)
    return y[..., 0], indices[..., 0]


def max_pool_backward(g: Any, indices: Any, spatial_shape: tuple) -> Any:
    """The gradient of x: g added at the indices into zeros of (N, C, *spatial_shape)."""
    n, c = g.shape[:2]
    gx = np.zeros_like(g, shape=(n * c, math.prod(spatial_shape)))
    rows = n * c, math.prod(g.shape[2:])
    plane = np.expand_dims(np.arange(n * c, like=g), 1)
    add_at(gx, (plane, indices.reshape(rows)), g.reshape(rows))
    return gx.reshape((n, c, *spatial_shape))


# ---------------------------------------------------------------------------- means


def avg_pool(
    x: Any,
    kernel_size: tuple,
    stride: tuple,
    padding: tuple,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    """y = (sum over each window) / (its size): (N, C, *O).

    The size counts the padding if count_include_pad; divisor_override, if given, takes its place.
    """
    axes = mean_windows(x.shape[2:], kernel_size, stride, padding, ceil_mode, count_include_pad)
    return means(x, axes, divisor_override)


def avg_pool_backward(
    g: Any,
    spatial_shape: tuple,
    kernel_size: tuple,
    stride: tuple,
    padding: tuple,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Any:
    """The gradient of x: g / (size of the window), added at each place of the window."""
    axes = mean_windows(spatial_shape, kernel_size, stride, padding, ceil_mode, count_include_pad)
    return shared_out(g, spatial_shape, axes, divisor_override)


def adaptive_avg_pool(x: Any, output_size: tuple) -> Any:
    """avg_pool with windows that share out each spatial axis into as many as output_size says."""
    return means(x, sharing(x.shape[2:], output_size), None)


def adaptive_avg_pool_backward(g: Any, spatial_shape: tuple) -> Any:
    """The gradient of x: g / (size of the window), added at each place of the window."""
    return shared_out(g, spatial_shape, sharing(spatial_shape, g.shape[2:]), None)


def means(x: Any, axes: Axes, divisor_override: int | None) -> Any:
    index, counts = places(axes, x)
    inside = tuple(range(-len(axes), 0))
    total = np.where(counts, x[(..., *index)], 0).sum(axis=inside, dtype=x.dtype)
    y = total / (divisor(axes, x) if divisor_override is None else divisor_override)
    return y.astype(x.dtype)


def shared_out(g: Any, spatial_shape: tuple, axes: Axes, divisor_override: int | None) -> Any:
    index, counts = places(axes, g)
    share = (g / (divisor(axes, g) if divisor_override is None else divisor_override)).astype(
        g.dtype
    )
    share = np.where(counts, share.reshape((*g.shape, *(1,) * len(axes))), 0)
    gx = np.zeros_like(g, shape=(*g.shape[:2], *spatial_shape))
    add_at(gx, (slice(None), slice(None), *index), share)
    return gx


def add_at(out: Any, index: tuple, values: Any) -> None:
    """out[index] += values, adding every time that a place is repeated."""
    if type(out).__module__.startswith("cupy"):  # it does not answer NumPy's np.add.at
        importlib.import_module("cupy").add.at(out, index, values)
    else:
        np.add.at(out, index, values)
