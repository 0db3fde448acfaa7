"""Losses of a prediction of yes or no: binary cross-entropy, from probabilities and from logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import op
from minigrad.ops.activation import logsigmoid
from minigrad.ops.axes import raw
from minigrad.ops.exponential import sigmoid
from minigrad.ops.losses import reduced, reduction_of
from minigrad.ops.places import check_broadcast
from minigrad.ops.reduce import sum

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "multilabel_soft_margin_loss",
]  # fmt: skip


@op(elementwise=True, floating=True)
def bernoulli_nll(x, target):
    """-(target log(x) + (1 - target) log(1 - x)), each logarithm no less than -100."""
    yes = np.maximum(np.log(x), -100.0)
    no = np.maximum(np.log1p(-x), -100.0)
    y = (target - 1) * no - target * yes
    return y, (
        lambda g: g * (x - target) / np.maximum((1 - x) * x, 1e-12),
        lambda g: g * (no - yes),
    )


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The cross-entropy of yes-or-no targets and predicted probabilities.

    -weight * (target * log(input) + (1 - target) * log(1 - input)). The logarithms are clamped at
    -100, so that a certain but wrong prediction costs 100 and not infinity. From logits,
    `binary_cross_entropy_with_logits` is more exact.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"binary_cross_entropy: input {tuple(input.shape)} and target {tuple(target.shape)} "
            "must have the same shape"
        )
    p = raw(input)
    if not ((p >= 0) & (p <= 1)).all():
        raise RuntimeError(
            "binary_cross_entropy: all elements of input must be probabilities between 0 and 1, "
            f"got {p.min().item():g} to {p.max().item():g}; for logits use "
            "binary_cross_entropy_with_logits"
        )
    loss = bernoulli_nll(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


@op(elementwise=True, floating=True)
def bernoulli_nll_of_logits(x, target, pos_weight=None):
    """-(pos_weight target log(s(x)) + (1 - target) log(1 - s(x))), s the logistic function.

    Computed as (1 - target) x - w log(s(x)) with w = 1 + (pos_weight - 1) target: no logarithm of
    a rounded 0. Gradients: w s(x) - pos_weight target; (pos_weight - 1) (-log s(x)) - x;
    -target log(s(x)).
    """
    softplus = -logsigmoid(x)  # log(1 + exp(-x))
    if pos_weight is None:
        y = (1 - target) * x + softplus
        return y, (lambda g: g * (sigmoid(x) - target), lambda g: -g * x)
    w = 1 + (pos_weight - 1) * target
    return (1 - target) * x + w * softplus, (
        lambda g: g * (w * sigmoid(x) - pos_weight * target),
        lambda g: g * ((1 - pos_weight) * logsigmoid(x) - x),
        lambda g: -g * target * logsigmoid(x),
    )


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """The cross-entropy of yes-or-no targets and sigmoid(input), in one numerically stable step.

    pos_weight, broadcast to the input, is how many times a yes counts.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    if input.shape != target.shape:
        raise ValueError(
            f"binary_cross_entropy_with_logits: input {tuple(input.shape)} and target "
            f"{tuple(target.shape)} must have the same shape"
        )
    if pos_weight is None:
        loss = bernoulli_nll_of_logits(input, target)
    else:
        check_broadcast("binary_cross_entropy_with_logits", input=input, pos_weight=pos_weight)
        loss = bernoulli_nll_of_logits(input, target, pos_weight)
    return reduced(loss if weight is None else loss * weight, reduction)


def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The binary cross-entropy of each class's logit, averaged over the classes (the last axis)."""
    reduction = reduction_of(size_average, reduce, reduction)
    check_broadcast("multilabel_soft_margin_loss", input=input, target=target)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(sum(loss, -1) / input.shape[-1], reduction)
