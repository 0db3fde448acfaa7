"""The learning-rate finder: a short run in which the rate grows until the loss explodes.

Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from minigrad import random as rng
from minigrad.nn import functional as F
from minigrad.nn.modes import modes_kept
from minigrad.train.fit import step_of
from minigrad.train.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPLODED = 4.0  # times the least loss so far: there is nothing more to learn from larger rates
MEMORY = 0.9  # of the running mean of the losses


class LRCurve(NamedTuple):
    """rates: that were tried. losses: the running mean of the loss at each. suggestion: the rate at
    which it falls fastest."""

    rates: list[float]
    losses: list[float]
    suggestion: float

    def plot(self) -> Figure:
        """The loss over the rate, the suggestion marked."""
        from minigrad.viz import learning_rates

        return learning_rates(self.rates, self.losses, self.suggestion)


def find_lr(
    model: Any,
    loader: Iterable,
    optimizer: Any,
    *,
    loss: Callable[[Any, Any], Any] = F.cross_entropy,
    step: Callable[[Any, Any], Any] | None = None,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
) -> LRCurve:
    """Try so many rates between the lowest and the highest, equal factors apart, a batch each.

    loader, loss, step: as for `fit`; the loader is begun again when it is over. Afterwards the
    model, the optimizer and the random state are what they were before. The suggestion is a good
    largest rate of a schedule; constant rates are better a few times smaller. Raises ValueError if
    the loader is empty or the loss is not finite at the lowest rate.
    """
    if not 0 < lowest < highest or steps < 2:
        raise ValueError(
            f"find_lr: expected 0 < lowest < highest and steps >= 2, got lowest={lowest}, "
            f"highest={highest}, steps={steps}"
        )
    before = [copy.deepcopy(part.state_dict()) for part in (model, optimizer)]
    numbers = rng.get_rng_state()
    run = Run(model, loader, optimizer, step or step_of(loss, {}))
    try:
        with modes_kept(model):
            rates, losses = _sweep(run, np.geomspace(lowest, highest, steps).tolist())
    finally:
        run.close()
        optimizer.zero_grad()
        for part, state in zip((model, optimizer), before, strict=True):
            part.load_state_dict(state)
        rng.set_rng_state(numbers)
    if len(rates) < 3:
        raise ValueError(
            f"find_lr: the loss is not finite, or explodes, at lowest={lowest} already; try a "
            "smaller one, and look at a batch"
        )
    return LRCurve(rates, losses, rates[steepest(losses)])


def steepest(losses: list[float]) -> int:
    """Where the loss falls most over a tenth of the curve to either side, which is wide enough not
    to be misled by the differences between batches."""
    width = max(len(losses) // 10, 1)
    falls = np.subtract(losses[: -2 * width], losses[2 * width :])
    return width + int(np.argmax(falls)) if len(falls) else len(losses) // 2


def _sweep(run: Run, schedule: list[float]) -> tuple[list[float], list[float]]:
    run.model.train()
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    for rate, batch in zip(schedule, _again_and_again(run.loader), strict=False):
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        try:
            run.learn(batch)
        except FloatingPointError:
            break
        mean = MEMORY * mean + (1 - MEMORY) * run.numbers["loss"]
        unbiased = mean / (1 - MEMORY ** (len(losses) + 1))
        if losses and not unbiased - min(losses) < (EXPLODED - 1) * abs(min(losses)):
            break
        rates.append(rate)
        losses.append(unbiased)
    return rates, [value for value in losses if math.isfinite(value)]


def _again_and_again(loader: Iterable) -> Iterable[Any]:
    for _ in itertools.count():
        empty = True
        for batch in loader:
            empty = False
            yield batch
        if empty:
            raise ValueError("find_lr: the loader gave no batch; is the dataset empty?")
