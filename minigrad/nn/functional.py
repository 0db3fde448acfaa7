"""The layers as functions, as `torch.nn.functional`: parameters are arguments.

The mathematics is in `minigrad.ops`; here are PyTorch's signatures (`inplace`, `training`), what
draws random numbers, and what updates running statistics. With `inplace=True` the result is written
into the input's memory and the input is returned.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import describe
from minigrad.inplace import note_write, overwrite
from minigrad.ops import (
    bilinear,
    cosine_similarity,
    gelu,
    glu,
    hardshrink,
    linear,
    logsigmoid,
    one_hot,
    pad,
    pairwise_distance,
    prelu,
    sigmoid,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
)
from minigrad.ops import normalize as _normalize
from minigrad.ops.axes import raw
from minigrad.ops.classification_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    multilabel_soft_margin_loss,
    nll_loss,
)
from minigrad.ops.losses import (
    gaussian_nll_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    poisson_nll_loss,
    smooth_l1_loss,
)
from minigrad.ops.margin_losses import (
    cosine_embedding_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from minigrad.random import uniform

__all__ = [
    "alpha_dropout", "batch_norm", "bilinear", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "celu", "cosine_embedding_loss", "cosine_similarity",
    "cross_entropy", "dropout", "dropout1d", "dropout2d", "dropout3d", "elu", "embedding",
    "feature_alpha_dropout", "gaussian_nll_loss", "gelu", "glu", "group_norm", "gumbel_softmax",
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "hinge_embedding_loss", "huber_loss",
    "instance_norm", "kl_div", "l1_loss", "layer_norm", "leaky_relu", "linear",
    "local_response_norm", "log_softmax", "logsigmoid", "margin_ranking_loss", "mish", "mse_loss",
    "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss",
    "normalize", "one_hot", "pad", "pairwise_distance", "poisson_nll_loss", "prelu", "relu",
    "relu6", "rms_norm", "rrelu", "selu", "sigmoid", "silu", "smooth_l1_loss", "soft_margin_loss",
    "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh", "tanhshrink", "threshold",
    "triplet_margin_loss", "triplet_margin_with_distance_loss",
]  # fmt: skip


# ---------------------------------------------------------------------------- activations


def _apply(function: Callable, input: Any, inplace: bool, *args: Any) -> Any:
    if inplace:
        return overwrite(input, lambda x: function(x, *args), f"{function.__name__}_")
    return function(input, *args)


def relu(input: Any, inplace: bool = False) -> Any:
    """max(input, 0)."""
    return _apply(ops.relu, input, True) if inplace else ops.relu(input)


def relu6(input: Any, inplace: bool = False) -> Any:
    """min(max(input, 0), 6)."""
    return _apply(ops.relu6, input, inplace)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """input where it is positive, else negative_slope * input."""
    return _apply(ops.leaky_relu, input, inplace, negative_slope)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """input where it is positive, else alpha * (exp(input) - 1)."""
    return _apply(ops.elu, input, inplace, alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """scale * elu(input, alpha), with the constants that keep mean 0 and variance 1."""
    return _apply(ops.selu, input, inplace)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """input where it is positive, else alpha * (exp(input / alpha) - 1)."""
    return _apply(ops.celu, input, inplace, alpha)


def silu(input: Any, inplace: bool = False) -> Any:
    """input * sigmoid(input)."""
    return _apply(ops.silu, input, inplace)


def mish(input: Any, inplace: bool = False) -> Any:
    """input * tanh(softplus(input))."""
    return _apply(ops.mish, input, inplace)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """input * relu6(input + 3) / 6."""
    return _apply(ops.hardswish, input, inplace)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """relu6(input + 3) / 6."""
    return _apply(ops.hardsigmoid, input, inplace)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """input, clamped to [min_val, max_val]."""
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is greater than max_val {max_val}")
    return _apply(ops.hardtanh, input, inplace, min_val, max_val)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """input where it is above the threshold, else value."""
    return _apply(ops.threshold, input, inplace, threshold, value)


def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """leaky_relu with a slope drawn for each element from [lower, upper); else with its mean.

    Xu et al., "Empirical evaluation of rectified activations in convolutional network", 2015.
    """
    if lower > upper:
        raise RuntimeError(f"rrelu: lower {lower} is greater than upper {upper}")
    if not training:
        return _apply(ops.leaky_relu, input, inplace, (lower + upper) / 2)
    slope = uniform(input.shape, lower, upper, dtype=input.dtype, device=input.device)
    slope = np.where(raw(input) <= 0, slope, np.ones_like(slope))
    return _apply(ops.mul, input, inplace, slope)


# ---------------------------------------------------------------------------- softmax


def _implicit_dim(name: str, ndim: int, stacklevel: int) -> int:
    warnings.warn(
        f"{name}: no dim was given, and guessing it is deprecated; give dim=...",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """exp(input) / sum(exp(input)) along `dim`. Without a dim, it guesses and warns."""
    if dim is None:
        dim = _implicit_dim("softmax", len(input.shape), _stacklevel)
    return ops.softmax(input, dim, dtype)


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """log(softmax(input)), computed without the logarithm of a rounded 0."""
    if dim is None:
        dim = _implicit_dim("log_softmax", len(input.shape), _stacklevel)
    return ops.log_softmax(input, dim, dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """softmax(-input)."""
    if dim is None:
        dim = _implicit_dim("softmin", len(input.shape), _stacklevel)
    return ops.softmax(-input, dim, dtype)


def gumbel_softmax(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Any:
    """A sample from the Gumbel-softmax distribution: softmax((logits + noise) / tau).

    hard: one-hot in value, with the gradient of the soft sample. eps has no effect, as in PyTorch.
    Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017.
    """
    u = uniform(logits.shape, dtype=logits.dtype, device=logits.device)
    exponential = np.maximum(-np.log1p(-u), np.finfo(u.dtype).tiny)
    soft = ops.softmax((logits - np.log(exponential)) / tau, dim)
    if not hard:
        return soft
    one = np.argmax(raw(soft), axis=dim, keepdims=True)
    hot = np.zeros_like(raw(soft))
    np.put_along_axis(hot, one, 1, dim)
    return (hot - raw(soft)) + soft


# ---------------------------------------------------------------------------- dropout


def _check_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: the probability must be between 0 and 1, got {p}")


def _drop(name: str, input: Any, shape: tuple, p: float, training: bool, inplace: bool) -> Any:
    """input times a mask of `shape`: 0 with probability p, else 1 / (1 - p)."""
    _check_probability(name, p)
    if not training or p == 0:
        return input
    mask = uniform(shape, dtype=input.dtype, device=input.device) >= p
    mask = mask.astype(input.dtype) / (1 - p if p < 1 else 1)
    return _apply(ops.mul, input, inplace, mask)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element 0 with probability p, else divided by 1 - p: the expected value stays.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """
    return _drop("dropout", input, input.shape, p, training, inplace)


