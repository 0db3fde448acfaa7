"""The maximum of every window, and where it is.

Without a branch: which of two random numbers is larger, no processor can guess. Numbers that are
looked up one by one are slow to get; but along a row, windows mostly are 1 or 2 apart, and then
whole vectors are read, and compared in registers.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from llvmlite import ir
from numba import types

from kernels.cpu.jit import dense, jit
from kernels.cpu.parallel import bounds, parallel
from kernels.cpu.pool_windows import CHUNKS, FEW, outputs, planes, table
from kernels.cpu.vectors import INDEX, Emitter, array_pointer, intrinsic, number
from kernels.reference import pool as reference
from kernels.reference.pool import Windows
from kernels.scratch import borrow, empty


@functools.lru_cache(16)
def rows_of(shape: tuple[int, ...], axes: tuple[Windows, ...]) -> tuple[int, int, int, int]:
    """How many outputs a row has; the first and the end of those that are equally far apart in all
    rows; how far: 1 or 2. Or 0, if that is not so, or for too few. (At the edges of the image
    windows are cut off.)
    """
    place, _ = table(shape, axes)
    row = len(axes[-1].first)
    apart = np.diff(place.reshape(-1, row).astype(np.int64), axis=1)
    step = int(apart[0, row // 2]) if row > 2 else 0
    even = np.r_[0, (apart == step).all(axis=0), 0]
    borders = np.flatnonzero(np.diff(even))  # where runs of equal distances begin and end
    first, end = max(borders.reshape(-1, 2), key=np.ptp, default=(0, 0))
    return row, int(first), int(end) + 1, step if step in (1, 2) and end - first >= FEW / 2 else 0


@parallel
def max_of_planes(part, parts, x, place, room, y, indices):
    begin, end = bounds(part, parts, len(x))
    where = room[part]
    length, count = place.shape
    flat_x, flat_y, flat_indices = x.reshape(-1), y.reshape(-1), indices.reshape(-1)
    for p in range(begin, end):
        if count < FEW:
            for o in range(count):
                at, at_y = p * x.shape[1], p * count + o
                largest_of_one(flat_x, at, place, o, flat_y, flat_indices, at_y)
            continue
        for o in range(count):
            y[p, o], where[o] = x[p, place[0, o]], place[0, o]
        for k in range(1, length):
            for o in range(count):
                value = x[p, place[k, o]]
                better = (value > y[p, o]) | (value != value)
                y[p, o] = value if better else y[p, o]
                where[o] = place[k, o] if better else where[o]
        for o in range(count):
            indices[p, o] = where[o]


@intrinsic(prefer_literal=True)
def largest(typing, n, step, x, at_x, place, o, length, count, y, indices, at_y):
    """For n windows, `step` apart, from place[:, o] on: the maxima, and where they are."""
    i = types.intp
    signature = types.void(n, step, x, i, place, i, i, i, y, indices, i)

    def generate(context, builder, signature, args):
        def pointer(array, start):
            return array_pointer(context, builder, signature.args[array], args[array], start)

        lanes, apart = n.literal_value, step.literal_value
        vectors = Emitter(builder, context.get_data_type(signature.args[2].dtype))
        whole = ir.VectorType(ir.IntType(32), lanes)
        offsets = ir.Constant(whole, [apart * lane for lane in range(lanes)])
        values, at_place = pointer(2, args[3]), pointer(4, args[5])

        def window(k):
            """The k-th numbers of all windows, and their places."""
            first = builder.load(builder.gep(at_place, [builder.mul(k, args[7])]))
            here = vectors.at(values, builder.zext(first, k.type))
            load = vectors.load if apart == 1 else vectors.load_second
            return load(here, lanes), builder.add(vectors.splat(first, whole), offsets)

        best, where = window(number(0))
        before = builder.block
        loop, after = builder.append_basic_block("window"), builder.append_basic_block("found")
        many = builder.icmp_signed(">", args[6], number(1))
        builder.cbranch(many, loop, after)
        builder.position_at_end(loop)
        k, old, old_where = builder.phi(INDEX), builder.phi(best.type), builder.phi(whole)
        value, place = window(k)
        is_nan = builder.fcmp_unordered("uno", value, value)
        better = builder.or_(builder.fcmp_ordered(">", value, old), is_nan)
        new = builder.select(better, value, old)
        new_where = builder.select(better, place, old_where)
        next_k = builder.add(k, number(1))
        steps = (k, number(1), next_k), (old, best, new), (old_where, where, new_where)
        for phi, start, again in steps:
            phi.add_incoming(start, before)
            phi.add_incoming(again, loop)
        builder.cbranch(builder.icmp_signed("<", next_k, args[6]), loop, after)
        builder.position_at_end(after)
        found, found_at = builder.phi(best.type), builder.phi(whole)
        for phi, start, again in ((found, best, new), (found_at, where, new_where)):
            phi.add_incoming(start, before)
            phi.add_incoming(again, loop)
        vectors.store(found, pointer(8, args[10]))
        wide = builder.zext(found_at, ir.VectorType(INDEX, lanes))
        vectors.store(wide, pointer(9, args[10]))
        return context.get_dummy_value()

    return signature, generate


@parallel
def max_of_rows(part, parts, x, size, place, row, first, end, step, y, indices):
    """The same for rows of windows of which those from first to end are `step` apart.

    x, y and indices are flat; size: numbers in a plane of x.
    """
    begin, stop = bounds(part, parts, x.size // size)
    length, count = place.shape
    table, many = place.reshape(-1), end - first
    n = 16 if many >= 16 else 8 if many >= 8 else 4
    for p in range(begin, stop):
        for o in range(0, count, row):
            for j in range(first):
                largest_of_one(x, p * size, place, o + j, y, indices, p * count + o + j)
            for j in range(end, row):
                largest_of_one(x, p * size, place, o + j, y, indices, p * count + o + j)
            j = first
            while j < end:
                j = min(j, end - n)  # the last ones overlap those before
                at, at_y = o + j, p * count + o + j
                if step == 1:
                    if n == 16:
                        largest(16, 1, x, p * size, table, at, length, count, y, indices, at_y)
                    elif n == 8:
                        largest(8, 1, x, p * size, table, at, length, count, y, indices, at_y)
                    else:
                        largest(4, 1, x, p * size, table, at, length, count, y, indices, at_y)
                elif n == 16:
                    largest(16, 2, x, p * size, table, at, length, count, y, indices, at_y)
                elif n == 8:
                    largest(8, 2, x, p * size, table, at, length, count, y, indices, at_y)
                else:
                    largest(4, 2, x, p * size, table, at, length, count, y, indices, at_y)
                j += n


@jit
def largest_of_one(x, at, place, o, y, indices, at_y):
    """Of window o alone, in the plane that begins at x[at]."""
    best, best_at = x[at + place[0, o]], place[0, o]
    for k in range(1, len(place)):
        value = x[at + place[k, o]]
        if value > best or value != value:
            best, best_at = value, place[k, o]
    y[at_y], indices[at_y] = best, best_at


def max_pool(x, kernel_size, stride, padding, dilation, ceil_mode):
    axes = reference.max_windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    return maxima(x, axes)


def adaptive_max_pool(x, output_size):
    return maxima(x, reference.sharing(x.shape[2:], output_size))


def maxima(x, axes):
    shape = (*x.shape[:2], *outputs(axes))
    y, indices = empty(shape, x.dtype), empty(shape, np.int64)
    if y.size:
        spatial = x.shape[2:]
        place, _ = table(spatial, axes)
        rows = rows_of(spatial, axes)
        if rows[-1]:
            max_of_rows[CHUNKS](
                dense(x).reshape(-1), math.prod(spatial), place, *rows, y.reshape(-1),
                indices.reshape(-1),
            )  # fmt: skip
        else:
            with borrow((CHUNKS, place.shape[1]), np.uint32) as room:
                max_of_planes[CHUNKS](planes(x), place, room, planes(y), planes(indices))
    return y, indices


@parallel
def add_to_planes(part, parts, g, indices, gx):
    begin, end = bounds(part, parts, len(g))
    for p in range(begin, end):
        gx[p] = 0
        for o in range(g.shape[1]):
            gx[p, indices[p, o]] += g[p, o]


def max_pool_backward(g, indices, spatial_shape):
    gx = empty((*g.shape[:2], *spatial_shape), g.dtype)
    add_to_planes[CHUNKS](planes(g), planes(indices), planes(gx))
    return gx
