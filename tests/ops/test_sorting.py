"""Sorting, ranks, quantiles and counting: order of ties and NaN, conventions, wrong calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import ops

NAN, INF = math.nan, math.inf


def test_sort_is_stable_in_both_directions():
    x = mg.tensor([2, 1, 2, 1])
    assert ops.sort(x).indices.tolist() == [1, 3, 0, 2]
    assert ops.sort(x, descending=True).indices.tolist() == [0, 2, 1, 3]
    assert ops.argsort(x, descending=True).tolist() == [0, 2, 1, 3]
    assert ops.msort(x).tolist() == [1, 1, 2, 2]


def test_nan_is_larger_than_every_number():
    x = mg.tensor([NAN, INF, 1.0])
    assert ops.sort(x).indices.tolist() == [2, 1, 0]
    assert ops.sort(x, descending=True).indices.tolist() == [0, 1, 2]
    assert ops.topk(x, 2).indices.tolist() == [0, 1]
    assert ops.kthvalue(x, 3).indices.item() == 0


def test_the_gradient_goes_back_to_where_the_values_were():
    x = mg.tensor([3.0, 1.0, 2.0], requires_grad=True)
    weights = mg.tensor([10.0, 20.0, 30.0])
    ops.sum(ops.sort(x).values * weights).backward()
    assert x.grad.tolist() == [30, 10, 20]
    x.grad = None
    ops.sum(ops.topk(x, 2).values * weights[:2]).backward()
    assert x.grad.tolist() == [10, 0, 20]


def test_the_lower_of_two_medians():
    assert ops.median(mg.tensor([4, 1, 3, 2])).item() == 2
    assert ops.median(mg.tensor([[4, 1, 3, 2]]), 1).indices.tolist() == [3]
    assert math.isnan(ops.median(mg.tensor([1.0, NAN, 0.0])).item())
    assert ops.nanmedian(mg.tensor([1.0, NAN, 0.0])).item() == 0
    assert ops.median(mg.tensor([[1.0, NAN, NAN]]), 1).indices.tolist() == [1]
    assert math.isnan(ops.median(mg.tensor(np.zeros(0))).item())


@pytest.mark.parametrize(
    ("interpolation", "expected"),
    [("linear", 1.6), ("lower", 1), ("higher", 3), ("nearest", 1), ("midpoint", 2)],
)
def test_quantile_between_elements(interpolation, expected):
    x = mg.tensor([3.0, 1.0, 5.0, 1.0])  # sorted 1 1 3 5; q stands at place 1.3
    y = ops.quantile(x, 1.3 / 3, interpolation=interpolation)
    assert y.item() == pytest.approx(expected)


def test_quantiles_come_first_in_the_shape():
    x, q = mg.tensor(np.zeros((2, 3, 4))), mg.tensor(np.array([0.1, 0.5]))
    assert ops.quantile(x, q, 1).shape == (2, 2, 4)
    assert ops.quantile(x, q, 1, keepdim=True).shape == (2, 2, 1, 4)
    assert ops.quantile(x, 0.5, keepdim=True).shape == (1, 1, 1)
    assert ops.quantile(x, q).shape == (2,)


def test_quantile_of_nan():
    x = mg.tensor([[1.0, NAN, 3.0], [1.0, 2.0, 3.0]])
    assert np.isnan(ops.quantile(x, 0.0, 1).numpy()).tolist() == [True, False]
    assert ops.nanquantile(x, 0.5, 1).tolist() == [2, 2]
    assert math.isnan(ops.nanquantile(mg.tensor([NAN, NAN]), 0.5).item())


def test_mode_is_the_smallest_of_the_most_frequent_and_its_last_place():
    assert [v.item() for v in ops.mode(mg.tensor([1, 2, 2, 3, 1]))] == [1, 4]
    assert [v.item() for v in ops.mode(mg.tensor([5, 7, 7]))] == [7, 2]
    assert ops.mode(mg.tensor([[1, 1], [2, 1]]), 0, keepdim=True).values.tolist() == [[1, 1]]


def test_unique():
    values, inverse, counts = ops.unique(mg.tensor([[3, 1], [3, 2]]), True, True, True)
    assert values.tolist() == [1, 2, 3]
    assert inverse.tolist() == [[2, 0], [2, 1]]
    assert counts.tolist() == [1, 1, 2]
    assert ops.unique(mg.tensor([NAN, NAN])).shape == (2,)
    assert ops.unique_consecutive(mg.tensor([1, 1, 2, 2, 1])).tolist() == [1, 2, 1]
    rows = mg.tensor([[1, 2], [1, 2], [0, 1]])
    assert ops.unique(rows, dim=0).tolist() == [[0, 1], [1, 2]]
    assert ops.unique_consecutive(rows, dim=0).tolist() == [[1, 2], [0, 1]]


def test_places_in_a_sorted_sequence():
    edges = mg.tensor([1, 3, 5])
    assert ops.searchsorted(edges, mg.tensor([3, 6])).tolist() == [1, 3]
    assert ops.searchsorted(edges, mg.tensor([3, 6]), right=True).tolist() == [2, 3]
    assert ops.searchsorted(edges, 4).item() == 2
    rows = mg.tensor([[1, 3], [10, 30]])
    assert ops.searchsorted(rows, mg.tensor([[2], [2]])).tolist() == [[1], [0]]
    unsorted = mg.tensor([5, 1, 3])
    order = ops.argsort(unsorted)
    assert ops.searchsorted(unsorted, mg.tensor([4]), sorter=order).tolist() == [2]
    assert ops.bucketize(mg.tensor([0, 1, 9]), edges, out_int32=True).dtype == np.int32


def test_counts():
    x = mg.tensor([0, 2, 2])
    assert ops.bincount(x, minlength=5).tolist() == [1, 0, 2, 0, 0]
    assert ops.bincount(x, mg.tensor([0.5, 1.0, 2.0])).tolist() == [0.5, 0, 3]
    assert ops.histc(mg.tensor([0.0, 1.0, 2.0, 2.0, 5.0]), 2, 0, 2).tolist() == [1, 3]
    assert ops.histc(mg.tensor([1.0, 1.0]), 2).tolist() == [0, 2]


WRONG = [
    (lambda x: ops.sort(x, 1), IndexError, "sort: dim 1 is out of range"),
    (lambda x: ops.topk(x, 4), RuntimeError, "topk: k=4 is out of range: dim 0 has 3 elements"),
    (lambda x: ops.kthvalue(x, 0), RuntimeError, "kthvalue: k=0 is out of range: expected 1 to 3"),
    (lambda x: ops.mode(x[:0]), IndexError, "mode: dim 0"),
    (lambda x: ops.median(x[:0], 0), IndexError, "median: dim 0"),
    (lambda x: ops.quantile(x, 1.5), RuntimeError, "quantile: expected every q between 0 and 1"),
    (lambda x: ops.quantile(x.long(), 0.5), RuntimeError, "quantile: expected float32 or float64"),
    (lambda x: ops.quantile(x, x.double()), RuntimeError, "quantile: q is float64"),
    (lambda x: ops.quantile(x, 0.5, interpolation="cubic"), RuntimeError, "got 'cubic'"),
    (lambda x: ops.nanquantile(x[:0], 0.5), RuntimeError, "nanquantile: there is no quantile"),
    (lambda x: ops.bincount(-x.long()), RuntimeError, "bincount: expected 1-d integers"),
    (lambda x: ops.histc(x, 0), RuntimeError, "histc: expected bins > 0"),
    (lambda x: ops.histc(x, 3, 2, 1), RuntimeError, "histc: expected min <= max"),
    (lambda x: ops.histc(x * INF, 3), RuntimeError, "is not finite"),
    (lambda x: ops.searchsorted(x, x.long()), RuntimeError, "searchsorted: expected one dtype"),
    (lambda x: ops.searchsorted(x, x, right=False, side="up"), RuntimeError, "got 'up'"),
    (lambda x: ops.bucketize(x, mg.tensor([[1.0]])), RuntimeError, "bucketize: expected 1-d"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call(mg.tensor([1.0, 2.0, 3.0]))


small = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
    elements=st.sampled_from([-1.0, 0.0, 0.5, 2.0, INF, NAN]),
)


@given(small, st.data())
def test_properties(x, data):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    descending = data.draw(st.booleans())
    n = x.shape[dim]
    k = data.draw(st.integers(1, n))
    t = mg.tensor(x)
    values, indices = ops.sort(t, dim, descending)
    np.testing.assert_array_equal(np.sort(indices.numpy(), dim), np.argsort(np.zeros_like(x), dim))
    np.testing.assert_array_equal(np.take_along_axis(x, indices.numpy(), dim), values.numpy())
    expected = np.sort(x, dim)
    ordered = np.flip(expected, dim) if descending else expected
    np.testing.assert_array_equal(values.numpy(), ordered)
    first = np.take(ordered, range(k), dim)
    np.testing.assert_array_equal(ops.topk(t, k, dim, descending).values.numpy(), first)
    kth = ops.kthvalue(t, k, dim)
    np.testing.assert_array_equal(kth.values.numpy(), np.take(expected, k - 1, dim))
