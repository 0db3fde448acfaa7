"""Max unpooling: maxima put back in the places that they came from."""

from __future__ import annotations

import math

import numpy as np

from minigrad.graph import describe, is_tensor, op
from minigrad.ops.places import raw
from minigrad.ops.pool import batched, from_planes, like_input, window_options

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]


@op
def put_in_planes(x, indices, shape):
    """Zeros (N, C, *shape), with x put in the places `indices` of each flattened plane."""
    if is_tensor(x):
        y = put_in_planes(x, indices, shape)
    else:
        n, c, *outputs = x.shape
        y = np.zeros_like(x, shape=(n, c, math.prod(shape)))
        rows = np.reshape(indices, (n * c, math.prod(outputs)))
        plane = np.expand_dims(np.arange(n * c, like=x), 1)
        np.reshape(y, (n * c, math.prod(shape)))[plane, rows] = np.reshape(x, rows.shape)
        y = np.reshape(y, (n, c, *shape))
    return y, lambda g: from_planes(g, indices)


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """max_unpool2d of images (N, C, W) with one spatial axis."""
    options = kernel_size, stride, padding, output_size
    return _max_unpool("max_unpool1d", 1, input, indices, *options)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Maxima back in the places they came from, and 0 everywhere else.

    input and indices: what max_pool2d returned for these options. Several sizes pool to the same
    one: output_size, if given, says which it was. Of maxima with the same place the last one stays.
    """
    options = kernel_size, stride, padding, output_size
    return _max_unpool("max_unpool2d", 2, input, indices, *options)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """max_unpool2d of images (N, C, D, H, W) with three spatial axes."""
    options = kernel_size, stride, padding, output_size
    return _max_unpool("max_unpool3d", 3, input, indices, *options)


def _max_unpool(name, n, x, indices, kernel_size, stride, padding, output_size):
    kernel_size, stride, padding = window_options(name, n, kernel_size, stride, padding)
    outputs = x.shape[-n:]
    if indices.dtype != np.int64 or tuple(indices.shape) != tuple(x.shape):
        raise RuntimeError(
            f"{name}: indices must be int64 and of the input's shape {list(x.shape)}, got "
            f"{describe(indices)}"
        )
    shape = [
        (o - 1) * s + k - 2 * p
        for o, k, s, p in zip(outputs, kernel_size, stride, padding, strict=True)
    ]
    if output_size is not None:
        given = list(output_size)[-n:]
        if len(output_size) not in (n, len(x.shape)) or any(
            abs(a - b) >= s for a, b, s in zip(given, shape, stride, strict=True)
        ):
            raise ValueError(
                f"{name}: output_size must be less than the stride {stride} away from {shape}, got "
                f"{output_size!r}"
            )
        shape = given
    size = math.prod(shape)
    places = raw(indices)
    if isinstance(places, np.ndarray) and places.size:  # those on a GPU are not fetched for this
        low, high = places.min(), places.max()
        if low < 0 or high >= size:
            raise RuntimeError(
                f"{name}: index {low if low < 0 else high} is not a place in a plane of {size}, "
                f"shape {shape}"
            )
    x_batched = batched(name, x, n)
    indices = np.reshape(indices, x_batched.shape)
    return like_input(put_in_planes(x_batched, indices, tuple(shape)), x)
