"""Exponentials and logarithms, elementwise, and what is made of them."""

from __future__ import annotations

import functools
import math

import numpy as np

import kernels
from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.arithmetic import as_arrays
from minigrad.ops.fused import pull

__all__ = [
    "exp",
    "exp2",
    "expit",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logit",
    "sigmoid",
    "xlog1py",
    "xlogy",
]  # fmt: skip

floating = functools.partial(op, elementwise=True, floating=True)


@floating
def exp(x):
    """e**x. Gradient: g * e**x."""
    y = np.exp(x)
    return y, lambda g: g * y


@floating
def exp2(x):
    """2**x. Gradient: g * log(2) * 2**x."""
    y = np.exp2(x)
    return y, lambda g: g * y * math.log(2)


@floating
def expm1(x):
    """e**x - 1, exact for small x too. Gradient: g * (y + 1)."""
    y = np.expm1(x)
    return y, lambda g: g * (y + 1)


@floating
def log(x):
    """The natural logarithm; -inf at 0, NaN below. Gradient: g / x."""
    return np.log(x), lambda g: g / x


@floating
def log2(x):
    """The logarithm to base 2. Gradient: g / (x * log(2))."""
    return np.log2(x), lambda g: g / (x * math.log(2))


@floating
def log10(x):
    """The logarithm to base 10. Gradient: g / (x * log(10))."""
    return np.log10(x), lambda g: g / (x * math.log(10))


@floating
def log1p(x):
    """log(1 + x), exact for small x too. Gradient: g / (1 + x)."""
    return np.log1p(x), lambda g: g / (1 + x)


@floating
def logaddexp(x, y):
    """log(e**x + e**y), without overflow. Gradients: g * sigmoid(x - y), g * sigmoid(y - x)."""
    return np.logaddexp(x, y), (
        lambda g: g / (1 + np.exp(y - x)),
        lambda g: g / (1 + np.exp(x - y)),
    )


@floating
def logaddexp2(x, y):
    """log2(2**x + 2**y), without overflow.

    Gradients: g / (1 + 2**(y - x)), g / (1 + 2**(x - y)).
    """
    return np.logaddexp2(x, y), (
        lambda g: g / (1 + np.exp2(y - x)),
        lambda g: g / (1 + np.exp2(x - y)),
    )


@floating
def xlogy(x, y):
    """x * log(y), and 0 where x is 0 (unless y is NaN). Gradients: g * log(y), g * x / y.

    Where x is 0 and y <= 0 the gradient of x is 0.
    """
    x, y = as_arrays(x, y)
    if is_tensor(x) or is_tensor(y):
        z = xlogy(x, y)
    else:
        z = np.where((x == 0) & ~np.isnan(y), 0, x * np.log(y))
    return z, (
        lambda g: xlogy(g, np.where((x == 0) & (y <= 0), 1, y)),
        lambda g: g * x / y,
    )


@floating
def xlog1py(x, y):
    """x * log(1 + y), and 0 where x is 0 (unless y is NaN).

    Gradients: g * log1p(y), g * x / (1 + y). Where x is 0 and y <= -1 the gradient of x is 0.
    """
    x, y = as_arrays(x, y)
    if is_tensor(x) or is_tensor(y):
        z = xlog1py(x, y)
    else:
        z = np.where((x == 0) & ~np.isnan(y), 0, x * np.log1p(y))
    return z, (
        lambda g: xlog1py(g, np.where((x == 0) & (y <= -1), 0, y)),
        lambda g: g * x / (1 + y),
    )


@floating
def sigmoid(x):
    """1 / (1 + e**-x), the logistic function. Gradient: g * y * (1 - y).

    This form keeps its relative accuracy for very negative x; (1 + tanh(x / 2)) / 2, which needs
    no division, would lose it.
    """
    y = sigmoid(x) if is_tensor(x) else kernels.sigmoid(x)
    return y, lambda g: pull(kernels.sigmoid_backward, g, y)


@floating
def logit(x, eps=None):
    """log(x / (1 - x)), the inverse of sigmoid. Gradient: g / (x * (1 - x)).

    eps: x is clamped to [eps, 1 - eps] first, and the gradient outside is 0. Without it the value
    and the gradient outside of [0, 1] are NaN.
    """
    if is_tensor(x):
        y = logit(x, eps)
    else:
        p = x if eps is None else np.clip(x, eps, 1 - eps)
        y = np.log(p / (1 - p))
    low, outside = (0, math.nan) if eps is None else (eps, 0)

    def pullback(g):
        inside = (x >= low) & (x <= 1 - low)
        safe = np.where(inside, x, 0.5)
        return np.where(inside, g / (safe * (1 - safe)), outside)

    return y, pullback


expit = sigmoid

NUMPY.update(
    {
        np.exp: exp,
        np.exp2: exp2,
        np.expm1: expm1,
        np.log: log,
        np.log2: log2,
        np.log10: log10,
        np.log1p: log1p,
        np.logaddexp: logaddexp,
        np.logaddexp2: logaddexp2,
    }
)
