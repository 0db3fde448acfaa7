"""Running results: zeros, ties, NaN, long axes, wrong calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops
from minigrad.ops.cumulative import linear_recurrence

NAN, INF = math.nan, math.inf


def gradient(fn, data):
    x = mg.tensor(np.array(data, dtype=float), requires_grad=True)
    (g,) = mg.autograd.grad(ops.sum(fn(x)), x)
    return g.tolist()


def test_cumsum():
    assert ops.cumsum(mg.tensor([1, 2, 3]), 0).tolist() == [1, 3, 6]
    assert ops.cumsum(mg.tensor([True, True]), 0).dtype == np.int64
    assert ops.cumsum(mg.tensor(5.0), 0).item() == 5
    assert gradient(lambda x: ops.cumsum(x, 0), [1, 1, 1]) == [3, 2, 1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([2, 3, 4], [1 + 3 + 12, 2 + 8, 6]),
        ([2, 0, 3, 4], [1, 2 + 6 + 24, 0, 0]),
        ([0, 3, 0, 4], [1 + 3, 0, 0, 0]),
        ([0, 0], [1, 0]),
    ],
)
def test_gradient_of_cumprod_with_zeros(data, expected):
    assert gradient(lambda x: ops.cumprod(x, 0), data) == expected


def test_running_extrema_take_the_last_of_equal_ones():
    values, indices = ops.cummax(mg.tensor([2, 1, 2, 3, 1]), 0)
    assert values.tolist() == [2, 2, 2, 3, 3]
    assert indices.tolist() == [0, 0, 2, 3, 3]
    assert ops.cummin(mg.tensor([2, 2, 1, 2]), 0).indices.tolist() == [0, 1, 2, 2]
    assert gradient(lambda x: ops.cummax(x, 0).values, [2, 1, 2, 3, 1]) == [2, 0, 1, 2, 0]


def test_running_extrema_keep_nan():
    values, indices = ops.cummax(mg.tensor([1.0, NAN, 3.0, NAN]), 0)
    assert np.isnan(values.numpy()).tolist() == [False, True, True, True]
    assert indices.tolist() == [0, 1, 1, 3]


def test_logcumsumexp_does_not_overflow():
    y = ops.logcumsumexp(mg.tensor([1000.0, 1000.0, -INF]), 0)
    assert y.tolist() == pytest.approx([1000, 1000 + math.log(2), 1000 + math.log(2)])


def test_linear_recurrence():
    # s = 1, then 2 * 1 + 1, then 3 * 3 + 1; a_0 multiplies nothing.
    a, b = mg.tensor([9.0, 2.0, 3.0]), mg.tensor([1.0, 1.0, 1.0])
    assert linear_recurrence(a, b).tolist() == [1, 3, 10]


def test_diff():
    x = mg.tensor([1, 4, 9, 16])
    assert ops.diff(x, 2).tolist() == [2, 2]
    assert ops.diff(x, prepend=mg.tensor([0])).tolist() == [1, 3, 5, 7]
    assert ops.diff(mg.tensor([True, True, False])).tolist() == [False, True]
    assert ops.diff(x, 9).shape == (0,)
    assert ops.diff(x, 0, prepend=x) is x


def test_trapezoid():
    y, x = mg.tensor([1.0, 2.0, 4.0]), mg.tensor([0.0, 1.0, 3.0])
    assert ops.trapezoid(y).item() == 4.5
    assert ops.trapezoid(y, dx=2).item() == 9
    assert ops.trapezoid(y, x).item() == 1.5 + 6
    assert ops.cumulative_trapezoid(y, x).tolist() == [1.5, 7.5]


def test_wrong_calls():
    x = mg.tensor([[1.0, 2.0]])
    with pytest.raises(IndexError, match="cumsum: dim 2 is out of range"):
        ops.cumsum(x, 2)
    with pytest.raises(NotImplementedError, match="logcumsumexp: expected a floating dtype"):
        ops.logcumsumexp(x.long(), 0)
    with pytest.raises(RuntimeError, match="diff: expected at least one axis"):
        ops.diff(mg.tensor(1.0))
    with pytest.raises(RuntimeError, match="either x or dx"):
        ops.trapezoid(x, x, dx=1)


@given(st.integers(0, 40), st.integers(0, 2))
def test_any_length_and_axis(n, dim):
    shape = [2, 1, 3]
    shape[dim] = n
    random = np.random.default_rng(n)
    x, a = random.standard_normal((2, *shape)).round(1)
    t = mg.tensor(x)
    s = np.zeros_like(x)
    carry = 0
    for k in range(n):
        at = (*[slice(None)] * dim, k)
        carry = a[at] * carry + x[at]
        s[at] = carry
    np.testing.assert_allclose(linear_recurrence(mg.tensor(a), t, dim).numpy(), s, atol=1e-9)
    np.testing.assert_allclose(ops.cumprod(t, dim).numpy(), np.cumprod(x, dim))
    best = ops.cummax(t, dim)
    np.testing.assert_array_equal(best.values.numpy(), np.maximum.accumulate(x, dim))
    np.testing.assert_array_equal(
        np.take_along_axis(x, best.indices.numpy(), dim), best.values.numpy()
    )
    np.testing.assert_allclose(
        ops.logcumsumexp(t, dim).numpy(), np.logaddexp.accumulate(x, dim), atol=1e-12
    )
