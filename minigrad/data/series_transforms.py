"""Augmentation of series (..., C, T): noise, strength, place in time, speed.

Um et al., "Data augmentation of wearable sensor data", 2017. As in `transforms.py`, arrays and
Tensors, and random numbers from the generator that all use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.data.transforms import Transform


class Jitter(Transform):
    """Plus normal noise of this standard deviation."""

    axes = 2

    def __init__(self, sigma: float = 0.03):
        self.sigma = positive("Jitter", "sigma", sigma)

    def change(self, x: Any) -> Any:
        return x + rng.normal(x.shape, 0.0, self.sigma, dtype=x.dtype)


class Scaling(Transform):
    """Times a normal factor around 1, one for each channel."""

    axes = 2

    def __init__(self, sigma: float = 0.1):
        self.sigma = positive("Scaling", "sigma", sigma)

    def change(self, x: Any) -> Any:
        return x * rng.normal((x.shape[-2], 1), 1.0, self.sigma, dtype=x.dtype)


class TimeShift(Transform):
    """Moved by up to `fraction` of its length, earlier or later; `fill` comes in."""

    axes = 2

    def __init__(self, fraction: float = 0.1, fill: float = 0.0):
        if not 0 <= fraction <= 1:
            raise ValueError(f"TimeShift: expected a fraction in [0, 1], got {fraction}")
        self.fraction, self.fill = fraction, fill

    def change(self, x: Any) -> Any:
        most = int(self.fraction * x.shape[-1])
        steps = int(rng.integers(-most, most + 1, ()))
        y = np.full_like(x, self.fill)
        t = x.shape[-1]
        y[..., max(steps, 0) : t + min(steps, 0)] = x[..., max(-steps, 0) : t - max(steps, 0)]
        return y


class TimeWarp(Transform):
    """Time runs faster here and slower there: by smooth normal factors at `knots` places."""

    axes = 2

    def __init__(self, sigma: float = 0.2, knots: int = 4):
        self.sigma, self.knots = positive("TimeWarp", "sigma", sigma), knots
        if knots < 1:
            raise ValueError(f"TimeWarp: expected knots >= 1, got {knots}")

    def change(self, x: Any) -> Any:
        t = np.arange(x.shape[-1])
        if len(t) < 2:
            return x
        at = np.linspace(0, t[-1], self.knots + 2)
        speed = np.exp(rng.normal((self.knots + 2,), 0.0, self.sigma, dtype=np.float64))
        elapsed = np.cumsum(np.interp(t, at, speed))
        warped = (elapsed - elapsed[0]) / (elapsed[-1] - elapsed[0]) * t[-1]
        flat = [np.interp(warped, t, row) for row in x.reshape(-1, len(t))]
        return np.reshape(flat, x.shape).astype(x.dtype)


def positive(name: str, what: str, value: float) -> float:
    if not value >= 0:
        raise ValueError(f"{name}: expected {what} >= 0, got {value}")
    return value
