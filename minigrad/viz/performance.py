"""Pictures of how fast something is: a roofline, time against size, speed by optimisation step."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.ticker import NullLocator
from matplotlib.transforms import Bbox

from minigrad.viz.plots import GRID, HELD_OUT, INK, QUIET, TRAINING, padded_figure, quiet, title

LINES = (TRAINING, QUIET, HELD_OUT, "#2a9d62")
SECONDS = {1: "1 s", 1e-1: "100 ms", 1e-2: "10 ms", 1e-3: "1 ms", 1e-4: "100 µs", 1e-5: "10 µs",
           1e-6: "1 µs", 10: "10 s"}  # fmt: skip


class Dot(NamedTuple):
    """Something measured: what it computes and moves, and how long that took."""

    name: str
    flops: float
    bytes: float
    seconds: float
    peer: float | None = None  # the seconds of another one


# ---------------------------------------------------------------------------- roofline


def roofline(
    dots: Sequence[Dot], flops: float, bandwidth: float, note: str = "", peer: str = ""
) -> Figure:
    """FLOP/s against arithmetic intensity, below what the machine can do: min(flops, bandwidth x).

    dots: full ones; hollow ones are the peer's. Williams, Waterman and Patterson, "Roofline: an
    insightful visual performance model", 2009.
    """
    figure = padded_figure(10.5, 6.6)
    ax = figure.subplots()
    x = [dot.flops / dot.bytes for dot in dots]
    y = [dot.flops / dot.seconds / 1e9 for dot in dots]
    others = [dot.flops / (dot.peer or dot.seconds) / 1e9 for dot in dots]
    ridge = flops / bandwidth
    low, high = min(*x, ridge) / 2, max(*x, ridge) * 3
    edge = np.array([low, ridge, high])
    roof = np.minimum(flops, bandwidth * edge) / 1e9
    bottom = min(*y, *others, roof[0]) / 2
    ax.fill_between(edge, roof, bottom, color=TRAINING, alpha=0.05, linewidth=0)
    ax.plot(edge, roof, color=INK, linewidth=1.6)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(bottom, roof[-1] * 2))
    for a, b, other in zip(x, y, others, strict=True):
        ax.plot([a, a], [b, other], color=QUIET, linewidth=0.9, zorder=2)
        ax.plot(a, other, "o", color="white", markeredgecolor=QUIET, markersize=5.5, zorder=3)
        ax.plot(a, b, "o", color=TRAINING, markersize=7, zorder=4)
    title(ax, "Roofline", note + (f"; hollow: {peer}" if any(dot.peer for dot in dots) else ""))
    plain_numbers(ax)
    ax.set_xlabel("arithmetic intensity: FLOPs for each byte that must be moved", color=QUIET)
    ax.set_ylabel("GFLOP/s", color=QUIET)
    label_roof(ax, flops, bandwidth, low, high)
    edge = np.geomspace(low, high, 200)
    roof_points = np.column_stack([edge, np.minimum(flops, bandwidth * edge) / 1e9])
    label_dots(ax, [dot.name for dot in dots], x, y, others, roof_points)
    return figure


def label_roof(ax: Axes, flops: float, bandwidth: float, low: float, high: float) -> None:
    ax.annotate(f"{flops / 1e9:.0f} GFLOP/s of arithmetic", (high, flops / 1e9), xytext=(-4, 6),
                textcoords="offset points", ha="right", color=INK, fontsize=10)  # fmt: skip
    start = low * (flops / bandwidth / low) ** 0.08
    ax.annotate(f"{bandwidth / 1e9:.0f} GB/s of memory", (start, bandwidth * start / 1e9),
                xytext=(12, -8), textcoords="offset points", va="top", color=INK,
                fontsize=10)  # fmt: skip


def label_dots(
    ax: Axes, names: Sequence[str], x: Sequence[float], y: Sequence[float],
    others: Sequence[float], keep_off: np.ndarray,
) -> None:  # fmt: skip
    """Each name beside its dot, at the nearest of several places where it covers nothing else.

    others: where the lines from the dots end. keep_off: more points (x, y) not to be covered.
    """
    assert isinstance(ax.figure, Figure)
    ax.figure.draw_without_rendering()
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    places = ax.transData.transform(np.column_stack([x, y]))
    ends = ax.transData.transform(np.column_stack([x, others]))
    half = 0.06 * ax.figure.dpi  # pixels: half of a dot
    taken = [Bbox([a - half, b + half]) for a, b in
             zip(np.minimum(places, ends), np.maximum(places, ends), strict=True)]  # fmt: skip
    taken += [around(point) for point in ax.transData.transform(keep_off)]
    labels = [text.get_window_extent(renderer) for text in ax.texts]
    inside = ax.get_window_extent(renderer)
    for i in sorted(range(len(y)), key=lambda i: -y[i]):
        # If there is no such place, the line to the dot may cross other names.
        for strict, far, (across, up) in itertools.product((1, 0), DISTANCES, DIRECTIONS):
            text = label_dot(ax, names[i], x[i], y[i], far, across, up)
            text.update_positions(renderer)
            box = Text.get_window_extent(text, renderer)  # without the line to the dot
            way = [around(point) for point in np.linspace(places[i], box.get_points().mean(0), 24)]
            within = inside.contains(box.x0, box.y0) and inside.contains(box.x1, box.y1)
            free = not box.count_overlaps(taken) and not box.count_overlaps(labels)
            crosses = strict and any(label.count_overlaps(way) for label in labels)
            if within and free and not crosses:
                labels.append(box)
                taken += way
                break
            text.remove()


def around(point: np.ndarray) -> Bbox:
    return Bbox([point - 2, point + 2])


DISTANCES = (8, 20, 34, 50, 70, 95, 125, 160, 200)  # points
DIRECTIONS = [(math.cos(a), math.sin(a)) for a in (0, math.pi, *np.arange(1, 16) * math.pi / 8)]


def label_dot(
    ax: Axes, name: str, x: float, y: float, far: float, across: float, up: float
) -> Annotation:
    """A name some points away from its dot, with a line to it if it is not just beside it."""
    side = "center" if abs(across) < 0.01 else "left" if across > 0 else "right"
    arrow = {"arrowstyle": "-", "color": QUIET, "linewidth": 0.6} if far > DISTANCES[0] else None
    return ax.annotate(
        name, (x, y), xytext=(far * across, far * up), textcoords="offset points", color=INK,
        fontsize=8.5, ha=side, va="center", arrowprops=arrow, zorder=5,
    )  # fmt: skip


# ---------------------------------------------------------------------------- time against size


def time_against_size(
    curves: Iterable[tuple[str, str, Sequence[int], Mapping[str, Sequence[float]]]], note: str = ""
) -> Figure:
    """For each curve (name, what the sizes are, sizes, seconds of each library) one panel."""
    curves = list(curves)
    figure = padded_figure(4.3 * len(curves), 4.4)
    panels = figure.subplots(1, len(curves), squeeze=False)[0]
    for ax, (name, axis, sizes, seconds) in zip(panels, curves, strict=True):
        for (who, values), color in zip(seconds.items(), LINES, strict=False):
            ax.plot(sizes, values, color=color, linewidth=2, marker="o", markersize=4, label=who)
        ax.set(xscale="log", yscale="log")
        ax.set_xticks(sizes, [str(n) for n in sizes])
        ax.xaxis.set_minor_locator(NullLocator())
        low, high = ax.get_ylim()
        ticks = [t for t in SECONDS if low <= t <= high]
        ax.set_yticks(ticks, [SECONDS[t] for t in ticks])
        ax.yaxis.set_minor_locator(NullLocator())
        title(ax, name, note if ax is panels[0] else "")
        quiet(ax)
        ax.grid(color=GRID, linewidth=0.8)
        ax.set_xlabel(axis, color=QUIET, fontsize=10)
        ax.legend(frameon=False, fontsize=9.5, labelcolor="linecolor", loc="upper left")
    return figure


# ---------------------------------------------------------------------------- steps


def speed_by_step(
    steps: Mapping[str, float], others: Mapping[str, float], ceiling: float, heading: str
) -> Figure:
    """FLOP/s of each step as a bar, and by how much it is faster than the first.

    others: FLOP/s of other libraries, as lines across; ceiling: what the machine can do.
    """
    figure = padded_figure(8.4, 4.6)
    ax = figure.subplots()
    values = [flops / 1e9 for flops in steps.values()]
    ax.bar(list(steps), values, width=0.62, color=TRAINING)
    for i, value in enumerate(values):
        ax.annotate(f"{value:.3g}\n{value / values[0]:.3g} x" if i else f"{value:.3g}", (i, value),
                    xytext=(0, 5), textcoords="offset points", ha="center", va="bottom", color=INK,
                    fontsize=10, linespacing=1.3,
                    bbox={"facecolor": "white", "linewidth": 0, "pad": 1})  # fmt: skip
    lines = {"this machine's ceiling": ceiling, **others}
    for (who, flops), color in zip(lines.items(), (INK, *LINES[1:]), strict=False):
        ax.axhline(flops / 1e9, color=color, linewidth=1.2, linestyle=(0, (4, 3)), zorder=0.5,
                   label=f"{who}: {flops / 1e9:.3g}")  # fmt: skip
    ax.legend(frameon=False, fontsize=10, labelcolor="linecolor", loc="upper left")
    ax.set_yscale("log")
    ax.set_ylim(min(values) / 3, 8 * max(ceiling / 1e9, *values))
    title(ax, heading, "GFLOP/s, and how many times the first step's")
    plain_numbers(ax)
    ax.tick_params(axis="x", labelsize=10.5, labelcolor=INK)
    return figure


def plain_numbers(ax: Axes) -> None:
    """1, 10, 100 on logarithmic axes, and a quiet grid."""
    quiet(ax)
    ax.grid(axis="y", color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_formatter(lambda value, _: f"{value:g}")
            axis.set_minor_locator(NullLocator())
