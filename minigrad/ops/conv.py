"""Convolution: filters moved over an image; and its transpose, which moves the image's gradient.

Images are (N, C, *S) with 1, 2 or 3 spatial axes S, or (C, *S) without a batch. An option is one
number for all spatial axes, or a tuple with one for each.

A convolution is linear in the image and linear in the filters. So is each of its two gradients, in
what it is made of; and the gradients of these are, again, a convolution, and the two gradients.
The three ops below are each other's derivatives, of every order. The formulas, and the same in
plain NumPy: `kernels/reference/conv.py`.
"""

from __future__ import annotations

import numpy as np

import kernels
from kernels.reference.conv import out_shape
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.padding import pad
from minigrad.ops.places import integer, per_axis
from minigrad.ops.shape import squeeze, unsqueeze

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
]  # fmt: skip


# ---------------------------------------------------------------------------- the three ops


@op
def convolution(x, weight, bias, stride, padding, dilation, groups):
    """y[n, o, p] = bias[o] + sum_{c, k} weight[o, c, k] x[n, c, p stride - padding + k dilation]"""
    options = stride, padding, dilation, groups
    spatial, kernel = x.shape[2:], weight.shape[2:]
    run = convolution if any(map(is_tensor, (x, weight, bias))) else kernels.conv
    return run(x, weight, bias, *options), (
        lambda g: grad_input(g, weight, None, spatial, *options),
        lambda g: grad_weight(g, x, kernel, *options),
        grad_bias,
    )


@op
def grad_input(x, weight, bias, spatial, stride, padding, dilation, groups):
    """The gradient of a convolution's image (N, C, *spatial), x being that of its result.

    With a bias it is the transposed convolution.
    """
    options = stride, padding, dilation, groups
    kernel = weight.shape[2:]
    if any(map(is_tensor, (x, weight, bias))):
        y = grad_input(x, weight, bias, spatial, *options)
    else:
        y = kernels.conv_grad_input(x, weight, spatial, *options)
        y = y if bias is None else y + np.reshape(bias, (-1, *(1,) * len(spatial)))
    return y, (
        lambda g: convolution(g, weight, None, *options),
        lambda g: grad_weight(x, g, kernel, *options),
        grad_bias,
    )


@op
def grad_weight(x, y, kernel, stride, padding, dilation, groups):
    """The gradient of a convolution's filters (O, C / groups, *kernel).

    x: the gradient of its result; y: the image.
    """
    options = stride, padding, dilation, groups
    spatial = y.shape[2:]
    run = grad_weight if is_tensor(x) or is_tensor(y) else kernels.conv_grad_weight
    return run(x, y, kernel, *options), (
        lambda g: convolution(y, g, None, *options),
        lambda g: grad_input(x, g, None, spatial, *options),
    )


def grad_bias(g):
    if is_tensor(g):
        return np.sum(g, axis=(0, *range(2, len(g.shape))))
    return kernels.conv_grad_bias(g)


