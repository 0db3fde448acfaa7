"""Normalizations: inputs with mean 0 and variance 1 over some axes, then a scale and a shift.

All of them compute, over their own axes,

    x_hat = (x - mean) / sqrt(var + eps)        var: divided by n, not by n - 1
    y     = x_hat * weight + bias

in a kernel, of rows (R, D) or of channels (N, C, S). The gradients and their formulas are in
`kernels/reference/normalize.py`. Kept for backward: x, and one or two numbers for each group of
elements. The result has the dtype of x, whatever that of the weight.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels
from minigrad.graph import describe, op

__all__ = [
    "group_norm", "layer_norm", "rms_norm",
]  # fmt: skip


def check_shapes(name, shape, **parameters):
    for what, p in parameters.items():
        if p is not None and tuple(p.shape) != tuple(shape):
            raise RuntimeError(f"{name}: expected {what} of shape {list(shape)}, got {describe(p)}")


def _trailing(name, x, normalized_shape):
    """normalized_shape as a tuple; raises unless these are the last axes of x."""
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or tuple(x.shape[-len(shape) :]) != shape:
        raise RuntimeError(
            f"{name}: normalized_shape={list(shape)} must be the last axes of the input, got "
            f"{describe(x)}"
        )
    return shape


def _default(eps, x) -> float:
    return float(np.finfo(x.dtype).eps) if eps is None else eps


def _like(x, p, shape) -> Any:
    """A weight or a bias in another shape, and in the dtype of x."""
    if p is None:
        return None
    p = p if p.shape == shape else np.reshape(p, shape)
    return p.astype(x.dtype) if p.dtype != x.dtype and p.dtype.kind == "f" else p


# ---------------------------------------------------------------------------- of plain ops


def _standardized(x, axes, eps):
    return (x - x.mean(axes, True)) / np.sqrt(x.var(axes, False, True) + eps)


def _affine(x_hat, weight, bias, shape):
    """x_hat * weight + bias, these two in a shape that broadcasts."""
    weight, bias = _like(x_hat, weight, shape), _like(x_hat, bias, shape)
    if weight is not None:
        x_hat = x_hat * weight
    return x_hat if bias is None else x_hat + bias


def _column(x):
    """The shape of numbers for each channel, as they stand beside x (N, C, d1, ...)."""
    return (x.shape[1], *(1,) * (len(x.shape) - 2))


def _layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    shape = _trailing("layer_norm", x, normalized_shape)
    x_hat = _standardized(x, tuple(range(-len(shape), 0)), eps)
    return _affine(x_hat, weight, bias, shape)


def _rms_norm(x, normalized_shape, weight=None, eps=None):
    shape = _trailing("rms_norm", x, normalized_shape)
    squares = (x * x).mean(tuple(range(-len(shape), 0)), True)
    return _affine(x / np.sqrt(squares + _default(eps, x)), weight, None, shape)


def _group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    n, c, *rest = x.shape
    groups = np.reshape(x, (n, num_groups, c // num_groups, *rest))
    x_hat = _standardized(groups, tuple(range(2, len(groups.shape))), eps)
    return _affine(np.reshape(x_hat, x.shape), weight, bias, _column(x))


def _batch_norm(x, weight, bias, mean, var, eps=1e-5, tell=None):
    if mean is None:
        x_hat = _standardized(x, (0, *range(2, len(x.shape))), eps)
    else:
        mean, var = _like(x, mean, _column(x)), _like(x, var, _column(x))
        x_hat = (x - mean) / np.sqrt(var + eps)
    return _affine(x_hat, weight, bias, _column(x))


# ---------------------------------------------------------------------------- of rows


def _rows(x, shape):
    d = math.prod(shape)
    return x.reshape(math.prod(x.shape[: x.ndim - len(shape)]), d)


@op(definition=_layer_norm)
def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 over the last axes of each sample, then * weight + bias.

    normalized_shape: the sizes of these axes, and the shape of weight and bias. Ba, Kiros and
    Hinton, "Layer normalization", 2016.
    """
    shape, outer = _trailing("layer_norm", x, normalized_shape), x.shape
    check_shapes("layer_norm", shape, weight=weight, bias=bias)
    x = _rows(x, shape)
    weight, bias = _like(x, weight, x.shape[1:]), _like(x, bias, x.shape[1:])
    y, mean, rstd = kernels.layer_norm(x, weight, bias, eps)

    def pullback(g):
        g = g.reshape(x.shape)
        gx, gw, gb = kernels.layer_norm_backward(g, x, weight, mean, rstd)
        return gx.reshape(outer), None, gw.reshape(shape), gb.reshape(shape)

    return y.reshape(outer), pullback


