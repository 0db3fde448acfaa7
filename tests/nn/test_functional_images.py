"""Other sizes and arrangements of images: by hand, derivatives, errors. PyTorch: under parity."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import functional as F

R = np.random.default_rng(0)


def draw(*shape):
    return mg.tensor(R.standard_normal(shape), requires_grad=True)


def test_interpolation_by_hand():
    x = mg.tensor([[[0.0, 1.0, 4.0]]])
    assert F.interpolate(x, 6).tolist() == [[[0, 0, 1, 1, 4, 4]]]
    assert F.interpolate(x, 2).tolist() == [[[0, 1]]]
    assert F.interpolate(x, 2, mode="nearest-exact").tolist() == [[[0, 4]]]
    assert F.interpolate(x, 1, mode="nearest-exact").tolist() == [[[1]]]
    assert F.interpolate(x, 4).tolist() == [[[0, 0, 1, 4]]]
    assert F.interpolate(x, scale_factor=1.3, mode="linear").tolist() == x.tolist()
    five = F.interpolate(x, 5, mode="linear", align_corners=True)
    assert five.tolist() == [[[0, 0.5, 1, 2.5, 4]]]
    assert F.interpolate(x, 1, mode="area").tolist() == [[[pytest.approx(5 / 3)]]]
    ramp = mg.arange(8.0).reshape(1, 1, 1, 8)
    got = F.interpolate(ramp, (1, 16), mode="bilinear").numpy()[0, 0, 0]
    np.testing.assert_allclose(got[1:-1], (np.arange(16) / 2 - 0.25)[1:-1], atol=1e-6)
    assert (F.interpolate(mg.ones(1, 1, 3, 4), (7, 5), mode="bicubic") == 1).all()


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.interpolate(x, (5, 3), mode="bilinear"),
        lambda x: F.interpolate(x, scale_factor=1.5, mode="bicubic", align_corners=True),
        lambda x: F.interpolate(x, scale_factor=2),  # broadcast
        lambda x: F.interpolate(x, 2),  # every second
        lambda x: F.interpolate(x, (3, 7)),  # picked
        lambda x: F.interpolate(x, 3, mode="area"),
        lambda x: F.pixel_shuffle(x, 2),
        lambda x: F.pixel_unshuffle(x, 2),
        lambda x: F.channel_shuffle(x, 2),
        lambda x: F.unfold(x, (2, 3), 1, 1, 2),
        lambda x: F.lp_pool2d(x * x + 1, 3, 2),
    ],
)
def test_derivatives(function):
    assert mg.gradcheck(function, (draw(1, 4, 4, 4),))
    assert mg.gradgradcheck(lambda x: function(x) ** 2, (draw(1, 4, 4, 4),))


def test_derivatives_of_fold():
    def fold(x):
        return F.fold(x, (4, 5), (2, 3), 1, 1, 2) ** 2

    assert mg.gradcheck(fold, (draw(2, 12, 9),))
    assert mg.gradgradcheck(fold, (draw(1, 6, 9),))


def test_fold_is_the_adjoint_of_unfold():
    options = {"kernel_size": (2, 3), "dilation": (1, 2), "padding": (1, 0), "stride": (2, 1)}
    x = draw(2, 3, 5, 7)
    columns = F.unfold(x, **options)
    y = draw(*columns.shape)
    a, b = (columns * y).sum(), (x * F.fold(y, (5, 7), **options)).sum()
    assert a.item() == pytest.approx(b.item())


def test_norms_of_windows_by_hand():
    x = mg.tensor([[[3.0, -4.0, 0.0, 0.0, 5.0]]])
    assert F.lp_pool1d(x, 2, 2).tolist() == [[[5, 0]]]
    assert F.lp_pool1d(x, 1, 2, ceil_mode=True).isnan().tolist() == [[[False, False, False]]]
    assert F.lp_pool1d(x, 3, 2).isnan().tolist() == [[[True, False]]]  # of 27 - 64
    assert F.lp_pool1d(x, float("inf"), 2).tolist() == [[[4, 0]]]
    assert F.lp_pool1d(x, -float("inf"), 2, 1).tolist() == [[[3, 0, 0, 0]]]
    zeros = mg.zeros(1, 2, 4, 4, 4, requires_grad=True)
    F.lp_pool3d(zeros, 2, 2).sum().backward()
    assert (zeros.grad == 0).all()


@pytest.mark.parametrize("shape", [(0, 4, 4, 4), (2, 4, 0, 4), (2, 0, 4, 4)])
def test_nothing_is_rearranged_too(shape):
    n, c, h, w = shape
    assert F.pixel_shuffle(mg.zeros(shape), 2).shape == (n, c // 4, h * 2, w * 2)
    assert F.pixel_unshuffle(mg.zeros(shape), 2).shape == (n, c * 4, h // 2, w // 2)
    assert F.channel_shuffle(mg.zeros(shape), 2).shape == shape
    if h:
        assert F.unfold(mg.zeros(shape), 2).shape == (n, c * 4, 9)


def test_there_and_back():
    x = draw(2, 8, 3, 4)
    assert (F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2) == x).all()
    assert (F.channel_shuffle(F.channel_shuffle(x, 2), 4) == x).all()


def test_a_convolution_is_a_product_with_the_columns():
    x, w = draw(2, 3, 6, 5), draw(4, 3, 3, 2)
    product = w.reshape(4, -1) @ F.unfold(x, (3, 2), padding=1)
    expected = F.conv2d(x, w, padding=1)
    np.testing.assert_allclose(
        product.reshape(expected.shape).detach().numpy(), expected.detach().numpy()
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: F.interpolate(x), "size or scale_factor, one of them"),
        (lambda x: F.interpolate(x, 3, 2.0), "size or scale_factor, one of them"),
        (lambda x: F.interpolate(x, 3, mode="linear"), "mode 'linear' is not for"),
        (lambda x: F.interpolate(x, 3, mode="fancy"), "mode 'fancy' is not for"),
        (lambda x: F.interpolate(x, 3, align_corners=True), "align_corners has no meaning"),
        (lambda x: F.interpolate(x, (1, 2, 3)), "expected one number or 2"),
        (lambda x: F.interpolate(x, 0), "sizes must be above 0"),
        (lambda x: F.interpolate(x, scale_factor=0.1), "sizes must be above 0"),
        (lambda x: F.interpolate(x, 3, recompute_scale_factor=True), "needs a scale_factor"),
        (lambda x: F.interpolate(x, 3, mode="bilinear", antialias=True), "antialias"),
        (lambda x: F.pixel_shuffle(x, 3), r"C a multiple of 3\*\*2"),
        (lambda x: F.pixel_unshuffle(x, 3), "multiples of 3"),
        (lambda x: F.channel_shuffle(x, 3), "a multiple of groups=3"),
        (lambda x: F.interpolate(x, 2.5), "size must be an integer, got 2.5"),
        (lambda x: F.interpolate(x.long(), 3, mode="bilinear"), "no weights of int64"),
        (lambda x: F.unfold(x, 7), r"a window of \(7, 7\) does not fit into \(4, 4\)"),
        (lambda x: F.unfold(x, 0), "kernel_size must be at least 1, got 0"),
        (lambda x: F.unfold(x, 2, 0), "dilation must be at least 1, got 0"),
        (lambda x: F.unfold(x, 2, 1, -1), "padding must be at least 0, got -1"),
        (lambda x: F.unfold(x, 2, 1, 0, 0), "stride must be at least 1, got 0"),
        (lambda x: F.lp_pool2d(x, 2, (2, 2, 2)), "kernel_size must be 1 or 2 integers"),
        (lambda x: F.unfold(x[0, 0], 2), r"expected \(N, C, H, W\)"),
        (lambda x: F.fold(x[0], (4, 4), 2), r"expected \(N, C \* 4, 9\)"),
    ],
)
def test_what_makes_no_sense(call, message):
    errors = ValueError, TypeError, RuntimeError, NotImplementedError
    with pytest.raises(errors, match=message):
        call(mg.zeros(1, 4, 4, 4))


def test_scale_factors_are_floats():
    assert repr(nn.Upsample(scale_factor=(2, 3))) == (
        "Upsample(scale_factor=(2.0, 3.0), mode='nearest')"
    )
