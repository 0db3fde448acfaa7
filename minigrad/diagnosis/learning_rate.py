"""A learning rate that is too high or too low, and layers that learn far slower than the others.

The measure is the update-to-weight ratio of a matrix, rms(change) / rms(weights). About 1e-3 is
healthy (CS231n, "Ratio of weights:updates"; Karpathy, "A recipe for training neural networks",
2019); Adam in its first steps has 1e-2 and more, fine-tuning 1e-5. A ratio alone is therefore no
finding: what the loss does must fit to it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import Step, by_layer_over_time, median, noise, start_and_end

FEWEST = 20  # steps: fewer say nothing of a trend, unless the loss explodes
HIGH, LOW = 0.1, 1e-5  # update-to-weight ratios
TURNED_OVER = 1.0  # in one step of a run, most weights were replaced by others
IN_FLOAT32 = 1e-6  # a change of less than that share of the weights is next to lost in rounding


def learning_rate(steps: Sequence[Step]) -> Iterator[Finding]:
    if len(steps) >= 5 and not any(rate for step in steps for rate in step.rates):
        yield Finding(
            "learning-rate-zero",
            "the learning rate is 0, so no step changes anything",
            {"steps": len(steps)},
            "set lr; or look at the scheduler, which may have come to its end",
        )
        return
    found = [*too_high(steps), *too_low(steps)]
    yield from found or slow_layers(steps)


def too_high(steps: Sequence[Step]) -> Iterator[Finding]:
    """The loss explodes, or does not fall, while each step overturns the weights."""
    until = next((i for i, s in enumerate(steps) if not math.isfinite(s.loss)), len(steps))
    broken, losses = until < len(steps), [s.loss for s in steps[:until]]
    if len(steps) < 5 or not losses:
        return
    start, end = start_and_end(losses)
    start = min(start, losses[0])  # the second step may be the one that explodes
    largest = max(step.overturned for step in steps[: max(until, 1)])
    explodes = largest > HIGH and (broken or end - start > 2 * abs(start) > 0)
    often = median(step.overturned for step in steps[:until]) > HIGH or largest > TURNED_OVER
    overturns = len(steps) >= FEWEST and often and start - end < 0.1 * abs(start)
    if explodes or overturns:
        summed = steps[-1].summed
        yield Finding(
            "learning-rate-too-high",
            "the steps are so large that the loss " + ("explodes" if explodes else "does not fall"),
            {
                "loss": f"{start:.3g} at first, {'not finite' if broken else f'{end:.3g}'} at last",
                "change of the weights in one step": f"{largest:.2g} times their size",
                "learning rate": rates(steps[-1]),
            },
            "divide the learning rate by 10"
            + (f"; the loss is a sum over {summed} numbers: take their mean" * (summed > 1))
            + ", and again until the loss falls; or clip the gradient "
            "(nn.utils.clip_grad_norm_), or warm up",
        )


def too_low(steps: Sequence[Step]) -> Iterator[Finding]:
    """Steps that change next to nothing because of the rate, not because the gradient is small."""
    if len(steps) < FEWEST:
        return
    first, last = max(steps[0].rates, default=0.0), max(steps[-1].rates, default=0.0)
    scheduled = not 0.99 < first / last < 1.01 if last else True  # warm-up, or the end of a decay
    losses = [s.loss for s in steps]
    start, end = start_and_end(losses)
    moves = start - end > max(0.01 * abs(start), 2 * noise(losses))
    update = median(s.update for s in steps)
    if not scheduled and tiny_because_of_the_rate(steps) and not moves:
        yield Finding(
            "learning-rate-too-low",
            "the steps are so small that the model stays what it was",
            {
                "loss": f"{start:.4g} at first, {end:.4g} at last, in {len(steps)} steps",
                "change of the weights in one step": f"{update:.1e} of their size",
                "learning rate": rates(steps[-1]),
            },
            "multiply the learning rate by 10, and again as long as the loss falls faster "
            "(train.find_lr tries them all)",
        )


def tiny_because_of_the_rate(steps: Sequence[Step]) -> bool:
    """With a rate of 1 the steps would not be small. (Near a minimum they would: there the
    gradient is.)"""
    at_one = median(s.update / max(s.rates) for s in steps if max(s.rates, default=0.0) > 0)
    return median(s.update for s in steps) < LOW and at_one > 1e-3


def slow_layers(steps: Sequence[Step]) -> Iterator[Finding]:
    """Some layers that stand still while the others learn."""
    ratios = by_layer_over_time(steps) if len(steps) >= FEWEST else {}
    slow = [name for name, ratio in ratios.items() if ratio < IN_FLOAT32]
    others = [ratio for name, ratio in ratios.items() if name not in slow]
    if slow and others and median(others) > 100 * IN_FLOAT32:
        yield Finding(
            "updates-too-small",
            "some layers stand still while the others learn",
            {
                "layers": slow,
                "change in one step": f"{max(ratios[n] for n in slow):.1e} of their weights",
                "of the other layers": f"{median(others):.1e}",
            },
            "look at their learning rate in optimizer.param_groups, and whether their gradient "
            "vanishes (sigmoid layers after them, weights near 0)",
        )


def rates(step: Step) -> str:
    return ", ".join(f"{rate:.3g}" for rate in dict.fromkeys(step.rates))
