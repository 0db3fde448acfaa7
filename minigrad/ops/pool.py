"""Pooling: of every window of an image, its maximum or its mean.

Images are (N, C, *S) with 1, 2 or 3 spatial axes S, or (C, *S) without a batch. An option is one
number for all spatial axes, or a tuple with one for each. The windows, what counts as the maximum
among equals and NaN, and the numbering of places: `kernels/reference/pool.py`.
"""

from __future__ import annotations

import math

import numpy as np

import kernels
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.places import per_axis, raw
from minigrad.ops.shape import squeeze, unsqueeze

__all__ = [
    # Not adaptive_max_pool1d: under that name `torch` itself has one that also returns the indices.
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool2d",
    "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d",
    "max_pool3d",
]  # fmt: skip


# ---------------------------------------------------------------------------- the ops
# A mean is linear, and so is a maximum once its place is known. The gradient of each is an op
# that is linear too, and whose own gradient is the first one again: no derivative is higher.


@op
def max_pool(x, kernel_size, stride, padding, dilation, ceil_mode):
    """The maximum of each window, and where it was in the flattened plane. See `max_pool2d`."""
    run, shape = max_pool if is_tensor(x) else kernels.max_pool, x.shape[2:]
    y, indices = run(x, kernel_size, stride, padding, dilation, ceil_mode)
    return (y, indices), lambda g, _: embed_in_planes(g, raw(indices), shape)


@op
def adaptive_max_pool(x, output_size):
    """The maximum of each of so many windows, and where it was. See `adaptive_max_pool2d`."""
    run, shape = adaptive_max_pool if is_tensor(x) else kernels.adaptive_max_pool, x.shape[2:]
    y, indices = run(x, output_size)
    return (y, indices), lambda g, _: embed_in_planes(g, raw(indices), shape)


@op
def embed_in_planes(x, indices, shape):
    """Zeros (N, C, *shape), with x added at the places `indices` of each flattened plane."""
    run = embed_in_planes if is_tensor(x) else kernels.max_pool_backward
    return run(x, indices, shape), lambda g: from_planes(g, indices)


def from_planes(x, indices):
    """x at the places `indices` of each flattened plane."""
    n, c, *outputs = indices.shape
    flat = np.reshape(x, (n, c, math.prod(x.shape[2:])))
    found = np.take_along_axis(flat, np.reshape(indices, (n, c, math.prod(outputs))), 2)
    return np.reshape(found, indices.shape)


@op
def avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override):
    """The mean of each window. See `avg_pool2d`."""
    run, shape = avg_pool if is_tensor(x) else kernels.avg_pool, x.shape[2:]
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return run(x, *options), lambda g: avg_pool_backward(g, shape, *options)


@op
def avg_pool_backward(
    x, shape, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
):
    """x divided by the size of each window, added to all places (N, C, *shape) of the window."""
    run = avg_pool_backward if is_tensor(x) else kernels.avg_pool_backward
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return run(x, shape, *options), lambda g: avg_pool(g, *options)


@op
def adaptive_avg_pool(x, output_size):
    """The mean of each of so many windows. See `adaptive_avg_pool2d`."""
    run, shape = adaptive_avg_pool if is_tensor(x) else kernels.adaptive_avg_pool, x.shape[2:]
    return run(x, output_size), lambda g: adaptive_avg_pool_backward(g, shape)


@op
def adaptive_avg_pool_backward(x, shape):
    """x divided by the size of each window, added to all places (N, C, *shape) of the window."""
    run, outputs = (
        (adaptive_avg_pool_backward if is_tensor(x) else kernels.adaptive_avg_pool_backward),
        x.shape[2:],
    )
    return run(x, shape), lambda g: adaptive_avg_pool(g, outputs)


# ---------------------------------------------------------------------------- arguments


def batched(name, x, n):
    """x (N, C, *S) with n spatial axes, given with or without its batch axis."""
    ndim = len(x.shape)
    if ndim not in (n + 1, n + 2) or 0 in x.shape[ndim - n - 1 :]:
        raise RuntimeError(
            f"{name}: expected an input (N, C, *S) or (C, *S) with {n} spatial axes S, in which "
            f"only N may be 0; got {describe(x)}"
        )
    return x if ndim == n + 2 else unsqueeze(x, 0)


def like_input(y, x):
    """y (N, C, *S) without its batch axis, if x had none."""
    return y if len(y.shape) == len(x.shape) else squeeze(y, 0)


def window_options(name, n, kernel_size, stride, padding):
    kernel_size = per_axis(name, "kernel_size", kernel_size, n, 1)
    stride = kernel_size if stride in (None, [], ()) else per_axis(name, "stride", stride, n, 1)
    padding = per_axis(name, "padding", padding, n, 0)
    if any(2 * p > k for p, k in zip(padding, kernel_size, strict=True)):
        raise RuntimeError(
            f"{name}: padding must be at most half of the kernel size, got {padding} for "
            f"{kernel_size}"
        )
    return kernel_size, stride, padding


