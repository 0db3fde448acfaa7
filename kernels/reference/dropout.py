"""Dropout, whose random numbers are a function of a seed and a place: nothing need be kept.

    random_bits(seed, i)          32 random bits for element i
    dropout(x, seed, p)[i]        x[i] / (1 - p) if random_bits(seed, i) >= p 2**32, else 0 x[i]

The gradient is dropout(g, seed, p): the same elements are dropped. The bits are those of
Philox4x32-10: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011). One block of
it is four words, made from its number alone by ten rounds of two multiplications, so any thread can
make any of them, in any order. Element i gets

    word (i // 16) % 4 of block 16 (i // 64) + i % 16

so that 64 neighbours are the words of 16 blocks that are made side by side in vectors of 16.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

LOW = 0xFFFFFFFF  # the lower half of 64 bits
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
KEY_STEPS = 0x9E3779B9, 0xBB67AE85  # the golden ratio and sqrt(3) - 1, as 32-bit fractions


def philox(counter: tuple, key: tuple) -> tuple:
    """Philox4x32-10: four words from a counter of four words and a key of two.

    A word is an integer below 2**32, in an array of uint64, which holds the product of two.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        a, b = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & LOW, (a >> 32) ^ c3 ^ k1, a & LOW
        k0, k1 = (k0 + KEY_STEPS[0]) & LOW, (k1 + KEY_STEPS[1]) & LOW
    return c0, c1, c2, c3


def random_bits(seed: int, index: Any) -> Any:
    """32 random bits for each element whose number is in `index` (uint64), as uint64.

    seed: at least 0 and below 2**64.
    """
    block = 16 * (index // 64) + index % 16
    words = philox((block & LOW, block >> 32, block & 0, block & 0), (seed & LOW, seed >> 32))
    which = index // 16 % 4
    low = np.where(which == 0, words[0], words[1])
    return np.where(which < 2, low, np.where(which == 2, words[2], words[3]))


def threshold(p: float) -> int:
    """Bits below this number: an element that is dropped. (With p = 1 the scale, 0, drops all.)"""
    return min(round(p * 2**32), LOW)


def scale(p: float) -> float:
    return 1 / (1 - p) if p < 1 else 0.0


def dropout(x: Any, seed: int, p: float) -> Any:
    """x times 0 with probability p, else times 1 / (1 - p); the seed decides where.

    x: any shape, its elements numbered in C order. seed: an integer, 0 <= seed < 2**64.
    100 integer operations for four elements; reads and writes each element once.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).
    """
    n = math.prod(x.shape)
    groups = -(-n // 64)
    block = np.reshape(np.arange(16 * groups, dtype=np.uint64, like=x), (groups, 16))
    words = philox((block & LOW, block >> 32, block & 0, block & 0), (seed & LOW, seed >> 32))
    bits = np.reshape(np.concatenate(words, axis=1), (-1,))[:n]
    mask = (bits >= threshold(p)).astype(x.dtype) * scale(p)
    return x * np.reshape(mask, x.shape)
