"""Pooling: what it computes, checked against the words of its docstring; what it refuses."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernels
import minigrad as mg
from minigrad import nn, ops
from minigrad.nn import functional as F


def randn(*shape):
    return mg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


def windows(n, k, s, p, d, ceil):
    """The places along an axis that each output looks at, word by word."""
    found, start = [], -p
    while start + d * (k - 1) < n + p or (
        ceil and start < n and start + d * (k - 1) < n + p + s - 1
    ):
        found.append([i for i in range(start, start + d * (k - 1) + 1, d) if 0 <= i < n])
        start += s
    return found


@st.composite
def poolings(draw):
    """A shape with 1 to 3 spatial axes, and options that fit it."""
    axes = []
    for _ in range(draw(st.integers(1, 3))):
        k, s, d = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
        p = draw(st.integers(0, k // 2))
        n = draw(st.integers(max(1, d * (k - 1) + 1 - p), 7))
        axes.append((n, k, s, p, d))
    shape, *options = zip(*axes, strict=True)
    return shape, *options, draw(st.booleans())


@pytest.mark.parametrize("implementation", ["numpy", "numba"])
@given(poolings())
def test_maximum_and_mean_of_every_window(implementation, pooling):
    shape, kernel_size, stride, padding, dilation, ceil_mode = pooling
    along = [windows(*o, ceil_mode) for o in zip(*pooling[:-1], strict=True)]
    x = np.random.default_rng(0).integers(-3, 3, (2, 2, *shape)).astype(float)
    n = len(shape)
    with kernels.use(implementation):
        options = kernel_size, stride, padding, dilation, ceil_mode, True
        y, indices = getattr(F, f"max_pool{n}d")(x, *options)
        mean = kernels.avg_pool(x, kernel_size, stride, padding, ceil_mode, False, None)
    assert y.shape == (2, 2, *map(len, along))
    for at in itertools.product(*(range(len(w)) for w in along)):
        seen = [(np.s_[:], np.s_[:], *place) for place in itertools.product(
            *(w[o] for w, o in zip(along, at, strict=True)))]  # fmt: skip
        values = np.stack([x[place] for place in seen])
        np.testing.assert_array_equal(y[(..., *at)], values.max(0))
        flat = np.array([np.ravel_multi_index(place[2:], shape) for place in seen])
        np.testing.assert_array_equal(indices[(..., *at)], flat[values.argmax(0)])
        if set(dilation) == {1}:
            np.testing.assert_allclose(mean[(..., *at)], values.mean(0), atol=1e-14)


@given(poolings())
def test_gradients_in_numba_are_those_of_the_reference(pooling):
    shape, kernel_size, stride, padding, dilation, ceil_mode = pooling
    n = len(shape)
    grads = []
    for implementation in ("numpy", "numba"):
        x = randn(2, 1, *shape)
        with kernels.use(implementation):
            y = getattr(F, f"max_pool{n}d")(x, kernel_size, stride, padding, dilation, ceil_mode)
            z = getattr(F, f"avg_pool{n}d")(x, kernel_size, stride, padding, ceil_mode)
            ((y * y).sum() + (z * z * z).sum()).backward()
        grads.append(x.grad.array)
    np.testing.assert_allclose(grads[1], grads[0], atol=1e-12)


def test_second_derivatives_above_the_size_where_numba_begins():
    x, v = randn(4, 8, 16, 16), randn(4, 8, 16, 16).detach()
    assert x.array.size > kernels.KERNELS["max_pool"].worth
    found = []
    for implementation in ("numpy", "auto"):
        with kernels.use(implementation):
            y = F.max_pool2d(x, 3, 2, 1)
            z = F.adaptive_avg_pool2d(F.avg_pool2d(x, 3, 1), 5)
            (g,) = mg.autograd.grad((y**3).sum() + (z**3).sum(), x, create_graph=True)
            found.append(mg.autograd.grad((g * v).sum(), x)[0].array)
    assert np.abs(found[0]).max() > 0
    np.testing.assert_allclose(found[1], found[0], atol=1e-12)


def test_unpooling_undoes_pooling_where_maxima_are():
    x = randn(2, 3, 6, 8)
    y, indices = F.max_pool2d(x, 2, return_indices=True)
    back = F.max_unpool2d(y, indices, 2)
    there = back.array != 0
    assert there.sum() == y.array.size
    np.testing.assert_array_equal(back.array[there], x.array[there])
    np.testing.assert_array_equal(
        F.max_unpool2d(y, indices, 2, output_size=(6, 8)).array, back.array
    )
    assert F.max_unpool2d(y, indices, 2, output_size=(2, 3, 7, 9)).shape == (2, 3, 7, 9)
    twice = F.max_unpool1d(mg.tensor([[1.0, 2.0]]), mg.tensor([[1, 1]]), 2)
    assert twice.tolist() == [[0, 2, 0, 0]]


def test_nan_wins_and_the_last_one_is_named():
    x = mg.tensor([[[1.0, np.nan, np.nan, 5.0]]])
    y, indices = F.max_pool1d(x, 4, return_indices=True)
    assert np.isnan(y.item())
    assert indices.item() == 2


def test_minus_infinity_is_found_where_it_is_and_not_in_the_padding():
    y, indices = F.max_pool1d(mg.full((1, 1, 3), -np.inf), 2, 2, 1, return_indices=True)
    assert (y.array == -np.inf).all()
    assert indices.tolist() == [[[0, 1]]]


def test_float32_stays_float32_and_integers_integers():
    x = mg.randn(1, 2, 8, 8, requires_grad=True)
    for y in (F.max_pool2d(x, 2), F.avg_pool2d(x, 2), F.adaptive_avg_pool2d(x, 3)):
        x.grad = None
        y.sum().backward()
        assert y.dtype == x.grad.dtype == np.float32
    whole = mg.arange(8).reshape(1, 2, 4)
    assert F.max_pool1d(whole, 2).tolist() == [[[1, 3], [5, 7]]]
    assert F.avg_pool1d(whole, 2).tolist() == [[[0, 2], [4, 6]]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: F.max_pool1d(randn(1, 2, 4), 2, padding=2), "max_pool1d: padding must be at most"),
        (lambda: F.max_pool1d(randn(1, 2, 4), 5), "max_pool: an axis of size 4 with padding 0"),
        (lambda: F.max_pool1d(randn(1, 2, 4), 0), "max_pool1d: kernel_size must be at least 1"),
        (lambda: F.max_pool1d(randn(1, 2, 4), 2, 0), "max_pool1d: stride must be at least 1"),
        (lambda: F.max_pool1d(randn(1, 2, 4), 2, dilation=0), "dilation must be at least 1"),
        (lambda: F.max_pool1d(randn(1, 1, 1), 2, 1, 1, 2), "lies in the padding alone"),
        (lambda: F.avg_pool2d(randn(2, 4, 4), 2, padding=-1), "padding must be at least 0"),
        (lambda: F.max_pool2d(randn(4, 4), 2), r"expected an input \(N, C, \*S\) or \(C, \*S\)"),
        (lambda: F.max_pool2d(randn(1, 0, 4, 4), 2), "in which only N may be 0"),
        (lambda: F.max_pool2d(randn(1, 4, 4), (1, 2, 3)), "kernel_size must be 1 or 2 integers"),
        (lambda: F.avg_pool2d(randn(1, 4, 4), 2, divisor_override=0), "divisor_override"),
        (lambda: F.adaptive_avg_pool2d(randn(1, 4, 4), -1), "output_size must be at least 0"),
        (lambda: F.adaptive_avg_pool2d(randn(1, 4, 4), (1, 2, 3)), "output_size must be 1 or 2"),
        (lambda: F.max_unpool1d(randn(1, 2), mg.tensor([[0, 4]]), 2), "index 4 is not a place"),
        (lambda: F.max_unpool1d(randn(1, 2), mg.tensor([[0, -1]]), 2), "index -1 is not a place"),
        (lambda: F.max_unpool1d(randn(1, 2), mg.tensor([[0]]), 2), "indices must be int64"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()


def test_other_refusals():
    with pytest.raises(TypeError, match="max_pool2d: kernel_size must be an integer, got 2"):
        F.max_pool2d(randn(1, 4, 4), 2.0)
    with pytest.raises(ValueError, match="max_unpool1d: output_size must be less than the stride"):
        F.max_unpool1d(randn(1, 2), mg.tensor([[0, 1]]), 2, output_size=[9])
    with pytest.raises(NotImplementedError, match="adaptive_avg_pool1d: has no mean of int64"):
        F.adaptive_avg_pool1d(mg.arange(4).reshape(1, 4), 2)


def test_a_layer_between_others():
    net = nn.Sequential(nn.Flatten(), nn.Linear(8, 2))
    x = randn(3, 2, 4, 4)
    net.double()(ops.max_pool2d(x, 2)).sum().backward()
    assert (x.grad.array != 0).sum() == 3 * 8
