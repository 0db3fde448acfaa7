"""batch_norm of (N, C), and of any (N, C, S) with a small S: the sums run down the columns.

Where only a few numbers of a channel stand side by side, a loop over them is no work for a vector
unit. So the inner loop goes along the samples' rows, over a strip of columns c * S + k, with a sum
for each column; the S columns of a channel are added up at the end.
"""

from __future__ import annotations

import math

import numpy as np

from kernels.cpu.jit import jit
from kernels.cpu.parallel import bounds, parallel

STRIP = 128  # columns: so few that a strip of some thousand samples stays in the cache


@jit
def per_channel(columns, s, divisor, out, first):
    """out[first], ... = the sums of s columns each, divided."""
    for c in range(len(columns) // s):
        total = 0.0
        for k in range(s):
            total += columns[c * s + k]
        out[first + c] = total / divisor


@jit
def per_column(channels, first, last, s):
    """The number of its channel for each column."""
    columns = np.empty((last - first) * s, channels.dtype)
    for j in range(len(columns)):
        columns[j] = channels[first + j // s]
    return columns


@jit
def forward_strip(x, weight, bias, mean, var, eps, own, y, first, last):
    n, c, s = x.shape
    rows, out = x.reshape(n, c * s), y.reshape(n, c * s)
    start, end, width, count = first * s, last * s, (last - first) * s, n * s
    if own:
        sums = np.zeros(width, x.dtype)
        for i in range(n):
            row = rows[i, start:end]
            for j in range(width):
                sums[j] += row[j]
        per_channel(sums, s, count, mean, first)
        centre = per_column(mean, first, last, s)
        squares = np.zeros(width, x.dtype)
        for i in range(n):
            row = rows[i, start:end]
            for j in range(width):
                squares[j] += (row[j] - centre[j]) ** 2
        per_channel(squares, s, count, var, first)
    centre = per_column(mean, first, last, s)
    scale, shift = per_column(weight, first, last, s), per_column(bias, first, last, s)
    for j in range(width):
        scale[j] /= math.sqrt(var[first + j // s] + eps)
    for i in range(n):
        row, to = rows[i, start:end], out[i, start:end]
        for j in range(width):
            to[j] = (row[j] - centre[j]) * scale[j] + shift[j]


@jit
def backward_strip(g, x, weight, mean, var, eps, own, gx, gw, gb, first, last):
    n, c, s = x.shape
    rows, rows_g, out = x.reshape(n, c * s), g.reshape(n, c * s), gx.reshape(n, c * s)
    start, end, width, count = first * s, last * s, (last - first) * s, n * s
    centre = per_column(mean, first, last, s)
    sum_gx, sum_g = np.zeros(width, x.dtype), np.zeros(width, x.dtype)
    for i in range(n):
        row, row_g = rows[i, start:end], rows_g[i, start:end]
        for j in range(width):
            sum_gx[j] += row_g[j] * (row[j] - centre[j])
            sum_g[j] += row_g[j]
    per_channel(sum_gx, s, 1, gw, first)
    per_channel(sum_g, s, 1, gb, first)

    # gx = (g - mean(g) - (x - mean) * rstd**2 * mean(g * (x - mean))) * rstd * weight
    scale = per_column(weight, first, last, s)
    slope, mean_g = per_column(gw, first, last, s), per_column(gb, first, last, s)
    for j in range(width):
        variance = var[first + j // s] + eps
        scale[j] /= math.sqrt(variance)
        slope[j] /= variance * count
        mean_g[j] /= count
    for i in range(n):
        row, row_g, to = rows[i, start:end], rows_g[i, start:end], out[i, start:end]
        if own:
            for j in range(width):
                to[j] = (row_g[j] - mean_g[j] - (row[j] - centre[j]) * slope[j]) * scale[j]
        else:
            for j in range(width):
                to[j] = row_g[j] * scale[j]
    for k in range(first, last):
        gw[k] /= math.sqrt(var[k] + eps)


@parallel
def forward(part, parts, x, weight, bias, mean, var, eps, own, y):
    first, last = bounds(part, parts, len(mean))
    step = max(1, STRIP // x.shape[2])
    for c in range(first, last, step):
        forward_strip(x, weight, bias, mean, var, eps, own, y, c, min(c + step, last))


@parallel
def backward(part, parts, g, x, weight, mean, var, eps, own, gx, gw, gb):
    first, last = bounds(part, parts, len(mean))
    step = max(1, STRIP // x.shape[2])
    for c in range(first, last, step):
        end = min(c + step, last)
        backward_strip(g, x, weight, mean, var, eps, own, gx, gw, gb, c, end)
