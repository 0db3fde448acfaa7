"""What this machine can do at the most: the two lines of the roofline, measured.

    arithmetic   the register tile on numbers that stay in the first-level cache
    memory       a = b + s c on arrays that no cache holds (the triad of McCalpin's STREAM)

A kernel that does f FLOPs and moves b bytes takes at least max(f / arithmetic, b / memory).
Williams, Waterman and Patterson, "Roofline", 2009.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np

from kernels.cpu.matmul import tables
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.tile import ROWS, VECTORS, tile
from kernels.cpu.vectors import lanes_of

DEPTH = 128  # rows of B: ROWS + VECTORS vectors of so many float32 are 28 kB with AVX-512
ROUNDS = 60  # short runs: some of them are not interrupted


def arithmetic(threads: int, dtype: Any = np.float32, tiles: int = 4000) -> float:
    """FLOP/s of so many threads, the best of ROUNDS runs."""
    dtype = np.dtype(dtype)
    width = VECTORS * lanes_of(dtype)
    a, b = np.ones((threads, ROWS, DEPTH), dtype), np.ones((threads, DEPTH, width), dtype)
    c = np.empty((threads, ROWS, width), dtype)
    flat = a.reshape(-1), b.reshape(-1), c.reshape(-1)
    table = tables(lanes_of(dtype), DEPTH, width)
    with limited(threads):
        seconds = shortest(lambda: multiply_again[threads](*flat, table, tiles))
    return 2 * a.size * width * tiles / seconds


@parallel
def multiply_again(thread, threads, a, b, c, tables, tiles):
    width = VECTORS * tables.columns[1]
    nothing = np.zeros(ROWS, a.dtype)
    for _ in range(tiles):
        tile(
            ROWS, VECTORS, a, thread * ROWS * DEPTH, DEPTH, 1, b, thread * DEPTH * width,
            width, 0, DEPTH, nothing, 0, c, thread * ROWS * width, width, tables.columns,
            tables.columns, tables.lanes, 0, False,
        )  # fmt: skip


def memory(threads: int, megabytes: int = 128) -> float:
    """Bytes/s of so many threads, the best of ROUNDS runs. megabytes: of each of the three arrays.

    As in STREAM, the bytes are those that the program names: two arrays read, one written.
    """
    a, b, c = (np.ones(megabytes * 10**6 // 4, np.float32) for _ in range(3))
    with limited(threads):
        seconds = shortest(lambda: triad[threads](a, b, c, np.float32(3)))
    return 3 * a.nbytes / seconds


@parallel
def triad(thread, threads, a, b, c, s):
    start, stop = bounds(thread, threads, a.size)
    row_a, row_b, row_c = a[start:stop], b[start:stop], c[start:stop]
    for i in range(len(row_a)):
        row_a[i] = row_b[i] + s * row_c[i]


@contextlib.contextmanager
def limited(threads: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def shortest(run: Callable[[], object]) -> float:
    """Seconds. For a ceiling the best run counts, whatever else the machine did in the others."""
    run()  # compiles
    best = np.inf
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best
