"""Comparison, logic and bits, elementwise, and the choice that a condition makes.

Results are boolean (bitwise ones integer) and have no gradient; `where` hands it to the values
that were chosen.
"""

from __future__ import annotations

import math

import numpy as np

from minigrad import dtypes
from minigrad.dispatch import NUMPY
from minigrad.graph import Value, describe, is_tensor, wrap
from minigrad.ops.arithmetic import as_arrays, elementwise, expect_whole

__all__ = [
    "allclose", "bitwise_and", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "eq", "equal", "ge", "greater", "greater_equal", "gt",
    "isclose", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "le", "less",
    "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne",
    "not_equal", "where",
]  # fmt: skip


# ---------------------------------------------------------------------------- comparison


@elementwise
def eq(x, y):
    """x == y. NaN equals nothing, not even NaN."""
    return np.equal(x, y), None


@elementwise
def ne(x, y):
    """x != y."""
    return np.not_equal(x, y), None


@elementwise
def lt(x, y):
    """x < y."""
    return np.less(x, y), None


@elementwise
def le(x, y):
    """x <= y."""
    return np.less_equal(x, y), None


@elementwise
def gt(x, y):
    """x > y."""
    return np.greater(x, y), None


@elementwise
def ge(x, y):
    """x >= y."""
    return np.greater_equal(x, y), None


@elementwise
def isclose(x, y, rtol=1e-05, atol=1e-08, equal_nan=False):
    """|x - y| <= atol + rtol * |y|, or both the same infinity (or both NaN, with equal_nan)."""
    x, y = as_arrays(x, y)
    if x.dtype.kind in "bu":  # which have no negative differences
        x, y = x.astype(np.int64), y.astype(np.int64)
    close = (x == y) | (np.isfinite(x) & np.isfinite(y) & (abs(x - y) <= atol + abs(rtol * y)))
    if equal_nan:
        close = close | (np.isnan(x) & np.isnan(y))
    return close, None


def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """True if every element is close, in the sense of `isclose`: a Python bool."""
    return bool(np.all(_raw(isclose(input, other, rtol, atol, equal_nan))))


def equal(input, other):
    """True if both have the same shape and the same elements: a Python bool."""
    a, b = _raw(input), _raw(other)
    return a.shape == b.shape and bool(np.all(a == b))


def _raw(x):
    return x.array if isinstance(x, Value) else x


# ---------------------------------------------------------------------------- kinds of numbers


@elementwise
def isnan(x):
    """True where x is NaN."""
    return np.isnan(x), None


@elementwise
def isinf(x):
    """True where x is infinity or minus infinity."""
    return np.isinf(x), None


@elementwise
def isfinite(x):
    """True where x is neither infinite nor NaN."""
    return np.isfinite(x), None


@elementwise
def isposinf(x):
    """True where x is infinity."""
    return x == math.inf, None


@elementwise
def isneginf(x):
    """True where x is minus infinity."""
    return x == -math.inf, None


@elementwise
def isreal(x):
    """True where x has no imaginary part."""
    return x.imag == 0, None


# ---------------------------------------------------------------------------- logic and bits


@elementwise
def logical_and(x, y):
    """x and y, where every number but 0 counts as true."""
    return np.logical_and(x, y), None


@elementwise
def logical_or(x, y):
    """x or y, where every number but 0 counts as true."""
    return np.logical_or(x, y), None


@elementwise
def logical_xor(x, y):
    """Exactly one of x and y, where every number but 0 counts as true."""
    return np.logical_xor(x, y), None


@elementwise
def logical_not(x):
    """x == 0."""
    return np.logical_not(x), None


@elementwise
def bitwise_and(x, y):
    """The bits that are set in both; `and` of booleans."""
    expect_whole("bitwise_and", x, y)
    return np.bitwise_and(x, y), None


