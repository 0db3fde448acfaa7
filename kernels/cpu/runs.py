"""Copying runs of numbers with vectors: as they are, every second one, woven together, turned.

Nothing is checked. In Numba's own loops over slices, the checks take longer than a short copy.
"""

from __future__ import annotations

from collections.abc import Callable

from numba import types

from kernels.cpu.jit import jit
from kernels.cpu.vectors import Emitter, array_pointer, intrinsic, number


@intrinsic(prefer_literal=True)
def copy(typing, n, source, at_source, target, at_target):
    """target[at_target:][:n] = source[at_source:][:n] for a constant n, unchecked."""
    signature = types.void(n, source, types.intp, target, types.intp)
    return signature, _copies(lambda vectors: n.literal_value)


@intrinsic(prefer_literal=True)
def copy_vectors(typing, n, source, at_source, target, at_target):
    """The same for n whole vectors."""
    signature = types.void(n, source, types.intp, target, types.intp)
    return signature, _copies(lambda vectors: n.literal_value * vectors.lanes)


def _copies(count_of: Callable[[Emitter], int]) -> Callable:
    def generate(context, builder, signature, args):
        vectors = Emitter(builder, context.get_data_type(signature.args[1].dtype))
        a = array_pointer(context, builder, signature.args[1], args[1], args[2])
        b = array_pointer(context, builder, signature.args[3], args[3], args[4])
        count = count_of(vectors)
        lanes = min(vectors.lanes, count)
        places = [number(i) for i in range(0, count, lanes)]
        loaded = [vectors.load(vectors.at(a, place), lanes) for place in places]
        for vector, place in zip(loaded, places, strict=True):
            vectors.store(vector, vectors.at(b, place))
        return context.get_dummy_value()

    return generate


@jit(inline="always")
def copy_run(n, source, at_source, target, at_target):
    """target[at_target:][:n] = source[at_source:][:n], unchecked.

    What is left at the end is copied as one more vector that overlaps the one before.
    """
    if n >= 16:
        for i in range(0, n - 15, 16):
            copy(16, source, at_source + i, target, at_target + i)
        copy(16, source, at_source + n - 16, target, at_target + n - 16)
    elif n >= 8:
        copy(8, source, at_source, target, at_target)
        copy(8, source, at_source + n - 8, target, at_target + n - 8)
    elif n >= 4:
        copy(4, source, at_source, target, at_target)
        copy(4, source, at_source + n - 4, target, at_target + n - 4)
    else:
        for i in range(n):
            target[at_target + i] = source[at_source + i]


@intrinsic(prefer_literal=True)
def take_second(typing, n, source, at_source, target, at_target):
    """target[at_target + i] = source[at_source + 2 i] for i < n, a constant, unchecked."""
    signature = types.void(n, source, types.intp, target, types.intp)

    def generate(context, builder, signature, args):
        vectors = Emitter(builder, context.get_data_type(signature.args[1].dtype))
        a = array_pointer(context, builder, signature.args[1], args[1], args[2])
        b = array_pointer(context, builder, signature.args[3], args[3], args[4])
        vectors.store(vectors.load_second(a, n.literal_value), b)
        return context.get_dummy_value()

    return signature, generate


@jit(inline="always")
def every_second(n, source, at_source, target, at_target):
    """target[at_target + i] = source[at_source + 2 i] for i < n, unchecked."""
    if n >= 16:
        for i in range(0, n - 15, 16):
            take_second(16, source, at_source + 2 * i, target, at_target + i)
        take_second(16, source, at_source + 2 * (n - 16), target, at_target + n - 16)
    elif n >= 8:
        take_second(8, source, at_source, target, at_target)
        take_second(8, source, at_source + 2 * (n - 8), target, at_target + n - 8)
    elif n >= 4:
        take_second(4, source, at_source, target, at_target)
        take_second(4, source, at_source + 2 * (n - 4), target, at_target + n - 4)
    else:
        for i in range(n):
            target[at_target + i] = source[at_source + 2 * i]


@intrinsic(prefer_literal=True)
def weave(typing, n, even, at_even, odd, at_odd, target, at_target):
    """target[at_target:][: 2 n] = even[at_even], odd[at_odd], even[at_even + 1], ..., unchecked."""
    i = types.intp
    signature = types.void(n, even, i, odd, i, target, i)

    def generate(context, builder, signature, args):
        vectors = Emitter(builder, context.get_data_type(signature.args[1].dtype))
        a, b, c = (
            array_pointer(context, builder, signature.args[i], args[i], args[i + 1])
            for i in (1, 3, 5)
        )
        count = n.literal_value
        places = [i // 2 + i % 2 * count for i in range(2 * count)]
        vectors.store(vectors.shuffle(vectors.load(a, count), vectors.load(b, count), places), c)
        return context.get_dummy_value()

    return signature, generate


@jit(inline="always")
def weave_runs(n, even, at_even, odd, at_odd, target, at_target):
    """`weave` of any number n."""
    if n >= 16:
        for i in range(0, n - 15, 16):
            weave(16, even, at_even + i, odd, at_odd + i, target, at_target + 2 * i)
        i = n - 16
        weave(16, even, at_even + i, odd, at_odd + i, target, at_target + 2 * i)
    elif n >= 8:
        weave(8, even, at_even, odd, at_odd, target, at_target)
        i = n - 8
        weave(8, even, at_even + i, odd, at_odd + i, target, at_target + 2 * i)
    else:
        for i in range(n):
            target[at_target + 2 * i] = even[at_even + i]
            target[at_target + 2 * i + 1] = odd[at_odd + i]


@intrinsic
def transpose(typing, source, at_source, row_source, target, at_target, row_target):
    """target[j, i] = source[i, j] for a square of `lanes` rows and columns, unchecked."""
    n = types.intp
    signature = types.void(source, n, n, target, n, n)

    def generate(context, builder, signature, args):
        vectors = Emitter(builder, context.get_data_type(signature.args[0].dtype))
        a = array_pointer(context, builder, signature.args[0], args[0], args[1])
        b = array_pointer(context, builder, signature.args[3], args[3], args[4])
        rows = range(vectors.lanes)
        loaded = [vectors.load(vectors.at(a, builder.mul(args[2], number(i)))) for i in rows]
        for i, vector in enumerate(vectors.transposed(loaded)):
            vectors.store(vector, vectors.at(b, builder.mul(args[5], number(i))))
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def transpose_to(typing, source, at_source, row_source, target, at_target, rows, at_rows):
    """The same, row j of the result going to target[at_target + rows[at_rows + j]:]."""
    n = types.intp
    signature = types.void(source, n, n, target, n, rows, n)

    def generate(context, builder, signature, args):
        vectors = Emitter(builder, context.get_data_type(signature.args[0].dtype))
        a = array_pointer(context, builder, signature.args[0], args[0], args[1])
        b = array_pointer(context, builder, signature.args[3], args[3], args[4])
        table = array_pointer(context, builder, signature.args[5], args[5], args[6])
        rows = range(vectors.lanes)
        loaded = [vectors.load(vectors.at(a, builder.mul(args[2], number(i)))) for i in rows]
        for i, vector in enumerate(vectors.transposed(loaded)):
            vectors.store(vector, vectors.at(b, builder.load(builder.gep(table, [number(i)]))))
        return context.get_dummy_value()

    return signature, generate
