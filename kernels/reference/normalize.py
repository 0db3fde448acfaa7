"""Normalizations: mean 0 and variance 1 over a group of elements, then a scale and a shift.

    x_hat = (x - mean) * rstd       rstd = 1 / sqrt(var + eps), var divided by n, not by n - 1
    y     = x_hat * weight + bias

and of the gradient g of y, with h = g * weight, the gradient of x is

    (h - mean(h) - x_hat * mean(h * x_hat)) * rstd

since x moves the mean and the variance too. What differs is which elements are a group:

    layer_norm    x (R, D): a row                                  weight, bias (D)
    rms_norm      x (R, D): a row, divided by its root mean square weight (D)
    group_norm    x (N, C, S): C / groups channels of a sample     weight, bias (C)
    batch_norm    x (N, C, S): a channel of all samples            weight, bias (C)

weight and bias may be None. Backward gets the inputs and the statistics of forward, one or two
numbers a group, and computes x_hat anew. About 8 FLOPs an element and one read and one write
forward; 14 FLOPs, two reads and a write backward.

Ba, Kiros and Hinton, "Layer normalization", 2016; Zhang and Sennrich, "Root mean square layer
normalization", 2019; Wu and He, "Group normalization", 2018; Ioffe and Szegedy, "Batch
normalization", 2015.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def layer_norm(x: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    """(y, mean, rstd), of x (R, D); mean and rstd (R)."""
    centred, mean, var = moments(x, (1,))
    rstd = 1 / np.sqrt(var + eps)
    return affine(centred * rstd, weight, bias), mean[:, 0], rstd[:, 0]


def layer_norm_backward(g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> tuple[Any, Any, Any]:
    """(gradient of x, of weight, of bias)."""
    mean, rstd = mean[:, None], rstd[:, None]
    x_hat = (x - mean) * rstd
    gx = through_statistics(affine(g, weight, None), x_hat, rstd, (1,))
    return gx, (g * x_hat).sum(axis=0), g.sum(axis=0)


def rms_norm(x: Any, weight: Any, eps: float) -> tuple[Any, Any]:
    """(y, rstd), of x (R, D), with rstd = 1 / sqrt(mean(x**2) + eps) (R)."""
    rstd = 1 / np.sqrt(average(x * x, (1,)) + eps)
    return affine(x * rstd, weight, None), rstd[:, 0]


def rms_norm_backward(g: Any, x: Any, weight: Any, rstd: Any) -> tuple[Any, Any]:
    """(gradient of x, of weight); of x it is (h - x_hat * mean(h * x_hat)) * rstd."""
    rstd = rstd[:, None]
    x_hat = x * rstd
    h = affine(g, weight, None)
    return (h - x_hat * average(h * x_hat, (1,))) * rstd, (g * x_hat).sum(axis=0)


def group_norm(x: Any, groups: int, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    """(y, mean, rstd), of x (N, C, S); mean and rstd (N, groups)."""
    n, c, s = x.shape
    inside = x.reshape(n, groups, c // max(groups, 1), s)
    centred, mean, var = moments(inside, (2, 3))
    rstd = 1 / np.sqrt(var + eps)
    x_hat = (centred * rstd).reshape(n, c, s)
    return affine(x_hat, column(weight), column(bias)), mean[:, :, 0, 0], rstd[:, :, 0, 0]


def group_norm_backward(g: Any, x: Any, weight: Any, mean: Any, rstd: Any) -> tuple[Any, Any, Any]:
    """(gradient of x, of weight, of bias)."""
    n, c, s = x.shape
    groups = mean.shape[1]
    inside = n, groups, c // max(groups, 1), s
    mean, rstd = mean[:, :, None, None], rstd[:, :, None, None]
    x_hat = (x.reshape(inside) - mean) * rstd
    h = affine(g, column(weight), None).reshape(inside)
    gx = through_statistics(h, x_hat, rstd, (2, 3)).reshape(n, c, s)
    return gx, (g * x_hat.reshape(n, c, s)).sum(axis=(0, 2)), g.sum(axis=(0, 2))


def batch_norm(x: Any, weight: Any, bias: Any, eps: float) -> tuple[Any, Any, Any]:
    """(y, mean, var), of x (N, C, S), normalized by its own mean and var (C)."""
    centred, mean, var = moments(x, (0, 2))
    x_hat = centred * (1 / np.sqrt(var + eps))
    return affine(x_hat, column(weight), column(bias)), mean[0, :, 0], var[0, :, 0]


def batch_norm_backward(
    g: Any, x: Any, weight: Any, mean: Any, var: Any, eps: float
) -> tuple[Any, Any, Any]:
    """(gradient of x, of weight, of bias)."""
    rstd = 1 / np.sqrt(column(var) + eps)
    x_hat = (x - column(mean)) * rstd
    gx = through_statistics(affine(g, column(weight), None), x_hat, rstd, (0, 2))
    return gx, (g * x_hat).sum(axis=(0, 2)), g.sum(axis=(0, 2))


def batch_norm_by(x: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float) -> Any:
    """y, of x (N, C, S), normalized by a given mean and var (C)."""
    x_hat = (x - column(mean)) * (1 / np.sqrt(column(var) + eps))
    return affine(x_hat, column(weight), column(bias))


def batch_norm_by_backward(
    g: Any, x: Any, weight: Any, mean: Any, var: Any, eps: float
) -> tuple[Any, Any, Any]:
    """(gradient of x, of weight, of bias); x does not move the statistics."""
    rstd = 1 / np.sqrt(column(var) + eps)
    x_hat = (x - column(mean)) * rstd
    gx = affine(g, column(weight), None) * rstd
    return gx, (g * x_hat).sum(axis=(0, 2)), g.sum(axis=(0, 2))


# ---------------------------------------------------------------------------- what they share


def average(x: Any, axes: tuple[int, ...]) -> Any:
    """The mean over `axes`, which are kept with size 1."""
    return x.sum(axis=axes, keepdims=True) / math.prod([x.shape[i] for i in axes])


def moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """x - mean, mean and variance (divided by n) over `axes`, which are kept with size 1."""
    mean = average(x, axes)
    centred = x - mean
    return centred, mean, average(centred * centred, axes)


def through_statistics(h: Any, x_hat: Any, rstd: Any, axes: tuple[int, ...]) -> Any:
    """The gradient of x, of the gradient h of x_hat."""
    return (h - average(h, axes) - x_hat * average(h * x_hat, axes)) * rstd


def affine(x_hat: Any, weight: Any, bias: Any) -> Any:
    y = x_hat if weight is None else x_hat * weight
    return y if bias is None else y + bias


def column(a: Any) -> Any:
    """A number for each channel, as it stands beside (N, C, S)."""
    return None if a is None else a[:, None]
