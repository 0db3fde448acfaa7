"""Arithmetic, elementwise: the four operations, powers, remainders, absolute value.

Both arguments may be Tensors, arrays or numbers. They are broadcast against each other, and the
engine sums a gradient over the axes along which its input was broadcast; the formulas below need
not say so.
"""

from __future__ import annotations

import functools

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import op

elementwise = functools.partial(op, elementwise=True)


@elementwise
def add(x, y, *, alpha=1):
    """x + alpha * y. Gradients: g, alpha * g."""
    y = y if alpha == 1 else alpha * y
    return x + y, (lambda g: g, lambda g: g if alpha == 1 else alpha * g)


@elementwise
def sub(x, y, *, alpha=1):
    """x - alpha * y. Gradients: g, -alpha * g."""
    y = y if alpha == 1 else alpha * y
    return x - y, (lambda g: g, lambda g: -g if alpha == 1 else -alpha * g)


@elementwise
def mul(x, y):
    """x * y. Gradients: g * y, g * x."""
    return x * y, (lambda g: g * y, lambda g: g * x)


@elementwise
def neg(x):
    """-x. Gradient: -g."""
    return -x, lambda g: -g


NUMPY.update({np.add: add, np.subtract: sub, np.multiply: mul, np.negative: neg})
