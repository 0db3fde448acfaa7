"""Activation functions that are more than one operator of the same name."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import ops
from minigrad.onnx.table import translates


@translates("hardtanh")
def hardtanh(g: Any, x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return g.node("Clip", x, np.asarray(min_val, x.dtype), np.asarray(max_val, x.dtype))


@translates("leaky_relu")
def leaky_relu(g: Any, x: Any, negative_slope: float = 0.01) -> Any:
    return g.node("LeakyRelu", x, alpha=float(negative_slope))


@translates("elu")
def elu(g: Any, x: Any, alpha: float = 1.0) -> Any:
    return g.node("Elu", x, alpha=float(alpha))


@translates("celu")
def celu(g: Any, x: Any, alpha: float = 1.0) -> Any:
    """ONNX has it of float32 alone."""
    return ops.relu(x) + ops.minimum(alpha * (ops.exp(x / alpha) - 1), 0.0)


@translates("gelu")
def gelu(g: Any, x: Any, approximate: str = "none") -> Any:
    return g.node("Gelu", x, approximate=approximate)


@translates("silu")
def silu(g: Any, x: Any) -> Any:
    return x * ops.sigmoid(x)


@translates("hardsigmoid")
def hardsigmoid(g: Any, x: Any) -> Any:
    return g.node("HardSigmoid", x, alpha=1 / 6, beta=0.5)


@translates("softplus")
def softplus(g: Any, x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    scaled = x if beta == 1 else x * beta
    y = g.node("Div", g.node("Softplus", scaled), g.like(float(beta), x))
    return g.node("Where", g.node("Greater", scaled, g.like(float(threshold), x)), x, y)


@translates("logsigmoid")
def logsigmoid(g: Any, x: Any) -> Any:
    return g.node("Neg", g.node("Softplus", ops.neg(x)))


@translates("threshold")
def threshold(g: Any, x: Any, threshold: float, value: float) -> Any:
    return ops.where(x <= threshold, value, x)


@translates("prelu")
def prelu(g: Any, x: Any, weight: Any) -> Any:
    """One slope for all, or one for each channel (axis 1)."""
    if len(x.shape) > 2 and weight.shape:
        weight = ops.reshape(weight, (-1, *[1] * (len(x.shape) - 2)))
    return g.node("PRelu", x, weight)
