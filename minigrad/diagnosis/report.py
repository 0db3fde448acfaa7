"""What the doctor says: findings, the most certain and most important first."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, NamedTuple

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
    """One thing that is wrong: what, how one can see it, and what to try.

    code: its name for programs, say "severed-graph". evidence: the numbers and places by name.
    """

    code: str
    title: str
    evidence: dict[str, Any]
    advice: str

    def __str__(self) -> str:
        seen = "; ".join(f"{name}: {show(value)}" for name, value in self.evidence.items())
        return f"{self.code}: {self.title}\n    seen: {seen}\n    try:  {self.advice}"


class Report:
    """`findings`, and `ok`: whether there are none. `str(report)` is what one reads.

    of: what was looked at, say "20 steps".
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
        """The same for a machine: {"ok": ..., "findings": [{"code": ..., ...}, ...]}."""
        return {"ok": self.ok, "findings": [finding._asdict() for finding in self.findings]}

    def __str__(self) -> str:
        if self.ok:
            return "diagnose: nothing found"
        count = f"{len(self.findings)} finding{'s' * (len(self.findings) > 1)}"
        return "\n\n".join([f"diagnose: {count}", *map(str, self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if self.ok:
            return "<p>diagnose: nothing found</p>"
        return f"<ol>{''.join(map(_item, self.findings))}</ol>"


def _item(finding: Finding) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(show(value))}</td></tr>"
        for name, value in finding.evidence.items()
    )
    title = f"<b>{html.escape(finding.code)}</b>: {html.escape(finding.title)}"
    return f"<li>{title}<table>{rows}</table><p>{html.escape(finding.advice)}</p></li>"


def show(value: Any) -> str:
    """A number with three digits, a list with its first five."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return ", ".join(map(show, value[:5])) + more
    return str(value)


def rank(finding: Finding) -> int:
    return ORDER.index(finding.code)
