"""Arithmetic, powers, signs and bounds: hand-worked values, conventions, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops
from minigrad.backend import LARGE, plus


def leaf(*values):
    return mg.tensor(values, dtype=mg.float64, requires_grad=True)


def gradients(y, *xs):
    y.sum().backward()
    return [x.grad.tolist() for x in xs]


@pytest.mark.parametrize(("x", "y", "trunc", "floor"), [
    (7, 2, 3, 3), (-7, 2, -3, -4), (7, -2, -3, -4), (-7, -2, 3, 3), (6, -3, -2, -2),
])  # fmt: skip
def test_division_of_integers_rounds_two_ways(x, y, trunc, floor):
    x, y = mg.tensor([x]), mg.tensor([y])
    assert mg.div(x, y, rounding_mode="trunc").tolist() == [trunc]
    assert mg.div(x, y, rounding_mode="floor").tolist() == [floor]
    assert mg.floor_divide(x, y).tolist() == [floor]
    assert mg.remainder(x, y).tolist() == [x.item() - y.item() * floor]
    assert mg.fmod(x, y).tolist() == [x.item() - y.item() * trunc]


def test_unsigned_integers_wrap_around():
    x = mg.tensor([1, 5], dtype=mg.uint8)
    assert mg.add(x, x, alpha=-3).tolist() == [254, 246]
    assert mg.sub(x, x, alpha=2).tolist() == [255, 251]


def test_true_division_of_integers_gives_the_default_float():
    assert mg.div(mg.tensor([1, 2]), mg.tensor(4)).dtype == mg.float32
    assert (mg.tensor([1, 2]) / 4).tolist() == [0.25, 0.5]


@pytest.mark.parametrize("name", ["floor_divide", "remainder", "fmod"])
@pytest.mark.parametrize("zero", [0, mg.tensor([1, 0])])
def test_integers_cannot_be_divided_by_zero(name, zero):
    with pytest.raises(RuntimeError, match=f"{name}: division of integers by zero"):
        getattr(ops, name)(mg.tensor([3, 4]), zero)


def test_floats_divided_by_zero_are_infinite_or_nan():
    y = (mg.tensor([1.0, -1.0, 0.0]) / 0).tolist()
    assert y[:2] == [math.inf, -math.inf]
    assert math.isnan(y[2])


def test_remainder_and_fmod_gradients():
    x, y = leaf(7.5, -7.5), leaf(2.0, 2.0)
    assert gradients(mg.remainder(x, y), x, y) == [[1, 1], [-3, 4]]
    x, y = leaf(7.5, -7.5), leaf(2.0, 2.0)
    assert gradients(mg.fmod(x, y), x, y) == [[1, 1], [-3, 3]]


def test_lerp_hits_both_ends_exactly():
    x, end = leaf(0.1, 1e8), leaf(0.7, 1e-8)
    assert mg.lerp(x, end, 0.0).tolist() == x.tolist()
    assert mg.lerp(x, end, 1.0).tolist() == end.tolist()
    assert mg.lerp(x, end, leaf(1.0, 1.0)).tolist() == end.tolist()


def test_a_product_with_a_number_keeps_nothing():
    x = leaf(1.0, 2.0)
    for y in (x * 2, 2 * x, x / 2):
        saved = [c.cell_contents for f in _functions(y.node.pullback) for c in f.__closure__]
        assert not any(isinstance(value, np.ndarray) for value in saved)


def _functions(pullback):
    return [f for f in (pullback if isinstance(pullback, tuple) else (pullback,)) if f is not None]


# ---------------------------------------------------------------------------- powers


def test_pow_at_zero():
    assert gradients(mg.pow(x := leaf(0.0, 0.0, 0.0), 0), x) == [[0, 0, 0]]
    x, e = leaf(0.0, 0.0, 2.0), leaf(0.0, 2.0, 0.0)
    base, exponent = gradients(mg.pow(x, e), x, e)
    assert base == [0, 0, 0]
    assert exponent == [0, 0, math.log(2)]


def test_pow_of_a_negative_base():
    x, e = leaf(-2.0), leaf(3.0)
    base, exponent = gradients(mg.pow(x, e), x, e)
    assert base == [12]
    assert math.isnan(exponent[0])


def test_second_derivative_of_pow_at_zero_is_finite():
    x = leaf(0.0)
    for e, second in ((mg.tensor([0.0]), 0), (mg.tensor([2.0]), 2), (2, 2), (3, 0), (1, 0)):
        (g,) = mg.autograd.grad(mg.pow(x, e).sum(), x, create_graph=True)
        (h,) = mg.autograd.grad(g.sum(), x, allow_unused=True, materialize_grads=True)
        assert h.tolist() == [second], e


def test_pow_of_integers():
    x = mg.tensor([2, 1, -1, -3])
    assert (x**3).tolist() == [8, 1, -1, -27]
    assert (x**4).tolist() == [16, 1, 1, 81]
    assert (x ** mg.tensor(-1)).tolist() == [0, 1, -1, 0]
    assert (x ** mg.tensor(-2)).tolist() == [0, 1, 1, 0]
    with pytest.raises(RuntimeError, match=r"pow: an integer Tensor to the power of -1.*float"):
        x**-1


@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
@pytest.mark.parametrize("exponent", [-3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4, 5, 2.5])
def test_powers_keep_their_dtype(dtype, exponent):
    x = mg.tensor([0.5, 2.0], dtype=dtype, requires_grad=True)
    y = x**exponent
    assert y.dtype == dtype
    np.testing.assert_allclose(y.detach().numpy(), [0.5**exponent, 2.0**exponent], rtol=1e-6)
    y.sum().backward()
    assert x.grad.dtype == dtype
    assert (2.0**x).dtype == dtype
    assert mg.float_power(x, exponent).dtype == mg.float64


def test_roots():
    x = leaf(0.0, 4.0)
    assert gradients(mg.sqrt(x), x) == [[math.inf, 0.25]]
    assert math.isnan(mg.sqrt(mg.tensor(-1.0)).item())
    assert mg.rsqrt(mg.tensor([4.0, 0.0])).tolist() == [0.5, math.inf]


def test_hypot_does_not_overflow():
    assert mg.hypot(mg.tensor([3e200], dtype=mg.float64), 4e200).item() == pytest.approx(5e200)


# ---------------------------------------------------------------------------- signs and bounds


def test_abs_and_sign_at_zero_and_nan():
    x = leaf(-2.0, 0.0, 3.0, math.nan)
    assert gradients(mg.abs(x), x) == [[-1, 0, 1, 0]]
    assert mg.sign(x).tolist() == [-1, 0, 1, 0]
    assert mg.sgn is mg.sign
    assert mg.signbit(mg.tensor([-0.0, 0.0, -1.0])).tolist() == [True, False, True]


def test_ties_of_maximum_and_minimum_are_shared():
    for f in (mg.maximum, mg.minimum):
        x, y = leaf(2.0, 2.0), leaf(2.0, 2.0)
        assert gradients(f(x, y), x, y) == [[0.5, 0.5], [0.5, 0.5]]
    for f in (mg.fmax, mg.fmin):
        x, y = leaf(2.0), leaf(2.0)
        assert gradients(f(x, y), x, y) == [[1], [0]]


def test_nan_and_the_larger_of_two():
    x, y = leaf(math.nan, 1.0), leaf(1.0, math.nan)
    assert np.isnan(mg.maximum(x, y).tolist()).all()
    assert mg.fmax(x, y).tolist() == [1, 1]
    assert mg.fmin(x, y).tolist() == [1, 1]
    assert gradients(mg.fmax(x, y), x, y) == [[0, 1], [1, 0]]


def test_clamp_passes_the_gradient_at_its_bounds():
    x = leaf(-2.0, -1.0, 0.0, 1.0, 2.0)
    assert gradients(mg.clamp(x, -1, 1), x) == [[0, 1, 1, 1, 0]]
    x = leaf(-2.0, -1.0, 0.0)
    assert gradients(mg.clamp(x, min=-1), x) == [[0, 1, 1]]
    x = leaf(-2.0, -1.0, 0.0)
    assert gradients(mg.clamp(x, max=-1), x) == [[1, 1, 0]]


def test_clamp_to_bounds_in_the_wrong_order_is_max():
    assert mg.clamp(mg.tensor([-5.0, 0.0, 5.0]), 1.0, -1.0).tolist() == [-1, -1, -1]


def test_clamp_to_tensors_gives_them_the_gradient():
    x, low, high = leaf(-2.0, 0.0, 2.0), leaf(-1.0, -1.0, -1.0), leaf(1.0, 1.0, 1.0)
    assert gradients(mg.clamp(x, low, high), x, low, high) == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_clamp_needs_a_bound():
    with pytest.raises(RuntimeError, match="clamp: expected min or max or both"):
        mg.clamp(leaf(1.0))


def test_an_infinite_gradient_is_masked_to_zero():
    x = leaf(-1.0, 1.0)
    mg.clamp(x, min=0.0).backward(mg.tensor([math.inf, math.inf], dtype=mg.float64))
    assert x.grad.tolist() == [0, math.inf]


def test_copysign_and_heaviside():
    x = leaf(-3.0, 0.0, 3.0)
    assert mg.copysign(x, -1.0).tolist() == [-3, -0.0, -3]
    assert gradients(mg.copysign(x, -1.0), x) == [[1, 0, -1]]
    v = leaf(0.5)
    y = mg.heaviside(mg.tensor([-1.0, 0.0, 2.0], dtype=mg.float64), v)
    assert y.tolist() == [0, 0.5, 1]
    assert gradients(y, v) == [[1]]


# ---------------------------------------------------------------------------- errors


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: mg.add(mg.tensor([1]), mg.tensor([2]), alpha=0.5), RuntimeError,
     r"add: alpha must be an integer for integer inputs, got 0\.5"),
    (lambda: mg.div(leaf(1.0), 2, rounding_mode="ceil"), RuntimeError,
     "div: rounding_mode must be None, 'trunc' or 'floor', got 'ceil'"),
    (lambda: mg.addcdiv(mg.tensor([1]), mg.tensor([1]), mg.tensor([1])), RuntimeError,
     "addcdiv: expected floats, got integers"),
    (lambda: mg.add(leaf(1.0, 2.0), leaf(1.0, 2.0, 3.0)), RuntimeError,
     r"add: .*float64\[2\], float64\[3\]"),
])  # fmt: skip
def test_errors_say_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


# ---------------------------------------------------------------------------- properties

sizes = st.lists(st.integers(0, 3), min_size=0, max_size=3)


@st.composite
def broadcastable(draw):
    """Two shapes that broadcast: one, and the same with some sizes 1 and leading axes gone."""
    shape = draw(sizes)
    other = [1 if draw(st.booleans()) else n for n in shape][draw(st.integers(0, len(shape))) :]
    return (tuple(shape), tuple(other)) if draw(st.booleans()) else (tuple(other), tuple(shape))


@given(broadcastable(), st.sampled_from(["add", "sub", "mul", "true_divide", "maximum", "atan2"]))
def test_gradients_of_broadcast_arguments_have_their_shapes(shapes, name):
    rng = np.random.default_rng(0)
    x, y = (mg.tensor(rng.uniform(1, 2, shape), requires_grad=True) for shape in shapes)
    z = getattr(ops, name)(x, y)
    assert z.shape == np.broadcast_shapes(*shapes)
    z.sum().backward()
    assert x.grad.shape == x.shape
    assert y.grad.shape == y.shape


@given(st.integers(-50, 50), st.integers(-50, 50).filter(bool))
def test_quotient_and_remainder_make_up_the_number(x, y):
    a, b = mg.tensor([x]), mg.tensor([y])
    assert (mg.floor_divide(a, b) * b + mg.remainder(a, b)).tolist() == [x]
    assert (mg.div(a, b, rounding_mode="trunc") * b + mg.fmod(a, b)).tolist() == [x]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_large_sums_and_gradients_that_meet(dtype):
    x, y = (np.arange(LARGE + 7, dtype=dtype) % n for n in (1001, 97))
    np.testing.assert_array_equal(ops.add(x, y), x + y)
    np.testing.assert_array_equal(plus(x[::2], y[::2]), x[::2] + y[::2])
    if dtype != np.int64:
        a = mg.tensor(x, requires_grad=True)
        ((a + a) * mg.tensor(y) + a).sum().backward()
        np.testing.assert_array_equal(a.grad.array, 2 * y + 1)
