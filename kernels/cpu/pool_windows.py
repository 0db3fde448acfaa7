"""Where the windows of a pooling lie: tables that `pool_max.py` and `pool_mean.py` loop over.

Where the windows lie is the same for every plane x[n, c]. So it is worked out once, as a table
place[k, o], the place of the k-th number of output o's window in the flattened plane, for 1, 2 and
3 spatial axes, strides, padding and adaptive windows alike. What remains is one loop over tables:

    y[o] = max_k x[place[k, o]]                 y[o] = sum_k x[place[k, o]] / size[o]

in which the processor works on as many outputs at once as fit in a vector. A plane is pooled by one
thread, so that it and its result stay in the cache.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from kernels.cpu.jit import dense
from kernels.reference import pool as reference
from kernels.reference.pool import Windows

CHUNKS = 32  # of planes: more than threads, so that none waits long for the last
FEW = 8  # outputs: not enough for the vectors


def outputs(axes: tuple[Windows, ...]) -> tuple[int, ...]:
    return tuple(len(axis.first) for axis in axes)


def planes(x) -> np.ndarray:
    """(N, C, *S) as (N * C, S)."""
    return dense(x).reshape(x.shape[0] * x.shape[1], math.prod(x.shape[2:]))


@functools.lru_cache(16)
def table(shape: tuple[int, ...], axes: tuple[Windows, ...]) -> tuple[np.ndarray, np.ndarray]:
    """place[k, o], and where it counts: past the end of a window, its last place is repeated.

    (Unsigned, because Numba looks whether a signed index is negative.)
    """
    index, counts = reference.places(axes, np.empty(0))
    flat = np.ravel_multi_index(np.broadcast_arrays(*index), shape)
    counts = np.broadcast_to(counts, flat.shape)
    flat, counts = (
        a.reshape(math.prod(outputs(axes)), math.prod(flat.shape[len(axes) :])).T
        for a in (flat, counts)
    )
    return np.ascontiguousarray(flat, np.uint32), counts
