"""The product of a few rows and a large matrix: the matrix is read once, where it is.

To bring B into panels, as `matmul.py` does, takes as long as multiplying it by several rows. One
row at a time is what a language model computes when it writes text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.jit import dense
from kernels.cpu.parallel import bounds, parallel

FEW = 4  # rows
BLOCK = 1024  # columns: those of B's row and of all rows of C stay in the first-level cache


def multiply(a: Any, b: Any, bias: Any, c: np.ndarray, parts: int) -> None:
    """c = a @ b + bias, for 2 axes; bias: of length 0 if there is none."""
    if b.T.flags.carray and not b.flags.carray:
        dot_rows[parts](dense(a), b.T, bias, c)
    else:
        add_rows[parts](dense(a), dense(b), bias, c)


@parallel
def dot_rows(part, parts, a, bt, bias, c):
    """B is transposed, so its columns are in one piece: each number is a dot product."""
    first, last = bounds(part, parts, len(bt))
    for j in range(first, last):
        column = bt[j]
        for i in range(len(a)):
            row = a[i]
            total = a.dtype.type(0)
            for p in range(len(column)):
                total += row[p] * column[p]
            c[i, j] = total + bias[j] if len(bias) else total


@parallel
def add_rows(part, parts, a, b, bias, c):
    """Rows of B, each times a number of A, are added up in the rows of C."""
    first, last = bounds(part, parts, -(-b.shape[1] // BLOCK))
    if len(bias) == 0:
        bias = np.zeros(b.shape[1], b.dtype)
    for block in range(first, last):
        here = slice(block * BLOCK, (block + 1) * BLOCK)
        for i in range(len(a)):
            row, start = c[i, here], bias[here]
            for j in range(len(row)):
                row[j] = start[j]
        for p in range(len(b)):
            line = b[p, here]
            for i in range(len(a)):
                row, factor = c[i, here], a[i, p]
                for j in range(len(row)):
                    row[j] += factor * line[j]
