"""What the doctor says: findings, the most certain and most important first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from minigrad.diagnosis import rendering

# From cause to consequence, and from what is certain to what is read off numbers.
ORDER = (
    "not-finite", "missing-zero-grad", "never-stepped", "step-without-gradient", "severed-graph",
    "frozen-parameters", "not-in-optimizer", "no-gradient", "broadcast-loss",
    "targets-out-of-range", "softmax-before-loss", "inputs-not-normalised", "eval-while-training",
    "train-while-evaluating", "learning-rate-zero", "learning-rate-too-high",
    "learning-rate-too-low", "weight-decay-dominates", "not-shuffled", "zero-gradient",
    "dead-relu", "saturated-units", "vanishing-gradients", "exploding-gradients",
    "outputs-all-the-same", "updates-too-small", "unused-parameters", "still-guessing",
)  # fmt: skip


class Finding(NamedTuple):
    """One thing that is wrong: what, how one can see it, and what to try first.

    code: its name for programs, say "severed-graph". evidence: the numbers and places by name.
    """

    code: str
    title: str
    evidence: dict[str, Any]
    advice: str

    @property
    def where(self) -> str | None:
        """The op or call and its `file:line`, if they are known."""
        return self.evidence.get("where")

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "title": self.title,
            "where": self.where,
            "evidence": {name: plain(value) for name, value in self.evidence.items()},
            "advice": self.advice,
        }

    def __str__(self) -> str:
        return rendering.text_of(self)


class Report:
    """`findings`, and `ok`: whether there are none. `str(report)` is what one reads.

    of: what was looked at, say "20 steps". rich prints it in colours, a notebook as a list.
    """

    def __init__(self, findings: Iterable[Finding] = (), of: str = "one step"):
        self.findings, self.of = list(findings), of

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    def as_dict(self) -> dict[str, Any]:
        """The same for machines: JSON can hold it."""
        return {"ok": self.ok, "of": self.of, "findings": [f.as_dict() for f in self.findings]}

    def __str__(self) -> str:
        return rendering.text(self)

    __repr__ = __str__

    def __rich_console__(self, console: Any, options: Any) -> Any:
        yield from rendering.terminal(self)

    def _repr_html_(self) -> str:
        return rendering.html(self)


def plain(value: Any) -> Any:
    """A number, string or list of them; an infinity or NaN by its name, which JSON lacks."""
    value = value.item() if hasattr(value, "item") else value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def rank(finding: Finding) -> int:
    return ORDER.index(finding.code)
