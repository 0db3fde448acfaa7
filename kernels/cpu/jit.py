"""How the kernels of this folder are compiled: `@jit`. What threads share out: `parallel.py`; where
compiled code is kept: `disk_cache.py`.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.core import config, event
from numba.core.codegen import get_host_cpu_features

from kernels.cpu import disk_cache

# What the compiler may do with floating-point arithmetic: fuse a product and a sum, reorder sums
# so that they fit the vector unit, and ignore the sign of zero. Not `nnan` and `ninf`: with them
# it may assume that there is no NaN and no infinity, and there is.
MAY = {"contract", "reassoc", "nsz"}
# Where the order of operations is the point, as in a range reduction.
AS_WRITTEN = {"contract"}

# After a parallel loop the threads of GNU OpenMP wait for the next one in a busy loop. By default
# that is 300,000 turns, some 15 ms, in which they hold a core that BLAS has threads of its own for.
# With a few thousand they sleep between two loops, and must be woken. This is between: about 2 ms.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "40000")


def keep_freed_memory() -> None:
    """Have the C library (glibc) keep up to a gigabyte of freed memory for the next array.

    By itself it gives what large arrays held back to the system, and gets it again a page at a
    time, each filled with zeros first: a fifth of a CNN's training step.
    """
    mmap_threshold, trim_threshold = -3, -1  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD of malloc.h
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and not any(name.startswith("MALLOC_") for name in os.environ):
        mallopt(mmap_threshold, 32 * 2**20)  # the largest that glibc takes
        mallopt(trim_threshold, 2**30)


if sys.platform == "linux":
    keep_freed_memory()


def use_whole_vectors() -> None:
    """Have LLVM make vectors as wide as the registers are, in loops that it makes them of itself.

    With AVX-512 it takes half of one, since the first such processors became slower when they
    computed with whole ones. Later ones do not: GELU takes a quarter less time.
    """
    features = get_host_cpu_features()
    of_numba: Any = config
    if "+avx512f" in features.split(",") and not of_numba.CPU_FEATURES:
        of_numba.CPU_FEATURES = f"{features},-prefer-256-bit"


use_whole_vectors()


def jit(function: Callable | None = None, *, fastmath: Any = MAY, **options: Any) -> Any:
    """Numba's njit, cached on disk, without the GIL: for loops called from Python or from jit."""
    if function is None:
        return functools.partial(jit, fastmath=fastmath, **options)
    options |= {"no_cfunc_wrapper": True}  # for C, which calls none of them
    compiled: Any = numba.njit(
        cache=True, nogil=True, fastmath=fastmath, error_model="numpy", **options
    )(function)
    disk_cache.keep(compiled, function)
    return compiled


def threads() -> int:
    """How many threads a parallel loop has: NUMBA_NUM_THREADS, or numba.set_num_threads(n)."""
    return numba.get_num_threads()


def dense(x: Any, dtype: Any = None) -> np.ndarray:
    """x in the one memory layout that kernels are compiled for: C order, aligned, writeable.

    Copies only what is not so already.
    """
    if x.flags.carray and (dtype is None or x.dtype == dtype):
        return x
    return np.require(x, dtype, ("C", "A", "W", "E"))


# ---------------------------------------------------------------------------- a word on waiting


class _Patience(event.Listener):
    """Says what takes so long, if compiling takes longer than 2 seconds; once in a process."""

    AFTER = 2.0  # seconds

    def __init__(self) -> None:
        self.depth = 0
        self.timer: threading.Timer | None = None
        self.said = False

    def on_start(self, event: Any) -> None:
        self.depth += 1
        if self.depth == 1 and self.timer is None and not self.said:
            self.timer = threading.Timer(self.AFTER, self.say)
            self.timer.daemon = True
            self.timer.start()

    def on_end(self, event: Any) -> None:
        self.depth -= 1
        if self.depth == 0 and self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def say(self) -> None:
        self.said = True
        text = "minigrad: compiling kernels for this processor; they are kept for the next time ..."
        print(text, file=sys.stderr, flush=True)


event.register("numba:compile", _Patience())
