"""Cross-entropy of logits and labels on a GPU: `cross_entropy.cu`, and here its readable twin.

A block of threads shares a row, as in softmax.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import THREADS, block_max, block_sum, cuda, dense, launch, per_dtype

FILE = "cross_entropy.cu"
VARIANTS = {
    FILE: [
        f"{name}<{t}>"
        for name in ("cross_entropy", "cross_entropy_backward")
        for t in source.TYPES.values()
    ]
}


def cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """lse is float32 for float16 and bfloat16, whose 8 or 11 bits would not do for backward."""
    logits, labels = dense(logits), dense(labels.astype(np.int64, copy=False))
    rows, n = logits.shape
    loss = np.empty_like(logits, shape=(rows,))
    if source.compiled(logits):
        lse = np.empty_like(logits, shape=(rows,), dtype=source.wide(logits))
        name, sizes = f"cross_entropy<{source.c_type(logits)}>", source.sizes(rows, n)
        source.launch(FILE, name, *source.teams(rows, n), logits, labels, loss, lse, *sizes)
    else:
        lse = np.empty_like(loss)
        launch(forward(logits), (rows,), (THREADS,), logits, labels, loss, lse)
    return loss, lse


def cross_entropy_backward(g: Any, logits: Any, labels: Any, lse: Any) -> Any:
    logits, labels = dense(logits), dense(labels.astype(np.int64, copy=False))
    g = dense(g)
    rows, n = logits.shape
    dlogits = np.empty_like(logits)
    if source.compiled(logits):
        lse = dense(lse.astype(source.wide(logits), copy=False))
        name, sizes = f"cross_entropy_backward<{source.c_type(logits)}>", source.sizes(rows, n)
        source.launch(FILE, name, *source.teams(rows, n), g, logits, labels, lse, dlogits, *sizes)
    else:
        launch(backward(logits), (rows,), (THREADS,), g, logits, labels, lse, dlogits)
    return dlogits


# ---------------------------------------------------------------------------- Numba


@per_dtype
def forward(wide: Any) -> Any:
    def kernel(logits, labels, loss, lse):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        room = cuda.shared.array(THREADS, wide)

        room[me] = -math.inf
        for i in range(me, logits.shape[1], THREADS):
            room[me] = max(room[me], logits[row, i])
        largest = block_max(room, me)

        room[me] = 0
        for i in range(me, logits.shape[1], THREADS):
            room[me] += math.exp(logits[row, i] - largest)
        log_total = math.log(block_sum(room, me))

        if me == 0:
            label = labels[row]
            loss[row] = 0 if label < 0 else log_total - (logits[row, label] - largest)
            lse[row] = largest + log_total

    return kernel


@per_dtype
def backward(wide: Any) -> Any:
    def kernel(g, logits, labels, lse, dlogits):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        label = labels[row]
        for i in range(me, logits.shape[1], THREADS):
            p = math.exp(logits[row, i] - lse[row])
            if i == label:
                p -= 1
            dlogits[row, i] = 0 if label < 0 else g[row] * p

    return kernel
