"""Normalizations of rows: layer_norm and rms_norm; those of channels are in normalize_channels.py.

A row is read from memory once and then, from the nearest cache, once more for each thing that
must be known of all of it first: its mean, the spread around that, the sums that backward needs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cpu.jit import dense, threads
from kernels.cpu.normalize_channels import (
    batch_norm,
    batch_norm_backward,
    batch_norm_by,
    batch_norm_by_backward,
    group_norm,
    group_norm_backward,
    parameter,
)
from kernels.cpu.parallel import bounds, parallel
from kernels.scratch import borrow, empty

__all__ = [
    "batch_norm", "batch_norm_backward", "batch_norm_by", "batch_norm_by_backward", "group_norm",
    "group_norm_backward", "layer_norm", "layer_norm_backward", "rms_norm", "rms_norm_backward",
]  # fmt: skip


def layer_norm(
    x: Any, weight: Any, bias: Any, eps: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n, d = x.shape
    y, mean, rstd = (empty(shape, x.dtype) for shape in (x.shape, (n,), (n,)))
    weight, bias = parameter(weight, 1, d, x.dtype), parameter(bias, 0, d, x.dtype)
    layer_norm_rows[threads()](dense(x), weight, bias, eps, y, mean, rstd)
    return y, mean, rstd


def layer_norm_backward(
    g: Any, x: Any, weight: Any, mean: Any, rstd: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    d = x.shape[1]
    gx = empty(x.shape, x.dtype)
    weight = parameter(weight, 1, d, x.dtype)
    arrays = dense(g), dense(x), weight, dense(mean), dense(rstd)
    with borrow((parts_of(len(x)), 2, d), x.dtype) as sums:
        layer_norm_backward_rows[len(sums)](*arrays, gx, sums)
        gw, gb = sums.sum(axis=0)
    return gx, gw, gb


def rms_norm(x: Any, weight: Any, eps: float) -> tuple[np.ndarray, np.ndarray]:
    y, rstd = empty(x.shape, x.dtype), empty(x.shape[:1], x.dtype)
    weight = parameter(weight, 1, x.shape[1], x.dtype)
    rms_norm_rows[threads()](dense(x), weight, eps, y, rstd)
    return y, rstd


def rms_norm_backward(g: Any, x: Any, weight: Any, rstd: Any) -> tuple[np.ndarray, np.ndarray]:
    d = x.shape[1]
    gx = empty(x.shape, x.dtype)
    arrays = dense(g), dense(x), parameter(weight, 1, d, x.dtype), dense(rstd)
    with borrow((parts_of(len(x)), d), x.dtype) as sums:
        rms_norm_backward_rows[len(sums)](*arrays, gx, sums)
        gw = sums.sum(axis=0)
    return gx, gw


def parts_of(n: int) -> int:
    """Into how many parts n rows are divided that are summed: not a question of threads, so that
    the order of the sum is always the same."""
    return min(max(n // 8, 1), 32)


# ---------------------------------------------------------------------------- some of the rows


@parallel
def layer_norm_rows(part, parts, x, weight, bias, eps, y, mean, rstd):
    number, d = x.dtype.type, x.shape[1]
    first, last = bounds(part, parts, len(x))
    for i in range(first, last):
        total = number(0)
        for j in range(d):
            total += x[i, j]
        m = number(total / d)
        squares = number(0)
        for j in range(d):
            squares += (x[i, j] - m) ** 2
        r = number(1 / math.sqrt(squares / d + eps))
        for j in range(d):
            y[i, j] = (x[i, j] - m) * r * weight[j] + bias[j]
        mean[i], rstd[i] = m, r


@parallel
def layer_norm_backward_rows(part, parts, g, x, weight, mean, rstd, gx, sums):
    number, d = x.dtype.type, x.shape[1]
    first, last = bounds(part, parts, len(x))
    gw, gb = sums[part, 0], sums[part, 1]
    gw[:] = 0
    gb[:] = 0
    for i in range(first, last):
        m, r = mean[i], rstd[i]
        sum_h, sum_hx = number(0), number(0)
        for j in range(d):
            x_hat = (x[i, j] - m) * r
            h = g[i, j] * weight[j]
            sum_h += h
            sum_hx += h * x_hat
            gw[j] += g[i, j] * x_hat
            gb[j] += g[i, j]
        mean_h, slope = number(sum_h / d), number(sum_hx / d)
        for j in range(d):
            x_hat = (x[i, j] - m) * r
            gx[i, j] = (g[i, j] * weight[j] - mean_h - x_hat * slope) * r


@parallel
def rms_norm_rows(part, parts, x, weight, eps, y, rstd):
    number, d = x.dtype.type, x.shape[1]
    first, last = bounds(part, parts, len(x))
    for i in range(first, last):
        squares = number(0)
        for j in range(d):
            squares += x[i, j] ** 2
        r = number(1 / math.sqrt(squares / d + eps))
        for j in range(d):
            y[i, j] = x[i, j] * r * weight[j]
        rstd[i] = r


@parallel
def rms_norm_backward_rows(part, parts, g, x, weight, rstd, gx, sums):
    number, d = x.dtype.type, x.shape[1]
    first, last = bounds(part, parts, len(x))
    gw = sums[part]
    gw[:] = 0
    for i in range(first, last):
        r = rstd[i]
        sum_hx = number(0)
        for j in range(d):
            gx_hat = g[i, j] * (x[i, j] * r)
            sum_hx += gx_hat * weight[j]
            gw[j] += gx_hat
        slope = number(sum_hx / d)
        for j in range(d):
            gx[i, j] = (g[i, j] * weight[j] - x[i, j] * r * slope) * r
