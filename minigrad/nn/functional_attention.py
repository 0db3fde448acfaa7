"""Attention as a function; the mathematics is in `minigrad/ops/attention.py`."""

from __future__ import annotations

from typing import Any

from minigrad.ops import attention
from minigrad.random import integers

__all__ = ["scaled_dot_product_attention"]


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
