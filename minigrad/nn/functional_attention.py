"""Attention as functions, of one head and of several; its kernel: `minigrad/ops/attention.py`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.graph import describe
from minigrad.nn.functional_dropout import dropout
from minigrad.ops import attention
from minigrad.random import integers

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(scale * query key^T + attn_mask) value: (*, T, Dv).

    query: (*, T, D), key: (*, S, D), value: (*, S, Dv); the axes before, usually batch and heads,
    broadcast. scale: 1 / sqrt(D) by default. attn_mask broadcasts to (*, T, S): booleans, True
    where a key takes part, or numbers added to the scores, which can be trained. is_causal: query
    t sees the keys 0 to t alone. enable_gqa: key and value may have fewer heads (axis -3), each for
    a group of the query's. dropout_p: this share of the weights is dropped, the others are divided
    by 1 - dropout_p; in evaluation too, unless the caller passes 0.

    A query that sees no key gets zeros. The T x S weights are not kept for backward, and on the CPU
    never in memory at once. Vaswani et al., "Attention is all you need", 2017; Dao et al.,
    "FlashAttention", 2022. Unlike in PyTorch, attn_mask and is_causal can always be combined.

    >>> import minigrad as mg
    >>> q, k = mg.tensor([[0.0, 0.0]]), mg.tensor([[1.0, 0.0], [0.0, 1.0]])
    >>> mg.nn.functional.scaled_dot_product_attention(q, k, mg.tensor([[1.0], [2.0]]))
    tensor([[1.5000]])
    """
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(
            f"scaled_dot_product_attention: dropout_p must be between 0 and 1, got {dropout_p}"
        )
    seed = int(integers(0, 2**63 - 1, ())) if dropout_p > 0 else 0
    mask_grad = getattr(attn_mask, "requires_grad", False)
    options = dropout_p, seed, is_causal, scale, enable_gqa, mask_grad
    return attention.scaled_dot_product_attention(query, key, value, attn_mask, *options)


# ---------------------------------------------------------------------------- several heads

NAME = "multi_head_attention_forward"


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
    *,
    batch_first: bool = False,
) -> tuple[Any, Any]:
    """What `nn.MultiheadAttention` computes: (output, weights or None). For the masks see there.

    query (T, B, E), key (S, B, kdim), value (S, B, vdim); or (B, T, E) and so on if batch_first,
    which PyTorch's function does not have; or without B. in_proj_weight (3 E, E) holds the weights
    of query, key and value; with use_separate_proj_weight q_proj_weight (E, E), k_proj_weight
    (E, kdim) and v_proj_weight (E, vdim) do. in_proj_bias: (3 E) or None. bias_k and bias_v
    (1, 1, E) are one more key and value; add_zero_attn adds another, of zeros. static_k and
    static_v (B * num_heads, S, E / num_heads) stand in for the projected key and value.

    AssertionError if query, key and value do not fit, RuntimeError if a mask does not.
    """
    _check_shapes(query, key, value, embed_dim_to_check, num_heads, batch_first)
    if (bias_k is None) != (bias_v is None):
        raise AssertionError(f"{NAME}: bias_k and bias_v go together, got only one of them")
    if use_separate_proj_weight:
        projected = _project_each(
            (query, key, value), (q_proj_weight, k_proj_weight, v_proj_weight), in_proj_bias
        )
    else:
        projected = _project(query, key, value, in_proj_weight, in_proj_bias)
    by_time = len(query.shape) == 3 and not batch_first
    q, k, v = (_heads(x, num_heads, by_time) for x in projected)  # (B, H, T or S, D)
    if static_k is not None:
        k = ops.reshape(static_k, (*k.shape[:-2], *static_k.shape[1:]))
    if static_v is not None:
        v = ops.reshape(static_v, (*v.shape[:-2], *static_v.shape[1:]))
    scores = (*q.shape[:-1], k.shape[-2])
    if bias_k is not None:
        k, v = _one_more(k, bias_k), _one_more(v, bias_v)
    if add_zero_attn:
        k, v = (_one_more(x, np.zeros_like(x, shape=query.shape[-1:])) for x in (k, v))
    added = k.shape[-2] - scores[-1]  # keys that every query sees, also if is_causal

    if is_causal and attn_mask is None:
        raise RuntimeError(
            f"{NAME}: is_causal says that attn_mask is the causal mask, but attn_mask is None; "
            "give nn.Transformer.generate_square_subsequent_mask(T)"
        )
    trained = getattr(attn_mask, "requires_grad", False)  # it is read, to get its gradient
    causal = is_causal and not (need_weights or added or trained)
    mask = _merged_mask(None if causal else attn_mask, key_padding_mask, scores, added, q.dtype)
    p = dropout_p if training else 0.0
    if need_weights:
        out, weights = _attend_with_weights(q, k, v, mask, p)
        weights = weights.mean(-3) if average_attn_weights else weights
    else:
        takes_part = ~mask if mask is not None and mask.dtype == np.bool_ else mask
        out, weights = scaled_dot_product_attention(q, k, v, takes_part, p, causal), None
    return ops.linear(_joined(out, by_time), out_proj_weight, out_proj_bias), weights


