"""softmax and log_softmax over the last axis: a few passes over a row while it is in the cache."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cpu.elementary import exp, larger, log
from kernels.cpu.jit import AS_WRITTEN, dense, jit, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.scratch import empty


def softmax(x: Any) -> np.ndarray:
    y = empty(x.shape, x.dtype)
    softmax_rows[threads()](rows(x), rows(y))
    return y


def softmax_backward(g: Any, y: Any) -> np.ndarray:
    gx = empty(y.shape, y.dtype)
    softmax_backward_rows[threads()](rows(g), rows(y), rows(gx))
    return gx


def log_softmax(x: Any) -> np.ndarray:
    y = empty(x.shape, x.dtype)
    log_softmax_rows[threads()](rows(x), rows(y))
    return y


def log_softmax_backward(g: Any, y: Any) -> np.ndarray:
    gx = empty(y.shape, y.dtype)
    log_softmax_backward_rows[threads()](rows(g), rows(y), rows(gx))
    return gx


def rows(x: Any) -> np.ndarray:
    """x as (number of rows, length of a row)."""
    return dense(x).reshape(math.prod(x.shape[:-1]), x.shape[-1])


# ---------------------------------------------------------------------------- some of the rows


@jit
def largest(x, i):
    top = x.dtype.type(-np.inf)
    for j in range(x.shape[1]):
        top = larger(top, x[i, j])
    return top


@parallel
def softmax_rows(part, parts, x, y):
    first, last = bounds(part, parts, len(x))
    for i in range(first, last):
        top = largest(x, i)
        total = x.dtype.type(0)
        for j in range(x.shape[1]):
            y[i, j] = exp(x[i, j] - top)
            total += y[i, j]
        scale = x.dtype.type(1) / total
        for j in range(x.shape[1]):
            y[i, j] *= scale


@parallel
def softmax_backward_rows(part, parts, g, y, gx):
    first, last = bounds(part, parts, len(g))
    for i in range(first, last):
        dot = g.dtype.type(0)
        for j in range(g.shape[1]):
            dot += g[i, j] * y[i, j]
        for j in range(g.shape[1]):
            gx[i, j] = (g[i, j] - dot) * y[i, j]


@jit
def top_and_log_total(x, i):
    """The largest x of a row, and log(sum(exp(x - largest)))."""
    top = largest(x, i)
    total = x.dtype.type(0)
    for j in range(x.shape[1]):
        total += exp(x[i, j] - top)
    return top, log(total)


@parallel(fastmath=AS_WRITTEN)  # else the compiler may take top + log_total away, which is rounded
def log_softmax_rows(part, parts, x, y):
    first, last = bounds(part, parts, len(x))
    for i in range(first, last):
        top, log_total = top_and_log_total(x, i)
        for j in range(x.shape[1]):
            y[i, j] = (x[i, j] - top) - log_total


@parallel
def log_softmax_backward_rows(part, parts, g, y, gx):
    first, last = bounds(part, parts, len(g))
    for i in range(first, last):
        total = g.dtype.type(0)
        for j in range(g.shape[1]):
            total += g[i, j]
        for j in range(g.shape[1]):
            gx[i, j] = g[i, j] - exp(y[i, j]) * total
