"""Findings of single steps, over many steps: how often each came, and when first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minigrad.diagnosis.report import Finding

ONCE = {"not-finite", "broadcast-loss", "targets-out-of-range", "inputs-not-normalised"}


class Seen:
    """A finding that comes once in a while is noise, except those of ONCE; one that comes in most
    steps, or in all of the last ones, is a finding. Of two places it keeps the first."""

    def __init__(self) -> None:
        self.first: dict[str, tuple[int, Finding]] = {}
        self.last: dict[str, Finding] = {}
        self.at: dict[str, list[int]] = {}  # the steps that had it

    def add(self, step: int, findings: Iterable[Finding], where: str | None = None) -> None:
        """where: of what led to them, for those that do not know better."""
        for finding in findings:
            if where is not None and finding.where is None:
                finding = finding._replace(evidence={**finding.evidence, "where": where})
            self.first.setdefault(finding.code, (step, finding))
            self.last[finding.code] = finding
            at = self.at.setdefault(finding.code, [])
            if not at or at[-1] != step:
                at.append(step)

    def findings(self, steps: int) -> Iterator[Finding]:
        for code, at in self.at.items():
            first, finding = self.first[code]
            recent = sum(step > steps - LAST for step in at)
            if code in ONCE:
                yield finding._replace(evidence={**finding.evidence, "first at step": first})
            elif len(at) > steps / 2 or recent >= min(LAST, steps):
                finding = self.last[code]
                often = f"{len(at)} of {max(steps, at[-1])}, first at {first}"
                yield finding._replace(evidence={**finding.evidence, "steps": often})


LAST = 10
