"""A few rows times a matrix that is used again and again: it is packed once, then multiplied often.

For a large product packing is a small part of the work (`kernels/cpu/matmul.py` does it each time).
For the steps of a recurrent layer, with as many rows as sequences, it would be most of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kernels.cpu.jit import dense, jit, threads
from kernels.cpu.matmul import WORTH_SHARING, multiply_panels, tables
from kernels.cpu.pack import pack
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.tile import VECTORS
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.scratch import borrow

PACKING = 4  # multiplications that take as long as copying a number


class Packed(NamedTuple):
    """B (k, n) in panels of VECTORS vectors, one behind the other; the tables for the tile."""

    panels: np.ndarray
    k: int
    n: int
    depth: int  # the three of `Tables`
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
        pack_rows[shared_out(k, PACKING * k * n, lanes)](w.reshape(-1), row, step, k, n, panels)
        yield Packed(panels, k, n, *tables(lanes, k, n))


@parallel
def pack_rows(part, parts, w, row, step, k, n, panels):
    start, stop = whole_tiles(part, parts, k, lanes_in(w))
    pack(w, start * row, row, step, stop - start, n, panels, start * VECTORS * lanes_in(w), k)


# ---------------------------------------------------------------------------- sharing out


def shared_out(count: int, work: int, tile: int) -> int:
    """Into how many parts so many things are divided, in whole tiles: as many as there are threads,
    but one if there is little work (multiplications)."""
    return 1 if work < WORTH_SHARING else max(min(threads(), -(-count // tile)), 1)


@jit(forceinline=True)
def whole_tiles(part, parts, count, tile):
    """Where a part of so many things begins and ends."""
    first, last = bounds(part, parts, -(-count // tile))
    return first * tile, min(last * tile, count)


# ---------------------------------------------------------------------------- the product


@jit
def add_product(a, at_a, row_a, b, c, at_c, row_c, m):
    """C += A @ B, of m rows. Row i of A begins at a[at_a + i * row_a], of C at c[at_c + i * row_c].

    Arrays are flat.
    """
    multiply_panels(a, at_a, row_a, b.panels, b.k, c, at_c, row_c, m, b.n, b, c[:0], 0, True)