@elementwise
def bitwise_or(x, y):
    """The bits that are set in either; `or` of booleans."""
    expect_whole("bitwise_or", x, y)
    return np.bitwise_or(x, y), None


@elementwise
def bitwise_xor(x, y):
    """The bits that are set in exactly one; `xor` of booleans."""
    expect_whole("bitwise_xor", x, y)
    return np.bitwise_xor(x, y), None


@elementwise
def bitwise_not(x):
    """Every bit turned over; `not` of booleans."""
    expect_whole("bitwise_not", x, error=TypeError)
    return np.invert(x), None


@elementwise
def bitwise_left_shift(x, y):
    """x * 2**y by moving bits; 0 where y is negative or not less than the number of bits."""
    x, y = as_arrays(x, y)
    expect_whole("bitwise_left_shift", x, y)
    bits = 8 * x.dtype.itemsize
    return np.where((y < 0) | (y >= bits), 0, np.left_shift(x, y)), None


@elementwise
def bitwise_right_shift(x, y):
    """x / 2**y rounded down, by moving bits; the sign alone is left of shifts past every bit."""
    x, y = as_arrays(x, y)
    expect_whole("bitwise_right_shift", x, y)
    last = 8 * x.dtype.itemsize - 1
    return np.right_shift(x, np.where((y < 0) | (y > last), last, y)), None


# ---------------------------------------------------------------------------- choice


def where(condition, input=None, other=None):
    """input where condition is true, else other; all three are broadcast against each other.

    input and other may be numbers; their common dtype is the result's. Gradients: g to the chosen
    one, 0 to the other, even where that one is NaN. A NaN that the *gradient of* the other makes
    is not stopped: sqrt has an infinite slope at 0, and infinity times 0 is NaN; so choose before
    the sqrt. `where(condition)` alone is nonzero(condition, as_tuple=True): the indices, one
    Tensor per axis.

    >>> import minigrad as mg
    >>> mg.where(mg.tensor([True, False]), mg.tensor([1, 2]), 0.5)
    tensor([1.0000, 0.5000])
    """
    if getattr(condition, "dtype", dtypes.bool_).kind not in "b" and _raw(condition).dtype != "u1":
        raise RuntimeError(
            f"where: expected a boolean condition, got {describe(condition)}; compare it with "
            "something (x > 0) or use .bool()"
        )
    if input is None and other is None:
        places = np.nonzero(_raw(condition))
        return tuple(wrap(p) for p in places) if is_tensor(condition) else places
    if input is None or other is None:
        raise TypeError("where: expected both input and other, or neither; got one of them")
    return _where(condition, input, other)


@elementwise
def _where(condition, x, y):
    """x where condition is true, else y."""
    z = np.where(condition, x, y)
    if not hasattr(x, "dtype") and not hasattr(y, "dtype"):
        z = z.astype(dtypes.result_type(x, y))
    return z, (None, lambda g: np.where(condition, g, 0), lambda g: np.where(condition, 0, g))


_where.spec.name = "where"  # what errors and drawings of the graph call it

greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne

NUMPY.update(
    {
        np.equal: eq,
        np.not_equal: ne,
        np.less: lt,
        np.less_equal: le,
        np.greater: gt,
        np.greater_equal: ge,
        np.isclose: isclose,
        np.allclose: allclose,
        np.array_equal: equal,
        np.isnan: isnan,
        np.isinf: isinf,
        np.isfinite: isfinite,
        np.isposinf: isposinf,
        np.isneginf: isneginf,
        np.logical_and: logical_and,
        np.logical_or: logical_or,
        np.logical_xor: logical_xor,
        np.logical_not: logical_not,
        np.bitwise_and: bitwise_and,
        np.bitwise_or: bitwise_or,
        np.bitwise_xor: bitwise_xor,
        np.invert: bitwise_not,
        np.left_shift: bitwise_left_shift,
        np.right_shift: bitwise_right_shift,
        np.where: where,
    }
)
