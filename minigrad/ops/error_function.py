"""The error function, its complement and its inverse, elementwise.

NumPy has none of these.
"""

from __future__ import annotations

import functools
import math

import numpy as np

import kernels
from kernels.reference.elementary import erf_double, in_double, polynomial
from kernels.reference.elementary import erfc as _erfc
from minigrad.graph import is_tensor, op

__all__ = ["erf", "erfc", "erfinv"]

floating = functools.partial(op, elementwise=True, floating=True)


@floating
def erf(x):
    """2 / sqrt(pi) * the integral of exp(-t**2) from 0 to x.

    Gradient: g * 2 / sqrt(pi) * exp(-x**2).
    """
    y = erf(x) if is_tensor(x) else kernels.erf(x)
    return y, lambda g: g * (2 / math.sqrt(math.pi) * np.exp(-(x * x)))


@floating
def erfc(x):
    """1 - erf(x), accurate where erf is close to 1. Gradient: -g * 2 / sqrt(pi) * exp(-x**2)."""
    y = erfc(x) if is_tensor(x) else _erfc(x)
    return y, lambda g: g * (-2 / math.sqrt(math.pi) * np.exp(-(x * x)))


@floating
def erfinv(x):
    """The y with erf(y) = x; infinite at -1 and 1, NaN beyond.

    Gradient: g * sqrt(pi) / 2 * exp(y**2).
    """
    y = erfinv(x) if is_tensor(x) else _erfinv(x)
    return y, lambda g: g * (math.sqrt(math.pi) / 2 * np.exp(y * y))


@in_double
def _erfinv(x):
    """A start good to 3e-7, made exact by two steps of Halley's method.

    The start: M. Giles, "Approximating the erfinv function", GPU Computing Gems Jade (2012).
    """
    inner = (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
             -0.00125372503, -0.00417768164, 0.246640727, 1.50140941)  # fmt: skip
    outer = (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
             -0.0076224613, 0.00943887047, 1.00167406, 2.83297682)  # fmt: skip
    inside = np.abs(x) < 1
    a = np.where(inside, np.abs(x), 0)
    w = -np.log1p(-a * a)
    y = a * np.where(w < 5, polynomial(inner, w - 2.5), polynomial(outer, np.sqrt(w) - 3))
    for _ in range(2):
        # 1 - a is exact for a >= 1/2, and erfc is accurate where erf is close to 1.
        error = np.where(a < 0.5, erf_double(y) - a, (1 - a) - _erfc(y))
        step = error / (2 / math.sqrt(math.pi) * np.exp(-y * y))
        y = y - step / (1 + y * step)
    edge = np.where(np.abs(x) == 1, math.inf, math.nan)
    return np.copysign(np.where(inside, y, edge), x)
