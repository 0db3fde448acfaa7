"""Powers and roots, elementwise."""

from __future__ import annotations

import math

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.arithmetic import Number, as_arrays, elementwise

__all__ = ["float_power", "hypot", "ldexp", "pow", "rsqrt", "sqrt", "square"]


@elementwise
def pow(x, exponent):
    """x ** exponent; either may be a number.

    Gradient of x: exponent * x**(exponent - 1), and 0 where the exponent is 0, whatever x is.
    Gradient of the exponent: log(x) * x**exponent; 0 where x is 0 and the exponent at least 0;
    NaN where x is negative. Integers have no fractions: a negative number as the exponent of an
    integer Tensor is a RuntimeError; with a Tensor as the exponent 2 ** -1 is 0.
    """
    if isinstance(x, Number):
        x, exponent = as_arrays(x, exponent)
    y = pow(x, exponent) if is_tensor(x) or is_tensor(exponent) else _power(x, exponent)
    if isinstance(exponent, Number):
        if exponent == 0:
            return y, np.zeros_like
        return y, lambda g: g * (exponent * pow(x, exponent - 1))

    # Where the gradient is 0 by convention, what is not used must be finite all the same: in a
    # second derivative, infinity times 0 would be NaN.
    def to_base(g):
        constant = exponent == 0
        slope = exponent * pow(x, np.where(constant, 1, exponent - 1))
        return np.where(constant, 0, g * slope)

    def to_exponent(g):
        settled = (x == 0) & (exponent >= 0)
        return np.where(settled, 0, g * (y * np.log(np.where(settled, 1, x))))

    return y, (to_base, to_exponent)


def _power(x, exponent):
    if isinstance(exponent, Number):
        if x.dtype.kind in "iu" and exponent < 0:
            raise RuntimeError(
                f"pow: an integer Tensor to the power of {exponent} has no integer result; "
                "use .float() first"
            )
        product = _PRODUCTS.get(exponent)
        return x**exponent if product is None else product(x)
    if exponent.dtype.kind == "i":
        inverse = np.where((x == 1) | (x == -1), x ** (exponent % 2), 0)
        return np.where(exponent < 0, inverse, x ** np.maximum(exponent, 0))
    return x**exponent


# NumPy's general power takes a hundred times as long as a few multiplications. (It has such
# shortcuts of its own for -1, 0, 1/2, 1 and 2.)
_PRODUCTS = {
    3: lambda x: x * x * x,
    4: lambda x: np.square(x * x),
    -2: lambda x: 1 / (x * x),
    -0.5: lambda x: 1 / np.sqrt(x),
}


@elementwise
def float_power(x, exponent):
    """x ** exponent, always computed in float64. Gradients as those of `pow`."""
    return pow.spec.fn(_double(x), _double(exponent))


def _double(x):
    return x.astype(np.float64) if hasattr(x, "dtype") else float(x)


@elementwise
def square(x):
    """x**2; integers for booleans. Gradient: 2 * x * g."""
    if x.dtype.kind == "b":
        x = x.astype(np.int64)
    return x * x, lambda g: g * (2 * x)


@op(elementwise=True, floating=True)
def sqrt(x):
    """The square root; NaN for negative x. Gradient: g / (2 * sqrt(x)), infinite at 0."""
    y = np.sqrt(x)
    return y, lambda g: g / (2 * y)


@op(elementwise=True, floating=True)
def rsqrt(x):
    """1 / sqrt(x). Gradient: -g / 2 * x**(-3/2)."""
    y = 1 / np.sqrt(x)
    return y, lambda g: -0.5 * g * (y * y * y)


@op(elementwise=True, floating=True)
def hypot(x, y):
    """sqrt(x**2 + y**2), without overflow on the way. Gradients: g * x / it, g * y / it."""
    r = np.hypot(x, y)
    return r, (lambda g: g * (x / r), lambda g: g * (y / r))


@op(elementwise=True, floating=True)
def ldexp(x, y):
    """x * 2**y. Gradients: g * 2**y, g * log(2) * x * 2**y."""
    x, y = as_arrays(x, y)
    scale = np.exp2(y)
    return x * scale, (lambda g: g * scale, lambda g: g * (math.log(2) * x * scale))


NUMPY.update(
    {
        np.power: pow,
        np.float_power: float_power,
        np.square: square,
        np.sqrt: sqrt,
        np.hypot: hypot,
        np.ldexp: ldexp,
    }
)
