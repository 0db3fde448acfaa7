"""Weights that are computed from other parameters: weight and spectral normalization."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import utils
from minigrad.nn.utils.spectral_norm import SpectralNorm
from minigrad.nn.utils.weight_norm import WeightNorm


def linear(weight):
    layer = nn.Linear(2, len(weight), bias=False)
    layer.load_state_dict({"weight": mg.tensor(weight)})
    return layer


def test_lengths_and_directions():
    """Rows (3, 4) and (0, 2) have the lengths 5 and 2; the whole, sqrt(29)."""
    layer = utils.weight_norm(linear([[3.0, 4.0], [0.0, 2.0]]))
    assert layer.weight_g.tolist() == [[5.0], [2.0]]
    x = mg.tensor([[1.0, 1.0]])
    assert layer(x).tolist() == [[7.0, 2.0]]  # as before
    with mg.no_grad():
        layer.weight_g.mul_(10)
        layer.weight_v.mul_(3)  # its length does not matter
    np.testing.assert_allclose(layer(x).tolist(), [[70.0, 20.0]], rtol=1e-6)

    whole = utils.weight_norm(linear([[3.0, 4.0], [0.0, 2.0]]), dim=None)
    assert whole.weight_g.shape == ()
    assert whole.weight_g.item() == pytest.approx(29**0.5)


@pytest.mark.parametrize("dim", [0, 1, -1, None])
def test_gradients_of_weight_norm(dim):
    compute = WeightNorm("weight", dim)
    v = mg.randn(3, 2, 4, dtype=mg.float64, requires_grad=True)
    g = compute.norm(v).detach().requires_grad_()

    def weight(g, v):
        return compute(SimpleNamespace(weight_g=g, weight_v=v))

    assert mg.gradcheck(weight, (g, v))
    assert mg.gradgradcheck(weight, (g, v))


def test_training_with_weight_norm():
    net = nn.Sequential(utils.weight_norm(nn.Linear(3, 4)), nn.Tanh(), nn.Linear(4, 1))
    x = mg.randn(8, 3)
    first = net(x)
    first.sum().backward()
    mg.optim.SGD(net.parameters(), lr=0.1).step()
    assert net[0].weight_g.grad is not None
    before = net(x)
    assert before.sum() < first.sum()
    utils.remove_weight_norm(net[0])
    assert list(net[0].state_dict()) == ["bias", "weight"]
    np.testing.assert_array_equal(net(x).tolist(), before.tolist())
    net(x).sum().backward()
    assert net[0].weight.grad is not None


def test_spectral_norm_finds_the_largest_singular_value():
    layer = utils.spectral_norm(
        linear([[3.0, 0.0], [0.0, -2.0], [0.0, 0.0]]), n_power_iterations=60
    )
    x = mg.eye(2)
    np.testing.assert_allclose(layer(x).tolist(), [[1, 0, 0], [0, -2 / 3, 0]], atol=1e-5)
    state = {name: t.tolist() for name, t in layer.state_dict().items()}
    layer.eval()(x)
    assert {
        name: t.tolist() for name, t in layer.state_dict().items()
    } == state  # not in evaluation

    utils.remove_spectral_norm(layer)
    assert list(layer.state_dict()) == ["weight"]
    np.testing.assert_allclose(layer.weight.tolist(), [[1, 0], [0, -2 / 3], [0, 0]], atol=1e-5)


def test_spectral_norm_reaches_it_over_many_forwards():
    conv = utils.spectral_norm(nn.ConvTranspose2d(4, 6, 3))
    assert conv.weight_u.shape == (6,)  # its outputs are its axis 1
    x = mg.randn(1, 4, 5, 5)
    for _ in range(200):
        conv(x)
    matrix = conv.weight.detach().permute(1, 0, 2, 3).reshape(6, -1).numpy()
    assert np.linalg.norm(matrix, 2) == pytest.approx(1, rel=1e-3)


def test_gradients_of_spectral_norm():
    """u and v are constants: in evaluation the weight is w / (u^T w v)."""
    compute = SpectralNorm("weight", 1, 1e-12, 0)
    u, v = (mg.randn(n, dtype=mg.float64) for n in (3, 8))

    def weight(w):
        module = SimpleNamespace(weight_orig=w, weight_u=u, weight_v=v, training=False)
        return compute(module)

    w = mg.randn(3, 2, 4, dtype=mg.float64, requires_grad=True)
    assert mg.gradcheck(weight, w)
    assert mg.gradgradcheck(weight, w)


def test_two_forwards_before_backward():
    """As a discriminator runs on real and on made images: the second moves u and v."""
    layer = utils.spectral_norm(nn.Linear(3, 3))
    (layer(mg.randn(2, 3)) + layer(mg.randn(2, 3))).sum().backward()
    assert layer.weight_orig.grad is not None


@pytest.mark.parametrize("normalize", [utils.weight_norm, utils.spectral_norm])
def test_bad_input(normalize):
    layer = normalize(nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="'weight' is computed from other parameters already"):
        normalize(layer)
    with pytest.raises(AttributeError, match=r"no attribute 'wight'. Did you mean: 'weight'"):
        normalize(nn.Linear(2, 2), "wight")
    with pytest.raises(ValueError, match=r"'bias' of .* has no weight normalization"):
        utils.remove_weight_norm(layer, "bias")
    with pytest.raises(ValueError, match=r"'bias' of .* has no spectral normalization"):
        utils.remove_spectral_norm(layer, "bias")
    with pytest.raises(ValueError, match="expected n_power_iterations > 0, got 0"):
        utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0)
