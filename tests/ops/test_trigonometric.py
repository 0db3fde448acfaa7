"""Trigonometric and hyperbolic functions: known angles, identities, edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops


def leaf(*values):
    return mg.tensor(values, dtype=mg.float64, requires_grad=True)


def test_known_angles():
    x = mg.tensor([0, 30, 45, 60, 90], dtype=mg.float64)
    angle = mg.deg2rad(x)
    half, root2, root3 = 0.5, math.sqrt(2) / 2, math.sqrt(3) / 2
    np.testing.assert_allclose(mg.sin(angle).numpy(), [0, half, root2, root3, 1], atol=1e-15)
    np.testing.assert_allclose(mg.cos(angle).numpy(), [1, root3, root2, half, 0], atol=1e-15)
    np.testing.assert_allclose(mg.rad2deg(angle).numpy(), x.numpy(), rtol=1e-15)


def test_atan2_knows_the_quadrant_and_has_no_gradient_at_the_origin():
    y, x = leaf(1.0, 1.0, -1.0, -1.0, 0.0), leaf(1.0, -1.0, 1.0, -1.0, 0.0)
    z = mg.atan2(y, x)
    np.testing.assert_allclose(z.tolist(), np.pi * np.array([0.25, 0.75, -0.25, -0.75, 0]))
    z.sum().backward()
    assert y.grad.tolist() == [0.5, -0.5, 0.5, -0.5, 0]
    assert x.grad.tolist() == [-0.5, -0.5, 0.5, 0.5, 0]


def test_second_derivative_of_atan2_at_the_origin_is_finite():
    y, x = leaf(0.0), leaf(0.0)
    grads = mg.autograd.grad(mg.atan2(y, x).sum(), [y, x], create_graph=True)
    seconds = mg.autograd.grad((grads[0] + grads[1]).sum(), [y, x])
    assert [g.tolist() for g in seconds] == [[0], [0]]


def test_sinc_at_zero():
    x = leaf(0.0, 0.5, 1e-200)
    y = mg.sinc(x)
    assert y.tolist() == [1, pytest.approx(2 / math.pi), 1]
    y.sum().backward()
    assert x.grad.tolist() == [0, pytest.approx(-4 / math.pi), 0]


@pytest.mark.parametrize(("name", "edge"), [("asin", 1), ("acos", 1), ("atanh", 1), ("acosh", 1)])
def test_slopes_at_the_edge_are_infinite_and_nan_beyond(name, edge):
    x = leaf(edge)
    getattr(ops, name)(x).sum().backward()
    assert math.isinf(x.grad.item())
    beyond = 0.5 if name == "acosh" else 1.5
    assert math.isnan(getattr(ops, name)(mg.tensor(beyond)).item())


def test_tanh_of_large_numbers():
    x = leaf(-1000.0, 1000.0)
    y = mg.tanh(x)
    y.sum().backward()
    assert y.tolist() == [-1, 1]
    assert x.grad.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "sinh", "cosh", "tanh"])
def test_arc_names_are_the_inverses(name):
    inverse = getattr(ops, "arc" + name)
    assert inverse is getattr(ops, "a" + name)
    x = np.array([0.2, 0.7, 1.1])
    np.testing.assert_allclose(inverse(getattr(ops, name)(x)), x, rtol=1e-12)


@given(st.floats(-5, 5))
def test_sine_and_cosine_lie_on_the_circle(x):
    t = mg.tensor([x], dtype=mg.float64)
    assert (mg.sin(t) ** 2 + mg.cos(t) ** 2).item() == pytest.approx(1)
    assert (mg.cosh(t) ** 2 - mg.sinh(t) ** 2).item() == pytest.approx(1, abs=1e-9)
