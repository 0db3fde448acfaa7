"""A loss that does not move, or a model that says the same whatever it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import Step, median, trend

FEWEST = 200  # steps of guessing
LAST = 100
TRAVELLED = 0.5  # the sum of the changes of the weights, in their size: a slow start is none
FALLING = -0.2  # the rank correlation of the loss with time, of a model that does learn slowly
COLLAPSED = 1e-4  # the spread of the outputs over the samples, beside their size
STEPS_COLLAPSED = 10


def stuck(steps: Sequence[Step]) -> Iterator[Finding]:
    still = [s for s in steps if s.gradients and not any(s.gradients.values())]
    if len(still) >= 5 and len(still) > len(steps) / 2 and median(s.loss for s in still) > 0:
        yield Finding(
            "zero-gradient",
            "the gradient of every weight is exactly 0, though the loss is not",
            {"steps": f"{len(still)} of {len(steps)}", "loss": median(s.loss for s in still)},
            "look for what has no slope: a clamp at its end, ReLUs that are all dead, a sign, "
            "weights that are all 0 (initialize them at random)",
        )
    spreads = [s.spread for s in steps[-STEPS_COLLAPSED:] if s.spread is not None]
    if len(spreads) == STEPS_COLLAPSED and max(spreads) < COLLAPSED:
        yield Finding(
            "outputs-all-the-same",
            "the model gives the same output for every input",
            {"differences between samples (output's size: 1)": max(spreads),
             "steps": len(spreads)},
            "look at the layers in between: dead ReLUs, saturated sigmoids, weights of 0; lower "
            "the learning rate; check that the inputs do differ",
        )  # fmt: skip


def guessing(steps: Sequence[Step]) -> Iterator[Finding]:
    """The loss of a classifier that knows how often each class comes, and nothing else.

    It is the entropy of the labels, -sum p log p. Every training begins there (or above: log of
    the number of classes, if it does not know how often); a long one should not end there.
    """
    last = steps[-LAST:]
    labels = [t for s in last for t in s.targets]
    if len(steps) < FEWEST or not labels or len({t.classes for t in labels}) != 1:
        return
    every = np.concatenate([t.labels.reshape(-1) for t in labels])
    share = np.unique(every[every >= 0], return_counts=True)[1] / len(every)
    entropy = float(-np.sum(share * np.log(share)))
    loss = median(s.loss for s in last)
    moved = sum(s.update for s in steps)
    falls = trend([s.loss for s in last]) < FALLING
    if 0 < 0.98 * entropy < loss and moved > TRAVELLED and not falls:
        yield Finding(
            "still-guessing",
            f"after {len(steps)} steps the model is no better than guessing without looking",
            {
                "loss": loss,
                "loss of guessing": entropy,
                "labels": len(every),
            },
            "check that each label belongs to its input (shuffle both together; print some pairs); "
            "see whether the model can learn 10 samples by heart; then try a larger model, or "
            "another learning rate",
        )
