"""Arithmetic, elementwise: the four operations, remainders, and blends of them.

Both arguments may be Tensors, arrays or numbers. They are broadcast against each other, and the
engine sums a gradient over the axes along which its input was broadcast; the formulas below need
not say so.
"""

from __future__ import annotations

import functools

import numpy as np

from minigrad.backend import plus
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.places import scalar

__all__ = [
    "add", "addcdiv", "addcmul", "div", "divide", "floor_divide", "fmod", "gcd", "lcm", "lerp",
    "mul", "multiply", "neg", "negative", "positive", "reciprocal", "remainder", "rsub", "sub",
    "subtract", "true_divide",
]  # fmt: skip

elementwise = functools.partial(op, elementwise=True)
Number = (int, float)


def as_arrays(x, y):
    """x and y, a number among them as a 0-d array of the other's kind.

    For functions of one argument: 2 takes part in float32 arithmetic, but np.log(2) is a float64.
    """
    if isinstance(y, Number):
        return x, scalar(y, x, np.result_type(x.dtype, y))
    if isinstance(x, Number):
        return scalar(x, y, np.result_type(y.dtype, x)), y
    return x, y


@elementwise
def add(x, y, *, alpha=1):
    """x + alpha * y. Gradients: g, alpha * g."""
    y = y if alpha == 1 else _scaled("add", alpha, x, y)
    return plus(x, y), (lambda g: g, lambda g: g if alpha == 1 else alpha * g)


@elementwise
def sub(x, y, *, alpha=1):
    """x - alpha * y. Gradients: g, -alpha * g."""
    y = y if alpha == 1 else _scaled("sub", alpha, x, y)
    return x - y, (lambda g: g, lambda g: -g if alpha == 1 else -alpha * g)


@elementwise
def rsub(x, y, *, alpha=1):
    """y - alpha * x. Gradients: -alpha * g, g."""
    x = x if alpha == 1 else _scaled("rsub", alpha, x, y)
    return y - x, (lambda g: -g if alpha == 1 else -alpha * g, lambda g: g)


def _scaled(name, alpha, x, y):
    if not isinstance(alpha, (*Number, complex)) and not hasattr(alpha, "dtype"):
        raise TypeError(f"{name}: alpha must be a number, got {alpha!r}")
    dtype = _dtype(x, y)
    if dtype.kind == "u" and isinstance(alpha, int):
        alpha %= 256**dtype.itemsize  # unsigned integers wrap around; -1 is their largest
    if isinstance(alpha, float) and dtype.kind not in "fc":
        raise RuntimeError(
            f"{name}: alpha must be an integer for integer inputs, got {alpha}; "
            "convert one input with .float()"
        )
    return alpha * (x if name == "rsub" else y)


def _dtype(x, y):
    return (x if hasattr(x, "dtype") else y).dtype


@elementwise
def mul(x, y):
    """x * y. Gradients: g * y, g * x."""
    if isinstance(y, Number):  # then x need not be kept, nor y in the next line
        return x * y, lambda g: g * y
    if isinstance(x, Number):
        return x * y, (None, lambda g: g * x)
    return x * y, (lambda g: g * y, lambda g: g * x)


@op(elementwise=True, floating=True)
def true_divide(x, y):
    """x / y; integers are divided as floats. Gradients: g / y, -g * (x / y) / y."""
    q = x / y
    if isinstance(y, Number):
        return q, lambda g: g / y
    return q, (lambda g: g / y, lambda g: -g * (q / y))


def div(input, other, *, rounding_mode=None):
    """input / other, elementwise.

    rounding_mode: None, the true quotient, a float; "floor", rounded down, as Python's `//`;
    "trunc", rounded towards zero, as C's `/` of integers. Rounded, its gradient is 0.

    >>> import minigrad as mg
    >>> mg.div(mg.tensor([-7, 7]), 2, rounding_mode="trunc")
    tensor([-3,  3])
    """
    if rounding_mode is None:
        return true_divide(input, other)
    if rounding_mode == "floor":
        return floor_divide(input, other)
    if rounding_mode == "trunc":
        return _trunc_divide(input, other)
    raise RuntimeError(
        f"div: rounding_mode must be None, 'trunc' or 'floor', got {rounding_mode!r}"
    )


@elementwise
def floor_divide(x, y):
    """The quotient rounded down: floor(x / y), as Python's `//`. Gradients: 0."""
    _refuse_zero("floor_divide", x, y)
    return np.floor_divide(x, y), (np.zeros_like, np.zeros_like)


@elementwise
def _trunc_divide(x, y):
    """The quotient rounded towards zero. Gradients: 0."""
    _refuse_zero("div", x, y)
    if _dtype(x, y).kind == "f":
        q = np.trunc(x / y)
    else:  # one more than the floor, where that is negative and was rounded
        q = np.floor_divide(x, y)
        q = q + ((q < 0) & (q * y != x))
    return q, (np.zeros_like, np.zeros_like)


