"""Normalizations: what they promise of their results, and what wrong shapes are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops
from minigrad.nn import functional as F
from minigrad.ops import normalize
from tests.ops.agreement import assert_agrees


def randn(*shape):
    return mg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


def assert_standard(y, axes):
    np.testing.assert_allclose(y.array.mean(axes), 0, atol=1e-9)
    np.testing.assert_allclose(y.array.var(axes), 1, atol=1e-9)


@given(st.integers(1, 3), st.integers(2, 4), st.integers(2, 4))
def test_mean_zero_and_variance_one(n, c, d):
    assert_standard(ops.layer_norm(randn(n, c, d), (d,), eps=0), 2)
    assert_standard(ops.layer_norm(randn(n, c, d), (c, d), eps=0), (1, 2))
    assert_standard(ops.group_norm(randn(n, c, d), c, eps=0), 2)
    assert_standard(F.batch_norm(randn(n, c, d), None, None, training=True, eps=1e-12), (0, 2))
    rms = ops.rms_norm(randn(n, c, d), (d,), eps=0).array
    np.testing.assert_allclose((rms**2).mean(-1), 1, atol=1e-9)


def test_one_group_is_a_layer_norm_and_one_channel_each_an_instance_norm():
    x = randn(2, 4, 3)
    np.testing.assert_allclose(ops.group_norm(x, 1).array, ops.layer_norm(x, (4, 3)).array)
    np.testing.assert_allclose(ops.group_norm(x, 4).array, F.instance_norm(x).array)


def test_gradient_is_orthogonal_to_what_the_norm_ignores():
    """A shift or a stretch of the input changes nothing: so has the gradient no part along them."""
    x, v = randn(2, 5), randn(3, 5)[:2].detach()
    (ops.layer_norm(x, (5,), eps=0) * v).sum().backward()
    np.testing.assert_allclose(x.grad.array.sum(1), 0, atol=1e-12)
    np.testing.assert_allclose((x.grad.array * x.array).sum(1), 0, atol=1e-12)


def test_float32_stays_float32():
    x = mg.randn(3, 4, requires_grad=True)
    weight = mg.ones(4, requires_grad=True)
    for y in (
        ops.layer_norm(x, (4,), weight),
        ops.rms_norm(x, (4,), weight),
        ops.group_norm(x, 2, weight),
        F.batch_norm(x, None, None, weight, training=True),
    ):
        x.grad = weight.grad = None
        y.sum().backward()
        assert y.dtype == x.grad.dtype == weight.grad.dtype == np.float32


def large(*shape):
    """Above the size from which a compiled kernel is used; not with mean 0."""
    return 3 + 2 * np.random.default_rng(len(shape)).standard_normal(shape)


@pytest.mark.parametrize(("shape", "last"), [((70, 90), 1), ((5, 8, 11, 13), 2)])
def test_the_kernels_of_rows_agree_with_the_definitions(shape, last):
    w, b = large(*shape[-last:]), large(2, *shape[-last:])[0]
    for parameters in [(w, b), (w, None), (None, b), ()]:
        assert_agrees(ops.layer_norm, large(*shape), shape[-last:], *parameters)
    for weight in (w, None):
        assert_agrees(ops.rms_norm, large(*shape), shape[-last:], weight)


@pytest.mark.parametrize("shape", [(20, 6, 8, 9), (3, 24, 70), (90, 48)])
def test_the_kernels_of_channels_agree_with_the_definitions(shape):
    c = shape[1]
    w, b = large(c), large(2, c)[0]
    fixed = large(c), large(c) ** 2
    for parameters in [(w, b), (w, None), (None, b), (None, None)]:
        assert_agrees(ops.group_norm, large(*shape), 3, *parameters)
        assert_agrees(normalize.batch_norm, large(*shape), *parameters, None, None)
    # Not float64: a mean and a variance that are given are not differentiated.
    mean, var = (a.astype(np.float32) for a in fixed)
    assert_agrees(normalize.batch_norm, large(*shape), w, b, mean, var)


@pytest.mark.parametrize("shape", [(3, 4), (50, 100)])
def test_the_result_has_the_dtype_of_the_input(shape):
    x, weight = mg.randn(*shape), mg.ones(shape[1], dtype=mg.float64)
    assert ops.layer_norm(x, shape[1:], weight).dtype == np.float32
    assert ops.rms_norm(x, shape[1:], weight).dtype == np.float32
    assert ops.group_norm(x, 2, weight).dtype == np.float32
    assert F.batch_norm(x, None, None, weight, training=True).dtype == np.float32


@pytest.mark.parametrize("size", [5, 500])
def test_running_statistics(size):
    """Moved once by a forward pass, also if the graph of the gradient is made."""
    x = mg.tensor(large(size, 3, 4), requires_grad=True)
    mean, var = mg.zeros(3, dtype=mg.float64), mg.ones(3, dtype=mg.float64)
    y = F.batch_norm(x, mean, var, training=True, momentum=0.25)
    mg.autograd.grad((y**3).sum(), x, create_graph=True)
    np.testing.assert_allclose(mean.array, 0.25 * x.array.mean((0, 2)))
    np.testing.assert_allclose(var.array, 0.75 + 0.25 * x.array.var((0, 2), ddof=1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.layer_norm(randn(2, 3), (4,)), r"layer_norm: normalized_shape=\[4\] must be"),
        (lambda: ops.layer_norm(randn(2, 3), ()), r"layer_norm: normalized_shape=\[\] must be"),
        (
            lambda: ops.layer_norm(randn(2, 3), (3,), randn(2)),
            r"layer_norm: expected weight of shape \[3\], got float64\[2\]",
        ),
        (lambda: ops.group_norm(randn(2, 4), 3), "the 4 channels cannot be divided into 3 groups"),
        (lambda: ops.group_norm(randn(4), 2), r"group_norm: expected an input \(N, C, ...\)"),
        (
            lambda: F.batch_norm(randn(3), None, None),
            r"batch_norm: expected an input \(N, C, ...\)",
        ),
        (
            lambda: F.batch_norm(randn(2, 3), None, None),
            "batch_norm: .*running_mean and running_var",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()
