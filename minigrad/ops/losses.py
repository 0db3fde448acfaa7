"""Losses of a prediction of numbers: squared, absolute and Huber error, likelihoods, divergence.

Every loss takes `reduction`: "mean", "sum", or "none" for the loss of each element. The arguments
`size_average` and `reduce` are PyTorch's old way to say the same: `reduce=False` is "none",
`size_average=False` is "sum".

Losses of a prediction of classes are in `classification_losses.py`, those of margins and
distances in `margin_losses.py`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad.graph import describe, op
from minigrad.ops.exponential import exp, log, xlogy
from minigrad.ops.places import check_broadcast
from minigrad.ops.power import square
from minigrad.ops.reduce import mean, sum
from minigrad.ops.signs import abs

__all__ = [
    "gaussian_nll_loss", "huber_loss", "kl_div", "l1_loss", "mse_loss", "poisson_nll_loss",
    "smooth_l1_loss",
]  # fmt: skip


# ---------------------------------------------------------------------------- reductions


def reduction_of(size_average: bool | None, reduce: bool | None, reduction: str) -> str:
    """`reduction`, unless PyTorch's old arguments say something else."""
    if size_average is None and reduce is None:
        return reduction
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def reduced(loss: Any, reduction: str) -> Any:
    """The mean or sum of the elements' losses, or (reduction "none") these themselves."""
    if reduction == "mean":
        return mean(loss)
    if reduction == "sum":
        return sum(loss)
    if reduction == "none":
        return loss
    raise unknown_reduction(reduction)


def unknown_reduction(reduction: Any) -> ValueError:
    return ValueError(f"reduction: expected 'mean', 'sum' or 'none', got {reduction!r}")


def same_size(name: str, input: Any, target: Any, reduction: str) -> None:
    """Warn if input and target are broadcast: (n, 1) with (n) makes (n, n), hardly ever meant."""
    if input.shape != target.shape:
        if reduction not in ("mean", "sum", "none"):
            raise unknown_reduction(reduction)
        check_broadcast(name, input=input, target=target)
        warnings.warn(
            f"{name}: input {tuple(input.shape)} and target {tuple(target.shape)} differ in shape "
            "and are broadcast; make them the same (.reshape, .squeeze) unless that is meant",
            stacklevel=3,
        )


def weighted(loss: Any, weight: Any, reduction: str, shape: tuple) -> Any:
    """The loss with a weight for each element; the mean divides by the sum of the weights."""
    if weight.shape != shape:
        raise ValueError(
            f"weight: expected the shape of the input, {shape}, got {tuple(weight.shape)}"
        )
    loss = loss * weight
    return sum(loss) / sum(weight) if reduction == "mean" else reduced(loss, reduction)


# ---------------------------------------------------------------------------- errors


@op(elementwise=True, floating=True)
def squared_error(x, target, reduction="mean"):
    """Mean, sum or all of (x - target)**2. Gradients: 2 (x - target), its negative, over n."""
    d = x - target
    if reduction == "none":
        return d * d, (lambda g: 2 * g * d, lambda g: -2 * g * d)
    total, scale = (d * d).sum(), 2.0
    if reduction == "mean":
        n = math.prod(d.shape)
        total, scale = total / n, 2.0 / max(n, 1)
    elif reduction != "sum":
        raise unknown_reduction(reduction)
    return total, (lambda g: (scale * g) * d, lambda g: (-scale * g) * d)


def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The mean squared error: mean of (input - target)**2.

    With a `weight` for each element: sum of weight * error over sum of weight.

    >>> import minigrad as mg
    >>> mg.nn.functional.mse_loss(mg.tensor([1.0, 2.0]), mg.tensor([0.0, 4.0]))
    tensor(2.5000)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce, reduction)
    if input.shape != target.shape:
        same_size("mse_loss", input, target, reduction)
    if weight is not None:
        return weighted(squared_error(input, target, "none"), weight, reduction, input.shape)
    return squared_error(input, target, reduction)


