"""Dropout on a GPU: `dropout.cu`, and here its readable twin."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import blocks, cuda, dense, launch, side
from kernels.reference.dropout import KEY_STEPS, LOW, MULTIPLIERS, scale, threshold

THREADS = side(16) ** 2
A, B = MULTIPLIERS
STEP_0, STEP_1 = KEY_STEPS

FILE = "dropout.cu"
VARIANTS = {FILE: [f"dropout<{t}>" for t in source.TYPES.values()]}


def dropout(x: Any, seed: int, p: float) -> Any:
    x = dense(x)
    y = np.empty_like(x)
    n, factor = x.size, scale(p)
    threads = blocks((n, 64))[0] * 16  # a thread for each block of four random words
    if source.compiled(x):
        numbers = np.uint64(seed), np.uint32(threshold(p)), np.float64(factor), np.int64(n)
        name = f"dropout<{source.c_type(x)}>"
        source.launch(FILE, name, blocks((threads, 256)), (256,), x, y, *numbers)
    else:
        numbers = seed & LOW, seed >> 32, threshold(p), x.dtype.type(factor)
        grid = blocks((threads, THREADS))
        launch(kernel, grid, (THREADS,), x.reshape(-1), y.reshape(-1), *numbers)
    return y


# ---------------------------------------------------------------------------- Numba


@cuda.jit(device=True)
def philox(number, key_0, key_1):
    """Block `number` of Philox4x32-10: four words, in integers of 64 bits."""
    c0, c1, c2, c3 = number & LOW, number >> 32, 0, 0
    for _ in range(10):
        a, b = A * c0, B * c2  # may use the sign's bit too: hence what follows cuts off at 32
        c0, c1 = ((b >> 32) & LOW) ^ c1 ^ key_0, b & LOW
        c2, c3 = ((a >> 32) & LOW) ^ c3 ^ key_1, a & LOW
        key_0, key_1 = (key_0 + STEP_0) & LOW, (key_1 + STEP_1) & LOW
    return c0, c1, c2, c3


@cuda.jit
def kernel(x, y, key_0, key_1, threshold, scale):
    number = cuda.grid(1)
    first = number // 16 * 64 + number % 16
    words = philox(number, key_0, key_1)
    for i in range(4):
        at = first + 16 * i
        if at < x.shape[0]:
            y[at] = x[at] * (scale if words[i] >= threshold else 0)
