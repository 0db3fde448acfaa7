"""Distances and similarities between vectors."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from minigrad.autograd import sum_to
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.norm import vector_norm
from minigrad.ops.places import check_broadcast
from minigrad.ops.reduce import sum

__all__ = ["cdist", "cosine_similarity", "pairwise_distance"]


def pairwise_distance(
    x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Any:
    """The p-norm of x1 - x2 + eps along the last axis; eps keeps the gradient finite at 0."""
    if x1.shape != x2.shape:
        check_broadcast("pairwise_distance", x1=x1, x2=x2)
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """x1 . x2 / (max(|x1|, eps) max(|x2|, eps)) along `dim`, after broadcasting."""
    if x1.shape != x2.shape:
        check_broadcast("cosine_similarity", x1=x1, x2=x2)
        shape = np.broadcast_shapes(x1.shape, x2.shape)
        x1, x2 = np.broadcast_to(x1, shape), np.broadcast_to(x2, shape)

    def direction(x):
        length = vector_norm(x, 2, dim, True)
        held = length.detach() if is_tensor(length) else length
        # Clamped from below in value; the gradient is that of the length.
        return x / (length + (np.maximum(held, eps) - held))

    return sum(direction(x1) * direction(x2), dim)


@op
def euclidean_distances(x, y):
    """|x_i - y_j| for all rows of x (*, n, d) and y (*, m, d), by one matrix product.

    |x_i|**2 + |y_j|**2 - 2 x_i . y_j needs no array of all differences, but loses digits where the
    distance is small. Gradient: g (x_i - y_j) / distance, 0 at distance 0.
    """
    squares = np.sum(x * x, axis=-1, keepdims=True)
    others = np.swapaxes(np.sum(y * y, axis=-1, keepdims=True), -1, -2)
    squared = squares + others - 2 * (x @ np.swapaxes(y, -1, -2))
    if is_tensor(squared):
        distance = euclidean_distances(x, y)
    else:
        distance = np.sqrt(np.maximum(squared, 0))

    def ratio(g):
        zero = distance == 0
        return np.where(zero, 0, g / np.where(zero, 1, distance))

    def grad_x(g):
        r = ratio(g)
        return sum_to(x * np.sum(r, axis=-1, keepdims=True) - r @ y, x.shape)

    def grad_y(g):
        r = np.swapaxes(ratio(g), -1, -2)
        return sum_to(y * np.sum(r, axis=-1, keepdims=True) - r @ x, y.shape)

    return distance, (grad_x, grad_y)


MODES = {
    "use_mm_for_euclid_dist_if_necessary": 25,  # more rows than this: by a matrix product
    "use_mm_for_euclid_dist": 0,
    "donot_use_mm_for_euclid_dist": math.inf,
}


def cdist(
    x1: Any,
    x2: Any,
    p: float = 2.0,
    compute_mode: str | None = "use_mm_for_euclid_dist_if_necessary",
) -> Any:
    """The p-norm distances between all rows of x1 (*, n, d) and of x2 (*, m, d): (*, n, m).

    Gradient: 0 at distance 0. For p = 2 and more than 25 rows they come from one matrix product,
    which takes less memory and time and loses digits where distances are small; compute_mode
    "donot_use_mm_for_euclid_dist" prevents that, "use_mm_for_euclid_dist" asks for it always.
    """
    if len(x1.shape) < 2 or len(x2.shape) < 2 or x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            "cdist: expected two sets of vectors (*, n, d) and (*, m, d), got "
            f"{describe(x1)} and {describe(x2)}"
        )
    if p < 0:
        raise RuntimeError(f"cdist: p must not be negative, got {p}")
    rows = MODES.get(compute_mode or "use_mm_for_euclid_dist_if_necessary")
    if rows is None:
        raise ValueError(f"cdist: compute_mode must be one of {list(MODES)}, got {compute_mode!r}")
    if p == 2 and builtins.max(x1.shape[-2], x2.shape[-2]) > rows:
        return euclidean_distances(x1, x2)
    difference = np.expand_dims(x1, -2) - np.expand_dims(x2, -3)
    if difference.shape[-1] == 0:
        return sum(difference, -1)
    return vector_norm(difference, p, -1)
