"""Linear, Bilinear, Identity, Flatten, Unflatten."""

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from tests.nn.functional_call import of_inputs_and_parameters


def test_linear_is_x_w_transposed_plus_b():
    layer = nn.Linear(2, 3)
    weight, bias = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [10.0, 20.0, 30.0]
    layer.load_state_dict({"weight": mg.tensor(weight), "bias": mg.tensor(bias)})
    y = layer(mg.tensor([[1.0, -1.0]]))
    assert y.tolist() == [[9.0, 19.0, 29.0]]
    y.sum().backward()
    assert layer.weight.grad.tolist() == [[1, -1]] * 3
    assert layer.bias.grad.tolist() == [1, 1, 1]
    assert layer(mg.ones(4, 5, 2)).shape == (4, 5, 3)


@pytest.mark.parametrize("n", [1, 4, 400])
def test_linear_begins_within_its_bound(n):
    layer = nn.Linear(n, 500)
    bound = 1 / np.sqrt(n)
    for p in layer.parameters():
        assert np.abs(p.array).max() <= bound * (1 + 1e-6)
        assert np.abs(p.array).max() > 0.97 * bound
        np.testing.assert_allclose(p.array.std(), bound / np.sqrt(3), rtol=0.1)


def test_the_same_seed_gives_the_same_layer():
    layers = []
    for _ in range(2):
        mg.manual_seed(3)
        layers.append(nn.Linear(3, 3))
    assert (layers[0].weight.array == layers[1].weight.array).all()
    assert (layers[0].weight.array != nn.Linear(3, 3).weight.array).any()


def test_without_bias_its_place_is_kept():
    layer = nn.Linear(2, 1, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    layer.bias = nn.Parameter(mg.ones(1))
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_dtype():
    layer = nn.Linear(2, 1, dtype=mg.float64)
    assert layer.weight.dtype == layer.bias.dtype == mg.float64


def test_no_inputs_at_all():
    with pytest.warns(UserWarning, match="zero-element"):
        layer = nn.Linear(0, 2)
    assert layer(mg.ones(3, 0)).tolist() == [[0, 0]] * 3


def test_a_wrong_size_names_both():
    with pytest.raises((ValueError, RuntimeError), match=r"5.*3|3.*5"):
        nn.Linear(3, 2)(mg.ones(4, 5))


def test_bilinear():
    layer = nn.Bilinear(2, 3, 1, bias=False)
    layer.weight.array[...] = np.arange(6).reshape(1, 2, 3)
    # sum_ij x_i W_ij y_j
    assert layer(mg.tensor([[1.0, 10.0]]), mg.tensor([[1.0, 2.0, 3.0]])).item() == 8 + 10 * 26
    big = nn.Bilinear(100, 3, 50)
    assert all(np.abs(p.array).max() <= 0.1 for p in big.parameters())
    with pytest.raises(ValueError, match="in1_features must be > 0, got 0"):
        nn.Bilinear(0, 1, 1)


def test_bilinear_gradients():
    layer = nn.Bilinear(2, 3, 2).double()
    x = mg.randn(4, 2, dtype=mg.float64, requires_grad=True)
    y = mg.randn(4, 3, dtype=mg.float64, requires_grad=True)
    assert mg.gradcheck(*of_inputs_and_parameters(layer, x, y))


def test_shapes():
    x = mg.ones(2, 3, 4)
    assert nn.Flatten()(x).shape == (2, 12)
    assert nn.Flatten(0, 1)(x).shape == (6, 4)
    assert nn.Unflatten(2, (2, 2))(x).shape == (2, 3, 2, 2)
    assert nn.Identity("anything")(x) is x
    with pytest.raises(TypeError, match="expected a tuple of ints, got int"):
        nn.Unflatten(1, 3)
    with pytest.raises(TypeError, match="got float at position 1"):
        nn.Unflatten(1, (1, 2.0))
