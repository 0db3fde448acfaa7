"""Convolution, pooling, normalization."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.onnx.table import translates

# ---------------------------------------------------------------------------- convolution


@translates("convolution")
def convolution(
    g: Any, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    options = {"strides": list(stride), "dilations": list(dilation), "group": groups}
    kernel = list(weight.shape[2:])
    return g.node("Conv", x, weight, bias, kernel_shape=kernel, pads=[*padding] * 2, **options)


@translates("grad_input")
def conv_transpose(
    g: Any, x: Any, weight: Any, bias: Any, spatial: Any, stride: Any, padding: Any, dilation: Any,
    groups: int,
) -> Any:  # fmt: skip
    kernel = list(weight.shape[2:])
    axes = zip(spatial, x.shape[2:], kernel, stride, padding, dilation, strict=True)
    more = [m - ((n - 1) * s - 2 * p + d * (k - 1) + 1) for m, n, k, s, p, d in axes]
    return g.node(
        "ConvTranspose", x, weight, bias, kernel_shape=kernel, strides=list(stride),
        pads=[*padding] * 2, dilations=list(dilation), group=groups, output_padding=more,
    )  # fmt: skip


@translates("im2col")
def im2col(g: Any, x: Any, kernel: Any, dilation: Any, stride: Any) -> Any:
    """A convolution with filters of which each picks one place of its window."""
    c, n = x.shape[1], math.prod(kernel)
    picks = np.tile(np.eye(n, dtype=x.dtype), (c, 1)).reshape(c * n, 1, *kernel)
    y = g.node(
        "Conv", x, picks, kernel_shape=list(kernel), strides=list(stride),
        dilations=list(dilation), group=c,
    )  # fmt: skip
    return g.node("Reshape", y, g.ints(*g.out.shape))


@translates("col2im")
def col2im(g: Any, x: Any, size: Any, dilation: Any, stride: Any) -> Any:
    n, c, *kernel = x.shape[:4]
    columns = ops.reshape(x, (n, c * math.prod(kernel), -1))
    options = {"dilations": list(dilation), "strides": list(stride)}
    return g.node("Col2Im", columns, g.ints(*size), g.ints(*kernel), **options)


# ---------------------------------------------------------------------------- pooling


@translates("max_pool")
def max_pool(
    g: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Any:
    """The places are counted through the plane here, through the whole array in ONNX."""
    y, places = g.node(
        "MaxPool", x, outputs=2, kernel_shape=list(kernel_size), strides=list(stride),
        pads=[*padding] * 2, dilations=list(dilation), ceil_mode=int(ceil_mode),
    )  # fmt: skip
    plane = np.asarray(math.prod(x.shape[2:]), np.int64)
    return [y, g.node("Mod", places, plane)]


@translates("avg_pool")
def avg_pool(
    g: Any, x: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Any:  # fmt: skip
    options = {
        "kernel_shape": list(kernel_size), "strides": list(stride), "pads": [*padding] * 2,
        "ceil_mode": int(ceil_mode),
    }  # fmt: skip
    if divisor_override is None:
        return g.node("AveragePool", x, count_include_pad=int(count_include_pad), **options)
    if ceil_mode:
        raise g.error("avg_pool: divisor_override with ceil_mode has no translation to ONNX")
    y = g.node("AveragePool", x, count_include_pad=1, **options)
    return g.node("Mul", y, g.like(math.prod(kernel_size) / divisor_override, x))


@translates("adaptive_avg_pool")
def adaptive_avg_pool(g: Any, x: Any, output_size: Any) -> Any:
    """Windows of one size are a pooling; of different sizes, each axis is a product."""
    sizes = x.shape[2:]
    if all(n == 1 for n in output_size):
        return g.node("GlobalAveragePool", x)
    if all(n % m == 0 for n, m in zip(sizes, output_size, strict=True)):
        kernel = [n // m for n, m in zip(sizes, output_size, strict=True)]
        return g.node("AveragePool", x, kernel_shape=kernel, strides=kernel)
    for axis, m in enumerate(output_size, 2):
        means = np.zeros((m, x.shape[axis]), x.dtype)
        for i, (first, end) in enumerate(windows(x.shape[axis], m)):
            means[i, first:end] = 1 / (end - first)
        x = ops.swapaxes(ops.matmul(ops.swapaxes(x, axis, -1), means.T), axis, -1)
    return x


def windows(n: int, m: int) -> list[tuple[int, int]]:
    """Where each of m windows that share out n begins and ends."""
    return [(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


@translates("adaptive_max_pool")
def adaptive_max_pool(g: Any, x: Any, output_size: Any) -> Any:
    sizes = x.shape[2:]
    if all(n % m == 0 for n, m in zip(sizes, output_size, strict=True)):
        kernel = [n // m for n, m in zip(sizes, output_size, strict=True)]
        return max_pool(g, x, kernel, kernel, [0] * len(kernel), [1] * len(kernel), False)
    for axis, m in enumerate(output_size, 2):
        parts = [slice(*ends) for ends in windows(x.shape[axis], m)]
        x = ops.cat([
            ops.amax(ops.narrow(x, axis, p.start, p.stop - p.start), axis, True) for p in parts
        ], axis)  # fmt: skip
    return [x, None]  # the places would need the maxima's neighbours


# ---------------------------------------------------------------------------- normalization


@translates("layer_norm")
def layer_norm(
    g: Any, x: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    weight = np.ones(shape, x.dtype) if weight is None else weight
    return g.node("LayerNormalization", x, weight, bias, axis=-len(shape), epsilon=float(eps))


@translates("rms_norm")
def rms_norm(
    g: Any, x: Any, normalized_shape: Any, weight: Any = None, eps: float | None = None
) -> Any:
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    squares = ops.mean(x * x, tuple(range(-len(shape), 0)), True)
    y = x / ops.sqrt(squares + eps)
    return y if weight is None else y * weight


@translates("group_norm")
def group_norm(
    g: Any, x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    weight, bias = scale_and_shift(x, weight, bias)
    # The means are computed in float32 unless it says otherwise: 11 stands for float64.
    name, options = "GroupNormalization", {"num_groups": num_groups}
    options["stash_type"] = 11 if x.dtype == np.float64 else 1
    if num_groups == x.shape[1] and len(x.shape) > 2:
        name, options = "InstanceNormalization", {}
    return g.node(name, x, weight, bias, epsilon=float(eps), **options)


@translates("batch_norm")
def batch_norm(
    g: Any, x: Any, weight: Any, bias: Any, mean: Any, var: Any, eps: float = 1e-5, tell: Any = None
) -> Any:
    if mean is None:  # without running statistics: of the batch itself
        axes = (0, *range(2, len(x.shape)))
        column = (-1, *[1] * (len(x.shape) - 2))
        y = (x - ops.mean(x, axes, True)) / ops.sqrt(ops.var(x, axes, False, True) + eps)
        y = y if weight is None else y * ops.reshape(weight, column)
        return y if bias is None else y + ops.reshape(bias, column)
    weight, bias = scale_and_shift(x, weight, bias)
    return g.node("BatchNormalization", x, weight, bias, mean, var, epsilon=float(eps))


def scale_and_shift(x: Any, weight: Any, bias: Any) -> tuple[Any, Any]:
    """ONNX wants both."""
    weight = np.ones(x.shape[1], x.dtype) if weight is None else weight
    return weight, np.zeros(x.shape[1], x.dtype) if bias is None else bias


# ---------------------------------------------------------------------------- losses


@translates("softmax_cross_entropy")
def softmax_cross_entropy(
    g: Any, x: Any, target: Any, weight: Any = None, ignore_index: int = -100,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    options = {"ignore_index": ignore_index, "reduction": reduction}
    return g.node("SoftmaxCrossEntropyLoss", x, target, weight, **options)
