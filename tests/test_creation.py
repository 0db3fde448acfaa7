"""Creation functions."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


def test_constants():
    assert mg.zeros(2, 3).tolist() == [[0] * 3] * 2
    assert mg.ones((2,)).dtype == mg.float32
    assert mg.full((2,), 7).dtype == mg.int64
    assert mg.full((2,), 7.0).dtype == mg.float32
    assert mg.full((2,), True).dtype == mg.bool
    assert mg.eye(2, 3).tolist() == [[1, 0, 0], [0, 1, 0]]
    assert mg.zeros(()).shape == ()
    assert [f(size=(2, 3)).shape for f in (mg.zeros, mg.ones, mg.empty, mg.rand, mg.randn)] == [
        (2, 3)
    ] * 5
    with pytest.raises(TypeError, match=r"one size, got \(2,\) and size=3"):
        mg.zeros(2, size=3)
    assert mg.zeros(2, requires_grad=True).requires_grad


@pytest.mark.parametrize(
    ("args", "values", "dtype"),
    [
        ((3,), [0, 1, 2], mg.int64),
        ((1, 4), [1, 2, 3], mg.int64),
        ((0, 1, 0.25), [0, 0.25, 0.5, 0.75], mg.float32),
        ((3, 0, -1), [3, 2, 1], mg.int64),
        ((2.5,), [0, 1, 2], mg.float32),
        ((0,), [], mg.int64),
    ],
)
def test_arange(args, values, dtype):
    x = mg.arange(*args)
    assert x.tolist() == values
    assert x.dtype == dtype


def test_arange_errors():
    with pytest.raises(RuntimeError, match="step must not be 0"):
        mg.arange(0, 1, 0)
    with pytest.raises(RuntimeError, match="away from the end"):
        mg.arange(0, 5, -1)


def test_linspace_and_logspace():
    np.testing.assert_allclose(mg.linspace(0, 1, 5).tolist(), [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(mg.logspace(0, 2, 3).tolist(), [1, 10, 100])
    assert mg.linspace(3, 10, 1).tolist() == [3]


def test_likes():
    x = mg.ones(2, 3, dtype=mg.float64)
    for f in (mg.zeros_like, mg.ones_like, mg.empty_like, mg.rand_like, mg.randn_like):
        y = f(x)
        assert (y.shape, y.dtype) == (x.shape, x.dtype)
        assert f(x, dtype=mg.float32).dtype == mg.float32
    assert mg.full_like(x, 3).tolist() == [[3] * 3] * 2


def test_as_tensor_shares_where_it_can():
    a = np.zeros(2)
    assert mg.as_tensor(a).array is a
    t = mg.zeros(2)
    assert mg.as_tensor(t) is t
    assert mg.as_tensor([1, 2]).dtype == mg.int64