@elementwise
def remainder(x, y):
    """x - y * floor(x / y): has y's sign, as Python's `%`. Gradients: g, -g * floor(x / y)."""
    _refuse_zero("remainder", x, y)
    return np.remainder(x, y), (lambda g: g, lambda g: -g * np.floor_divide(x, y))


@elementwise
def fmod(x, y):
    """x - y * trunc(x / y): has x's sign, as C's `%`. Gradients: g, -g * trunc(x / y)."""
    _refuse_zero("fmod", x, y)
    return np.fmod(x, y), (lambda g: g, lambda g: -g * np.trunc(x / y))


def _refuse_zero(name, x, y):
    """Floats have infinity and NaN for a division by zero, integers have nothing."""
    if _dtype(x, y).kind in "iu" and (y == 0 if isinstance(y, Number) else np.any(y == 0)):
        raise RuntimeError(
            f"{name}: division of integers by zero (ZeroDivisionError); "
            "convert with .float() to get infinity or NaN there"
        )


def expect_whole(name, *arguments, error: type[Exception] = NotImplementedError):
    """Refuse floats, which have no divisors and no bits to speak of; the errors are PyTorch's."""
    if any(a.dtype.kind == "f" if hasattr(a, "dtype") else isinstance(a, float) for a in arguments):
        got = ", ".join(map(describe, arguments))
        raise error(f"{name}: expected integers or booleans, got {got}")


@elementwise
def gcd(x, y):
    """The greatest common divisor of integers."""
    expect_whole("gcd", x, y)
    return np.gcd(x, y), None


@elementwise
def lcm(x, y):
    """The least common multiple of integers."""
    expect_whole("lcm", x, y)
    return np.lcm(x, y), None


@elementwise
def neg(x):
    """-x. Gradient: -g."""
    return -x, lambda g: -g


@elementwise
def positive(x):
    """x itself. Gradient: g."""
    return np.positive(x), lambda g: g


@op(elementwise=True, floating=True)
def reciprocal(x):
    """1 / x. Gradient: -g / x**2."""
    y = 1 / x
    return y, lambda g: -g * (y * y)


@op(elementwise=True, floating=True)
def lerp(x, end, weight):
    """x + weight * (end - x): on the line from x (weight 0) to `end` (weight 1).

    Of the two ways to compute it the one is taken that starts from the nearer end: so weight 1
    gives `end` exactly. Gradients: (1 - weight) * g, weight * g, (end - x) * g.
    """
    if any(is_tensor(a) for a in (x, end, weight)):
        y = lerp(x, end, weight)
    elif isinstance(weight, Number):
        y = _from_start(x, end, weight) if abs(weight) < 0.5 else _from_end(x, end, weight)
    else:
        near = np.abs(weight) < 0.5
        y = np.where(near, _from_start(x, end, weight), _from_end(x, end, weight))
    return y, (lambda g: g * (1 - weight), lambda g: g * weight, lambda g: g * (end - x))


def _from_start(x, end, weight):
    return x + weight * (end - x)


def _from_end(x, end, weight):
    return end - (end - x) * (1 - weight)


@elementwise
def addcmul(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 * tensor2. Gradients: g, value * tensor2 * g, value * tensor1 * g."""
    return x + value * tensor1 * tensor2, (
        lambda g: g,
        lambda g: g * (value * tensor2),
        lambda g: g * (value * tensor1),
    )


@elementwise
def addcdiv(x, tensor1, tensor2, *, value=1):
    """x + value * tensor1 / tensor2, of floats.

    Gradients: g, value / tensor2 * g, -value * tensor1 / tensor2**2 * g.
    """
    if _dtype(tensor1, tensor2).kind in "iub":
        raise RuntimeError(
            "addcdiv: expected floats, got integers, whose quotient could be meant as a float or "
            "as an integer; use x + value * mg.div(a, b, rounding_mode=...), or convert one "
            "with .float()"
        )
    return x + value * tensor1 / tensor2, (
        lambda g: g,
        lambda g: g * (value / tensor2),
        lambda g: -g * (value * tensor1 / (tensor2 * tensor2)),
    )


subtract, multiply, divide, negative = sub, mul, div, neg

NUMPY.update(
    {
        np.add: add,
        np.subtract: sub,
        np.multiply: mul,
        np.divide: true_divide,
        np.floor_divide: floor_divide,
        np.remainder: remainder,
        np.fmod: fmod,
        np.gcd: gcd,
        np.lcm: lcm,
        np.negative: neg,
        np.positive: positive,
        np.reciprocal: reciprocal,
    }
)
