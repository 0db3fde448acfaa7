"""The matrix product: B packed in panels, the register tile, parts of C shared out among threads.

    for each part of C, by threads:
        for each DEPTH steps of the sum:
            pack these rows of B in panels, VECTORS vectors wide (for the second-level cache)
            for each panel, for each ROWS rows of A: the register tile

Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008; Van Zee and van
de Geijn, "BLIS", 2015. How one gets there step by step, each step measured: `kernels/README.md`
and `kernels/cpu/matmul_steps.py`.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from kernels.cpu import few_rows
from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.parallel import parallel
from kernels.cpu.runs import copy_run, transpose
from kernels.cpu.tile import ROWS, VECTORS, Int, tile, vectors_of
from kernels.cpu.vectors import WIDTH, lanes_in, lanes_of
from kernels.scratch import borrow

DEPTH = 1024  # rows of B in a panel
# A first-level cache has 64 places, each for 8 or 12 lines of 64 bytes. Lines a multiple of so many
# bytes apart want eight of the places at the most. Where a row of a transposed A consists of such
# lines, so much of A is copied at a time.
CONFLICT = 512
BLOCK, SHALLOW = 256, 256  # rows, and steps of the sum
# Columns that a thread packs at a time, in vectors: half of a second-level cache of 1 MB.
WIDEST = 2**19 // (DEPTH * WIDTH)
# What else takes time, in about so many multiply-adds of a vector: to copy one of B into its panel;
# to get a number of A from the core that made it; to copy it into its block.
PACK_B, READ_A, PACK_A = 6, 1, 2
WORTH_SHARING = 2**19  # multiplications: below, waking a thread takes longer than it saves


class Matrices(NamedTuple):
    """One matrix or several, in contiguous memory; how far apart these, rows and columns are."""

    numbers: np.ndarray
    apart: int
    row: int
    step: int


class Cut(NamedTuple):
    """How C is shared out: into row_parts x column_parts parts of `rows` x `columns` each."""

    row_parts: int
    column_parts: int
    rows: int
    columns: int


class Tables(NamedTuple):
    """For the tile: where the rows of a panel are, where its vectors are, how many lanes count.

    The latter two for a panel of whole vectors; then for one whose 1st vector is the last and not
    whole, for one whose 2nd is, and so on.
    """

    rows: np.ndarray
    columns: np.ndarray
    lanes: np.ndarray


def matmul(a: Any, b: Any, bias: Any = None) -> np.ndarray:
    """See `kernels/reference/matmul.py`. Operands may be transposed: that copies nothing."""
    m, k = a.shape[-2:]
    n = b.shape[-1]
    if b.shape[-2] != k:
        raise ValueError(f"matmul: {a.shape} @ {b.shape}: inner sizes differ, {k} != {b.shape[-2]}")
    if bias is not None and (bias.shape != (n,) or bias.dtype != a.dtype):
        raise ValueError(
            f"matmul: expected a bias ({n},) of {a.dtype}, got {bias.shape} of {bias.dtype}"
        )
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    c = np.empty((*batch, m, n), a.dtype)
    if c.size == 0 or k == 0:
        c[...] = 0 if bias is None else bias
        return c
    count = math.prod(batch)
    lanes = lanes_of(c.dtype)
    shared = c.size * k >= WORTH_SHARING
    start = np.empty(0, c.dtype) if bias is None else dense(bias)
    if m <= few_rows.FEW and a.ndim == b.ndim == 2:
        few_rows.multiply(a, b, start, c, threads() if shared else 1)
        return c
    a, b = layout(a, batch, count), layout(b, batch, count)
    conflict = a.row == 1 and a.step * c.itemsize % CONFLICT == 0
    depth = min(k, SHALLOW if conflict else DEPTH)
    cut = cut_for(count, m, n, lanes, threads() if shared else 1, conflict)
    tasks = count * cut.row_parts * cut.column_parts
    parts = min(threads(), tasks) if shared else 1
    room = -(-cut.columns // (VECTORS * lanes)) * VECTORS * lanes + conflict * (BLOCK + lanes)
    with borrow((parts, depth * room), c.dtype) as panels:
        multiply[parts](
            a, b, start, c.reshape(-1), m, n, k, tasks, cut, tables(lanes, depth, n), conflict,
            panels,
        )  # fmt: skip
    return c


def layout(x: Any, batch: tuple, count: int) -> Matrices:
    if math.prod(x.shape[:-2]) not in (1, count):
        x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    rows, columns = x.shape[-2:]
    flipped = x.swapaxes(-1, -2)
    apart = rows * columns if math.prod(x.shape[:-2]) > 1 else 0
    if flipped.flags.carray and not x.flags.carray:
        return Matrices(flipped.reshape(-1), apart, 1, rows)
    return Matrices(dense(x).reshape(-1), apart, columns, 1)


@functools.lru_cache(256)
def cut_for(count: int, m: int, n: int, lanes: int, n_threads: int, conflict: bool) -> Cut:
    """The cut of `count` matrices C with which the thread that has the most to do has the least.

    Every part packs its columns of B, so each part of the rows does it once more.
    """
    tiles, vectors = -(-m // ROWS), -(-n // lanes)
    fewest = -(-vectors // WIDEST)
    found = []
    for row_parts in range(1, min(n_threads, tiles) + 1):
        most = max(fewest, min(n_threads // row_parts, vectors))
        for column_parts in range(fewest, most + 1):
            rows = min(-(-tiles // row_parts) * ROWS, m)
            columns = -(-vectors // column_parts)
            rounds = -(-count * row_parts * column_parts // n_threads)
            cost = rounds * (columns * (rows + PACK_B) + rows * (READ_A + PACK_A * conflict))
            found.append((cost, Cut(row_parts, column_parts, rows, columns * lanes)))
    return min(found)[1]


@functools.lru_cache(256)
def tables(lanes: int, depth: int, n: int) -> Tables:
    """For panels of `depth` rows and a B of n columns."""
    vectors = np.arange(VECTORS) * lanes
    counts = np.full((VECTORS + 1, VECTORS), lanes)
    np.fill_diagonal(counts[1:], n - (n - 1) // lanes * lanes)
    return Tables(
        np.arange(depth) * VECTORS * lanes, np.tile(vectors, VECTORS + 1), counts.reshape(-1)
    )


@parallel
def multiply(part, parts, a, b, bias, c, m, n, k, tasks, cut, tables, conflict, room):
    """Some of the tasks. A part has room for panels; behind them, if A conflicts, for some of A."""
    depth, panels = len(tables.rows), room[part]
    apart = BLOCK + lanes_in(c)
    at_block = len(panels) - depth * apart
    source, row, step = (panels, 1, apart) if conflict else (a.numbers, a.row, a.step)
    at_once = BLOCK if conflict else m
    for task in range(part, tasks, parts):
        i, rest = divmod(task, cut.row_parts * cut.column_parts)
        top, left = rest // cut.column_parts * cut.rows, rest % cut.column_parts * cut.columns
        height, width = min(cut.rows, m - top), min(cut.columns, n - left)
        at_a, at_b = i * a.apart + top * a.row, i * b.apart + left * b.step
        at_c = i * m * n + top * n + left
        if len(bias):
            for y in range(height):
                copy_run(width, bias, left, c, at_c + y * n)
        for p in range(0, k, depth):
            deep = min(depth, k - p)
            at = at_b + p * b.row
            pack(b.numbers, at, b.row, b.step, deep, width, panels, Int(0), depth)
            for y in range(0, height, at_once):
                rows = min(at_once, height - y)
                at = at_a + y * a.row + p * a.step
                if conflict:
                    for q in range(deep):
                        copy_run(rows, a.numbers, at + q * a.step, panels, at_block + q * apart)
                    at = at_block
                multiply_panels(
                    source, at, row, step, panels, deep, c, at_c + y * n, n, rows, width, tables,
                    p > 0 or len(bias) > 0,
                )  # fmt: skip


@jit
def multiply_panels(a, at_a, row_a, step_a, panels, deep, c, at_c, row_c, m, n, tables, add):
    """C (m, n) = A (m, deep) @ B, or C += that, of a B that is packed in panels."""
    depth, lanes = len(tables.rows), lanes_in(a)
    nothing = np.zeros(ROWS, a.dtype)
    j, at_panel = 0, Int(0)
    while j < n:
        n_vectors = vectors_of(-(-(n - j) // lanes))
        at_columns = 0 if n_vectors * lanes <= n - j else n_vectors * VECTORS
        for i in range(0, m, ROWS):
            tile(
                min(ROWS, m - i), n_vectors, a, at_a + i * row_a, row_a, step_a, panels, at_panel,
                tables.rows, Int(0), deep, nothing, Int(0), c, at_c + i * row_c + j, row_c,
                tables.columns, tables.columns, tables.lanes, at_columns, add,
            )  # fmt: skip
        j += n_vectors * lanes
        at_panel += depth * VECTORS * lanes


@jit
def pack(b, at, row, step, k, n, panels, at_panel, depth):
    """Copy B (k, n) into panels of `depth` rows, so that each row is right behind the last."""
    lanes = lanes_in(b)
    j = 0
    while j < n:
        columns = min(vectors_of(-(-(n - j) // lanes)) * lanes, n - j)
        pack_panel(b, at + j * step, row, step, k, columns, panels, at_panel)
        j += columns
        at_panel += depth * VECTORS * lanes


@jit
def pack_panel(b, at, row, step, k, n, panel, at_panel):
    """One panel: k rows of n numbers, and zeros up to a whole vector."""
    lanes = lanes_in(b)
    width = VECTORS * lanes
    whole = n // lanes * lanes
    done = 0  # rows whose whole vectors are copied
    if step == 1:
        for p in range(k):
            copy_run(whole, b, at + p * row, panel, at_panel + p * width)
        done = k
    elif row == 1:  # B is transposed: squares of it are turned
        done = k // lanes * lanes
        for j in range(0, whole, lanes):
            for p in range(0, done, lanes):
                transpose(b, at + p + j * step, step, panel, at_panel + p * width + j, width)
    for p in range(k):
        for j in range(whole if p < done else 0, -(-n // lanes) * lanes):
            value = b[at + p * row + j * step] if j < n else b.dtype.type(0)
            panel[at_panel + p * width + j] = value


COLUMNS = 64  # that a thread adds up at a time: 4 lines of memory of a row, for float32


def matmul_grad_bias(g: Any) -> np.ndarray:
    """See `kernels/reference/matmul.py`."""
    gb = np.zeros(g.shape[1], g.dtype)
    add_rows[-(-len(gb) // COLUMNS)](dense(g), gb)
    return gb


@parallel
def add_rows(part, parts, g, gb):
    start, stop = part * COLUMNS, min((part + 1) * COLUMNS, len(gb))
    total = gb[start:stop]
    for i in range(len(g)):
        row = g[i, start:stop]
        for j in range(len(total)):
            total[j] += row[j]