def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The mean absolute error: mean of |input - target|, with gradient 0 where they are equal."""
    reduction = reduction_of(size_average, reduce, reduction)
    same_size("l1_loss", input, target, reduction)
    loss = abs(input - target)
    if weight is not None:
        return weighted(loss, weight, reduction, input.shape)
    return reduced(loss, reduction)


@op(elementwise=True, floating=True)
def huber(x, target, delta=1.0):
    """d**2 / 2 where |d| <= delta, else delta (|d| - delta / 2), d = x - target.

    Gradient: d, clipped to [-delta, delta].
    """
    d = x - target
    size = np.abs(d)
    y = np.where(size <= delta, 0.5 * d * d, delta * (size - 0.5 * delta))

    def grad(g):
        return g * np.where(np.abs(d) <= delta, d, delta * np.sign(d))

    return y, (grad, lambda g: -grad(g))


def huber_loss(
    input: Any,
    target: Any,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Any = None,
) -> Any:
    """Squared where the error is at most delta, linear beyond: outliers pull with a bounded force.

    d**2 / 2 where |d| <= delta, else delta * (|d| - delta / 2), with d = input - target.
    Huber, "Robust estimation of a location parameter", 1964.
    """
    if delta <= 0:
        raise RuntimeError(f"huber_loss: delta must be positive, got {delta}")
    same_size("huber_loss", input, target, reduction)
    loss = huber(input, target, float(delta))
    if weight is None:
        return reduced(loss, reduction)
    if weight.shape != input.shape:
        raise ValueError(
            f"huber_loss: weight and input must have the same shape, got {describe(weight)} and "
            f"{describe(input)}"
        )
    return reduced(loss * weight, reduction)


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """The Huber loss over its threshold: d**2 / (2 beta) where |d| < beta, else |d| - beta / 2.

    Its slope is 1 far out, whatever beta; with beta = 0 it is the L1 loss. Girshick, "Fast R-CNN",
    2015, equation 3.
    """
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss: beta must not be negative, got {beta}")
    reduction = reduction_of(size_average, reduce, reduction)
    same_size("smooth_l1_loss", input, target, reduction)
    if beta == 0:
        return reduced(abs(input - target), reduction)
    return reduced(huber(input, target, float(beta)) / beta, reduction)


# ---------------------------------------------------------------------------- likelihoods


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of counts under a Poisson distribution, without log(target!).

    exp(input) - target * input, where input is the logarithm of the rate; with log_input=False,
    where it is the rate: input - target * log(input + eps). full: adds Stirling's approximation of
    log(target!), target log(target) - target + log(2 pi target) / 2, for targets above 1.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    check_broadcast("poisson_nll_loss", input=input, target=target)
    if log_input:
        loss = exp(input) - target * input
    else:
        loss = input - target * log(input + eps)
    if full:
        large = np.where(target > 1, target, 1)  # no logarithm of 0 in what is not used
        stirling = large * log(large) - large + 0.5 * log(2 * math.pi * large)
        loss = loss + np.where(target > 1, stirling, 0)
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of a target under a Gaussian of mean `input`, variance `var`.

    (log(var) + (input - target)**2 / var) / 2, and log(2 pi) / 2 more with `full`. A variance
    below eps counts as eps, but has the gradient of eps (its own would be 0 and it would stay).
    var: like input; or without its last axis, or with an axis of size 1 in its place, where the
    variance is the same for all; or one number. Nix and Weigend, 1994.
    """
    if isinstance(var, (int, float)):
        var = np.zeros_like(getattr(input, "array", input)) + var
    raw = getattr(var, "array", var)
    if (raw < 0).any():
        raise ValueError(f"gaussian_nll_loss: var must not be negative, got {raw.min().item():g}")
    if var.shape != input.shape:
        if tuple(var.shape) == tuple(input.shape[:-1]):
            var = np.expand_dims(var, -1)
        elif (
            len(var.shape) != len(input.shape)
            or math.prod(m for n, m in zip(input.shape, var.shape, strict=True) if n != m) != 1
        ):
            raise ValueError(
                f"gaussian_nll_loss: var {tuple(var.shape)} is of incorrect size for an input of "
                f"{tuple(input.shape)}; expected that, or 1 or nothing in the last place"
            )
    raw = getattr(var, "array", var)
    if (raw < eps).any():
        var = var + (np.maximum(raw, eps) - raw)
    loss = 0.5 * (log(var) + square(input - target) / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """The Kullback-Leibler divergence of probabilities `target` from log-probabilities `input`.

    target * (log(target) - input), elementwise, 0 where target is 0; log_target says that the
    target's logarithms are given. reduction="batchmean" divides the sum by the number of samples,
    which is the divergence as it is defined; "mean" divides by the number of elements.
    """
    reduction = reduction_of(size_average, reduce, reduction)
    check_broadcast("kl_div", input=input, target=target)
    if log_target:
        loss = exp(target) * (target - input)
    else:
        loss = xlogy(target, target) - target * input
    if reduction != "batchmean":
        return reduced(loss, reduction)
    return sum(loss) / input.shape[0] if input.shape else sum(loss)
