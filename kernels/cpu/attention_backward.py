"""The gradients of attention: its tiles of weights are computed again, from `lse`.

With it, exp(score - lse) is the weight at once, and of the forward pass nothing else is kept but
the result. Five products a tile: the scores, the gradients of the weights, and sums for dv, dk, dq.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import kernels.cpu.attention_tiles as tiles
from kernels.cpu.attention_tiles import CHUNK, FAR, KEYS, QUERIES, TILE, cut, place, row_of
from kernels.cpu.elementary import exp
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import parallel
from kernels.cpu.runs import copy_run
from kernels.cpu.tile import ROWS
from kernels.scratch import borrow

TASKS = 16  # that the work is cut into at the least, if there are fewer key heads


def attention_backward(
    g: Any, q: Any, k: Any, v: Any, out: Any, lse: Any, bias: Any = None, causal: bool = False,
    scale: float | None = None, p: float = 0.0, seed: int = 0, kept: Any = None,
    bias_grad: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]:  # fmt: skip
    """See `kernels/reference/attention.py`. The gradient of a bias takes B H T S numbers here."""
    (b, h, t, narrow), (hk, s, wide) = q.shape, v.shape[1:]
    if lse.size == 0 or s == 0:
        zeros = tuple(np.zeros_like(x) for x in (q, k, v))
        return *zeros, np.zeros_like(bias) if bias_grad else None
    how = tiles.options(q, causal, scale, p, seed, kept)
    g, q, out = tiles.padded(g), tiles.padded(q), tiles.padded(out)
    k, v = tiles.padded(k, ROWS), tiles.padded(v, ROWS)
    d, dv = q.shape[3], v.shape[3]
    # Key heads are the tasks; if there are few, also parts of the queries, with sums of their own.
    # How many does not depend on the threads, because the sums are rounded.
    parts = min(-(-TASKS // (b * hk)), h // hk * -(-t // QUERIES))
    dq = tiles.like(q, q.shape)
    dk, dv_ = (tiles.like(x, (parts * b, *x.shape[1:]), np.zeros) for x in (k, v))
    dscores = np.zeros((b, h, t, s) if bias_grad else 0, q.dtype)
    others = tiles.broadcast(bias, q.dtype), tiles.broadcast(kept, np.bool_)
    arrays, where = zip(
        *map(tiles.memory, (g, q, k, v, out, dq, dk, dv_)), *others, strict=True
    )  # fmt: skip
    workers = min(threads(), b * hk * parts)
    with borrow((workers, QUERIES * (2 * d + dv + 2) + 3 * TILE), q.dtype) as scratch:
        attend_backward[workers](
            arrays, np.array(where), dense(lse).reshape(-1), dscores.reshape(-1),
            (b, h, hk, t, s, d, dv, parts), how, scratch,
        )  # fmt: skip
    if parts > 1:
        dk, dv_ = (x.reshape(parts, b, *x.shape[1:]).sum(axis=0) for x in (dk, dv_))
    dbias = None
    if bias_grad:
        dbias = dscores.sum(axis=tuple(i for i in range(4) if bias.shape[i] == 1), keepdims=True)
    return (
        tiles.unpadded(dq, t, narrow), tiles.unpadded(dk, s, narrow),
        tiles.unpadded(dv_, s, wide), dbias,
    )  # fmt: skip


@parallel
def attend_backward(worker, workers, arrays, where, lse, dscores, sizes, how, scratch):
    """One task after the other, those of one worker: a part of the queries that a key head serves.

    dk and dv begin as zeros.
    """
    g, q, k, v, out, dq, dk, dv, bias, kept = arrays
    at_g, at_q, at_k, at_v, at_out, at_dq, at_dk, at_dv, at_bias, at_kept = where
    b, h, hk, t, s, d, wide, parts = sizes
    causal, drops = how[0], how[2]
    one, scale = q.dtype.type(1), q.dtype.type(how[1])
    mine = scratch[worker]
    weights, mine = cut(mine, TILE)
    dweights, mine = cut(mine, TILE)
    factors, mine = cut(mine, TILE)
    block_q, mine = cut(mine, QUERIES * d)
    block_g, mine = cut(mine, QUERIES * wide)
    sum_q, mine = cut(mine, QUERIES * d)
    shift, delta = cut(mine, QUERIES)
    tables = tiles.tables_for(q)

    blocks, group = -(-t // QUERIES), h // hk
    for task in range(worker, b * hk * parts, workers):
        key_head, part = divmod(task, parts)
        i, jk = divmod(key_head, hk)
        to = part * b + i
        for unit in range(part, group * blocks, parts):
            j, which = divmod(unit, blocks)
            j, t0 = j + jk * group, which * QUERIES
            n = min(QUERIES, t - t0)
            columns = -(-n // CHUNK) * CHUNK
            here_q, here_g = place(at_q, i, j, t0), place(at_g, i, j, t0)
            tiles.column_major(q, here_q, at_q[2], n, columns, d, scale, block_q)
            tiles.column_major(g, here_g, at_g[2], n, columns, wide, one, block_g)
            row_constants(
                lse, (i * h + j) * t + t0, g, here_g, at_g[2], out, place(at_out, i, j, t0),
                at_out[2], n, wide, shift, delta,
            )  # fmt: skip
            end = min(s, t0 + columns) if causal else s
            for s0 in range(0, end, KEYS):
                keys = min(KEYS, end - s0)
                first = s0 - t0 if causal else -FAR
                here_k, here_v = place(at_k, i, jk, s0), place(at_v, i, jk, s0)
                tiles.scores(weights, keys, columns, d, k, here_k, at_k[2], block_q, tables, first)
                tiles.scores(
                    dweights, keys, columns, wide, v, here_v, at_v[2], block_g, tables, first
                )
                if bias.size:
                    at = place(at_bias, i, j, t0) + s0 * at_bias[3]
                    tiles.add_bias(weights, keys, n, bias, at, at_bias[2], at_bias[3])
                softmax_again(weights, keys, columns, first, shift)
                dropped = weights
                if drops:
                    at, width = place(at_kept, i, j, t0) + s0 * at_kept[3], blocks * QUERIES
                    tiles.dropout_factors(
                        factors, keys, n, how, ((i * h + j) * s + s0) * width + t0, width,
                        kept, at, at_kept[2], at_kept[3],
                    )  # fmt: skip
                    for x in range(keys * QUERIES):
                        dweights[x] *= factors[x]
                        factors[x] *= weights[x]
                    dropped = factors
                softmax_pullback(dweights, weights, keys, columns, first, delta)
                if dscores.size:
                    at = ((i * h + j) * t + t0) * s + s0
                    keep_scores(dscores, at, s, dweights, keys, n, first)
                tiles.sum_over_queries(
                    dv, place(at_dv, to, jk, s0), at_dv[2], keys, wide, dropped, n, g, here_g,
                    at_g[2], tables, first,
                )  # fmt: skip
                tiles.sum_over_queries(
                    dk, place(at_dk, to, jk, s0), at_dk[2], keys, d, dweights, n, q, here_q,
                    at_q[2], tables, first,
                )  # fmt: skip
                tiles.sum_over_keys(
                    sum_q, n, d, dweights, keys, k, here_k, at_k[2], s0 > 0, tables, first
                )
            for x in range(n * d):
                sum_q[x] *= scale
            for c in range(n):
                copy_run(d, sum_q, c * d, dq, place(at_dq, i, j, t0 + c))
        for x in range(s):
            at = place(at_dk, to, jk, x)
            row = dk[at : at + d]
            for y in range(d):
                row[y] *= scale


@jit
def row_constants(
    lse, at_lse, g, at_g, row_g, out, at_out, row_out, n, wide, shift, delta
):  # fmt: skip
    """For each query of a block its lse, or 0 where that is -inf, and g . out."""
    for c in range(QUERIES):
        shift[c] = delta[c] = 0
    for c in range(n):
        if lse[at_lse + c] != -np.inf:
            shift[c] = lse[at_lse + c]
        of_g, of_out = at_g + c * row_g, at_out + c * row_out
        a, b = g[of_g : of_g + wide], out[of_out : of_out + wide]
        dot = delta[c]
        for x in range(wide):
            dot += a[x] * b[x]
        delta[c] = dot


@jit
def softmax_again(tile, keys, columns, first, lse):
    """Scores to weights."""
    for j in range(keys):
        start, row = row_of(tile, j, columns, first)
        for c in range(len(row)):
            row[c] = exp(row[c] - lse[start + c])
    tiles.hide(tile, keys, columns, first, 0.0)


@jit
def softmax_pullback(gradient, weights, keys, columns, first, delta):
    """The gradient of the weights to that of the scores, in place."""
    for j in range(keys):
        start, row = row_of(gradient, j, columns, first)
        _, by = row_of(weights, j, columns, first)
        for c in range(len(row)):
            row[c] = by[c] * (row[c] - delta[start + c])
    tiles.hide(gradient, keys, columns, first, 0.0)


@jit
def keep_scores(dscores, at, row, tile, keys, n, first):
    """Write the gradients of a tile's scores to dscores[at + query * row + key]."""
    for j in range(keys):
        for c in range(tiles.first_column(j, first), n):
            dscores[at + c * row + j] = tile[j * QUERIES + c]
