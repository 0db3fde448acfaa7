"""Activations in float32 against the exact values, where the shared cases allow more."""

from __future__ import annotations

import math

import numpy as np
import pytest

import kernels

pytest.importorskip("numba")


def test_gelu_in_float32_is_right_in_its_tail_too():
    """Where x * (1 + erf) / 2 has lost all its digits."""
    x = np.linspace(-12, 12, 100_001).astype(np.float32)
    p = np.array([0.5 * math.erfc(-v * math.sqrt(0.5)) for v in x.astype(np.float64)])
    with kernels.use("numba"):
        y = kernels.gelu(x)
        slope = kernels.gelu_backward(np.ones_like(x), x)
    error = np.abs(y - x * p) / np.spacing(np.abs(x * p).astype(np.float32))
    near = x > -1
    assert error[near].max() < 5
    assert error.max() < 100
    density = np.exp(-0.5 * x.astype(np.float64) ** 2) / math.sqrt(2 * math.pi)
    np.testing.assert_allclose(slope, p + x * density, rtol=0, atol=3e-7)


@pytest.mark.parametrize(("name", "exact"), [
    ("tanh", np.tanh), ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    ("silu", lambda x: x / (1 + np.exp(-x))), ("softplus", lambda x: np.log1p(np.exp(x))),
])  # fmt: skip
def test_others_are_right_to_4_units_of_the_last_place(name, exact):
    x = np.linspace(-19, 19, 100_001).astype(np.float32)
    expected = exact(x.astype(np.float64))
    with kernels.use("numba"):
        y = getattr(kernels, name)(x, *((1.0, 20.0) if name == "softplus" else ()))
    assert (np.abs(y - expected) / np.spacing(np.abs(expected).astype(np.float32))).max() < 4
