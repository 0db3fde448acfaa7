"""Comparison, logic, bits and `where`: truth tables, NaN, dtypes, errors."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops

nan, inf = math.nan, math.inf


def leaf(*values):
    return mg.tensor(values, dtype=mg.float64, requires_grad=True)


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
@given(a=st.integers(-3, 3), b=st.integers(-3, 3))
def test_comparisons_are_pythons(name, a, b):
    result = getattr(ops, name)(mg.tensor([a]), b)
    assert result.dtype == mg.bool
    assert result.tolist() == [getattr(operator, name)(a, b)]


def test_nan_is_unequal_to_everything():
    x = mg.tensor([nan, 1.0])
    assert mg.eq(x, x).tolist() == [False, True]
    assert mg.ne(x, x).tolist() == [True, False]
    assert mg.ge(x, nan).tolist() == [False, False]


def test_comparisons_have_no_gradient():
    assert not mg.gt(leaf(1.0), 0).requires_grad


def test_kinds_of_numbers():
    x = mg.tensor([nan, inf, -inf, -0.0, 1.0])
    assert mg.isnan(x).tolist() == [True, False, False, False, False]
    assert mg.isinf(x).tolist() == [False, True, True, False, False]
    assert mg.isfinite(x).tolist() == [False, False, False, True, True]
    assert mg.isposinf(x).tolist() == [False, True, False, False, False]
    assert mg.isneginf(x).tolist() == [False, False, True, False, False]
    assert mg.isposinf(mg.tensor([1, 2])).tolist() == [False, False]


def test_isclose_and_its_relatives():
    x, y = mg.tensor([1.0, inf, nan, 0.0]), mg.tensor([1.0 + 1e-6, inf, nan, 1e-3])
    assert mg.isclose(x, y).tolist() == [True, True, False, False]
    assert mg.isclose(x, y, equal_nan=True, atol=0.01).tolist() == [True] * 4
    small = mg.tensor([3, 5], dtype=mg.uint8)
    assert mg.isclose(small, mg.tensor([5, 5], dtype=mg.uint8), atol=2.0).tolist() == [True, True]
    assert mg.isclose(mg.tensor([True]), mg.tensor([False])).tolist() == [False]
    assert mg.isclose(mg.tensor(inf), 1e30, rtol=inf).item() is False
    assert mg.allclose(x, y) is False
    assert mg.allclose(x[:2], y[:2]) is True
    assert mg.equal(x[:2], x[:2]) is True
    assert mg.equal(x, x) is False  # NaN
    assert mg.equal(x[:1], x[:2]) is False


def test_logic_takes_any_number():
    x, y = mg.tensor([0.0, 0.5, -1.0]), mg.tensor([1, 0, 2])
    assert mg.logical_and(x, y).tolist() == [False, False, True]
    assert mg.logical_or(x, y).tolist() == [True, True, True]
    assert mg.logical_xor(x, y).tolist() == [True, True, False]
    assert mg.logical_not(x).tolist() == [True, False, False]


def test_bits():
    x, y = mg.tensor([6, -1]), mg.tensor([3, 5])
    assert mg.bitwise_and(x, y).tolist() == [2, 5]
    assert mg.bitwise_or(x, y).tolist() == [7, -1]
    assert mg.bitwise_xor(x, y).tolist() == [5, -6]
    assert mg.bitwise_not(x).tolist() == [-7, 0]
    assert mg.bitwise_not(mg.tensor([True, False])).tolist() == [False, True]
    assert mg.gcd(mg.tensor([12]), 18).tolist() == [6]
    assert mg.lcm(mg.tensor([4]), 6).tolist() == [12]


def test_shifts_past_the_last_bit():
    x = mg.tensor([5, -5])
    assert mg.bitwise_left_shift(x, 2).tolist() == [20, -20]
    assert mg.bitwise_right_shift(x, 1).tolist() == [2, -3]
    for y in (64, 1000, -1):
        assert mg.bitwise_left_shift(x, y).tolist() == [0, 0]
        assert mg.bitwise_right_shift(x, y).tolist() == [0, -1]
    assert mg.bitwise_right_shift(mg.tensor([4], dtype=mg.int8), 1).dtype == mg.int8


def test_bits_of_floats_are_refused():
    with pytest.raises(NotImplementedError, match=r"bitwise_and: .*float32\[1\]"):
        mg.bitwise_and(mg.tensor([1.0]), 1)


# ---------------------------------------------------------------------------- where


def test_where_hands_the_gradient_to_the_chosen():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    z = mg.where(mg.tensor([True, False]), x, y)
    z.sum().backward()
    assert z.tolist() == [1, 4]
    assert x.grad.tolist() == [1, 0]
    assert y.grad.tolist() == [0, 1]


def test_where_stops_an_infinite_gradient():
    x = leaf(0.0, 4.0)
    mg.where(mg.tensor([False, True]), x, 1.0).backward(mg.tensor([inf, 1.0], dtype=mg.float64))
    assert x.grad.tolist() == [0, 1]


@pytest.mark.parametrize(("x", "y", "dtype"), [
    (1, 2, "int64"), (1.5, 2, "float32"), (True, False, "bool"), (True, 2, "int64"),
    (np.array([1], "int32"), 2, "int32"), (np.array([1], "int32"), 2.5, "float32"),
    (np.array([1.0]), np.array([1], "float32"), "float64"),
    (np.array(1.0), np.array([1], "float32"), "float32"),
    (np.array([1.0], "float32"), 2.5, "float32"),
])  # fmt: skip
def test_where_promotes_as_pytorch(x, y, dtype):
    x, y = (mg.tensor(v) if isinstance(v, np.ndarray) else v for v in (x, y))
    assert mg.where(mg.tensor([True]), x, y).dtype == dtype


def test_where_of_a_condition_alone_gives_the_places():
    rows, columns = mg.where(mg.tensor([[0, 1], [2, 0]], dtype=mg.bool))
    assert rows.tolist() == [0, 1]
    assert columns.tolist() == [1, 0]


def test_where_takes_pytorchs_keywords():
    assert mg.where(mg.tensor([True]), input=mg.tensor([1]), other=2).tolist() == [1]


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: mg.where(leaf(1.0), 1, 2), RuntimeError,
     r"where: expected a boolean condition, got float64\[1\]; compare it with something"),
    (lambda: mg.where(mg.tensor([True]), 1), TypeError, "where: expected both input and other"),
    (lambda: mg.where(mg.tensor([True, False]), leaf(1.0, 2.0, 3.0), 0), RuntimeError,
     r"where: .*bool\[2\], float64\[3\]"),
])  # fmt: skip
def test_where_says_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_numpys_where_is_ours():
    x = leaf(-1.0, 2.0)
    np.sum(np.where(x > 0, x, 0)).backward()
    assert x.grad.tolist() == [0, 1]
