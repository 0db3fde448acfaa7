"""The error function, its complement and its inverse, elementwise.

NumPy has none of these. `x` is a raw array in every function whose name starts with an underscore.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from minigrad.graph import is_tensor, op

__all__ = ["erf", "erfc", "erfinv"]

floating = functools.partial(op, elementwise=True, floating=True)


@floating
def erf(x):
    """2 / sqrt(pi) * the integral of exp(-t**2) from 0 to x.

    Gradient: g * 2 / sqrt(pi) * exp(-x**2).
    """
    y = erf(x) if is_tensor(x) else _erf(x)
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


def polynomial(coefficients, x):
    """c[0] * x**n + ... + c[n], by Horner's rule."""
    y = x * coefficients[0] + coefficients[1]
    for c in coefficients[2:]:
        y *= x
        y += c
    return y


def in_double(function):
    """`function`, computed in float64 whatever dtype comes in, and returned in that dtype."""

    def call(*args):
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


def _ratio(coefficients, x):
    above, below = coefficients
    return polynomial(above, x) / polynomial(below, x)


@in_double
def _erfc(x):
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


def _erf_small(x):
    x = np.clip(x, -15 / 32, 15 / 32)
    return x * _ratio(_SMALL, x * x)


def _erf(x):
    if x.dtype == np.float32:
        return _erf_single(x)
    return _erf_double(x)


@in_double
def _erf_double(x):
    tail = np.copysign(1 - _erfc(np.abs(x)), x)
    return np.where(np.abs(x) <= 15 / 32, _erf_small(x), tail)


def _erf_single(x):
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
        error = np.where(a < 0.5, _erf_double(y) - a, (1 - a) - _erfc(y))
        step = error / (2 / math.sqrt(math.pi) * np.exp(-y * y))
        y = y - step / (1 + y * step)
    edge = np.where(np.abs(x) == 1, math.inf, math.nan)
    return np.copysign(np.where(inside, y, edge), x)
