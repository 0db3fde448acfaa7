"""What the doctor writes down of each step of the optimizer, and what it reads off it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.diagnosis.targets import Targets


@dataclass
class Step:
    """One step of the optimizer. Sizes are root mean squares, of matrices only (2 axes or more)."""

    loss: float  # the mean of the losses whose gradients it used
    rates: list[float]  # the learning rate of each group
    updates: dict[str, float] = field(default_factory=dict)  # size of the change / of the weights
    gradients: dict[str, float] = field(default_factory=dict)
    shrinking: float = 0.0  # the cosine of the change and of minus the weights
    spread: float | None = None  # of the outputs over the samples, beside their size
    targets: list[Targets] = field(default_factory=list)
    labels: list[np.ndarray] = field(default_factory=list)  # of targets, those one for each sample
    summed: int = 1  # over so many numbers the loss is a sum, not a mean

    @property
    def update(self) -> float:
        """The ratio of the layer in the middle."""
        return median(self.updates.values())

    @property
    def overturned(self) -> float:
        """What three of four layers change by at least. (One may have started at 0.)"""
        ratios = [ratio for ratio in self.updates.values() if np.isfinite(ratio)]
        return float(np.quantile(ratios, 0.25)) if ratios else 0.0


def rms(a: Any) -> float:
    return float(np.sqrt(np.mean(np.square(a, dtype=np.float64)))) if a.size else 0.0


def median(values: Iterable[float]) -> float:
    """0 of none."""
    values = list(values)
    return float(np.median(values)) if values else 0.0


def start_and_end(losses: Sequence[float]) -> tuple[float, float]:
    """The loss at both ends of a run, without the noise of single batches."""
    width = max(1, len(losses) // 5)
    return median(losses[: min(3, width)]), median(losses[-width:])


def fall(losses: Sequence[float]) -> float:
    """By which share of itself the loss has fallen; below 0 if it has risen."""
    start, end = start_and_end(losses)
    return (start - end) / abs(start) if start else 0.0


def noise(losses: Sequence[float]) -> float:
    """The standard deviation from batch to batch, apart from any trend."""
    return float(np.std(np.diff(losses)) / math.sqrt(2)) if len(losses) > 2 else 0.0


def trend(losses: Sequence[float]) -> float:
    """The rank correlation of the loss with time (Spearman's), -1 to 1."""
    ranks = np.argsort(np.argsort(losses))
    return float(np.corrcoef(ranks, np.arange(len(losses)))[0, 1]) if len(losses) > 2 else 0.0


def by_layer_over_time(steps: Sequence[Step]) -> dict[str, float]:
    """The median update-to-weight ratio of each matrix."""
    names = dict.fromkeys(name for step in steps for name in step.updates)
    return {name: median(s.updates[name] for s in steps if name in s.updates) for name in names}
