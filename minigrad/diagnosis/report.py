"""What the doctor says: findings, the most certain and most important first."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, NamedTuple


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
    """`findings`, and `ok`: whether there are none. `str(report)` is what one reads."""

    def __init__(self, findings: Iterable[Finding] = ()):
        self.findings = list(findings)

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
