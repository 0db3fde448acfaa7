"""Activations as Modules: their values at points that can be worked out by hand."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from tests.nn.functional_call import of_inputs_and_parameters

E = math.e
CASES = [
    (nn.Sigmoid(), [0.0, math.log(3)], [0.5, 0.75]),
    (nn.Tanh(), [0.0, math.log(3)], [0.0, 0.8]),
    (nn.ReLU(), [-2, 0, 3], [0, 0, 3]),
    (nn.ReLU6(), [-2, 3, 8], [0, 3, 6]),
    (nn.LeakyReLU(0.1), [-2, 3], [-0.2, 3]),
    (nn.PReLU(init=0.5), [-2, 3], [-1, 3]),
    (nn.RReLU(0.1, 0.3).eval(), [-2, 3], [-0.4, 3]),
    (nn.ELU(2.0), [-1, 3], [2 * (1 / E - 1), 3]),
    (nn.CELU(2.0), [-2, 3], [2 * (1 / E - 1), 3]),
    (nn.SELU(), [-1, 1], [1.7580993408473766 * (1 / E - 1), 1.0507009873554805]),
    (nn.GELU(), [0, 1], [0, 0.8413447460685429]),
    (nn.GELU("tanh"), [0, 1], [0, 0.8411919906082768]),
    (nn.SiLU(), [0, math.log(3)], [0, 0.75 * math.log(3)]),
    (nn.Mish(), [0, math.log(E - 1)], [0, math.log(E - 1) * math.tanh(1)]),
    (nn.Softplus(), [0, 30], [math.log(2), 30]),
    (nn.Softplus(2.0, 1.0), [0, 0.6], [math.log(2) / 2, 0.6]),
    (nn.Softsign(), [-3, 1], [-0.75, 0.5]),
    (nn.LogSigmoid(), [0, -1000], [-math.log(2), -1000]),
    (nn.Tanhshrink(), [math.log(3)], [math.log(3) - 0.8]),
    (nn.Hardshrink(), [-1, 0.5, 0.6], [-1, 0, 0.6]),
    (nn.Softshrink(), [-1, 0.5, 0.75], [-0.5, 0, 0.25]),
    (nn.Threshold(1.0, 9.0), [0, 1, 2], [9, 9, 2]),
    (nn.Hardtanh(-2, 3), [-5, 1, 5], [-2, 1, 3]),
    (nn.Hardsigmoid(), [-4, 0, 1.5, 4], [0, 0.5, 0.75, 1]),
    (nn.Hardswish(), [-4, 0, 1.5, 4], [0, 0, 1.125, 4]),
    (nn.GLU(), [3.0, 0.0], [1.5]),
    (nn.Softmax(0), [0, math.log(3)], [0.25, 0.75]),
    (nn.Softmin(0), [0, math.log(3)], [0.75, 0.25]),
    (nn.LogSoftmax(0), [0, math.log(3)], [math.log(0.25), math.log(0.75)]),
]


@pytest.mark.parametrize(("layer", "x", "y"), CASES, ids=lambda v: str(v)[:25])
def test_values(layer, x, y):
    got = layer.double()(mg.tensor(np.array(x, dtype=float)))
    np.testing.assert_allclose(got.detach().numpy(), y, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("layer", "x", "y"), CASES, ids=lambda v: str(v)[:25])
def test_gradients_away_from_kinks(layer, x, y):
    layer = layer.double()
    x = mg.tensor(np.array(x, dtype=float) + 0.0123, requires_grad=True)
    assert mg.gradcheck(*of_inputs_and_parameters(layer, x))


@pytest.mark.parametrize(
    "form",
    [nn.ReLU, nn.ReLU6, nn.SiLU, nn.Mish, nn.SELU, nn.ELU, nn.CELU, nn.LeakyReLU, nn.Hardtanh,
     nn.Hardswish, nn.Hardsigmoid, nn.RReLU],
)  # fmt: skip
def test_in_place(form):
    x = mg.tensor([-1.0, 0.5, 2.0])
    y = form().eval()(x.clone())
    z = form(inplace=True).eval()(x)
    assert z.array is x.array
    np.testing.assert_array_equal(y.numpy(), z.numpy())


def test_prelu_learns_one_slope_a_channel():
    layer = nn.PReLU(2)
    layer(mg.tensor([[-3.0, -5.0], [1.0, -1.0]])).sum().backward()
    assert layer.weight.grad.tolist() == [-3, -6]


def test_rrelu_draws_its_slope_in_training():
    y = nn.RReLU(0.1, 0.3)(-mg.ones(10_000)).numpy()
    assert -0.3 <= y.min() < -0.29
    assert -0.11 < y.max() <= -0.1


def test_softmax2d():
    y = nn.Softmax2d()(mg.randn(2, 3, 4, 5)).numpy()
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-5)
    with pytest.raises(ValueError, match=r"expected 3D or 4D input, got shape \[2\]"):
        nn.Softmax2d()(mg.ones(2))


def test_hardtanh_arguments():
    with pytest.raises(AssertionError, match=r"max_val \(-1\) must be greater than min_val \(1\)"):
        nn.Hardtanh(1, -1)
    with pytest.warns(FutureWarning, match="min_value is now min_val"):
        assert nn.Hardtanh(min_value=-3).min_val == -3
