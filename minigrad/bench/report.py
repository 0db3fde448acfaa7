"""One row a benchmark, one column a peer; printed as a Markdown table that also reads as text."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from benchmarks import THREADS
from benchmarks.peers import BASE, PEERS
from benchmarks.timing import Times, compare
from minigrad.cli.probes import processor


class Row(NamedTuple):
    """What was measured of each, and minigrad's figure divided by each peer's."""

    name: str
    unit: str  # s or bytes
    values: dict[str, float]
    ratios: dict[str, float]
    goal: str = ""
    met: bool | None = None
    note: str = ""

    @classmethod
    def of_times(
        cls,
        name: str,
        times: Mapping[str, Times],
        goal: float | None = None,
        limit: float | None = None,
        note: str = "",
    ) -> Row:
        """goal: at most this share of PyTorch's time. limit: at most so many seconds."""
        values = {who: t.median for who, t in times.items()}
        ratios = {who: times[BASE].ratio(t) for who, t in times.items() if who != BASE}
        text, met = "", None
        if goal is not None:
            text = f"<= {goal:g} of PyTorch"
            met = ratios["PyTorch"] <= goal if "PyTorch" in ratios else None
        elif limit is not None:
            text = f"<= {shown(limit, 's')}"
            met = values[BASE] <= limit
        return cls(name, "s", values, ratios, text, met, note)

    @classmethod
    def of_bytes(cls, name: str, sizes: Mapping[str, int], note: str = "") -> Row:
        ratios = {who: sizes[BASE] / size for who, size in sizes.items() if who != BASE}
        return cls(name, "bytes", {w: float(s) for w, s in sizes.items()}, ratios, note=note)


def timed(
    name: str, candidates: Mapping[str, Callable[[], object]], *, goal: float | None = None,
    note: str = "",
) -> Row:  # fmt: skip
    return Row.of_times(name, compare(candidates), goal=goal, note=note)


def shown(value: float, unit: str) -> str:
    """Three significant digits: `152 µs`, `4.10 MB`."""
    scales = {
        "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
        "bytes": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    }[unit]
    scale, name = next((s for s in scales if value >= s[0]), scales[-1])
    amount = value / scale
    digits = 0 if amount >= 100 else 1 if amount >= 10 else 2
    return f"{amount:.{digits}f} {name}"


def table(rows: list[Row]) -> str:
    """In brackets minigrad's figure divided by the peer's: below 1 minigrad needs less."""
    head = ["", BASE, *(f"{peer} (ratio)" for peer in PEERS), "goal"]
    body = [[row.name, shown(row.values[BASE], row.unit),
             *(cell(row, peer) for peer in PEERS), verdict(row)] for row in rows]  # fmt: skip
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    rule = ["-" * widths[0], *("-" * (w - 1) + ":" for w in widths[1:-1]), "-" * widths[-1]]
    lines = []
    for line in (head, rule, *body):
        cells = [
            text.ljust(w) if i in (0, len(head) - 1) else text.rjust(w)
            for i, (text, w) in enumerate(zip(line, widths, strict=True))
        ]
        lines.append("| " + " | ".join(cells) + " |")
    notes = dict.fromkeys(f"{row.note}." for row in rows if row.note)
    return "\n".join([*lines, "", *notes])


def cell(row: Row, peer: str) -> str:
    if peer not in row.values:
        return "-"
    return f"{shown(row.values[peer], row.unit)} ({row.ratios[peer]:.2g})"


def verdict(row: Row) -> str:
    return row.goal + {None: "", True: ": met", False: ": missed"}[row.met]


def machine() -> str:
    return (
        f"{processor()}, {os.cpu_count()} cores, {THREADS} threads for each, "
        f"Python {platform.python_version()}, NumPy {np.__version__}"
    )


def as_json(rows: list[Row], versions: dict[str, str]) -> dict[str, Any]:
    return {"machine": machine(), "peers": versions, "rows": [row._asdict() for row in rows]}
