"""Attention and recurrence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import is_tensor
from minigrad.onnx.table import translates


@translates("scaled_dot_product_attention")
def attention(
    g: Any, query: Any, key: Any, value: Any, attn_mask: Any = None, p: float = 0.0,
    seed: int = 0, causal: bool = False, scale: float | None = None, gqa: bool = False,
    mask_grad: bool = True,
) -> Any:  # fmt: skip
    """softmax(scale * query key^T + mask) value, in plain operators; a blind query gets zeros."""
    if p:
        raise g.error("attention with dropout is random; give dropout_p=0.0 in evaluation")
    heads = query.shape[-3] if gqa else 1
    key, value = (repeated(x, heads) if gqa else x for x in (key, value))
    scale = 1 / math.sqrt(max(query.shape[-1], 1)) if scale is None else scale
    scores: Any = scale * ops.matmul(query, ops.transpose(key, -2, -1))
    if attn_mask is not None and attn_mask.dtype == np.bool_:
        scores = ops.where(attn_mask, scores, -math.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask
    if causal:
        n, m = scores.shape[-2:]
        seen = g.node("Trilu", g.node("Expand", np.array([[True]]), g.ints(n, m)), upper=0)
        scores = ops.where(g.tensor(np.tri(n, m, dtype=np.bool_), seen), scores, -math.inf)
    if attn_mask is None:
        return ops.matmul(ops.softmax(scores, -1), value)
    blind = ops.amax(scores, -1, True) == -math.inf
    weights = ops.softmax(ops.where(blind, 0.0, scores), -1)
    return ops.matmul(ops.where(blind, 0.0, weights), value)


def repeated(x: Any, heads: int) -> Any:
    return ops.repeat_interleave(x, heads // x.shape[-3], -3)


# ---------------------------------------------------------------------------- recurrence


@translates("lstm_layer")
def lstm_layer(
    g: Any, x: Any, h0: Any, c0: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    lengths: Any = None, reverse: bool = False,
) -> Any:  # fmt: skip
    weights = gates((0, 3, 1, 2), w_ih, w_hh, b_ih, b_hh)  # i o f g
    return layer(g, "LSTM", x, [h0, c0], weights, lengths, reverse)


@translates("gru_layer")
def gru_layer(
    g: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    lengths: Any = None, reverse: bool = False,
) -> Any:  # fmt: skip
    weights = gates((1, 0, 2), w_ih, w_hh, b_ih, b_hh)  # z r n
    return layer(g, "GRU", x, [h0], weights, lengths, reverse, linear_before_reset=1)


@translates("rnn_layer")
def rnn_layer(
    g: Any, x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None,
    nonlinearity: str = "tanh", lengths: Any = None, reverse: bool = False,
) -> Any:  # fmt: skip
    weights = gates((0,), w_ih, w_hh, b_ih, b_hh)
    return layer(
        g, "RNN", x, [h0], weights, lengths, reverse, activations=[nonlinearity.capitalize()]
    )


def gates(order: tuple, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any) -> list:
    """Weights (1, gates * H, ...) and biases (1, 2 * gates * H), gates in ONNX's order."""

    def ordered(w: Any) -> Any:
        if len(order) == 1:
            return w
        parts = ops.chunk(w, len(order))
        return ops.cat([parts[i] for i in order])

    w, r = (ops.unsqueeze(ordered(w), 0) for w in (w_ih, w_hh))
    if b_ih is None and b_hh is None:
        return [w, r, None]
    biases = [
        np.zeros(w_ih.shape[0], w_ih.dtype) if b is None else ordered(b) for b in (b_ih, b_hh)
    ]
    return [w, r, ops.unsqueeze(ops.cat(biases), 0)]


def layer(
    g: Any, name: str, x: Any, states: list, weights: list, lengths: Any, reverse: bool,
    **options: Any,
) -> list:  # fmt: skip
    """One layer in one direction; states of zeros, ONNX's default, are left out."""
    start = [None if is_zero(g, s) else ops.unsqueeze(s, 0) for s in states]
    if any(s is not None for s in start):
        start = [ops.unsqueeze(s, 0) for s in states]
    lengths = None if lengths is None else g.node("Cast", lengths, to=np.dtype(np.int32))
    y, *last = g.node(
        name, x, *weights, lengths, *start, outputs=1 + len(states),
        hidden_size=states[0].shape[-1], direction="reverse" if reverse else "forward", **options,
    )  # fmt: skip
    return [
        g.node("Squeeze", y, g.ints(1)),
        *(g.node("Squeeze", state, g.ints(0)) for state in last),
    ]


def is_zero(g: Any, x: Any) -> bool:
    return not g.depends(x) and not (x.array if is_tensor(x) else x).any()
