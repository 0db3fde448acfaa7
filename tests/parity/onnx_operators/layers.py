"""Normalization, activations, losses."""

from __future__ import annotations

import minigrad as mg
from minigrad.nn import functional as F


def layer_norm(x, weight, bias=None, *, axis=-1, epsilon=1e-5, stash_type=1):
    return F.layer_norm(x, weight.shape, weight, bias, epsilon), None, None


def batch_norm(x, weight, bias, mean, var, *, epsilon=1e-5, momentum=0.9, training_mode=0):
    """ONNX keeps the variance as sum / n, PyTorch and minigrad as sum / (n - 1)."""
    options = bool(training_mode), 1 - momentum, epsilon
    return F.batch_norm(x, mean, var, weight, bias, *options), mean, None


def dropout(x, ratio=0.5, training=False, *, seed=None, **old):
    """The mask is no result. (Before version 12, the ratio was an attribute.)"""
    return F.dropout(x, float(old.get("ratio", ratio)), bool(training)), None


def cross_entropy(x, target, weight=None, *, ignore_index=-100, reduction="mean"):
    options = {"ignore_index": ignore_index, "reduction": reduction}
    return F.cross_entropy(x, target, weight, **options), F.log_softmax(x, 1)


def shrink(x, *, bias=0.0, lambd=0.5):
    assert bias in (0, lambd)
    return F.softshrink(x, lambd) if bias else F.hardshrink(x, lambd)


def mean_variance(x, *, axes=(0, 2, 3)):
    """Without ONNX's 1e-9 beside the deviation, which float32 does not see."""
    var, mean = mg.var_mean(x, tuple(axes), correction=0, keepdim=True)
    return (x - mean) / mg.sqrt(var)


def prelu(x, slope):
    """A slope for each element, where PyTorch's prelu has one for each channel."""
    return mg.where(x < 0, slope * x, x)


OPERATORS = {
    "LayerNormalization": layer_norm, "BatchNormalization": batch_norm,
    "RMSNormalization": lambda x, w, *, axis=-1, epsilon=1e-5: F.rms_norm(x, w.shape, w, epsilon),
    "GroupNormalization": lambda x, w, b, *, num_groups, epsilon=1e-5:
        F.group_norm(x, num_groups, w, b, epsilon),
    "InstanceNormalization": lambda x, w, b, *, epsilon=1e-5:
        F.instance_norm(x, None, None, w, b, eps=epsilon),
    "LpNormalization": lambda x, *, axis=-1, p=2: F.normalize(x, p, axis),
    "LRN": lambda x, *, size, alpha=1e-4, beta=0.75, bias=1.0:
        F.local_response_norm(x, size, alpha, beta, bias),
    "MeanVarianceNormalization": mean_variance,
    "Dropout": dropout,
    "SoftmaxCrossEntropyLoss": cross_entropy,
    "NegativeLogLikelihoodLoss": F.nll_loss,
    "Softmax": lambda x, *, axis=-1: F.softmax(x, axis),
    "LogSoftmax": lambda x, *, axis=-1: F.log_softmax(x, axis),
    "Hardmax": lambda x, *, axis=-1:
        F.one_hot(mg.argmax(x, axis), x.shape[axis]).movedim(-1, axis).to(x.dtype),
    "Relu": F.relu, "Sigmoid": F.sigmoid, "Tanh": F.tanh, "Softsign": F.softsign,
    "Softplus": F.softplus, "Selu": F.selu, "Mish": F.mish, "HardSwish": F.hardswish,
    "Elu": F.elu, "Celu": F.celu, "Gelu": F.gelu, "Shrink": shrink, "PRelu": prelu,
    "HardSigmoid": lambda x, *, alpha=0.2, beta=0.5: mg.clamp(alpha * x + beta, 0, 1),
    "LeakyRelu": lambda x, *, alpha=0.01: F.leaky_relu(x, alpha),
    "ThresholdedRelu": lambda x, *, alpha=1.0: F.threshold(x, alpha, 0.0),
    "Swish": lambda x, *, alpha=1.0: x * mg.sigmoid(alpha * x),
    "SwiGLU": lambda x, y, *, alpha=1.0: x * mg.sigmoid(alpha * x) * y,
}  # fmt: skip
