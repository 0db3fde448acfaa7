"""Cross-entropy of logits and labels: the logits are read once forward, and once backward.

A row is read from memory when its largest element is looked for, and is in the cache when the
exponentials are added up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from kernels.cpu.elementary import exp
from kernels.cpu.jit import AS_WRITTEN, dense, jit, parallel, threads
from kernels.cpu.softmax import top_and_log_total


def cross_entropy(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    loss, lse = np.empty(len(logits), logits.dtype), np.empty(len(logits), logits.dtype)
    _cross_entropy(dense(logits), dense(labels, np.int64), loss, lse, threads())
    return loss, lse


def cross_entropy_backward(g: Any, logits: Any, labels: Any, lse: Any) -> np.ndarray:
    labels = dense(labels, np.int64)
    gx = np.empty(logits.shape, logits.dtype)
    _backward(dense(g), dense(logits), labels, dense(lse), gx, threads())
    return gx


@jit(fastmath=AS_WRITTEN)  # else the compiler may subtract the large numbers first
def cross_entropy_rows(logits, labels, loss, lse, first, last):
    for i in range(first, last):
        top, log_total = top_and_log_total(logits, i)
        lse[i] = top + log_total
        loss[i] = 0 if labels[i] < 0 else log_total - (logits[i, labels[i]] - top)


@jit
def backward_rows(g, logits, labels, lse, gx, first, last):
    for i in range(first, last):
        if labels[i] < 0:
            gx[i] = 0
            continue
        for j in range(logits.shape[1]):
            gx[i, j] = g[i] * exp(logits[i, j] - lse[i])
        gx[i, labels[i]] -= g[i]


@parallel
def _cross_entropy(logits, labels, loss, lse, parts):
    for p in prange(parts):
        first, last = len(loss) * p // parts, len(loss) * (p + 1) // parts
        cross_entropy_rows(logits, labels, loss, lse, first, last)


@parallel
def _backward(g, logits, labels, lse, gx, parts):
    for p in prange(parts):
        backward_rows(g, logits, labels, lse, gx, len(g) * p // parts, len(g) * (p + 1) // parts)
