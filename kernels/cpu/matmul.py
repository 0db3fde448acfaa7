"""The matrix product: B packed in panels, the register tile, rows shared out among threads.

    for each panel of B, VECTORS vectors wide (it stays in the second-level cache):
        for each ROWS rows of A (they stay in the first-level cache):
            the register tile, over all k

Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008; Van Zee and van
de Geijn, "BLIS", 2015. How one gets there step by step, each step measured: `kernels/README.md`
and `kernels/cpu/matmul_steps.py`.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numba import prange

from kernels.cpu.jit import dense, jit, parallel, threads
from kernels.cpu.tile import ROWS, VECTORS, tile
from kernels.cpu.vectors import copy_run, lanes_in, lanes_of, transpose
from kernels.scratch import borrow

# Rows of B in a panel at a time, in bytes of one column: a panel of float32 and 48 columns takes
# half of a second-level cache of 1 MB.
DEPTH = 8192
# Lines of memory that are this far apart, in bytes, compete for the same few places in the cache.
CONFLICT = 4096


def matmul(a: Any, b: Any) -> np.ndarray:
    """See `kernels/reference/matmul.py`. Operands may be transposed: that copies nothing."""
    m, k = a.shape[-2:]
    n = b.shape[-1]
    if b.shape[-2] != k:
        raise ValueError(f"matmul: {a.shape} @ {b.shape}: inner sizes differ, {k} != {b.shape[-2]}")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    c = np.empty((*batch, m, n), a.dtype)
    if c.size == 0 or k == 0:
        c[...] = 0
        return c
    count = math.prod(batch)
    a, row_a, step_a, batch_a = layout(a, batch, count)
    b, row_b, step_b, batch_b = layout(b, batch, count)
    lanes = lanes_of(c.dtype)
    width = lanes * VECTORS
    panels = -(-n // width)
    depth = min(k, DEPTH // c.dtype.itemsize)
    # Threads share out rows, which cuts evenly; or panels, where there are few rows.
    row_parts = min(threads(), -(-m // ROWS)) if m >= 4 * ROWS * threads() else 1
    matrices = count if batch_b else 1
    gap = lanes if step_a * c.dtype.itemsize % CONFLICT == 0 else 0
    with (
        borrow((a.size // step_a * (step_a + gap) if gap else 0,), c.dtype) as wide,
        borrow((matrices * panels * k * width,), c.dtype) as packed,
    ):
        if gap:
            _widen(a, step_a, gap, wide)
            a, batch_a, step_a = wide, batch_a // step_a * (step_a + gap), step_a + gap
        _pack(b, batch_b, row_b, step_b, k, n, matrices, packed)
        _multiply(
            a, batch_a, row_a, step_a, packed, batch_b, *tables(lanes, depth, n), c.reshape(-1),
            count, m, n, k, row_parts,
        )  # fmt: skip
    return c


def layout(x: Any, batch: tuple, count: int) -> tuple[np.ndarray, int, int, int]:
    """x as contiguous memory, and how far apart rows, columns and matrices are in it."""
    if math.prod(x.shape[:-2]) not in (1, count):
        x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    rows, columns = x.shape[-2:]
    flipped = x.swapaxes(-1, -2)
    apart = rows * columns if math.prod(x.shape[:-2]) > 1 else 0
    if flipped.flags.carray and not x.flags.carray:
        return flipped.reshape(-1), 1, rows, apart
    return dense(x).reshape(-1), columns, 1, apart


@functools.lru_cache(256)
def tables(lanes: int, depth: int, n: int) -> tuple[np.ndarray, ...]:
    """For the tile: a panel's rows, its columns, and how many lanes count; the last panel apart."""
    width = lanes * VECTORS
    rows = np.arange(depth) * width
    columns = np.arange(VECTORS) * lanes
    last = n - (n - 1) // width * width
    counts = np.concatenate([np.full(VECTORS, lanes), np.clip(last - columns, 0, lanes)])
    return rows, np.tile(columns, 2), counts


@parallel
def _widen(a, step, gap, wide):
    """A transposed A with its rows a vector further apart, so that they do not conflict."""
    for i in prange(a.size // step):
        copy_run(step, a, np.int64(i) * step, wide, np.int64(i) * (step + gap))


@parallel
def _pack(b, batch_b, row_b, step_b, k, n, matrices, packed):
    width = VECTORS * lanes_in(b)
    panels = -(-n // width)
    for task in prange(matrices * panels):
        i, panel = divmod(np.int64(task), panels)
        pack_panel(b, i * batch_b, row_b, step_b, k, n, panel, packed, task * k * width)


@jit
def pack_panel(b, start, row_b, step_b, k, n, panel, packed, at):
    """Copy one panel of B, so that the tile finds each of its rows right behind the last."""
    lanes = lanes_in(b)
    width = VECTORS * lanes
    first = panel * width
    count = min(width, n - first)
    done = 0  # rows that are copied
    if count == width and step_b == 1:
        for p in range(k):
            copy_run(width, b, start + p * row_b + first, packed, at + p * width)
        done = k
    elif count == width and row_b == 1:  # B is transposed: squares of it are turned
        done = k // lanes * lanes
        for j in range(first, first + width, lanes):
            for p in range(0, done, lanes):
                transpose(
                    b, start + p + j * step_b, step_b, packed, at + p * width + j - first, width
                )
    for p in range(done, k):
        for j in range(width):
            value = b[start + p * row_b + (first + j) * step_b] if j < count else b.dtype.type(0)
            packed[at + p * width + j] = value


@parallel
def _multiply(
    a, batch_a, row_a, step_a, packed, batch_b, rows, columns, lanes, c, count, m, n, k, row_parts
):
    width = VECTORS * columns[1]
    panels = -(-n // width)
    part = -(-m // (row_parts * ROWS)) * ROWS  # rows of a part: whole tiles
    for task in prange(count * row_parts * panels):
        i, rest = divmod(np.int64(task), row_parts * panels)
        which, panel = divmod(rest, panels)
        at_b = ((i if batch_b else 0) * panels + panel) * k * width
        multiply_panel(
            a, i * batch_a, row_a, step_a, packed, at_b, rows, columns, lanes, c,
            i * m * n + panel * width, which * part, min(m, (which + 1) * part), n, k,
            panel == panels - 1,
        )  # fmt: skip


@jit
def multiply_panel(
    a, at_a, row_a, step_a, packed, at_b, rows, columns, lanes, c, at_c, start, stop, n, k, last
):
    """Rows start to stop of C, in the columns of one panel."""
    at_columns = VECTORS if last else 0
    n_vectors = np.int64(0)  # not a constant, for which the tile would be compiled once more
    for v in range(VECTORS):
        n_vectors += lanes[at_columns + v] > 0
    nothing = np.zeros(ROWS, a.dtype)
    width = VECTORS * columns[1]
    for p in range(0, k, rows.size):
        for i in range(start, stop, ROWS):
            tile(
                min(ROWS, stop - i), n_vectors, a, at_a + i * row_a + p * step_a, row_a, step_a,
                packed, at_b + p * width, rows, 0, min(rows.size, k - p), nothing, 0,
                c, at_c + i * n, n, columns, columns, lanes, at_columns, p > 0,
            )  # fmt: skip
