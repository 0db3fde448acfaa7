"""Where attention looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from minigrad.viz.arrays import as_array
from minigrad.viz.colors import SHARES
from minigrad.viz.plots import INK, QUIET, heading, padded_figure, quiet


def attention_maps(
    weights: Any, queries: Sequence[str], keys: Sequence[str] | None = None
) -> Figure:
    """How much each query (row) looks at each key (column): a panel for each head.

    weights: (T, S), (H, T, S) or (1, H, T, S), as `nn.MultiheadAttention` gives them with
    average_attn_weights=False, or `attention_weights`. queries, keys: what stands at the T and S
    places; without keys, attention is of a text to itself.

    Raises ValueError if shapes and names do not fit.
    """
    array = as_array(weights)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 2:
        array = array[None]
    keys = queries if keys is None else keys
    if array.ndim != 3 or array.shape[1:] != (len(queries), len(keys)):
        raise ValueError(
            f"attention_maps: expected weights (heads, {len(queries)}, {len(keys)}) for "
            f"{len(queries)} queries and {len(keys)} keys, got {as_array(weights).shape}; of a "
            "batch, give one example"
        )
    heads = len(array)
    columns = min(4, heads)
    rows = -(-heads // columns)
    width, height = 0.9 + 0.3 * len(keys), 0.9 + 0.3 * len(queries)
    figure = padded_figure(max(3.2, width) * columns + 0.9, max(2.6, height) * rows + 0.4)
    grid = figure.subplots(rows, columns, squeeze=False)
    image = None
    for ax in grid.flat[heads:]:
        ax.axis("off")
    for head, ax in enumerate(grid.flat[:heads]):
        image = ax.imshow(array[head], cmap=SHARES, vmin=0, vmax=1, interpolation="nearest")
        ax.set_xticks(range(len(keys)), keys)
        ax.set_yticks(range(len(queries)), queries)
        heading(ax, f"head {head}" if heads > 1 else "attention")
        quiet(ax)
        ax.tick_params(labelcolor=INK, labelsize=10)
        ax.set_xlabel("looks at", color=QUIET, fontsize=10)
    for ax in grid[:, 0]:
        ax.set_ylabel("who looks", color=QUIET, fontsize=10)
    assert image is not None
    bar = figure.colorbar(image, ax=grid, shrink=0.7, aspect=16)
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(colors=QUIET, labelsize=9, length=0)
    return figure


def attention_weights(q: Any, k: Any, is_causal: bool = False) -> np.ndarray:
    """softmax(q k^T / sqrt(D)): q (..., T, D) and k (..., S, D) to (..., T, S).

    is_causal: query t sees keys 0 to t only, as in `scaled_dot_product_attention`, whose fused
    kernel never writes these weights down.

    >>> attention_weights(np.eye(2), np.zeros((2, 2)))
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    q, k = as_array(q), as_array(k)
    if q.ndim < 2 or k.ndim < 2 or q.shape[-1] != k.shape[-1]:
        raise ValueError(
            f"attention_weights: expected q (..., T, D) and k (..., S, D), got {q.shape}, {k.shape}"
        )
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])  # (..., T, S)
    if is_causal:
        scores = np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)
