"""A few steps on copies: what the optimizer would do, with its learning rate and with others."""

from __future__ import annotations

import contextlib
import copy
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from minigrad import random as rng
from minigrad.diagnosis.doctor import Doctor
from minigrad.diagnosis.learning_rate import HIGH, tiny_because_of_the_rate
from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import median, noise, start_and_end

BARELY, LEARNS = 0.02, 0.05  # shares of itself by which a loss falls in a trial
USUAL = 1e-2  # change of the weights in one step, in their size
KEPT = {"outputs-all-the-same", "zero-gradient", "weight-decay-dominates", "not-shuffled"}


@contextlib.contextmanager
def copies(model: Any, optimizer: Any) -> Iterator[None]:
    """Within, parameters, buffers and the optimizer's state are copies; afterwards all is as it
    was: also gradients, learning rates and random numbers. Nothing is written to their memory."""
    groups = [dict(group) for group in optimizer.param_groups]
    tensors = {*model.parameters(), *(p for group in groups for p in group["params"])}
    before = [(t, t.array, t._grad) for t in tensors]
    buffers = [(m, dict(m._buffers)) for m in model.modules()]
    arrays = [(b, b.array) for b in model.buffers()]
    state, stepped, numbers = optimizer.state, optimizer._stepped, rng.get_rng_state()
    watching = getattr(optimizer.step, "__self__", None)
    if isinstance(watching, Doctor):
        watching.paused = True
    try:
        for t in [*tensors, *(b for b, _ in arrays)]:
            t.array = t.array.copy()
            t._grad = None
        optimizer.state = defaultdict(dict, {p: copy.deepcopy(s) for p, s in state.items()})
        yield
    finally:
        for t, array, grad in before:
            t.array, t._grad = array, grad
        for b, array in arrays:
            b.array = array
        for m, named in buffers:
            for name, buffer in named.items():
                setattr(m, name, buffer)
        if isinstance(watching, Doctor):
            watching.paused = False
        optimizer.state, optimizer._stepped = state, stepped
        for group, options in zip(optimizer.param_groups, groups, strict=True):
            group.update(options)
        rng.set_rng_state(numbers)


def run(
    model: Any, optimizer: Any, loss: Callable[[], Any], steps: int, factor: float = 1.0
) -> Doctor:
    """So many steps with `factor` times the learning rate, or until the batches are used up."""
    with copies(model, optimizer), Doctor(model, optimizer) as doctor:
        for group in optimizer.param_groups:
            group["lr"] = factor * group["lr"]

        def closure() -> Any:
            optimizer.zero_grad()
            value = loss()
            value.backward()
            return value

        with contextlib.suppress(StopIteration):
            while len(doctor.steps) < steps and all(math.isfinite(s.loss) for s in doctor.steps):
                optimizer.step(closure)
    return doctor


def trial(model: Any, optimizer: Any, loss: Callable[[], Any], steps: int) -> Iterator[Finding]:
    """A rate is too high if the loss does not fall while the weights are overturned, and does with
    a tenth of it, or less; too low if steps are tiny, the loss barely falls, and steps of a usual
    size let it fall far."""
    doctor = run(model, optimizer, loss, steps)
    found = {finding.code: finding for finding in doctor.report().findings}
    yield from (finding for code, finding in found.items() if code in KEPT)
    rates = [group["lr"] for group in optimizer.param_groups]
    if not any(rates):
        yield Finding(
            "learning-rate-zero",
            "the learning rate is 0, so no step changes anything",
            {"learning rate": ", ".join(map(str, rates))},
            "set lr; or look at the scheduler, which may have come to its end",
        )
        return
    now = share_fallen(doctor)
    large = max((s.overturned for s in doctor.steps), default=0.0) > HIGH
    if now <= 0 and (large or now == -math.inf):
        for factor in (0.1, 0.01, 0.001):
            other = share_fallen(run(model, optimizer, loss, steps, factor))
            if other > LEARNS:
                yield Finding(
                    "learning-rate-too-high",
                    f"with {factor:g} times the learning rate the loss falls, with it it does not",
                    evidence(rates, doctor, now, factor, other),
                    f"try lr={rates[0] * factor:.3g}; or warm up, or clip the gradient "
                    "(nn.utils.clip_grad_norm_)",
                )
                return
    scheduled = any("initial_lr" in group for group in optimizer.param_groups)  # a warm-up, say
    update = median(s.update for s in doctor.steps)
    if abs(now) < BARELY and tiny_because_of_the_rate(doctor.steps) and not scheduled and update:
        factor = 10.0 ** round(math.log10(USUAL / update))
        other = share_fallen(run(model, optimizer, loss, steps, factor))
        if other > LEARNS and other > 10 * now:
            yield Finding(
                "learning-rate-too-low",
                f"with {factor:g} times the learning rate the loss falls far, with it it barely "
                "moves",
                evidence(rates, doctor, now, factor, other),
                f"try lr={rates[0] * factor:.1g} and what lies between (train.find_lr tries many)",
            )
        elif "learning-rate-too-low" in found:
            yield found["learning-rate-too-low"]


def share_fallen(doctor: Doctor) -> float:
    """By which share of itself the loss falls in a run; 0 within its noise, -inf if it explodes."""
    losses = [step.loss for step in doctor.steps]
    if not losses or not all(map(math.isfinite, losses)):
        return -math.inf
    start, end = start_and_end(losses)
    start = losses[0] if len(losses) < 3 else min(start, losses[0])
    if start == 0 or abs(start - end) < noise(losses):
        return 0.0
    return (start - end) / abs(start)


def evidence(
    rates: list[float], doctor: Doctor, now: float, factor: float, other: float
) -> dict[str, Any]:
    def says(fallen: float) -> str:
        if not math.isfinite(fallen):
            return "the loss becomes infinite or NaN"
        return f"the loss falls by {fallen:.1%}" if fallen >= 0 else f"it rises by {-fallen:.0%}"

    update = max((s.overturned for s in doctor.steps), default=0.0)
    return {
        "steps tried on a copy": len(doctor.steps),
        f"lr={rates[0]:.3g}": says(now),
        f"lr={rates[0] * factor:.3g}": says(other),
        "change of the weights in one step": f"{update:.1e} of their size",
    }
