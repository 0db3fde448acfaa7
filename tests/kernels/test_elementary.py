"""The vectorised elementary functions against NumPy's in a wider type."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kernels.cpu import elementary
from kernels.cpu.jit import jit


def loop(f):
    @jit
    def over(x, y):
        for i in range(x.size):
            y[i] = f(x[i])

    def call(x):
        y = np.empty_like(x)
        over(x, y)
        return y

    return call


# The function, NumPy's, where it is neither constant nor infinite, and the error that is allowed.
FUNCTIONS = [
    (elementary.exp, np.exp, -750, 750, 1.2),
    (elementary.log, np.log, 0, 2, 1.2),
    (elementary.expm1, np.expm1, -50, 750, 2),
    (elementary.log1p, np.log1p, -1, 1, 2),
    (elementary.tanh, np.tanh, -20, 20, 2.5),
    (elementary.sigmoid, lambda x: 1 / (1 + np.exp(-x)), -110, 40, 2.5),
    (elementary.erf, np.vectorize(math.erf, otypes=[float]), -6, 6, 2.5),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("f", "known", "low", "high", "ulps"), FUNCTIONS)
def test_error_in_units_of_the_last_place(f, known, low, high, ulps, dtype):
    rng = np.random.default_rng(0)
    unsigned = f"u{dtype().itemsize}"
    any_bits = rng.integers(0, np.iinfo(unsigned).max, 10_000, unsigned).view(dtype)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1, -1, 88.7228, 88.723, -103.9, -104])
    tiny = np.finfo(dtype).tiny * np.array([1, 0.5, -0.5, 1e-3])
    narrow, wide = rng.uniform(-1, 1, 10_000), rng.uniform(low, high, 10_000)
    x = np.concatenate([a.astype(dtype) for a in (any_bits, special, tiny, narrow, wide)])

    got = loop(f)(x)
    with np.errstate(all="ignore"):
        exact = known(x.astype(np.float64 if dtype == np.float32 else np.longdouble))
        rounded = exact.astype(dtype)
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(got[~finite], rounded[~finite])
    error = np.abs(got[finite] - exact[finite]) / np.spacing(np.abs(rounded[finite]))
    assert error.max() < ulps or np.finfo(np.longdouble).nmant == 52
