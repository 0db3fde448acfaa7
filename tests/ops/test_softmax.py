"""Softmax and its logarithm: no overflow, rows of infinities, dtypes, wrong calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import ops
from tests.ops.agreement import assert_agrees

NAN, INF = math.nan, math.inf


def test_large_numbers_do_not_overflow():
    x = mg.tensor([1000.0, 0.0, -1000.0])
    assert ops.softmax(x, 0).tolist() == [1, 0, 0]
    assert ops.log_softmax(x, 0).tolist() == [0, -1000, -2000]
    assert ops.logsumexp(x, 0).item() == 1000
    assert ops.softmin(x, 0).tolist() == [0, 0, 1]


def test_infinities():
    masked = mg.tensor([-INF, 0.0, 0.0])
    assert ops.softmax(masked, 0).tolist() == [0, 0.5, 0.5]
    assert ops.log_softmax(masked, 0)[0].item() == -INF
    for row in ([-INF, -INF], [INF, 0.0], [NAN, 0.0]):
        assert all(map(math.isnan, ops.softmax(mg.tensor(row), 0).tolist())), row
    assert ops.logsumexp(mg.tensor([-INF, -INF]), 0).item() == -INF
    assert ops.logsumexp(mg.tensor([INF, 1.0]), 0).item() == INF
    assert ops.logsumexp(mg.tensor(np.zeros((0, 2))), 0).tolist() == [-INF, -INF]


def test_a_masked_logit_gets_no_gradient():
    x = mg.tensor([-INF, 1.0, 2.0], requires_grad=True)
    ops.softmax(x, 0)[1].backward()
    assert x.grad[0].item() == 0
    assert np.isfinite(x.grad.numpy()).all()


def test_dtypes():
    x = mg.tensor([1, 2])
    assert ops.softmax(x, 0, dtype=mg.float64).dtype == np.float64
    assert ops.logsumexp(x, 0).dtype == np.float32
    half = mg.tensor(np.zeros(5000, np.float16))
    assert ops.softmax(half, 0).dtype == np.float16
    assert ops.softmax(half, 0)[0].item() == pytest.approx(1 / 5000, rel=1e-2)
    y = mg.tensor([1.0, 2.0], requires_grad=True)
    ops.softmax(y, 0, dtype=mg.float64)[0].backward()
    assert y.grad.dtype == np.float32


def test_nothing():
    empty = mg.tensor(np.zeros((2, 0)))
    for fn in (ops.softmax, ops.log_softmax, ops.softmin):
        assert fn(empty, 1).shape == fn(empty, 0).shape == (2, 0)


def test_wrong_calls():
    with pytest.raises(IndexError, match="softmax: dim 1 is out of range"):
        ops.softmax(mg.tensor([1.0]), 1)
    with pytest.raises(NotImplementedError, match="log_softmax: expected a floating dtype"):
        ops.log_softmax(mg.tensor([1]), 0)


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4),
                  elements=st.floats(-1e6, 1e6)), st.data())  # fmt: skip
def test_properties(x, data):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    t = mg.tensor(x)
    y = ops.softmax(t, dim).numpy()
    np.testing.assert_allclose(y.sum(dim), 1, rtol=1e-12)
    np.testing.assert_allclose(ops.softmax(t + 3.0, dim).numpy(), y, atol=1e-9)
    np.testing.assert_allclose(np.exp(ops.log_softmax(t, dim).numpy()), y, rtol=1e-9, atol=1e-300)
    top = x.max(dim)
    total = ops.logsumexp(t, dim).numpy()
    assert (top <= total).all()
    assert (total <= top + math.log(x.shape[dim]) + 1e-9 * (1 + abs(top))).all()


@pytest.mark.parametrize("op", [ops.softmax, ops.log_softmax])
@pytest.mark.parametrize(
    ("shape", "dim"), [((70, 90), 1), ((3, 5, 700), -1), ((80, 9, 11), 1), ((6000,), 0)]
)
def test_the_kernel_agrees_with_the_definition(op, shape, dim):
    assert_agrees(op, 3 * np.random.default_rng(1).standard_normal(shape), dim)
