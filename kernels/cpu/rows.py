"""A few rows times a matrix that is used again and again: it is packed once, then multiplied often.

For a large product packing is a small part of the work (`kernels/cpu/matmul.py` does it each time).
For the steps of a recurrent layer, with as many rows as sequences, it would be most of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import prange

from kernels.cpu.jit import dense, jit, parallel, threads
from kernels.cpu.matmul import pack_panel
from kernels.cpu.tile import ROWS, VECTORS, tile
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.scratch import borrow


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
    lanes = lanes_of(w.dtype)
    width = VECTORS * lanes
    count = -(-n // width)
    columns = np.arange(VECTORS) * lanes
    last = np.clip(n - (count - 1) * width - columns, 0, lanes)
    with borrow((count * k * width,), w.dtype) as panels:
        row, step = (1, k) if transposed else (n, 1)
        _pack(w.reshape(-1), row, step, k, n, panels)
        yield Packed(
            panels, k, n, np.arange(k) * width, np.tile(columns, 2),
            np.concatenate([np.full(VECTORS, lanes), last]), int((last > 0).sum()),
        )  # fmt: skip


@parallel
def _pack(w, row, step, k, n, panels):
    width = VECTORS * lanes_in(w)
    for task in prange(-(-n // width)):
        panel = np.int64(task)
        pack_panel(w, 0, row, step, k, n, panel, panels, panel * k * width)


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


def share(rows: int) -> int:
    """How many rows a thread does at a time: all of its own, in whole tiles."""
    return -(-rows // (threads() * ROWS)) * ROWS
