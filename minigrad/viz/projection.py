"""Vectors of many numbers as points of a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from minigrad.viz.arrays import as_array
from minigrad.viz.colors import GROUPS
from minigrad.viz.performance import label_dots
from minigrad.viz.plots import GRID, QUIET, padded_figure, quiet, title


def embeddings(vectors: Any, names: Sequence[str], groups: Sequence[str] | None = None) -> Figure:
    """Vectors (N, D) as N named points, on the two axes along which they differ most.

    Principal components: the centred vectors are U S V^T, and a point is U S at its first two
    columns; its sign is chosen so that the largest part of each axis is positive. groups: what each
    is one of; each of up to ten groups has a colour.

    Raises ValueError if there are not two vectors of two numbers, or not a name for each.
    """
    array = as_array(vectors).astype(np.float64)
    if array.ndim != 2 or min(array.shape) < 2:
        raise ValueError(f"embeddings: expected vectors (N, D), both at least 2, got {array.shape}")
    groups = [""] * len(array) if groups is None else list(groups)
    kinds = list(dict.fromkeys(groups))
    if len(names) != len(array) or len(groups) != len(array) or len(kinds) > len(GROUPS):
        raise ValueError(
            f"embeddings: expected a name and a group for each of {len(array)} vectors, and up to "
            f"{len(GROUPS)} groups; got {len(names)} names, {len(groups)} of {len(kinds)} groups"
        )
    u, s, vt = np.linalg.svd(array - array.mean(0), full_matrices=False)
    sign = np.sign(vt[[0, 1], np.abs(vt[:2]).argmax(1)])
    points = u[:, :2] * s[:2] * sign
    share = 100 * s**2 / max(float((s**2).sum()), 1e-300)
    figure = padded_figure(7.2, 5.6)
    ax = figure.subplots()
    for kind, color in zip(kinds, GROUPS, strict=False):
        chosen = [group == kind for group in groups]
        ax.scatter(*points[chosen].T, s=34, color=color, label=kind, linewidth=0, zorder=3)
    ax.margins(0.08)
    if kinds != [""]:
        figure.legend(frameon=False, fontsize=10, labelcolor="linecolor", ncols=5,
                      loc="outside lower left")  # fmt: skip
    ax.set_xlabel(f"first principal component: {share[0]:.0f} % of the variance", color=QUIET)
    ax.set_ylabel(f"second: {share[1]:.0f} %", color=QUIET)
    title(
        ax,
        "Embeddings",
        f"{len(array)} vectors of {array.shape[1]} numbers, along their two widest axes",
    )
    quiet(ax)
    ax.grid(color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    across, up = points.T.tolist()
    label_dots(ax, names, across, up, up, np.zeros((0, 2)))
    return figure
