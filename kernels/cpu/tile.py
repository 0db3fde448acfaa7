"""The register tile: the one loop on which matrix products, convolutions and attention are built.

    C[i, j] (+)= bias[i] + sum_k A[i, k] * B[k, j]

for a block of C so small that it stays in the processor's registers during the whole loop over k:
ROWS rows of up to VECTORS vectors. A step of the loop loads one row of B, and multiplies it with
ROWS single numbers of A: ROWS * VECTORS fused multiply-adds for ROWS + VECTORS loads, so that the
arithmetic units, and not the memory, are what is waited for.

Where the numbers are is said as freely as that loop allows:

    A[i, k]   a[at_a + i * row_a + k * step_a]             any strides
    B[k, v]   b[at_b + rows[k] + columns_b[v] ...]         vector v of row k, found by two tables
    C[i, v]   c[at_c + i * row_c + columns_c[v] ...]       its first `lanes[v]` numbers are written

That the rows of B are found through a table is what makes a convolution a matrix product that
copies nothing: the row of B for one channel and one place in the filter is the image, shifted.
Vectors of B may be read beyond `lanes[v]`, so there must be memory there, whatever is in it.

Numba knows no vectors. So the loop is written in LLVM's instructions, by a Python function that
runs when the kernel is compiled; everything around it is plain Numba.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from kernels.cpu.jit import jit
from kernels.cpu.vectors import COUNT, INDEX, Emitter, array_pointer, intrinsic, number

# ROWS * VECTORS sums, VECTORS vectors of B and one number of A fit into the registers, and there
# are more sums than an addition takes cycles to finish (4 or so), or each would wait for the last.
ROWS, VECTORS = (8, 3) if COUNT == 32 else (4, 3)


def emit_tile(
    vectors: Emitter, n_rows: int, n_vectors: int, a: Any, row_a: Any, step_a: Any, b: Any,
    rows: Any, columns_b: Any, k: Any, bias: Any, c: Any, row_c: Any, columns_c: Any, lanes: Any,
    add: Any,
) -> None:  # fmt: skip
    """The loop. Arguments are pointers (at the place where to start) and numbers of LLVM."""
    builder = vectors.builder
    before = builder.block
    places_b = [builder.load(builder.gep(columns_b, [number(v)])) for v in range(n_vectors)]
    places_a = [builder.mul(row_a, number(i)) for i in range(n_rows)]
    starts = [vectors.splat(builder.load(builder.gep(bias, [number(i)]))) for i in range(n_rows)]
    loop, after = builder.append_basic_block("step"), builder.append_basic_block("sums")
    builder.cbranch(builder.icmp_signed(">", k, number(0)), loop, after)

    builder.position_at_end(loop)
    step = builder.phi(INDEX)
    step.add_incoming(number(0), before)
    sums = [[builder.phi(vectors.vector) for _ in range(n_vectors)] for _ in range(n_rows)]
    row_b = vectors.at(b, builder.load(builder.gep(rows, [step])))
    loaded = [vectors.load(vectors.at(row_b, place)) for place in places_b]
    column_a = vectors.at(a, builder.mul(step, step_a))
    new = []
    for i in range(n_rows):
        x = vectors.splat(builder.load(vectors.at(column_a, places_a[i])))
        new.append([vectors.fma(x, loaded[v], sums[i][v]) for v in range(n_vectors)])
    next_step = builder.add(step, number(1))
    step.add_incoming(next_step, loop)
    builder.cbranch(builder.icmp_signed("<", next_step, k), loop, after)

    builder.position_at_end(after)
    totals = [[builder.phi(vectors.vector) for _ in range(n_vectors)] for _ in range(n_rows)]
    for i in range(n_rows):
        for v in range(n_vectors):
            sums[i][v].add_incoming(starts[i], before)
            sums[i][v].add_incoming(new[i][v], loop)
            totals[i][v].add_incoming(starts[i], before)
            totals[i][v].add_incoming(new[i][v], loop)
    for v in range(n_vectors):
        place = builder.load(builder.gep(columns_c, [number(v)]))
        count = builder.load(builder.gep(lanes, [number(v)]))
        places = [vectors.at(c, place, builder.mul(row_c, number(i))) for i in range(n_rows)]
        whole = builder.icmp_signed("==", count, number(vectors.lanes))
        with builder.if_else(whole) as (all_lanes, some_lanes):
            with all_lanes:
                write(vectors, places, [row[v] for row in totals], None, add)
            with some_lanes:
                write(vectors, places, [row[v] for row in totals], vectors.mask(count), add)


def write(vectors: Emitter, places: list, totals: list, mask: Any, add: Any) -> None:
    """Store, or add to what is there, all lanes or those of a mask."""

    def store(vector: Any, place: Any) -> None:
        if mask is None:
            vectors.store(vector, place)
        else:
            vectors.masked_store(vector, place, mask)

    with vectors.builder.if_else(add) as (yes, no):
        with yes:
            for place, total in zip(places, totals, strict=True):
                old = vectors.load(place) if mask is None else vectors.masked_load(place, mask)
                store(vectors.builder.fadd(old, total), place)
        with no:
            for place, total in zip(places, totals, strict=True):
                store(total, place)


# For constants in calls of `tile`, for each of which Numba would compile it again otherwise.
Int, Bool = np.int64, np.bool_


@intrinsic(prefer_literal=True)
def fixed_tile(
    typing, n_rows, n_vectors, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
    c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
):  # fmt: skip
    """`tile` for constants n_rows and n_vectors: no choice at run time, for short sums over k."""
    n = types.intp
    signature = types.void(
        n_rows, n_vectors, a, n, n, n, b, n, rows, n, n, bias, n, c, n, n, columns_b, columns_c,
        lanes, n, types.boolean,
    )  # fmt: skip

    def generate(context, builder, signature, args):
        def pointer(i, start):
            return array_pointer(context, builder, signature.args[i], args[i], args[start])

        vectors = Emitter(builder, context.get_data_type(signature.args[2].dtype))
        emit_tile(
            vectors, n_rows.literal_value, n_vectors.literal_value,
            pointer(2, 3), args[4], args[5], pointer(6, 7), pointer(8, 9), pointer(16, 19),
            args[10], pointer(11, 12), pointer(13, 14), args[15], pointer(17, 19),
            pointer(18, 19), args[20],
        )  # fmt: skip
        return context.get_dummy_value()

    return signature, generate


@jit
def tile(
    n_rows, n_vectors, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
    c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
):  # fmt: skip
    """A tile of `n_rows` rows (1 to ROWS) and `n_vectors` vectors (1 to VECTORS).

    See the top of this file. Arrays are contiguous, a, b, bias and c of one dtype; `at_...` is
    where in them to start, and `at_columns` where in columns_b, columns_c and lanes.
    """
    if n_rows < ROWS:  # what is left over at the edge of a matrix: one row at a time
        for i in range(n_rows):
            _rows(
                1, n_vectors, a, at_a + i * row_a, row_a, step_a, b, at_b, rows, at_rows, k,
                bias, at_bias + i, c, at_c + i * row_c, row_c, columns_b, columns_c, lanes,
                at_columns, add,
            )  # fmt: skip
    else:
        _rows(
            ROWS, n_vectors, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
            c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
        )  # fmt: skip


@jit(inline="always")
def _rows(
    n_rows, n_vectors, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
    c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
):  # fmt: skip
    if n_vectors == VECTORS:
        fixed_tile(
            n_rows, VECTORS, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
            c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
        )  # fmt: skip
    elif n_vectors == 2:
        fixed_tile(
            n_rows, 2, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
            c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
        )  # fmt: skip
    else:
        fixed_tile(
            n_rows, 1, a, at_a, row_a, step_a, b, at_b, rows, at_rows, k, bias, at_bias,
            c, at_c, row_c, columns_b, columns_c, lanes, at_columns, add,
        )  # fmt: skip


@jit
def vectors_of(vectors):
    """How many the first tile is to have of so many: 4 are cut into 2 and 2, not into 3 and 1."""
    tiles = -(-vectors // VECTORS)
    return -(-vectors // tiles)
