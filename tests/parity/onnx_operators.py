"""ONNX's operators in minigrad's: one function each, with ONNX's inputs, attributes and defaults.

An attribute that a function does not take is a TypeError: none can be ignored by mistake. A result
that minigrad has no counterpart of is None. Definitions: https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

import math

import numpy as np

import minigrad as mg
from minigrad import ops
from minigrad.nn import functional as F


def spatial(name, x):
    """minigrad's function for as many spatial axes as x (N, C, *S) has."""
    return getattr(F, f"{name}{x.ndim - 2}d")


def halves(total, auto_pad):
    """A padding divided into (before, after); an odd one has more behind with SAME_UPPER."""
    less, more = total // 2, total - total // 2
    return (less, more) if auto_pad == "SAME_UPPER" else (more, less)


def geometry(x, kernel, auto_pad, pads, strides, dilations):
    """strides, dilations and the paddings (before, after), each for every spatial axis."""
    n = len(kernel)
    strides, dilations, pads = strides or [1] * n, dilations or [1] * n, pads or [0] * 2 * n
    if not auto_pad.startswith("SAME"):
        return strides, dilations, list(zip(pads[:n], pads[n:], strict=True))
    axes = zip(x.shape[2:], kernel, strides, dilations, strict=True)
    missing = [max(0, (-(-m // s) - 1) * s + d * (k - 1) + 1 - m) for m, k, s, d in axes]
    return strides, dilations, [halves(total, auto_pad) for total in missing]


def widened(x, around, value=0.0):
    """x with `around` = (before, after) of each spatial axis put around it, or cut off."""
    return F.pad(x, [p for pair in reversed(around) for p in pair], value=value)


def fits(around, kernel):
    """Whether `around` can be a pool's padding: as much before as after, at most half a kernel."""
    return all(b == a and 2 * b <= k for (b, a), k in zip(around, kernel, strict=True))


# ---------------------------------------------------------------------------- convolution


def conv(
    x, w, b=None, *,
    auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None, pads=None, strides=None,
):  # fmt: skip
    strides, dilations, around = geometry(x, w.shape[2:], auto_pad, pads, strides, dilations)
    padding = [before for before, _ in around]
    if any(before != after for before, after in around):
        x, padding = widened(x, around), 0
    return spatial("conv", x)(x, w, b, strides, padding, dilations, group)


def conv_transpose(
    x, w, b=None, *, auto_pad="NOTSET", dilations=None, group=1, kernel_shape=None,
    output_padding=None, output_shape=None, pads=None, strides=None,
):  # fmt: skip
    kernel = w.shape[2:]
    strides, dilations, around = geometry(x, kernel, "NOTSET", pads, strides, dilations)
    more = output_padding or [0] * len(kernel)
    if auto_pad.startswith("SAME") and output_shape is None:
        output_shape = [m * s for m, s in zip(x.shape[2:], strides, strict=True)]
    if output_shape is not None:
        axes = zip(x.shape[2:], kernel, strides, dilations, more, output_shape, strict=True)
        total = [(m - 1) * s + d * (k - 1) + 1 + o - size for m, k, s, d, o, size in axes]
        around = [halves(t, auto_pad) for t in total]
    # Less cut off behind than before is what minigrad's output_padding says.
    padding = [before for before, _ in around]
    behind = [m + before - after for m, (before, after) in zip(more, around, strict=True)]
    options = list(zip(behind, strides, dilations, strict=True))
    if min(padding) >= 0 and all(0 <= m < max(s, d) for m, s, d in options):
        return spatial("conv_transpose", x)(x, w, b, strides, padding, behind, group, dilations)
    y = spatial("conv_transpose", x)(x, w, b, strides, 0, more, group, dilations)
    return widened(y, [(-before, -after) for before, after in around])


def causal_conv(x, w, b=None, past=None, *, activation="none"):
    shape = *x.shape[:2], w.shape[2] - 1
    x = mg.cat([mg.zeros(*shape, dtype=x.dtype) if past is None else past, x], 2)
    y = F.conv1d(x, w, b, groups=x.shape[1])
    return y if activation == "none" else F.silu(y), x[..., x.shape[2] - shape[2] :]


# ---------------------------------------------------------------------------- pooling


def max_pool(
    x, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, pads=None,
    storage_order=0, strides=None,
):  # fmt: skip
    """ONNX counts places through all of x; with storage_order 1, down the columns of a plane."""
    strides, dilations, around = geometry(x, kernel_shape, auto_pad, pads, strides, dilations)
    padding, wide, moved = [before for before, _ in around], x, 0
    if not fits(around, kernel_shape):
        wide, moved, padding = widened(x, around, -math.inf), np.array(padding), 0
    y, places = spatial("max_pool", x)(
        wide, kernel_shape, strides, padding, dilations, bool(ceil_mode), return_indices=True
    )
    plane = x.shape[2:]
    at = np.moveaxis(np.unravel_index(places.numpy(), wide.shape[2:]), 0, -1) - moved
    places = np.ravel_multi_index(
        tuple(np.moveaxis(at, -1, 0)), plane, order="F" if storage_order else "C"
    )
    return y, places + first_places(x.shape[:2], plane)


def first_places(lead, plane):
    """The place of each plane's first number, counted through a whole array (*lead, *plane)."""
    first = np.arange(math.prod(lead)) * math.prod(plane)
    return first.reshape(*lead, *(1 for _ in plane))


def max_unpool(x, places, output_shape=None, *, kernel_shape, pads=None, strides=None):
    """The places are those in the smallest plane; an output_shape adds zeros behind it."""
    strides, _, around = geometry(x, kernel_shape, "NOTSET", pads, strides, None)
    axes = zip(x.shape[2:], kernel_shape, strides, around, strict=True)
    plane = [(m - 1) * s + k - sum(pair) for m, k, s, pair in axes]
    places = places - mg.tensor(first_places(x.shape[:2], plane))
    padding = [before for before, _ in around]
    y = spatial("max_unpool", x)(x, places, kernel_shape, strides, padding)
    if output_shape is None:
        return y
    larger = [size - m for size, m in zip(output_shape.tolist()[2:], plane, strict=True)]
    return widened(y, [(0, m) for m in larger])


def average_pool(
    x, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, count_include_pad=0, dilations=None,
    pads=None, strides=None,
):  # fmt: skip
    strides, dilations, around = geometry(x, kernel_shape, auto_pad, pads, strides, dilations)
    assert max(dilations) == 1, "minigrad's means are not dilated"
    pool, ceil_mode = spatial("avg_pool", x), bool(ceil_mode)
    if fits(around, kernel_shape):
        padding = [before for before, _ in around]
        return pool(x, kernel_shape, strides, padding, ceil_mode, bool(count_include_pad))
    y = pool(widened(x, around), kernel_shape, strides, 0, ceil_mode)
    if count_include_pad:
        return y
    return y / pool(widened(mg.ones_like(x), around), kernel_shape, strides, 0, ceil_mode)


# ---------------------------------------------------------------------------- attention


def attention(
    q, k, v, mask=None, past_key=None, past_value=None, lengths=None, *,
    is_causal=0, q_num_heads=None, kv_num_heads=None, qk_matmul_output_mode=0, scale=None,
    softmax_precision=None, left_window_size=-1, right_window_size=-1,
):  # fmt: skip
    """Y and the keys and values; the weights are never in memory, so that they are no result.

    softmax_precision: minigrad computes in float32 where the inputs are float16.
    Where the first query stands among the keys: right behind the past; or, where lengths says how
    many keys each sample has, so that the last query is at the last one. Both, and windows, are
    masks in minigrad.
    """
    packed = q.ndim == 3  # (B, T, heads * D)
    if packed:
        heads = q_num_heads, kv_num_heads, kv_num_heads
        q, k, v = (
            x.reshape(*x.shape[:2], n, -1).transpose(1, 2)
            for x, n in zip((q, k, v), heads, strict=True)
        )
    if past_key is not None:
        k, v = mg.cat([past_key, k], 2), mg.cat([past_value, v], 2)
    n, m = q.shape[2], k.shape[2]
    first, end = (0 if past_key is None else past_key.shape[2]), m
    if lengths is not None:
        end = lengths.numpy().reshape(-1, 1, 1, 1)
        first = end - n
    query, keys = np.arange(n)[:, None] + first, np.arange(m)
    seen = keys < end
    from_zero = past_key is None and lengths is None
    if is_causal and not from_zero:
        seen = seen & (keys <= query)
    if left_window_size >= 0:
        seen = seen & (keys >= query - left_window_size)
    if right_window_size >= 0:
        seen = seen & (keys <= query + right_window_size)
    if mask is not None:
        hidden = False if mask.dtype == np.bool_ else -math.inf
        mask = F.pad(mask, (0, m - mask.shape[-1]), value=hidden)
        mask = mg.where(mg.tensor(seen), mask, mg.tensor(hidden, dtype=mask.dtype))
    elif not seen.all():
        mask = mg.tensor(seen)
    y = F.scaled_dot_product_attention(
        q, k, v, mask, is_causal=bool(is_causal and from_zero), scale=scale,
        enable_gqa=q.shape[1] != k.shape[1],
    )  # fmt: skip
    return y.transpose(1, 2).reshape(q.shape[0], n, -1) if packed else y, k, v, None


# ---------------------------------------------------------------------------- recurrence


def recurrent(layer, order):
    """The translation for a layer of minigrad, whose gates are ONNX's in this order."""

    def gates(x):
        return x.reshape(len(order), -1, *x.shape[1:])[list(order)].reshape(x.shape)

    def translation(
        x, w, r, b=None, lengths=None, *initial,
        hidden_size, direction="forward", layout=0, linear_before_reset=1,
    ):  # fmt: skip
        x = x.transpose(0, 1) if layout else x
        results = []
        for i, way in enumerate(DIRECTIONS[direction]):
            states = [mg.zeros(x.shape[1], hidden_size)] * (2 if layer is ops.lstm_layer else 1)
            states = [h[:, i] if layout else h[i] for h in initial] or states
            biases = [None, None] if b is None else [gates(half) for half in b[i].chunk(2)]
            options = {"lengths": lengths, "reverse": way == "reverse"}
            results.append(layer(x, *states, gates(w[i]), gates(r[i]), *biases, **options))
        y, *last = zip(*results, strict=True)
        y, last = mg.stack(y, 1), [mg.stack(h) for h in last]  # (T, directions, B, H)
        if layout:
            return y.permute(2, 0, 1, 3), *(h.transpose(0, 1) for h in last)
        return y, *last

    return translation


DIRECTIONS = {
    "forward": ["forward"], "reverse": ["reverse"], "bidirectional": ["forward", "reverse"],
}  # fmt: skip


# ---------------------------------------------------------------------------- the rest


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


OPERATORS = {
    "Conv": conv, "ConvTranspose": conv_transpose, "CausalConvWithState": causal_conv,
    "MaxPool": max_pool, "AveragePool": average_pool, "MaxUnpool": max_unpool,
    "GlobalMaxPool": lambda x: spatial("adaptive_max_pool", x)(x, 1),
    "GlobalAveragePool": lambda x: spatial("adaptive_avg_pool", x)(x, 1),
    "Attention": attention,
    "LSTM": recurrent(ops.lstm_layer, (0, 2, 3, 1)),  # ONNX has i o f g
    "GRU": recurrent(ops.gru_layer, (1, 0, 2)),  # and z r n
    "RNN": recurrent(ops.rnn_layer, (0,)),
    "LayerNormalization": layer_norm, "BatchNormalization": batch_norm,
    "RMSNormalization": lambda x, w, *, axis=-1, epsilon=1e-5: F.rms_norm(x, w.shape, w, epsilon),
    "GroupNormalization": lambda x, w, b, *, num_groups, epsilon=1e-5:
        F.group_norm(x, num_groups, w, b, epsilon),
    "InstanceNormalization": lambda x, w, b, *, epsilon=1e-5:
        F.instance_norm(x, None, None, w, b, eps=epsilon),
    "LpNormalization": lambda x, *, axis=-1, p=2: F.normalize(x, p, axis),
    "LRN": lambda x, *, size, alpha=1e-4, beta=0.75, bias=1.0:
        F.local_response_norm(x, size, alpha, beta, bias),
    "Dropout": dropout,
    "SoftmaxCrossEntropyLoss": cross_entropy,
    "NegativeLogLikelihoodLoss": F.nll_loss,
    "Softmax": lambda x, *, axis=-1: F.softmax(x, axis),
    "LogSoftmax": lambda x, *, axis=-1: F.log_softmax(x, axis),
    "Gemm": lambda a, b, c=0.0, *, alpha=1.0, beta=1.0, transA=0, transB=0:
        alpha * ((a.T if transA else a) @ (b.T if transB else b)) + beta * c,
    "MatMul": mg.matmul, "Einsum": lambda *xs, equation: mg.einsum(equation, *xs),
    "Relu": F.relu, "Sigmoid": F.sigmoid, "Tanh": F.tanh, "Softsign": F.softsign,
    "Softplus": F.softplus, "Selu": F.selu, "Mish": F.mish, "HardSwish": F.hardswish,
    "Elu": F.elu, "Celu": F.celu, "Gelu": F.gelu, "Shrink": shrink,
    "LeakyRelu": lambda x, *, alpha=0.01: F.leaky_relu(x, alpha),
    "ThresholdedRelu": lambda x, *, alpha=1.0: F.threshold(x, alpha, 0.0),
}  # fmt: skip
