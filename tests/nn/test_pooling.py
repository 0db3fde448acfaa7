"""Pooling and padding layers: they are the functions, with PyTorch's names and looks."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F

X = {
    n: mg.tensor(np.random.default_rng(n).standard_normal((2, 3, *(7, 6, 5)[:n])))
    for n in (1, 2, 3)
}


def layer(name, n, *args, **options):
    return getattr(nn, f"{name}{n}d")(*args, **options)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_they_are_the_functions(n):
    x = X[n]
    pairs = [
        (layer("MaxPool", n, 3, 2, 1, ceil_mode=True), f"max_pool{n}d", (3, 2, 1, 1, True)),
        (layer("MaxPool", n, 2, dilation=2), f"max_pool{n}d", (2, 2, 0, 2)),
        (layer("AvgPool", n, 3, 2, 1), f"avg_pool{n}d", (3, 2, 1)),
        (layer("AvgPool", n, 2, count_include_pad=False), f"avg_pool{n}d", (2,)),
        (layer("AdaptiveAvgPool", n, 2), f"adaptive_avg_pool{n}d", (2,)),
        (layer("AdaptiveMaxPool", n, 2), f"adaptive_max_pool{n}d", (2,)),
    ]
    for module, name, options in pairs:
        np.testing.assert_array_equal(module(x).numpy(), getattr(F, name)(x, *options).numpy())


@pytest.mark.parametrize("n", [1, 2, 3])
def test_there_and_back(n):
    values, indices = layer("MaxPool", n, 2, return_indices=True)(X[n])
    back = layer("MaxUnpool", n, 2)(values, indices, output_size=X[n].shape)
    assert back.shape == X[n].shape
    found = back.numpy()[back.numpy() != 0]
    np.testing.assert_array_equal(np.sort(found), np.sort(values.numpy().ravel()))
    again, _ = layer("AdaptiveMaxPool", n, 2, return_indices=True)(X[n])
    assert again.shape[2:] == (2,) * n


@pytest.mark.parametrize("widths", [(1, 2, 0, 1, 2, 1), (1, 0, 0, 0, 2, 1), (0, 0, 2, 1, 0, 0)])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_padding(n, widths):
    x = X[n]
    widths = widths[: 2 * n]
    numpy_widths = [(0, 0), (0, 0), *[tuple(widths[2 * i : 2 * i + 2]) for i in range(n)][::-1]]
    for name, mode in (
        ("ZeroPad", "constant"), ("ReflectionPad", "reflect"), ("ReplicationPad", "edge"),
        ("CircularPad", "wrap"),
    ):  # fmt: skip
        got = layer(name, n, widths)(x).numpy()
        np.testing.assert_array_equal(got, np.pad(x.numpy(), numpy_widths, mode=mode))
        assert layer(name, n, 1)(x).shape[2:] == tuple(s + 2 for s in x.shape[2:])
    got = layer("ConstantPad", n, widths, 7.0)(x).numpy()
    np.testing.assert_array_equal(got, np.pad(x.numpy(), numpy_widths, constant_values=7.0))
    with pytest.raises(ValueError, match=f"or {2 * n} of them"):
        layer("ZeroPad", n, (1, 2, 3))
    assert layer("ZeroPad", n, np.int64(1)).padding == (1,) * (2 * n)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (nn.MaxPool2d(2), "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False"),
        (nn.AvgPool1d(2), "kernel_size=(2,), stride=(2,), padding=(0,)"),
        (nn.AvgPool2d(3, 2), "kernel_size=3, stride=2, padding=0"),
        (nn.AdaptiveAvgPool2d((1, None)), "output_size=(1, None)"),
        (nn.AdaptiveMaxPool1d(3), "output_size=3"),
        (nn.MaxUnpool2d(2), "kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)"),
        (nn.ZeroPad2d(1), "(1, 1, 1, 1)"),
        (nn.ConstantPad1d(1, 2.0), "padding=(1, 1), value=2.0"),
        (nn.ReflectionPad2d((1, 2, 3, 4)), "(1, 2, 3, 4)"),
    ],
)
def test_what_they_look_like(module, text):
    assert repr(module) == f"{type(module).__name__}({text})"


def test_derivatives():
    x = X[2].detach().requires_grad_(True)
    for module in (
        nn.MaxPool2d(2), nn.AvgPool2d(3, 2, 1), nn.AdaptiveAvgPool2d(3), nn.AdaptiveMaxPool2d(2),
        nn.ReflectionPad2d(2), nn.CircularPad2d(1),
    ):  # fmt: skip
        assert mg.gradcheck(module, (x,))
        assert mg.gradgradcheck(module, (x,))
