"""Losses of a prediction of one of several classes: cross-entropy, from logits and from logs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels
from minigrad.graph import describe, op
from minigrad.ops.axes import raw
from minigrad.ops.losses import reduced, reduction_of, unknown_reduction
from minigrad.ops.reduce import sum
from minigrad.ops.softmax import log_softmax

__all__ = ["cross_entropy", "nll_loss"]


# ---------------------------------------------------------------------------- class labels


def _known(name, labels, classes, ignore_index):
    """The labels, and where they count (None: everywhere); those that do not become 0."""
    if labels.dtype.kind not in "iu":
        raise RuntimeError(
            f"{name}: expected integer class labels, got {describe(labels)}; use .long(), or give "
            "probabilities in the shape of the input"
        )
    # As unsigned numbers, negative labels are very large: one comparison finds both.
    unsigned = labels.view(f"u{labels.dtype.itemsize}")
    if not (0 <= ignore_index < classes) and (0 in labels.shape or unsigned.max() < classes):
        return labels, None
    counts = labels != ignore_index
    labels = np.where(counts, labels, 0)
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        culprit = labels[wrong][0].item()
        raise IndexError(
            f"{name}: target {culprit} is out of bounds for {classes} classes; expected 0 to "
            f"{classes - 1}, or ignore_index={ignore_index}"
        )
    return labels, counts


def _check_classes(name, x, target, weight):
    """The axis of the classes; raises if the shapes do not fit each other."""
    if not x.shape:
        raise ValueError(f"{name}: the input needs an axis of classes, got a 0-d tensor")
    axis = 1 if len(x.shape) > 1 else 0
    expected = (*x.shape[:axis], *x.shape[axis + 1 :])
    if tuple(target.shape) != expected:
        raise ValueError(
            f"{name}: for an input of shape {tuple(x.shape)}, expected class labels of shape "
            f"{expected}, got {tuple(target.shape)}"
        )
    _check_weight(name, weight, x.shape[axis])
    return axis


def _check_weight(name, weight, classes):
    if weight is not None and tuple(weight.shape) != (classes,):
        raise RuntimeError(
            f"{name}: weight must have one element for each of the {classes} classes, got "
            f"{describe(weight)}"
        )


def _shares(labels, counts, weight, dtype):
    """How much each label's loss counts (None: 1 each), and the sum of that."""
    if weight is not None:
        shares = weight[labels]
        if counts is not None:
            shares = np.where(counts, shares, 0)
    elif counts is not None:
        shares = counts.astype(dtype)
    else:
        return None, math.prod(labels.shape)
    return shares, shares.sum()


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood: minus the log-probability that `input` gives to the label.

    input: (N, C, d1, ...) or (C), log-probabilities; target: (N, d1, ...) or (), labels from 0 to
    C - 1. weight (C): how much each class counts; the mean divides by the sum of the weights.
    Labels equal to ignore_index count 0.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    axis = _check_classes("nll_loss", input, target, weight)
    labels, counts = _known("nll_loss", raw(target), input.shape[axis], ignore_index)
    picked = np.take_along_axis(input, np.expand_dims(labels, axis), axis)
    loss = -np.squeeze(picked, axis)
    shares, total = _shares(labels, counts, raw(weight), input.dtype)
    if counts is not None:
        loss = np.where(counts, loss, 0)  # not times 0: an ignored one may be infinite
    if weight is not None:
        loss = loss * shares
    return sum(loss) / total if reduction == "mean" else reduced(loss, reduction)


