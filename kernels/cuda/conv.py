"""Convolution on a GPU: `conv.cu` on tensor cores (launched by `tensor_conv.py`), and here its
readable twin.

Each of the three is a matrix product, of a group of channels:

                    rows            columns              summed over m
    conv            filter o        output place (n, p)  channel and place in the filter (c, k)
    grad input      channel c       input place (n, i)   filter and place in the filter (o, k)
    grad weight     filter o        (c, k)               output place (n, p)

The product is the one of matmul.py. What differs is where the numbers of its tiles come from: they
are picked from the images, so that the matrix that the image would be unfolded to, |k| times as
large, never exists. A pick from the padding is a 0, which is multiplied like any other number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda import tensor_conv as tensor
from kernels.cuda.launch import blocks, cuda, dense, launch, per_dtype, side
from kernels.cuda.matmul import TENSOR
from kernels.reference import conv as reference

SIDE = side(16)

VARIANTS = {tensor.FILE: tensor.VARIANTS}


def conv(
    x: Any, weight: Any, bias: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    n, spatial, (filters, _, *kernel) = x.shape[0], x.shape[2:], weight.shape
    if len(spatial) > 3:
        return reference.conv(x, weight, bias, stride, padding, dilation, groups)
    out = reference.out_shape(spatial, tuple(kernel), stride, padding, dilation)
    axes = tensor.Axes.of(spatial, tuple(kernel), out, stride, padding, dilation)
    y = np.empty_like(x, shape=(n, filters, *out), order="C")
    x, weight = dense(x), dense(weight)
    if source.compiled(x, *TENSOR):
        bias = None if bias is None else dense(bias)
        tensor.product(x, weight, bias, y, axes, groups, back=False)
        return y
    a, b = weight.reshape(groups, filters // groups, -1), grouped(x, groups, axes.spatial)
    rows, places = filters // groups, math.prod(out)
    c = y.reshape(n, groups, rows, places)
    run(forward, a, b, c, axes, (rows, n * places, a.shape[2]))
    return y if bias is None else y + bias.reshape(-1, *(1,) * len(out))


def conv_grad_input(
    g: Any, weight: Any, spatial: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    (n, filters, *out), (_, channels, *kernel) = g.shape, weight.shape
    if len(spatial) > 3:
        return reference.conv_grad_input(g, weight, spatial, stride, padding, dilation, groups)
    axes = tensor.Axes.of(spatial, tuple(kernel), tuple(out), stride, padding, dilation)
    gx = np.empty_like(g, shape=(n, channels * groups, *spatial), order="C")
    g, weight = dense(g), dense(weight)
    if source.compiled(g, *TENSOR):
        tensor.product(g, weight, None, gx, axes, groups, back=True)
        return gx
    a = weight.reshape(groups, filters // groups, channels, -1)
    b, places = grouped(g, groups, axes.out), math.prod(spatial)
    c = gx.reshape(n, groups, channels, places)
    run(grad_input, a, b, c, axes, (channels, n * places, filters // groups * a.shape[3]))
    return gx


def conv_grad_weight(
    g: Any, x: Any, kernel: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    (n, filters, *out), channels = g.shape, x.shape[1] // groups
    if len(kernel) > 3:
        return reference.conv_grad_weight(g, x, kernel, stride, padding, dilation, groups)
    axes = tensor.Axes.of(x.shape[2:], kernel, tuple(out), stride, padding, dilation)
    g, x = dense(g), dense(x)
    if source.compiled(x, *TENSOR):
        return tensor.grad_weight(g, x, (filters, channels, *kernel), axes, groups)
    gw = np.empty_like(x, shape=(filters, channels, *kernel), order="C")
    rows, columns, places = filters // groups, channels * math.prod(kernel), math.prod(out)
    a, b = g.reshape(n, groups, rows, places), grouped(x, groups, axes.spatial)
    c = gw.reshape(groups, rows, columns)
    run(grad_weight, a, b, c, axes, (rows, columns, n * places))
    return gw


def grouped(x: Any, groups: int, size: tuple) -> Any:
    """Images with channels in groups: (N, groups, channels, z, y, x)."""
    return x.reshape(x.shape[0], groups, x.shape[1] // groups, *size)


def run(kernel_for: Callable, a: Any, b: Any, c: Any, axes: tensor.Axes, sizes: tuple) -> None:
    """Launch a kernel; sizes: rows, columns, and how many products are summed up."""
    groups = b.shape[1]
    grid = (*blocks((sizes[1], SIDE), (sizes[0], SIDE)), groups)
    launch(kernel_for(b), grid, (SIDE, SIDE), a, b, c, tuple(axes), *sizes)


# ---------------------------------------------------------------------------- Numba


@cuda.jit(device=True)
def place(i, size):
    """Number i of the places of an image of this size, as coordinates."""
    return i // (size[1] * size[2]), i // size[2] % size[1], i % size[2]


@cuda.jit(device=True)
def count(size):
    return size[0] * size[1] * size[2]


@cuda.jit(device=True)
def seen(image, p, k, axes):
    """What place k of the filter sees from output place p: image[p * stride - padding + k *
    dilation], or 0 outside."""
    spatial, kernel, out, stride, padding, dilation = axes
    (pz, py, px), (kz, ky, kx) = place(p, out), place(k, kernel)
    z = pz * stride[0] - padding[0] + kz * dilation[0]
    y = py * stride[1] - padding[1] + ky * dilation[1]
    x = px * stride[2] - padding[2] + kx * dilation[2]
    if 0 <= z < spatial[0] and 0 <= y < spatial[1] and 0 <= x < spatial[2]:
        return image[z, y, x]
    return image.dtype.type(0)


@cuda.jit(device=True)
def sent_back(g, i, k, axes):
    """The gradient of the output place that sees input place i through place k of the filter, or
    0 if there is none: the p with i = p * stride - padding + k * dilation."""
    spatial, kernel, out, stride, padding, dilation = axes
    (iz, iy, ix), (kz, ky, kx) = place(i, spatial), place(k, kernel)
    z = iz + padding[0] - kz * dilation[0]
    y = iy + padding[1] - ky * dilation[1]
    x = ix + padding[2] - kx * dilation[2]
    if z % stride[0] == 0 and y % stride[1] == 0 and x % stride[2] == 0:
        z, y, x = z // stride[0], y // stride[1], x // stride[2]
        if 0 <= z < out[0] and 0 <= y < out[1] and 0 <= x < out[2]:
            return g[z, y, x]
    return g.dtype.type(0)


def tiled(a_at: Callable, b_at: Callable, store: Callable) -> Callable:
    """The matrix product of matmul.py, for each group, of what these three find and put away."""
    a_at, b_at, store = (cuda.jit(device=True)(f) for f in (a_at, b_at, store))

    @per_dtype
    def make(wide: Any) -> Any:
        def kernel(a, b, c, axes, rows, columns, inner):
            row, column = cuda.threadIdx.y, cuda.threadIdx.x
            group = cuda.blockIdx.z
            i, j = cuda.blockIdx.y * SIDE + row, cuda.blockIdx.x * SIDE + column
            tile_a = cuda.shared.array((SIDE, SIDE), wide)
            tile_b = cuda.shared.array((SIDE, SIDE), wide)
            total = wide(0)
            for start in range(0, inner, SIDE):
                m = start + column
                tile_a[row, column] = a_at(a, group, i, m, axes) if i < rows and m < inner else 0
                m = start + row
                tile_b[row, column] = b_at(b, group, m, j, axes) if j < columns and m < inner else 0
                cuda.syncthreads()
                for m in range(SIDE):
                    total += tile_a[row, m] * tile_b[m, column]
                cuda.syncthreads()
            if i < rows and j < columns:
                store(c, group, i, j, total)

        return kernel

    return make


def to_images(images, group, i, j, total):
    """Row i, column j of images (N, groups, rows, places): column j is place j % places of image
    j // places."""
    places = images.shape[3]
    images[j // places, group, i, j % places] = total


def filter_at(weight, group, o, m, axes):  # weight: (groups, filters, channels taps)
    return weight[group, o, m]


def patch_at(x, group, m, j, axes):
    taps, places = count(axes[1]), count(axes[2])
    return seen(x[j // places, group, m // taps], j % places, m % taps, axes)


def transposed_at(weight, group, c, m, axes):  # weight: (groups, filters, channels, taps)
    taps = weight.shape[3]
    return weight[group, m // taps, c, m % taps]


def sent_back_at(g, group, m, j, axes):
    taps, places = count(axes[1]), count(axes[0])
    return sent_back(g[j // places, group, m // taps], j % places, m % taps, axes)


def gradient_at(g, group, o, m, axes):  # g: (N, groups, filters, places)
    places = g.shape[3]
    return g[m // places, group, o, m % places]


def seen_at(x, group, m, j, axes):
    taps, places = count(axes[1]), count(axes[2])
    return seen(x[m // places, group, j // taps], m % places, j % taps, axes)


def to_weight(weight, group, o, j, total):  # weight: (groups, filters, channels taps)
    weight[group, o, j] = total


forward = tiled(filter_at, patch_at, to_images)
grad_input = tiled(transposed_at, sent_back_at, to_images)
grad_weight = tiled(gradient_at, seen_at, to_weight)
