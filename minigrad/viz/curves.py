"""A picture of a training run: a panel for each quantity that was measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from minigrad.viz.plots import (
    GRID,
    HELD_OUT,
    QUIET,
    TRAINING,
    few_decades,
    label_line_end,
    padded_figure,
    quiet,
    spread_labels,
    title,
)


def training_curves(rows: Sequence[dict[str, float]]) -> Figure:
    """Each quantity over the epochs, on training data and (named "val_...") on held-out data.

    rows: a dict of numbers for each epoch, as `minigrad.train.History` has them. A loss has a
    logarithmic scale. Raises ValueError if there is no epoch.
    """
    if not rows:
        raise ValueError("training_curves: no epoch has been measured, there is nothing to draw")
    names = list(dict.fromkeys(name.removeprefix("val_") for row in rows for name in row))
    figure = padded_figure(7.2, 0.8 + 2.6 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        for key, color, label in (
            (name, TRAINING, "training"),
            (f"val_{name}", HELD_OUT, "held out"),
        ):
            points = [(i, row[key]) for i, row in enumerate(rows, 1) if key in row]
            if points:
                epochs, values = zip(*points, strict=True)
                marker = "o" if len(points) == 1 else None  # a line needs two points
                panel.plot(epochs, values, color=color, linewidth=2, marker=marker)
                label_line_end(panel, epochs[-1], values[-1], label, color)
        if len(panel.texts) == 2:
            spread_labels(panel)
        drawn = np.concatenate([line.get_ydata() for line in panel.lines])
        if "loss" in name and (drawn > 0).all():
            panel.set_yscale("log")
            panel.yaxis.set_major_locator(
                LogLocator(subs=(1, 2, 5) if few_decades(panel) else (1,))
            )
            panel.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
            panel.minorticks_off()
        title(panel, name, "training: mean over the epoch; held out: at its end")
        quiet(panel)
        panel.grid(axis="y", color=GRID, linewidth=0.8)
        panel.set_xlim(*((1, len(rows)) if len(rows) > 1 else (0.5, 1.5)))
        panel.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        panel.margins(y=0.1)
    panels[-1].set_xlabel("epoch", color=QUIET, fontsize=10)
    return figure


def learning_rates(rates: Sequence[float], losses: Sequence[float], suggestion: float) -> Figure:
    """The loss over the learning rate (logarithmic), as `minigrad.train.find_lr` measures it."""
    figure = padded_figure(7.2, 3.6)
    panel = figure.subplots()
    panel.plot(rates, losses, color=TRAINING, linewidth=2)
    panel.axvline(suggestion, color=HELD_OUT, linewidth=1.2)
    at = losses[list(rates).index(suggestion)]
    panel.plot([suggestion], [at], "o", color=HELD_OUT)
    label_line_end(panel, suggestion, at, f"steepest: {suggestion:.2g}", HELD_OUT)
    panel.set_xscale("log")
    panel.minorticks_off()
    panel.grid(axis="y", color=GRID, linewidth=0.8)
    panel.set_xlabel("learning rate", color=QUIET, fontsize=10)
    title(panel, "Loss", "running mean, while the learning rate grows from batch to batch")
    quiet(panel)
    return figure
