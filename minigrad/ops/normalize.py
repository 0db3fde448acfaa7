"""Normalizations: inputs with mean 0 and variance 1 over some axes, then a scale and a shift.

All of them compute, over their own axes,

    x_hat = (x - mean) / sqrt(var + eps)        var: divided by n, not by n - 1
    y     = x_hat * weight + bias

and with h = g * weight the gradient of x is

    (h - mean(h) - x_hat * mean(h * x_hat)) / sqrt(var + eps)

since x moves the mean and the variance too. Kept for backward: x_hat, and one number for each
group of elements.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad.graph import describe, is_tensor, op

__all__ = [
    "group_norm", "layer_norm", "rms_norm",
]  # fmt: skip


def moments(x, axes):
    """Mean and variance (divided by n) over `axes`, which are kept with size 1."""
    n = math.prod([x.shape[i] for i in axes])
    mean = x.sum(axis=axes, keepdims=True) / n
    centred = x - mean
    return mean, (centred * centred).sum(axis=axes, keepdims=True) / n


def _standardized(x, axes, eps):
    """x_hat and 1 / sqrt(var + eps)."""
    n = math.prod([x.shape[i] for i in axes])
    centred = x - x.sum(axis=axes, keepdims=True) / n
    var = (centred * centred).sum(axis=axes, keepdims=True) / n
    scale = 1 / np.sqrt(var + eps)
    return centred * scale, scale


def _through_statistics(h, x_hat, scale, axes):
    """The gradient of x, of h with respect to x_hat."""
    n = math.prod([h.shape[i] for i in axes])
    mean = h.sum(axis=axes, keepdims=True) / n
    slope = (h * x_hat).sum(axis=axes, keepdims=True) / n
    return (h - mean - x_hat * slope) * scale


def _affine(x_hat, weight, bias):
    y = x_hat if weight is None else x_hat * weight
    return y if bias is None else y + bias


def check_shapes(name, shape, **parameters):
    for what, p in parameters.items():
        if p is not None and tuple(p.shape) != tuple(shape):
            raise RuntimeError(f"{name}: expected {what} of shape {list(shape)}, got {describe(p)}")


def _trailing(name, x, normalized_shape):
    """normalized_shape as a tuple, the axes that it names and those before them."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"{name}: normalized_shape={list(shape)} must be the last axes of the input, got "
            f"{describe(x)}"
        )
    lead = x.ndim - len(shape)
    return shape, tuple(range(lead, x.ndim)), tuple(range(lead))


@op
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 over the last axes of each sample, then * weight + bias.

    normalized_shape: the sizes of these axes, and the shape of weight and bias. Ba, Kiros and
    Hinton, "Layer normalization", 2016.
    """
    shape, axes, lead = _trailing("layer_norm", x, normalized_shape)
    check_shapes("layer_norm", shape, weight=weight, bias=bias)
    x_hat, scale = _standardized(x, axes, eps)

    def grad_x(g):
        return _through_statistics(g if weight is None else g * weight, x_hat, scale, axes)

    y = _affine(x_hat, weight, bias)
    return y, (
        grad_x,
        None,
        lambda g: (g * x_hat).sum(axis=lead),
        lambda g: g.sum(axis=lead),
    )


@op
def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean(x**2) + eps) over the last axes, then * weight; eps: by default the dtype's.

    Gradient with h = g * weight: (h - x_hat * mean(h * x_hat)) / sqrt(mean(x**2) + eps). Zhang and
    Sennrich, "Root mean square layer normalization", 2019.
    """
    shape, axes, lead = _trailing("rms_norm", x, normalized_shape)
    check_shapes("rms_norm", shape, weight=weight)
    if eps is None:
        eps = float(np.finfo(x.dtype).eps)
    n = math.prod(shape)
    scale = 1 / np.sqrt((x * x).sum(axis=axes, keepdims=True) / n + eps)
    x_hat = x * scale

    def grad_x(g):
        h = g if weight is None else g * weight
        return (h - x_hat * ((h * x_hat).sum(axis=axes, keepdims=True) / n)) * scale

    return _affine(x_hat, weight, None), (grad_x, None, lambda g: (g * x_hat).sum(axis=lead))


@op
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 over each group of channels of each sample, then * weight + bias.

    x: (N, C, d1, ...), weight and bias: (C). One group is a layer norm over all but the batch, C
    groups are an instance norm. Wu and He, "Group normalization", 2018.
    """
    if x.ndim < 2:
        raise RuntimeError(f"group_norm: expected an input (N, C, ...), got {describe(x)}")
    n, c, *rest = x.shape
    if num_groups <= 0 or c % num_groups:
        raise RuntimeError(
            f"group_norm: the {c} channels cannot be divided into {num_groups} groups"
        )
    check_shapes("group_norm", (c,), weight=weight, bias=bias)
    shape = x.shape
    groups = (n, num_groups, c // num_groups, *rest)
    inside = tuple(range(2, len(groups)))
    column = (c, *(1,) * len(rest))
    others = (0, *range(2, x.ndim))
    x_hat, scale = _standardized(np.reshape(x, groups), inside, eps)
    channels = np.reshape(x_hat, shape)
    w = None if weight is None else np.reshape(weight, column)
    b = None if bias is None else np.reshape(bias, column)

    def grad_x(g):
        h = np.reshape(g if w is None else g * w, groups)
        return np.reshape(_through_statistics(h, x_hat, scale, inside), shape)

    return _affine(channels, w, b), (
        grad_x,
        None,
        lambda g: (g * channels).sum(axis=others),
        lambda g: g.sum(axis=others),
    )


@op
def batch_norm(x, weight, bias, mean, var, eps=1e-5, own=True):
    """Mean 0 and variance 1 of each channel over the batch, then * weight + bias.

    x: (N, C, d1, ...); weight, bias: (C) or None. mean, var: (1, C, 1, ...), what to normalize by;
    `own` says that they are x's own statistics (so given because the caller needed them too, and
    None lets the op find them), and then they move with x. Ioffe and Szegedy, "Batch
    normalization", 2015, algorithm 1.
    """
    axes = (0, *range(2, x.ndim))
    column = (1, x.shape[1], *(1,) * (x.ndim - 2))
    if own and (mean is None or is_tensor(x)):
        mean, var = moments(x, axes)
    scale = 1 / np.sqrt(var + eps)
    x_hat = (x - mean) * scale
    w = None if weight is None else np.reshape(weight, column)
    b = None if bias is None else np.reshape(bias, column)

    def grad_x(g):
        h = g if w is None else g * w
        return _through_statistics(h, x_hat, scale, axes) if own else h * scale

    return _affine(x_hat, w, b), (
        grad_x,
        lambda g: (g * x_hat).sum(axis=axes),
        lambda g: g.sum(axis=axes),
    )
