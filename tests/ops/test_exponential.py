"""Exponentials, logarithms, the error and the gamma function: values, limits, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops

inf, nan = math.inf, math.nan


def leaf(*values, dtype=mg.float64):
    return mg.tensor(values, dtype=dtype, requires_grad=True)


def relative_error(got, expected):
    return np.max(np.abs(got - expected) / np.maximum(np.abs(expected), 1e-300))


GRID = np.concatenate([np.linspace(-6, 6, 4001), 10.0 ** np.arange(-300, 0, 5)])


def test_erf_and_erfc_are_accurate_to_the_last_digits():
    x = GRID[GRID != 0]
    assert relative_error(ops.erf(x), np.array([math.erf(v) for v in x])) < 1e-15
    x = np.concatenate([x, np.linspace(6, 26, 500)])
    assert relative_error(ops.erfc(x), np.array([math.erfc(v) for v in x])) < 2e-15


def test_erf_in_float32_is_accurate_and_stays_float32():
    x = np.linspace(-6, 6, 4001, dtype=np.float32)
    x = x[x != 0]
    y = ops.erf(x)
    assert y.dtype == np.float32
    assert np.abs(y).max() <= 1
    assert relative_error(y.astype(float), np.array([math.erf(v) for v in x])) < 5e-7
    assert ops.erfc(x).dtype == np.float32


def test_error_functions_at_their_limits():
    x = mg.tensor([inf, -inf, 0.0, 30.0, -30.0], dtype=mg.float64)
    assert mg.erf(x).tolist() == [1, -1, 0, 1, -1]
    assert mg.erfc(x).tolist() == [0, 2, 1, 0, 2]
    assert mg.erfinv(mg.tensor([1.0, -1.0, 0.0])).tolist() == [inf, -inf, 0]
    assert np.isnan(mg.erfinv(mg.tensor([1.5, -1.5, nan])).tolist()).all()


def test_erfinv_inverts_erf():
    x = np.concatenate([np.linspace(-0.999999, 0.999999, 1001), [1e-300, 1 - 1e-15]])
    np.testing.assert_allclose([math.erf(v) for v in ops.erfinv(x)], x, rtol=2e-15, atol=0)


def test_lgamma_is_accurate():
    x = np.concatenate([np.linspace(-20.3, 40, 3001), 10.0 ** np.arange(-300, 300, 7)])
    expected = np.array([math.lgamma(v) for v in x])
    error = np.abs(ops.lgamma(x) - expected) / np.maximum(np.abs(expected), 1)
    assert error.max() < 4e-15


def test_gamma_functions_at_their_poles():
    x = mg.tensor([0.0, -1.0, -2.0, inf, 1.0, 2.0], dtype=mg.float64)
    assert mg.lgamma(x).tolist() == [inf, inf, inf, inf, 0, 0]
    y = mg.digamma(x).tolist()
    assert y[0] == -inf
    assert np.isnan(y[1:3]).all()
    assert y[3] == inf


def test_digamma_and_polygamma_at_known_points():
    euler, x = 0.57721566490153286061, mg.tensor([1.0, 0.5], dtype=mg.float64)
    np.testing.assert_allclose(
        mg.digamma(x).numpy(), [-euler, -euler - 2 * math.log(2)], rtol=1e-14
    )
    np.testing.assert_allclose(
        mg.polygamma(1, x).numpy(), [math.pi**2 / 6, math.pi**2 / 2], rtol=1e-14
    )
    zeta3 = 1.2020569031595942854
    np.testing.assert_allclose(mg.polygamma(2, x).numpy(), [-2 * zeta3, -14 * zeta3], rtol=1e-14)
    np.testing.assert_allclose(mg.polygamma(3, x).numpy()[0], math.pi**4 / 15, rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_polygamma_obeys_its_recurrence_on_both_sides_of_zero(n):
    """polygamma(n, x + 1) - polygamma(n, x) = (-1)**n * n! / x**(n + 1)."""
    x = np.array([-7.3, -2.5, -0.4, 0.2, 0.7, 3.0, 20.0])
    got = ops.polygamma(n, x + 1) - ops.polygamma(n, x)
    np.testing.assert_allclose(got, (-1) ** n * math.factorial(n) / x ** (n + 1), rtol=1e-9)


def test_sigmoid_keeps_its_digits_at_both_ends():
    x = leaf(-700.0, -40.0, 0.0, 40.0, 800.0, -800.0)
    y = mg.sigmoid(x)
    assert y.tolist()[2:] == [0.5, 1, 1, 0]
    np.testing.assert_allclose(y.tolist()[:2], [math.exp(-700), math.exp(-40)], rtol=1e-15)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.tolist()[:2], [math.exp(-700), math.exp(-40)], rtol=1e-15)
    assert x.grad.tolist()[2] == 0.25
    assert x.grad.tolist()[-2:] == [0, 0]


def test_second_derivatives_stay_finite_far_out():
    x = leaf(-800.0, 0.3, 800.0)
    for name in ("sigmoid", "softplus", "logsigmoid", "silu", "mish", "gelu", "elu", "relu"):
        # The value is squared and then forgotten: for the second derivative it is made again.
        (g,) = mg.autograd.grad((getattr(ops, name)(x) ** 2).sum(), x, create_graph=True)
        (h,) = mg.autograd.grad(g.sum(), x)
        assert np.isfinite(h.numpy()).all(), name


def test_logaddexp_of_infinities():
    x = mg.tensor([-inf, 1000.0, inf])
    assert mg.logaddexp(x, x).tolist()[0] == -inf
    assert mg.logaddexp(x, mg.tensor([0.0, 1000.0, 0.0])).tolist() == pytest.approx(
        [0, 1000 + math.log(2), inf]
    )


def test_xlogy_at_zero():
    x, y = leaf(0.0, 0.0, 2.0), leaf(0.0, -1.0, 1.0)
    z = mg.xlogy(x, y)
    assert z.tolist() == [0, 0, 0]
    z.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    assert math.isnan(mg.xlogy(mg.tensor(0.0), nan).item())
    assert mg.xlogy(mg.tensor([1.0]), 2).dtype == mg.float32


def test_logit_is_the_inverse_of_sigmoid():
    x = leaf(-3.0, 0.1, 2.0)
    np.testing.assert_allclose(mg.logit(mg.sigmoid(x)).tolist(), x.tolist(), rtol=1e-12)
    p = leaf(-0.5, 0.0, 1.0)
    assert mg.logit(p).tolist()[1:] == [-inf, inf]
    mg.logit(p, eps=0.1).sum().backward()
    assert p.grad.tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["exp", "log1p", "erf", "erfinv", "lgamma", "digamma", "sigmoid",
                                  "sin", "atan", "gelu", "softplus", "mish", "selu"])  # fmt: skip
@pytest.mark.parametrize("dtype", [mg.float16, mg.float32, mg.float64])
def test_dtype_is_kept_and_integers_become_floats(name, dtype):
    x = leaf(0.5, 0.25, dtype=dtype)
    y = getattr(ops, name)(x)
    assert y.dtype == dtype
    y.sum().backward()
    assert x.grad.dtype == dtype
    assert getattr(ops, name)(mg.tensor([0, 1])).dtype == mg.float32
