"""Activation functions: kinks, limits, what they keep for backward, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import kernels
import minigrad as mg
from minigrad import inplace, ops


def leaf(*values, dtype=mg.float64):
    return mg.tensor(values, dtype=dtype, requires_grad=True)


def slope(name, *values, **kwargs):
    x = leaf(*values)
    getattr(ops, name)(x, **kwargs).sum().backward()
    return x.grad.tolist()


@pytest.mark.parametrize(("name", "kwargs", "points", "slopes"), [
    ("relu", {}, [-1, 0, 1], [0, 0, 1]),
    ("relu6", {}, [0, 1, 6, 7], [0, 1, 0, 0]),
    ("hardtanh", {}, [-1, 0, 1], [0, 1, 0]),
    ("leaky_relu", {"negative_slope": 0.25}, [-1, 0, 1], [0.25, 0.25, 1]),
    ("leaky_relu", {"negative_slope": -0.5}, [-1, 0, 1], [-0.5, -0.5, 1]),
    ("leaky_relu", {"negative_slope": 3.0}, [-1, 0, 1], [3, 3, 1]),
    ("hardsigmoid", {}, [-3, 0, 3], [0, 1 / 6, 0]),
    ("hardswish", {}, [-3, 0, 3], [0, 0.5, 1]),
    ("hardshrink", {}, [-0.5, 0, 0.5, 0.6], [0, 0, 0, 1]),
    ("softshrink", {}, [-0.5, 0, 0.5, 0.6], [0, 0, 0, 1]),
    ("threshold", {"threshold": 1, "value": 5}, [0, 1, 2], [0, 0, 1]),
    ("elu", {"alpha": 2.0}, [0, 1], [2, 1]),
    ("celu", {"alpha": 2.0}, [0, 1], [1, 1]),
    ("softplus", {}, [0, 20, 21], [0.5, 1 / (1 + math.exp(-20)), 1]),
    ("silu", {}, [0], [0.5]),
    ("gelu", {}, [0], [0.5]),
    ("mish", {}, [0], [0.6]),
    ("softsign", {}, [0, 1], [1, 0.25]),
])  # fmt: skip
def test_slopes_at_kinks_are_pytorchs(name, kwargs, points, slopes):
    assert slope(name, *points, **kwargs) == pytest.approx(slopes)


def test_known_values():
    x = mg.tensor([1.0], dtype=mg.float64)
    e = math.e
    for name, expected in {
        "silu": 1 / (1 + 1 / e), "softplus": math.log(1 + e), "logsigmoid": -math.log(1 + 1 / e),
        "mish": math.tanh(math.log(1 + e)), "gelu": 0.5 * (1 + math.erf(math.sqrt(0.5))),
        "selu": 1.0507009873554805, "tanhshrink": 1 - math.tanh(1), "hardswish": 2 / 3,
    }.items():  # fmt: skip
        assert getattr(ops, name)(x).item() == pytest.approx(expected, rel=1e-14), name


def test_selu_keeps_mean_and_variance():
    x = mg.tensor(np.random.default_rng(0).standard_normal(400_000))
    y = mg.selu(x).numpy()
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert y.var() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "logsigmoid", "silu", "mish", "gelu"])
@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
def test_far_out_they_are_stable(name, dtype):
    x = leaf(-1e4, -200.0, 200.0, 1e4, dtype=dtype)
    y = getattr(ops, name)(x)
    y.sum().backward()
    straight = {"sigmoid": [0, 0, 1, 1], "logsigmoid": [-1e4, -200, 0, 0]}
    assert y.tolist() == pytest.approx(straight.get(name, [0, 0, 200, 1e4]), abs=1e-30)
    rises = {"sigmoid": [0, 0, 0, 0], "logsigmoid": [1, 1, 0, 0]}
    assert x.grad.tolist() == pytest.approx(rises.get(name, [0, 0, 1, 1]), abs=1e-30)


def test_half_precision_does_not_overflow_on_the_way():
    x = leaf(-30.0, 0.5, 12.0, 300.0, dtype=mg.float16)
    for name in ("mish", "gelu", "silu", "softplus", "logsigmoid", "elu", "selu"):
        x.grad = None
        y = getattr(ops, name)(x)
        y.sum().backward()
        assert np.isfinite(y.tolist()).all(), name
        assert np.isfinite(x.grad.tolist()).all(), name


def test_tails_keep_their_digits():
    x = leaf(-40.0)
    tail = math.exp(-40)
    for name, expected in {
        "sigmoid": tail, "softplus": tail, "silu": -40 * tail, "mish": -40 * tail,
    }.items():  # fmt: skip
        assert getattr(ops, name)(x).item() == pytest.approx(expected, rel=1e-14), name
    assert mg.logsigmoid(-x).item() == pytest.approx(-tail, rel=1e-14)


@pytest.mark.parametrize("name", ["relu", "relu6", "sigmoid", "tanh", "exp", "leaky_relu", "elu",
                                  "selu", "celu", "hardtanh", "hardsigmoid", "sqrt"])  # fmt: skip
def test_what_can_run_in_place_keeps_its_result_and_not_its_input(name):
    x = leaf(0.3, 0.8)
    y = getattr(ops, name)(x)
    saved = inplace.saved_arrays(y.node.pullback)
    assert [a is y.array for a in saved] == [True]


def test_relu_stops_an_infinite_gradient_and_lets_nan_through():
    x = leaf(-1.0, 2.0, math.nan)
    y = mg.relu(x)
    assert math.isnan(y.tolist()[2])
    y.backward(mg.tensor([math.inf, math.inf, 1.0], dtype=mg.float64))
    assert x.grad.tolist() == [0, math.inf, 1]


@pytest.mark.parametrize("name", ["relu", "relu6", "hardtanh", "leaky_relu", "elu"])
def test_second_derivative_at_the_kink_follows_the_first(name):
    """d relu(x)**2 / dx = 2 relu(x) relu'(x): recomputed values must have the same convention."""
    x = leaf(0.0)
    (g,) = mg.autograd.grad((getattr(ops, name)(x) ** 2).sum(), x, create_graph=True)
    (h,) = mg.autograd.grad(g.sum(), x)
    (d,) = slope(name, 0.0)
    assert h.item() == pytest.approx(2 * d * d)


