"""The register tile: the one loop on which matrix products, convolutions and attention are built.

    C[i, j] (+)= bias[i] + sum_k A[i, k] * B[k, j]

for a block of C so small that it stays in the processor's registers during the whole loop over k:
ROWS rows of up to VECTORS vectors. A step of the loop loads one row of B, and multiplies it with
ROWS single numbers of A: ROWS * VECTORS fused multiply-adds for ROWS + VECTORS loads, so that the
arithmetic units, and not the memory, are what is waited for.

Where the numbers are is said as freely as that loop allows:

    A[i, k]   a[at_a + i * row_a + k * step_a]             any strides
    B[k, v]   b[at_b + rows[k] + columns_b[v] ...]         vector v of row k, found by two tables;
                                                           rows may be a number: k * rows
    C[i, v]   c[at_c + i * row_c + columns_c[v] ...]       its first `lanes[v]` numbers are written

That the rows of B are found through a table is what makes a convolution a matrix product that
copies nothing: the row of B for one channel and one place in the filter is the image, shifted.
Vectors of B may be read beyond `lanes[v]`, so there must be memory there, whatever is in it.

How many instructions a step takes counts: where two threads share a core, they share what it can
start in a cycle. So UNROLLED steps follow each other without counting, constants (`step_a` is 1 in
most calls) become part of an instruction, and `opaque` has LLVM add up addresses where they are
used.

Numba knows no vectors. So the loop is written in LLVM's instructions, by a Python function that
runs when the kernel is compiled; everything around it is plain Numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from kernels.cpu.jit import jit
from kernels.cpu.vectors import COUNT, INDEX, Emitter, array_pointer, intrinsic, number

# ROWS * VECTORS sums, VECTORS vectors of B and one number of A fit into the registers, and there
# are more sums than an addition takes cycles to finish (4 or so), or each would wait for the last.
ROWS, VECTORS = (8, 3) if COUNT == 32 else (4, 3)

UNROLLED = 4  # steps of the loop, one behind the other
# So many rows of A are found from one pointer: there are registers for the distances of no more.
NEAR = 4


def emit_tile(
    vectors: Emitter, n_rows: int, n_vectors: int, a: Any, row_a: Any, step_a: Any, b: Any,
    rows: Any, columns_b: Any, k: Any, bias: Any, c: Any, row_c: Any, columns_c: Any, lanes: Any,
    add: Any,
) -> None:  # fmt: skip
    """The loop. Arguments are pointers (at the place where to start) and numbers of LLVM."""
    builder = vectors.builder
    places_b = [builder.load(builder.gep(columns_b, [number(v)])) for v in range(n_vectors)]

    def steps(count: int, first: Any, sums: list) -> list:
        """The sums with the products of `count` columns of A and rows of B, from `first` on."""
        column = vectors.at(a, builder.mul(first, step_a))
        near = [
            vectors.opaque(vectors.at(column, builder.mul(row_a, number(i))))
            for i in range(0, n_rows, NEAR)
        ]
        sums = list(sums)
        for step in range(count):
            p, ahead = builder.add(first, number(step)), builder.mul(step_a, number(step))
            if isinstance(rows.type, ir.PointerType):
                row_b = vectors.at(b, builder.load(builder.gep(rows, [p])))
            else:
                row_b = vectors.at(b, builder.mul(p, rows))
            loaded = [vectors.load(vectors.at(row_b, place)) for place in places_b]
            for i in range(n_rows):
                place = vectors.at(near[i // NEAR], ahead, builder.mul(row_a, number(i % NEAR)))
                x = vectors.splat(builder.load(place))
                for v, y in enumerate(loaded):
                    sums[i * n_vectors + v] = vectors.fma(x, y, sums[i * n_vectors + v])
        return sums

    starts = [vectors.splat(builder.load(builder.gep(bias, [number(i)]))) for i in range(n_rows)]
    totals, done = [start for start in starts for _ in range(n_vectors)], number(0)
    for count in (UNROLLED, 1):
        totals, done = emit_loop(vectors, count, steps, totals, done, k)

    for v in range(n_vectors):
        place = builder.load(builder.gep(columns_c, [number(v)]))
        count = builder.load(builder.gep(lanes, [number(v)]))
        places = [vectors.at(c, place, builder.mul(row_c, number(i))) for i in range(n_rows)]
        whole = builder.icmp_signed("==", count, number(vectors.lanes))
        with builder.if_else(whole) as (all_lanes, some_lanes):
            with all_lanes:
                write(vectors, places, totals[v::n_vectors], None, add)
            with some_lanes:
                write(vectors, places, totals[v::n_vectors], vectors.mask(count), add)


def emit_loop(
    vectors: Emitter, count: int, steps: Callable, sums: list, done: Any, stop: Any
) -> tuple[list, Any]:
    """While `count` steps are left before `stop`: as many at once, from step `done` on.

    Returns the sums then, and how many steps are done.
    """
    builder, before = vectors.builder, vectors.builder.block
    body, after = builder.append_basic_block("steps"), builder.append_basic_block("sums")

    def go_on(done: Any) -> None:
        enough = builder.icmp_signed("<=", builder.add(done, number(count)), stop)
        builder.cbranch(enough, body, after)

    def values() -> list:
        return [*(builder.phi(vectors.vector) for _ in sums), builder.phi(INDEX)]

    go_on(done)
    builder.position_at_end(body)
    during = values()
    new = [*steps(count, during[-1], during[:-1]), builder.add(during[-1], number(count))]
    go_on(new[-1])
    builder.position_at_end(after)
    end = values()
    for phis in (during, end):
        for phi, first, next in zip(phis, [*sums, done], new, strict=True):
            phi.add_incoming(first, before)
            phi.add_incoming(next, body)
    return end[:-1], end[-1]


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

        table = isinstance(signature.args[8], types.Array)
        vectors = Emitter(builder, context.get_data_type(signature.args[2].dtype))
        emit_tile(
            vectors, n_rows.literal_value, n_vectors.literal_value,
            pointer(2, 3), args[4], args[5], pointer(6, 7),
            pointer(8, 9) if table else args[8], pointer(16, 19),
            args[10], pointer(11, 12), pointer(13, 14), args[15], pointer(17, 19),
            pointer(18, 19), args[20],
        )  # fmt: skip
        return context.get_dummy_value()

    return signature, generate


@jit(forceinline=True)
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
