"""Rounding: halves, signs, integers, gradients."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops


def leaf(*values):
    return mg.tensor(values, dtype=mg.float64, requires_grad=True)


def test_four_ways_to_round():
    x = leaf(-2.5, -1.5, -0.4, 0.5, 1.5, 2.6)
    assert mg.floor(x).tolist() == [-3, -2, -1, 0, 1, 2]
    assert mg.ceil(x).tolist() == [-2, -1, 0, 1, 2, 3]
    assert mg.trunc(x).tolist() == [-2, -1, 0, 0, 1, 2]
    assert mg.round(x).tolist() == [-2, -2, 0, 0, 2, 3]  # halves go to the even neighbour
    assert mg.fix is mg.trunc


def test_round_to_decimals():
    x = leaf(1.2345, -126.5)
    assert mg.round(x, decimals=2).tolist() == [1.23, -126.5]
    assert mg.round(x, decimals=-1).tolist() == [0, -130]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_rounding_is_flat_and_leaves_integers_alone(name):
    x = leaf(0.3, 1.7)
    getattr(ops, name)(x).sum().backward()
    assert x.grad.tolist() == [0, 0]
    y = getattr(ops, name)(mg.tensor([1, -2]))
    assert y.dtype == mg.int64
    assert y.tolist() == [1, -2]


def test_frac_has_the_sign_of_its_input():
    x = leaf(1.25, -1.25)
    y = mg.frac(x)
    y.sum().backward()
    assert y.tolist() == [0.25, -0.25]
    assert x.grad.tolist() == [1, 1]


def test_nan_to_num():
    x = leaf(math.nan, math.inf, -math.inf, 2.0)
    y = mg.nan_to_num(x, nan=1.0, posinf=5.0)
    assert y.tolist() == [1, 5, -1.7976931348623157e308, 2]
    y.sum().backward()
    assert x.grad.tolist() == [0, 0, 0, 1]
    assert mg.nan_to_num(mg.tensor([3]), 1.5).tolist() == [3]
    assert math.isfinite(mg.nan_to_num(mg.tensor(math.inf)).item())  # the largest of float32


@given(st.floats(-1e6, 1e6))
def test_trunc_and_frac_make_up_the_number(x):
    t = mg.tensor([x], dtype=mg.float64)
    assert (mg.trunc(t) + mg.frac(t)).tolist() == [x]
    assert mg.floor(t).item() <= x <= mg.ceil(t).item()