def test_relu_of_integers_stays_integer():
    assert mg.relu(mg.tensor([-1, 2])).dtype == mg.int64
    assert mg.relu6(mg.tensor([-1, 9])).tolist() == [0, 6]
    assert mg.relu6(mg.tensor([-1, 9])).dtype == mg.int64


def test_prelu_has_one_slope_for_each_channel():
    x = mg.tensor(-np.ones((2, 3, 2)), requires_grad=True)
    w = leaf(0.1, 0.2, 0.3)
    y = mg.prelu(x, w)
    np.testing.assert_allclose(y.tolist()[0], [[-0.1, -0.1], [-0.2, -0.2], [-0.3, -0.3]])
    y.sum().backward()
    assert w.grad.tolist() == [-4, -4, -4]


def test_glu_halves_a_dimension():
    x = leaf(3.0, 0.0)
    y = mg.glu(x)
    y.sum().backward()
    assert y.tolist() == [1.5]
    assert x.grad.tolist() == [0.5, 0.75]


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: mg.gelu(leaf(1.0), approximate="fast"), RuntimeError,
     "gelu: approximate must be 'none' or 'tanh', got 'fast'"),
    (lambda: mg.glu(leaf(1.0, 2.0, 3.0)), RuntimeError,
     r"glu: the size along dim -1 must be even, got float64\[3\]"),
    (lambda: mg.glu(leaf(1.0, 2.0), 1), IndexError, "glu: dim 1 is out of range"),
    (lambda: mg.celu(leaf(1.0), alpha=0), RuntimeError, "celu: alpha must not be 0"),
    (lambda: mg.softshrink(leaf(1.0), lambd=-1), RuntimeError, "softshrink: lambd must be at lea"),
    (lambda: mg.hardtanh(leaf(1.0), 1.0, -1.0), ValueError, "hardtanh: min_val 1.0 is greater"),
    (lambda: mg.prelu(mg.zeros(2, 3), mg.zeros(2)), RuntimeError,
     r"prelu: weight must be one number or one for each of the 3 channels.*got float32\[2\]"),
])  # fmt: skip
def test_errors_say_what_was_expected(call, error, message):
    with pytest.raises(error, match=message):
        call()


# What is large enough for a kernel in Numba; the reference, in NumPy, is what it must agree with.
LARGE = [
    ("relu", {}), ("leaky_relu", {"negative_slope": 0.2}), ("leaky_relu", {"negative_slope": -2}),
    ("elu", {"alpha": 0.7}), ("elu", {"alpha": -0.7}), ("celu", {"alpha": 2.0}), ("selu", {}),
    ("tanh", {}), ("sigmoid", {}), ("silu", {}), ("softplus", {"beta": 2.0, "threshold": 3.0}),
    ("mish", {}), ("gelu", {}), ("gelu", {"approximate": "tanh"}), ("erf", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kwargs"), LARGE)
@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
def test_large_inputs_give_what_numpy_gives(name, kwargs, dtype):
    rng = np.random.default_rng(0)
    a, g = (rng.uniform(-4, 4, (300, 250)).astype(dtype) for _ in range(2))
    results = []
    for how in ("auto", "numpy"):
        with kernels.use(how):
            x = mg.tensor(a, requires_grad=True)
            y = getattr(ops, name)(x, **kwargs)
            (first,) = mg.autograd.grad(y, x, mg.tensor(g), create_graph=True)
            (second,) = mg.autograd.grad((first.square() * x).sum(), x)
            # In a first-order backward the pullback runs on raw arrays, by a kernel of its own.
            y = getattr(ops, name)(x, **kwargs)
            y.backward(mg.tensor(g))
            results.append([t.detach().numpy() for t in (y, x.grad, first, second)])
    tolerance = 5e-6 if dtype == mg.float32 else 1e-14  # 40 ulp: some terms cancel
    for got, expected in zip(*results, strict=True):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=100 * tolerance)
    np.testing.assert_allclose(results[0][1], results[0][2], rtol=tolerance, atol=100 * tolerance)


@pytest.mark.parametrize("name", ["silu", "softplus", "mish", "gelu", "sigmoid", "tanh", "elu"])
def test_second_derivatives_far_out_are_zero_and_not_nan(name):
    x = leaf(-500.0, -100.0, 100.0, 500.0, dtype=mg.float32)
    (g,) = mg.autograd.grad(getattr(ops, name)(x).sum(), x, create_graph=True)
    (h,) = mg.autograd.grad(g.sum(), x)
    assert h.tolist() == pytest.approx([0, 0, 0, 0], abs=1e-30)
