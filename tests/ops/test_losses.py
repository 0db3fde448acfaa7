"""Losses: values worked by hand, extremes, conventions, messages."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad.nn import functional as F
from minigrad.ops.classification_losses import softmax_cross_entropy
from tests.ops.agreement import assert_agrees


def t(x, grad=False):
    return mg.tensor(np.asarray(x, dtype=float), requires_grad=grad)


def test_squared_error_by_hand():
    x, y = t([1.0, 2.0, 4.0], True), t([1.0, 0.0, 1.0], True)
    loss = F.mse_loss(x, y)
    assert loss.item() == (0 + 4 + 9) / 3
    loss.backward()
    np.testing.assert_allclose(x.grad.array, [0, 4 / 3, 2])
    np.testing.assert_allclose(y.grad.array, [0, -4 / 3, -2])
    assert loss.grad_fn.name == "squared_error"  # one op


def test_cross_entropy_by_hand():
    x = t([[0.0, math.log(3)]], True)
    loss = F.cross_entropy(x, mg.tensor([0]))
    np.testing.assert_allclose(loss.item(), math.log(4))
    loss.backward()
    np.testing.assert_allclose(x.grad.array, [[0.25 - 1, 0.75]])
    assert loss.grad_fn.name == "softmax_cross_entropy"


def test_logits_far_apart_overflow_nothing():
    x = mg.tensor([[1e4, 0.0], [-1e4, 0.0], [3e38, -3e38]], requires_grad=True)
    loss = F.cross_entropy(x, mg.tensor([1, 1, 0]), reduction="none")
    assert loss.tolist() == [1e4, 0.0, 0.0]
    loss.sum().backward()
    assert x.grad.tolist() == [[1.0, -1.0], [0.0, 0.0], [0.0, 0.0]]
    z = mg.tensor([1e4, -1e4, 0.0], requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(z, mg.tensor([0.0, 0.0, 1.0]), reduction="none")
    np.testing.assert_allclose(loss.array, [1e4, 0.0, math.log(2)], rtol=1e-6)
    loss.sum().backward()
    assert z.grad.tolist() == [1.0, 0.0, -0.5]


def test_fused_cross_entropy_is_its_definition():
    from minigrad.ops import classification_losses as losses

    x, labels = np.random.default_rng(0).standard_normal((2, 3, 4)), np.array([[0, 1, 2, 9]] * 2)
    weight = np.array([1.0, 2.0, 0.5])
    for w in (None, weight):
        for reduction in ("mean", "sum", "none"):
            values, grads = [], []
            for function in (losses.softmax_cross_entropy, losses._by_definition):
                logits = t(x, True)
                loss = function(logits, mg.tensor(labels), w, 9, reduction)
                (loss * loss).sum().backward()
                values.append(loss.array)
                grads.append(logits.grad.array)
            np.testing.assert_allclose(*values, rtol=1e-12)
            np.testing.assert_allclose(*grads, rtol=1e-10, atol=1e-12)


def test_probabilities_that_are_one_hot_are_labels():
    x, labels = mg.randn(4, 3), mg.tensor([0, 2, 1, 1])
    hot = F.one_hot(labels, 3).float()
    for smoothing in (0.0, 0.2):
        a = F.cross_entropy(x, labels, label_smoothing=smoothing)
        b = F.cross_entropy(x, hot, label_smoothing=smoothing)
        np.testing.assert_allclose(a.array, b.array, rtol=1e-5)


def test_an_ignored_label_has_no_gradient():
    x = mg.randn(3, 4, requires_grad=True)
    F.cross_entropy(x, mg.tensor([1, -100, 2])).backward()
    assert (x.grad.array[1] == 0).all()
    x = mg.tensor([[1.0, 2.0]], requires_grad=True)
    loss = F.cross_entropy(x, mg.tensor([-100]))
    loss.backward()
    assert math.isnan(loss.item())  # the mean of nothing
    assert x.grad.tolist() == [[0.0, 0.0]]


def test_a_certain_but_wrong_probability_costs_100():
    p = t([1.0, 0.0], True)
    loss = F.binary_cross_entropy(p, t([0.0, 1.0]), reduction="none")
    assert loss.tolist() == [100.0, 100.0]
    loss.sum().backward()
    assert np.isfinite(p.grad.array).all()


@pytest.mark.parametrize(
    ("name", "args", "options", "expected"),
    [
        ("l1_loss", ([1.0, -2.0], [0.0, 0.0]), {}, [1.0, 2.0]),
        ("smooth_l1_loss", ([0.5, 3.0], [0.0, 0.0]), {}, [0.125, 2.5]),
        ("huber_loss", ([0.5, 3.0], [0.0, 0.0]), {"delta": 2.0}, [0.125, 4.0]),
        ("hinge_embedding_loss", ([0.25, 0.25, 3.0], [1, -1, -1]), {}, [0.25, 0.75, 0.0]),
        ("margin_ranking_loss", ([1.0, 1.0], [3.0, 3.0], [1, -1]), {"margin": 0.5}, [2.5, 0.0]),
        ("soft_margin_loss", ([0.0, 700.0, -700.0], [1, 1, 1]), {}, [math.log(2), 0.0, 700.0]),
        ("cosine_embedding_loss", ([[1.0, 0.0]], [[1.0, 1.0]], [1]), {}, [1 - math.sqrt(0.5)]),
        ("cosine_embedding_loss", ([[1.0, 0.0]], [[1.0, 1.0]], [-1]), {}, [math.sqrt(0.5)]),
        ("triplet_margin_loss", ([[0.0]], [[3.0]], [[1.0]]), {"eps": 0.0}, [3.0]),
        ("triplet_margin_loss", ([[0.0]], [[3.0]], [[4.0]]), {"eps": 0.0}, [0.0]),
        ("triplet_margin_loss", ([[0.0]], [[3.0]], [[4.0]]), {"eps": 0.0, "swap": True}, [3.0]),
        ("multi_margin_loss", ([[0.0, 0.5, 2.0]], [1]), {}, [(0.5 + 2.5) / 3]),
        ("multi_margin_loss", ([[0.0, 0.5, 2.0]], [1]), {"p": 2}, [(0.25 + 6.25) / 3]),
        ("multilabel_margin_loss", ([[0.0, 1.0, 4.0]], [[2, 0, -1]]), {}, [(0.0 + 2.0) / 3]),
        ("poisson_nll_loss", ([0.0, 1.0], [3, 2]), {}, [1.0, math.e - 2]),
        ("poisson_nll_loss", ([2.0], [0]), {"log_input": False}, [2.0]),
        ("gaussian_nll_loss", ([1.0], [3.0], [4.0]), {}, [(math.log(4) + 1) / 2]),
        ("kl_div", ([math.log(0.5)], [0.25]), {}, [0.25 * math.log(0.5)]),
        ("nll_loss", ([[-1.0, -2.0], [-3.0, -4.0]], [1, 0]), {}, [2.0, 3.0]),
        ("binary_cross_entropy", ([0.25, 0.25], [1.0, 0.0]), {}, [math.log(4), math.log(4 / 3)]),
    ],
)
def test_by_hand(name, args, options, expected):
    args = [mg.tensor(np.array(a)) for a in args]
    loss = getattr(F, name)(*args, **options, reduction="none")
    np.testing.assert_allclose(loss.array, expected, atol=1e-7)
    mean = getattr(F, name)(*args, **options)
    np.testing.assert_allclose(mean.item(), np.mean(expected), atol=1e-7)


def test_kinks():
    """|d| has slope 0 at 0, hinges have slope 1 at 0, the Huber loss bends where |d| = delta."""
    zero = t([0.0], True)
    F.l1_loss(zero, t([0.0])).backward()
    assert zero.grad.tolist() == [0.0]
    a = t([1.0], True)
    F.margin_ranking_loss(a, t([0.0]), t([1.0]), margin=1.0).backward()
    assert a.grad.tolist() == [-1.0]
    d = t([-2.0, -1.0, 0.5, 1.0, 2.0], True)
    F.huber_loss(d, t([0.0] * 5), reduction="sum").backward()
    assert d.grad.tolist() == [-1.0, -1.0, 0.5, 1.0, 1.0]


def test_a_clamped_variance_still_has_a_gradient():
    var = t([0.0], True)
    F.gaussian_nll_loss(t([0.0]), t([1.0]), var, eps=0.5).backward()
    assert var.grad.tolist() == [0.5 * (1 / 0.5 - 1 / 0.25)]


def test_divergence_of_a_distribution_from_itself_is_zero():
    p = t([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]])
    log = t(np.log(np.maximum(p.array, 1e-300)))
    np.testing.assert_allclose(F.kl_div(log, p, reduction="batchmean").item(), 0, atol=1e-15)


def test_the_mean_of_nothing_is_nan_and_the_sum_zero():
    nothing = mg.zeros(0, 3, requires_grad=True)
    assert math.isnan(F.mse_loss(nothing, mg.zeros(0, 3)).item())
    assert F.mse_loss(nothing, mg.zeros(0, 3), reduction="sum").item() == 0
    assert math.isnan(F.cross_entropy(nothing, mg.zeros(0, dtype=mg.int64)).item())


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_shapes_that_broadcast_are_warned_of(name):
    with pytest.warns(UserWarning, match=rf"{name}: input \(3, 1\) and target \(3,\) differ"):
        getattr(F, name)(mg.zeros(3, 1), mg.zeros(3))


X = mg.zeros(2, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: F.mse_loss(X, X, reduction="avg"),
            ValueError,
            "'mean', 'sum' or 'none', got 'avg'",
        ),
        (
            lambda: F.l1_loss(X, X, reduction="avg"),
            ValueError,
            "'mean', 'sum' or 'none', got 'avg'",
        ),
        (
            lambda: F.cross_entropy(X, mg.tensor([0, 3])),
            IndexError,
            "cross_entropy: target 3 is out of bounds for 3 classes",
        ),
        (
            lambda: F.cross_entropy(X, mg.tensor([0, -1])),
            IndexError,
            "target -1 is out of bounds for 3 classes; expected 0 to 2, or ignore_index=-100",
        ),
        (
            lambda: F.cross_entropy(X, mg.tensor([0, 1, 2])),
            ValueError,
            r"expected class labels of shape \(2,\), got \(3,\)",
        ),
        (lambda: F.cross_entropy(X, mg.zeros(2)), RuntimeError, "expected integer class labels"),
        (
            lambda: F.cross_entropy(X, mg.tensor([0, 1]), mg.ones(2)),
            RuntimeError,
            "weight must have one element for each of the 3 classes",
        ),
        (
            lambda: F.cross_entropy(X, mg.zeros(2, 3, dtype=mg.int64)),
            RuntimeError,
            "holds probabilities and must be floating",
        ),
        (
            lambda: F.cross_entropy(X, mg.tensor([0, 1]), label_smoothing=1.5),
            RuntimeError,
            "label_smoothing must be between 0 and 1",
        ),
        (
            lambda: F.binary_cross_entropy(X + 2, X),
            RuntimeError,
            "between 0 and 1.*; for logits use binary_cross_entropy_with_logits",
        ),
        (lambda: F.binary_cross_entropy(X, X[0]), ValueError, "must have the same shape"),
        (lambda: F.huber_loss(X, X, delta=0), RuntimeError, "delta must be positive"),
        (
            lambda: F.gaussian_nll_loss(X, X, X - 1),
            ValueError,
            "gaussian_nll_loss: .* negative",
        ),
        (lambda: F.triplet_margin_loss(X, X, X, margin=0), ValueError, "greater than 0, got 0"),
        (
            lambda: F.multi_margin_loss(X, mg.tensor([0, 5])),
            IndexError,
            "target 5 is out of bounds",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(90, 70), (6, 50, 5, 4)])
def test_the_kernel_of_cross_entropy_agrees_with_the_definition(shape, weighted, reduction):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, shape[1], (shape[0], *shape[2:]), np.int16)
    labels[::3] = 200
    weight = rng.random(shape[1], np.float32) if weighted else None
    args = 3 * rng.standard_normal(shape), labels, weight, 200, reduction
    assert_agrees(softmax_cross_entropy, *args)