def _check_shapes(query, key, value, embed_dim, num_heads, batch_first):
    def expect(true: bool, what: str) -> None:
        if not true:
            raise AssertionError(
                f"{NAME}: {what}: got query {describe(query)}, key {describe(key)}, "
                f"value {describe(value)}"
            )

    ndim = len(query.shape)
    expect(ndim in (2, 3), "expected a query of 2 dimensions, or of 3 with a batch")
    same = len(key.shape) == len(value.shape) == ndim
    expect(same, f"expected a key and a value of {ndim} dimensions, as the query")
    expect(key.shape[:-1] == value.shape[:-1], "key and value differ in length or in batch")
    batch = 0 if batch_first else 1
    expect(ndim == 2 or query.shape[batch] == key.shape[batch], "query and key differ in batch")
    expect(query.shape[-1] == embed_dim, f"expected {embed_dim} features in the query")
    if embed_dim % num_heads:
        raise AssertionError(f"{NAME}: embed_dim {embed_dim} is not divisible by {num_heads} heads")


def _project(query, key, value, weight, bias):
    """The three projections; those of the same input in one product."""
    e = query.shape[-1]
    if query is key and key is value:
        return ops.split(ops.linear(query, weight, bias), e, -1)
    if key is value:
        of_query, of_both = ops.split(weight, [e, 2 * e])
        b, b_both = (None, None) if bias is None else ops.split(bias, [e, 2 * e])
        both = ops.linear(key, of_both, b_both)
        return ops.linear(query, of_query, b), *ops.split(both, e, -1)
    return _project_each((query, key, value), ops.split(weight, e), bias)


def _project_each(inputs, weights, bias):
    biases = (None,) * 3 if bias is None else ops.chunk(bias, 3)
    return tuple(map(ops.linear, inputs, weights, biases))


def _heads(x, num_heads, by_time):
    """(B, T, E), or (T, B, E) if by_time, or (T, E), as (B, H, T, D) or (H, T, D)."""
    x = ops.reshape(x, (*x.shape[:-1], num_heads, x.shape[-1] // num_heads))
    return ops.permute(x, (1, 2, 0, 3)) if by_time else ops.transpose(x, -3, -2)


def _joined(x, by_time):
    """The heads side by side again: the reverse of `_heads`."""
    x = ops.permute(x, (2, 0, 1, 3)) if by_time else ops.transpose(x, -3, -2)
    return ops.reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))


def _one_more(x, vector):
    """x (B, H, S, D) with one more key, H * D numbers, the same for every sequence."""
    heads, d = x.shape[-3], x.shape[-1]
    last = ops.broadcast_to(ops.reshape(vector, (heads, 1, d)), (*x.shape[:-2], 1, d))
    return ops.cat([x, last], -2)


def _merged_mask(attn_mask, key_padding_mask, scores, added, dtype):
    """Both masks as one that broadcasts to the scores, or None.

    Booleans, True where a key is hidden, or numbers to be added. The added keys are never hidden.
    """
    *batch, heads, t, s = scores
    masks = []
    if attn_mask is not None:
        wanted = [(t, s), (math.prod(batch) * heads, t, s)]
        _check_mask("attn_mask", attn_mask, wanted, dtype)
        flat = len(attn_mask.shape) == 2
        masks.append(attn_mask if flat else ops.reshape(attn_mask, scores))
    if key_padding_mask is not None:
        _check_mask("key_padding_mask", key_padding_mask, [(*batch, s)], dtype)
        masks.append(ops.reshape(key_padding_mask, (*batch, 1, 1, s)))
    if not masks:
        return None
    if any(m.dtype != np.bool_ for m in masks):
        masks = [_as_numbers(m, dtype) for m in masks]
    mask = masks[0]
    if len(masks) == 2:
        mask = mask | masks[1] if mask.dtype == np.bool_ else mask + masks[1]
    return ops.pad(mask, (0, added)) if added else mask


def _as_numbers(mask, dtype):
    """What is to be added to the scores, in their dtype."""
    if mask.dtype == np.bool_:
        return np.where(mask, dtype.type(-math.inf), dtype.type(0))
    return mask if mask.dtype == dtype else ops.astype(mask, dtype)


def _check_mask(name, mask, wanted, dtype):
    if mask.dtype.kind not in "bf":
        raise AssertionError(
            f"{NAME}: {name} holds booleans, True for what is hidden, or numbers to be added to "
            f"the scores, got {describe(mask)}"
        )
    if tuple(mask.shape) not in wanted:
        raise RuntimeError(
            f"{NAME}: expected {name} of shape {' or '.join(map(str, wanted))}, got "
            f"{describe(mask)}"
        )
    if mask.dtype not in (np.bool_, np.float32, dtype):
        raise RuntimeError(
            f"{NAME}: {name} must be boolean, float32 or of the query's dtype, {dtype}, got "
            f"{mask.dtype}"
        )


def _attend_with_weights(q, k, v, mask, p):
    """Attention with its weights (B, H, T, S) in memory: (output, weights)."""
    scores = (q / math.sqrt(q.shape[-1])) @ ops.transpose(k, -2, -1)
    if mask is not None and mask.dtype == np.bool_:
        scores = ops.masked_fill(scores, mask, -math.inf)
    elif mask is not None:
        scores = scores + mask
    weights = dropout(ops.softmax(scores, -1), p, p > 0)
    return weights @ v, weights
