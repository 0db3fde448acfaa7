"""softmax and log_softmax on a GPU: `softmax.cu`, and here its readable twin.

A block of threads shares a row: each thread takes every THREADS-th number, and what they find is
combined in shared memory, in a tree: 128 numbers become 64, 32, ..., 1. On a GPU neighbouring
threads should read neighbouring numbers: 32 of them are then one access to memory.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import (
    THREADS,
    block_max,
    block_sum,
    cuda,
    dense,
    launch,
    per_dtype,
    rows_of,
)

FILE = "softmax.cu"
VARIANTS = {
    FILE: [
        f"{name}<{t}, {log}>"
        for name in ("softmax", "softmax_backward")
        for t in source.TYPES.values()
        for log in ("false", "true")
    ]
}


def softmax(x: Any) -> Any:
    return _forward(x, False)


def log_softmax(x: Any) -> Any:
    return _forward(x, True)


def softmax_backward(g: Any, y: Any) -> Any:
    return _backward(g, y, False)


def log_softmax_backward(g: Any, y: Any) -> Any:
    return _backward(g, y, True)


def _forward(x: Any, log: bool) -> Any:
    x = dense(x)
    y = np.empty_like(x)
    rows, n = rows_of(x)
    if source.compiled(x):
        name = f"softmax<{source.c_type(x)}, {str(log).lower()}>"
        source.launch(FILE, name, *source.teams(rows, n), x, y, *source.sizes(rows, n))
    else:
        launch(forward_rows(x), (rows,), (THREADS,), x.reshape(rows, n), y.reshape(rows, n), log)
    return y


def _backward(g: Any, y: Any, log: bool) -> Any:
    g, y = dense(g), dense(y)
    dx = np.empty_like(y)
    rows, n = rows_of(y)
    if source.compiled(y):
        name = f"softmax_backward<{source.c_type(y)}, {str(log).lower()}>"
        source.launch(FILE, name, *source.teams(rows, n), g, y, dx, *source.sizes(rows, n))
    else:
        rows_ = [a.reshape(rows, n) for a in (g, y, dx)]
        launch(backward_rows(y), (rows,), (THREADS,), *rows_, log)
    return dx


# ---------------------------------------------------------------------------- Numba


@per_dtype
def forward_rows(wide: Any) -> Any:
    def kernel(x, y, log):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        room = cuda.shared.array(THREADS, wide)
        n = x.shape[1]

        room[me] = -math.inf
        for i in range(me, n, THREADS):
            room[me] = max(room[me], x[row, i])
        largest = block_max(room, me)

        room[me] = 0
        for i in range(me, n, THREADS):
            room[me] += math.exp(x[row, i] - largest)
        total = block_sum(room, me)

        for i in range(me, n, THREADS):
            z = x[row, i] - largest
            y[row, i] = z - math.log(total) if log else math.exp(z) / total

    return kernel


@per_dtype
def backward_rows(wide: Any) -> Any:
    def kernel(g, y, dx, log):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        room = cuda.shared.array(THREADS, wide)
        n = y.shape[1]

        room[me] = 0
        for i in range(me, n, THREADS):
            room[me] += g[row, i] if log else g[row, i] * y[row, i]
        total = block_sum(room, me)

        for i in range(me, n, THREADS):
            if log:
                dx[row, i] = g[row, i] - math.exp(y[row, i]) * total
            else:
                dx[row, i] = y[row, i] * (g[row, i] - total)

    return kernel
