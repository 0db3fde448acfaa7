"""A mean that is kept while numbers come in, for training loops."""

from __future__ import annotations

from typing import Any

from minigrad.metrics.checks import host


class Mean:
    """The weighted mean of all values so far: sum of weight * value over the sum of the weights.

    With its size as the weight of each batch, the mean of the batches' losses is that of all
    samples, also where the last batch is smaller.

    >>> loss = Mean()
    >>> loss.update(2.0, weight=3)
    >>> loss.update(4.0, weight=1)
    >>> loss.value
    2.5
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self.total = self.weight = 0.0

    def update(self, value: Any, weight: float = 1.0) -> None:
        """One more value: a number, or a Tensor or array of one element."""
        x = host(value)
        if x.size != 1 or not weight >= 0:
            raise ValueError(
                f"Mean: expected one number and a weight of at least 0, got shape {x.shape} and "
                f"weight {weight}"
            )
        self.total += float(weight) * float(x.item())
        self.weight += float(weight)

    @property
    def value(self) -> float:
        """The mean; a ValueError if there is nothing yet to take it of."""
        if self.weight == 0:
            raise ValueError("Mean: no value has come in yet, there is nothing to take the mean of")
        return self.total / self.weight

    def __repr__(self) -> str:
        return f"Mean({self.value:.6g})" if self.weight else "Mean()"
