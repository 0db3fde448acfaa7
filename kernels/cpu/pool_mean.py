"""The mean of every window."""

from __future__ import annotations

import functools
import math

import numpy as np

from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.pool_windows import CHUNKS, FEW, outputs, planes, table
from kernels.reference import pool as reference
from kernels.scratch import borrow, empty


@functools.lru_cache(16)
def sums_forward(shape, axes):
    """table, but what does not count is at the place behind the plane, where a 0 is."""
    place, counts = table(shape, axes)
    return np.where(counts, place, np.uint32(math.prod(shape)))


@functools.lru_cache(16)
def sums_backward(shape, axes):
    """The other way round: [k, i], the k-th output that has place i in its window."""
    place, counts = table(shape, axes)
    output = np.broadcast_to(np.arange(place.shape[1], dtype=np.uint32), place.shape)[counts]
    place = place[counts]
    order = np.argsort(place, kind="stable")
    place, output = place[order], output[order]
    often = np.bincount(place, minlength=math.prod(shape))
    rank = np.arange(len(place)) - (np.cumsum(often) - often)[place]
    found = np.full((often.max(initial=1), len(often)), math.prod(outputs(axes)), np.uint32)
    found[rank, place] = output
    return found


@functools.lru_cache(16)
def divisors(axes, divisor_override, dtype):
    size = reference.divisor(axes, np.empty(0)) if divisor_override is None else divisor_override
    return np.broadcast_to(size, outputs(axes)).astype(dtype).reshape(-1)


@parallel
def sum_of_planes(part, parts, x, place, size, backward, room, y):
    """y = (sum of x at the places) / size; or backward, the sum of x / size at the places."""
    begin, end = bounds(part, parts, len(x))
    n, padded = x.shape[1], room[part]
    padded[n] = 0
    for p in range(begin, end):
        for i in range(n):
            padded[i] = x[p, i]
        if backward:
            for i in range(n):
                padded[i] /= size[i]
        if y.shape[1] == 1 and len(place) == n:  # the window is the whole plane
            total = padded[n]
            for i in range(n):
                total += padded[i]
            y[p, 0] = total
        elif len(place) == 1 or y.shape[1] >= FEW:
            for o in range(y.shape[1]):
                y[p, o] = padded[place[0, o]]
            for k in range(1, len(place)):
                for o in range(y.shape[1]):
                    y[p, o] += padded[place[k, o]]
        else:
            for o in range(y.shape[1]):
                total = padded[n]
                for k in range(len(place)):
                    total += padded[place[k, o]]
                y[p, o] = total
        if not backward:
            for o in range(y.shape[1]):
                y[p, o] /= size[o]


def sums(x, place, size, backward, y):
    if y.size:
        with borrow((CHUNKS, math.prod(x.shape[2:]) + 1), x.dtype) as room:
            sum_of_planes[CHUNKS](planes(x), place, size, backward, room, planes(y))
    return y


def avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    axes = reference.mean_windows(
        x.shape[2:], kernel_size, stride, padding, ceil_mode, count_include_pad
    )
    return means(x, axes, divisor_override)


def avg_pool_backward(
    g, spatial_shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
):
    axes = reference.mean_windows(
        spatial_shape, kernel_size, stride, padding, ceil_mode, count_include_pad
    )
    return shared_out(g, spatial_shape, axes, divisor_override)


def adaptive_avg_pool(x, output_size):
    return means(x, reference.sharing(x.shape[2:], output_size), None)


def adaptive_avg_pool_backward(g, spatial_shape):
    return shared_out(g, spatial_shape, reference.sharing(spatial_shape, g.shape[2:]), None)


def means(x, axes, divisor_override):
    y = empty((*x.shape[:2], *outputs(axes)), x.dtype)
    size = divisors(axes, divisor_override, x.dtype)
    return sums(x, sums_forward(x.shape[2:], axes), size, False, y)


def shared_out(g, spatial_shape, axes, divisor_override):
    gx = empty((*g.shape[:2], *spatial_shape), g.dtype)
    size = divisors(axes, divisor_override, g.dtype)
    return sums(g, sums_backward(spatial_shape, axes), size, True, gx)
