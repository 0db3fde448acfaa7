"""A few rows times a matrix that is used again and again: it is packed once, then multiplied often.

For a large product packing is a small part of the work (`kernels/cpu/matmul.py` does it each time).
For the steps of a recurrent layer, with as many rows as sequences, it would be most of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numba import prange

from kernels.cpu.jit import dense, jit, parallel, threads
from kernels.cpu.matmul import WORTH_SHARING, multiply_panels, pack, tables
from kernels.cpu.tile import VECTORS
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.scratch import borrow

PACKING = 4  # multiplications that take as long as copying a number


class Packed(NamedTuple):
    """B (k, n) in panels of VECTORS vectors, one behind the other; the tables for the tile."""

    panels: np.ndarray
    k: int
    n: int
    rows: np.ndarray  # the three of `Tables`
    columns: np.ndarray
    lanes: np.ndarray


@contextlib.contextmanager
def packed(w: np.ndarray, transposed: bool = False) -> Iterator[Packed]:
    """w (k, n), or the transpose of w (n, k), for the block of the `with`."""
    w = dense(w)
    k, n = w.shape[::-1] if transposed else w.shape
    row, step = (1, k) if transposed else (n, 1)
    lanes = lanes_of(w.dtype)
    count = -(-n // (VECTORS * lanes))
    with borrow((count * k * VECTORS * lanes,), w.dtype) as panels:
        run(
            pack_rows, _pack_rows, k, PACKING * k * n, w.reshape(-1), row, step, k, n, panels,
            tile=lanes,
        )  # fmt: skip
        yield Packed(panels, k, n, *tables(lanes, k, n))


@parallel
def _pack_rows(w, row, step, k, n, panels, count, share):
    for part in prange(-(-count // share)):
        start, stop = bounds(part, share, count)
        pack_rows(w, row, step, k, n, panels, start, stop)


@jit
def pack_rows(w, row, step, k, n, panels, start, stop):
    pack(w, start * row, row, step, stop - start, n, panels, start * VECTORS * lanes_in(w), k)


# ---------------------------------------------------------------------------- sharing out


def run(body: Callable, driver: Callable, count: int, work: int, *args: Any, tile: int = 1) -> None:
    """body(*args, 0, count), by a driver that shares out the count if there is enough work.

    A thread gets all of its own at a time, in whole tiles.
    """
    share = count if work < WORTH_SHARING else -(-count // (threads() * tile)) * tile
    if share >= count:
        body(*args, 0, count)
    else:
        driver(*args, count, share)


@jit(forceinline=True)
def bounds(part, share, count):
    """Where a part begins and ends. (A prange counts in unsigned numbers, and with those, all that
    is called would be compiled a second time.)"""
    return np.int64(part) * share, min(count, (np.int64(part) + 1) * share)


# ---------------------------------------------------------------------------- the product


@jit
def add_product(a, at_a, row_a, b, c, at_c, row_c, m):
    """C += A @ B, of m rows. Row i of A begins at a[at_a + i * row_a], of C at c[at_c + i * row_c].

    Arrays are flat.
    """
    multiply_panels(a, at_a, row_a, 1, b.panels, b.k, c, at_c, row_c, m, b.n, b, True)
