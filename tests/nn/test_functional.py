"""nn.functional: what draws random numbers, writes in place or keeps running statistics."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F


def test_every_name_exists():
    assert [name for name in F.__all__ if not callable(getattr(F, name, None))] == []


def test_dropout_keeps_the_expected_value_and_its_mask():
    x = mg.ones(100, 100, requires_grad=True)
    y = F.dropout(x, 0.25)
    kept = y.array != 0
    assert abs(kept.mean() - 0.75) < 0.02
    np.testing.assert_allclose(y.array[kept], 1 / 0.75)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.array, y.array)  # the same mask


def test_dropout_at_its_extremes_and_in_evaluation():
    x = mg.ones(5, requires_grad=True)
    assert F.dropout(x, 0.5, training=False) is x
    assert F.dropout(x, 0.0) is x
    y = F.dropout(x, 1.0)
    y.sum().backward()
    assert y.tolist() == x.grad.tolist() == [0.0] * 5
    z = mg.ones(5)
    assert F.dropout(z, 1.0, inplace=True) is z
    assert z.tolist() == [0.0] * 5
    with pytest.raises(ValueError, match="dropout: the probability must be between 0 and 1"):
        F.dropout(x, 1.5)


@pytest.mark.parametrize(
    ("function", "shape"),
    [(F.dropout1d, (9, 20, 3)), (F.dropout1d, (20, 3)), (F.dropout2d, (9, 20, 3, 2)),
     (F.dropout3d, (9, 20, 3, 2, 2)), (F.dropout3d, (20, 3, 2, 2))],
)  # fmt: skip
def test_whole_channels_are_dropped(function, shape):
    y = function(mg.ones(*shape), 0.5).array
    lead = 2 if (len(shape) != 2 and function is not F.dropout3d) or len(shape) == 5 else 1
    channels = y.reshape(math.prod(shape[:lead]), -1)
    assert (channels == channels[:, :1]).all()
    assert 0 < (channels == 0).mean() < 1


@pytest.mark.parametrize("function", [F.alpha_dropout, F.feature_alpha_dropout])
def test_alpha_dropout_keeps_mean_and_variance(function):
    x = mg.randn(300, 300, requires_grad=True)
    y = function(x, 0.3, training=True)
    assert abs(y.array.mean()) < 0.03
    assert abs(y.array.var() - 1) < 0.05
    assert function(x, 0.3) is x  # it is off by default
    y.sum().backward()
    assert (x.grad.array == 0).mean() == pytest.approx(0.3, abs=0.02)


def test_rrelu_slopes():
    x = mg.full((1000,), -1.0, requires_grad=True)
    y = F.rrelu(x, 0.1, 0.3, training=True)
    y.sum().backward()
    assert (x.grad.array >= 0.1).all()
    assert (x.grad.array < 0.3).all()
    np.testing.assert_array_equal(y.array, -x.grad.array)
    np.testing.assert_allclose(F.rrelu(x, 0.1, 0.3).array, -0.2, rtol=1e-6)


def test_gumbel_softmax_draws_from_softmax():
    p = np.array([0.1, 0.2, 0.7])
    logits = mg.tensor(np.log(np.tile(p, (5000, 1))), requires_grad=True)
    hard = F.gumbel_softmax(logits, hard=True)
    assert set(np.unique(hard.array.round(9))) == {0.0, 1.0}
    np.testing.assert_allclose(hard.array.mean(0), p, atol=0.03)
    (hard[:, 0]).sum().backward()
    assert np.abs(logits.grad.array).max() > 0  # that of the soft sample
    soft = F.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.array.sum(1), 1)


def test_the_same_seed_gives_the_same_mask():
    x = mg.ones(50)
    mg.manual_seed(3)
    first = F.dropout(x)
    mg.manual_seed(3)
    assert (first == F.dropout(x)).all()


def test_in_place_activation_keeps_the_gradient_right():
    x = mg.tensor([-1.0, 2.0], requires_grad=True)
    y = x * 3
    z = F.relu(y, inplace=True)
    assert z is y
    z.sum().backward()
    assert x.grad.tolist() == [0.0, 3.0]
    with pytest.raises(RuntimeError, match="relu_"):
        F.relu(x, inplace=True)  # a leaf that requires grad


def test_running_statistics_move_in_place_and_outside_the_graph():
    mean, var = mg.zeros(2), mg.ones(2)
    x = mg.tensor([[0.0, 2.0], [4.0, 2.0]], requires_grad=True)
    F.batch_norm(x, mean, var, training=True, momentum=0.25)
    assert mean.tolist() == [0.5, 0.5]
    assert var.tolist() == [0.75 + 0.25 * 8, 0.75]  # unbiased: 8 = ((-2)^2 + 2^2) / 1
    assert not mean.requires_grad
    before = mean.tolist()
    F.batch_norm(x, mean, var)
    assert mean.tolist() == before


def test_evaluation_uses_running_statistics_as_they_were():
    """Training between evaluation and its backward overwrites them, and changes no gradient."""
    mean, var = mg.zeros(2), mg.ones(2)
    x = mg.randn(3, 2, requires_grad=True)
    y = F.batch_norm(x, mean, var, eps=0)
    F.batch_norm(x, mean, var, training=True)
    y.sum().backward()
    assert (x.grad.array == 1).all()


def test_one_value_per_channel_cannot_be_normalized():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        F.batch_norm(mg.zeros(1, 3), None, None, training=True)
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        F.instance_norm(mg.zeros(2, 3, 1))


def test_embedding_scales_long_rows_down_in_place():
    weight = mg.tensor([[3.0, 4.0], [0.3, 0.4], [6.0, 8.0]], requires_grad=True)
    F.embedding(mg.tensor([0, 1]), weight, max_norm=1.0)
    np.testing.assert_allclose(weight.array, [[0.6, 0.8], [0.3, 0.4], [6.0, 8.0]], rtol=1e-5)


def test_softmax_without_a_dim_warns():
    for function in (F.softmax, F.softmin, F.log_softmax):
        with pytest.warns(UserWarning, match=f"{function.__name__}: no dim was given"):
            function(mg.zeros(2, 3))


def test_functions_work_with_create_graph():
    x = mg.randn(4, 3, dtype=mg.float64, requires_grad=True)
    mg.gradgradcheck(lambda x: F.batch_norm(x, None, None, training=True), (x,), atol=1e-5)
    mg.gradgradcheck(lambda x: F.local_response_norm(x.reshape(2, 2, 3), 2, 0.5), (x,), atol=1e-5)
    mg.gradgradcheck(F.normalize, (x,), atol=1e-5)
