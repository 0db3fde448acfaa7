"""Convolution: a matrix product whose right side is the padded image itself, read through tables.

    for each image:
        pad it (it stays in the second-level cache)
        for each ROWS filters:
            for each VECTORS vectors of places: the register tile, over channels and filter places

`conv_layout.py` has the tables; the gradient of the weights is in `conv_weight.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu import conv_layout
from kernels.cpu.conv_pad import pad
from kernels.cpu.conv_weight import conv_grad_bias, conv_grad_weight
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.runs import copy_run, weave_runs
from kernels.cpu.tile import ROWS, Bool, Int, tile, vectors_of
from kernels.cpu.vectors import lanes_of
from kernels.reference.conv import out_shape
from kernels.scratch import borrow, empty

__all__ = ["conv", "conv_grad_bias", "conv_grad_input", "conv_grad_weight"]


def conv(
    x: Any, weight: Any, bias: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> np.ndarray:
    """See `kernels/reference/conv.py`."""
    n, _, *spatial = x.shape
    filters, seen, *kernel = weight.shape
    out = out_shape(tuple(spatial), tuple(kernel), stride, padding, dilation)
    y = empty((n, filters, *out), x.dtype)
    if y.size == 0:
        return y
    image, places = conv_layout.forward(
        seen, tuple(spatial), tuple(kernel), stride, padding, dilation, out, lanes_of(x.dtype)
    )
    start = np.zeros(filters, x.dtype) if bias is None else dense(bias)
    _run(dense(x), dense(weight), start, y, image, places, seen, groups)
    return y


def conv_grad_input(
    g: Any, weight: Any, spatial: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> np.ndarray:
    """See `kernels/reference/conv.py`."""
    n, filters, *out = g.shape
    _, channels, *kernel = weight.shape
    gx = empty((n, channels * groups, *spatial), g.dtype)
    if gx.size == 0 or g.size == 0:
        gx[...] = 0
        return gx
    seen = filters // groups
    image, places, order = conv_layout.backward(
        seen, tuple(spatial), tuple(kernel), stride, padding, dilation, tuple(out),
        lanes_of(g.dtype),
    )  # fmt: skip
    # The filters of the transposed product: (channels, those that its places see).
    turned = weight.reshape(groups, seen, channels, -1).swapaxes(1, 2)
    turned = turned.reshape(groups * channels, -1).take(order, 1)
    nothing = np.zeros(channels * groups, g.dtype)
    _run(dense(g), turned, nothing, gx, image, places, seen, groups)
    return gx


def _run(x, weight, bias, y, image, places, channels, groups) -> None:
    """y, at `places`: channels is the number that each filter sees."""
    tasks = len(x) * groups
    filters = y.shape[1] // groups
    splits = 1 if tasks >= 2 * threads() else min(threads(), -(-filters // ROWS))
    parts = min(threads(), tasks * splits)
    lanes = lanes_of(x.dtype)
    with (
        borrow((parts, channels * image.channel + lanes), x.dtype) as images,
        borrow((parts, ROWS * places.buffer), x.dtype) as buffers,
    ):
        correlate[parts](
            x.reshape(-1), weight.reshape(-1), bias, y.reshape(-1), image, places, channels,
            filters, groups, tasks, splits, images, buffers,
        )  # fmt: skip


@parallel
def correlate(
    part, parts, x, weight, bias, y, image, places, channels, filters, groups, tasks, splits,
    images, buffers,
):  # fmt: skip
    """A part of the images and groups of filters."""
    padded, buffer = images[part], buffers[part]
    padded[:] = 0
    each = -(-filters // (splits * ROWS)) * ROWS
    source = channels * image.source[0] * image.source[1] * image.source[2]
    first, stop = bounds(part, parts, tasks * splits)
    for task in range(first, stop):
        which, split = task // splits, task % splits
        pad(x, which * source, channels, image, padded)
        group = which % groups
        for f in range(split * each, min(filters, (split + 1) * each), ROWS):
            some_filters(
                padded, weight, bias, group * filters + f, min(ROWS, filters - f), y,
                which * filters + f, places, buffer, image.width,
            )  # fmt: skip


@jit
def some_filters(padded, weight, bias, first, n_rows, y, channel, places, buffer, width):
    """Up to ROWS filters from `first` on: channels of the result, at all places."""
    size = places.full[0] * places.full[1] * places.full[2]
    for part in range(len(places.gaps)):
        out, at, apart = y, channel * size, size
        if places.gaps[part]:
            out, at, apart = buffer, 0, places.buffer
        row, k = places.first_row[part], places.first_row[part + 1] - places.first_row[part]
        v, stop = places.first_vector[part], places.first_vector[part + 1]
        while v < stop:
            n_vectors = vectors_of(stop - v)
            tile(
                n_rows, n_vectors, weight, first * len(places.rows) + row, len(places.rows),
                Int(1), padded, Int(0), places.rows, row, k, bias, first, out, at, apart,
                places.columns, places.targets, places.lanes, v, Bool(False),
            )  # fmt: skip
            v += n_vectors
    if places.buffer > 0:
        for i in range(n_rows):
            close_gaps(buffer, i * places.buffer, width, y, (channel + i) * size, places)


@jit
def close_gaps(buffer, at, width, y, at_y, places):
    """Copy one channel from the buffer to where its places are in the result."""
    part = Int(0)
    while part < len(places.gaps):
        woven = places.step[2] == 2 and neighbours(places, part)
        if places.gaps[part]:
            depth, height, length = places.shape[part]
            row = places.step[1] * places.full[2]
            for d in range(depth):
                to_d = places.start[part, 0] + d * places.step[0]
                target = at_y + (to_d * places.full[1] + places.start[part, 1]) * places.full[2]
                source = at + places.in_buffer[part] + d * height * width
                first = places.start[part, 2]
                if woven:
                    other = at + places.in_buffer[part + 1] + d * height * width
                    n_other = places.shape[part + 1, 2]
                    if first == 0:
                        weave_plane(
                            height, length, n_other, buffer, source, other, width, y, target, row
                        )
                    else:
                        weave_plane(
                            height, n_other, length, buffer, other, source, width, y, target, row
                        )
                else:
                    put_plane(
                        height, length, buffer, source, width, y, target + first, row,
                        places.step[2],
                    )  # fmt: skip
        part += 2 if woven else 1


@jit
def neighbours(places, part):
    """Whether the next part has the places between those of this one, in the same rows."""
    return (
        part + 1 < len(places.gaps)
        and places.start[part, 0] == places.start[part + 1, 0]
        and places.start[part, 1] == places.start[part + 1, 1]
    )


@jit
def weave_plane(height, n, n_odd, buffer, at, at_odd, width, y, target, row):
    """Rows of n numbers to every second place, and between them n_odd, as many or one less."""
    for h in range(height):
        weave_runs(n_odd, buffer, at + h * width, buffer, at_odd + h * width, y, target + h * row)
        if n > n_odd:
            y[target + h * row + 2 * n_odd] = buffer[at + h * width + n_odd]


@jit
def put_plane(height, length, buffer, at, width, y, target, row, step):
    """Rows of numbers to places that are `step` apart."""
    if step == 1:
        for h in range(height):
            copy_run(length, buffer, at + h * width, y, target + h * row)
    else:
        for h in range(height):
            for w in range(length):
                y[target + h * row + w * step] = buffer[at + h * width + w]
