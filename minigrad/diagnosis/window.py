"""What belongs to the next step of the optimizer: the losses and batches since the one before."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.diagnosis.not_finite import all_finite
from minigrad.diagnosis.steps import Step, rms
from minigrad.diagnosis.targets import Targets
from minigrad.graph import Node

FEWEST = 8  # samples, for a spread of outputs that means something


class Window:
    """Gradient accumulation puts several passes into one; clearing the gradients empties it."""

    def __init__(self) -> None:
        self.samples: list[int] = []  # in each forward since the last step
        self.spread: float | None = None
        self.clear()

    def clear(self) -> None:
        self.losses: list[float] = []
        self.targets: list[Targets] = []
        self.labels: list[np.ndarray] = []
        self.summed = 1

    def forward(self, inputs: Any, output: Any) -> None:
        self.samples.append(inputs.shape[0] if inputs.ndim else 1)
        differ = (
            all_finite(output)
            and output.ndim >= 2
            and output.shape[0] >= FEWEST
            and spread_of(inputs.array) > 0
        )
        self.spread = spread_of(output.array) if differ and output.shape[0] else None

    def backward(self, loss: Any, targets: list[Targets]) -> None:
        value, scale = loss.item(), scale_of(loss)
        self.losses.append(value / scale)
        self.targets += targets
        self.labels += [
            t.labels for t in targets if t.labels.ndim == 1 and len(t.labels) in self.samples
        ]
        node = loss.node
        if node is not None and node.name == "sum":
            self.summed = int(np.prod(node.inputs[0].shape or ()))

    def step(self, rates: list[float]) -> Step | None:
        """None if no loss has led to it: a step without backward, or with a closure."""
        if not self.losses:
            return None
        loss = float(np.mean(self.losses))
        step = Step(loss, rates, spread=self.spread, targets=self.targets, labels=self.labels,
                    summed=self.summed)  # fmt: skip
        self.samples, self.spread = [], None
        self.clear()
        return step


def spread_of(x: Any) -> float:
    """The largest standard deviation over the samples, beside the size of the values."""
    x = np.asarray(x.get() if hasattr(x, "get") else x, np.float64)
    size = rms(x)
    return float(x.std(0).max()) / size if size > 0 and np.isfinite(size) else 0.0


def scale_of(loss: Any) -> float:
    """What a loss is multiplied with at its end, by a GradScaler or to accumulate gradients."""
    node = loss.node
    if node is None or node.name not in ("mul", "true_divide") or len(node.edges) != 1:
        return 1.0
    (i, parent), other = node.edges[0], node.inputs[1 - node.edges[0][0]]
    if parent.__class__ is not Node or (i, node.name) == (1, "true_divide"):
        return 1.0
    if not isinstance(other, (int, float)):
        return 1.0
    factor = float(other) if node.name == "mul" else 1 / float(other)
    return factor if factor > 0 else 1.0
