"""Cross-entropy of logits and labels: the logits are read once forward, and once backward.

A row is read from memory when its largest element is looked for, and is in the cache when the
exponentials are added up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.elementary import exp
from kernels.cpu.jit import AS_WRITTEN, dense, threads
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.softmax import top_and_log_total
from kernels.scratch import empty


def cross_entropy(logits: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    loss, lse = (empty(logits.shape[:1], logits.dtype) for _ in range(2))
    cross_entropy_rows[threads()](dense(logits), dense(labels, np.int64), loss, lse)
    return loss, lse


def cross_entropy_backward(g: Any, logits: Any, labels: Any, lse: Any) -> np.ndarray:
    labels = dense(labels, np.int64)
    gx = empty(logits.shape, logits.dtype)
    backward_rows[threads()](dense(g), dense(logits), labels, dense(lse), gx)
    return gx


@parallel(fastmath=AS_WRITTEN)  # else the compiler may subtract the large numbers first
def cross_entropy_rows(part, parts, logits, labels, loss, lse):
    first, last = bounds(part, parts, len(loss))
    for i in range(first, last):
        top, log_total = top_and_log_total(logits, i)
        lse[i] = top + log_total
        loss[i] = 0 if labels[i] < 0 else log_total - (logits[i, labels[i]] - top)


@parallel
def backward_rows(part, parts, g, logits, labels, lse, gx):
    first, last = bounds(part, parts, len(g))
    for i in range(first, last):
        if labels[i] < 0:
            gx[i] = 0
            continue
        for j in range(logits.shape[1]):
            gx[i, j] = g[i] * exp(logits[i, j] - lse[i])
        gx[i, labels[i]] -= g[i]
