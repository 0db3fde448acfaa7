"""The few formulas that many updates have in common, on raw arrays and in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import wrap


def zeros_like(p: Any) -> Any:
    """A Tensor of zeros like the array `p`: what most state begins with."""
    return wrap(np.zeros_like(p))


def average(m: Any, x: Any, beta: float, t: Any) -> None:
    """m = beta m + (1 - beta) x, in place: a running average. `t` is overwritten."""
    np.subtract(x, m, out=t)
    t *= 1 - beta
    m += t


def average_square(v: Any, x: Any, beta: float, t: Any) -> None:
    """v = beta v + (1 - beta) x^2, in place. `t` is overwritten. (An infinite v stays infinite.)"""
    np.multiply(x, x, out=t)
    t *= 1 - beta
    v *= beta
    v += t


def norm(x: Any) -> Any:
    """The Euclidean norm of all elements, as a NumPy scalar (on the GPU, a 0-d array)."""
    return np.sqrt(np.vdot(x, x))
