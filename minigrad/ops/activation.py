"""Activation functions, elementwise.

Those that PyTorch can compute in place (relu, leaky_relu, elu, ...) take their gradient from
their result y where that is enough, so that the input need not be kept for backward.
"""

from __future__ import annotations

import functools
import math

import numpy as np

import kernels
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.arithmetic import elementwise
from minigrad.ops.bounds import masked
from minigrad.ops.error_function import erf
from minigrad.ops.exponential import sigmoid
from minigrad.ops.fused import pull

__all__ = [
    "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "logsigmoid", "mish", "prelu", "relu", "relu6", "selu", "silu", "softplus",
    "softshrink", "softsign", "swish", "tanhshrink", "threshold",
]  # fmt: skip

floating = functools.partial(op, elementwise=True, floating=True)


# ---------------------------------------------------------------------------- piecewise linear


@elementwise
def relu(x):
    """max(x, 0). Gradient: g where x > 0, else 0 (at 0 too)."""
    y = relu(x) if is_tensor(x) else kernels.relu(x)
    return y, lambda g: masked(g, y != 0) if is_tensor(g) else kernels.relu_backward(g, y)


@op
def hardtanh(x, min_val=-1.0, max_val=1.0):
    """x, clamped to [min_val, max_val]. Gradient: g strictly inside, 0 at the bounds and beyond."""
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is greater than max_val {max_val}")
    if is_tensor(x):
        y = hardtanh(x, min_val, max_val)
    else:
        y = np.minimum(np.maximum(x, _like(x, min_val)), _like(x, max_val))
    return y, lambda g: masked(g, (y > min_val) & (y < max_val))


def _like(x, number):
    """A bound in the dtype of integers, which are then clamped as such."""
    return number if x.dtype.kind == "f" else int(number)


def relu6(input):
    """x, clamped to [0, 6]. Gradient: g strictly inside, else 0. Krizhevsky (2010)."""
    return hardtanh(input, 0.0, 6.0)


@floating
def leaky_relu(x, negative_slope=0.01):
    """x where x > 0, else negative_slope * x. Gradient: g where x > 0, else negative_slope * g."""
    y = leaky_relu(x, negative_slope) if is_tensor(x) else kernels.leaky_relu(x, negative_slope)
    sign = y if negative_slope >= 0 else x  # a negative slope hides the sign of x
    return y, lambda g: pull(kernels.leaky_relu_backward, g, sign, negative_slope)


@op
def prelu(x, weight):
    """x where x > 0, else weight * x. weight: one number, or one for each channel (dim 1 of x).

    Gradients: g where x > 0, else weight * g; x * g where x <= 0, summed. He et al. (2015),
    https://arxiv.org/abs/1502.01852.
    """
    ndim, shape = len(x.shape), weight.shape
    n = math.prod(shape)
    channels = x.shape[1] if ndim > 1 else 1
    if len(shape) > 1 or n not in (1, channels):
        raise RuntimeError(
            f"prelu: weight must be one number or one for each of the {channels} channels (dim 1) "
            f"of {describe(x)}, got {describe(weight)}"
        )
    one = n == 1
    slope = np.reshape(weight, () if one else (n,) + (1,) * (ndim - 2))
    axes = None if one else (0, *range(2, ndim))

    def to_x(g):
        return np.where(x > 0, g, slope * g)

    def to_weight(g):
        return np.reshape(np.sum(np.where(x > 0, 0, x * g), axis=axes), shape)

    return np.where(x > 0, x, slope * x), (to_x, to_weight)


@floating
def hardsigmoid(x):
    """x / 6 + 1/2, clamped to [0, 1]. Gradient: g / 6 strictly inside, else 0."""
    y = hardsigmoid(x) if is_tensor(x) else np.minimum(np.maximum(x + 3, 0), 6) / 6
    return y, lambda g: masked(g / 6, (y > 0) & (y < 1))


@floating
def hardswish(x):
    """x * hardsigmoid(x). Gradient: 0 up to -3, g * (x / 3 + 1/2) up to 3, then g.

    Howard et al., "Searching for MobileNetV3" (2019), https://arxiv.org/abs/1905.02244.
    """
    y = hardswish(x) if is_tensor(x) else x * np.minimum(np.maximum(x + 3, 0), 6) / 6
    return y, lambda g: np.where(x <= -3, 0, np.where(x < 3, g * (x / 3 + 0.5), g))


@floating
def hardshrink(x, lambd=0.5):
    """x where |x| > lambd, else 0. Gradient: g there, else 0."""
    inside = (x >= -lambd) & (x <= lambd)  # false for NaN, which stays
    return np.where(inside, 0, x), lambda g: masked(g, np.abs(x) > lambd)


@floating
def softshrink(x, lambd=0.5):
    """x moved towards 0 by lambd, 0 where |x| <= lambd. Gradient: g where |x| > lambd, else 0."""
    if lambd < 0:
        raise RuntimeError(f"softshrink: lambd must be at least 0, got {lambd}")
    inside = (x >= -lambd) & (x <= lambd)  # false for NaN, which stays
    y = np.where(inside, 0, x - np.sign(x) * lambd)
    return y, lambda g: masked(g, np.abs(x) > lambd)


@op
def threshold(x, threshold, value):
    """x where x > threshold, else value. Gradient: g where x > threshold, else 0."""
    below = x <= threshold
    return np.where(below, _like(x, value), x), lambda g: masked(g, ~below)


# ---------------------------------------------------------------------------- exponential


