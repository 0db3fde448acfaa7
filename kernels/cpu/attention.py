"""Attention in tiles of the scores, which are never in memory as a whole.

A tile has a row for each of KEYS keys and a column for each of QUERIES queries: as queries lie side
by side in a vector, the softmax over the keys needs no maxima and sums across vectors. A tile is
the product of the keys, as they lie in memory, and a transposed block of the queries; it becomes
weights, is used, and is overwritten by the next one.

The softmax is computed while the scores arrive: with m the largest so far of a query's scores,
l = sum exp(score - m) and o = sum exp(score - m) v, each tile makes

    m' = max(m, its scores),   l' = exp(m - m') l + its own sum,   o' = exp(m - m') o + its own sum

and in the end out = o / l. Milakov and Gimelshein, "Online normalizer calculation for softmax",
2018; Dao et al., "FlashAttention", 2022; Dao, "FlashAttention-2", 2023.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels.cpu.attention_tiles as tiles
from kernels.cpu.attention_backward import attention_backward
from kernels.cpu.attention_tiles import CHUNK, FAR, KEYS, QUERIES, TILE, cut, place, row_of
from kernels.cpu.elementary import exp
from kernels.cpu.jit import jit, threads
from kernels.cpu.parallel import parallel
from kernels.cpu.runs import copy_run
from kernels.cpu.tile import ROWS
from kernels.scratch import borrow, empty

__all__ = ["attention", "attention_backward"]


def attention(
    q: Any, k: Any, v: Any, bias: Any = None, causal: bool = False, scale: float | None = None,
    p: float = 0.0, seed: int = 0, kept: Any = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """See `kernels/reference/attention.py`."""
    (b, h, t, _), (hk, s, wide) = q.shape, v.shape[1:]
    how = tiles.options(q, causal, scale, p, seed, kept)
    lse = empty((b, h, t), q.dtype)
    if lse.size == 0 or s == 0:
        lse[...] = -math.inf
        return np.zeros((b, h, t, wide), q.dtype), lse
    q, k, v = tiles.padded(q), tiles.padded(k, ROWS), tiles.padded(v, ROWS)
    d, dv = q.shape[3], v.shape[3]
    out = tiles.like(q, (b, h, t, dv))
    others = tiles.broadcast(bias, q.dtype), tiles.broadcast(kept, np.bool_)
    arrays, where = zip(*map(tiles.memory, (q, k, v, out)), *others, strict=True)
    workers = min(threads(), b * h * -(-t // QUERIES))
    with borrow((workers, QUERIES * (d + dv + 4) + 2 * TILE), q.dtype) as scratch:
        attend[workers](
            arrays, np.array(where), lse.reshape(-1), (b, h, hk, t, s, d, dv), how, scratch
        )  # fmt: skip
    return tiles.unpadded(out, t, wide), lse


@parallel
def attend(worker, workers, arrays, where, lse, sizes, how, scratch):
    """One block of queries after the other, those of one worker."""
    q, k, v, out, bias, kept = arrays
    at_q, at_k, at_v, at_out, at_bias, at_kept = where
    b, h, hk, t, s, d, dv = sizes
    causal, drops = how[0], how[2]
    scale = q.dtype.type(how[1])
    mine = scratch[worker]
    tile, mine = cut(mine, TILE)
    factors, mine = cut(mine, TILE)
    block, mine = cut(mine, QUERIES * d)
    o, mine = cut(mine, QUERIES * dv)
    m, mine = cut(mine, QUERIES)
    total, mine = cut(mine, QUERIES)
    shift, fade = cut(mine, QUERIES)
    tables = tiles.tables_for(q)

    blocks = -(-t // QUERIES)
    for task in range(worker, b * h * blocks, workers):
        head, which = divmod(task, blocks)
        if head % 2:  # so that no worker has the longer ones of all heads, if causal
            which = blocks - 1 - which
        i, j = divmod(head, h)
        jk, t0 = j // (h // hk), which * QUERIES
        n = min(QUERIES, t - t0)
        columns = -(-n // CHUNK) * CHUNK
        tiles.column_major(q, place(at_q, i, j, t0), at_q[2], n, columns, d, scale, block)
        for c in range(columns):
            m[c], total[c] = -np.inf, 0
        end = min(s, t0 + n) if causal else s
        for s0 in range(0, end, KEYS):
            keys = min(KEYS, end - s0)
            first = s0 - t0 if causal else -FAR
            at = place(at_k, i, jk, s0)
            tiles.scores(tile, keys, columns, d, k, at, at_k[2], block, tables, first)
            if bias.size:
                at = place(at_bias, i, j, t0) + s0 * at_bias[3]
                tiles.add_bias(tile, keys, n, bias, at, at_bias[2], at_bias[3])
            tiles.hide(tile, keys, columns, first, -np.inf)
            online_softmax(tile, keys, columns, first, m, total, shift, fade)
            if drops:
                at, width = place(at_kept, i, j, t0) + s0 * at_kept[3], blocks * QUERIES
                tiles.dropout_factors(
                    factors, keys, n, how, (head * s + s0) * width + t0, width,
                    kept, at, at_kept[2], at_kept[3],
                )  # fmt: skip
                for x in range(keys * QUERIES):
                    tile[x] *= factors[x]
            if s0 > 0:
                multiply_rows(o, n, dv, fade)
            at = place(at_v, i, jk, s0)
            tiles.sum_over_keys(o, n, dv, tile, keys, v, at, at_v[2], s0 > 0, tables, first)
        for c in range(n):
            lse[head * t + t0 + c] = shift[c] + math.log(total[c]) if total[c] != 0 else -np.inf
            fade[c] = 1 / total[c] if total[c] != 0 else 0
        multiply_rows(o, n, dv, fade)
        for c in range(n):
            copy_run(dv, o, c * dv, out, place(at_out, i, j, t0 + c))


@jit
def multiply_rows(x, n, d, factors):
    """The n rows of x, d numbers each, times one factor each."""
    for c in range(n):
        if factors[c] != 1:
            row = x[c * d : (c + 1) * d]
            for y in range(d):
                row[y] *= factors[c]


@jit
def online_softmax(tile, keys, columns, first, m, total, shift, fade):
    """Scores to exp(score - shift), where shift is m, or 0 if all scores so far are -inf.

    fade: what the sums so far are to be multiplied by; the total has been.
    """
    for c in range(columns):
        shift[c] = m[c]
    for j in range(keys):
        start, row = row_of(tile, j, columns, first)
        for c in range(len(row)):
            shift[start + c] = row[c] if row[c] > shift[start + c] else shift[start + c]
    nothing = tile.dtype.type(0)
    for c in range(columns):
        top = shift[c]
        shift[c] = top if top > -np.inf else nothing
        fade[c] = exp(m[c] - shift[c])
        total[c] *= fade[c]
        m[c] = top
    for j in range(keys):
        start, row = row_of(tile, j, columns, first)
        for c in range(len(row)):
            row[c] = exp(row[c] - shift[start + c])
            total[start + c] += row[c]