def _channels(name: str, input: Any, unbatched: int | None, *batched: int) -> tuple:
    """The shape of a mask with one number for each channel of (N, C, ...) or (C, ...)."""
    ndim = len(input.shape)
    if ndim in batched:
        return (*input.shape[:2], *(1,) * (ndim - 2))
    if ndim == unbatched:
        return (input.shape[0], *(1,) * (ndim - 1))
    raise RuntimeError(
        f"{name}: expected an input of {' or '.join(str(n) for n in (unbatched, *batched) if n)} "
        f"dimensions, got {describe(input)}; dropout takes every shape"
    )


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, L) or (C, L)."""
    return _drop("dropout1d", input, _channels("dropout1d", input, 2, 3), p, training, inplace)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, H, W), and as in PyTorch of (N, C, L)."""
    shape = _channels("dropout2d", input, None, 3, 4)
    return _drop("dropout2d", input, shape, p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    return _drop("dropout3d", input, _channels("dropout3d", input, 4, 5), p, training, inplace)


def _alpha_drop(
    name: str, input: Any, shape: tuple, p: float, training: bool, inplace: bool
) -> Any:
    _check_probability(name, p)
    if not training or p == 0:
        return input
    if p == 1:
        return _apply(ops.mul, input, inplace, np.zeros_like(raw(input)))
    low = -1.7580993408473766  # what selu tends to at minus infinity: -scale * alpha
    a = 1 / math.sqrt((low * low * p + 1) * (1 - p))
    kept = uniform(shape, dtype=input.dtype, device=input.device) >= p
    scale = kept.astype(input.dtype) * a
    shift = (~kept).astype(input.dtype) * (a * low) - a * low * p
    if inplace:
        return overwrite(input, lambda x: x * scale + shift, f"{name}_")
    return input * scale + shift


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean 0 and variance 1, for networks with selu.

    What is dropped becomes selu's lower limit; then all is scaled and shifted. Klambauer et al.,
    "Self-normalizing neural networks", 2017.
    """
    return _alpha_drop("alpha_dropout", input, input.shape, p, training, inplace)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """`alpha_dropout` of whole channels of (N, C, ...)."""
    shape = (*input.shape[:2], *(1,) * (len(input.shape) - 2))
    return _alpha_drop("feature_alpha_dropout", input, shape, p, training, inplace)


# ---------------------------------------------------------------------------- embedding


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of weight (V, D) at the places `input` (*): (*, D).

    padding_idx: this row has no gradient. max_norm: rows read whose norm is larger are first
    scaled down to it, in place. scale_grad_by_freq: a row's gradient is divided by how often it was
    read. sparse changes nothing: gradients are dense here.
    """
    if max_norm is not None:
        rows = np.unique(raw(input))
        norms = ops.vector_norm(raw(weight)[rows], norm_type, -1, True)
        scale = np.where(norms > max_norm, max_norm / (norms + 1e-7), 1)
        raw(weight)[rows] *= scale.astype(weight.dtype)
        note_write(raw(weight))
    return ops.embedding(input, weight, padding_idx, scale_grad_by_freq)


# ---------------------------------------------------------------------------- normalization


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
        _more_than_one(n * c // num_groups * math.prod(rest), input)
    return ops.group_norm(input, num_groups, weight, bias, eps)


def _more_than_one(n: int, input: Any) -> None:
    if n == 1:
        raise ValueError(
            "expected more than 1 value per channel when training, got an input of shape "
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
    n = math.prod(input.shape) // max(channels, 1)
    if not training:
        column = (1, channels, *(1,) * (len(input.shape) - 2))
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: needs running_mean and running_var unless training")
        mean, var = (np.reshape(raw(r), column) for r in (running_mean, running_var))
        return _normalize.batch_norm(input, weight, bias, mean, var, eps, False)
    _more_than_one(n, input)
    mean, var = _normalize.moments(raw(input), (0, *range(2, len(input.shape))))
    _move(running_mean, mean, momentum)
    _move(running_var, var * (n / max(n - 1, 1)), momentum)
    return _normalize.batch_norm(input, weight, bias, mean, var, eps, True)


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
    if running_mean is not None or running_var is not None:
        mean, var = _normalize.moments(raw(input), tuple(range(2, len(input.shape))))
        _move(running_mean, np.mean(mean, axis=0), momentum)
        _move(running_var, np.mean(var, axis=0) * (n / max(n - 1, 1)), momentum)
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
    squares = pad(input * input, around)
    total = squares[:, :channels]
    for i in range(1, size):
        total = total + squares[:, i : i + channels]
    return input / (total * (alpha / size) + k) ** beta
