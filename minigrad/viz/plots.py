"""The plots. All share one look: quiet axes, labels on the lines, one colour for what matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

INK = "#1f2933"  # text
QUIET = "#7b8794"  # axes and notes
GRID = "#e4e7eb"
TRAINING = "#2f6fde"
HELD_OUT = "#d9580d"
WRONG = "#c81e1e"
DPI = 160


def loss_curve(
    training: Sequence[float], held_out: Sequence[float], accuracy: Any = None
) -> Figure:
    """The loss of each epoch, on training and held-out data; below it, if given, the accuracy.

    training: the mean loss over each epoch; held_out: the loss at its end. Logarithmic scale.
    accuracy: one fraction in [0, 1] for each epoch, on held-out data.
    """
    rows = 1 if accuracy is None else 2
    figure = padded_figure(7.2, 3.2 + 2.2 * (rows - 1))
    axes = figure.subplots(rows, 1, sharex=True, height_ratios=[3, 2][:rows], squeeze=False)[:, 0]
    epochs = np.arange(1, len(training) + 1)
    marker = "o" if len(training) == 1 else None  # a line needs two points
    top = axes[0]
    for values, color, label in (
        (training, TRAINING, "training"),
        (held_out, HELD_OUT, "held out"),
    ):
        top.plot(epochs, values, color=color, linewidth=2, marker=marker)
        label_line_end(top, epochs[-1], values[-1], label, color)
    spread_labels(top)
    top.set_yscale("log")
    top.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few_decades(top) else (1,)))
    top.yaxis.set_major_formatter(lambda y, _: f"{y:g}")
    top.minorticks_off()
    title(top, "Loss", "training: mean over the epoch; held out: at its end")
    if accuracy is not None:
        percent = 100 * np.asarray(accuracy)
        axes[1].plot(epochs, percent, color=HELD_OUT, linewidth=2, marker=marker)
        label_line_end(axes[1], epochs[-1], percent[-1], f"{percent[-1]:.1f} %", HELD_OUT)
        axes[1].set_ylim(max(0.0, math.floor((percent.min() - 1) / 10) * 10), 101)
        title(axes[1], "Accuracy", "per cent of the held-out images that are read correctly")
    for ax in axes:
        quiet(ax)
        ax.grid(axis="y", color=GRID, linewidth=0.8)
        ax.set_xlim(*((1, len(training)) if marker is None else (0.5, 1.5)))
        ax.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        ax.margins(y=0.1)
    axes[-1].set_xlabel("epoch", color=QUIET, fontsize=10)
    return figure


def confusion_matrix(counts: Any, names: Sequence[str]) -> Figure:
    """Rows: what an example is. Columns: what the network said. The diagonal is correct.

    counts: (C, C) integers, `counts[i, j]` of class i were called j. names: the C classes.
    """
    counts = np.asarray(counts)
    n = len(names)
    side = 1.9 + 0.46 * n
    figure = padded_figure(side - 0.35, side)
    ax = figure.subplots()
    share = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    right = np.eye(n, dtype=bool)
    tint = np.ones((n, n, 4))
    tint[right] = shade(TRAINING, 0.25 + 0.75 * share[right])
    tint[~right] = shade(WRONG, np.where(counts[~right] > 0, 0.25 + 2 * share[~right], 0))
    ax.imshow(tint)
    for i in range(n):
        for j in range(n):
            if counts[i, j]:
                dark = (share[i, j] > 0.4) if i == j else share[i, j] > 0.2
                color = "white" if dark else INK
                weight = "normal" if i == j else "bold"
                ax.text(j, i, str(counts[i, j]), ha="center", va="center", color=color,
                        fontsize=10, fontweight=weight)  # fmt: skip
    ax.set_xticks(np.arange(n + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(n + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=GRID, linewidth=1)
    ax.set_xticks(range(n), names)
    ax.set_yticks(range(n), names)
    quiet(ax)
    ax.tick_params(which="both", length=0, labelcolor=INK, labelsize=10)
    ax.set_xlabel("what the network said", color=QUIET, fontsize=10, labelpad=8)
    ax.set_ylabel("what the image is", color=QUIET, fontsize=10, labelpad=8)
    correct, total = int(np.trace(counts)), int(counts.sum())
    title(ax, "Confusion matrix", f"{correct} of {total} correct, mistakes in red")
    return figure


def image_grid(
    images: Any, captions: Sequence[str], heading: str, note: str = "", columns: int = 6
) -> Figure:
    """Images (N, H, W) in rows of `columns`, dark on light, each with its caption.

    heading and note: the two lines above them. With no images the figure says "none".
    """
    count = len(images)
    rows = max(1, math.ceil(count / columns))
    width, height = 1.35 * columns, 0.8 + 1.5 * rows
    figure = Figure(figsize=(width, height), dpi=DPI)
    figure.text(0.12 / width, 1 - 0.14 / height, heading, va="top", color=INK, fontsize=13,
                fontweight="bold")  # fmt: skip
    figure.text(0.12 / width, 1 - 0.42 / height, note, va="top", color=QUIET, fontsize=9.5)
    grid = figure.subplots(rows, columns, squeeze=False)
    figure.subplots_adjust(left=0.12 / width, right=1 - 0.12 / width, bottom=0.1 / height,
                           top=1 - 1.0 / height, wspace=0.12, hspace=0.3)  # fmt: skip
    for i, ax in enumerate(grid.flat):
        if i >= count:
            ax.axis("off")
            continue
        ax.imshow(images[i], cmap="gray_r", interpolation="nearest")
        ax.set_title(captions[i], fontsize=9.5, color=INK, pad=4)
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set_color(GRID)
    if count == 0:
        figure.text(0.5, 0.3, "none", ha="center", color=QUIET, fontsize=13)
    return figure


def padded_figure(width: float, height: float) -> Figure:
    """A figure of that size in inches whose parts are laid out to fit, with a margin around."""
    figure = Figure(figsize=(width, height), dpi=DPI)
    figure.set_layout_engine("constrained", w_pad=0.12, h_pad=0.12)
    return figure


def shade(color: str, strength: Any) -> np.ndarray:
    """`color` over white: strength 0 is white, 1 the colour itself."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    strength = np.clip(strength, 0, 1)[..., None]
    opaque = 1 - strength * (1 - rgb)
    return np.concatenate([opaque, np.ones_like(strength)], axis=-1)


