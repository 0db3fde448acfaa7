"""Losses that want a margin: between classes, between two inputs, between near and far pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.graph import describe
from minigrad.ops.activation import softplus
from minigrad.ops.axes import raw
from minigrad.ops.bounds import clamp_min, minimum
from minigrad.ops.distances import pairwise_distance
from minigrad.ops.losses import reduced, reduction_of
from minigrad.ops.places import check_broadcast
from minigrad.ops.reduce import sum

__all__ = [
    "cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss", "multi_margin_loss",
    "multilabel_margin_loss", "soft_margin_loss", "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]  # fmt: skip


def margin_ranking_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, -target (input1 - input2) + margin): a target of 1 wants input1 to be the larger."""
    if not len(input1.shape) == len(input2.shape) == len(target.shape):
        raise RuntimeError(
            "margin_ranking_loss: all arguments must have the same number of dimensions, got "
            f"{describe(input1)}, {describe(input2)} and {describe(target)}"
        )
    check_broadcast("margin_ranking_loss", input1=input1, input2=input2, target=target)
    loss = clamp_min(-target * (input1 - input2) + margin, 0)
    return reduced(loss, reduction_of(size_average, reduce, reduction))


def hinge_embedding_loss(
    input: Any,
    target: Any,
    margin: float = 1.0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The input (a distance) where the target is 1, max(0, margin - input) where it is -1."""
    check_broadcast("hinge_embedding_loss", input=input, target=target)
    far = np.where(target != 1, clamp_min(margin - input, 0), 0)
    near = np.where(target != -1, input, 0)
    return reduced(near + far, reduction_of(size_average, reduce, reduction))


def soft_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """log(1 + exp(-target * input)), for targets 1 and -1."""
    check_broadcast("soft_margin_loss", input=input, target=target)
    loss = softplus(-target * input)
    return reduced(loss, reduction_of(size_average, reduce, reduction))


def cosine_embedding_loss(
    input1: Any,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """1 - cos(input1, input2) where the target is 1, max(0, cos - margin) where it is -1.

    inputs: (N, D) with a target (N), or (D) with a target ().
    """
    ndim = len(target.shape)
    if ndim > 1 or len(input1.shape) != ndim + 1 or len(input2.shape) != ndim + 1:
        raise RuntimeError(
            "cosine_embedding_loss: expected inputs (N, D) and a target (N), or (D) and (), got "
            f"{describe(input1)}, {describe(input2)} and {describe(target)}"
        )
    check_broadcast("cosine_embedding_loss", input1=input1, input2=input2)
    tiny = 1e-12
    squares = (sum(input1 * input1, ndim) + tiny) * (sum(input2 * input2, ndim) + tiny)
    cosine = sum(input1 * input2, ndim) / np.sqrt(squares)
    check_broadcast("cosine_embedding_loss", cosine=cosine, target=target)
    loss = np.where(target == 1, 1 - cosine, 0)
    loss = loss + np.where(target == -1, clamp_min(cosine - margin, 0), 0)
    return reduced(loss, reduction_of(size_average, reduce, reduction))


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """max(0, |anchor - positive| - |anchor - negative| + margin), in the p-norm.

    swap: the negative's distance is that to the positive, if that is the smaller. Balntas et al.,
    "Learning local feature descriptors with triplets and shallow convolutional networks", 2016.
    """

    def distance(a, b):
        return pairwise_distance(a, b, p, eps)

    return triplet_margin_with_distance_loss(
        anchor, positive, negative, distance_function=distance, margin=margin, swap=swap,
        reduction=reduction_of(size_average, reduce, reduction),
    )  # fmt: skip


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: str = "mean",
) -> Any:
    """`triplet_margin_loss` with any distance (default: `pairwise_distance`)."""
    if margin <= 0:
        raise ValueError(f"triplet_margin_loss: margin must be greater than 0, got {margin}")
    if not len(anchor.shape) == len(positive.shape) == len(negative.shape):
        raise RuntimeError(
            "triplet_margin_loss: all inputs must have the same number of dimensions, got "
            f"{describe(anchor)}, {describe(positive)} and {describe(negative)}"
        )
    distance = distance_function or pairwise_distance
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp_min(margin + near - far, 0), reduction)


# ---------------------------------------------------------------------------- between classes


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """sum_{c != label} max(0, margin - input_label + input_c)**p / C, times weight_label.

    input: (N, C) or (C); target: (N) or (), labels; p: 1 or 2; weight: (C).
    """
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: only p=1 and p=2 are supported, got p={p}")
    if weight is not None and len(weight.shape) != 1:
        raise ValueError(f"multi_margin_loss: weight must be 1-dimensional, got {describe(weight)}")
    batch = tuple(input.shape[:-1])
    if len(input.shape) > 2 or tuple(target.shape) not in (batch, batch or (1,)):
        raise RuntimeError(
            "multi_margin_loss: expected an input (N, C) and labels (N), or (C) and (), got "
            f"{describe(input)} and {describe(target)}"
        )
    rows = input if len(input.shape) == 2 else np.reshape(input, (1, -1))
    labels = np.reshape(raw(target), (-1, 1))
    wrong = (labels < 0) | (labels >= rows.shape[1])
    if wrong.any():
        raise IndexError(
            f"multi_margin_loss: target {labels[wrong][0].item()} is out of bounds for "
            f"{rows.shape[1]} classes"
        )
    at_label = np.take_along_axis(rows, labels, 1)
    loss = clamp_min(margin - at_label + rows, 0)
    loss = loss * loss if p == 2 else loss
    if weight is not None:
        loss = loss * weight[labels]
    others = labels != np.arange(rows.shape[1], like=labels)
    loss = sum(np.where(others, loss, 0), 1) / rows.shape[1]
    loss = loss if len(input.shape) == 2 else np.reshape(loss, tuple(target.shape))
    return reduced(loss, reduction_of(size_average, reduce, reduction))


def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """sum over a sample's labels l and all c that are none of max(0, 1 - (input_l - input_c)) / C.

    input: (N, C) or (C). target: of the same shape, a sample's labels first, then -1 (what comes
    after it does not count).
    """
    if len(input.shape) not in (0, 1, 2) or input.shape != target.shape:
        raise RuntimeError(
            "multilabel_margin_loss: expected input and target of one shape, (N, C) or (C), got "
            f"{describe(input)} and {describe(target)}"
        )
    classes = input.shape[-1] if input.shape else 1
    rows = np.reshape(input, (-1, classes))
    labels = np.reshape(raw(target), (-1, classes))
    counts = np.cumsum(labels < 0, axis=1) == 0  # before the first -1
    labels = np.where(counts, labels, 0)
    if (labels >= classes).any():
        raise RuntimeError(
            f"multilabel_margin_loss: target {labels.max().item()} is out of bounds for "
            f"{classes} classes"
        )
    # (N, L, 1) label against (N, 1, C) class
    is_label = np.expand_dims(labels, 2) == np.arange(classes, like=labels)
    is_label = (is_label & np.expand_dims(counts, 2)).any(axis=1, keepdims=True)
    pairs = np.expand_dims(counts, 2) & ~is_label
    at_labels = np.expand_dims(np.take_along_axis(rows, labels, 1), 2)
    gaps = clamp_min(1 - at_labels + np.expand_dims(rows, 1), 0)
    loss = sum(np.where(pairs, gaps, 0), (1, 2)) / classes
    loss = loss if len(input.shape) == 2 else np.reshape(loss, ())
    return reduced(loss, reduction_of(size_average, reduce, reduction))
