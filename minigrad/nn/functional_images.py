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
from minigrad.ops.indexing import getitem
from minigrad.ops.interpolate import enlarge
from minigrad.ops.places import at, integer, integers, per_axis
from minigrad.ops.windows import col2im, im2col, window_counts

__all__ = [
    "channel_shuffle", "fold", "interpolate", "lp_pool1d", "lp_pool2d", "lp_pool3d",
    "pixel_shuffle", "pixel_unshuffle", "unfold",
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
    if mode.endswith(("linear", "cubic")) and input.dtype.kind not in "fc":
        raise NotImplementedError(
            f"interpolate: mode {mode!r} has no weights of {input.dtype}; use .float()"
        )
    sizes = tuple(input.shape[2:])
    wanted, scales = _sizes(n, sizes, size, scale_factor, recompute_scale_factor)
    if mode == "area":
        pool = ops.adaptive_avg_pool1d, ops.adaptive_avg_pool2d, ops.adaptive_avg_pool3d
        return pool[n - 1](input, wanted)
    for axis, (old, new, scale) in enumerate(zip(sizes, wanted, scales, strict=True), 2):
        if mode.startswith("nearest"):
            dtype = "float64" if input.dtype == "float64" else "float32"
            index = nearest(old, new, scale, 0.5 if mode == "nearest-exact" else 0.0, dtype)
            input = pick(input, axis, index)
            continue
        if old == new and mode != "bicubic":
            continue  # whatever the scale_factor was, as in PyTorch
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
        wanted = tuple(integer("interpolate", "size", s) for s in given)
    else:
        wanted = tuple(math.floor(s * f) for s, f in zip(sizes, given, strict=True))
    if min(wanted) < 1 or min(sizes) < 1:
        raise RuntimeError(f"interpolate: sizes must be above 0, got {sizes} to {wanted}")
    if scale_factor is None or recompute:
        return wanted, [old / new for old, new in zip(sizes, wanted, strict=True)]
    return wanted, [1 / f for f in given]


def nearest(old: int, new: int, scale: float, centre: float, dtype: str) -> np.ndarray:
    """The old pixel for each new one."""
    # In the image's dtype, and then in float32, as PyTorch: what is rounded there falls on the same
    # side here.
    places = (np.arange(new, dtype=dtype) + centre) * np.asarray(scale, dtype)
    return np.minimum(np.floor(places.astype(np.float32)).astype(np.int64), old - 1)


def pick(x: Any, axis: int, index: np.ndarray) -> Any:
    """x at the places `index` of an axis; faster where they are all at the same distance."""
    old, new = x.shape[axis], len(index)
    step, times = max(old // new, 1), max(new // old, 1)
    if np.array_equal(index, index[0] + step * np.arange(new)):
        return getitem(x, at(axis, slice(int(index[0]), int(index[-1]) + 1, step)))
    if np.array_equal(index, np.arange(old).repeat(times)):
        return enlarge(x, axis, times)
    return getitem(x, at(axis, integers(index.tolist(), x)))


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
    x = ops.reshape(input, (math.prod(lead), c // (r * r), r, r, h, w))
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
    x = ops.reshape(input, (math.prod(lead), c, h // r, r, w // r, r))
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
    _, kernel, dilation, (top, side), stride, counts = _windows(
        "unfold", x.shape[2:], kernel_size, dilation, padding, stride
    )
    y = im2col(ops.pad(x, (side, side, top, top)), kernel, dilation, stride)
    y = ops.reshape(y, (x.shape[0], x.shape[1] * math.prod(kernel), math.prod(counts)))
    return y if input.ndim == 4 else y[0]


def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> Any:  # fmt: skip
    """The adjoint of `unfold`: columns (N, C kH kW, L) added up where their windows are, to
    (N, C, *output_size)."""
    size, kernel, dilation, (top, side), stride, counts = _windows(
        "fold", output_size, kernel_size, dilation, padding, stride
    )
    terms, count = math.prod(kernel), math.prod(counts)
    if input.ndim not in (2, 3) or input.shape[-2] % terms or input.shape[-1] != count:
        raise RuntimeError(
            f"fold: for an output {size} expected (N, C * {terms}, {count}), got {describe(input)}"
        )
    x = input if input.ndim == 3 else ops.unsqueeze(input, 0)
    x = ops.reshape(x, (x.shape[0], x.shape[1] // terms, *kernel, *counts))
    y = col2im(x, (size[0] + 2 * top, size[1] + 2 * side), dilation, stride)
    y = ops.pad(y, (-side, -side, -top, -top))
    return y if input.ndim == 3 else y[0]


def _windows(name: str, size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    """The options as pairs, and how many windows there are along each axis."""
    size = per_axis(name, "output_size", size, 2, 0)
    kernel = per_axis(name, "kernel_size", kernel, 2, 1)
    dilation = per_axis(name, "dilation", dilation, 2, 1)
    padding = per_axis(name, "padding", padding, 2, 0)
    stride = per_axis(name, "stride", stride, 2, 1)
    padded = tuple(n + 2 * p for n, p in zip(size, padding, strict=True))
    counts = window_counts(padded, kernel, dilation, stride)
    if min(counts) < 1:
        reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        raise RuntimeError(
            f"{name}: a window of {reach} does not fit into {size}, padding {padding}"
        )
    return size, kernel, dilation, padding, stride, counts


# ---------------------------------------------------------------------------- norms of windows


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """(sum of x**norm_type over each window of (N, C, L)) ** (1 / norm_type).

    NaN where an odd power leaves a negative sum. norm_type inf: the largest |x|; -inf: the
    smallest.
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """lp_pool1d of the windows of (N, C, H, W)."""
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """lp_pool1d of the windows of (N, C, D, H, W)."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def _lp_pool(n: int, x: Any, p: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    if math.isinf(p):
        largest: Any = (ops.max_pool1d, ops.max_pool2d, ops.max_pool3d)[n - 1]
        sign = math.copysign(1.0, p)
        return sign * largest(sign * ops.abs(x), kernel_size, stride, 0, 1, ceil_mode)
    average: Any = (ops.avg_pool1d, ops.avg_pool2d, ops.avg_pool3d)[n - 1]
    mean = average(x**p, kernel_size, stride, 0, ceil_mode)
    terms = math.prod(per_axis(f"lp_pool{n}d", "kernel_size", kernel_size, n, 1))
    # sign * relu(abs) is the number itself; its gradient at 0 is 0, where that of the root is inf.
    return (ops.sign(mean) * ops.relu(ops.abs(mean)) * terms) ** (1 / p)
