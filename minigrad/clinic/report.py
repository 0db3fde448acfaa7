"""What a gradient check found: `Report`, with its `Diagnosis`es, the most probable first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.clinic.faults import FAULTS


@dataclass
class Diagnosis:
    """One fault that explains the numbers; `certainty` (0 to 1) only ranks it among others."""

    code: str
    argument: int | None  # of the function or of `op`, counted from 0; None: all of them
    evidence: dict[str, Any]  # the numbers that speak for it
    certainty: float
    entries: list[tuple] = field(default_factory=list)  # (index in output, index in argument)
    op: str | None = None  # the op at fault
    line: str | None = None  # where the op was called, `file:line`

    @property
    def title(self) -> str:
        return FAULTS[self.code].title

    @property
    def advice(self) -> str:
        return FAULTS[self.code].advice

    def __str__(self) -> str:
        where = "" if self.argument is None else f", argument {self.argument}"
        where = (self.op or "the function") + where + (f", at {self.line}" if self.line else "")
        numbers = "; ".join(f"{k}: {number(v)}" for k, v in self.evidence.items())
        return f"{self.code}: {self.title} ({where})\n     {numbers}\n     {self.advice}"

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "number": FAULTS[self.code].number,
            "title": self.title,
            "advice": self.advice,
            "op": self.op,
            "line": self.line,
            "argument": self.argument,
            "entries": [[list(y), list(x)] for y, x in self.entries],
            "evidence": {k: plain(v) for k, v in self.evidence.items()},
        }


@dataclass
class Report:
    """The result of a gradient check: true if the gradient is right.

    jacobians: for each argument that was checked, what backward gave and what the differences
    gave, as arrays of (elements of the outputs, elements of the argument).
    notes: what is no fault but should be known: a kink that was accepted, say.
    """

    ok: bool
    message: str = ""
    diagnoses: list[Diagnosis] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    jacobians: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    allowed: tuple[float, float] = (1e-5, 1e-3)  # atol, rtol

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [self.message or "gradcheck: backward agrees with the differences"]
        if self.diagnoses:
            lines += ["", "What fits, the most probable first:"]
            lines += [f"  {i}. {d}" for i, d in enumerate(self.diagnoses, 1)]
        elif not self.ok:
            lines += ["", "None of the known faults explains it: derive the formula once more."]
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])

    def as_dict(self) -> dict[str, Any]:
        """The same for machines: JSON can hold it."""
        return {
            "ok": self.ok,
            "message": self.message,
            "diagnoses": [d.as_dict() for d in self.diagnoses],
            "notes": list(self.notes),
        }

    def wrong(self, argument: int) -> np.ndarray:
        """Which entries of an argument's Jacobian are wrong."""
        backward, numeric = self.jacobians[argument]
        atol, rtol = self.allowed
        return ~(np.abs(backward - numeric) <= atol + rtol * np.abs(numeric))

    def _repr_html_(self) -> str:
        from minigrad.clinic import rendering

        return rendering.html(self)

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from minigrad.clinic import rendering

        yield from rendering.terminal(self)


def number(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    return str(plain(value))


def plain(value: Any) -> Any:
    """A number, string or list of them, for a dict that JSON can hold."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
