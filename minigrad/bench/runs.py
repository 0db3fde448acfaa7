"""A finished run: as JSON and back, and two of them side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.bench.report import BASE, Row, markdown, shown
from minigrad.bench.sizes import Curve


class Run(NamedTuple):
    date: str
    machine: str
    device: str
    versions: dict[str, str]  # by package
    flops: dict[str, float]  # FLOP/s in float32, by number of threads; on a GPU by dtype
    bandwidth: float  # bytes/s
    rows: list[Row]
    curves: list[Curve]
    failures: list[str]  # what could not be measured, and why


def save(run: Run, file: Path) -> None:
    found: dict[str, Any] = run._asdict()
    found["rows"] = [row._asdict() for row in run.rows]
    found["curves"] = [curve._asdict() for curve in run.curves]
    file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def load(file: Path) -> Run:
    """ValueError if the file is something else."""
    found = json.loads(file.read_text(encoding="utf-8"))
    try:
        rows = [Row(**row) for row in found.pop("rows")]
        curves = [Curve(**curve) for curve in found.pop("curves")]
        return Run(**found, rows=rows, curves=curves)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it is not a file of this version's --json ({error})") from None


def side_by_side(old: Run, new: Run) -> str:
    """Both runs' figures; old / new above 1: it became faster or smaller.

    Two runs are never equally disturbed. So beside each stands the ratio to PyTorch, which was
    measured in the same minute.
    """
    before = {row.name: row for row in old.rows}
    head = ["", "old", "new", "old / new", "old to PyTorch", "new to PyTorch"]
    body = []
    for row in new.rows:
        if row.name in before:
            both = before[row.name], row
            was, now = (r.values[BASE] for r in both)
            ratios = [r.ratios.get("PyTorch") for r in both]
            body.append([
                row.name, shown(was, row.unit), shown(now, row.unit), f"{was / now:.2f}",
                *("-" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
            ])  # fmt: skip
    lines = [f"old: {old.date}, {old.machine}", f"new: {new.date}, {new.machine}", ""]
    return "\n".join([*lines, *markdown(head, body)])
