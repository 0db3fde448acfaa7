"""Convolutions and their transposes beside PyTorch's: values, gradients, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")
TF = torch.nn.functional
pytestmark = pytest.mark.parity


def compare(name, arrays, options, dtype=np.float64):
    """Value and gradients of one function of both libraries."""
    arrays = [None if a is None else a.astype(dtype) for a in arrays]
    theirs = [None if a is None else torch.tensor(a, requires_grad=True) for a in arrays]
    ours = [None if a is None else mg.tensor(a, requires_grad=True) for a in arrays]
    expected = getattr(TF, name)(*theirs, **options)
    got = getattr(F, name)(*ours, **options)
    assert got.shape == tuple(expected.shape)
    g = np.random.default_rng(1).standard_normal(got.shape).astype(dtype)
    expected.backward(torch.tensor(g))
    got.backward(mg.tensor(g))
    bounds = {"rtol": 1e-10, "atol": 1e-10} if dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-3}
    np.testing.assert_allclose(got.detach().numpy(), expected.detach().numpy(), **bounds)
    for a, b in zip(ours, theirs, strict=True):
        if a is not None:
            np.testing.assert_allclose(a.grad.numpy(), b.grad.numpy(), **bounds)


@st.composite
def calls(draw, transposed):
    n = draw(st.integers(1, 3))

    def option(low, high):
        values = tuple(draw(st.integers(low, high)) for _ in range(n))
        return values[0] if draw(st.booleans()) else values

    def each(value):
        return value if isinstance(value, tuple) else (value,) * n

    groups = draw(st.integers(1, 3))
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(n))
    options = {"stride": option(1, 3), "dilation": option(1, 2), "groups": groups}
    options["padding"] = option(0, 2)
    sizes = []
    for k, d, p in zip(kernel, each(options["dilation"]), each(options["padding"]), strict=True):
        least = d * (k - 1) + 1
        sizes.append(max(1, least - 2 * p, 2 * p + 2 - least) + draw(st.integers(0, 6)))
    if transposed:
        options["output_padding"] = tuple(
            draw(st.integers(0, max(s, d) - 1))
            for s, d in zip(each(options["stride"]), each(options["dilation"]), strict=True)
        )
    channels, filters = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 4))
    batch = draw(st.sampled_from([(), (1,), (3,)]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    weight = (channels, filters // groups) if transposed else (filters, channels // groups)
    arrays = [rng.standard_normal((*batch, channels, *sizes)), rng.standard_normal(weight + kernel)]
    arrays.append(rng.standard_normal(filters) if draw(st.booleans()) else None)
    return f"conv{'_transpose' * transposed}{n}d", arrays, options


@given(calls(False))
def test_conv(call):
    compare(*call)


@given(calls(True))
def test_conv_transpose(call):
    compare(*call)


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("kernel", "dilation"), [(3, 1), (3, 2), (5, 2)])
def test_padding_by_name(padding, kernel, dilation):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, 3, 9, 8)), rng.standard_normal((4, 3, kernel, 1)), None]
    compare("conv2d", arrays, {"padding": padding, "dilation": dilation})


@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_an_even_kernel_sees_one_more_behind():
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, 3, 9, 8)), rng.standard_normal((4, 3, 4, 2)), None]
    compare("conv2d", arrays, {"padding": "same"})


@pytest.mark.parametrize("stride", [1, 2])
def test_single_precision(stride):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in ((8, 16, 28, 28), (32, 16, 3, 3), (32,))]
    compare("conv2d", arrays, {"stride": stride, "padding": 1}, np.float32)


def test_second_derivatives():
    rng = np.random.default_rng(0)
    arrays = rng.standard_normal((2, 2, 5, 5)), rng.standard_normal((3, 2, 3, 3))
    found = []
    for lib, fn in ((torch, TF), (mg, F)):
        x, w = (lib.tensor(a, requires_grad=True) for a in arrays)
        y = fn.conv2d(x, w, stride=2, padding=1)
        gx, gw = lib.autograd.grad((y**3).sum(), (x, w), create_graph=True)
        found.append(lib.autograd.grad((gx**2).sum() + (gw * gw).sum(), (x, w)))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(b.numpy(), a.numpy(), rtol=1e-10)


WRONG = [
    lambda lib, f: f.conv2d(lib.ones(3), lib.ones(4, 3, 3, 3)),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3)),
    lambda lib, f: f.conv2d(lib.ones(1, 2, 5, 5), lib.ones(4, 3, 3, 3)),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 2, 2), lib.ones(4, 3, 3, 3)),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3, 3), lib.ones(3)),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3, 3), stride=0),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3, 3), padding=-1),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3, 3), groups=2),
    lambda lib, f: f.conv2d(lib.ones(1, 3, 5, 5).double(), lib.ones(4, 3, 3, 3)),
    lambda lib, f: f.conv_transpose2d(lib.ones(1, 3, 5, 5), lib.ones(4, 3, 3, 3)),
    lambda lib, f: f.conv_transpose1d(lib.ones(1, 4, 5), lib.ones(4, 3, 3), output_padding=1),
]


@pytest.mark.parametrize("call", WRONG)
def test_both_refuse(call):
    with pytest.raises((RuntimeError, ValueError)):
        call(torch, TF)
    with pytest.raises(RuntimeError):
        call(mg, F)
