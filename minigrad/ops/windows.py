"""The windows of an image side by side, and their sum in its places: each the other's adjoint.

Both are linear, and each one's gradient is the other: no derivative is higher. The names are
PyTorch's for what `nn.functional.unfold` and `fold` are made of.
"""

from __future__ import annotations

import numpy as np

from minigrad.graph import is_tensor, op

__all__: list[str] = []  # not `unfold`: under that name a PyTorch Tensor has something else


@op
def im2col(x, kernel, dilation, stride):
    """y[n, c, k, m, i, j] = x[n, c, i stride + k dilation, j stride + m dilation].

    x: (N, C, H, W). Result: (N, C, kH, kW, H', W'), H' windows below each other and W' beside.
    """
    size = tuple(x.shape[2:])
    if is_tensor(x):
        y = im2col(x, kernel, dilation, stride)
    else:
        counts = window_counts(size, kernel, dilation, stride)
        y = np.empty_like(x, shape=(*x.shape[:2], *kernel, *counts), order="C")
        for k, m, rows, columns in places(kernel, counts, dilation, stride):
            y[:, :, k, m] = x[:, :, rows, columns]
    return y, lambda g: col2im(g, size, dilation, stride)


@op
def col2im(x, size, dilation, stride):
    """Zeros (N, C, *size), with every x[n, c, k, m, i, j] added where `im2col` reads it."""
    kernel = tuple(x.shape[2:4])
    if is_tensor(x):
        y = col2im(x, size, dilation, stride)
    else:
        y = np.zeros_like(x, shape=(*x.shape[:2], *size), order="C")
        for k, m, rows, columns in places(kernel, x.shape[4:], dilation, stride):
            y[:, :, rows, columns] += x[:, :, k, m]
    return y, lambda g: im2col(g, kernel, dilation, stride)


def window_counts(size, kernel, dilation, stride):
    """How many windows have room along each axis; none or fewer where none has."""
    axes = zip(size, kernel, dilation, stride, strict=True)
    return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, d, s in axes)


def places(kernel, counts, dilation, stride):
    """For each place (k, m) in a window: the rows and columns where all windows have it."""

    def along(axis, k):
        first, step = k * dilation[axis], stride[axis]
        return slice(first, first + (counts[axis] - 1) * step + 1, step)

    for k in range(kernel[0]):
        for m in range(kernel[1]):
            yield k, m, along(0, k), along(1, m)
