"""Vectors for Numba, which has none: LLVM's instructions, written by Python at compile time.

`Emitter` has the few that the kernels need; `runs.py` has the simplest uses of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic as _intrinsic

intrinsic: Any = _intrinsic  # for type checkers, which see a parameter that Numba passes itself


class Registers(NamedTuple):
    """The vector unit of this processor: bytes in a register, and how many registers there are."""

    width: int
    total: int


def registers() -> Registers:
    features = llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return Registers(64, 32)
    if features.get("avx"):
        return Registers(32, 16)
    arm = llvm.get_process_triple().startswith(("aarch64", "arm64"))
    return Registers(16, 32 if arm else 16)


WIDTH, COUNT = registers()


def lanes_of(dtype: Any) -> int:
    """How many numbers of this dtype are in one vector."""
    return WIDTH // dtype.itemsize


INDEX = ir.IntType(64)


def number(value: int) -> Any:
    return ir.Constant(INDEX, value)


class Emitter:
    """LLVM's instructions for vectors of one float type."""

    def __init__(self, builder: Any, element: Any):
        self.builder, self.element = builder, element
        self.size = 4 if isinstance(element, ir.FloatType) else 8
        self.lanes = WIDTH // self.size
        self.vector = ir.VectorType(element, self.lanes)
        self.zero = ir.Constant(self.vector, None)
        self.undefined = ir.Constant(self.vector, ir.Undefined)

    def at(self, pointer: Any, *offsets: Any) -> Any:
        for offset in offsets:
            pointer = self.builder.gep(pointer, [offset])
        return pointer

    def opaque(self, pointer: Any) -> Any:
        """The same pointer, through an empty instruction of which LLVM cannot know what it does.

        Where it sees that pointers are equally far apart, it computes each from the last: more
        instructions, that wait for each other. Now it adds pointer and offset in the access itself.
        """
        kind = ir.FunctionType(pointer.type, [pointer.type])
        return self.builder.asm(kind, "", "=r,0", [pointer], side_effect=False)

    def _pointer(self, pointer: Any, kind: Any = None) -> Any:
        return self.builder.bitcast(pointer, (kind or self.vector).as_pointer())

    def load(self, pointer: Any, lanes: int | None = None) -> Any:
        kind = ir.VectorType(self.element, lanes or self.lanes)
        vector = self.builder.load(self._pointer(pointer, kind))
        vector.align = self.size  # that of a single number: vectors may start anywhere
        return vector

    def load_second(self, pointer: Any, lanes: int) -> Any:
        """Numbers 0, 2, 4, ...; of what is behind the last of them, nothing is read."""
        low = self.load(pointer, lanes)
        high = self.load(self.at(pointer, number(lanes - 1)), lanes)
        places = [*range(0, lanes, 2), *range(lanes + 1, 2 * lanes, 2)]
        return self.shuffle(low, high, places)

    def store(self, vector: Any, pointer: Any) -> None:
        self.builder.store(vector, self._pointer(pointer, vector.type)).align = self.size

    def mask(self, count: Any) -> Any:
        """True in the first `count` lanes."""
        kind = ir.VectorType(INDEX, self.lanes)
        numbers = ir.Constant(kind, list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self.splat(count, kind))

    def masked_load(self, pointer: Any, mask: Any) -> Any:
        kind = ir.FunctionType(
            self.vector, [self.vector.as_pointer(), ir.IntType(32), mask.type, self.vector]
        )
        function = self._intrinsic("load", kind)
        align = ir.Constant(ir.IntType(32), self.size)
        return self.builder.call(function, [self._pointer(pointer), align, mask, self.zero])

    def masked_store(self, vector: Any, pointer: Any, mask: Any) -> None:
        kind = ir.FunctionType(
            ir.VoidType(), [self.vector, self.vector.as_pointer(), ir.IntType(32), mask.type]
        )
        function = self._intrinsic("store", kind)
        align = ir.Constant(ir.IntType(32), self.size)
        self.builder.call(function, [vector, self._pointer(pointer), align, mask])

    def _intrinsic(self, what: str, kind: Any) -> Any:
        name = f"llvm.masked.{what}.v{self.lanes}f{8 * self.size}.p0"
        return cgutils.get_or_insert_function(self.builder.module, kind, name)

    def splat(self, value: Any, kind: Any = None) -> Any:
        """A vector with the same number in every lane."""
        kind = kind or self.vector
        undefined = ir.Constant(kind, ir.Undefined)
        index = ir.IntType(32)
        first = self.builder.insert_element(undefined, value, ir.Constant(index, 0))
        nowhere = ir.Constant(ir.VectorType(index, kind.count), None)
        return self.builder.shuffle_vector(first, undefined, nowhere)

    def shuffle(self, a: Any, b: Any, places: list[int]) -> Any:
        """A vector of the lanes at `places`, counted through a and then b."""
        kind = ir.VectorType(ir.IntType(32), len(places))
        return self.builder.shuffle_vector(a, b, ir.Constant(kind, places))

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """a * b + c, in one instruction where the processor has one."""
        product = self.builder.fmul(a, b, flags=("contract",))
        return self.builder.fadd(product, c, flags=("contract",))

    def sum_of(self, vector: Any) -> Any:
        """The sum of all lanes: the upper half is added to the lower one, until one is left."""
        n = self.lanes
        while n > 1:
            n //= 2
            low, high = (self.shuffle(vector, vector, list(range(i, i + n))) for i in (0, n))
            vector = self.builder.fadd(low, high)
        return self.builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))

    def transposed(self, vectors: list) -> list:
        """The columns of a square of vectors: blocks of 1, 2, 4, ... lanes are exchanged."""
        vectors = list(vectors)
        n, d = self.lanes, 1
        while d < n:
            for i in range(n):
                if not i & d:
                    a, b = vectors[i], vectors[i + d]
                    low = [n + m - d if m & d else m for m in range(n)]
                    high = [n + m if m & d else m + d for m in range(n)]
                    vectors[i], vectors[i + d] = self.shuffle(a, b, low), self.shuffle(a, b, high)
            d *= 2
        return vectors


def array_pointer(context: Any, builder: Any, kind: Any, value: Any, start: Any) -> Any:
    """A pointer to element `start` of a contiguous array."""
    return builder.gep(context.make_array(kind)(context, builder, value).data, [start])


@intrinsic
def lanes_in(typing, array):
    """How many numbers of this array are in one vector."""

    def generate(context, builder, signature, args):
        return number(WIDTH // (array.dtype.bitwidth // 8))

    return types.intp(array), generate
