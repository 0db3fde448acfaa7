"""Attention, recurrence, positions: what goes over a sequence."""

from __future__ import annotations

import math

import numpy as np

import minigrad as mg
from minigrad import nn, ops
from minigrad.nn import functional as F


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


# ---------------------------------------------------------------------------- positions


def rotary_embedding(
    x, cos, sin, position_ids=None, *, interleaved=0, num_heads=0, rotary_embedding_dim=0
):
    """ONNX brings tables of its own, a position for each sample and step: a layer for each."""
    packed, shape = x.ndim == 3, x.shape
    if packed:
        x = x.reshape(*shape[:2], num_heads, -1).transpose(1, 2)
    if position_ids is not None:
        cos, sin = cos[position_ids], sin[position_ids]
    samples = []
    for each, of_cos, of_sin in zip(x, cos, sin, strict=True):
        layer = nn.RotaryEmbedding(rotary_embedding_dim or x.shape[-1], x.shape[2], 10000.0,
                                   bool(interleaved))  # fmt: skip
        layer.cos, layer.sin = of_cos, of_sin
        samples.append(layer(each))
    y = mg.stack(samples)
    return y.transpose(1, 2).reshape(shape) if packed else y


def reverse_sequence(x, lengths, *, batch_axis=1, time_axis=0):
    """Each sample's first steps read backwards, the rest as they are."""
    x = x.movedim((batch_axis, time_axis), (0, 1))
    steps = mg.arange(x.shape[1])
    backwards = lengths[:, None] - 1 - steps
    index = mg.where(backwards >= 0, backwards, steps).reshape(*x.shape[:2], *[1] * (x.ndim - 2))
    return mg.take_along_dim(x, index, 1).movedim((0, 1), (batch_axis, time_axis))


def tensor_scatter(cache, update, start=None, *, axis=-2, mode="linear"):
    """The update put into the cache, for each sample from its `start` on."""
    axis, n = axis % cache.ndim, cache.shape[axis]
    start = mg.zeros(len(cache), dtype=mg.int64) if start is None else start
    index = start[:, None] + mg.arange(update.shape[axis])
    index = index % n if mode == "circular" else index
    index = index.reshape(
        [len(cache) if d == 0 else -1 if d == axis else 1 for d in range(cache.ndim)]
    )
    return mg.scatter(cache, axis, index.expand(update.shape), update)


OPERATORS = {
    "Attention": attention, "RotaryEmbedding": rotary_embedding,
    "LSTM": recurrent(ops.lstm_layer, (0, 2, 3, 1)),  # ONNX has i o f g
    "GRU": recurrent(ops.gru_layer, (1, 0, 2)),  # and z r n
    "RNN": recurrent(ops.rnn_layer, (0,)),
    "ReverseSequence": reverse_sequence, "TensorScatter": tensor_scatter,
}  # fmt: skip
