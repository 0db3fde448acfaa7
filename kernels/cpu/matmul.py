"""The matrix product: B packed in panels, the register tile, parts of C shared out among threads.

    for each part of C, by threads:
        for each DEPTH steps of the sum:
            pack these rows of B in panels, VECTORS vectors wide (for the second-level cache)
            for each ROWS rows of A (for the first-level cache), for each panel: the register tile

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
from kernels.cpu.pack import pack, turn
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.runs import copy_run
from kernels.cpu.tile import ROWS, VECTORS, Int, tile, vectors_of
from kernels.cpu.vectors import WIDTH, lanes_in, lanes_of
from kernels.scratch import borrow, empty

DEPTH = 1024  # rows of B in a panel
# The rows of a transposed A are columns in memory: each number in a line of its own. So much of it
# is turned at a time.
BLOCK, SHALLOW = 256, 256  # rows, and steps of the sum
LONG = 512  # steps of the sum, at the least, in one of several parts
PACKED = 2**19  # bytes of B that a thread packs at a time: half of a second-level cache of 1 MB
# What else takes time, in about so many multiply-adds of a vector: to copy one of B into its panel;
# to get a number of A from the core that made it; to turn it.
PACK_B, READ_A, TURN_A = 16, 1, 1
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

    depth: int
    columns: np.ndarray
    lanes: np.ndarray


def matmul(a: Any, b: Any, bias: Any = None) -> np.ndarray:
    """See `kernels/reference/matmul.py`. Operands may be transposed views."""
    m, k = a.shape[-2:]
    n = b.shape[-1]
    if b.shape[-2] != k:
        raise ValueError(f"matmul: {a.shape} @ {b.shape}: inner sizes differ, {k} != {b.shape[-2]}")
    if bias is not None and (bias.shape != (n,) or bias.dtype != a.dtype):
        raise ValueError(
            f"matmul: expected a bias ({n},) of {a.dtype}, got {bias.shape} of {bias.dtype}"
        )
    plain = a.ndim == b.ndim == 2
    batch = () if plain else np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    c = empty((*batch, m, n), a.dtype)
    if c.size == 0 or k == 0:
        c[...] = 0 if bias is None else bias
        return c
    at_most = threads() if c.size * k >= WORTH_SHARING else 1
    start = np.empty(0, c.dtype) if bias is None else dense(bias)
    if m <= few_rows.FEW and plain:
        few_rows.multiply(a, b, start, c, at_most)
        return c
    count = math.prod(batch)
    a, b = layout(a, batch, count), layout(b, batch, count)
    sums = sums_for(m, n, k) if count == 1 else 1
    if sums == 1:
        products(a, b, start, c.reshape(count, m, n), k, k, at_most)
    else:
        each = -(-k // sums)
        a, b = a._replace(apart=each * a.step), b._replace(apart=each * b.row)
        with borrow((sums, m, n), c.dtype) as parts:
            products(a, b, start[:0], parts, each, k - (sums - 1) * each, at_most)
            add_parts[at_most](parts.reshape(sums, -1), start, c.reshape(-1))
    return c


def sums_for(m: int, n: int, k: int) -> int:
    """In how many parts a long sum is computed, as a batch of products whose results are added.

    As in the gradient of a weight: else each thread would pack all of A or all of B. It is no
    question of threads, so that numbers are always added in the same order.
    """
    return max(1, min(8, k // LONG, k * (m + n) // (8 * m * n)))


def products(
    a: Matrices, b: Matrices, bias: np.ndarray, c: np.ndarray, k: int, last: int, at_most: int
) -> None:
    """Matrices c = a @ b + bias by `at_most` threads. last: what k is for the last of them."""
    count, m, n = c.shape
    lanes = lanes_of(c.dtype)
    turned = a.row == 1 != a.step
    depth = min(k, SHALLOW if turned else DEPTH)
    cut = cut_for(count, m, n, depth, lanes, at_most, turned)
    tasks = count * cut.row_parts * cut.column_parts
    room = -(-cut.columns // (VECTORS * lanes)) * VECTORS * lanes * depth
    block = min(BLOCK, cut.rows) * (depth + lanes) if turned else 0
    parts = min(at_most, tasks)
    with borrow((parts, room + block), c.dtype) as panels:
        multiply[parts](
            a, b, bias, c, k, last, tasks, cut, tables(lanes, depth, n), turned, room, panels
        )


def layout(x: Any, batch: tuple, count: int) -> Matrices:
    if math.prod(x.shape[:-2]) not in (1, count):
        x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    rows, columns = x.shape[-2:]
    apart = rows * columns if math.prod(x.shape[:-2]) > 1 else 0
    if not x.flags.carray:
        flipped = x.swapaxes(-1, -2)
        if flipped.flags.carray:
            return Matrices(flipped.reshape(-1), apart, 1, rows)
    return Matrices(dense(x).reshape(-1), apart, columns, 1)


@functools.lru_cache(256)
def cut_for(
    count: int, m: int, n: int, depth: int, lanes: int, n_threads: int, turned: bool
) -> Cut:
    """The cut of `count` matrices C with which the thread that has the most to do has the least.

    Every part packs its columns of B, so each part of the rows does it once more.
    """
    tiles, vectors = -(-m // ROWS), -(-n // lanes)
    widest = -(-PACKED // (depth * WIDTH * VECTORS)) * VECTORS
    fewest = -(-vectors // widest)
    found = []
    for row_parts in range(1, min(n_threads, tiles) + 1):
        most = max(fewest, min(n_threads // row_parts, vectors))
        for column_parts in range(fewest, most + 1):
            rows = min(-(-tiles // row_parts) * ROWS, m)
            least = -(-vectors // column_parts)
            for columns in (least, -(-least // VECTORS) * VECTORS):
                parts = -(-vectors // columns)
                rounds = -(-count * row_parts * parts // n_threads)
                panels = -(-columns // VECTORS)
                each = columns * (rows + PACK_B) + rows * (panels / 4 + READ_A + TURN_A * turned)
                found.append((rounds * each, Cut(row_parts, parts, rows, columns * lanes)))
    return min(found)[1]


@functools.lru_cache(256)
def tables(lanes: int, depth: int, n: int) -> Tables:
    """For panels of `depth` rows and a B of n columns."""
    vectors = np.arange(VECTORS) * lanes
    counts = np.full((VECTORS + 1, VECTORS), lanes)
    np.fill_diagonal(counts[1:], n - (n - 1) // lanes * lanes)
    return Tables(depth, np.tile(vectors, VECTORS + 1), counts.reshape(-1))


@parallel
def multiply(part, parts, a, b, bias, c, k, last, tasks, cut, tables, turned, at_block, room):
    """Some of the tasks. A part has room for panels; behind them, for rows of a transposed A."""
    count, m, n = c.shape
    depth, panels, flat = tables.depth, room[part], c.reshape(-1)
    source, row, at_once = a.numbers, a.row, m
    if turned:  # rows of the block are no power of 2 apart: all would compete for a few places
        source, row, at_once = panels, depth + lanes_in(c), BLOCK
    for task in range(part, tasks, parts):
        i, rest = divmod(task, cut.row_parts * cut.column_parts)
        top, left = rest // cut.column_parts * cut.rows, rest % cut.column_parts * cut.columns
        height, width = min(cut.rows, m - top), min(cut.columns, n - left)
        at_a, at_b = i * a.apart + top * a.row, i * b.apart + left * b.step
        at_c, stop = i * m * n + top * n + left, k if i < count - 1 else last
        for p in range(0, stop, depth):
            deep = min(depth, stop - p)
            at = at_b + p * b.row
            pack(b.numbers, at, b.row, b.step, deep, width, panels, Int(0), depth)
            for y in range(0, height, at_once):
                rows = min(at_once, height - y)
                at = at_a + y * a.row + p * a.step
                if turned:
                    turn(a.numbers, at, a.step, rows, deep, panels, at_block, row)
                    at = at_block
                multiply_panels(
                    source, at, row, panels, deep, flat, at_c + y * n, n, rows, width, tables,
                    bias[:0] if p > 0 else bias, left, p > 0,
                )  # fmt: skip


@parallel
def add_parts(part, parts, sums, bias, c):
    """c = the sum of the rows of `sums`, plus the bias, which is repeated, or nothing."""
    first, last = bounds(part, parts, len(c))
    total, n = c[first:last], len(bias)
    for j in range(len(total)):
        total[j] = bias[(first + j) % n] if n else 0
    for i in range(len(sums)):
        row = sums[i, first:last]
        for j in range(len(total)):
            total[j] += row[j]


@jit
def multiply_panels(
    a, at_a, row_a, panels, deep, c, at_c, row_c, m, n, tables, bias, at_bias, add
):  # fmt: skip
    """C (m, n) = A (m, deep) @ B + bias, or C += that, of a B that is packed in panels.

    Rows of A are contiguous. bias: (n,), or nothing.
    """
    depth, lanes = tables.depth, lanes_in(a)
    nothing = np.zeros(ROWS, a.dtype)
    for i in range(0, m, ROWS):
        rows = min(ROWS, m - i)
        if len(bias):
            for y in range(i, i + rows):
                copy_run(n, bias, at_bias, c, at_c + y * row_c)
        j, at_panel = 0, Int(0)
        while j < n:
            n_vectors = vectors_of(-(-(n - j) // lanes))
            at_columns = 0 if n_vectors * lanes <= n - j else n_vectors * VECTORS
            tile(
                rows, n_vectors, a, at_a + i * row_a, row_a, Int(1), panels, at_panel,
                VECTORS * lanes, Int(0), deep, nothing, Int(0), c, at_c + i * row_c + j, row_c,
                tables.columns, tables.columns, tables.lanes, at_columns, add or len(bias) > 0,
            )  # fmt: skip
            j += n_vectors * lanes
            at_panel += depth * VECTORS * lanes


PARTS = 16  # that rows are summed in: not a question of threads, so that sums are always the same


def matmul_grad_bias(g: Any) -> np.ndarray:
    """See `kernels/reference/matmul.py`."""
    with borrow((PARTS, g.shape[1]), g.dtype) as sums:
        add_rows[PARTS](dense(g), sums)
        return sums.sum(axis=0)


@parallel
def add_rows(part, parts, g, sums):
    first, last = bounds(part, parts, len(g))
    total = sums[part]
    total[:] = 0
    for i in range(first, last):
        row = g[i]
        for j in range(len(total)):
            total[j] += row[j]
