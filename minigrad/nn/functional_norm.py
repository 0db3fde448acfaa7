"""Normalizations as functions: PyTorch's signatures, and the running statistics.

The mathematics is in `minigrad/ops/normalize.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import describe
from minigrad.inplace import note_write
from minigrad.mode import is_grad_enabled
from minigrad.ops import normalize as _normalize
from minigrad.ops.axes import raw

__all__ = [
    "batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize",
    "rms_norm",
]  # fmt: skip


def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Any:
    """input / max(its p-norm along dim, eps)."""
    return input / ops.clamp_min(ops.vector_norm(input, p, dim, True), eps)


def layer_norm(
    input: Any,
    normalized_shape: Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """(input - mean) / sqrt(var + eps) over the last axes, * weight + bias."""
    return ops.layer_norm(input, normalized_shape, weight, bias, eps)


def rms_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None
) -> Any:
    """input / sqrt(mean(input**2) + eps) over the last axes, * weight."""
    return ops.rms_norm(input, normalized_shape, weight, eps)


def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """(input - mean) / sqrt(var + eps) over groups of channels, * weight + bias."""
    if len(input.shape) >= 2 and num_groups > 0:
        n, c, *rest = input.shape
        _more_than_one("group_norm", n * c // num_groups * math.prod(rest), input)
    return ops.group_norm(input, num_groups, weight, bias, eps)


def _more_than_one(name: str, n: int, input: Any) -> None:
    if n == 1:
        raise ValueError(
            f"{name}: expected more than 1 value per channel when training, got an input of shape "
            f"{tuple(input.shape)}: its variance would be 0"
        )


def _move(running: Any, batch: Any, momentum: float) -> None:
    """running = (1 - momentum) * running + momentum * batch, in place."""
    if running is not None:
        array = raw(running)
        array[...] = (1 - momentum) * array + momentum * np.reshape(batch, array.shape)
        note_write(array)


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """(input - mean) / sqrt(var + eps) of each channel of (N, C, ...), * weight + bias.

    training: mean and variance are the batch's, and the running ones (if any) move towards them by
    `momentum`, in place, the variance as sum / (n - 1). Else the running ones are used.
    """
    if len(input.shape) < 2:
        if 0 in input.shape:
            return input
        raise RuntimeError(f"batch_norm: expected an input (N, C, ...), got {describe(input)}")
    if eps < 0 or (training and eps == 0):
        raise ValueError(f"batch_norm: eps must be positive, got {eps}")
    channels = input.shape[1]
    _normalize.check_shapes(
        "batch_norm", (channels,), running_mean=running_mean, running_var=running_var,
        weight=weight, bias=bias,
    )  # fmt: skip
    n = math.prod(input.shape) // max(channels, 1)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError(
                "batch_norm: expected running_mean and running_var, got None; pass them, or "
                "training=True to use the batch's own"
            )
        mean, var = raw(running_mean), raw(running_var)
        if is_grad_enabled():  # for the pullback: they may move on
            mean, var = mean.copy(), var.copy()
        return _normalize.batch_norm(input, weight, bias, mean, var, eps)
    _more_than_one("batch_norm", n, input)

    def tell(mean, var):
        _move(running_mean, mean, momentum)
        _move(running_var, var * (n / max(n - 1, 1)), momentum)

    return _normalize.batch_norm(input, weight, bias, None, None, eps, tell)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """(input - mean) / sqrt(var + eps) of each channel of each sample, * weight + bias.

    Running statistics move towards the batch's mean of the samples' statistics. Ulyanov, Vedaldi
    and Lempitsky, "Instance normalization", 2016.
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    n = math.prod(input.shape[2:])
    if n == 1:
        raise ValueError(
            "instance_norm: expected more than 1 spatial element, got an input of shape "
            f"{tuple(input.shape)}"
        )
    _normalize.check_shapes(
        "instance_norm", input.shape[1:2], running_mean=running_mean, running_var=running_var,
        weight=weight, bias=bias,
    )  # fmt: skip
    if running_mean is not None or running_var is not None:
        x, axes = raw(input), tuple(range(2, len(input.shape)))
        _move(running_mean, x.mean(axis=axes).mean(axis=0), momentum)
        _move(running_var, x.var(axis=axes).mean(axis=0) * (n / max(n - 1, 1)), momentum)
    return ops.group_norm(input, input.shape[1], weight, bias, eps)


def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """input / (k + alpha * mean of squares over `size` neighbouring channels)**beta.

    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
    networks", 2012, section 3.3 (there the sum, not the mean).
    """
    if len(input.shape) < 3:
        raise ValueError(
            f"local_response_norm: expected an input (N, C, ...) of 3 or more dimensions, got "
            f"{describe(input)}"
        )
    channels = input.shape[1]
    around = (0, 0) * (len(input.shape) - 2) + (size // 2, (size - 1) // 2)
    squares = ops.pad(input * input, around)
    total = squares[:, :channels]
    for i in range(1, size):
        total = total + squares[:, i : i + channels]
    return input / (total * (alpha / size) + k) ** beta
