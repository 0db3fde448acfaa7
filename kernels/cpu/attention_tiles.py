"""What both directions of attention are made of: tiles of scores, and products with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.dropout import random_group
from kernels.cpu.jit import dense, jit
from kernels.cpu.runs import transpose
from kernels.cpu.tile import ROWS, Int, fixed_tile
from kernels.cpu.vectors import lanes_in, lanes_of
from kernels.reference import dropout
from kernels.reference.attention import scale_of
from kernels.scratch import empty

KEYS = 128  # rows of a tile
QUERIES = 64  # columns of a tile: what dropout draws at once
CHUNK = 16  # columns are left out in multiples of this, which is one of every vector's length
TILE = KEYS * QUERIES
FAR = 2**40  # further than any key and query

# ---------------------------------------------------------------------------- arguments


def padded(x: Any, rows: int = 1) -> Any:
    """x (B, H, n, m), with zeros behind it if n is no multiple of `rows`, m none of a vector."""
    n, m = x.shape[2:]
    lanes = lanes_of(x.dtype)
    wide, long = -(-max(m, 1) // lanes) * lanes, -(-n // rows) * rows
    if (long, wide) == (n, m):
        return x
    y = np.zeros((*x.shape[:2], long, wide), x.dtype)
    y[:, :, :n, :m] = x
    return y


def unpadded(x: Any, rows: int, columns: int) -> Any:
    """x without the zeros that `padded` has put there."""
    return x if x.shape[2:] == (rows, columns) else x[:, :, :rows, :columns].copy()


def like(x: Any, shape: tuple, make: Any = empty) -> np.ndarray:
    """A new array, its axes 1 and 2 in the order that they have in memory in x."""
    if x.strides[1] >= x.strides[2]:
        return make(shape, x.dtype)
    b, h, n, m = shape
    return make((b, n, h, m), x.dtype).swapaxes(1, 2)


def memory(x: Any) -> tuple[np.ndarray, list]:
    """x (B, H, n, m) as one contiguous array, and its strides in it.

    Copies nothing if the rows, of m numbers, are contiguous: projections make queries (B, T, H, D),
    and attention gets a transposed view of these.
    """
    flags = x.flags
    if flags.carray:
        flat = x.reshape(-1)
    elif flags.behaved and x.strides[3] == x.itemsize and min(x.strides) > 0:
        last = sum((n - 1) * s for n, s in zip(x.shape, x.strides, strict=True)) // x.itemsize
        flat = np.lib.stride_tricks.as_strided(x, (last + 1,), (x.itemsize,))
    else:
        x = dense(x)
        flat = x.reshape(-1)
    return flat, strides(x)


def strides(x: Any) -> list:
    return [s // x.itemsize for s in x.strides]


def broadcast(x: Any, dtype: Any) -> tuple[np.ndarray, list]:
    """A bias or a mask as contiguous memory, and its strides, 0 where it is broadcast."""
    if x is None:
        return np.empty(0, dtype), [0, 0, 0, 0]
    x = dense(x, dtype)
    return x.reshape(-1), [0 if n == 1 else s for n, s in zip(x.shape, strides(x), strict=True)]


def options(q: Any, causal: bool, scale: float | None, p: float, seed: int, kept: Any) -> tuple:
    """As the compiled functions take them: those of the scores, and from [2] on of dropout."""
    drops = p > 0, kept is None, np.uint64(seed), np.uint32(dropout.threshold(p)), dropout.scale(p)
    return bool(causal), float(scale_of(q, scale)), *drops


# ---------------------------------------------------------------------------- the tile


@jit(forceinline=True)
def place(at, i, j, x):
    """Where row x of batch i and head j begins, in an array with the strides `at`."""
    return i * at[0] + j * at[1] + x * at[2]


@jit(forceinline=True)
def cut(x, n):
    """The first n numbers of x, and the others."""
    return x[:n], x[n:]


@jit
def column_major(x, at, row, n, columns, d, factor, out):
    """n rows of d numbers, from x[at] on and `row` apart, times `factor`, as columns of `out`.

    The columns from n on are zeros.
    """
    lanes = lanes_in(x)
    for c in range(0, columns, lanes):
        if c + lanes <= n:
            for i in range(0, d, lanes):
                transpose(x, at + c * row + i, row, out, i * QUERIES + c, QUERIES)
        else:
            for i in range(d):
                for j in range(c, c + lanes):
                    out[i * QUERIES + j] = x[at + j * row + i] if j < n else 0
    for i in range(d):
        line = out[i * QUERIES : i * QUERIES + columns]
        for c in range(columns):
            line[c] *= factor


# ---------------------------------------------------------------------------- what is hidden

# Key j of a tile comes after its queries before column j + first, if `causal`; else first = -FAR.


@jit
def first_column(j, first):
    """Where row j of a tile begins to be computed: whole CHUNKs of what is hidden are left out,
    the same for all rows that the register tile does together."""
    return max(0, j // ROWS * ROWS + first) // CHUNK * CHUNK


@jit(forceinline=True)
def row_of(tile, j, columns, first):
    """Where row j begins, and the row from there on."""
    start = first_column(j, first)
    return start, tile[j * QUERIES + start : j * QUERIES + columns]


@jit
def hide(tile, keys, columns, first, value):
    """Write `value` where the key comes after the query."""
    for j in range(max(0, 1 - first), keys):
        start, row = row_of(tile, j, columns, first)
        for c in range(min(len(row), j + first - start)):
            row[c] = value


# ---------------------------------------------------------------------------- products


@jit
def scores(tile, keys, columns, d, x, at, row, block, tables, first):
    """tile = x block: rows x[at + j * row :][:d], columns as `column_major` makes them."""
    product(
        keys, columns, d, x, at, row, Int(1), block, Int(0), Int(QUERIES), tile, Int(0),
        Int(QUERIES), False, first, Int(-FAR), Int(FAR), tables,
    )  # fmt: skip


@jit
def sum_over_keys(out, n, d, tile, keys, x, at, row, add, tables, first):
    """out (+)= tile^T x, where out is (n, d), and row j of x begins at x[at + j * row]."""
    product(
        n, d, keys, tile, Int(0), Int(1), Int(QUERIES), x, at, row, out, Int(0), d, add,
        Int(-FAR), Int(-FAR), -first, tables,
    )  # fmt: skip


@jit
def sum_over_queries(out, at_out, row_out, keys, d, tile, n, x, at, row, tables, first):
    """out += tile x, where row j of out begins at out[at_out + j * row_out]."""
    product(
        keys, d, n, tile, Int(0), Int(QUERIES), Int(1), x, at, row, out, at_out, row_out, True,
        Int(-FAR), first, Int(FAR), tables,
    )  # fmt: skip


@jit(forceinline=True)
def product(
    n_rows, n_columns, k, a, at_a, row_a, step_a, b, at_b, row_b, c, at_c, row_c, add,
    left, low, high, tables,
):  # fmt: skip
    """C (+)= A B by register tiles; see `tile.py` for where the numbers are.

    As far as hidden scores make zeros of A or C, row i of C needs only the columns from i + left
    on, and of the sums the terms from i + low to i + high.
    """
    nothing, places, lanes = tables
    for j in range(0, n_columns, 2 * lanes[0]):
        for i in range(0, n_rows, ROWS):
            if i + left >= j + 2 * lanes[0]:
                break
            start = max(0, i + low) // CHUNK * CHUNK
            steps = min(k, i + ROWS + high) - start
            if j + lanes[0] < n_columns:
                fixed_tile(
                    ROWS, 2, a, at_a + i * row_a + start * step_a, row_a, step_a, b,
                    at_b + start * row_b + j, row_b, Int(0), steps, nothing, Int(0), c,
                    at_c + i * row_c + j, row_c, places, places, lanes, Int(0), add,
                )  # fmt: skip
            else:
                fixed_tile(
                    ROWS, 1, a, at_a + i * row_a + start * step_a, row_a, step_a, b,
                    at_b + start * row_b + j, row_b, Int(0), steps, nothing, Int(0), c,
                    at_c + i * row_c + j, row_c, places, places, lanes, Int(0), add,
                )  # fmt: skip


@jit
def tables_for(x):
    """What the register tile wants to know: no bias, vectors side by side, all their lanes."""
    n = lanes_in(x)
    return np.zeros(ROWS, x.dtype), np.array([0, n]), np.array([n, n])


# ---------------------------------------------------------------------------- options


@jit
def add_bias(tile, keys, n, bias, at, row, step):
    """Add bias[at + c * row + j * step] to the score of key j and query c."""
    for c in range(n):
        for j in range(keys):
            tile[j * QUERIES + c] += bias[at + c * row + j * step]


@jit
def dropout_factors(out, keys, n, how, element, apart, kept, at, row, step):
    """0 or 1 / (1 - p) for each weight of a tile: by random numbers, or by `kept`, a mask.

    element: the number of the first weight of the tile; `apart` further is that of the next key.
    """
    _, _, _, draws, seed, least, scale = how
    nothing, scale = out.dtype.type(0), out.dtype.type(scale)
    words = np.empty(QUERIES, np.uint32)
    for j in range(keys):
        line = out[j * QUERIES : (j + 1) * QUERIES]
        if draws:
            random_group(seed, np.uint64(element + j * apart), words)
            for c in range(QUERIES):
                line[c] = scale if words[c] >= least else nothing
        else:
            for c in range(QUERIES):
                line[c] = scale if c < n and kept[at + c * row + j * step] else nothing
