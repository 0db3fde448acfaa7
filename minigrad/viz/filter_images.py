"""What the filters of a convolution look for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from minigrad.viz.arrays import as_array
from minigrad.viz.colors import SIGNED
from minigrad.viz.plots import GRID, QUIET, padded_figure

MOST = 256  # pictures in one figure


def filters(weight: Any, columns: int = 8) -> Figure:
    """The filters of a convolution: orange adds, blue takes away, white does nothing.

    weight: (out, in, H, W), or a Conv2d. With one input channel the filters stand in rows of
    `columns`; with several, each row is a filter and each column an input channel. All share one
    scale, symmetric about 0.

    Raises ValueError for another shape, and for more than 256 pictures.
    """
    array = as_array(getattr(weight, "weight", weight))
    if array.ndim != 4 or array.size == 0:
        raise ValueError(
            f"filters: expected a weight (out, in, H, W) as of a Conv2d, got {array.shape}"
        )
    count, channels = array.shape[:2]
    if count * channels > MOST:
        raise ValueError(
            f"filters: {count} x {channels} pictures are more than {MOST}; give a part of them, "
            "such as layer.weight[:8, :8]"
        )
    columns = min(columns, count) if channels == 1 else channels
    rows = math.ceil(count * channels / columns)
    limit = float(np.abs(array).max()) or 1.0
    figure = padded_figure(max(3.6, 0.9 * columns + 1.3), 0.9 * rows + 0.9)
    figure.set_layout_engine("constrained", w_pad=0.05, h_pad=0.05)
    grid = figure.subplots(rows, columns, squeeze=False)
    image = None
    for i, ax in enumerate(grid.flat):
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set_color(GRID)
        if i >= count * channels:
            ax.axis("off")
            continue
        image = ax.imshow(array.reshape(-1, *array.shape[2:])[i], cmap=SIGNED, vmin=-limit,
                          vmax=limit, interpolation="nearest")  # fmt: skip
        if channels > 1 and i % columns == 0:
            ax.set_ylabel(str(i // columns), rotation=0, ha="right", va="center", color=QUIET)
        if channels > 1 and i < columns:
            ax.set_title(str(i), color=QUIET, fontsize=9.5)
    assert image is not None
    bar = figure.colorbar(image, ax=grid, shrink=min(1.0, 2.4 / (0.9 * rows)), aspect=14)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(colors=QUIET, labelsize=9, length=0)
    note = f"{count} filters of {array.shape[2]} x {array.shape[3]}"
    if channels > 1:
        note = f"a row for each of {count} filters, a column for each of {channels} input channels"
    figure.suptitle(note, x=0.02, ha="left", color=QUIET, fontsize=9.5)
    return figure
