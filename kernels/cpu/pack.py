"""Copies of the operands of a product, in the order in which the register tile reads them.

B becomes panels, VECTORS vectors wide, each row of one right behind the last; a transposed A is
turned, so that its rows are contiguous. Else each line of memory would be read for a few numbers,
and rows that are a power of 2 apart would push each other out of the few places for them in the
cache.
"""

from __future__ import annotations

from kernels.cpu.jit import jit
from kernels.cpu.runs import copy_run, copy_vectors, transpose
from kernels.cpu.tile import VECTORS, vectors_of
from kernels.cpu.vectors import lanes_in


@jit
def pack(b, at, row, step, k, n, panels, at_panel, depth):
    """Copy B (k, n) into panels of `depth` rows, so that each row is right behind the last.

    Panels are filled up with zeros to a whole vector.
    """
    lanes = lanes_in(b)
    if step == 1:  # row by row, in the order of memory
        for p in range(k):
            j, to = 0, at_panel + p * VECTORS * lanes
            while j < n:
                columns = min(vectors_of(-(-(n - j) // lanes)) * lanes, n - j)
                copy_part(b, at + p * row + j, columns, panels, to)
                j += columns
                to += depth * VECTORS * lanes
    else:
        j = 0
        while j < n:
            columns = min(vectors_of(-(-(n - j) // lanes)) * lanes, n - j)
            turn_panel(b, at + j * step, row, step, k, columns, panels, at_panel)
            j += columns
            at_panel += depth * VECTORS * lanes


@jit(forceinline=True)
def copy_part(b, at, n, panel, to):
    """The n numbers of a row that are in one panel."""
    lanes = lanes_in(b)
    if n == VECTORS * lanes:
        copy_vectors(VECTORS, b, at, panel, to)
    else:
        copy_run(n, b, at, panel, to)
        for j in range(n, -(-n // lanes) * lanes):
            panel[to + j] = b.dtype.type(0)


@jit
def turn_panel(b, at, row, step, k, n, panel, at_panel):
    """One panel of a B whose columns are contiguous: squares of it are turned."""
    lanes = lanes_in(b)
    width = VECTORS * lanes
    whole = n // lanes * lanes
    done = k // lanes * lanes if row == 1 else 0  # rows whose whole vectors are copied
    for j in range(0, whole, lanes):
        for p in range(0, done, lanes):
            transpose(b, at + p + j * step, step, panel, at_panel + p * width + j, width)
    for p in range(k):
        for j in range(whole if p < done else 0, -(-n // lanes) * lanes):
            value = b[at + p * row + j * step] if j < n else b.dtype.type(0)
            panel[at_panel + p * width + j] = value


@jit
def turn(a, at, step, m, k, block, at_block, row):
    """block[i, p] = a[p, i] for i < m and p < k, in squares; the last ones overlap others."""
    lanes = lanes_in(a)
    if m >= lanes and k >= lanes:
        for p in range(0, k, lanes):
            p = min(p, k - lanes)
            for i in range(0, m, lanes):
                i = min(i, m - lanes)
                transpose(a, at + p * step + i, step, block, at_block + i * row + p, row)
    else:
        for p in range(k):
            for i in range(m):
                block[at_block + i * row + p] = a[at + p * step + i]
