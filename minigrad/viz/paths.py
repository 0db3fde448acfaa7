"""The way that optimizers take down a valley, on two functions that are known to be hard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from minigrad.creation import tensor
from minigrad.viz.colors import GROUPS, HEIGHTS
from minigrad.viz.plots import GRID, INK, QUIET, padded_figure, quiet, title

LEAST = 1e-8  # smaller values are drawn here: a method of second order falls to 0 in one step


class Valley(NamedTuple):
    """f(x, y) is 0 at `minimum`; pictures show it within `x` and `y`."""

    name: str
    f: Callable[[Any, Any], Any]
    minimum: tuple[float, float]
    start: tuple[float, float]
    x: tuple[float, float]
    y: tuple[float, float]


def _rosenbrock(x: Any, y: Any) -> Any:
    """(1 - x)^2 + 100 (y - x^2)^2."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _beale(x: Any, y: Any) -> Any:
    """The sum over i = 1, 2, 3 of (c_i - x (1 - y^i))^2, with c = 1.5, 2.25, 2.625."""
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


# Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960:
# a flat, curved valley. Beale, "On an iterative method for finding a local minimum", 1958: plains
# with a sharp peak at each corner.
ROSENBROCK = Valley("Rosenbrock", _rosenbrock, (1, 1), (-1.2, 1), (-2, 2), (-0.8, 2.6))
BEALE = Valley("Beale", _beale, (3, 0.5), (1, 1.5), (-1, 4), (-1.5, 2.5))


def optimizer_paths(
    optimizers: Mapping[str, Callable[[list], Any]], valley: Valley = ROSENBROCK, steps: int = 200
) -> Figure:
    """Left: the ways over the map of the function, from one start. Right: the value at each step.

    optimizers: a name, and a function that makes one from its parameters, such as
    `lambda p: mg.optim.Adam(p, lr=0.1)`. The gradient is minigrad's, in float64. A way that leaves
    for infinity is drawn up to there.

    Raises ValueError for no optimizer, for more than ten, and for steps < 1.
    """
    if not 1 <= len(optimizers) <= len(GROUPS):
        raise ValueError(
            f"optimizer_paths: expected 1 to {len(GROUPS)} optimizers, got {len(optimizers)}"
        )
    if steps < 1:
        raise ValueError(f"optimizer_paths: expected steps >= 1, got {steps}")
    figure = padded_figure(11, 5.2)
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    xs, ys = np.linspace(*valley.x, 240), np.linspace(*valley.y, 240)
    height = valley.f(*np.meshgrid(xs, ys))
    levels = np.geomspace(0.02, height.max(), 15)
    left.contourf(xs, ys, np.maximum(height, levels[0]), levels, cmap=HEIGHTS,
                  norm=LogNorm(levels[0], levels[-1]))  # fmt: skip
    left.contour(xs, ys, height, levels, colors="white", linewidths=0.6)
    left.plot(*valley.minimum, "*", color=INK, markersize=15, markeredgecolor="white", zorder=6)
    left.plot(*valley.start, "o", color=INK, markersize=7, markeredgecolor="white", zorder=6)
    for (name, make), color in zip(optimizers.items(), GROUPS, strict=False):
        path = descend(make, valley, steps)
        left.plot(*path.T, color="white", linewidth=3.6, zorder=3)
        left.plot(*path.T, color=color, linewidth=2, label=name, zorder=4)
        left.plot(*path[-1], "o", color=color, markersize=6, markeredgecolor="white", zorder=5)
        values = np.maximum(valley.f(*path.T), LEAST)
        right.plot(values, color=color, linewidth=2, label=name)
    left.set(xlim=valley.x, ylim=valley.y, xlabel="x", ylabel="y")
    for ax in (left, right):
        quiet(ax)
        ax.xaxis.label.set_color(QUIET)
        ax.yaxis.label.set_color(QUIET)
    title(left, valley.name, "a dot: the start; a star: the minimum, 0; dark is high")
    right.set_yscale("log")
    right.yaxis.set_minor_locator(NullLocator())
    right.grid(axis="y", color=GRID, linewidth=0.8)
    right.set_xlabel("step")
    title(right, "Value", "at each step, down to 1e-8, on a logarithmic scale")
    figure.legend(*right.get_legend_handles_labels(), frameon=False, fontsize=10, ncols=5,
                  labelcolor="linecolor", loc="outside lower left")  # fmt: skip
    return figure


def descend(make: Callable[[list], Any], valley: Valley, steps: int) -> np.ndarray:
    """The points (steps + 1, 2) of the way; fewer if it leaves for infinity."""
    x, y = (tensor(float(c), requires_grad=True).double().detach() for c in valley.start)
    parameters = [x.requires_grad_(), y.requires_grad_()]
    optimizer = make(parameters)

    def closure() -> Any:  # LBFGS asks for the loss more than once a step
        optimizer.zero_grad()
        loss = valley.f(x, y)
        loss.backward()
        return loss

    path = [valley.start]
    for _ in range(steps):
        optimizer.step(closure)
        point = (x.item(), y.item())
        with np.errstate(over="ignore", invalid="ignore"):
            if not np.isfinite(valley.f(*np.array(point))):
                break
        path.append(point)
    return np.array(path, dtype=np.float64)
