"""Convolution layers: shapes, names, derivatives, errors. Values against PyTorch: under parity."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from tests.nn.functional_call import of_inputs_and_parameters

CONVS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


def draw(*shape):
    return mg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "options",
    [
        {}, {"stride": 2, "padding": 1}, {"groups": 2}, {"dilation": 2, "padding": "same"},
        {"padding": 1, "padding_mode": "circular"}, {"padding": "same", "padding_mode": "reflect"},
    ],
)  # fmt: skip
def test_derivatives(n, bias, options):
    layer = CONVS[n](2, 4, 3 if n < 3 else 2, bias=bias, dtype=mg.float64, **options)
    size = (5, 6, 5)[:n] if n < 3 else (4, 3, 4)
    function, arguments = of_inputs_and_parameters(layer, draw(1, 2, *size))
    assert mg.gradcheck(function, arguments)
    assert mg.gradgradcheck(function, arguments)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "options", [{}, {"stride": 2, "padding": 1, "output_padding": 1}, {"groups": 2, "bias": False}]
)
def test_derivatives_transposed(n, options):
    layer = TRANSPOSED[n](2, 4, 3 if n < 3 else 2, dtype=mg.float64, **options)
    function, arguments = of_inputs_and_parameters(layer, draw(1, 2, *(3, 2, 2)[:n]))
    assert mg.gradcheck(function, arguments)
    assert mg.gradgradcheck(function, arguments)


def test_names_shapes_and_initial_values():
    mg.manual_seed(0)
    layer = nn.Conv2d(6, 8, (3, 5), groups=2)
    assert {k: tuple(v.shape) for k, v in layer.state_dict().items()} == {
        "weight": (8, 3, 3, 5), "bias": (8,),
    }  # fmt: skip
    bound = 1 / math.sqrt(3 * 3 * 5)
    for parameter in layer.parameters():
        values = parameter.detach().numpy()
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.7 * bound
    up = nn.ConvTranspose2d(6, 8, 3, groups=2)
    assert tuple(up.weight.shape) == (6, 4, 3, 3)
    assert nn.Conv1d(1, 1, 1, bias=False).bias is None


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (nn.Conv2d(1, 2, 3), "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))"),
        (
            nn.Conv1d(2, 4, 3, 2, 1, 2, 2, False, "reflect"),
            "Conv1d(2, 4, kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), groups=2, "
            "bias=False, padding_mode=reflect)",
        ),
        (
            nn.Conv2d(1, 2, 3, padding="same"),
            "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=same)",
        ),
        (
            nn.ConvTranspose1d(1, 1, 3, 2, output_padding=1),
            "ConvTranspose1d(1, 1, kernel_size=(3,), stride=(2,), output_padding=(1,))",
        ),
    ],
)
def test_what_they_look_like(layer, text):
    assert repr(layer) == text


def test_output_size():
    up = nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)
    x = mg.zeros(1, 1, 4, 5)
    for size in [(7, 9), (8, 9), (7, 10)]:
        assert up(x, output_size=size).shape == (1, 1, *size)
        assert up(x, output_size=(1, 1, *size)).shape == (1, 1, *size)
    with pytest.raises(ValueError, match=r"between \[7, 9\] and \[8, 10\] .*got \[9, 9\]"):
        up(x, output_size=(9, 9))
    for size in [(8,), (1, 8, 10)]:
        with pytest.raises(ValueError, match="output_size must have 2 or 4 elements"):
            up(x, output_size=size)
    assert up(x[0], output_size=(1, 8, 9)).shape == (1, 8, 9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(3, 4, 3, groups=2), "in_channels=3 must be divisible by groups=2"),
        (lambda: nn.Conv2d(4, 3, 3, groups=2), "out_channels=3 must be divisible by groups=2"),
        (lambda: nn.Conv2d(1, 1, 3, groups=0), "groups must be a positive integer, got 0"),
        (lambda: nn.Conv2d(1, 1, 3, padding="all"), "'same' or 'valid', got 'all'"),
        (lambda: nn.Conv2d(1, 1, 3, 2, "same"), "padding='same' needs stride 1"),
        (lambda: nn.Conv2d(1, 1, 3, padding_mode="mirror"), "got 'mirror'"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), "'zeros' alone"),
        (lambda: nn.ConvTranspose2d(1, 1, 3, padding="same"), "padding must be numbers"),
    ],
)
def test_what_makes_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_input_that_does_not_fit():
    with pytest.raises(RuntimeError, match="takes 3 channels, but the input"):
        nn.Conv2d(3, 4, 3)(mg.zeros(1, 2, 5, 5))
