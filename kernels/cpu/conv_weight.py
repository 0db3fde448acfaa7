"""The gradient of a convolution's weights: again a matrix product with the padded image.

    gw[o, (k, c)] = sum over places p of g[o, p] * image[p + shift_k, c]

The image has its channels side by side here, so that vectors run along them; g is read where it
is. See `Columns` in `conv_layout.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cpu import conv_dots, conv_layout
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.runs import transpose_to
from kernels.cpu.tile import ROWS, VECTORS, Bool, Int, tile
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.scratch import borrow

# Partial sums, each over some of the images, are added at the end in this order. Their number does
# not depend on the number of threads, and so the result does not.
PARTIALS = 8


def conv_grad_weight(
    g: Any, x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> np.ndarray:
    """See `kernels/reference/conv.py`."""
    n, filters, *out = g.shape
    channels = x.shape[1] // groups
    shape = (filters, channels, *kernel)
    if g.size == 0 or math.prod(shape) == 0:
        return np.zeros(shape, g.dtype)
    options = (
        channels, tuple(x.shape[2:]), kernel, stride, padding, dilation, tuple(out),
        lanes_of(g.dtype),
    )  # fmt: skip
    partials = min(PARTIALS, n)
    if 2 * channels <= lanes_of(g.dtype):
        image, places = conv_layout.forward(*options)
        if conv_dots.lie_side_by_side(image, places):
            gw = conv_dots.grad_weight(g, x, image, places, channels, groups, partials)
            return gw.reshape(shape)
    columns = conv_layout.weights(*options)
    parts = min(threads(), partials * groups)
    terms = channels * len(columns.order)
    gw = np.zeros(shape, g.dtype)
    with (
        borrow((partials, filters, terms), g.dtype) as sums,
        borrow((parts, columns.size), g.dtype) as images,
    ):
        sum_products[parts](
            dense(g).reshape(-1), dense(x).reshape(-1), columns, channels, n, filters // groups,
            groups, images, sums.reshape(partials, -1),
        )  # fmt: skip
        add_partials[threads()](sums, columns.order, gw.reshape(filters, channels, -1))
    return gw


@parallel
def sum_products(part, parts, g, x, columns, channels, n, filters, groups, images, sums):
    for task in range(part, len(sums) * groups, parts):
        partial, group = task // groups, task % groups
        first, stop = bounds(partial, len(sums), n)
        one_partial(
            g, x, columns, channels, filters, groups, group, first, stop, images[part],
            sums[partial],
        )  # fmt: skip


@jit
def one_partial(g, x, columns, channels, filters, groups, group, first, stop, image, sums):
    """The sums over the images `first` to `stop`, of one group: its rows of `sums`."""
    begin = group * filters
    places, terms = len(columns.rows), channels * len(columns.order)
    nothing = np.zeros(ROWS, g.dtype)
    sums[begin * terms : (begin + filters) * terms] = 0
    image[:] = 0
    for i in range(first, stop):
        which = i * groups + group
        channels_last(x, which * channels * len(columns.pixels), channels, columns.pixels, image)
        at_g = which * filters * places
        for f in range(0, filters, ROWS):
            for v in range(0, len(columns.lanes), VECTORS):
                tile(
                    min(ROWS, filters - f), min(VECTORS, len(columns.lanes) - v), g,
                    at_g + f * places, places, Int(1), image, Int(0), columns.rows, Int(0), places,
                    nothing, Int(0), sums, (begin + f) * terms, terms, columns.columns,
                    columns.targets, columns.lanes, v, Bool(True),
                )  # fmt: skip


@jit
def channels_last(x, at, channels, pixels, image):
    """image[pixels[p] + c] = x[at + c * len(pixels) + p]: squares of it are turned at a time.

    The last square of a row or column overlaps the one before, so that there is no rest to copy.
    """
    n, lanes = len(pixels), lanes_in(x)
    if channels >= lanes and n >= lanes:
        for block in range(0, channels, lanes):
            c = min(block, channels - lanes)
            for start in range(0, n, lanes):
                p = min(start, n - lanes)
                transpose_to(x, at + c * n + p, n, image, c, pixels, p)
    else:
        for c in range(channels):
            for p in range(n):
                image[pixels[p] + c] = x[at + c * n + p]


@parallel
def add_partials(part, parts, sums, order, gw):
    first, last = bounds(part, parts, len(gw))
    for f in range(first, last):
        for p in range(len(sums)):
            for i in range(len(order)):
                for c in range(gw.shape[1]):
                    gw[f, c, order[i]] += sums[p, f, i * gw.shape[1] + c]


def conv_grad_bias(g: Any) -> np.ndarray:
    """See `kernels/reference/conv.py`."""
    gb = np.zeros(g.shape[1], g.dtype)
    if g.size:
        sum_channels[threads()](dense(g).reshape(*g.shape[:2], -1), gb)
    return gb


@parallel
def sum_channels(part, parts, g, gb):
    first, last = bounds(part, parts, len(gb))
    for f in range(first, last):
        for n in range(len(g)):
            of_image = g.dtype.type(0)
            for p in range(g.shape[2]):
                of_image += g[n, f, p]
            gb[f] += of_image