@floating
def elu(x, alpha=1.0):
    """x where x > 0, else alpha * (e**x - 1). Gradient: g where x > 0, else g * (y + alpha).

    Clevert et al. (2015), https://arxiv.org/abs/1511.07289.
    """
    y = elu(x, alpha) if is_tensor(x) else kernels.elu(x, alpha, 1.0, 1.0)
    return y, _elu_pullback(x, y, alpha, 1.0, 1.0)


@floating
def celu(x, alpha=1.0):
    """x where x > 0, else alpha * (e**(x / alpha) - 1).

    Gradient: g where x > 0, else g * (y / alpha + 1). Barron (2017),
    https://arxiv.org/abs/1704.07483.
    """
    if alpha == 0:
        raise RuntimeError("celu: alpha must not be 0 (x is divided by it)")
    y = celu(x, alpha) if is_tensor(x) else kernels.elu(x, alpha, 1.0, alpha)
    return y, _elu_pullback(x, y, alpha, 1.0, alpha)


# The fixed point of mean 0 and variance 1; equation 14 of the paper.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


@floating
def selu(x):
    """scale * elu(x, alpha), which keeps mean 0 and variance 1 through deep networks.

    Gradient: scale * g where x > 0, else g * (y + scale * alpha), with scale = 1.0507... and
    alpha = 1.6733... of Klambauer et al. (2017), https://arxiv.org/abs/1706.02515.
    """
    y = selu(x) if is_tensor(x) else kernels.elu(x, _SELU_ALPHA, _SELU_SCALE, 1.0)
    return y, _elu_pullback(x, y, _SELU_ALPHA, _SELU_SCALE, 1.0)


def _elu_pullback(x, y, alpha, scale, width):
    """From y alone, if it shows the sign of x."""
    if alpha >= 0:
        return lambda g: pull(kernels.elu_backward, g, y, alpha, scale, width)
    return lambda g: np.where(x > 0, scale * g, g * ((y + scale * alpha) / width))


@floating(definition=lambda x: x * sigmoid(x))
def silu(x):
    """x * sigmoid(x), also called swish. Gradient: g * s * (1 + x * (1 - s)), s = sigmoid(x).

    Elfwing et al. (2017), https://arxiv.org/abs/1702.03118.
    """
    return kernels.silu(x), lambda g: kernels.silu_backward(g, x)


def _plain_softplus(x, beta=1.0, threshold=20.0):
    return np.where(beta * x > threshold, x, logsigmoid(-beta * x) / -beta)


@floating(definition=_plain_softplus)
def softplus(x, beta=1.0, threshold=20.0):
    """log(1 + e**(beta * x)) / beta; where beta * x > threshold, x itself.

    Gradient: g * sigmoid(beta * x); g above the threshold.
    """
    y = kernels.softplus(x, beta, threshold)
    return y, lambda g: kernels.softplus_backward(g, x, beta, threshold)


@floating
def logsigmoid(x):
    """log(sigmoid(x)) = -log(1 + e**-x). Gradient: g * sigmoid(-x)."""
    # Exact at both ends: of -x and 0 the larger one is taken out of the logarithm.
    y = logsigmoid(x) if is_tensor(x) else np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))
    return y, lambda g: g * sigmoid(-x)


@floating(definition=lambda x: x * np.tanh(softplus(x)))
def mish(x):
    """x * t with t = tanh(softplus(x)). Gradient: g * (t + x * sigmoid(x) * (1 - t**2)).

    Misra (2019), https://arxiv.org/abs/1908.08681.
    """
    return kernels.mish(x), lambda g: kernels.mish_backward(g, x)


def _plain_gelu(x, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * x * (1 + 0.044715 * (x * x))))
    return 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


@floating(definition=_plain_gelu)
def gelu(x, approximate="none"):
    """x * P(Z <= x) for a standard normal Z: x * (1 + erf(x / sqrt(2))) / 2.

    With approximate="tanh": x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2.
    Gradient: g * (P + x * dP/dx). Hendrycks and Gimpel (2016), https://arxiv.org/abs/1606.08415.
    """
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return kernels.gelu(x, approximate), lambda g: kernels.gelu_backward(g, x, approximate)


# ---------------------------------------------------------------------------- the others


@floating
def softsign(x):
    """x / (1 + |x|). Gradient: g / (1 + |x|)**2."""
    below = 1 + np.abs(x)
    return x / below, lambda g: g / (below * below)


@floating
def tanhshrink(x):
    """x - tanh(x). Gradient: g * tanh(x)**2."""
    t = np.tanh(x)
    return x - t, lambda g: g * (t * t)


@op
def glu(x, dim=-1):
    """a * sigmoid(b), where a and b are the halves of x along `dim`.

    Gradients: g * s to a, g * a * s * (1 - s) to b, with s = sigmoid(b). Dauphin et al. (2016),
    https://arxiv.org/abs/1612.08083.
    """
    ndim = len(x.shape)
    if ndim == 0 or not -ndim <= dim < ndim:
        raise IndexError(f"glu: dim {dim} is out of range for {describe(x)}")
    if x.shape[dim] % 2:
        raise RuntimeError(f"glu: the size along dim {dim} must be even, got {describe(x)}")
    dim, half = dim % ndim, x.shape[dim] // 2
    a = x[(slice(None),) * dim + (slice(half),)]
    s = sigmoid(x[(slice(None),) * dim + (slice(half, None),)])
    return a * s, lambda g: np.concatenate([g * s, g * a * (s * (1 - s))], axis=dim)


swish = silu
