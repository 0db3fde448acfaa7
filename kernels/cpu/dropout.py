"""Dropout in one pass: random numbers, comparison, product. See `kernels/reference/dropout.py`.

For other kernels, in their loops:

    random_bits(seed, i)            32 random bits for element i, as uint64
    random_group(seed, i, words)    those for the elements i, i + 1, ... i + 63 (i a multiple of 64)

The second one costs a sixth of the first for each element: its loop becomes vector instructions.
A tile asks for the numbers of one row after the other: with `row * width + column` for the number
of an element, and `width` the row's length rounded up to a multiple of 64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cpu.jit import dense, jit
from kernels.cpu.parallel import parallel
from kernels.reference.dropout import KEY_STEPS, LOW, MULTIPLIERS, scale, threshold
from kernels.scratch import empty

# All in uint64: Numba would make float64 of an unsigned and a signed integer.
U = np.uint64
MASK, HALF = U(LOW), U(32)
M0, M1 = map(U, MULTIPLIERS)
STEP0, STEP1 = map(U, KEY_STEPS)
N0, N1, N4, N16, N32, N48 = map(U, (0, 1, 4, 16, 32, 48))

CHUNK = 2**14  # elements that a thread does at a time


@jit(forceinline=True)
def philox(seed, block):
    """The four words of a block: Philox4x32-10."""
    c0, c1, c2, c3 = block & MASK, block >> HALF, N0, N0
    k0, k1 = seed & MASK, seed >> HALF
    for _ in range(10):
        a, b = M0 * c0, M1 * c2
        c0, c1, c2, c3 = (b >> HALF) ^ c1 ^ k0, b & MASK, (a >> HALF) ^ c3 ^ k1, a & MASK
        k0, k1 = (k0 + STEP0) & MASK, (k1 + STEP1) & MASK
    return c0, c1, c2, c3


@jit
def random_bits(seed, i):
    """32 random bits for element i. Both arguments are uint64, and so is the result."""
    group, j = i >> U(6), i & U(63)
    words = philox(seed, N16 * group + (j & U(15)))
    low = words[0] if j < N16 else words[1]
    high = words[2] if j < N48 else words[3]
    return low if j < N32 else high


@jit(forceinline=True)
def random_group(seed, i, words):
    """Write the random bits of the elements i to i + 63 into `words` (64, uint32)."""
    first = i >> U(2)  # 16 blocks for 64 elements
    for j in range(N16):
        w0, w1, w2, w3 = philox(seed, first + j)
        words[j], words[j + N16], words[j + N32], words[j + N48] = w0, w1, w2, w3


@parallel
def drop_chunk(chunk, chunks, x, y, seed, least, scale):
    """y = x, dropped or scaled, for one chunk."""
    words = np.empty(64, np.uint32)
    nothing = x.dtype.type(0)
    for i in range(chunk * CHUNK, min(x.size, (chunk + 1) * CHUNK), 64):
        random_group(seed, U(i), words)
        xs, ys = x[i : i + 64], y[i : i + 64]
        for j in range(len(xs)):
            ys[j] = xs[j] * (scale if words[j] >= least else nothing)


def dropout(x: Any, seed: int, p: float) -> np.ndarray:
    x = dense(x)
    y = empty(x.shape, x.dtype)
    options = U(seed), np.uint32(threshold(p)), x.dtype.type(scale(p))
    drop_chunk[-(-x.size // CHUNK)](x.reshape(-1), y.reshape(-1), *options)
    return y
