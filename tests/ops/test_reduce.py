"""Reductions, extrema and norms: conventions at ties, zeros and NaN, dtypes, wrong calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops

NAN, INF = math.nan, math.inf


def gradient(fn, data):
    x = mg.tensor(np.array(data, dtype=float), requires_grad=True)
    (g,) = mg.autograd.grad(fn(x), x)
    return g.tolist()


def test_ties_share_the_gradient_of_the_whole_and_of_amax():
    assert gradient(ops.max, [1, 3, 3]) == [0, 0.5, 0.5]
    assert gradient(ops.min, [1, 1, 1, 4]) == [1 / 3, 1 / 3, 1 / 3, 0]
    assert gradient(ops.amax, [1, 3, 3]) == [0, 0.5, 0.5]
    assert gradient(ops.median, [3, 1, 3, 3]) == [1 / 3, 0, 1 / 3, 1 / 3]


def test_along_an_axis_the_first_of_equal_ones_gets_the_gradient():
    assert gradient(lambda x: ops.max(x, 0).values, [1, 3, 3]) == [0, 1, 0]
    assert gradient(lambda x: ops.min(x, 0).values, [1, 1, 3]) == [1, 0, 0]


def test_nan_is_both_the_largest_and_the_smallest():
    x = mg.tensor([1.0, NAN, 3.0, NAN])
    for fn in (ops.max, ops.min, ops.amax, ops.amin):
        assert math.isnan(fn(x).item())
    assert ops.max(x, 0).indices.item() == ops.min(x, 0).indices.item() == 1
    assert ops.argmax(x).item() == 1
    assert gradient(ops.max, [1, NAN, 3, NAN]) == [0, 0.5, 0, 0.5]


def test_several_values_have_names():
    result = ops.max(mg.tensor([[1, 5], [7, 3]]), dim=1)
    assert result.values.tolist() == [5, 7]
    assert result.indices.tolist() == [1, 0]
    values, indices = result
    assert values is result.values
    assert indices is result.indices
    low, high = ops.aminmax(mg.tensor([3.0, 1.0, 2.0]))
    assert (low.item(), high.item()) == (1, 3)


def test_max_has_three_forms():
    x, y = mg.tensor([1.0, 5.0]), mg.tensor([2.0, 4.0])
    assert ops.max(x).item() == 5
    assert ops.max(x, 0).values.item() == 5
    assert ops.max(x, y).tolist() == ops.max(x, other=y).tolist() == [2, 5]
    assert ops.min(x, y).tolist() == [1, 4]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "int64"])
def test_integers_are_added_up_in_int64(dtype):
    x = mg.tensor(np.array([[1, 0], [1, 1]], dtype=dtype))
    for fn in (ops.sum, ops.prod, ops.nansum, ops.count_nonzero, ops.argmax):
        assert fn(x).dtype == np.int64
        assert fn(x, 1).dtype == np.int64
    assert ops.sum(x, dtype=mg.float32).dtype == np.float32
    assert ops.amax(x).dtype == ops.max(x).dtype == dtype
    assert ops.any(x).dtype == (np.uint8 if dtype == "uint8" else np.bool_)


def test_a_sum_of_halves_is_rounded_once():
    ones = mg.tensor(np.ones((5000, 1), np.float16))
    assert ops.sum(ones, 0).item() == 5000  # adding in halves stops at 2048
    assert ops.mean(ones, 0).item() == 1
    assert ops.sum(ones).dtype == np.float16


def test_float32_stays_float32():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    for fn in (ops.sum, ops.mean, ops.prod, ops.var, ops.std, ops.amax, ops.norm, ops.max):
        y = fn(x)
        assert y.dtype == np.float32, fn
        assert mg.autograd.grad(y, x)[0].dtype == np.float32


def test_empty():
    nothing = mg.tensor(np.zeros((0, 3)))
    assert ops.sum(nothing, 0).tolist() == [0, 0, 0]
    assert ops.prod(nothing, 0).tolist() == [1, 1, 1]
    assert all(map(math.isnan, ops.mean(nothing, 0).tolist()))
    assert ops.amax(nothing, 1).shape == (0,)
    assert ops.any(nothing).item() is False
    assert ops.all(nothing).item() is True
    assert math.isnan(ops.mean(nothing).item())
    assert ops.vector_norm(nothing).item() == 0


def test_empty_dim_is_every_axis_but_for_any_and_all():
    x = mg.tensor([[1.0, 0.0], [3.0, 4.0]])
    assert ops.sum(x, ()).item() == 8
    assert ops.amax(x, ()).item() == 4
    assert ops.any(x, ()).tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(
    ("zeros", "expected"),
    [([], [12, 8, 6]), ([0], [12, 0, 0]), ([0, 1], [0, 0, 0]), ([0, 1, 2], [0, 0, 0])],
)
def test_gradient_of_a_product_with_zeros(zeros, expected):
    data = [2.0, 3.0, 4.0]
    for i in zeros:
        data[i] = 0
    assert gradient(ops.prod, data) == expected


def test_second_derivative_of_a_product_with_two_zeros():
    x = mg.tensor([0.0, 5.0, 0.0], requires_grad=True)
    (g,) = mg.autograd.grad(ops.prod(x), x, create_graph=True)
    assert g.tolist() == [0, 0, 0]
    (h,) = mg.autograd.grad(g[0], x)
    assert h.tolist() == [0, 0, 5]  # d/dx2 of x1 * x2


def test_variance():
    x = mg.tensor([1.0, 2.0, 3.0, 6.0])
    assert ops.var(x).item() == pytest.approx(14 / 3)
    assert ops.var(x, correction=0).item() == pytest.approx(14 / 4)
    assert ops.var(x, unbiased=False).item() == ops.var(x, False).item() == pytest.approx(14 / 4)
    assert ops.std(x, correction=0).item() == pytest.approx(math.sqrt(14 / 4))
    assert math.isnan(ops.var(mg.tensor([1.0])).item())
    var, mean = ops.var_mean(x, 0, keepdim=True)
    assert var.shape == mean.shape == (1,)
    assert mean.item() == 3


def test_the_deviation_of_equal_numbers_has_gradient_0():
    assert gradient(ops.std, [2, 2, 2]) == [0, 0, 0]


def test_a_large_mean_does_not_cancel_the_variance():
    x = mg.tensor(np.array([1e8, 1e8 + 1, 1e8 + 2]))
    assert ops.var(x).item() == pytest.approx(1)


def test_nan_is_left_out():
    x = mg.tensor([[1.0, NAN, 3.0], [NAN, NAN, NAN]])
    assert ops.nansum(x, 1).tolist() == [4, 0]
    assert ops.nanmean(x, 1)[0].item() == 2
    assert math.isnan(ops.nanmean(x, 1)[1].item())
    assert gradient(ops.nansum, [1, NAN]) == [1, 0]


@pytest.mark.parametrize("order", [0, 0.5, 1, 1.5, 2, 3, INF, -INF, -1])
def test_a_norm_at_zero_has_gradient_0(order):
    x = mg.tensor([0.0, 0.0], requires_grad=True)
    y = ops.vector_norm(x, order)
    assert y.item() == 0
    assert mg.autograd.grad(y, x)[0].tolist() == [0, 0]


def test_norms():
    x = mg.tensor([3.0, 0.0, -4.0])
    expected = {0: 2, 1: 7, 2: 5, 3: 91 ** (1 / 3), INF: 4, -INF: 0, -1: 0, 0.5: 7 + 2 * 12**0.5}
    for order, value in expected.items():
        assert ops.vector_norm(x, order).item() == pytest.approx(value)
    assert ops.norm(x).item() == ops.norm(x, "fro").item() == 5
    assert gradient(lambda t: ops.vector_norm(t, INF), [3, -3, 1]) == [0.5, -0.5, 0]
    assert ops.dist(x, mg.tensor([0.0, 0.0, 0.0]), 1).item() == 7
    assert ops.norm(mg.tensor([[3.0, 0.0], [0.0, -4.0]]), "nuc").item() == pytest.approx(7)


def test_numpys_functions():
    x = mg.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    for fn in (np.sum, np.mean, np.prod, np.max, np.amin, np.var, np.std, np.nansum):
        for axis in (None, 0, (0, 1)):
            np.testing.assert_allclose(fn(x, axis=axis).detach(), fn(x.array, axis=axis))
            y = fn(x, axis=axis, keepdims=True)
            assert y.requires_grad
            assert y.shape == fn(x.array, axis=axis, keepdims=True).shape
    assert np.add.reduce(x).tolist() == [3, 5, 7]  # a ufunc reduces over axis 0 by default
    assert np.argmax(x).item() == 5
    with pytest.raises(ValueError, match="axis="):
        np.sum(x, axis=())


WRONG = [
    (lambda x: ops.sum(x, 2), IndexError, "sum: dim 2 is out of range"),
    (lambda x: ops.sum(x, (0, -2)), RuntimeError, "sum: an axis appears twice"),
    (lambda x: ops.mean(x.long()), RuntimeError, "mean: expected a floating dtype, got int64"),
    (lambda x: ops.var(x.long()), RuntimeError, "var: expected a floating dtype"),
    (lambda x: ops.var(x, unbiased=True, correction=1), TypeError, "not both"),
    (lambda x: ops.max(x[:0]), RuntimeError, "max: there is no element to choose"),
    (lambda x: ops.max(x[:0], 0), IndexError, "max: dim 0 of shape"),
    (lambda x: ops.argmax(x[:0]), IndexError, "argmax: there is no element"),
    (lambda x: ops.amin(x[:0], 0), IndexError, "amin: dim 0"),
    (lambda x: ops.vector_norm(x.long()), RuntimeError, "vector_norm: expected a floating"),
    (lambda x: ops.vector_norm(x[:0], INF), RuntimeError, "vector_norm: there is no inf-norm"),
    (lambda x: ops.norm(x, "max"), ValueError, "norm: expected a number, 'fro' or 'nuc'"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call(mg.tensor([[1.0, 2.0], [3.0, 4.0]]))


shapes = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple)


@given(data=st.data(), shape=shapes)
def test_reductions_agree_with_numpy_for_any_axes(data, shape):
    axes = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True)
    dim = tuple(i - len(shape) if data.draw(st.booleans()) else i for i in data.draw(axes))
    keepdim = data.draw(st.booleans())
    x = np.random.default_rng(0).standard_normal(shape)
    t = mg.tensor(x, requires_grad=True)
    for ours, numpys in [
        (ops.sum, np.sum), (ops.mean, np.mean), (ops.prod, np.prod), (ops.amax, np.max),
        (ops.any, np.any), (ops.vector_norm, lambda x, axis, keepdims:
            np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))),
    ]:  # fmt: skip
        kwargs = {"dim": dim, "keepdim": keepdim}
        y = ours(t, **kwargs)
        np.testing.assert_allclose(
            y.detach().numpy(), numpys(x, axis=dim, keepdims=keepdim), rtol=1e-12
        )
        if y.requires_grad:
            (g,) = mg.autograd.grad(y, t, mg.tensor(np.ones(y.shape)))
            assert g.shape == shape
