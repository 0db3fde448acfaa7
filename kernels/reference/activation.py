"""Activation functions and their gradients, elementwise.

    y = f(x, ...)                 x, y: one shape, any
    dx = f_backward(g, x, ...)    g: the gradient with respect to y

Where y tells as much as x does (relu, tanh, ...) the gradient is made from y, so that x need not be
kept. In NumPy each operation is a pass over memory, which is what takes the time; a fused kernel
reads each argument once and writes its result once: 8 bytes for an element of float32 forward, 12
backward, and between 1 and 40 operations.

What makes a gradient from y is written in NumPy's functions and operators alone: so it works on
Tensors too, which record it, and that is how second derivatives come about.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kernels.reference.elementary import erf, sigmoid

# ---------------------------------------------------------------------------- piecewise linear


def relu(x: Any) -> Any:
    """max(x, 0); NaN stays."""
    return np.maximum(x, 0)


def relu_backward(g: Any, y: Any) -> Any:
    """g where y is not 0 (or NaN), else 0.

    That is np.where(y != 0, g, 0), up to ten times as fast: a product of g's bits, read as
    integers. (The product of the numbers would make NaN of infinity times 0.)
    """
    return (g.view(f"i{g.dtype.itemsize}") * (y != 0)).view(g.dtype)


def leaky_relu(x: Any, negative_slope: float) -> Any:
    """x where x > 0, else negative_slope * x."""
    if 0 < negative_slope <= 1:  # then the larger of two numbers: no branch for each element
        return np.maximum(x, negative_slope * x)
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_backward(g: Any, x: Any, negative_slope: float) -> Any:
    """g where x > 0, else negative_slope * g. With a positive slope y has x's sign, and serves."""
    if 0 <= negative_slope <= 1:
        return g * np.maximum((x > 0).astype(x.dtype), negative_slope)
    return np.where(x > 0, g, negative_slope * g)


# ---------------------------------------------------------------------------- exponential


def tanh(x: Any) -> Any:
    """sinh(x) / cosh(x)."""
    return np.tanh(x)


def tanh_backward(g: Any, y: Any) -> Any:
    """g * (1 - y**2)."""
    return g * (1 - y * y)


def sigmoid_backward(g: Any, y: Any) -> Any:
    """g * y * (1 - y)."""
    return g * (y * (1 - y))


def elu(x: Any, alpha: float, scale: float, width: float) -> Any:
    """scale * x where x > 0, else scale * alpha * (e**(x / width) - 1).

    With scale and width 1 elu: Clevert et al. (2015), https://arxiv.org/abs/1511.07289.
    """
    return scale * (np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / width))


def elu_backward(g: Any, y: Any, alpha: float, scale: float, width: float) -> Any:
    """scale * g where y > 0, else g * (y + scale * alpha) / width: for alpha >= 0 alone."""
    return np.where(y > 0, scale * g, g * ((y + scale * alpha) / width))


def silu(x: Any) -> Any:
    """x * sigmoid(x). Elfwing et al. (2017), https://arxiv.org/abs/1702.03118."""
    return x * sigmoid(x)


def silu_backward(g: Any, x: Any) -> Any:
    """g * s * (1 + x * (1 - s)), s = sigmoid(x)."""
    s = sigmoid(x)
    return g * (s * (1 + x * (1 - s)))


def softplus(x: Any, beta: float, threshold: float) -> Any:
    """log(1 + e**(beta * x)) / beta; where beta * x > threshold, x itself."""
    z = beta * x
    # Exact at both ends: of z and 0 the larger one is taken out of the logarithm.
    y = (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta
    return np.where(z > threshold, x, y)


def softplus_backward(g: Any, x: Any, beta: float, threshold: float) -> Any:
    """g * sigmoid(beta * x); g above the threshold."""
    return np.where(beta * x > threshold, g, g * sigmoid(beta * x))


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)). Misra (2019), https://arxiv.org/abs/1908.08681."""
    return x * _tanh_softplus(x)[0]


def mish_backward(g: Any, x: Any) -> Any:
    """g * (t + x * dt/dx), t = tanh(softplus(x)), dt/dx = sigmoid(x) * (1 - t**2)."""
    t, slope = _tanh_softplus(x)
    return g * np.where(x > 20, 1, t + x * slope)


def _tanh_softplus(x: Any) -> tuple:
    """tanh(log(1 + e**x)) and its derivative, without a logarithm, and exact at both ends.

    tanh(log(u)) = (u**2 - 1) / (u**2 + 1) with u = 1 + e**x. From x = 20 on it is 1.
    """
    if x.dtype == np.float16:  # too small for e**20
        return tuple(v.astype(x.dtype) for v in _tanh_softplus(x.astype(np.float32)))
    e = np.exp(np.minimum(x, 20))
    n = e * (e + 2)  # u**2 - 1
    return n / (n + 2), 4 * e * (e + 1) / ((n + 2) * (n + 2))


# ---------------------------------------------------------------------------- gelu

CUBIC = 0.044715
TANH_SCALE = math.sqrt(2 / math.pi)
DENSITY = 1 / math.sqrt(2 * math.pi)


def gelu(x: Any, approximate: str = "none") -> Any:
    """x * P(Z <= x) for a standard normal Z: x * (1 + erf(x / sqrt(2))) / 2.

    With approximate="tanh": x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2. Hendrycks
    and Gimpel (2016), https://arxiv.org/abs/1606.08415.
    """
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(TANH_SCALE * x * (1 + CUBIC * (x * x))))
    return 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


def gelu_backward(g: Any, x: Any, approximate: str = "none") -> Any:
    """g * (P + x * dP/dx)."""
    square = x * x
    if approximate == "tanh":
        t = np.tanh(TANH_SCALE * x * (1 + CUBIC * square))
        slope = TANH_SCALE * (1 + 3 * CUBIC * square)
        return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope)
    p = 0.5 * (1 + erf(x * math.sqrt(0.5)))
    return g * (p + x * (DENSITY * np.exp(-0.5 * square)))
