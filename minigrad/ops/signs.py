"""Signs and absolute values, elementwise."""

from __future__ import annotations

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op
from minigrad.ops.arithmetic import elementwise

__all__ = ["abs", "absolute", "copysign", "heaviside", "sgn", "sign", "signbit"]


@elementwise
def abs(x):
    """|x|. Gradient: g * sign(x), which is 0 at 0 (and at NaN)."""
    return np.abs(x), lambda g: g * _sign(x)


@elementwise
def sign(x):
    """-1, 0 or 1; 0 for NaN. Gradient: 0."""
    if x.dtype.kind == "b":
        return x, None
    return _sign(x) if x.dtype.kind == "f" else np.sign(x), np.zeros_like


def _sign(x):
    """np.sign, but for NaN, whose sign is NaN in NumPy and 0 in PyTorch."""
    return (x > 0).astype(x.dtype) - (x < 0)


@elementwise
def signbit(x):
    """True where the sign bit is set: x < 0, or -0.0, or a NaN with it."""
    return np.signbit(x) if x.dtype.kind == "f" else x < 0, None


@op(elementwise=True, floating=True)
def copysign(x, y):
    """|x| with the sign of y. Gradients: g * sign(x) * sign(y), which is 0 at x = 0; 0."""
    z = np.copysign(x, y)
    return z, (lambda g: g * np.sign(x) * np.copysign(1, z), np.zeros_like)


@elementwise
def heaviside(x, values):
    """The step: 0 for x < 0, `values` at x = 0, 1 for x > 0. Gradients: 0; g where x is 0."""
    y = np.where(x == 0, values, (x > 0).astype(x.dtype))
    return y, (np.zeros_like, lambda g: np.where(x == 0, g, 0))


absolute, sgn = abs, sign

NUMPY.update(
    {
        np.abs: abs,
        np.sign: sign,
        np.signbit: signbit,
        np.copysign: copysign,
        np.heaviside: heaviside,
    }
)
