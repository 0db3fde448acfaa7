"""Normalizations of channels: batch_norm and group_norm, of x (N, C, S).

Both normalize boxes, some samples by some channels: for batch_norm a box is one channel of all
samples, for group_norm a few channels of one sample. A box is worked on by one thread from
beginning to end, so that only its first reading comes from memory, as long as it fits the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cpu import normalize_columns
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.scratch import empty

FEW = 16  # numbers of a channel side by side: fewer are a task for normalize_columns


def parameter(p: Any, neutral: float, n: int, dtype: Any) -> np.ndarray:
    """A weight or a bias; n times the number that changes nothing, if it is None."""
    return np.full(n, neutral, dtype) if p is None else dense(p, dtype)


def group_norm(
    x: Any, groups: int, weight: Any, bias: Any, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, c, _ = x.shape
    y, mean, rstd = (empty(shape, x.dtype) for shape in (x.shape, (n, groups), (n, groups)))
    weight, bias = parameter(weight, 1, c, x.dtype), parameter(bias, 0, c, x.dtype)
    group_norm_groups[threads()](dense(x), weight, bias, eps, y, mean, rstd)
    return y, mean, rstd


def group_norm_backward(
    g: Any, x: Any, weight: Any, mean: Any, rstd: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    gx, gw, gb = (empty(shape, x.dtype) for shape in (x.shape, x.shape[:2], x.shape[:2]))
    weight = parameter(weight, 1, x.shape[1], x.dtype)
    arrays = dense(g), dense(x), weight, dense(mean), dense(rstd)
    group_norm_backward_groups[threads()](*arrays, gx, gw, gb)
    return gx, gw.sum(axis=0), gb.sum(axis=0)


def batch_norm(
    x: Any, weight: Any, bias: Any, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    mean, var = np.empty(x.shape[1], x.dtype), np.empty(x.shape[1], x.dtype)
    return _batch_norm(x, weight, bias, mean, var, eps, True), mean, var


def batch_norm_by(x: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float) -> np.ndarray:
    mean, var = dense(mean, x.dtype), dense(var, x.dtype)
    return _batch_norm(x, weight, bias, mean, var, eps, False)


def _batch_norm(x, weight, bias, mean, var, eps, own):
    c = x.shape[1]
    y = empty(x.shape, x.dtype)
    weight, bias = parameter(weight, 1, c, x.dtype), parameter(bias, 0, c, x.dtype)
    run = normalize_columns.forward if x.size and x.shape[2] < FEW else batch_norm_channels
    run[threads()](dense(x), weight, bias, mean, var, eps, own, y)
    return y


def batch_norm_backward(
    g: Any, x: Any, weight: Any, mean: Any, var: Any, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _batch_norm_backward(g, x, weight, mean, var, eps, True)


def batch_norm_by_backward(
    g: Any, x: Any, weight: Any, mean: Any, var: Any, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return _batch_norm_backward(g, x, weight, mean, var, eps, False)


def _batch_norm_backward(g, x, weight, mean, var, eps, own):
    c = x.shape[1]
    gx, gw, gb = (empty(shape, x.dtype) for shape in (x.shape, (c,), (c,)))
    weight = parameter(weight, 1, c, x.dtype)
    arrays = dense(g), dense(x), weight, dense(mean, x.dtype), dense(var, x.dtype)
    few = x.size and x.shape[2] < FEW
    run = normalize_columns.backward if few else batch_norm_backward_channels
    run[threads()](*arrays, eps, own, gx, gw, gb)
    return gx, gw, gb


# ---------------------------------------------------------------------------- one box or channel


@jit
def moments(x, n0, n1, c0, c1):
    """Mean and variance. First the mean: a mean of squares less a square would cancel."""
    number, s = x.dtype.type, x.shape[2]
    count = (n1 - n0) * (c1 - c0) * s
    total = 0.0  # in float64: sums of many sums
    for n in range(n0, n1):
        for c in range(c0, c1):
            part = number(0)
            for k in range(s):
                part += x[n, c, k]
            total += part
    mean = number(total / count)
    squares = 0.0
    for n in range(n0, n1):
        for c in range(c0, c1):
            part = number(0)
            for k in range(s):
                part += (x[n, c, k] - mean) ** 2
            squares += part
    return mean, squares / count


@jit
def normalize(x, w, b, mean, rstd, y, n0, n1, c):
    scale = w * rstd
    for n in range(n0, n1):
        for k in range(x.shape[2]):
            y[n, c, k] = (x[n, c, k] - mean) * scale + b


@jit
def sums(g, x, mean, rstd, n0, n1, c):
    """The gradients of the weight and the bias: the sums of g * x_hat and of g."""
    number = x.dtype.type
    sum_gx, sum_g = 0.0, 0.0
    for n in range(n0, n1):
        part_gx, part_g = number(0), number(0)
        for k in range(x.shape[2]):
            part_gx += g[n, c, k] * ((x[n, c, k] - mean) * rstd)
            part_g += g[n, c, k]
        sum_gx += part_gx
        sum_g += part_g
    return sum_gx, sum_g


@jit
def gradient(g, x, w, mean, rstd, slope, mean_h, gx, n0, n1, c):
    for n in range(n0, n1):
        for k in range(x.shape[2]):
            x_hat = (x[n, c, k] - mean) * rstd
            gx[n, c, k] = (g[n, c, k] * w - mean_h - x_hat * slope) * rstd


# ---------------------------------------------------------------------------- some of the boxes


@parallel
def batch_norm_channels(part, parts, x, weight, bias, mean, var, eps, own, y):
    number, n = x.dtype.type, len(x)
    first, last = bounds(part, parts, len(mean))
    for c in range(first, last):
        if own:
            mean[c], var[c] = moments(x, 0, n, c, c + 1)
        rstd = number(1 / math.sqrt(var[c] + eps))
        normalize(x, weight[c], bias[c], mean[c], rstd, y, 0, n, c)


@parallel
def batch_norm_backward_channels(part, parts, g, x, weight, mean, var, eps, own, gx, gw, gb):
    number = x.dtype.type
    first, last = bounds(part, parts, len(mean))
    n, _, s = x.shape
    for c in range(first, last):
        w, m, rstd = weight[c], mean[c], number(1 / math.sqrt(var[c] + eps))
        gw[c], gb[c] = sums(g, x, m, rstd, 0, n, c)
        if own:
            slope, mean_h = number(w * gw[c] / (n * s)), number(w * gb[c] / (n * s))
            gradient(g, x, w, m, rstd, slope, mean_h, gx, 0, n, c)
        else:
            for i in range(n):
                for k in range(s):
                    gx[i, c, k] = g[i, c, k] * (w * rstd)


@parallel
def group_norm_groups(part, parts, x, weight, bias, eps, y, mean, rstd):
    number, groups = x.dtype.type, mean.shape[1]
    first, last = bounds(part, parts, mean.size)
    width = x.shape[1] // groups
    for i in range(first, last):
        n, q = i // groups, i % groups
        m, var = moments(x, n, n + 1, q * width, (q + 1) * width)
        r = number(1 / math.sqrt(var + eps))
        for c in range(q * width, (q + 1) * width):
            normalize(x, weight[c], bias[c], m, r, y, n, n + 1, c)
        mean[n, q], rstd[n, q] = m, r


@parallel
def group_norm_backward_groups(part, parts, g, x, weight, mean, rstd, gx, gw, gb):
    """gw and gb (N, C): of each sample, to be added up."""
    number, groups = x.dtype.type, mean.shape[1]
    first, last = bounds(part, parts, mean.size)
    width = x.shape[1] // groups
    count = width * x.shape[2]
    for i in range(first, last):
        n, q = i // groups, i % groups
        m, r = mean[n, q], rstd[n, q]
        sum_hx, sum_h = 0.0, 0.0
        for c in range(q * width, (q + 1) * width):
            gw[n, c], gb[n, c] = sums(g, x, m, r, n, n + 1, c)
            sum_hx += weight[c] * gw[n, c]
            sum_h += weight[c] * gb[n, c]
        slope, mean_h = number(sum_hx / count), number(sum_h / count)
        for c in range(q * width, (q + 1) * width):
            gradient(g, x, weight[c], m, r, slope, mean_h, gx, n, n + 1, c)
