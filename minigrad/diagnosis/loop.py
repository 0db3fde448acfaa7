"""What is wrong with the loop itself: the order of zero_grad, backward and step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.steps import rms

ORDER = "the order is optimizer.zero_grad(), loss.backward(), optimizer.step()"


@dataclass
class Loop:
    """What has come to pass, as the gradients themselves show it.

    zero_grad need not be seen: whoever wants to may set gradients to None by hand. A gradient of
    before is known by its memory and its sum.
    """

    backwards: int = 0
    steps: int = 0
    waiting: int = 0  # passes whose gradients no step has used yet
    thrown_away: int = 0  # times that gradients were cleared before a step had used them
    empty: dict[str, int] = field(default_factory=dict)  # steps without any gradient, by cause
    carried: int = 0  # steps that used gradients which a step before had used as well
    stale: list[tuple[float, float]] = field(default_factory=list)  # old gradients, and old + new
    used: dict[int, tuple[Any, float]] = field(default_factory=dict)  # at the step before
    old: float = 0.0  # the size of the gradients that were there before the first waiting pass
    lines: dict[str, str] = field(default_factory=dict)  # where "backward" and "step" were called
    arrived: bool = False  # whether the last pass left a gradient other than 0

    def backward(self, parameters: list[Any]) -> bool:
        """Before a pass; whether it begins a new sum of gradients."""
        self.backwards += 1
        clear = not any(p._grad is not None and p._grad.array.any() for p in parameters)
        if clear:
            self.thrown_away += self.waiting > 0
            self.waiting, self.old = 0, 0.0
        elif self.waiting == 0:
            again = [p._grad.array for p in parameters if self.is_used(p)]
            self.old = max(map(rms, again), default=0.0)
        self.waiting += 1
        return clear

    def is_used(self, p: Any) -> bool:
        grad, digest = self.used.get(id(p), (None, 0.0))
        return grad is not None and p._grad is grad and digest == sum_of(grad) != 0

    def after_backward(self, parameters: list[Any]) -> None:
        self.arrived = any(p._grad is not None and p._grad.array.any() for p in parameters)

    def before_step(self, parameters: list[Any], has_closure: bool) -> None:
        there = [p._grad.array for p in parameters if p._grad is not None]
        if not any(g.any() for g in there):
            if has_closure or (self.waiting and not self.arrived):
                return  # it computes them itself; or they are 0 by the mathematics
            cause = "cleared" if self.waiting else "no backward"
            self.empty[cause] = self.empty.get(cause, 0) + 1
        elif self.old:
            self.carried += 1
            self.stale.append((self.old, max(map(rms, there))))

    def after_step(self, parameters: list[Any]) -> None:
        self.steps += 1
        self.waiting, self.old = 0, 0.0
        self.used = {id(p): (p._grad, sum_of(p._grad)) for p in parameters if p._grad is not None}

    @property
    def is_wrong(self) -> bool:
        return any(True for _ in self.findings())

    def findings(self) -> Iterator[Finding]:
        if self.carried > 1:
            old, new = self.stale[-1]
            yield Finding(
                "missing-zero-grad",
                "gradients are never cleared: each step uses those of all steps before it again",
                {
                    "steps on old gradients": f"{self.carried} of {self.steps}",
                    "where": self.lines["step"],
                    "left over before the last backward (rms)": old,
                    "after it": new,
                },
                f"call optimizer.zero_grad() before each loss.backward(); {ORDER}",
            )
        if not self.steps and self.thrown_away > 1:
            yield Finding(
                "never-stepped",
                "gradients are computed and cleared, but optimizer.step() is never called",
                {"backward": f"{self.backwards} times", "where": self.lines["backward"]},
                f"call optimizer.step() after loss.backward(); {ORDER}",
            )
        cause, times = max(self.empty.items(), key=lambda item: item[1], default=("", 0))
        if times > 1 and times > self.steps / 2:
            yield Finding(
                "step-without-gradient",
                "optimizer.step() finds no gradient, so it changes nothing",
                {
                    "steps without": f"{times} of {self.steps}",
                    "because": CAUSES[cause],
                    "where": self.lines["step"],
                },
                ORDER,
            )


CAUSES = {
    "cleared": "backward made gradients, and they were cleared before the step",
    "no backward": "no backward reached this model's parameters since the step before",
}


def sum_of(grad: Any) -> float:
    return float(np.abs(grad.array).sum())
