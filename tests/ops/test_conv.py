"""Convolutions: by hand, against their definition, their second derivatives, wrong calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernels
import minigrad as mg
from kernels.reference.conv import out_shape
from minigrad.nn import functional as F


def tensor(rng, *shape, dtype=mg.float64):
    return mg.tensor(rng.standard_normal(shape), dtype=dtype, requires_grad=True)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# ---------------------------------------------------------------------------- by hand


def test_a_filter_is_not_turned_around():
    """What deep learning calls convolution is a correlation."""
    x = mg.tensor([[[1.0, 2.0, 4.0, 8.0]]])
    w = mg.tensor([[[10.0, 1.0]]])
    assert F.conv1d(x, w).tolist() == [[[12.0, 24.0, 48.0]]]
    assert F.conv1d(x, w, stride=2).tolist() == [[[12.0, 48.0]]]
    assert F.conv1d(x, w, dilation=2).tolist() == [[[14.0, 28.0]]]
    assert F.conv1d(x, w, padding=1).tolist() == [[[1.0, 12.0, 24.0, 48.0, 80.0]]]
    assert F.conv1d(x, w, padding="same").tolist() == [[[12.0, 24.0, 48.0, 80.0]]]
    assert F.conv1d(x, w, mg.tensor([0.5])).tolist() == [[[12.5, 24.5, 48.5]]]


def test_channels_are_summed_and_groups_are_not():
    x = mg.tensor([[[1.0, 2.0], [10.0, 20.0]]])
    w = mg.tensor([[[1.0], [1.0]], [[1.0], [-1.0]]])
    assert F.conv1d(x, w).tolist() == [[[11.0, 22.0], [-9.0, -18.0]]]
    w = mg.tensor([[[2.0]], [[3.0]]])
    assert F.conv1d(x, w, groups=2).tolist() == [[[2.0, 4.0], [30.0, 60.0]]]


def test_a_transposed_convolution_puts_down_filters():
    x = mg.tensor([[[1.0, 2.0]]])
    w = mg.tensor([[[10.0, 1.0]]])
    assert F.conv_transpose1d(x, w).tolist() == [[[10.0, 21.0, 2.0]]]
    assert F.conv_transpose1d(x, w, stride=2).tolist() == [[[10.0, 1.0, 20.0, 2.0]]]
    assert F.conv_transpose1d(x, w, stride=2, output_padding=1).tolist() == [[[10, 1, 20, 2, 0]]]
    assert F.conv_transpose1d(x, w, padding=1).tolist() == [[[21.0]]]
    assert F.conv_transpose1d(x, w, dilation=2, padding=1).tolist() == [[[20.0, 1.0]]]
    y = F.conv_transpose1d(x, w, dilation=2, padding=1, output_padding=1)  # a whole stride more
    assert y.tolist() == [[[20.0, 1.0, 2.0]]]


def test_an_image_without_a_batch(rng):
    x, w, b = (tensor(rng, *s).detach() for s in ((3, 5, 6), (4, 3, 3, 3), (4,)))
    np.testing.assert_array_equal(F.conv2d(x, w, b).numpy(), F.conv2d(x[None], w, b)[0].numpy())
    y = tensor(rng, 4, 3, 4).detach()
    np.testing.assert_array_equal(
        F.conv_transpose2d(y, w).numpy(), F.conv_transpose2d(y[None], w)[0].numpy()
    )


# ---------------------------------------------------------------------------- the definition


@st.composite
def convolutions(draw):
    """Arguments of a convolution that has at least one place."""
    n = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3))
    number = st.integers
    kernel = tuple(draw(number(1, 4)) for _ in range(n))
    stride = tuple(draw(number(1, 3)) for _ in range(n))
    padding = tuple(draw(number(0, 3)) for _ in range(n))
    dilation = tuple(draw(number(1, 3)) for _ in range(n))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel, padding, dilation)]  # noqa: B905
    spatial = tuple(m + draw(number(0, 20 if n < 3 else 4)) for m in least)
    channels, filters = draw(number(1, 5)), draw(number(1, 10))
    batch = draw(number(1, 3))
    x = (batch, channels * groups, *spatial)
    return x, (filters * groups, channels, *kernel), stride, padding, dilation, groups


@given(convolutions())
def test_kernels_agree_with_the_definition(arguments):
    x_shape, w_shape, *options = arguments
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(s) for s in (x_shape, w_shape, w_shape[:1]))
    g = rng.standard_normal(
        (x_shape[0], w_shape[0], *out_shape(x_shape[2:], w_shape[2:], *options[:3]))
    )
    calls = [
        lambda: kernels.conv(x, w, b, *options),
        lambda: kernels.conv_grad_input(g, w, x_shape[2:], *options),
        lambda: kernels.conv_grad_weight(g, x, w_shape[2:], *options),
    ]
    for call in calls:
        with kernels.use("numpy"):
            expected = call()
        with kernels.use("numba"):
            got = call()
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
def test_derivatives_of_every_order_run_on_the_kernels(rng, groups):
    x, w, b = tensor(rng, 1, 2, 5, 4), tensor(rng, 2, 2 // groups, 3, 2), tensor(rng, 2)
    y = tensor(rng, 1, 2, 3, 3)
    f = lambda x, w, b: F.conv2d(x, w, b, (2, 1), (1, 0), 1, groups)  # noqa: E731
    h = lambda y, w: F.conv_transpose2d(y, w, None, (2, 1), (1, 0), 0, groups)  # noqa: E731
    with kernels.use("numba"):
        mg.gradcheck(f, (x, w, b))
        mg.gradgradcheck(f, (x, w, b))
        mg.gradcheck(h, (y, w))
        mg.gradgradcheck(h, (y, w))


def test_a_real_image_and_a_complex_filter(rng):
    """For the complex step; above the size from which on Numba is asked, which has no complex."""
    x, w = rng.standard_normal((2, 4, 12, 12)), rng.standard_normal((4, 4, 3, 3))
    z = w + 1j * rng.standard_normal(w.shape)
    np.testing.assert_allclose(mg.ops.conv2d(x, z).real, mg.ops.conv2d(x, w), rtol=1e-10)
    np.testing.assert_allclose(
        mg.ops.conv_transpose2d(x, z).real, mg.ops.conv_transpose2d(x, w), rtol=1e-10
    )


def test_a_third_derivative(rng):
    """sum(conv(x, x)^2) has one: the filter is the image itself."""
    x = tensor(rng, 1, 1, 3, 3)
    f = lambda x: (F.conv2d(x, x, padding=1) ** 2).sum()  # noqa: E731
    (g,) = mg.autograd.grad(f(x), x, create_graph=True)
    (h,) = mg.autograd.grad((g**2).sum(), x, create_graph=True)
    mg.gradcheck(lambda x: mg.autograd.grad(f(x), x, create_graph=True)[0], (x,))
    assert h.requires_grad
    (third,) = mg.autograd.grad(h.sum(), x)
    assert np.isfinite(third.numpy()).all()


def test_the_first_layer_computes_no_gradient_of_the_images(rng, monkeypatch):
    calls = []
    kernel = kernels.KERNELS["conv_grad_input"]
    monkeypatch.setattr(type(kernel), "choose", spy(calls, type(kernel).choose))
    x, w = mg.tensor(rng.standard_normal((2, 3, 8, 8))), tensor(rng, 4, 3, 3, 3)
    F.conv2d(x, w).sum().backward()
    assert "conv_grad_weight" in calls
    assert "conv_grad_input" not in calls


def spy(calls, real):
    def choose(kernel, x, args):
        calls.append(kernel.name)
        return real(kernel, x, args)

    return choose


# ---------------------------------------------------------------------------- wrong calls

X, W = np.ones((2, 3, 5, 5)), np.ones((4, 3, 3, 3))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: F.conv2d(mg.ones(3), mg.ones(4, 3, 3, 3)), "expected an input (N, C, *S)"),
        (lambda: F.conv2d(mg.tensor(X), mg.ones(4, 3, 3)), "expected a weight of 4 axes"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W[:, :2])), "takes 2 channels"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), groups=3), "groups must be positive"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), groups=0), "groups must be positive"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), mg.ones(3).double()), "a bias of shape (4,)"),
        (lambda: F.conv2d(mg.tensor(X), mg.ones(4, 3, 3, 3)), "the same dtype"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), stride=0), "stride must be at least 1"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), stride=(1, 1, 1)), "1 or 2 integers"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), padding=-1), "padding must be at least 0"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), dilation=3), "larger than the padded input"),
        (lambda: F.conv2d(mg.tensor(X), mg.tensor(W), None, 2, "same"), "needs stride 1"),
        (lambda: F.conv_transpose2d(mg.tensor(X), mg.tensor(W)), "takes 4 channels"),
    ],
)
def test_wrong_calls(call, complaint):
    with pytest.raises(RuntimeError, match="conv") as error:
        call()
    assert complaint in str(error.value)


def test_padding_by_an_unknown_word():
    with pytest.raises(ValueError, match="'same' or 'valid', got 'full'"):
        F.conv2d(mg.tensor(X), mg.tensor(W), padding="full")


def test_output_padding_is_smaller_than_the_stride():
    y = mg.tensor(np.ones((1, 4, 3, 3)))
    with pytest.raises(RuntimeError, match="output_padding must be smaller"):
        F.conv_transpose2d(y, mg.tensor(W), stride=2, output_padding=2)