@op(definition=_rms_norm)
def rms_norm(x, normalized_shape, weight=None, eps=None):
    """x / sqrt(mean(x**2) + eps) over the last axes, then * weight; eps: by default the dtype's.

    Zhang and Sennrich, "Root mean square layer normalization", 2019.
    """
    shape, outer = _trailing("rms_norm", x, normalized_shape), x.shape
    check_shapes("rms_norm", shape, weight=weight)
    x = _rows(x, shape)
    weight = _like(x, weight, x.shape[1:])
    y, rstd = kernels.rms_norm(x, weight, _default(eps, x))

    def pullback(g):
        gx, gw = kernels.rms_norm_backward(g.reshape(x.shape), x, weight, rstd)
        return gx.reshape(outer), None, gw.reshape(shape)

    return y.reshape(outer), pullback


# ---------------------------------------------------------------------------- of channels


def _channels(x):
    """(N, C, d1, ...) as (N, C, d1 * ...)."""
    return x.reshape(*x.shape[:2], math.prod(x.shape[2:]))


@op(definition=_group_norm)
def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    """Mean 0 and variance 1 over each group of channels of each sample, then * weight + bias.

    x: (N, C, d1, ...), weight and bias: (C). One group is a layer norm over all but the batch, C
    groups are an instance norm. Wu and He, "Group normalization", 2018.
    """
    if x.ndim < 2:
        raise RuntimeError(f"group_norm: expected an input (N, C, ...), got {describe(x)}")
    outer, c = x.shape, x.shape[1]
    if num_groups <= 0 or c % num_groups:
        raise RuntimeError(
            f"group_norm: the {c} channels cannot be divided into {num_groups} groups"
        )
    check_shapes("group_norm", (c,), weight=weight, bias=bias)
    x = _channels(x)
    weight, bias = _like(x, weight, (c,)), _like(x, bias, (c,))
    y, mean, rstd = kernels.group_norm(x, num_groups, weight, bias, eps)

    def pullback(g):
        gx, gw, gb = kernels.group_norm_backward(g.reshape(x.shape), x, weight, mean, rstd)
        return gx.reshape(outer), None, gw, gb

    return y.reshape(outer), pullback


@op(definition=_batch_norm)
def batch_norm(x, weight, bias, mean, var, eps=1e-5, tell=None):
    """Mean 0 and variance 1 of each channel over the batch, then * weight + bias.

    x: (N, C, d1, ...); weight, bias: (C) or None. mean, var: (C), what to normalize by; or None,
    for x's own, which move with x, and which `tell(mean, var)` is then called with. Ioffe and
    Szegedy, "Batch normalization", 2015, algorithm 1.
    """
    outer, c = x.shape, x.shape[1]
    x = _channels(x)
    weight, bias = _like(x, weight, (c,)), _like(x, bias, (c,))
    if mean is None:
        y, mean, var = kernels.batch_norm(x, weight, bias, eps)
        backward = kernels.batch_norm_backward
        if tell is not None:
            tell(mean, var)
    else:
        mean, var = _like(x, mean, (c,)), _like(x, var, (c,))
        y = kernels.batch_norm_by(x, weight, bias, mean, var, eps)
        backward = kernels.batch_norm_by_backward

    def pullback(g):
        gx, gw, gb = backward(g.reshape(x.shape), x, weight, mean, var, eps)
        return gx.reshape(outer), gw, gb

    return y.reshape(outer), pullback
