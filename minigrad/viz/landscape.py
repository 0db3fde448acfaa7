"""The loss around the weights that were found, along two directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from minigrad.autograd import no_grad
from minigrad.viz.arrays import as_array
from minigrad.viz.colors import SHARES
from minigrad.viz.plots import HELD_OUT, INK, QUIET, padded_figure, quiet, title


class Surface(NamedTuple):
    """values[i, j]: the loss at a = steps[i] along one direction and b = steps[j] along another."""

    steps: np.ndarray
    values: np.ndarray


def loss_surface(
    model: Any, loss: Callable[[], Any], span: float = 1.0, points: int = 21, seed: int = 0
) -> Surface:
    """loss() at weights + a d + b e, for a and b from -span to span, without gradients.

    d and e are random directions of which each filter (each row of a weight) is as long as the
    model's: at a = 1 every filter has moved by its own length. Else a net of large weights would
    look flat and one of small weights steep, though they compute the same. What has one axis
    (biases, norms) stays. Li, Xu, Taylor, Studer and Goldstein, "Visualizing the loss landscape of
    neural nets", 2018, section 4.

    loss: of no arguments, and the same each time (`model.eval()`, a fixed batch). The weights are
    put back, also if it raises. points: odd, so that the weights themselves are among them.

    Raises ValueError if points is even or below 3, if span is not positive, and if no parameter has
    two axes.
    """
    if points < 3 or points % 2 == 0:
        raise ValueError(f"loss_surface: expected points odd and >= 3, got {points}")
    if not span > 0:
        raise ValueError(f"loss_surface: expected span > 0, got {span}")
    weights = [p for p in model.parameters() if p.ndim > 1]
    if not weights:
        raise ValueError("loss_surface: the model has no weight of two axes or more to move along")
    rng = np.random.default_rng(seed)
    start = [p.detach().clone() for p in weights]
    d, e = ([direction(p, rng) for p in start] for _ in range(2))
    steps = np.linspace(-span, span, points)
    values = np.empty((points, points))
    try:
        with no_grad():
            for i, a in enumerate(steps.tolist()):
                for j, b in enumerate(steps.tolist()):
                    for p, w, one, other in zip(weights, start, d, e, strict=True):
                        p.copy_(w + a * one + b * other)
                    values[i, j] = float(loss())
    finally:
        with no_grad():
            for p, w in zip(weights, start, strict=True):
                p.copy_(w)
    return Surface(steps, values)


def direction(weight: Any, rng: np.random.Generator) -> Any:
    """A random direction whose every filter weight[i] is as long as the weight's."""
    w = as_array(weight)
    filters = w.reshape(len(w), -1)
    d = rng.standard_normal(filters.shape)
    length = np.linalg.norm(d, axis=1, keepdims=True)
    d *= np.linalg.norm(filters, axis=1, keepdims=True) / np.maximum(length, 1e-12)
    return weight.new_tensor(d.reshape(w.shape))


def loss_landscape(surface: Surface) -> Figure:
    """The surface as a map with contour lines; a cross marks the weights that were found.

    Dark is high, and the scale is logarithmic if every loss is positive. Raises ValueError if a
    loss is not finite, or if all are the same.
    """
    steps, values = (np.asarray(a, dtype=np.float64) for a in surface)
    if values.shape != (len(steps), len(steps)) or not np.isfinite(values).all():
        raise ValueError(
            f"loss_landscape: expected finite losses ({len(steps)}, {len(steps)}), got "
            f"{values.shape} with {int((~np.isfinite(values)).sum())} not finite; a smaller span "
            "stays nearer to the weights"
        )
    low, high = float(values.min()), float(values.max())
    if low == high:
        raise ValueError(f"loss_landscape: every loss is {low:g}; does loss() use the model?")
    positive = low > 0
    levels = np.geomspace(low, high, 13) if positive else np.linspace(low, high, 13)
    norm = LogNorm(low, high) if positive else None
    figure = padded_figure(6.8, 5.6)
    ax = figure.subplots()
    # contour() wants rows along y: a, the first axis of values, is drawn along x.
    filled = ax.contourf(steps, steps, values.T, levels, cmap=SHARES, norm=norm)
    ax.contour(steps, steps, values.T, levels, colors="white", linewidths=0.7, alpha=0.7)
    ax.plot([0], [0], "x", color=HELD_OUT, markersize=10, markeredgewidth=2.6)
    middle = values[len(steps) // 2, len(steps) // 2]
    ax.annotate(f"the weights found: {middle:.3g}", (0, 0), xytext=(10, 8), fontsize=10,
                textcoords="offset points", color=INK,
                bbox={"facecolor": "white", "alpha": 0.85, "linewidth": 0, "pad": 2})  # fmt: skip
    bar = figure.colorbar(filled, ax=ax, ticks=levels[::3], format=lambda v, _: f"{v:.2g}",
                          label="loss", aspect=24)  # fmt: skip
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.minorticks_off()
    bar.ax.tick_params(colors=QUIET, labelsize=9.5, length=0)
    bar.ax.yaxis.label.set_color(QUIET)
    ax.set_aspect("equal")
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.set_xlabel("along one random direction", color=QUIET, fontsize=10)
    ax.set_ylabel("along another", color=QUIET, fontsize=10)
    title(ax, "Loss landscape", "at 1, every filter has moved by its own length")
    quiet(ax)
    return figure
