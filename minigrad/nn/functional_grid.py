"""Pictures seen through a grid: each pixel of the result says where in the picture it looks.

Spatial Transformer Networks (Jaderberg, Simonyan, Zisserman and Kavukcuoglu, 2015,
https://arxiv.org/abs/1506.02025), equations 1 and 5: a network that chooses what it looks at, since
the result has a gradient with respect to the places too.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import Value, describe, wrap

__all__ = ["affine_grid", "grid_sample"]


def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The grid with which `grid_sample` turns, moves and scales: each place is theta (x, y, 1).

    theta: (N, 2, 3), size: (N, C, H, W), result: (N, H, W, 2); or, of volumes, (N, 3, 4),
    (N, C, D, H, W) and (N, D, H, W, 3). x and y (and z) go from -1 to 1 over the result: from
    centre to centre of its outermost pixels with align_corners, else from edge to edge.

    >>> import minigrad as mg
    >>> theta = mg.tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])  # half a width on
    >>> affine_grid(theta, (1, 1, 1, 2))
    tensor([[[[0., 0.],
              [1., 0.]]]])
    """
    n = len(size) - 2
    if n not in (2, 3) or tuple(theta.shape) != (size[0], n, n + 1):
        raise ValueError(
            "affine_grid: expected theta (N, 2, 3) with size (N, C, H, W), or (N, 3, 4) with "
            f"(N, C, D, H, W); got {describe(theta)} with {tuple(size)}"
        )
    axes = []
    for length in size[2:]:
        line = np.linspace(-1, 1, length, dtype=np.float64) if length > 1 else np.zeros(1)
        axes.append(line if align_corners else line * (length - 1) / length)
    places = [*np.meshgrid(*axes, indexing="ij")][::-1]  # x is the last axis
    base = np.stack([*places, np.ones_like(places[0])], -1).reshape(-1, n + 1)
    base = ops.astype(wrap(base).to(theta.device), theta.dtype)
    return ops.reshape(base @ theta.mT, (size[0], *size[2:], n))


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """The pixels of `input` (N, C, H, W) at the places of `grid` (N, H', W', 2): (N, C, H', W').

    A place is (x, y), of volumes (x, y, z): -1 is the first and 1 the last pixel along its axis,
    their centres with align_corners, else their outer edges. mode: "bilinear" weighs the 4 (in
    volumes 8) pixels around the place, "nearest" takes the nearest. padding_mode, for places
    outside: "zeros", the nearest pixel of the "border", or "reflection" at the edge. Gradients: of
    the pixels, and of the places with respect to the weights.

    >>> import minigrad as mg
    >>> picture = mg.tensor([[[[0.0, 1.0, 2.0]]]])
    >>> places = mg.tensor([[[[-1.0, 0.0], [0.25, 0.0]]]])
    >>> grid_sample(picture, places, align_corners=True)
    tensor([[[[0.0000, 1.2500]]]])
    """
    n = input.ndim - 2
    if n not in (2, 3) or grid.ndim != n + 2 or grid.shape[-1] != n or len(grid) != len(input):
        raise RuntimeError(
            "grid_sample: expected an input (N, C, H, W) with a grid (N, H', W', 2), or "
            "(N, C, D, H, W) with (N, D', H', W', 3); "
            f"got {describe(input)} with {describe(grid)}"
        )
    if mode not in ("bilinear", "nearest"):
        raise NotImplementedError(
            f"grid_sample: expected mode 'bilinear' or 'nearest', got {mode!r}"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "grid_sample: expected padding_mode 'zeros', 'border' or 'reflection', got "
            f"{padding_mode!r}"
        )
    sizes = tuple(input.shape[2:])
    around = []  # along each axis, the pixels to look at: index, weight (or None), is it inside
    for axis, size in enumerate(sizes):
        place = grid[..., n - 1 - axis]
        place = (place + 1) / 2 * (size - 1) if align_corners else ((place + 1) * size - 1) / 2
        place = put_inside(place, size, padding_mode, bool(align_corners))
        around.append(neighbours(place, size, mode))

    N, C = input.shape[:2]
    flat = ops.reshape(input, (N, C, -1))
    result: Any = 0
    for corner in itertools.product(*around):
        index: Any = 0
        weight: Any = 1.0
        for size, (i, w, inside) in zip(sizes, corner, strict=True):
            index = index * size + np.clip(i, 0, size - 1)
            weight = weight * inside if w is None else weight * (w * wrap(inside))
        index = wrap(np.broadcast_to(index.reshape(N, 1, -1), (N, C, index[0].size)))
        if not isinstance(weight, Value):
            weight = wrap(weight.astype(input.dtype))
        result = result + ops.gather(flat, 2, index) * ops.reshape(weight, (N, 1, -1))
    return ops.reshape(result, (N, C, *grid.shape[1:-1]))


def put_inside(place: Any, size: int, padding_mode: str, align_corners: bool) -> Any:
    """The place, in pixels, from which padding_mode takes what lies at `place`."""
    if padding_mode == "zeros":
        return place
    x = place.array
    slope = np.ones_like(x)
    if padding_mode == "reflection":
        low, span = (0.0, size - 1) if align_corners else (-0.5, size)
        away = x - low
        slope = np.where(away < 0, -1.0, 1.0).astype(x.dtype)
        flips = np.floor(abs(away) / span) if span else np.zeros_like(x)
        rest = np.fmod(abs(away), span) if span else np.zeros_like(x)
        odd = flips % 2 == 1
        slope = np.where(odd, -slope, slope) if span else np.zeros_like(x)
        x = np.where(odd, span - rest, rest) + x.dtype.type(low)
    within = (x > 0) & (x < size - 1)  # on the border itself the gradient is 0, as in PyTorch
    slope = slope * within
    value = np.clip(x, 0, size - 1)
    return place * wrap(slope) + wrap((value - place.array * slope).astype(x.dtype))


def neighbours(place: Any, size: int, mode: str) -> list[tuple]:
    """The pixels that count along one axis: indices, weights (None for 1), which exist at all."""

    def pixel(i: Any, weight: Any) -> tuple:
        inside = ((i >= 0) & (i < size)).astype(place.dtype)
        return np.clip(i, -1, size).astype(np.int64), weight, inside

    if mode == "nearest":
        return [pixel(np.rint(place.array), None)]
    first = np.floor(place.array)
    beyond = place - wrap(first)
    return [pixel(first, 1 - beyond), pixel(first + 1, beyond)]
