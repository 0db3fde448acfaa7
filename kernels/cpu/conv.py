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
from numba import prange

from kernels.cpu import conv_layout
from kernels.cpu.conv_pad import pad
from kernels.cpu.conv_weight import conv_grad_bias, conv_grad_weight
from kernels.cpu.jit import dense, jit, parallel, threads
from kernels.cpu.tile import ROWS, VECTORS, tile
from kernels.cpu.vectors import copy_run, lanes_of
from kernels.reference.conv import out_shape
from kernels.scratch import borrow

__all__ = ["conv", "conv_grad_bias", "conv_grad_input", "conv_grad_weight"]


def conv(
    x: Any, weight: Any, bias: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> np.ndarray:
    """See `kernels/reference/conv.py`."""
    n, _, *spatial = x.shape
    filters, seen, *kernel = weight.shape
    out = out_shape(tuple(spatial), tuple(kernel), stride, padding, dilation)
    y = np.empty((n, filters, *out), x.dtype)
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
    gx = np.empty((n, channels * groups, *spatial), g.dtype)
    if gx.size == 0 or g.size == 0:
        gx[...] = 0
        return gx
    seen = filters // groups
    image, phases = conv_layout.backward(
        seen, tuple(spatial), tuple(kernel), stride, padding, dilation, tuple(out),
        lanes_of(g.dtype),
    )  # fmt: skip
    if any(len(used) == 0 for used, _ in phases):  # no filter reaches these
        gx[...] = 0
        phases = [phase for phase in phases if len(phase[0])]
    # The filters of the transposed product: (channels, filters, places of the phase).
    turned = weight.reshape(groups, seen, channels, -1).swapaxes(1, 2)
    nothing = np.zeros(channels * groups, g.dtype)
    g = dense(g)
    for used, places in phases:
        _run(g, dense(turned[..., used]), nothing, gx, image, places, seen, groups)
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
        _correlate(
            x.reshape(-1), weight.reshape(-1), bias, y.reshape(-1), image, places, channels,
            filters, groups, tasks, splits, images, buffers,
        )  # fmt: skip


@parallel
def _correlate(
    x, weight, bias, y, image, places, channels, filters, groups, tasks, splits, images, buffers
):
    for part in prange(len(images)):
        correlate_part(
            x, weight, bias, y, image, places, channels, filters, groups, tasks, splits,
            images[part], buffers[part], np.int64(part), len(images),
        )  # fmt: skip


@jit
def correlate_part(
    x, weight, bias, y, image, places, channels, filters, groups, tasks, splits, padded, buffer,
    part, parts,
):  # fmt: skip
    """Every `parts`-th image and group of filters."""
    padded[:] = 0
    each = -(-filters // (splits * ROWS)) * ROWS
    source = channels * image.source[0] * image.source[1] * image.source[2]
    for task in range(part, tasks * splits, parts):
        which, split = task // splits, task % splits
        pad(x, which * source, channels, image, padded)
        group = which % groups
        for f in range(split * each, min(filters, (split + 1) * each), ROWS):
            some_filters(
                padded, weight, (group * filters + f) * len(places.rows), bias,
                group * filters + f, min(ROWS, filters - f), y, which * filters + f, places, buffer,
                image.width,
            )  # fmt: skip


@jit
def some_filters(
    padded, weight, at_weight, bias, at_bias, n_rows, y, channel, places, buffer, width
):
    """Up to ROWS channels of the result, at all places."""
    k = len(places.rows)
    size = places.full[0] * places.full[1] * places.full[2]
    out, at, apart = (buffer, 0, places.buffer) if places.gaps else (y, channel * size, size)
    for v in range(0, len(places.lanes), VECTORS):
        tile(
            n_rows, min(VECTORS, len(places.lanes) - v), weight, at_weight, k, 1, padded, 0,
            places.rows, 0, k, bias, at_bias, out, at, apart, places.columns, places.targets,
            places.lanes, v, False,
        )  # fmt: skip
    if places.gaps:
        for i in range(n_rows):
            close_gaps(buffer, i * places.buffer, width, y, (channel + i) * size, places)


@jit
def close_gaps(buffer, at, width, y, at_y, places):
    """Copy one channel's places from the buffer to where they belong in the result."""
    for d in range(places.shape[0]):
        to_d = places.start[0] + d * places.step[0]
        for h in range(places.shape[1]):
            to_h = places.start[1] + h * places.step[1]
            source = at + (d * places.shape[1] + h) * width
            target = at_y + (to_d * places.full[1] + to_h) * places.full[2] + places.start[2]
            if places.step[2] == 1:
                copy_run(places.shape[2], buffer, source, y, target)
            else:
                for w in range(places.shape[2]):
                    y[target + w * places.step[2]] = buffer[source + w]