def _by_definition(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """softmax_cross_entropy, of plain ops."""
    logp = log_softmax(x, 1 if len(x.shape) > 1 else 0)
    return nll_loss(logp, target, weight, ignore_index=ignore_index, reduction=reduction)


@op(definition=_by_definition)
def softmax_cross_entropy(x, target, weight=None, ignore_index=-100, reduction="mean"):
    """nll_loss(log_softmax(x)) in one step; see `cross_entropy`.

    log_softmax(x)_c = x_c - max(x) - log(sum_k exp(x_k - max(x))). The gradient of one sample's
    loss is softmax(x), minus 1 at the label.
    """
    axis = _check_classes("cross_entropy", x, target, weight)
    # As (samples, classes), whatever other axes there are.
    rows, labels, outer = x, target, x.shape
    if x.ndim != 2:
        rows = np.moveaxis(x, axis, -1)
        outer = rows.shape
        rows = np.reshape(rows, (math.prod(outer[:-1]), outer[-1]))
        labels = np.reshape(target, (rows.shape[0],))
    n, classes = rows.shape
    labels, counts = _known("cross_entropy", labels, classes, ignore_index)
    shares, n_counted = _shares(labels, counts, weight, x.dtype)
    if counts is not None:
        labels = np.where(counts, labels.astype(np.int64), -1)

    loss, lse = kernels.cross_entropy(rows, labels)
    if weight is not None:
        loss = loss * shares
    if reduction == "mean":
        loss = loss.sum() / n_counted
    elif reduction == "sum":
        loss = loss.sum()
    elif reduction == "none":
        loss = np.reshape(loss, target.shape)
    else:
        raise unknown_reduction(reduction)

    def grad(g):
        if reduction == "mean":
            g = g / n_counted
        g = g.reshape(n) if reduction == "none" else np.full_like(lse, g)
        if weight is not None:
            g = (g * shares).astype(x.dtype)
        gx = kernels.cross_entropy_backward(g, rows, labels, lse)
        return gx if x.ndim == 2 else np.moveaxis(np.reshape(gx, outer), -1, axis)

    return loss, (grad,)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The cross-entropy between the target and softmax(input).

    input: logits (N, C, d1, ...) or (C). target: labels (N, d1, ...) or (), the loss being
    -log softmax(input)[label]; or probabilities in the input's shape, the loss being
    -sum_c target_c log softmax(input)_c. weight (C): how much each class counts. Labels equal to
    ignore_index count 0. label_smoothing: this share of the target is spread evenly over all
    classes (Szegedy et al., "Rethinking the Inception architecture", 2016, section 7).
    The mean is over the labels, each counted with its class's weight.

    >>> import minigrad as mg
    >>> logits = mg.tensor([[0.0, 0.0], [0.0, 0.0]])
    >>> mg.nn.functional.cross_entropy(logits, mg.tensor([0, 1]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce, reduction)
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(
            f"cross_entropy: label_smoothing must be between 0 and 1, got {label_smoothing}"
        )
    if input.shape == target.shape and input.shape:
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    if label_smoothing:
        return _smoothed(input, target, weight, ignore_index, reduction, label_smoothing)
    return softmax_cross_entropy(input, target, weight, ignore_index, reduction)


def _column(weight, x, axis):
    """A weight for each class, along the axis of the classes."""
    return np.reshape(weight, (-1, *(1,) * (len(x.shape) - axis - 1)))


def _soft_cross_entropy(x, target, weight, reduction, smoothing):
    if target.dtype.kind != "f":
        raise RuntimeError(
            f"cross_entropy: a target in the input's shape holds probabilities and must be "
            f"floating, got {describe(target)}"
        )
    axis = 1 if len(x.shape) > 1 else 0
    classes = x.shape[axis]
    _check_weight("cross_entropy", weight, classes)
    if smoothing:
        target = target * (1 - smoothing) + smoothing / classes
    loss = log_softmax(x, axis) * target
    if weight is not None:
        loss = loss * _column(weight, x, axis)
    loss = -sum(loss, axis)
    if reduction == "mean":
        return sum(loss) / math.prod(loss.shape)
    return reduced(loss, reduction)


def _smoothed(x, target, weight, ignore_index, reduction, smoothing):
    axis = _check_classes("cross_entropy", x, target, weight)
    logp = log_softmax(x, axis)
    exact = nll_loss(logp, target, weight, ignore_index=ignore_index, reduction=reduction)
    labels, counts = _known("cross_entropy", raw(target), x.shape[axis], ignore_index)
    even = -sum(logp if weight is None else logp * _column(weight, x, axis), axis)
    if counts is not None:
        even = np.where(counts, even, 0)
    if reduction == "mean":
        even = sum(even) / _shares(labels, counts, raw(weight), x.dtype)[1]
    else:
        even = reduced(even, reduction)
    return (1 - smoothing) * exact + smoothing / x.shape[axis] * even
