"""Where a network of two inputs decides for what, as it learns: in a row, and as a film."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from minigrad.autograd import no_grad
from minigrad.creation import tensor
from minigrad.nn.modes import modes_kept
from minigrad.ops import softmax
from minigrad.viz.arrays import as_array
from minigrad.viz.colors import GROUPS
from minigrad.viz.plots import INK, heading, padded_figure, quiet

if TYPE_CHECKING:
    from minigrad.nn import Module
    from minigrad.train.run import Run

POINTS = 120  # of the grid, in each direction
MARKERS = "o^sDvP*Xph"


class Boundaries:
    """What a model says about each point of the plane, at each time that is asked for.

    model: (N, 2) to scores (N, C) of C classes. x, labels: the points (N, 2) and classes (N,) that
    it learns from, which are drawn too. In a loop of one's own, call `record(name)` now and then;
    as a callback of `minigrad.train.fit` it is called after each `every`-th epoch.

    Raises ValueError for other shapes and for more than ten classes.
    """

    def __init__(self, model: Module, x: Any, labels: Any, every: int = 1):
        self.x, self.labels = as_array(x), as_array(labels)
        if self.x.ndim != 2 or self.x.shape[1] != 2 or self.labels.shape != self.x.shape[:1]:
            raise ValueError(
                f"Boundaries: expected points (N, 2) and labels (N,), got {self.x.shape} and "
                f"{self.labels.shape}"
            )
        if not np.issubdtype(self.labels.dtype, np.integer) or not (
            self.labels.min() >= 0 and self.labels.max() < len(GROUPS)
        ):
            raise ValueError(
                f"Boundaries: expected labels that are integers from 0 to {len(GROUPS) - 1}, got "
                f"{self.labels.dtype} from {self.labels.min()} to {self.labels.max()}"
            )
        if every < 1:
            raise ValueError(f"Boundaries: expected every >= 1, got {every}")
        self.model, self.every = model, every
        margin = 0.15 * np.ptp(self.x, axis=0)
        low, high = self.x.min(0) - margin, self.x.max(0) + margin
        self.extent = (low[0], high[0], low[1], high[1])
        across, up = np.meshgrid(
            *(np.linspace(*ends, POINTS) for ends in zip(low, high, strict=True))
        )
        self.grid = np.stack([across, up], -1).reshape(-1, 2)
        self.names: list[str] = []
        self.shares: list[np.ndarray] = []  # each (POINTS, POINTS, C): the probabilities

    def record(self, name: str) -> None:
        """Keep what the model says now, under the name that stands above its picture."""
        weight = next(iter(self.model.parameters()))
        with modes_kept(self.model), no_grad():
            scores = self.model.eval()(tensor(self.grid, dtype=weight.dtype, device=weight.device))
        classes = int(self.labels.max()) + 1
        if scores.ndim != 2 or scores.shape[1] < classes:
            raise ValueError(
                f"Boundaries: expected scores (N, C) with C >= {classes}, one for each class, the "
                f"model gave {tuple(scores.shape)}"
            )
        self.shares.append(as_array(softmax(scores, 1)).reshape(POINTS, POINTS, -1))
        self.names.append(name)

    def on_start(self, run: Run) -> None:
        self.record(f"epoch {run.epoch}")

    def on_epoch(self, run: Run) -> None:
        if run.epoch % self.every == 0:
            self.record(f"epoch {run.epoch}")


def decision_boundaries(boundaries: Boundaries, columns: int = 3, rows: int = 2) -> Figure:
    """Up to columns x rows of the pictures that were recorded, from the first to the last.

    A place has the colour of the class that the model calls it, the paler the less sure it is.
    Raises ValueError if none was recorded.
    """
    places = recorded(boundaries, "decision_boundaries")
    chosen = np.unique(np.linspace(0, places - 1, columns * rows).round().astype(int))
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = padded_figure(3.3 * columns, 3.0 * rows + 0.2)
    grid = figure.subplots(rows, columns, squeeze=False)
    for ax in grid.flat[len(chosen) :]:
        ax.axis("off")
    for ax, place in zip(grid.flat, chosen, strict=False):
        draw(ax, boundaries, place)
    return figure


def boundary_film(boundaries: Boundaries, interval: int = 120) -> FuncAnimation:
    """The pictures one after the other, each for `interval` milliseconds; the last one stays.

    `film.save("film.gif", writer="pillow")` writes it; `film.to_jshtml()` is for a notebook.
    Raises ValueError if none was recorded.
    """
    places = recorded(boundaries, "boundary_film")
    figure = Figure(figsize=(5, 4.6), dpi=90)
    ax = figure.subplots()
    figure.subplots_adjust(left=0.04, right=0.96, bottom=0.04, top=0.88)
    stay = round(1500 / interval)

    def show(frame: int) -> list:
        ax.clear()
        draw(ax, boundaries, min(frame, places - 1))
        return []

    return FuncAnimation(figure, show, frames=places + stay, interval=interval)


def recorded(boundaries: Boundaries, name: str) -> int:
    if not boundaries.shares:
        raise ValueError(
            f"{name}: nothing was recorded; call boundaries.record(name), or give it to "
            "fit(callbacks=[boundaries])"
        )
    return len(boundaries.shares)


def draw(ax: Axes, boundaries: Boundaries, place: int) -> None:
    shares = boundaries.shares[place]
    sure = shares.max(-1, keepdims=True)
    # From chance, which is white, to certainty, which is still pale: the points must stand out.
    strength = 0.45 * (sure - 1 / shares.shape[-1]) / (1 - 1 / shares.shape[-1])
    colors = np.array([to_rgb(GROUPS[c % len(GROUPS)]) for c in range(shares.shape[-1])])
    ax.imshow(1 - strength * (1 - colors[shares.argmax(-1)]), origin="lower",
              extent=boundaries.extent, aspect="auto", interpolation="bilinear")  # fmt: skip
    if shares.shape[-1] == 2:
        x0, x1, y0, y1 = boundaries.extent
        side = np.linspace(x0, x1, POINTS), np.linspace(y0, y1, POINTS)
        if shares[..., 1].min() < 0.5 < shares[..., 1].max():
            ax.contour(*side, shares[..., 1], [0.5], colors=INK, linewidths=1.6)
    for label in np.unique(boundaries.labels):
        ax.scatter(*boundaries.x[boundaries.labels == label].T, s=22, marker=MARKERS[label],
                   color=GROUPS[label], edgecolor="white", linewidth=0.6)  # fmt: skip
    ax.set(xticks=[], yticks=[], xlim=boundaries.extent[:2], ylim=boundaries.extent[2:])
    heading(ax, boundaries.names[place])
    quiet(ax)
