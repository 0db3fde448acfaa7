"""How Numba's CUDA kernels of this folder are run: on CuPy's stream, or in Numba's simulator.

The simulator (NUMBA_ENABLE_CUDASIM=1) has a Python thread for each thread of a block, so there the
blocks are small: `side(16)` is the side of a square block of threads, 16 on a GPU.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np

from kernels.table import simulated

cuda: Any = importlib.import_module("numba.cuda")  # (its types would confuse a type checker)

# What a kernel computes in, by the dtype in memory.
WIDE = {"float32": numba.float32, "float64": numba.float64}


THREADS = 4 if simulated() else 128  # in a block that shares a row


def side(on_gpu: int) -> int:
    return min(on_gpu, 4) if simulated() else on_gpu


def blocks(*sizes: tuple[int, int]) -> tuple[int, ...]:
    """How many blocks cover n things, `each` a block, for each pair (n, each)."""
    return tuple(-(-n // each) for n, each in sizes)


def launch(kernel: Any, blocks: Sequence[int], threads: Sequence[int], *args: Any) -> None:
    if simulated():  # it copies results back, also to arrays that may not be written to
        args = tuple(cuda.In(a) if is_frozen(a) else a for a in args)
    if 0 not in blocks:
        kernel[tuple(blocks), tuple(threads), stream()](*args)


def is_frozen(a: Any) -> bool:
    return isinstance(a, np.ndarray) and not a.flags.writeable


def stream() -> Any:
    """CuPy's current stream, for Numba; 0 in the simulator."""
    if simulated():
        return 0
    return cuda.external_stream(importlib.import_module("cupy").cuda.get_current_stream().ptr)


def dense(x: Any) -> Any:
    """x in C order, copied only if it is not so already."""
    return x if x.flags.c_contiguous else np.ascontiguousarray(x)


def rows_of(x: Any) -> tuple[int, int]:
    """(rows, n) of an array whose last axis has n elements."""
    n = x.shape[-1]
    return (x.size // n if n else 0), n


def per_dtype(make: Callable) -> Callable:
    """Builds a kernel for float32 and one for float64, each when it is first asked for: the type of
    its shared memory must be known when it is compiled.

    make(wide) returns the kernel that computes in the type `wide`; what this returns takes an array
    and gives the kernel for it.
    """
    kernels: dict[str, Any] = {}

    def kernel_for(x: Any) -> Any:
        name = x.dtype.name
        if name not in WIDE:
            raise TypeError(f"{make.__module__}: takes float32 or float64 here, got {name}")
        if name not in kernels:
            kernels[name] = cuda.jit(make(WIDE[name]))
        return kernels[name]

    return kernel_for


def device_per_dtype(make: Callable) -> Callable:
    """The same for a function that kernels call; this takes the type."""
    return functools.cache(lambda wide: cuda.jit(device=True)(make(wide)))


# ---------------------------------------------------------------------------- a block together


@cuda.jit(device=True)
def block_sum(room, me):
    """The sum of the THREADS numbers in `room`, to every thread; `room` is free again then."""
    half = THREADS // 2
    while half > 0:
        cuda.syncthreads()
        if me < half:
            room[me] += room[me + half]
        half //= 2
    cuda.syncthreads()
    total = room[0]
    cuda.syncthreads()
    return total


@cuda.jit(device=True)
def block_max(room, me):
    """The largest of the THREADS numbers in `room`, to every thread."""
    half = THREADS // 2
    while half > 0:
        cuda.syncthreads()
        if me < half:
            room[me] = max(room[me], room[me + half])
        half //= 2
    cuda.syncthreads()
    largest = room[0]
    cuda.syncthreads()
    return largest
