"""How the matrix product becomes fast, one step at a time: each function adds one idea to the last.

    naive       the definition: three loops
    blocked     the innermost loop runs along memory, and what it reads again is still in the cache
    packed      B is copied into panels first, so that memory is read in the order it lies in
    vectorised  the sums stay in vector registers: the tile of tile.py
    parallel    several threads: `kernels.cpu.matmul`, which is this at its full speed

A (m, k) and B (k, n) are C-contiguous, both float32 or both float64. The names are the same in all:
i counts rows of A and C, j columns of B and C, p the numbers that one sum is made of. What each
step gains, measured on this machine: `minigrad bench --only steps`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels.cpu.jit import jit
from kernels.cpu.matmul import DEPTH, matmul, multiply_panels, tables
from kernels.cpu.pack import pack
from kernels.cpu.tile import VECTORS
from kernels.cpu.vectors import lanes_of

BLOCK = 256  # rows and columns of a block of B: 256 kB of float32, which a second-level cache holds


@jit
def naive(a, b):
    """c[i, j] = sum_p a[i, p] b[p, j]. Two steps of p read numbers of B that are a row apart."""
    m, k = a.shape
    n = b.shape[1]
    c = np.empty((m, n), a.dtype)
    for i in range(m):
        for j in range(n):
            total = a.dtype.type(0)
            for p in range(k):
                total += a[i, p] * b[p, j]
            c[i, j] = total
    return c


@jit
def blocked(a, b):
    """The same products in another order.

    j is innermost: rows of B and C are read as they lie in memory, and the compiler makes vectors
    of them. And all rows of A use one block of B before the next is touched: it is read from memory
    once, and m times from the cache.
    """
    m, k = a.shape
    n = b.shape[1]
    c = np.zeros((m, n), a.dtype)
    for first_p in range(0, k, BLOCK):
        for first_j in range(0, n, BLOCK):
            for i in range(m):
                row_c = c[i, first_j : first_j + BLOCK]
                for p in range(first_p, min(first_p + BLOCK, k)):
                    row_b = b[p, first_j : first_j + BLOCK]
                    for j in range(len(row_c)):
                        row_c[j] += a[i, p] * row_b[j]
    return c


@jit
def packed(a, b):
    """A block is now a panel: BLOCK columns of B, copied so that its rows lie one behind the other.

    In B they are a whole row apart, each in a page of memory of its own, and if n is a power of two
    they compete for the same few places in the cache. Also, all rows of a panel are equally long
    when the kernel is compiled. A row of C is added up in `sums`, and written once.
    """
    m, k = a.shape
    n = b.shape[1]
    c = np.empty((m, n), a.dtype)
    panel = np.zeros((k, BLOCK), a.dtype)
    sums = np.empty(BLOCK, a.dtype)
    for first_j in range(0, n, BLOCK):
        width = min(BLOCK, n - first_j)  # of the last panel, only so many columns count
        for p in range(k):
            panel[p, :width] = b[p, first_j : first_j + width]
        for i in range(m):
            sums[:] = 0
            for p in range(k):
                for j in range(BLOCK):
                    sums[j] += a[i, p] * panel[p, j]
            c[i, first_j : first_j + width] = sums[:width]
    return c


def vectorised(a, b):
    """The sums of a tile of C stay in vector registers for all p: see tile.py.

    `packed` reads and writes a sum for each product. Here it is written when it is complete; and a
    vector of a panel, once read, is multiplied with several rows of A.
    """
    c = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    if c.size:
        _vectorised(a, b, c, tables(lanes_of(a.dtype), DEPTH, b.shape[1]))
    return c


@jit
def _vectorised(a, b, c, tables):
    m, k = a.shape
    n = b.shape[1]
    width = VECTORS * tables.columns[1]
    panel = np.empty(DEPTH * width, a.dtype)
    flat_a, flat_b, flat_c = a.reshape(-1), b.reshape(-1), c.reshape(-1)
    for first_p in range(0, k, DEPTH):
        deep = min(DEPTH, k - first_p)
        for first_j in range(0, n, width):
            columns = min(width, n - first_j)
            pack(flat_b, first_p * n + first_j, n, 1, deep, columns, panel, 0, DEPTH)
            multiply_panels(
                flat_a, first_p, k, panel, deep, flat_c, first_j, n, m, columns, tables,
                flat_c[:0], 0, True,
            )  # fmt: skip


def parallel(a, b):
    """C is shared out: no two threads write to the same number."""
    return matmul(a, b)


STEPS: dict[str, Callable] = {f.__name__: f for f in (naive, blocked, packed, vectorised, parallel)}
