"""A few rows times a matrix that is used again and again: it is packed once, then multiplied often.

For a large product packing is a small part of the work (`kernels/cpu/matmul.py` does it each time).
For the steps of a recurrent layer, with as many rows as sequences, it would be most of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.matmul import WORTH_SHARING, multiply_panels, pack, tables
from kernels.cpu.tile import VECTORS
from kernels.cpu.vectors import lanes_of
from kernels.scratch import borrow


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
        pack(w.reshape(-1), 0, row, step, k, n, panels, k)
        yield Packed(panels, k, n, *tables(lanes, k, n))


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
