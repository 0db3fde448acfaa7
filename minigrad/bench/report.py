"""One row a measurement, one column a peer; printed as a Markdown table that also reads as text."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minigrad.bench.timing import Times, fastest
from minigrad.cli.probes import processor

BASE = "minigrad"


class Goal(NamedTuple):
    """What minigrad should need at most: a share of what a peer needs, or (of "") an amount.

    speed: stated as at least that share of the peer's speed.
    """

    share: float
    of: str = "PyTorch"
    speed: bool = False

    def excess(self, ratio: float) -> float:
        """By how much the goal was missed, as a fraction of it; not positive if it was met."""
        return 1 - 1 / ratio / self.share if self.speed else ratio / self.share - 1

    def text(self, unit: str) -> str:
        if not self.of:
            return f"<= {shown(self.share, unit)}"
        return f"{'>=' if self.speed else '<='} {self.share:g} of {self.of}"


BEST_BLAS = "the best BLAS"


class Row(NamedTuple):
    """What was measured of each, and minigrad's figure divided by each peer's."""

    name: str
    unit: str  # s, bytes, or "" for a ratio
    values: dict[str, float]  # the median
    ratios: dict[str, float]
    least: dict[str, float]  # the shortest time
    goal: str = ""
    excess: float | None = None  # by which fraction of the goal it was missed
    note: str = ""
    flops: float = 0  # of one call
    bytes: float = 0  # that it has to read and write at the least
    floor: float = 0  # seconds that this machine needs for that at the least; 0 if not known

    @property
    def met(self) -> bool | None:
        return None if self.excess is None else self.excess <= 0

    @classmethod
    def of_times(
        cls, name: str, times: Mapping[str, Times], goal: Goal | None = None, note: str = ""
    ) -> Row:
        values = {who: t.median for who, t in times.items()}
        ratios = {who: times[BASE].ratio(t) for who, t in times.items() if who != BASE}
        least = {who: t.least for who, t in times.items()}
        row = cls(name, "s", values, ratios, least, note=note)
        if goal and goal.of == BEST_BLAS and ratios:
            best = fastest(*(t for who, t in times.items() if who != BASE))
            return row.judged(goal, times[BASE].ratio(best))
        return row.judged(goal)

    @classmethod
    def of_amounts(
        cls, name: str, unit: str, amounts: Mapping[str, float], goal: Goal | None = None,
        note: str = "",
    ) -> Row:  # fmt: skip
        ratios = {who: amounts[BASE] / n for who, n in amounts.items() if who != BASE}
        return cls(name, unit, dict(amounts), ratios, {}, note=note).judged(goal)

    def judged(self, goal: Goal | None, ratio: float | None = None) -> Row:
        """With the goal, and how far from it the row is, if its peer was there."""
        if goal is None:
            return self
        if ratio is None:
            ratio = self.ratios.get(goal.of) if goal.of else self.values[BASE]
        excess = None if ratio is None else goal.excess(ratio)
        return self._replace(goal=goal.text(self.unit), excess=excess)

    def on(self, flops: float, bandwidth: float) -> Row:
        """With the floor of a machine that computes and moves so much a second (the roofline)."""
        return self._replace(floor=max(self.flops / flops, self.bytes / bandwidth))


def shown(value: float, unit: str) -> str:
    """Three significant digits: `152 µs`, `4.10 MB`."""
    scales = {
        "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
        "bytes": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
        "FLOP/s": ((1e12, "TFLOP/s"), (1e9, "GFLOP/s"), (1e6, "MFLOP/s")),
        "B/s": ((1e12, "TB/s"), (1e9, "GB/s"), (1e6, "MB/s")),
        "": ((1.0, ""),),
    }[unit]
    scale, name = next((s for s in scales if value >= s[0]), scales[-1])
    amount = value / scale
    digits = 0 if amount >= 100 else 1 if amount >= 10 else 2
    return f"{amount:.{digits}f} {name}".rstrip()


def table(rows: Sequence[Row], peers: Iterable[str]) -> str:
    """In brackets minigrad's figure divided by the peer's: below 1 minigrad needs less."""
    head = ["", BASE, *(f"{peer} (ratio)" for peer in peers), "goal"]
    body = [[row.name, shown(row.values[BASE], row.unit),
             *(cell(row, peer) for peer in peers), verdict(row)] for row in rows]  # fmt: skip
    if any(row.floor for row in rows):  # how much of what the machine can do is made use of
        head.insert(2, "of the ceiling")
        for line, row in zip(body, rows, strict=True):
            line.insert(2, f"{100 * row.floor / row.values[BASE]:.0f} %" if row.floor else "-")
    notes = dict.fromkeys(f"{row.note}." for row in rows if row.note)
    return "\n".join([*markdown(head, body), "", *notes])


def markdown(head: list[str], body: list[list[str]]) -> list[str]:
    """The lines of a table; the first and the last column are flushed left."""
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:-1]), "-" * widths[-1]]
    lines = []
    for line in (head, rule, *body):
        cells = [
            text.ljust(w) if i in (0, len(head) - 1) else text.rjust(w)
            for i, (text, w) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def cell(row: Row, peer: str) -> str:
    if peer not in row.values:
        return "-"
    return f"{shown(row.values[peer], row.unit)} ({row.ratios[peer]:.2g})"


def verdict(row: Row) -> str:
    if row.excess is None:
        return row.goal
    percent = 100 * row.excess
    return f"{row.goal}: " + ("met" if row.met else f"missed by {percent:.{int(percent < 1)}f} %")


def machine(threads: int) -> str:
    return (
        f"{processor()}, {os.cpu_count()} cores, {threads} threads for each, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )
