"""Convolution along any number of axes, and its gradients: a matrix product a place in a filter."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np


def conv(
    x: Any, weight: Any, bias: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    """y[n, o, p] = bias[o] + sum_{c, k} weight[o, c, k] * x[n, c, p stride - padding + k dilation]

    x: (N, C, *spatial), zero outside; weight: (O, C / groups, *kernel); bias: (O) or None; stride,
    padding, dilation: one number an axis. y: (N, O, *out), out = (spatial + 2 padding - dilation *
    (kernel - 1) - 1) // stride + 1. The channels come in groups, each with filters of its own.
    2 N O C/groups |kernel| |out| FLOPs. Dumoulin and Visin, "A guide to convolution arithmetic for
    deep learning", 2016.
    """
    n = x.shape[0]
    filters, channels, *kernel = weight.shape
    out = out_shape(x.shape[2:], tuple(kernel), stride, padding, dilation)
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    w = np.reshape(weight, (groups, filters // groups, channels, math.prod(kernel)))
    y = np.zeros_like(x, shape=(n, groups, filters // groups, math.prod(out)))
    for k, window in windows(out, tuple(kernel), stride, dilation):
        seen = np.reshape(padded[(..., *window)], (n, groups, channels, math.prod(out)))
        y = y + np.matmul(w[..., k], seen)
    y = np.reshape(y, (n, filters, *out))
    return y if bias is None else y + np.reshape(bias, (-1, *(1,) * len(out)))


def conv_grad_input(
    g: Any, weight: Any, spatial: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    """The gradient of x, of g with respect to y: (N, C, *spatial).

    gx[n, c, i] = sum_{o, k} weight[o, c, k] * g[n, o, p] over all p with i = p * stride - padding +
    k * dilation. This is also the transposed convolution of g.
    """
    n, filters, *out = g.shape
    _, channels, *kernel = weight.shape
    w = np.reshape(weight, (groups, filters // groups, channels, math.prod(kernel)))
    g = np.reshape(g, (n, groups, filters // groups, math.prod(out)))
    size = tuple(s + 2 * p for s, p in zip(spatial, padding, strict=True))
    dtype = np.result_type(g, weight)
    padded = np.zeros_like(g, shape=(n, groups * channels, *size), dtype=dtype)
    for k, window in windows(tuple(out), tuple(kernel), stride, dilation):
        part = np.matmul(np.swapaxes(w[..., k], -1, -2), g)
        padded[(..., *window)] += np.reshape(part, (n, groups * channels, *out))
    return padded[(..., *(slice(p, p + s) for p, s in zip(padding, spatial, strict=True)))].copy()


def conv_grad_weight(
    g: Any, x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    """The gradient of the weights: (O, C / groups, *kernel).

    gw[o, c, k] = sum_{n, p} g[n, o, p] * x[n, c, p * stride - padding + k * dilation]
    """
    n, filters, *out = g.shape
    channels = x.shape[1] // groups
    padded = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    g = np.reshape(g, (n, groups, filters // groups, math.prod(out)))
    places = []
    for _, window in windows(tuple(out), kernel, stride, dilation):
        seen = np.reshape(padded[(..., *window)], (n, groups, channels, math.prod(out)))
        places.append(np.matmul(g, np.swapaxes(seen, -1, -2)).sum(axis=0))
    gw = np.stack(places, axis=-1)  # groups, O / groups, C / groups, |kernel|
    return np.reshape(gw, (filters, channels, *kernel))


def conv_grad_bias(g: Any) -> Any:
    """The gradient of the bias, gb[o] = sum_{n, p} g[n, o, p]: (O)."""
    return g.sum(axis=(0, *range(2, g.ndim)))


def out_shape(
    spatial: tuple, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple
) -> tuple[int, ...]:
    """The size of the result along each axis: how many places the filter has."""
    axes = zip(spatial, kernel, stride, padding, dilation, strict=True)
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in axes)


def windows(
    out: tuple, kernel: tuple, stride: tuple, dilation: tuple
) -> Iterator[tuple[int, tuple[slice, ...]]]:
    """For each place in the filter: its number, and the part of the padded input that it sees."""
    for k, place in enumerate(itertools.product(*map(range, kernel))):
        axes = zip(place, out, stride, dilation, strict=True)
        yield k, tuple(slice(i * d, i * d + (n - 1) * s + 1, s) for i, n, s, d in axes)
