"""Rounding, elementwise. Between the jumps these are flat: their gradient is 0."""

from __future__ import annotations

import math

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import is_tensor, op
from minigrad.ops.arithmetic import elementwise
from minigrad.ops.bounds import masked

__all__ = ["ceil", "fix", "floor", "frac", "nan_to_num", "round", "trunc"]


def _rounded(function, x):
    """Integers are round already (older versions of NumPy would make floats of them)."""
    return (function(x) if x.dtype.kind == "f" else x), np.zeros_like


@elementwise
def floor(x):
    """The largest integer <= x. Gradient: 0."""
    return _rounded(np.floor, x)


@elementwise
def ceil(x):
    """The smallest integer >= x. Gradient: 0."""
    return _rounded(np.ceil, x)


@elementwise
def trunc(x):
    """x without its fraction: rounded towards 0. Gradient: 0. Alias: fix."""
    return _rounded(np.trunc, x)


@elementwise
def round(x, *, decimals=0):
    """x rounded to `decimals` places after the point (before it, if negative); halves to even.

    Gradient: 0.
    """
    if decimals == 0:
        return _rounded(np.rint, x)
    scale = 10.0**-decimals if decimals < 0 else 10.0**decimals
    y = np.rint(x / scale) * scale if decimals < 0 else np.rint(x * scale) / scale
    return y, np.zeros_like


@elementwise
def frac(x):
    """The fraction of x, with its sign: x - trunc(x). Gradient: g."""
    return x - np.trunc(x), lambda g: g


@op
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    """x with NaN replaced by `nan`, infinity by `posinf`, minus infinity by `neginf`.

    None stands for the largest and the smallest number of the dtype. Gradient: g, and 0 where
    something was replaced.
    """
    if x.dtype.kind != "f":
        return x, None
    if is_tensor(x):
        y = nan_to_num(x, nan, posinf, neginf)
    else:
        largest = float(np.finfo(x.dtype).max)
        y = np.where(np.isnan(x), nan, x)
        y = np.where(x == math.inf, largest if posinf is None else posinf, y)
        y = np.where(x == -math.inf, -largest if neginf is None else neginf, y)
    return y, lambda g: masked(g, np.isfinite(x))


def np_round(a, decimals=0):
    return round(a, decimals=decimals)


def np_nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    return nan_to_num(x, nan, posinf, neginf)


fix = trunc

NUMPY.update(
    {
        np.floor: floor,
        np.ceil: ceil,
        np.trunc: trunc,
        np.fix: trunc,
        np.rint: round,
        np.round: np_round,
        np.nan_to_num: np_nan_to_num,
    }
)
