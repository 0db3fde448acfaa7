"""The logarithm of the gamma function and its derivatives, elementwise.

NumPy has none of these. `x` is a raw array in every function whose name starts with an underscore.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from kernels.reference.elementary import in_double, polynomial
from minigrad.graph import is_tensor, op

__all__ = ["digamma", "lgamma", "polygamma"]

floating = functools.partial(op, elementwise=True, floating=True)


@floating
def lgamma(x):
    """log |Gamma(x)|, infinite at 0, -1, -2, ... Gradient: g * digamma(x)."""
    y = lgamma(x) if is_tensor(x) else _lgamma(x)
    return y, lambda g: g * digamma(x)


@floating
def digamma(x):
    """The derivative of log Gamma(x); NaN at -1, -2, ..., infinite at 0.

    Gradient: g * polygamma(1, x).
    """
    y = digamma(x) if is_tensor(x) else _digamma(x)
    return y, lambda g: g * polygamma(1, x)


@floating
def polygamma(n, x):
    """The n-th derivative of digamma. Gradient of x: g * polygamma(n + 1, x)."""
    if n < 0:
        raise RuntimeError(f"polygamma: the order n must be at least 0, got {n}")
    if n == 0:
        y = digamma(x)
    else:
        y = polygamma(n, x) if is_tensor(x) else _polygamma(n, x)
    return y, (None, lambda g: g * polygamma(n + 1, x))


# C. Lanczos, "A precision approximation of the gamma function", SIAM Journal B 1 (1964), with
# the coefficients for g = 6.0246... of the Boost library and of Python's own math.lgamma.

_G = 6.024680040776729583740234375
_LANCZOS = (
    (2.5066282746310002701649081771338373386264310793408, 210.82427775157934587250973392071336,
     8071.6720023658162106380029022722506138218516325024, 186056.26539522349504029498971604569928,
     2876370.6289353724412254090516208496135991145378768, 31426415.585400194380614231628318205363,
     248874557.86205415651146038641322942321632125127801, 1439720407.3117216736632230727949123940,
     6039542586.3520280050642916443072979210699388420708, 17921034426.037209699919755754458931113,
     35711959237.355668049440185451547166705960488635843, 42919803642.649098768957899047001988851,
     23531376880.410759688572007674451636754734846804940),
    (1.0, 66.0, 1925.0, 32670.0, 357423.0, 2637558.0, 13339535.0, 45995730.0, 105258076.0,
     150917976.0, 120543840.0, 39916800.0, 0.0),
)  # fmt: skip


@in_double
def _lgamma(x):
    a = np.abs(x)
    # For large a numerator and denominator would overflow: both are divided by a**12.
    small, inverse = np.minimum(a, 5), 1 / np.maximum(a, 5)
    above, below = _LANCZOS
    series = np.where(
        a < 5,
        polynomial(above, small) / polynomial(below, small),
        polynomial(above[::-1], inverse) / polynomial(below[::-1], inverse),
    )
    y = np.log(series) - _G + (a - 0.5) * (np.log(a + (_G - 0.5)) - 1)
    y = np.where((x == 1) | (x == 2), 0, np.where(a == math.inf, math.inf, y))
    # Gamma(x) * Gamma(-x) = -pi / (x * sin(pi * x)). Below 1e-20 Gamma(x) is 1 / x.
    sine = np.abs(np.sin(math.pi * (a - np.rint(np.where(a < math.inf, a, 0)))))
    reflected = math.log(math.pi) - np.log(sine) - np.log(a) - y
    reflected = np.where(a == math.inf, math.inf, reflected)
    return np.where(a < 1e-20, -np.log(a), np.where(x < 0, reflected, y))


@in_double
def _digamma(x):
    """Ten steps of digamma(x) = digamma(x + 1) - 1 / x, and Stirling's series there."""
    negative = x <= 0
    a = np.where(negative, 1 - x, x)
    b = a + 10
    z = 1 / (b * b)
    y = (
        np.log(b)
        - 0.5 / b
        - z * polynomial((1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12), z)
    )
    for k in range(10):
        y = y - 1 / (a + k)
    # digamma(1 - x) - digamma(x) = pi / tan(pi * x); tan of the fraction alone, which is exact.
    fraction = x - np.rint(x)
    reflected = y - math.pi / np.tan(math.pi * fraction)
    pole = np.where(x == 0, np.copysign(math.inf, -x), math.nan)
    return np.where(negative, np.where(fraction == 0, pole, reflected), y)


@in_double
def _polygamma(n, x):
    """n! * (-1)**(n + 1) * the sum of 1 / (x + k)**(n + 1) over k = 0, 1, ...

    The first terms as they are, the rest by the Euler-Maclaurin formula. For x <= 0 by the
    reflection (-1)**n * polygamma(n, 1 - x) - polygamma(n, x) = d/dx**n of pi / tan(pi * x).
    """
    negative = x <= 0
    a = np.where(negative, 1 - x, x)
    s = n + 1
    terms = 10 + n
    total = np.zeros_like(a)
    for k in range(terms):
        total = total + (a + k) ** -s
    b = a + terms
    total = total + b ** (1 - s) / (s - 1) + b**-s / 2
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)
    for j, number in enumerate(bernoulli, start=1):
        rising = math.prod(range(s, s + 2 * j - 1))
        total = total + number * rising / math.factorial(2 * j) * b ** (1 - s - 2 * j)
    y = (-1) ** s * math.factorial(n) * total
    # The n-th derivative of cot is a polynomial in cot: (c**m)' = -m * c**(m - 1) * (1 + c**2).
    slope = np.polynomial.Polynomial([0, 1])
    for _ in range(n):
        slope = -slope.deriv() * np.polynomial.Polynomial([1, 0, 1])
    cot = 1 / np.tan(math.pi * (x - np.rint(x)))
    reflected = (-1) ** n * y - math.pi**s * polynomial(slope.coef[::-1].tolist(), cot)
    return np.where(negative, reflected, y)
