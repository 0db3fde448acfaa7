"""The error function, which NumPy lacks, and sigmoid, on raw arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    """1 / (1 + e**-x). Keeps its relative accuracy for very negative x."""
    return 1 / (1 + np.exp(-x))


def polynomial(coefficients: Any, x: Any) -> Any:
    """c[0] * x**n + ... + c[n], by Horner's rule."""
    y = x * coefficients[0] + coefficients[1]
    for c in coefficients[2:]:
        y *= x
        y += c
    return y


def in_double(function: Callable) -> Callable:
    """`function`, computed in float64 whatever dtype comes in, and returned in that dtype."""

    def call(*args: Any) -> Any:
        x = args[-1]
        return function(*args[:-1], x.astype(np.float64)).astype(x.dtype)

    return call


# W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
# Computation 23 (1969), with the coefficients of his program CALERF. Three ranges of |x|:
# up to 15/32 erf(x) = x * R(x**2); up to 4 erfc(x) = exp(-x**2) * R(x); beyond, an expansion
# in 1 / x**2.

_SMALL = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3),
)  # fmt: skip
_LARGE = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip


def _ratio(coefficients: Any, x: Any) -> Any:
    above, below = coefficients
    return polynomial(above, x) / polynomial(below, x)


@in_double
def erfc(x: Any) -> Any:
    """1 - erf(x), accurate where erf is close to 1."""
    a = np.abs(x)
    # exp(-a**2), without the rounding error of a**2, which exp would make a large one: a**2 is
    # the square of a rounded to sixteenths, which is exact, and a small rest.
    head = np.floor(np.minimum(a, 30) * 16) / 16
    gauss = np.exp(-head * head) * np.exp(-(a - head) * (a + head))
    middle = gauss * _ratio(_MIDDLE, np.minimum(a, 4))
    b = np.clip(a, 4, 30)
    z = 1 / (b * b)
    large = gauss / b * (1 / math.sqrt(math.pi) - z * _ratio(_LARGE, z))
    tail = np.where(a <= 4, middle, np.where(a < 28, large, 0))  # 0 is exact in float64 from 27.3
    tail = np.where(x < 0, 2 - tail, tail)
    return np.where(a <= 15 / 32, 1 - _erf_small(x), np.where(np.isnan(x), x, tail))


def _erf_small(x: Any) -> Any:
    x = np.clip(x, -15 / 32, 15 / 32)
    return x * _ratio(_SMALL, x * x)


def erf(x: Any) -> Any:
    """2 / sqrt(pi) * the integral of exp(-t**2) from 0 to x."""
    if x.dtype == np.float32:
        return _erf_single(x)
    return erf_double(x)


@in_double
def erf_double(x: Any) -> Any:
    tail = np.copysign(1 - erfc(np.abs(x)), x)
    return np.where(np.abs(x) <= 15 / 32, _erf_small(x), tail)


def _erf_single(x: Any) -> Any:
    """One rational function for all x, to 4 units in the last place of float32: gelu needs speed.

    The coefficients are those of the Eigen library (generic_fast_erf_float).
    """
    x = np.minimum(np.maximum(x, -4), 4)
    s = x * x
    above = (-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06,
             -5.69250639462346e-05, -7.34990630326855e-04, -2.95459980854025e-03,
             -1.60960333262415e-02)  # fmt: skip
    below = (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03,
             -7.37332916720468e-03, -1.42647390514189e-02)  # fmt: skip
    y = x * polynomial(above, s) / polynomial(below, s)
    return np.minimum(np.maximum(y, -1), 1)
