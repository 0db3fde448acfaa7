"""Convolution and pooling: windows that go over the spatial axes of (N, C, *S)."""

from __future__ import annotations

import math

import numpy as np

import minigrad as mg
from minigrad.nn import functional as F


def spatial(name, x):
    """minigrad's function for as many spatial axes as x (N, C, *S) has."""
    return getattr(F, f"{name}{x.ndim - 2}d")


def halves(total, auto_pad):
    """A padding divided into (before, after); an odd one has more behind with SAME_UPPER."""
    less, more = total // 2, total - total // 2
    return (less, more) if auto_pad == "SAME_UPPER" else (more, less)


def geometry(x, kernel, auto_pad, pads, strides, dilations):
    """strides, dilations and the paddings (before, after), each for every spatial axis."""
    n = len(kernel)
    strides, dilations, pads = strides or [1] * n, dilations or [1] * n, pads or [0] * 2 * n
    if not auto_pad.startswith("SAME"):
        return strides, dilations, list(zip(pads[:n], pads[n:], strict=True))
    axes = zip(x.shape[2:], kernel, strides, dilations, strict=True)
    missing = [max(0, (-(-m // s) - 1) * s + d * (k - 1) + 1 - m) for m, k, s, d in axes]
    return strides, dilations, [halves(total, auto_pad) for total in missing]


def widened(x, around, value=0.0):
    """x with `around` = (before, after) of each spatial axis put around it, or cut off."""
    return F.pad(x, [p for pair in reversed(around) for p in pair], value=value)


def fits(around, kernel):
    """Whether `around` can be a pool's padding: as much before as after, at most half a kernel."""
    return all(b == a and 2 * b <= k for (b, a), k in zip(around, kernel, strict=True))


# ---------------------------------------------------------------------------- convolution


def conv(
    x, w, b=None, *,
    auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None, pads=None, strides=None,
):  # fmt: skip
    strides, dilations, around = geometry(x, w.shape[2:], auto_pad, pads, strides, dilations)
    padding = [before for before, _ in around]
    if any(before != after for before, after in around):
        x, padding = widened(x, around), 0
    return spatial("conv", x)(x, w, b, strides, padding, dilations, group)


def conv_transpose(
    x, w, b=None, *, auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None,
    output_padding=None, output_shape=None, pads=None, strides=None,
):  # fmt: skip
    kernel = w.shape[2:]
    strides, dilations, around = geometry(x, kernel, "NOTSET", pads, strides, dilations)
    more = output_padding or [0] * len(kernel)
    if auto_pad.startswith("SAME") and output_shape is None:
        output_shape = [m * s for m, s in zip(x.shape[2:], strides, strict=True)]
    if output_shape is not None:
        axes = zip(x.shape[2:], kernel, strides, dilations, more, output_shape, strict=True)
        total = [(m - 1) * s + d * (k - 1) + 1 + o - size for m, k, s, d, o, size in axes]
        around = [halves(t, auto_pad) for t in total]
    # Less cut off behind than before is what minigrad's output_padding says.
    padding = [before for before, _ in around]
    behind = [m + before - after for m, (before, after) in zip(more, around, strict=True)]
    options = list(zip(behind, strides, dilations, strict=True))
    if min(padding) >= 0 and all(0 <= m < max(s, d) for m, s, d in options):
        return spatial("conv_transpose", x)(x, w, b, strides, padding, behind, group, dilations)
    y = spatial("conv_transpose", x)(x, w, b, strides, 0, more, group, dilations)
    return widened(y, [(-before, -after) for before, after in around])


def causal_conv(x, w, b=None, past=None, *, activation="none"):
    shape = *x.shape[:2], w.shape[2] - 1
    x = mg.cat([mg.zeros(*shape, dtype=x.dtype) if past is None else past, x], 2)
    y = F.conv1d(x, w, b, groups=x.shape[1])
    return y if activation == "none" else F.silu(y), x[..., x.shape[2] - shape[2] :]


# ---------------------------------------------------------------------------- pooling


def max_pool(
    x, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, pads=None,
    storage_order=0, strides=None,
):  # fmt: skip
    """ONNX counts places through all of x; with storage_order 1, down the columns of a plane."""
    strides, dilations, around = geometry(x, kernel_shape, auto_pad, pads, strides, dilations)
    padding, wide, moved = [before for before, _ in around], x, 0
    if not fits(around, kernel_shape):
        wide, moved, padding = widened(x, around, -math.inf), np.array(padding), 0
    y, places = spatial("max_pool", x)(
        wide, kernel_shape, strides, padding, dilations, bool(ceil_mode), return_indices=True
    )
    plane = x.shape[2:]
    at = np.moveaxis(np.unravel_index(places.numpy(), wide.shape[2:]), 0, -1) - moved
    places = np.ravel_multi_index(
        tuple(np.moveaxis(at, -1, 0)), plane, order="F" if storage_order else "C"
    )
    return y, places + first_places(x.shape[:2], plane)


def first_places(lead, plane):
    """The place of each plane's first number, counted through a whole array (*lead, *plane)."""
    first = np.arange(math.prod(lead)) * math.prod(plane)
    return first.reshape(*lead, *(1 for _ in plane))


def max_unpool(x, places, output_shape=None, *, kernel_shape, pads=None, strides=None):
    """The places are those in the smallest plane; an output_shape adds zeros behind it."""
    strides, _, around = geometry(x, kernel_shape, "NOTSET", pads, strides, None)
    axes = zip(x.shape[2:], kernel_shape, strides, around, strict=True)
    plane = [(m - 1) * s + k - sum(pair) for m, k, s, pair in axes]
    places = places - mg.tensor(first_places(x.shape[:2], plane))
    padding = [before for before, _ in around]
    y = spatial("max_unpool", x)(x, places, kernel_shape, strides, padding)
    if output_shape is None:
        return y
    larger = [size - m for size, m in zip(output_shape.tolist()[2:], plane, strict=True)]
    return widened(y, [(0, m) for m in larger])


def average_pool(
    x, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, count_include_pad=0, dilations=None,
    pads=None, strides=None,
):  # fmt: skip
    strides, dilations, around = geometry(x, kernel_shape, auto_pad, pads, strides, dilations)
    assert max(dilations) == 1, "minigrad's means are not dilated"
    pool, ceil_mode = spatial("avg_pool", x), bool(ceil_mode)
    if fits(around, kernel_shape):
        padding = [before for before, _ in around]
        return pool(x, kernel_shape, strides, padding, ceil_mode, bool(count_include_pad))
    y = pool(widened(x, around), kernel_shape, strides, 0, ceil_mode)
    if count_include_pad:
        return y
    return y / pool(widened(mg.ones_like(x), around), kernel_shape, strides, 0, ceil_mode)


def lp_pool(
    x, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, p=2, pads=None, strides=None
):  # fmt: skip
    """PyTorch, and minigrad, sum x^p, not |x|^p."""
    strides, dilations, around = geometry(x, kernel_shape, auto_pad, pads, strides, dilations)
    assert max(dilations) == 1, "minigrad's windows of norms are not dilated"
    x = widened(mg.abs(x), around)
    return spatial("lp_pool", x)(x, p, kernel_shape, strides, bool(ceil_mode))


def col2im(x, image_shape, block_shape, *, dilations=(1, 1), pads=(0, 0, 0, 0), strides=(1, 1)):
    """The image is put together with all of its padding, which then is cut off."""
    around = list(zip(pads[: len(pads) // 2], pads[len(pads) // 2 :], strict=True))
    size = [n + sum(pair) for n, pair in zip(image_shape.tolist(), around, strict=True)]
    y = F.fold(x, size, block_shape.tolist(), dilations, 0, strides)
    return widened(y, [(-before, -after) for before, after in around])


OPERATORS = {
    "Conv": conv, "ConvTranspose": conv_transpose, "CausalConvWithState": causal_conv,
    "MaxPool": max_pool, "AveragePool": average_pool, "MaxUnpool": max_unpool, "LpPool": lp_pool,
    "GlobalMaxPool": lambda x: spatial("adaptive_max_pool", x)(x, 1),
    "GlobalAveragePool": lambda x: spatial("adaptive_avg_pool", x)(x, 1),
    "Col2Im": col2im,
}  # fmt: skip
