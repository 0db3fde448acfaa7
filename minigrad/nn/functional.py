"""The layers as functions, as `torch.nn.functional`: parameters are arguments.

The mathematics is in `minigrad.ops`; here are PyTorch's signatures, and what draws random numbers.
Dropout is in `functional_dropout.py`, normalizations are in `functional_norm.py`. With
`inplace=True` the result is written into the input's memory, and the input is returned.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import describe
from minigrad.inplace import note_write, overwrite
from minigrad.nn.functional_attention import (
    multi_head_attention_forward,
    scaled_dot_product_attention,
)
from minigrad.nn.functional_dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from minigrad.nn.functional_grid import affine_grid, grid_sample
from minigrad.nn.functional_images import (
    channel_shuffle,
    fold,
    interpolate,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    pixel_shuffle,
    pixel_unshuffle,
    unfold,
)
from minigrad.nn.functional_norm import (
    batch_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    normalize,
    rms_norm,
)
from minigrad.ops import (
    bilinear,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
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
from minigrad.ops.axes import raw
from minigrad.ops.binary_losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
)
from minigrad.ops.classification_losses import cross_entropy, nll_loss
from minigrad.ops.ctc import ctc_loss
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
from minigrad.ops.pool import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    max_pool1d,
    max_pool2d,
    max_pool3d,
)
from minigrad.ops.unpool import max_unpool1d, max_unpool2d, max_unpool3d
from minigrad.random import uniform

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "feature_alpha_dropout",
    "fold",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "mish",
    "mse_loss",
    "multi_head_attention_forward",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
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
    if logits.dtype.kind != "f":
        raise RuntimeError(f"gumbel_softmax: expected floating logits, got {describe(logits)}")
    u = uniform(logits.shape, dtype=logits.dtype, device=logits.device)
    exponential = np.maximum(-np.log1p(-u), np.finfo(u.dtype).tiny)
    soft = ops.softmax((logits - np.log(exponential)) / tau, dim)
    if not hard:
        return soft
    one = np.argmax(raw(soft), axis=dim, keepdims=True)
    hot = np.zeros_like(raw(soft))
    np.put_along_axis(hot, one, 1, dim)
    return (hot - raw(soft)) + soft


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
