"""How activations, gradients or weights are spread in each layer, and how that changes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from minigrad.viz.plots import GRID, HELD_OUT, QUIET, TRAINING, heading, padded_figure, quiet
from minigrad.viz.recorder import KINDS, Recorder

COLORS = {"activations": TRAINING, "gradients": HELD_OUT, "weights": "#2a9d62"}
NOTES = {
    "activations": "what each layer gives",
    "gradients": "|gradient| of each layer's weight, on one logarithmic scale",
    "weights": "the weights of each layer",
}


def layers_over_time(recorder: Recorder, kind: str = "activations") -> Figure:
    """A panel for each layer, from the input on: the median over the steps, and bands around it.

    The dark band holds the middle half of the numbers, the pale one nine tenths of them. kind:
    "activations", "gradients" or "weights". Gradients share one logarithmic scale, so that one sees
    them vanish or explode from layer to layer; what is exactly 0 is drawn at its lower end.

    Raises ValueError for another kind, and if nothing of that kind was recorded.
    """
    if kind not in KINDS:
        raise ValueError(f"layers_over_time: kind is one of {', '.join(KINDS)}, got {kind!r}")
    # A layer may have run without a step being counted: that is not drawn.
    layers = {
        name: [(step, rows[step]) for step in recorder.steps if step in rows]
        for name, rows in recorder.values[kind].items()
    }
    layers = {name: points for name, points in layers.items() if points}
    if not layers:
        raise ValueError(
            f"layers_over_time: no {kind} were recorded; call recorder.record() after each "
            "backward(), or give the recorder to fit(callbacks=[recorder])"
        )
    columns = min(4, len(layers))
    rows = -(-len(layers) // columns)
    figure = padded_figure(2.7 * columns + 0.6, 0.7 + 2.0 * rows)
    logarithmic = kind == "gradients"
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=logarithmic)
    for ax in grid.flat[len(layers) :]:
        ax.axis("off")
    found = np.concatenate([row for points in layers.values() for _, row in points])
    floor = found[found > 0].min(initial=np.inf)
    for ax, (name, points) in zip(grid.flat, layers.items(), strict=False):
        steps = [step for step, _ in points]
        levels = np.array([row for _, row in points]).T  # (levels, steps)
        if logarithmic:
            levels = np.maximum(levels, floor if np.isfinite(floor) else 1e-12)
            ax.set_yscale("log")
            ax.yaxis.set_minor_locator(NullLocator())
        low, quarter, median, three, high = levels
        color = COLORS[kind]
        ax.fill_between(steps, low, high, color=color, alpha=0.18, linewidth=0)
        ax.fill_between(steps, quarter, three, color=color, alpha=0.35, linewidth=0)
        marker = "o" if len(steps) == 1 else None
        ax.plot(steps, median, color=color, linewidth=1.8, marker=marker)
        heading(ax, label_of(recorder, name))
        quiet(ax)
        ax.grid(axis="y", color=GRID, linewidth=0.8)
        ax.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
        ax.margins(x=0)
    for ax in grid.flat[max(0, len(layers) - columns) : len(layers)]:
        ax.set_xlabel("step", color=QUIET, fontsize=10)
        ax.tick_params(labelbottom=True)
    note = f"{NOTES[kind]}; line: median, bands: 50 % and 90 % of the numbers"
    figure.suptitle(note, x=0.012, ha="left", color=QUIET, fontsize=9.5)
    return figure


def label_of(recorder: Recorder, name: str) -> str:
    kind = type(recorder.layers[name]).__name__
    return f"{name}  {kind}" if name else kind
