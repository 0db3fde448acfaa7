"""The gradient of a table of which rows were read: see `kernels/reference/embedding.py`.

Each thread owns some columns of the table, and goes through all of `index`. So no two write to the
same number, each number is summed in the order of `index`, and it does not matter that some rows
are read much more often than others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from kernels.cpu.jit import dense, jit, parallel, threads

NARROWEST = 16  # columns: a cache line of float32, which two threads should not share
SMALL = 2**14  # elements that are not worth waking a thread for


@jit
def _add_columns(g, index, share, table, padding_idx, first, end):
    """Add the columns first ... end - 1 of g to the rows of the table."""
    for n in range(len(index)):
        row = index[n]
        if row == padding_idx:
            continue
        factor = share[row] if len(share) else g.dtype.type(1)
        target, source = table[row, first:end], g[n, first:end]
        for j in range(len(target)):
            target[j] += factor * source[j]


@parallel
def _add_all(g, index, share, table, padding_idx, width):
    columns = table.shape[1]
    for part in prange(-(-columns // width)):
        end = min(columns, (part + 1) * width)
        _add_columns(g, index, share, table, padding_idx, part * width, end)


def embedding_backward(
    g: Any, index: Any, rows: int, padding_idx: int = -1, scale_grad_by_freq: bool = False
) -> np.ndarray:
    g, index = dense(g), dense(index, np.dtype(np.int64))
    columns = g.shape[1]
    table = np.zeros((rows, columns), g.dtype)
    share = np.empty(0, g.dtype)
    if scale_grad_by_freq:
        share = (1 / np.maximum(np.bincount(index, minlength=rows), 1)).astype(g.dtype)
    if g.size <= SMALL:
        _add_columns(g, index, share, table, padding_idx, 0, columns)
    else:
        width = max(NARROWEST, -(-columns // threads()))
        _add_all(g, index, share, table, padding_idx, -(-width // NARROWEST) * NARROWEST)
    return table
