"""Losses."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples

REDUCTIONS = ("mean", "sum", "none")


def away(rng, *shape):
    """Numbers that are no kink of any loss below: not within 0.1 of 0, 1 or -1."""
    x = rng.uniform(0.15, 0.85, shape) + rng.integers(0, 2, shape)
    return x * rng.choice([-1.0, 1.0], shape)


def signs(rng, *shape):
    return rng.choice([-1, 1], shape)


def probabilities(rng, *shape):
    return rng.uniform(0.1, 0.9, shape)


@samples("squared_error", complex_step=True)
def squared_error(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    for reduction in REDUCTIONS:
        yield Sample(x, y, reduction)
    yield Sample(x, rng.standard_normal(3), "mean")
    yield Sample(rng.standard_normal(()), rng.standard_normal(()))
    yield Sample(np.zeros((0, 2)), np.zeros((0, 2)), "sum")


@samples("mse_loss", complex_step=True)
def mse_loss(rng):
    x, y, weight = (rng.standard_normal((2, 3)) for _ in range(3))
    for reduction in REDUCTIONS:
        yield Sample(x, y, reduction=reduction, weight=weight)


@samples("huber")
def huber(rng):
    x, y = away(rng, 2, 3), np.zeros(3)
    yield Sample(x, y, 1.0)
    yield Sample(3 * x, y, 3.0)
    yield Sample(np.zeros((0, 2)), np.zeros((0, 2)))


@samples("l1_loss")
def l1_loss(rng):
    for reduction in REDUCTIONS:
        yield Sample(away(rng, 3), np.zeros(3), reduction=reduction)
    yield Sample(away(rng, 3), np.zeros(3), weight=rng.random(3))


@samples("smooth_l1_loss")
def smooth_l1_loss(rng):
    for beta in (0.0, 1.0, 0.01):
        yield Sample(away(rng, 3), np.zeros(3), beta=beta)


@samples("poisson_nll_loss")
def poisson_nll_loss(rng):
    target = np.array([0.5, 2.0, 3.0])
    yield Sample(rng.standard_normal(3), target)
    yield Sample(rng.random(3) + 0.5, target, False, True)


@samples("gaussian_nll_loss")
def gaussian_nll_loss(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    yield Sample(x, y, rng.random((2, 3)) + 0.5)
    yield Sample(x, y, rng.random((2, 1)) + 0.5, True)
    yield Sample(x, y, rng.random(2) + 0.5)


@samples("kl_div")
def kl_div(rng):
    x, y = rng.standard_normal((2, 3)), probabilities(rng, 2, 3)
    yield Sample(x, y, reduction="batchmean")
    yield Sample(x, np.log(y), log_target=True)


@samples("softmax_cross_entropy", complex_step=False)
def softmax_cross_entropy(rng):
    x, target, weight = rng.standard_normal((3, 4)), np.array([1, 3, 0]), rng.random(4)
    for reduction in REDUCTIONS:
        yield Sample(x, target, None, -100, reduction)
        yield Sample(x, np.array([1, -100, 0]), None, -100, reduction)
        yield Sample(x, target, weight, 3, reduction, constant=(2,))
    deep = rng.standard_normal((2, 3, 2, 1))
    yield Sample(
        deep, np.array([[[0], [2]], [[1], [1]]]), rng.random(3), -100, "none", constant=(2,)
    )
    yield Sample(rng.standard_normal(3), np.array(2))
    yield Sample(np.zeros((0, 3)), np.zeros(0, np.int64), None, -100, "sum")


@samples("cross_entropy")
def cross_entropy(rng):
    x, soft, weight = rng.standard_normal((2, 3)), probabilities(rng, 2, 3), rng.random(3)
    for reduction in REDUCTIONS:
        yield Sample(x, soft, reduction=reduction, label_smoothing=0.2)
        yield Sample(
            x, np.array([0, -1]), ignore_index=-1, reduction=reduction, label_smoothing=0.1
        )
    yield Sample(x, soft, weight, constant=(2,))
    yield Sample(x, np.array([0, 2]), weight, label_smoothing=0.1, constant=(2,))


@samples("nll_loss")
def nll_loss(rng):
    x, weight = rng.standard_normal((2, 3)), rng.random(3)
    for reduction in REDUCTIONS:
        yield Sample(
            x, np.array([2, 0]), weight, ignore_index=0, reduction=reduction, constant=(2,)
        )


@samples("bernoulli_nll")
def bernoulli_nll(rng):
    yield Sample(probabilities(rng, 2, 3), probabilities(rng, 2, 3))
    yield Sample(probabilities(rng, 2, 3), np.array([0.0, 1.0, 1.0]))


@samples("bernoulli_nll_of_logits")
def bernoulli_nll_of_logits(rng):
    x, target = rng.standard_normal((2, 3)), probabilities(rng, 2, 3)
    yield Sample(x, target)
    yield Sample(x, target, rng.random(3) + 0.5)


@samples("binary_cross_entropy")
def binary_cross_entropy(rng):
    for reduction in REDUCTIONS:
        x, target = probabilities(rng, 2, 3), probabilities(rng, 2, 3)
        yield Sample(x, target, rng.random(3), reduction=reduction)


@samples("binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(rng):
    x, target = rng.standard_normal((2, 3)), probabilities(rng, 2, 3)
    yield Sample(x, target, rng.random(3), pos_weight=rng.random(3))


@samples("multilabel_soft_margin_loss")
def multilabel_soft_margin_loss(rng):
    yield Sample(rng.standard_normal((2, 3)), probabilities(rng, 2, 3), rng.random(3))


@samples("margin_ranking_loss")
def margin_ranking_loss(rng):
    yield Sample(away(rng, 4), np.zeros(4), signs(rng, 4), 0.05)


@samples("hinge_embedding_loss")
def hinge_embedding_loss(rng):
    yield Sample(away(rng, 2, 3), signs(rng, 2, 3))


@samples("soft_margin_loss")
def soft_margin_loss(rng):
    yield Sample(rng.standard_normal((2, 3)), signs(rng, 2, 3))


@samples("cosine_embedding_loss")
def cosine_embedding_loss(rng):
    x, y = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    yield Sample(x, y, signs(rng, 4), 0.01)
    yield Sample(x[0].copy(), y[0].copy(), np.array(1))


@samples("triplet_margin_loss")
def triplet_margin_loss(rng):
    anchor, near, far = (rng.standard_normal((2, 3)) for _ in range(3))
    yield Sample(anchor, near, far)
    yield Sample(anchor, near, far, 2.0, 3.0, swap=True)


@samples("multi_margin_loss")
def multi_margin_loss(rng):
    x, weight = rng.standard_normal((2, 3)), rng.random(3)
    yield Sample(x, np.array([0, 2]))
    yield Sample(x, np.array([0, 2]), 2, 0.9, weight, constant=(4,))
    yield Sample(x[0].copy(), np.array(1))


@samples("multilabel_margin_loss")
def multilabel_margin_loss(rng):
    x = rng.standard_normal((2, 4))
    yield Sample(x, np.array([[3, 0, -1, 1], [2, -1, -1, -1]]))
    yield Sample(x[0].copy(), np.array([1, 2, -1, 0]))