def sizes(name, x, output_size, n):
    """output_size as a tuple of n integers; None stands for the input's size."""
    given = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * n
    if len(given) == n:
        given = [s if m is None else m for m, s in zip(given, x.shape[-n:], strict=True)]
    return per_axis(name, "output_size", given, n, 0)


# ---------------------------------------------------------------------------- maxima


def max_pool1d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """max_pool2d of images (N, C, W) with one spatial axis."""
    options = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool1d", 1, input, *options)


def max_pool2d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """The maximum of each window of an image (N, C, H, W).

    Windows of kernel_size numbers, `dilation` apart, begin every `stride` places (by default
    kernel_size: side by side), the first one in the padding, which is no larger than anything.
    ceil_mode: also those that begin in the image or before it and end behind the padding. With
    return_indices, also where each maximum was, counted through its plane row by row: what
    `max_unpool2d` takes. Gradient: g, to the first of equal maxima.

    >>> import minigrad as mg
    >>> x = mg.tensor([[[1.0, 3.0, 2.0, 2.0], [0.0, 1.0, 2.0, 0.0]]])
    >>> mg.ops.max_pool2d(x, 2, return_indices=True)
    (tensor([[[3., 2.]]]), tensor([[[1, 2]]]))
    """
    options = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool2d", 2, input, *options)


def max_pool3d(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """max_pool2d of images (N, C, D, H, W) with three spatial axes."""
    options = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool("max_pool3d", 3, input, *options)


def _max_pool(name, n, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices):
    kernel_size, stride, padding = window_options(name, n, kernel_size, stride, padding)
    dilation = per_axis(name, "dilation", dilation, n, 1)
    found = max_pool(batched(name, x, n), kernel_size, stride, padding, dilation, ceil_mode)
    y, indices = (like_input(part, x) for part in found)
    return (y, indices) if return_indices else y


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """adaptive_max_pool2d of images (N, C, W) with one spatial axis."""
    return _adaptive_max_pool("adaptive_max_pool1d", 1, input, output_size, return_indices)


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """max_pool2d with windows that share out the image into output_size of them.

    Window o of m along an axis of size n is from floor(o * n / m) to before ceil((o + 1) * n / m).
    output_size None, or a None in it: the input's size.
    """
    return _adaptive_max_pool("adaptive_max_pool2d", 2, input, output_size, return_indices)


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """adaptive_max_pool2d of images (N, C, D, H, W) with three spatial axes."""
    return _adaptive_max_pool("adaptive_max_pool3d", 3, input, output_size, return_indices)


def _adaptive_max_pool(name, n, x, output_size, return_indices):
    found = adaptive_max_pool(batched(name, x, n), sizes(name, x, output_size, n))
    y, indices = (like_input(part, x) for part in found)
    return (y, indices) if return_indices else y


# ---------------------------------------------------------------------------- means


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """avg_pool2d of images (N, C, W) with one spatial axis."""
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, None
    return _avg_pool("avg_pool1d", 1, input, *options)


def avg_pool2d(
    input,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """The mean of each window of an image (N, C, H, W); windows as in `max_pool2d`.

    count_include_pad: the zeros of the padding count too; else the mean is over what lies in the
    image. divisor_override, if given, is what sums are divided by. Integers are rounded to 0.
    """
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool("avg_pool2d", 2, input, *options)


def avg_pool3d(
    input,
    kernel_size,
    stride=None,
    padding=0,
    ceil_mode=False,
    count_include_pad=True,
    divisor_override=None,
):
    """avg_pool2d of images (N, C, D, H, W) with three spatial axes."""
    options = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool("avg_pool3d", 3, input, *options)


def _avg_pool(name, n, x, kernel_size, stride, padding, ceil_mode, include, override):
    kernel_size, stride, padding = window_options(name, n, kernel_size, stride, padding)
    if override == 0:
        raise RuntimeError(f"{name}: divisor_override must not be 0")
    if x.dtype.kind not in "fc" and x.dtype != np.int64:
        raise NotImplementedError(f"{name}: has no mean of {x.dtype}; use .float()")
    x_batched = batched(name, x, n)
    y = avg_pool(x_batched, kernel_size, stride, padding, bool(ceil_mode), bool(include), override)
    return like_input(y, x)


def adaptive_avg_pool1d(input, output_size):
    """adaptive_avg_pool2d of images (N, C, W) with one spatial axis."""
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input, output_size):
    """The mean of each of output_size windows that share out the image, as `adaptive_max_pool2d`.

    output_size 1 is the mean of all, the last step of many convolutional networks.
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input, output_size):
    """adaptive_avg_pool2d of images (N, C, D, H, W) with three spatial axes."""
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def _adaptive_avg_pool(name, n, x, output_size):
    if x.dtype.kind not in "fc":
        raise NotImplementedError(f"{name}: has no mean of {x.dtype}; use .float()")
    return like_input(adaptive_avg_pool(batched(name, x, n), sizes(name, x, output_size, n)), x)
