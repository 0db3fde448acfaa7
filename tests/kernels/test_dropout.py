"""The random numbers of dropout: Philox4x32-10, as published, the same in both implementations."""

from __future__ import annotations

import numpy as np
import pytest

import kernels
from kernels.reference import dropout as reference

cpu = pytest.importorskip("kernels.cpu.dropout")

# The known answers of the authors' library Random123 (kat_vectors): counter, key, result.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
SEEDS = [0, 5, 2**40 + 7, 2**64 - 1]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_published_numbers(counter, key, words):
    counter = tuple(np.array([c], np.uint64) for c in counter)
    assert tuple(int(w[0]) for w in reference.philox(counter, key)) == words


@pytest.mark.parametrize("seed", SEEDS)
def test_bits_of_an_element_are_the_same_however_they_are_drawn(seed):
    index = np.array([0, 1, 15, 16, 17, 63, 64, 1000, 2**36 + 85], np.uint64)
    expected = reference.random_bits(seed, index)
    drawn = [cpu.random_bits(np.uint64(seed), i) for i in index]
    np.testing.assert_array_equal(np.array(drawn, np.uint64), expected)
    words = np.empty(64, np.uint32)
    for start in (0, 64, 2**36):
        cpu.random_group(np.uint64(seed), np.uint64(start), words)
        expected = reference.random_bits(seed, np.arange(64, dtype=np.uint64) + np.uint64(start))
        np.testing.assert_array_equal(words, expected)


@pytest.mark.parametrize("how", ["numpy", "numba"])
def test_dropout_draws_the_bits_of_its_elements(how):
    p, n = 0.3, 1000
    kept = reference.random_bits(9, np.arange(n, dtype=np.uint64)) >= p * 2**32
    with kernels.use(how):
        y = kernels.dropout(np.ones(n), 9, p)
    np.testing.assert_array_equal(y != 0, kept)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_implementations_drop_the_same_to_the_last_bit(dtype):
    x = np.random.default_rng(0).standard_normal(50_001).astype(dtype)
    for p in (0.1, 0.5, 0.9):
        with kernels.use("numpy"):
            expected = kernels.dropout(x, 3, p)
        with kernels.use("numba"):
            np.testing.assert_array_equal(kernels.dropout(x, 3, p), expected)


def test_bits_are_uniform_and_neighbours_and_seeds_independent():
    index = np.arange(2**18, dtype=np.uint64)
    a, b = (reference.random_bits(s, index) / 2**32 for s in (1, 2))
    assert abs(a.mean() - 0.5) < 4 / np.sqrt(12 * len(a))
    share = np.bincount((a * 64).astype(int), minlength=64) / len(a)
    assert np.abs(share - 1 / 64).max() < 5 * np.sqrt(1 / 64 / len(a))
    for lag in (1, 2, 16, 64):
        assert abs(np.corrcoef(a[lag:], a[:-lag])[0, 1]) < 5 / np.sqrt(len(a))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(len(a))
