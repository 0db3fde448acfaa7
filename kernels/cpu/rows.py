"""A few rows times a matrix that is used again and again: it is packed once, then multiplied often.

For a large product packing is a small part of the work (`kernels/cpu/matmul.py` does it each time).
For the steps of a recurrent layer, with as many rows as sequences, it would be most of it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numba import prange

from kernels.cpu.jit import dense, jit, parallel, threads
from kernels.cpu.matmul import pack_panel
from kernels.cpu.tile import ROWS, VECTORS, tile
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.scratch import borrow

WORTH_SHARING = 2**19  # multiplications: below, waking a thread takes longer than it saves


class Packed(NamedTuple):
    """B (k, n) in panels of VECTORS vectors, and the tables that the register tile wants."""

    panels: np.ndarray  # one behind the other
    k: int
    n: int
    rows: np.ndarray  # where the rows of a panel are
    columns: np.ndarray  # where the vectors of a row are; behind that, the same for the last panel
    lanes: np.ndarray  # how many of their numbers count; behind that, for the last panel
    last_vectors: int  # vectors in the last panel


@contextlib.contextmanager
def packed(w: np.ndarray, transposed: bool = False) -> Iterator[Packed]:
    """w (k, n), or the transpose of w (n, k), for the block of the `with`."""
    w = dense(w)
    k, n = w.shape[::-1] if transposed else w.shape
    row, step = (1, k) if transposed else (n, 1)
    lanes = lanes_of(w.dtype)
    count = -(-n // (VECTORS * lanes))
    with borrow((count * k * VECTORS * lanes,), w.dtype) as panels:
        run(pack_panels, _pack_panels, count, k * n, w.reshape(-1), row, step, k, n, panels)
        yield Packed(panels, k, n, *tables(k, n, lanes))


@functools.lru_cache(256)
def tables(k: int, n: int, lanes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """The last four of `Packed`."""
    width = VECTORS * lanes
    columns = np.arange(VECTORS) * lanes
    last = np.clip(n - (n - 1) // width * width - columns, 0, lanes)
    lanes_of_both = np.concatenate([np.full(VECTORS, lanes), last])
    return np.arange(k) * width, np.tile(columns, 2), lanes_of_both, int((last > 0).sum())


@jit
def pack_panels(w, row, step, k, n, panels, start, stop):
    width = VECTORS * lanes_in(w)
    for panel in range(start, stop):
        pack_panel(w, 0, row, step, k, n, panel, panels, panel * k * width)


@parallel
def _pack_panels(w, row, step, k, n, panels, count, share):
    for part in prange(-(-count // share)):
        start, stop = bounds(part, share, count)
        pack_panels(w, row, step, k, n, panels, start, stop)


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

    Arrays are flat. (That it always adds is one variant less to compile.)
    """
    width = VECTORS * b.columns[1]
    nothing = np.zeros(ROWS, a.dtype)
    panels = -(-b.n // width)
    for panel in range(panels):
        last = panel == panels - 1
        n_vectors, at_columns = (b.last_vectors, VECTORS) if last else (VECTORS, 0)
        for i in range(0, m, ROWS):
            tile(
                min(ROWS, m - i), n_vectors, a, at_a + i * row_a, row_a, 1,
                b.panels, panel * b.k * width, b.rows, 0, b.k, nothing, 0,
                c, at_c + i * row_c + panel * width, row_c,
                b.columns, b.columns, b.lanes, at_columns, True,
            )  # fmt: skip
