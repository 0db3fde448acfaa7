"""Two models that must learn alike: the same loss in each of ten steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def ten_steps(losses: Callable[[], tuple[Any, Any]], optimizers: tuple) -> tuple[Any, Any]:
    """losses() is (theirs, ours), as the optimizers are; the ten losses of each."""
    history = []
    for _ in range(10):
        pair = losses()
        for optimizer, loss in zip(optimizers, pair, strict=True):
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        history.append([loss.item() for loss in pair])
    expected, got = np.transpose(history)
    return expected, got
