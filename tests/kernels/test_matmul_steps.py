"""Each step of the matrix product is the matrix product."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from kernels.cpu.matmul_steps import BLOCK, STEPS

# m, k, n: below, at and above the sides of tiles, panels and blocks, none of them divisible.
SIZES = [
    (1, 1, 1), (3, 5, 7), (8, 16, 48), (9, 17, 49), (65, 31, 97), (BLOCK + 1, BLOCK + 3, BLOCK + 5),
    (2, 3000, 5), (1, 7, 600), (300, 2, 1), (0, 3, 4), (3, 4, 0), (3, 0, 4),
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_step(step, dtype, size):
    m, k, n = size
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, k)).astype(dtype), rng.standard_normal((k, n)).astype(dtype)
    c = step(a, b)
    assert c.dtype == dtype
    assert c.shape == (m, n)
    bound = 4 * np.finfo(dtype).eps * np.sqrt(k) * (np.abs(a).astype(float) @ np.abs(b) + 1)
    assert (np.abs(c - a.astype(float) @ b) <= bound).all()
    np.testing.assert_array_equal(step(a, b), c)


def test_steps_are_in_order():
    assert list(STEPS) == ["naive", "blocked", "packed", "vectorised", "parallel"]
