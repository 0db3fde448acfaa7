"""First and second derivatives of a whole model along one random direction, by differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import minigrad as mg


def check_derivatives(
    loss: Callable[[], mg.Tensor], inputs: list, h: float = 1e-6, rel: float = 1e-5
) -> None:
    """loss() depends on the inputs, float64 leaves that are all moved at once."""
    R = np.random.default_rng(0)
    direction = [mg.tensor(R.standard_normal(p.shape)) for p in inputs]

    def along(gradients):
        pairs = zip(gradients, direction, strict=True)
        return sum((g * d).sum() for g, d in pairs if g is not None)

    def move(step):
        with mg.no_grad():
            for p, d in zip(inputs, direction, strict=True):
                p.add_(step * d)

    def at(step):
        move(step)
        value = loss()
        slope = along(mg.autograd.grad(value, inputs, create_graph=True))
        second = along(mg.autograd.grad(slope, inputs, allow_unused=True))
        move(-step)
        return value.item(), slope.item(), second.item()

    (low, low_slope, _), (_, slope, second), (high, high_slope, _) = map(at, (-h, 0.0, h))
    assert slope == pytest.approx((high - low) / (2 * h), rel=rel)
    assert second == pytest.approx((high_slope - low_slope) / (2 * h), rel=rel)
