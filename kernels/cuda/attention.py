"""Attention on a GPU: `attention.cu` and `attention_backward.cu` on tensor cores (launched by
`tensor_attention.py`), and here their readable twin.

FlashAttention (Dao et al., 2022): the T x S scores exist a tile at a time. A block of SIDE x SIDE
threads owns SIDE queries and goes through the keys, SIDE by SIDE. Thread (row, column) computes one
score of the tile, and then every SIDE-th number of its query's result, which is kept in `out`
itself. When a larger score comes, what was summed up so far is scaled down.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda import tensor_attention as tensor
from kernels.cuda.launch import blocks, cuda, dense, device_per_dtype, launch, per_dtype, side
from kernels.reference import attention as reference
from kernels.reference import dropout

SIDE = side(16)

VARIANTS = {
    tensor.FORWARD: tensor.FORWARD_VARIANTS,
    tensor.BACKWARD: tensor.BACKWARD_VARIANTS,
}


def attention(
    q: Any, k: Any, v: Any, bias: Any = None, causal: bool = False, scale: float | None = None,
    p: float = 0.0, seed: int = 0, kept: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """lse is float32 for float16 and bfloat16: with 8 or 11 bits of it, backward would be wrong."""
    scale = reference.scale_of(q, scale)
    if source.compiled(q, *tensor.DTYPES) and tensor.fits(q, v):
        return tensor.forward(q, k, v, tensor.Options(bias, causal, scale, p, seed, kept))
    if q.itemsize == 2:  # Numba has no halves
        return reference.attention(q, k, v, bias, causal, scale, p, seed, kept)
    q, k, v = map(dense, (q, k, v))
    (b, h, t, _), dv = q.shape, v.shape[-1]
    out = np.zeros_like(q, shape=(b, h, t, dv))
    lse = np.empty_like(q, shape=(b, h, t))
    extras = bias_and_factors(q, k, bias, p, seed, kept)
    grid = (*blocks((t, SIDE)), h, b)
    launch(forward(q), grid, (SIDE, SIDE), q, k, v, *extras, causal, scale, out, lse)
    return out, lse


def attention_backward(
    g: Any, q: Any, k: Any, v: Any, out: Any, lse: Any, bias: Any = None, causal: bool = False,
    scale: float | None = None, p: float = 0.0, seed: int = 0, kept: Any = None,
    bias_grad: bool = False,
) -> tuple[Any, Any, Any, Any]:  # fmt: skip
    scale = reference.scale_of(q, scale)
    if source.compiled(q, *tensor.DTYPES) and tensor.fits(q, v, backward=True) and not bias_grad:
        options = tensor.Options(bias, causal, scale, p, seed, kept)
        return *tensor.backward(g, q, k, v, out, lse, options), None
    if q.itemsize == 2:
        options = bias, causal, scale, p, seed, kept, bias_grad
        return reference.attention_backward(g, q, k, v, out, lse, *options)
    g, q, k, v = map(dense, (g, q, k, v))
    (b, h, t, _), (_, hk, s, _) = q.shape, k.shape
    delta = (g * out).sum(axis=-1)
    extras = bias_and_factors(q, k, bias, p, seed, kept)
    # The gradient of the bias is that of the scores, summed over the axes it was broadcast along:
    # here alone all of them are in memory at once.
    dscores = np.zeros_like(q, shape=(b, h, t, s) if bias_grad else (1, 1, 1, 1))
    dq, dk, dv = np.zeros_like(q), np.zeros_like(k), np.zeros_like(v)
    inputs = g, q, k, v, *extras, causal, scale, lse, delta
    threads = (SIDE, SIDE)
    launch(grad_q(q), (*blocks((t, SIDE)), h, b), threads, *inputs, bias_grad, dscores, dq)
    launch(grad_kv(q), (*blocks((s, SIDE)), hk, b), threads, *inputs, dk, dv)
    dbias = None
    if bias_grad:
        axes = tuple(i for i, n in enumerate(bias.shape) if n == 1)
        dbias = dscores.sum(axis=axes, keepdims=True)
    return dq, dk, dv, dbias


def bias_and_factors(q: Any, k: Any, bias: Any, p: float, seed: int, kept: Any) -> tuple[Any, Any]:
    """What is added to the scores and what multiplies the weights, as arrays that broadcast."""
    shape = (*q.shape[:3], k.shape[2])
    nothing = np.zeros_like(q, shape=(1, 1, 1, 1))
    bias = nothing if bias is None else bias
    if p == 0:
        factors = nothing + 1
    else:
        kept = reference.kept_by(seed, p, np.broadcast_to(nothing, shape)) if kept is None else kept
        factors = np.where(kept, dropout.scale(p), 0).astype(q.dtype)
    return np.broadcast_to(bias, shape), np.broadcast_to(factors, shape)


# ---------------------------------------------------------------------------- Numba


@device_per_dtype
def product_of_rows(wide: Any) -> Any:
    def kernel(a, i, b, j):
        """a[i] . b[j], for the row i of this thread's row and the j of its column. Tiles of both
        come through shared memory, as in matmul.py; rows that are not there count as 0."""
        row, column = cuda.threadIdx.y, cuda.threadIdx.x
        tile_a = cuda.shared.array((SIDE, SIDE), wide)
        tile_b = cuda.shared.array((SIDE, SIDE), wide)
        mine = j - column + row  # the row of b that this thread copies from
        total = wide(0)
        for start in range(0, a.shape[1], SIDE):
            d = start + column
            tile_a[row, column] = a[i, d] if i < a.shape[0] and d < a.shape[1] else 0
            tile_b[row, column] = b[mine, d] if mine < b.shape[0] and d < b.shape[1] else 0
            cuda.syncthreads()
            for d in range(SIDE):
                total += tile_a[row, d] * tile_b[column, d]
            cuda.syncthreads()
        return total

    return kernel


@per_dtype
def forward(wide: Any) -> Any:
    product = product_of_rows(wide)

    def kernel(q, k, v, bias, factors, causal, scale, out, lse):
        row, column = cuda.threadIdx.y, cuda.threadIdx.x
        b, h = cuda.blockIdx.z, cuda.blockIdx.y
        hk = h // (q.shape[1] // k.shape[1])
        queries, keys = q.shape[2], k.shape[2]
        t = cuda.blockIdx.x * SIDE + row
        tile = cuda.shared.array((SIDE, SIDE), wide)  # scores, then weights
        largest, total = wide(-math.inf), wide(0)

        for start in range(0, keys, SIDE):
            s = start + column
            score = product(q[b, h], t, k[b, hk], s) * scale
            if t < queries and s < keys and not (causal and s > t):
                tile[row, column] = score + bias[b, h, t, s]
            else:
                tile[row, column] = -math.inf
            cuda.syncthreads()
            before = largest
            for j in range(SIDE):
                largest = max(largest, tile[row, j])
            cuda.syncthreads()  # every thread of the row has seen the scores
            # exp(score - largest), but 0 for -inf, also where there was nothing larger yet.
            score = tile[row, column]
            tile[row, column] = 0 if score == -math.inf else math.exp(score - largest)
            cuda.syncthreads()
            shrink = 0 if before == -math.inf else math.exp(before - largest)
            total *= shrink
            for j in range(SIDE):
                total += tile[row, j]
            if t < queries:
                for d in range(column, v.shape[3], SIDE):
                    result = out[b, h, t, d] * shrink
                    for j in range(min(SIDE, keys - start)):
                        w = tile[row, j] * factors[b, h, t, start + j]
                        result += w * v[b, hk, start + j, d]
                    out[b, h, t, d] = result
            cuda.syncthreads()

        if t < queries:  # a query that sees no key has the sum 0, and keeps its zeros
            if column == 0:
                lse[b, h, t] = -math.inf if total == 0 else largest + math.log(total)
            for d in range(column, v.shape[3], SIDE):
                if total != 0:
                    out[b, h, t, d] /= total

    return kernel


@cuda.jit(device=True)
def weight_of(score, lse):
    """exp(score - lse); of a query that sees no key, lse is -inf and the weights are 0."""
    return math.exp(score) if lse == -math.inf else math.exp(score - lse)


@per_dtype
def grad_q(wide: Any) -> Any:
    product = product_of_rows(wide)

    def kernel(g, q, k, v, bias, factors, causal, scale, lse, delta, bias_grad, dscores, dq):
        row, column = cuda.threadIdx.y, cuda.threadIdx.x
        b, h = cuda.blockIdx.z, cuda.blockIdx.y
        hk = h // (q.shape[1] // k.shape[1])
        queries, keys = q.shape[2], k.shape[2]
        t = cuda.blockIdx.x * SIDE + row
        slopes = cuda.shared.array((SIDE, SIDE), wide)  # gradients of the tile's scores

        for start in range(0, keys, SIDE):
            s = start + column
            score = product(q[b, h], t, k[b, hk], s) * scale
            dweight = product(g[b, h], t, v[b, hk], s)
            slopes[row, column] = 0
            if t < queries and s < keys and not (causal and s > t):
                w = weight_of(score + bias[b, h, t, s], lse[b, h, t])
                slopes[row, column] = w * (dweight * factors[b, h, t, s] - delta[b, h, t])
                if bias_grad:
                    dscores[b, h, t, s] = slopes[row, column]
            cuda.syncthreads()
            if t < queries:
                for d in range(column, q.shape[3], SIDE):
                    total = wide(0)
                    for j in range(min(SIDE, keys - start)):
                        total += slopes[row, j] * k[b, hk, start + j, d]
                    dq[b, h, t, d] += scale * total
            cuda.syncthreads()

    return kernel


@per_dtype
def grad_kv(wide: Any) -> Any:
    product = product_of_rows(wide)

    def kernel(g, q, k, v, bias, factors, causal, scale, lse, delta, dk, dv):
        """A thread's row is its key, its column its query."""
        row, column = cuda.threadIdx.y, cuda.threadIdx.x
        b, hk = cuda.blockIdx.z, cuda.blockIdx.y
        group = q.shape[1] // k.shape[1]
        queries, keys = q.shape[2], k.shape[2]
        s = cuda.blockIdx.x * SIDE + row
        weights = cuda.shared.array((SIDE, SIDE), wide)
        slopes = cuda.shared.array((SIDE, SIDE), wide)

        for h in range(hk * group, (hk + 1) * group):  # the query heads that share this key head
            for start in range(0, queries, SIDE):
                t = start + column
                score = product(k[b, hk], s, q[b, h], t) * scale
                dweight = product(v[b, hk], s, g[b, h], t)
                weights[row, column] = 0
                slopes[row, column] = 0
                if t < queries and s < keys and not (causal and s > t):
                    w = weight_of(score + bias[b, h, t, s], lse[b, h, t])
                    factor = factors[b, h, t, s]
                    weights[row, column] = w * factor
                    slopes[row, column] = w * (dweight * factor - delta[b, h, t])
                cuda.syncthreads()
                if s < keys:
                    for d in range(column, v.shape[3], SIDE):
                        total = wide(0)
                        for i in range(min(SIDE, queries - start)):
                            total += weights[row, i] * g[b, h, start + i, d]
                        dv[b, hk, s, d] += total
                    for d in range(column, q.shape[3], SIDE):
                        total = wide(0)
                        for i in range(min(SIDE, queries - start)):
                            total += slopes[row, i] * q[b, h, start + i, d]
                        dk[b, hk, s, d] += scale * total
                cuda.syncthreads()

    return kernel
