"""Shapes: made new, in another form, joined, divided, padded, made larger or smaller."""

from __future__ import annotations

import math

from onnx.helper import tensor_dtype_to_np_dtype

import minigrad as mg
from minigrad.nn import functional as F

PADS = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}
RESIZED = {  # mode and coordinates of ONNX to mode and align_corners of PyTorch
    ("nearest", "half_pixel", "round_prefer_floor"): ("nearest-exact", None),
    ("nearest", "asymmetric", "floor"): ("nearest", None),
    ("linear", "half_pixel", ""): ("linear", False),
    ("linear", "align_corners", ""): ("linear", True),
    ("cubic", "half_pixel", ""): ("cubic", False),
    ("cubic", "align_corners", ""): ("cubic", True),
}


def reshape(x, shape, *, allowzero=0):
    """0 stands for the size that is there, unless zeros are allowed."""
    sizes = shape.tolist()
    return x.reshape([x.shape[i] if n == 0 and not allowzero else n for i, n in enumerate(sizes)])


def flatten(x, *, axis=1):
    return x.reshape(math.prod(x.shape[:axis]), math.prod(x.shape[axis:]))


def unsqueeze(x, axes):
    """The axes are counted in the result."""
    places = sorted(a % (x.ndim + axes.numel()) for a in axes.tolist())
    for axis in places:
        x = mg.unsqueeze(x, axis)
    return x


def split(x, sizes=None, *, axis=0, num_outputs):
    return mg.chunk(x, num_outputs, axis) if sizes is None else mg.split(x, sizes.tolist(), axis)


def shape(x, *, start=0, end=None):
    return mg.tensor(x.shape[start:end], dtype=mg.int64)


def eye_like(x, *, dtype=None, k=0):
    ones = mg.ones(x.shape, dtype=x.dtype if dtype is None else tensor_dtype_to_np_dtype(dtype))
    return mg.triu(mg.tril(ones, k), k)


def pairs(ndim, pads, axes=None):
    """PyTorch's order: (before, after) of the last axis, of the one before it, ..."""
    axes = range(ndim) if axes is None else [a % ndim for a in axes.tolist()]
    at = dict(zip(axes, zip(pads[: len(axes)], pads[len(axes) :], strict=True), strict=True))
    return [n for d in reversed(range(ndim)) for n in at.get(d, (0, 0))]


def pad(x, pads, value=None, axes=None, *, mode="constant"):
    """Only constants are put around all axes; the others around those that are to be padded."""
    widths = pairs(x.ndim, pads.tolist(), axes)
    if mode == "constant":
        return mg.pad(x, widths, value=0 if value is None else value.item())
    return mg.pad(x, widths[: 2 * (x.ndim - 2)], PADS[mode])


def center_crop_pad(x, sizes, *, axes=None):
    """Of an odd number, one more is put or cut off behind."""
    axes = mg.tensor(list(range(x.ndim)) if axes is None else list(axes))
    missing = [n - x.shape[a] for n, a in zip(sizes.tolist(), axes.tolist(), strict=True)]
    before = [m // 2 if m >= 0 else -(-m // 2) for m in missing]
    after = [m - b for m, b in zip(missing, before, strict=True)]
    return mg.pad(x, pairs(x.ndim, before + after, axes))


def depth_to_space(x, *, blocksize, mode="DCR"):
    """pixel_shuffle has a block's pixels beside each other among the channels, DCR apart."""
    if mode == "DCR":
        x = x.unflatten(1, (blocksize**2, -1)).transpose(1, 2).flatten(1, 2)
    return F.pixel_shuffle(x, blocksize)


def space_to_depth(x, *, blocksize, mode="DCR"):
    y = F.pixel_unshuffle(x, blocksize)
    if mode == "DCR":
        y = y.unflatten(1, (-1, blocksize**2)).transpose(1, 2).flatten(1, 2)
    return y


def resize(
    x, roi=None, scales=None, sizes=None, *, mode="nearest", axes=None, antialias=0,
    coordinate_transformation_mode="half_pixel", nearest_mode="round_prefer_floor",
    cubic_coeff_a=-0.75, exclude_outside=0, keep_aspect_ratio_policy="stretch",
):  # fmt: skip
    """Over the last two axes, as F.interpolate."""
    given = mode, coordinate_transformation_mode, nearest_mode if mode == "nearest" else ""
    mode, align_corners = RESIZED[given]
    assert (antialias, exclude_outside, cubic_coeff_a) == (0, 0, -0.75)
    assert keep_aspect_ratio_policy == "stretch"
    at = {a: i for i, a in enumerate(range(x.ndim) if axes is None else axes)}
    pick = [at[2], at[3]]
    options = {"mode": mode if mode.startswith("nearest") else f"bi{mode}"}
    if sizes is not None:
        size = [sizes.tolist()[i] for i in pick]
        return F.interpolate(x, size, align_corners=align_corners, **options)
    scale = [scales.tolist()[i] for i in pick]
    return F.interpolate(x, None, scale, align_corners=align_corners, **options)


OPERATORS = {
    "Reshape": reshape, "Flatten": flatten, "Unsqueeze": unsqueeze, "Shape": shape,
    "Size": lambda x: mg.tensor(x.numel()),
    "Squeeze": lambda x, axes: mg.squeeze(x, tuple(axes.tolist())),
    "Transpose": lambda x, *, perm=None: mg.permute(x, perm or tuple(range(x.ndim))[::-1]),
    "Expand": lambda x, shape:
        mg.broadcast_to(x, mg.broadcast_shapes(x.shape, tuple(shape.tolist()))),
    "Tile": lambda x, repeats: mg.tile(x, repeats.tolist()),
    "Concat": lambda *xs, axis: mg.cat(xs, axis),
    "Split": split,
    "Constant": lambda *, value: value,
    "ConstantOfShape": lambda shape, *, value: mg.full(
        shape.tolist(), value.item(), dtype=value.dtype),
    "EyeLike": eye_like,
    "Range": lambda start, limit, delta:
        mg.arange(start.item(), limit.item(), delta.item(), dtype=start.dtype),
    "Trilu": lambda x, k=0, *, upper=1: (mg.triu if upper else mg.tril)(x, int(k)),
    "Pad": pad, "CenterCropPad": center_crop_pad,
    "DepthToSpace": depth_to_space, "SpaceToDepth": space_to_depth,
    "Resize": resize,
    "Upsample": lambda x, scales, *, mode: F.interpolate(x, None, scales.tolist()[2:], mode),
}  # fmt: skip
