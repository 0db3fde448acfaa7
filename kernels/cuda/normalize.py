"""Layer norm and RMS norm on a GPU: `normalize.cu`, and here their readable twins.

A block of threads shares a row, as in softmax.py. RMS norm is layer norm without a mean.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import THREADS, block_sum, blocks, cuda, dense, launch, per_dtype

FILE = "normalize.cu"
VARIANTS = {
    FILE: [
        f"{name}<{t}, {rms}>"
        for name in ("norm", "norm_grad_x", "norm_grad_weight")
        for t in source.TYPES.values()
        for rms in ("false", "true")
    ]
}


def layer_norm(x: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    """mean and rstd are float32 for float16 and bfloat16."""
    return _forward(x, weight, bias, eps, rms=False)


def rms_norm(x: Any, weight: Any, eps: float) -> tuple[Any, Any]:
    y, _, rstd = _forward(x, weight, None, eps, rms=True)
    return y, rstd


def layer_norm_backward(g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> tuple[Any, Any, Any]:
    return _backward(g, x, weight, mean, rstd, rms=False)


def rms_norm_backward(g: Any, x: Any, weight: Any, rstd: Any) -> tuple[Any, Any]:
    return _backward(g, x, weight, rstd, rstd, rms=True)[:2]


def _forward(x: Any, weight: Any, bias: Any, eps: float, rms: bool) -> tuple[Any, Any, Any]:
    x = dense(x)
    rows, n = x.shape
    y = np.empty_like(x)
    if source.compiled(x):
        weight, bias = pointer(weight, x), pointer(bias, x)
        mean, rstd = (np.empty_like(x, shape=(rows,), dtype=source.wide(x)) for _ in range(2))
        arguments = x, weight, bias, y, mean, rstd, np.float64(eps), *source.sizes(rows, n)
        source.launch(FILE, name("norm", x, rms), *source.teams(rows, n), *arguments)
    else:
        mean, rstd = np.empty_like(x, shape=(rows,)), np.empty_like(x, shape=(rows,))
        weight, bias = or_all(1, weight, x), or_all(0, bias, x)
        launch(forward(x), (rows,), (THREADS,), x, weight, bias, y, mean, rstd, eps, rms)
    return y, mean, rstd


def _backward(g: Any, x: Any, weight: Any, mean: Any, rstd: Any, rms: bool) -> tuple:
    g, x, mean, rstd = map(dense, (g, x, mean, rstd))
    rows, n = x.shape
    dx = np.empty_like(x)
    if not source.compiled(x):
        dweight, dbias = np.empty_like(x, shape=(n,)), np.empty_like(x, shape=(n,))
        weight = or_all(1, weight, x)
        launch(grad_x(x), (rows,), (THREADS,), g, x, weight, mean, rstd, dx, rms)
        columns = blocks((n, THREADS))
        launch(grad_weight(x), columns, (THREADS,), g, x, mean, rstd, dweight, dbias, rms)
        return dx, dweight, dbias
    mean, rstd = (dense(a.astype(source.wide(x), copy=False)) for a in (mean, rstd))
    sizes = source.sizes(rows, n)
    arguments = g, x, pointer(weight, x), mean, rstd, dx, *sizes
    source.launch(FILE, name("norm_grad_x", x, rms), *source.teams(rows, n), *arguments)
    # The sums over rows are cut into parts, by the sizes alone: the same order each time.
    each = max(-(-rows // 128), 32)
    parts = -(-rows // each)
    sums = np.empty_like(x, shape=(2, parts, n), dtype=source.wide(x))
    arguments = g, x, mean, rstd, sums[0], sums[1], np.int32(each), *sizes
    grid = (*blocks((n, 32)), parts)
    source.launch(FILE, name("norm_grad_weight", x, rms), grid, (32, 8), *arguments)
    return dx, sums[0].sum(axis=0).astype(x.dtype), sums[1].sum(axis=0).astype(x.dtype)


def name(kernel: str, x: Any, rms: bool) -> str:
    return f"{kernel}<{source.c_type(x)}, {str(rms).lower()}>"


def pointer(weight: Any, x: Any) -> Any:
    return source.NULL if weight is None else dense(weight.astype(x.dtype, copy=False))


def or_all(number: int, weight: Any, x: Any) -> Any:
    return np.full_like(x, number, shape=x.shape[1:]) if weight is None else weight


# ---------------------------------------------------------------------------- Numba


@per_dtype
def forward(wide: Any) -> Any:
    def kernel(x, weight, bias, y, means, rstds, eps, rms):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        room = cuda.shared.array(THREADS, wide)
        n = x.shape[1]

        room[me] = 0
        if not rms:
            for i in range(me, n, THREADS):
                room[me] += x[row, i]
        mean = block_sum(room, me) / n

        room[me] = 0
        for i in range(me, n, THREADS):
            room[me] += (x[row, i] - mean) ** 2
        rstd = 1 / math.sqrt(block_sum(room, me) / n + eps)

        for i in range(me, n, THREADS):
            y[row, i] = (x[row, i] - mean) * rstd * weight[i] + bias[i]
        if me == 0:
            means[row] = mean
            rstds[row] = rstd

    return kernel


@per_dtype
def grad_x(wide: Any) -> Any:
    def kernel(g, x, weight, means, rstds, dx, rms):
        row, me = cuda.blockIdx.x, cuda.threadIdx.x
        room = cuda.shared.array(THREADS, wide)
        n = x.shape[1]
        mean = 0 if rms else means[row]
        rstd = rstds[row]

        room[me] = 0
        if not rms:
            for i in range(me, n, THREADS):
                room[me] += g[row, i] * weight[i]
        mean_h = block_sum(room, me) / n

        room[me] = 0
        for i in range(me, n, THREADS):
            room[me] += g[row, i] * weight[i] * ((x[row, i] - mean) * rstd)
        mean_hx = block_sum(room, me) / n

        for i in range(me, n, THREADS):
            x_hat = (x[row, i] - mean) * rstd
            dx[row, i] = (g[row, i] * weight[i] - mean_h - x_hat * mean_hx) * rstd

    return kernel


@per_dtype
def grad_weight(wide: Any) -> Any:
    def kernel(g, x, means, rstds, dweight, dbias, rms):
        """A thread a column: at each row, neighbouring threads read neighbouring numbers."""
        i = cuda.grid(1)
        if i < x.shape[1]:
            weight, bias = wide(0), wide(0)
            for row in range(x.shape[0]):
                mean = 0 if rms else means[row]
                weight += g[row, i] * ((x[row, i] - mean) * rstds[row])
                bias += g[row, i]
            dweight[i] = weight
            dbias[i] = bias

    return kernel
