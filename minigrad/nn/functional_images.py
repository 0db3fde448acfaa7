"""Images made larger or smaller, taken apart and put together: functions of other ops.

Interpolation is linear in the image and separable: along each axis it is a product with a small
matrix, most of whose numbers are 0. `nearest` picks rows and columns instead.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import describe, wrap
from minigrad.ops.indexing import embed, getitem

__all__ = [
    "channel_shuffle", "fold", "interpolate", "lp_pool1d", "lp_pool2d", "pixel_shuffle",
    "pixel_unshuffle", "unfold",
]  # fmt: skip

MODES = {  # to the number of spatial axes that it is for
    "nearest": (1, 2, 3), "nearest-exact": (1, 2, 3), "area": (1, 2, 3), "linear": (1,),
    "bilinear": (2,), "bicubic": (2,), "trilinear": (3,),
}  # fmt: skip
CUBIC = -0.75  # the slope in Keys' kernel that PyTorch and OpenCV have


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """(N, C, *S) with the spatial axes S of another size: `size`, or floor(S * scale_factor).

    mode: "nearest" (the pixel at floor(i * S / S')), "nearest-exact" (of which the centre is
    nearest), "linear", "bilinear", "trilinear", "bicubic" (Keys, 1981), "area" (the mean of what
    falls into the pixel). align_corners: the outermost pixels stay where they are, instead of the
    outermost edges. recompute_scale_factor: places are worked out from the sizes, not from
    scale_factor. antialias is not there.

    >>> import minigrad as mg
    >>> interpolate(mg.tensor([[[0.0, 2.0]]]), scale_factor=2, mode="linear")
    tensor([[[0.0000, 0.5000, 1.5000, 2.0000]]])
    """
    n = input.ndim - 2
    if mode not in MODES or n not in MODES[mode]:
        raise NotImplementedError(
            f"interpolate: mode {mode!r} is not for {describe(input)}; there are, of (N, C, *S), "
            f"{', '.join(f'{m} ({min(k)} to {max(k)} axes S)' for m, k in MODES.items())}"
        )
    if antialias:
        raise NotImplementedError("interpolate: antialias=True is not supported")
    if align_corners is not None and mode in ("nearest", "nearest-exact", "area"):
        raise ValueError(f"interpolate: align_corners has no meaning for mode {mode!r}")
    sizes = tuple(input.shape[2:])
    wanted, scales = _sizes(n, sizes, size, scale_factor, recompute_scale_factor)
    if mode == "area":
        pool = ops.adaptive_avg_pool1d, ops.adaptive_avg_pool2d, ops.adaptive_avg_pool3d
        return pool[n - 1](input, wanted)
    for axis, (old, new, scale) in enumerate(zip(sizes, wanted, scales, strict=True), 2):
        if mode.startswith("nearest"):
            index = nearest(old, new, scale, 0.5 if mode == "nearest-exact" else 0.0)
            input = getitem(input, (slice(None),) * axis + (index,))
            continue
        weights = cubic if mode == "bicubic" else linear
        matrix = weights(old, new, scale, bool(align_corners)).astype(input.dtype)
        matrix = wrap(matrix).to(input.device)
        input = ops.swapaxes(ops.matmul(ops.swapaxes(input, axis, -1), matrix.T), axis, -1)
    return input


def _sizes(n: int, sizes: tuple, size: Any, scale_factor: Any, recompute: bool | None) -> Any:
    """The wanted sizes, and for each axis how many old pixels a new one is wide."""
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give size or scale_factor, one of them")
    given = size if scale_factor is None else scale_factor
    given = tuple(given) if isinstance(given, (tuple, list)) else (given,) * n
    if len(given) != n:
        raise ValueError(f"interpolate: expected one number or {n}, got {given}")
    if scale_factor is None:
        if recompute:
            raise ValueError("interpolate: recompute_scale_factor needs a scale_factor")
        wanted = tuple(int(s) for s in given)
    else:
        wanted = tuple(math.floor(s * f) for s, f in zip(sizes, given, strict=True))
    if min(wanted) < 1 or min(sizes) < 1:
        raise RuntimeError(f"interpolate: sizes must be above 0, got {sizes} to {wanted}")
    if scale_factor is None or recompute:
        return wanted, [old / new for old, new in zip(sizes, wanted, strict=True)]
    return wanted, [1 / f for f in given]


def nearest(old: int, new: int, scale: float, centre: float) -> np.ndarray:
    """The old pixel for each new one."""
    # In float32, as PyTorch: what is rounded there falls on the same side here.
    places = (np.arange(new, dtype=np.float32) + np.float32(centre)) * np.float32(scale)
    return np.minimum(np.floor(places).astype(np.int64), old - 1)


def places(old: int, new: int, scale: float, align_corners: bool) -> np.ndarray:
    """Where each new pixel is among the old ones."""
    if align_corners:
        return np.arange(new) * ((old - 1) / (new - 1) if new > 1 else 0.0)
    return (np.arange(new) + 0.5) * scale - 0.5


@functools.lru_cache(64)
def linear(old: int, new: int, scale: float, align_corners: bool) -> np.ndarray:
    """(new, old): the weights of the two pixels that are next."""
    at = np.clip(places(old, new, scale, align_corners), 0, old - 1)
    left = np.floor(at).astype(np.int64)
    matrix = np.zeros((new, old))
    rows = np.arange(new)
    np.add.at(matrix, (rows, left), 1 - (at - left))
    np.add.at(matrix, (rows, np.minimum(left + 1, old - 1)), at - left)
    return matrix


@functools.lru_cache(64)
def cubic(old: int, new: int, scale: float, align_corners: bool) -> np.ndarray:
    """(new, old): the weights of the four pixels around; those outside are the border's."""
    at = places(old, new, scale, align_corners)
    left = np.floor(at).astype(np.int64)
    matrix = np.zeros((new, old))
    for offset in (-1, 0, 1, 2):
        t = np.abs(at - (left + offset))
        inner = (CUBIC + 2) * t**3 - (CUBIC + 3) * t**2 + 1
        outer = CUBIC * (t**3 - 5 * t**2 + 8 * t - 4)
        weight = np.where(t <= 1, inner, outer)
        np.add.at(matrix, (np.arange(new), np.clip(left + offset, 0, old - 1)), weight)
    return matrix


# ---------------------------------------------------------------------------- channels and pixels


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(*, C r^2, H, W) to (*, C, H r, W r): r^2 channels become a square of pixels.

    Shi et al., "Real-time single image super-resolution using sub-pixel convolution", 2016.
    """
    r = upscale_factor
    if r < 1 or input.ndim < 3 or input.shape[-3] % (r * r):
        raise RuntimeError(
            f"pixel_shuffle: expected (*, C, H, W) with C a multiple of {r}**2, got "
            f"{describe(input)}"
        )
    *lead, c, h, w = input.shape
    x = ops.reshape(input, (-1, c // (r * r), r, r, h, w))
    return ops.reshape(ops.permute(x, (0, 1, 4, 2, 5, 3)), (*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(*, C, H r, W r) to (*, C r^2, H, W): what undoes `pixel_shuffle`."""
    r = downscale_factor
    if r < 1 or input.ndim < 3 or input.shape[-1] % r or input.shape[-2] % r:
        raise RuntimeError(
            f"pixel_unshuffle: expected (*, C, H, W) with H and W multiples of {r}, got "
            f"{describe(input)}"
        )
    *lead, c, h, w = input.shape
    x = ops.reshape(input, (-1, c, h // r, r, w // r, r))
    return ops.reshape(ops.permute(x, (0, 1, 3, 5, 2, 4)), (*lead, c * r * r, h // r, w // r))


def channel_shuffle(input: Any, groups: int) -> Any:
    """(N, C, *): channel i of g groups of n goes to place (i mod n) g + i // n.

    Zhang et al., "ShuffleNet", 2018.
    """
    if groups < 1 or input.ndim < 3 or input.shape[1] % groups:
        raise RuntimeError(
            f"channel_shuffle: expected (N, C, *) with C a multiple of groups={groups}, got "
            f"{describe(input)}"
        )
    n, c, *rest = input.shape
    x = ops.swapaxes(ops.reshape(input, (n, groups, c // groups, *rest)), 1, 2)
    return ops.reshape(x, (n, c, *rest))


# ---------------------------------------------------------------------------- windows


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """The windows of a convolution as columns: (N, C, H, W) to (N, C kH kW, number of windows).

    >>> import minigrad as mg
    >>> unfold(mg.arange(4.0).reshape(1, 1, 1, 4), (1, 2))
    tensor([[[0., 1., 2.],
             [1., 2., 3.]]])
    """
    if input.ndim not in (3, 4):
        raise RuntimeError(f"unfold: expected (N, C, H, W) or (C, H, W), got {describe(input)}")
    x = input if input.ndim == 4 else ops.unsqueeze(input, 0)
    n, c = x.shape[:2]
    windows = _windows("unfold", tuple(x.shape[2:]), kernel_size, dilation, padding, stride)
    (rows, columns), (top, side), (terms, count) = windows
    x = ops.pad(x, (side, side, top, top))
    y = getitem(x, (slice(None), slice(None), rows, columns))
    y = ops.reshape(y, (n, c * terms, count))
    return y if input.ndim == 4 else y[0]


def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> Any:  # fmt: skip
    """The adjoint of `unfold`: columns (N, C kH kW, L) added up where their windows are, to
    (N, C, *output_size)."""
    size = _pair(output_size)
    windows = _windows("fold", size, kernel_size, dilation, padding, stride)
    (rows, columns), (top, side), (terms, count) = windows
    if input.ndim not in (2, 3) or input.shape[-2] % terms or input.shape[-1] != count:
        raise RuntimeError(
            f"fold: for an output {size} expected (N, C * {terms}, {count}), got {describe(input)}"
        )
    x = input if input.ndim == 3 else ops.unsqueeze(input, 0)
    n, c = x.shape[0], x.shape[1] // terms
    x = ops.reshape(x, (n, c, *np.broadcast_shapes(rows.shape, columns.shape)))
    padded = n, c, size[0] + 2 * top, size[1] + 2 * side
    y = embed(x, (slice(None), slice(None), rows, columns), padded)
    y = y[:, :, top : top + size[0], side : side + size[1]]
    return y if input.ndim == 3 else y[0]


def _pair(value: Any) -> tuple:
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def _windows(name: str, size: tuple, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """Indices (kH, kW, H', W') of rows and columns in the padded image; the padding; counts."""
    kernel, dilation, padding, stride = map(_pair, (kernel, dilation, padding, stride))
    index = []
    for s, k, d, p, step in zip(size, kernel, dilation, padding, stride, strict=True):
        count = (s + 2 * p - d * (k - 1) - 1) // step + 1
        if count < 1:
            raise RuntimeError(
                f"{name}: a window of {d * (k - 1) + 1} does not fit into {s} with padding {p}"
            )
        index.append(np.arange(k)[:, None] * d + np.arange(count) * step)
    rows, columns = index[0][:, None, :, None], index[1][None, :, None, :]
    terms = kernel[0] * kernel[1]
    return (rows, columns), padding, (terms, rows.shape[2] * columns.shape[3])


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x**norm_type over each window of (N, C, L)) ** (1 / norm_type)."""
    x = ops.avg_pool1d(input**norm_type, kernel_size, stride, 0, ceil_mode)
    size = kernel_size[0] if isinstance(kernel_size, (tuple, list)) else kernel_size
    return _root(x, size, norm_type)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x**norm_type over each window of (N, C, H, W)) ** (1 / norm_type)."""
    x = ops.avg_pool2d(input**norm_type, kernel_size, stride, 0, ceil_mode)
    return _root(x, math.prod(_pair(kernel_size)), norm_type)


def _root(mean: Any, count: int, norm_type: float) -> Any:
    """Of a negative sum, which odd powers can have, 0."""
    return (ops.sign(mean) * ops.relu(ops.abs(mean)) * count) ** (1 / norm_type)
