"""What a gradient check found: `Report`, with its `Diagnosis`es, the most probable first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minigrad.clinic.faults import FAULTS
from minigrad.clinic.words import called, told

LIKELY = 0.5
SHOWN = 3  # faults; the others by name


@dataclass
class Diagnosis:
    """One fault that explains the numbers; `certainty` (0 to 1) only ranks it among others."""

    code: str
    argument: int | None  # of the function or of `op`, counted from 0; None: all of them
    evidence: dict[str, Any]  # the numbers that speak for it
    certainty: float
    entries: list[tuple] = field(default_factory=list)  # (index in output, index in argument)
    op: str | None = None  # the op at fault
    line: str | None = None  # `file:line` where the op was called, or is defined if it is all
    name: str = ""  # the argument's, if it has one
    pullback: tuple[str, str] | None = None  # `file:line` where its gradient is computed, and text
    hint: str = ""  # advice that is better than the fault's own
    repair: str = ""  # the change with which the gradient is right, if it was found

    @property
    def title(self) -> str:
        return FAULTS[self.code].title

    @property
    def advice(self) -> str:
        return self.hint or FAULTS[self.code].advice

    def __str__(self) -> str:
        return self.text()

    def text(self, others: Sequence[Diagnosis] = ()) -> str:
        """others: the same fault in further arguments, which are named only."""
        return "\n     ".join([f"{self.code}: {self.title}", *self.details(others)])

    def details(self, others: Sequence[Diagnosis] = ()) -> list[str]:
        """Where, at which line, with what evidence, and what to do: each in a line."""
        where = self.op or "the function"
        where += f" ({self.line})" if self.line else ""
        if self.argument is not None:
            where += f", {called(self.argument, self.name)}"
        also = [d for d in others if None not in (self.argument, d.argument)]
        lines = [f"in {where}"]
        if also:
            names = (called(d.argument, d.name) for d in also if d.argument is not None)
            lines.append("and so in " + "; ".join(dict.fromkeys(names)))
        if self.pullback is not None:
            lines.append(f"the line: {self.pullback[0]}: {self.pullback[1]}")
        if self.entries:
            name = self.name.partition(" ")[0] or "x"
            shown = ", ".join(f"d y{list(y)} / d {name}{list(x)}" for y, x in self.entries[:3])
            more = ", ..." if len(self.entries) > 3 else ""
            lines.append(f"entries: {shown}{more}")
        # What a repair says is not said twice, and one that repairs a part only is not offered.
        evidence = told(self.evidence, without=("repaired_by", "saved"))
        lines += ["evidence: " + "; ".join(evidence)] if evidence else []
        return [*lines, self.repair or self.advice]

    def as_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "number": FAULTS[self.code].number,
            "title": self.title,
            "advice": self.advice,
            "op": self.op,
            "line": self.line,
            "repair": self.repair,
            "pullback": self.pullback and list(self.pullback),
            "argument": self.argument,
            "name": self.name,
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
    names: dict[int, str] = field(default_factory=dict)  # of the arguments

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [self.message or "gradcheck: backward agrees with the differences"]
        if self.diagnoses:
            lines += ["", "What fits, the most probable first:"]
            lines += [f"  {i}. {text}" for i, text in enumerate(self.entries(), 1)]
            lines += [f"  Less likely: {', '.join(self.unlikely)}"] if self.unlikely else []
        elif not self.ok and any(self.wrong(i).any() for i in self.jacobians):
            lines += ["", "None of the known faults explains it: derive the formula once more."]
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])

    @property
    def likely(self) -> list[Diagnosis]:
        """The best diagnosis of each fault that has good evidence, three at most."""
        best: dict[tuple, Diagnosis] = {}
        for d in self.diagnoses:
            best.setdefault((d.code, d.op), d)
        return ([d for d in best.values() if d.certainty >= LIKELY] or list(best.values()))[:SHOWN]

    @property
    def unlikely(self) -> list[str]:
        """The codes of all others."""
        shown = {d.code for d in self.likely}
        return list(dict.fromkeys(d.code for d in self.diagnoses if d.code not in shown))

    def entries(self) -> list[str]:
        """What is read of each likely fault; it is one entry for all arguments that it is in."""
        found, repairs = [], set()
        for d in self.likely:
            others = [
                e for e in self.diagnoses
                if (e.code, e.op) == (d.code, d.op) and e.certainty >= min(LIKELY, d.certainty)
                and e.argument != d.argument
            ]  # fmt: skip
            found.append(replace(d, repair="" if d.repair in repairs else d.repair).text(others))
            repairs.add(d.repair)
        return found

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

        yield from rendering.terminal(self, options.max_width)


def plain(value: Any) -> Any:
    """A number, string or list of them, for a dict that JSON can hold."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
