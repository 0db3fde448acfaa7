"""The gradient of a table of which rows were read: see `kernels/reference/embedding.py`.

Each thread owns some columns of the table, and goes through all of `index`. So no two write to the
same number, each number is summed in the order of `index`, and it does not matter that some rows
are read much more often than others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.jit import dense, threads
from kernels.cpu.parallel import parallel

NARROWEST = 16  # columns: a cache line of float32, which two threads should not share
SMALL = 2**14  # elements that are not worth waking a thread for


@parallel
def add_columns(part, parts, g, index, share, table, padding_idx, width):
    """Add some columns of g, `width` at most, to the rows of the table."""
    first, end = part * width, min((part + 1) * width, table.shape[1])
    for n in range(len(index)):
        row = index[n]
        if row == padding_idx:
            continue
        factor = share[row] if len(share) else g.dtype.type(1)
        target, source = table[row, first:end], g[n, first:end]
        for j in range(len(target)):
            target[j] += factor * source[j]


def embedding_backward(
    g: Any, index: Any, rows: int, padding_idx: int = -1, scale_grad_by_freq: bool = False
) -> np.ndarray:
    g, index = dense(g), dense(index, np.dtype(np.int64))
    columns = g.shape[1]
    table = np.zeros((rows, columns), g.dtype)
    share = np.empty(0, g.dtype)
    if scale_grad_by_freq:
        share = (1 / np.maximum(np.bincount(index, minlength=rows), 1)).astype(g.dtype)
    width = columns if g.size <= SMALL else -(-columns // threads())
    width = max(-(-width // NARROWEST), 1) * NARROWEST
    add_columns[-(-columns // width)](g, index, share, table, padding_idx, width)
    return table
