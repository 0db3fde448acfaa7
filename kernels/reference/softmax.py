"""softmax and log_softmax over the last axis, and their gradients.

    softmax(x)_i     = exp(x_i) / sum_k exp(x_k)
    log_softmax(x)_i = x_i - log sum_k exp(x_k)

of (..., n) to (..., n). exp(1000) is infinite in every float type, but neither changes when the
same number is taken from all x_i: with the largest one taken, every exponent is at most 0 and one
of them is 0. A row that is -inf throughout, or has +inf or NaN in it, gives NaN.

About 5 FLOPs and an exponential an element, one read and one write: what counts is memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def softmax(x: Any) -> Any:
    """exp(x) / sum(exp(x)) over the last axis of x."""
    e = np.exp(x - largest(x))
    return e / total(e)


def softmax_backward(g: Any, y: Any) -> Any:
    """y * (g - sum(g * y)), the gradient of x, of g and the result y."""
    gy = g * y
    return gy - y * total(gy)


def log_softmax(x: Any) -> Any:
    """x - log(sum(exp(x))) over the last axis of x: exact where softmax would round to 0."""
    z = x - largest(x)
    return z - np.log(total(np.exp(z)))


def log_softmax_backward(g: Any, y: Any) -> Any:
    """g - exp(y) * sum(g), the gradient of x, of g and the result y."""
    return g - np.exp(y) * total(g)


def largest(x: Any) -> Any:
    """The largest element of each row, whose axis is kept; 0 where there is none."""
    if 0 in x.shape:
        return np.zeros_like(x, shape=(*x.shape[:-1], 1))
    return x.max(axis=-1, keepdims=True)


def total(x: Any) -> Any:
    """The sum of each row, whose axis is kept; halves are added up in float32."""
    half = x.dtype == np.float16
    y = x.sum(axis=-1, keepdims=True, dtype=np.float32 if half else None)
    return y.astype(x.dtype) if half else y