# ---------------------------------------------------------------------------- convolution


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Filters moved along (N, C, L): see `conv2d`."""
    return conv("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Filters moved over an image: at each place the sum of products of filter and image, + bias.

    y[n, o, i, j] = bias[o] + sum_{c, k, l} weight[o, c, k, l] x[n, c, i s - p + k d, j s - p + l d]

    input: (N, C, H, W) or (C, H, W), taken as zero outside. weight: (O, C / groups, kH, kW). bias:
    (O) or None. stride s; padding p, or "valid" (0), or "same" (the result has the image's size,
    for stride 1); dilation d. groups: the channels, and the filters, fall into so many groups,
    and filters see their own group alone. Result: (N, O, H', W') with
    H' = (H + 2 p - d (kH - 1) - 1) // s + 1. LeCun et al., "Gradient-based learning applied to
    document recognition", 1998.

    >>> import minigrad as mg
    >>> x = mg.tensor([[[1.0, 2.0, 4.0]]])
    >>> mg.nn.functional.conv2d(x, mg.tensor([[[[-1.0, 1.0]]]]))  # differences of neighbours
    tensor([[[1., 2.]]])
    """
    return conv("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Filters moved through (N, C, D, H, W): see `conv2d`."""
    return conv("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def conv(name, n, x, weight, bias, stride, padding, dilation, groups):
    stride = per_axis(name, "stride", stride, n, 1)
    dilation = per_axis(name, "dilation", dilation, n, 1)
    groups = check(name, n, x, weight, bias, groups, transposed=False)
    kernel = weight.shape[2:]
    batched = x if len(x.shape) == n + 2 else unsqueeze(x, 0)
    if padding == "same":
        if max(stride) > 1:
            raise RuntimeError(f"{name}: padding='same' needs stride 1, got {stride}")
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        if any(t % 2 for t in total):  # one more behind than in front
            batched = pad(batched, [w for t in reversed(total) for w in (0, t % 2)])
        padding = tuple(t // 2 for t in total)
    elif padding == "valid":
        padding = (0,) * n
    elif isinstance(padding, str):
        raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}")
    padding = per_axis(name, "padding", padding, n, 0)
    if min(out_shape(batched.shape[2:], kernel, stride, padding, dilation), default=1) < 1:
        padded = tuple(s + 2 * p for s, p in zip(batched.shape[2:], padding, strict=True))
        reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        raise RuntimeError(
            f"{name}: the kernel, {reach} with its dilation, is larger than the padded input, "
            f"{padded}; make it smaller, or pad more"
        )
    y = convolution(batched, weight, bias, stride, padding, dilation, groups)
    return y if len(x.shape) == n + 2 else squeeze(y, 0)


# ---------------------------------------------------------------------------- its transpose


def conv_transpose1d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """The transpose of `conv1d`: see `conv_transpose2d`."""
    options = stride, padding, output_padding, groups, dilation
    return conv_transpose("conv_transpose1d", 1, input, weight, bias, *options)


def conv_transpose2d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """The filters, each times a number of the input, added up `stride` apart, + bias.

    This is the gradient of `conv2d` with respect to its image, for the same options; where that
    makes images smaller, this makes them larger. input: (N, C, H, W) or (C, H, W); weight:
    (C, O / groups, kH, kW); result: (N, O, H', W') with H' = (H - 1) stride - 2 padding +
    dilation (kH - 1) + output_padding + 1. output_padding: of the sizes that `conv2d` makes H of,
    which one; less than the stride or the dilation. Zeiler et al., "Deconvolutional networks",
    2010; Dumoulin and Visin, 2016, chapter 4.
    """
    options = stride, padding, output_padding, groups, dilation
    return conv_transpose("conv_transpose2d", 2, input, weight, bias, *options)


def conv_transpose3d(
    input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    """The transpose of `conv3d`: see `conv_transpose2d`."""
    options = stride, padding, output_padding, groups, dilation
    return conv_transpose("conv_transpose3d", 3, input, weight, bias, *options)


def conv_transpose(name, n, x, weight, bias, stride, padding, output_padding, groups, dilation):
    stride = per_axis(name, "stride", stride, n, 1)
    padding = per_axis(name, "padding", padding, n, 0)
    more = per_axis(name, "output_padding", output_padding, n, 0)
    dilation = per_axis(name, "dilation", dilation, n, 1)
    groups = check(name, n, x, weight, bias, groups, transposed=True)
    if any(m >= max(s, d) for m, s, d in zip(more, stride, dilation, strict=True)):
        raise RuntimeError(
            f"{name}: output_padding must be smaller than stride or dilation, got {more} for "
            f"stride {stride}, dilation {dilation}"
        )
    batched = x if len(x.shape) == n + 2 else unsqueeze(x, 0)
    # Less than a stride of output_padding says which of several sizes it is; whole strides of it,
    # which a dilation allows, come from as many numbers more, all of them 0.
    behind = [m // s for m, s in zip(more, stride, strict=True)]
    if any(behind):
        batched = pad(batched, [w for b in reversed(behind) for w in (0, b)])
    axes = zip(batched.shape[2:], weight.shape[2:], stride, padding, more, dilation, strict=True)
    spatial = tuple((s - 1) * t - 2 * p + d * (k - 1) + m % t + 1 for s, k, t, p, m, d in axes)
    if min(spatial) < 1:
        raise RuntimeError(
            f"{name}: the result would have the size {spatial}, for {describe(x)} and a kernel "
            f"{tuple(weight.shape[2:])}; pad less"
        )
    y = grad_input(batched, weight, bias, spatial, stride, padding, dilation, groups)
    return y if len(x.shape) == n + 2 else squeeze(y, 0)


# ---------------------------------------------------------------------------- arguments


def check(name, n, x, weight, bias, groups, transposed) -> int:
    """The number of groups; an error if shapes or dtypes do not fit each other."""
    groups = integer(name, "groups", groups)
    if len(x.shape) not in (n + 1, n + 2):
        raise RuntimeError(
            f"{name}: expected an input (N, C, *S) or (C, *S) with {n} spatial axes S, got "
            f"{describe(x)}"
        )
    if len(weight.shape) != n + 2:
        raise RuntimeError(
            f"{name}: expected a weight of {n + 2} axes, 2 of channels and {n} of the kernel, got "
            f"{describe(weight)}"
        )
    if groups < 1 or weight.shape[0] % groups:
        raise RuntimeError(
            f"{name}: groups must be positive and divide the weight's first axis, got {groups} "
            f"for {describe(weight)}"
        )
    channels = x.shape[-n - 1]
    expected = weight.shape[0] if transposed else weight.shape[1] * groups
    if channels != expected:
        raise RuntimeError(
            f"{name}: the weight {tuple(weight.shape)} with groups={groups} takes {expected} "
            f"channels, but the input {tuple(x.shape)} has {channels}"
        )
    if min(weight.shape[2:]) < 1:
        raise RuntimeError(f"{name}: the kernel is empty: {describe(weight)}")
    filters = weight.shape[1] * groups if transposed else weight.shape[0]
    if bias is not None and tuple(bias.shape) != (filters,):
        raise RuntimeError(f"{name}: expected a bias of shape ({filters},), got {describe(bias)}")
    for what, other in (("weight", weight), ("bias", bias)):
        if other is None or other.dtype == x.dtype or "c" in (x.dtype.kind, other.dtype.kind):
            continue  # complex with real is allowed, for the complex step
        raise RuntimeError(
            f"{name}: input and {what} must have the same dtype, got {describe(x)} and "
            f"{describe(other)}; convert one with .to(dtype)"
        )
    return groups
