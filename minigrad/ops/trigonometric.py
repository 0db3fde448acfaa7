"""Trigonometric and hyperbolic functions and their inverses, elementwise. Angles in radians."""

from __future__ import annotations

import functools
import math

import numpy as np

import kernels
from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.fused import pull

__all__ = [
    "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh",
    "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "deg2rad", "rad2deg", "sin", "sinc",
    "sinh", "tan", "tanh",
]  # fmt: skip

floating = functools.partial(op, elementwise=True, floating=True)


@floating
def sin(x):
    """sin(x). Gradient: g * cos(x)."""
    return np.sin(x), lambda g: g * np.cos(x)


@floating
def cos(x):
    """cos(x). Gradient: -g * sin(x)."""
    return np.cos(x), lambda g: -g * np.sin(x)


@floating
def tan(x):
    """tan(x). Gradient: g * (1 + tan(x)**2)."""
    y = np.tan(x)
    return y, lambda g: g * (1 + y * y)


@floating
def asin(x):
    """The angle in [-pi/2, pi/2] whose sine is x. Gradient: g / sqrt(1 - x**2)."""
    return np.arcsin(x), lambda g: g / np.sqrt(1 - x * x)


@floating
def acos(x):
    """The angle in [0, pi] whose cosine is x. Gradient: -g / sqrt(1 - x**2)."""
    return np.arccos(x), lambda g: -g / np.sqrt(1 - x * x)


@floating
def atan(x):
    """The angle in [-pi/2, pi/2] whose tangent is x. Gradient: g / (1 + x**2)."""
    return np.arctan(x), lambda g: g / (1 + x * x)


@floating
def atan2(x, y):
    """The angle of the point with ordinate x and abscissa y, in [-pi, pi]: atan(x / y) by quadrant.

    Gradients: g * y / (x**2 + y**2), -g * x / (x**2 + y**2); 0 at the origin.
    """

    def square():
        r = x * x + y * y
        return np.where(r == 0, math.inf, r)

    return np.arctan2(x, y), (lambda g: g * (y / square()), lambda g: g * (-x / square()))


@floating
def sinh(x):
    """(e**x - e**-x) / 2. Gradient: g * cosh(x)."""
    return np.sinh(x), lambda g: g * np.cosh(x)


@floating
def cosh(x):
    """(e**x + e**-x) / 2. Gradient: g * sinh(x)."""
    return np.cosh(x), lambda g: g * np.sinh(x)


@floating
def tanh(x):
    """sinh(x) / cosh(x). Gradient: g * (1 - tanh(x)**2)."""
    y = tanh(x) if is_tensor(x) else kernels.tanh(x)
    return y, lambda g: pull(kernels.tanh_backward, g, y)


@floating
def asinh(x):
    """The inverse of sinh. Gradient: g / sqrt(x**2 + 1)."""
    return np.arcsinh(x), lambda g: g / np.sqrt(x * x + 1)


@floating
def acosh(x):
    """The inverse of cosh; NaN for x < 1. Gradient: g / sqrt(x**2 - 1)."""
    return np.arccosh(x), lambda g: g / np.sqrt(x * x - 1)


@floating
def atanh(x):
    """The inverse of tanh; NaN outside of [-1, 1]. Gradient: g / (1 - x**2)."""
    return np.arctanh(x), lambda g: g / (1 - x * x)


@floating
def sinc(x):
    """sin(pi x) / (pi x), and 1 at x = 0. Gradient: g * (cos(pi x) - sinc(x)) / x; 0 at x = 0."""
    if is_tensor(x):
        y = sinc(x)
    else:
        angle = np.where(x == 0, 1, math.pi * x)
        y = np.where(x == 0, 1, np.sin(angle) / angle)

    def pullback(g):
        safe = np.where(x == 0, 1, x)
        return np.where(x == 0, 0, g * ((np.cos(math.pi * safe) - y) / safe))

    return y, pullback


@floating
def deg2rad(x):
    """Degrees to radians: x * pi / 180. Gradient: g * pi / 180."""
    return x * (math.pi / 180), lambda g: g * (math.pi / 180)


@floating
def rad2deg(x):
    """Radians to degrees: x * 180 / pi. Gradient: g * 180 / pi."""
    return x * (180 / math.pi), lambda g: g * (180 / math.pi)


arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh

NUMPY.update(
    {
        np.sin: sin,
        np.cos: cos,
        np.tan: tan,
        np.arcsin: asin,
        np.arccos: acos,
        np.arctan: atan,
        np.arctan2: atan2,
        np.sinh: sinh,
        np.cosh: cosh,
        np.tanh: tanh,
        np.arcsinh: asinh,
        np.arccosh: acosh,
        np.arctanh: atanh,
        np.sinc: sinc,
        np.deg2rad: deg2rad,
        np.radians: deg2rad,
        np.rad2deg: rad2deg,
        np.degrees: rad2deg,
    }
)
