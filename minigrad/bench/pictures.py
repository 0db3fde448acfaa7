"""The pictures of a run, those for which something was measured."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from minigrad import viz
from minigrad.bench.report import BASE
from minigrad.bench.runs import Run
from minigrad.viz.performance import Dot


def draw(run: Run, folder: Path) -> list[str]:
    """Write them into the folder; their names."""
    figures = {
        "roofline.png": roofline(run),
        "sizes.png": sizes(run),
        "steps.png": steps(run),
    }
    drawn = {name: figure for name, figure in figures.items() if figure}
    for name, figure in drawn.items():
        figure.savefig(folder / name)
    return list(drawn)


def peak(run: Run) -> float:
    """FLOP/s in float32 by all threads."""
    return run.flops["float32"] if run.device == "cuda" else max(run.flops.values())


def roofline(run: Run) -> Figure | None:
    """All kernels; the steps on the way to one, and a second row of the same, are left out."""
    dots = [
        Dot(row.name, row.flops, row.bytes, row.values[BASE], row.values.get("PyTorch"))
        for row in run.rows
        if row.flops and not is_step(row.name) and "fused" not in row.name
    ]
    if not dots:
        return None
    return viz.roofline(dots, peak(run), run.bandwidth, run.machine.split(",")[0], "PyTorch")


def sizes(run: Run) -> Figure | None:
    if not run.curves:
        return None
    return viz.time_against_size(run.curves)


def steps(run: Run) -> Figure | None:
    rows = [row for row in run.rows if is_step(row.name)]
    if not rows:
        return None
    speeds = {row.name.split(", ")[1]: row.flops / row.values[BASE] for row in rows}
    others = {who: rows[0].flops / s for who, s in rows[0].values.items() if who != BASE}
    heading = rows[0].name.split(", ")[0] + ", float32"
    return viz.speed_by_step(speeds, others, peak(run), heading)


def is_step(name: str) -> bool:
    return name.endswith((", naive", ", blocked", ", packed", ", vectorised", ", parallel"))