def title(ax: Axes, heading: str, note: str) -> None:
    """A heading, and under it in smaller type what exactly is shown."""
    ax.set_title(heading + "\n", loc="left", color=INK, fontsize=13, fontweight="bold")
    ax.text(0, 1, note + "\n", transform=ax.transAxes, color=QUIET, fontsize=9.5, va="bottom",
            linespacing=0.6)  # fmt: skip


def heading(ax: Axes, text: str) -> None:
    """A heading alone, where what is shown needs no second line."""
    ax.set_title(text, loc="left", color=INK, fontsize=11.5, fontweight="bold")


def label_line_end(ax: Axes, x: float, y: float, text: str, color: str) -> None:
    """The name of a line at its right end, where the eye is: better than a legend."""
    ax.annotate(text, (x, y), xytext=(6, 0), textcoords="offset points", color=color,
                fontsize=10, va="center", annotation_clip=False)  # fmt: skip


def spread_labels(ax: Axes) -> None:
    """Move the two line labels apart, the upper one up, so that they cannot cover each other."""
    upper, lower = sorted(ax.texts, key=lambda t: -t.xy[1])  # type: ignore[attr-defined]
    upper.set_verticalalignment("bottom")
    lower.set_verticalalignment("top")


def few_decades(ax: Axes) -> bool:
    """True if the y axis spans so little that powers of ten alone would hardly label it."""
    low, high = ax.get_ylim()
    return high < 100 * low


def quiet(ax: Axes) -> None:
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(colors=QUIET, labelsize=9.5, length=0)
