"""The layers of T5: attention with relative positions, MLP, and a stack of both."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import nn, ops
from minigrad.graph import wrap
from minigrad.nn import functional as F

if TYPE_CHECKING:
    from minigrad.models.t5 import Memory, T5Config


def buckets(distance: np.ndarray, causal: bool, count: int, longest: int) -> np.ndarray:
    """Which of `count` numbers belongs to a distance, the key's position less the query's.

    The smaller half of the distances have one each, larger ones share them, in steps that grow
    like the logarithm up to `longest` and beyond. Causal: all are for keys before the query;
    otherwise half are for those before it, half for those after.

    >>> buckets(np.arange(-9, 3), True, 8, 16)
    array([6, 6, 5, 5, 4, 4, 3, 2, 1, 0, 0, 0])
    """
    offset = 0
    if causal:
        distance = np.maximum(-distance, 0)
    else:
        count //= 2
        offset = count * (distance > 0)
        distance = np.abs(distance)
    exact = count // 2
    # In float32, as the published weights were trained: some quotients are just below an integer.
    ratio = np.maximum(distance, exact).astype(np.float32) / np.float32(exact)
    steps = np.log(ratio) / math.log(longest / exact) * (count - exact)
    shared = np.minimum(exact + steps.astype(np.int64), count - 1)
    return offset + np.where(distance < exact, distance, shared)


class Attention(nn.Module):
    """Of all heads at once: (B, T, d_model) to the same. positions: it has the stack's numbers."""

    def __init__(self, config: T5Config, positions: bool = False):
        super().__init__()
        self.num_heads, self.dropout = config.num_heads, config.dropout_rate
        inner = config.num_heads * config.d_kv
        self.q = nn.Linear(config.d_model, inner, bias=False)
        self.k = nn.Linear(config.d_model, inner, bias=False)
        self.v = nn.Linear(config.d_model, inner, bias=False)
        self.o = nn.Linear(inner, config.d_model, bias=False)
        if positions:
            count = config.relative_attention_num_buckets
            self.relative_attention_bias = nn.Embedding(count, config.num_heads)

    def heads(self, x: Any) -> Any:
        """(B, T, heads * width) to (B, heads, T, width)."""
        b, t, inner = x.shape
        return x.reshape(b, t, self.num_heads, inner // self.num_heads).transpose(1, 2)

    def keys_and_values(self, x: Any) -> tuple[Any, Any]:
        return self.heads(self.k(x)), self.heads(self.v(x))

    def forward(self, x: Any, k: Any, v: Any, mask: Any) -> Any:
        y = F.scaled_dot_product_attention(
            self.heads(self.q(x)), k, v, attn_mask=mask, scale=1.0,
            dropout_p=self.dropout if self.training else 0.0,
        )  # fmt: skip
        return self.o(y.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """wo relu(wi x), or wo (gelu(wi_0 x) * wi_1 x)."""

    def __init__(self, config: T5Config):
        super().__init__()
        self.gated = config.feed_forward_proj == "gated-gelu"
        for name in ("wi_0", "wi_1") if self.gated else ("wi",):
            setattr(self, name, nn.Linear(config.d_model, config.d_ff, bias=False))
        self.wo = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x: Any) -> Any:
        if self.gated:
            x = F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x)
        else:
            x = F.relu(self.wi(x))
        return self.wo(self.dropout(x))


class Block(nn.Module):
    """Self-attention, in the decoder attention to the source, and an MLP."""

    def __init__(self, config: T5Config, decoder: bool, positions: bool):
        super().__init__()
        parts: dict[str, nn.Module] = {"SelfAttention": Attention(config, positions)}
        if decoder:
            parts["EncDecAttention"] = Attention(config)
        parts["DenseReluDense"] = FeedForward(config)
        norm = config.d_model, config.layer_norm_epsilon
        self.layer = nn.ModuleList(
            nn.ModuleDict({name: part, "layer_norm": nn.RMSNorm(*norm)})
            for name, part in parts.items()
        )
        self.drop = nn.Dropout(config.dropout_rate)

    def forward(self, x: Any, mask: Any, memory: Memory | None, i: int, cache: Any) -> Any:
        layer: Any = self.layer
        y = layer[0]["layer_norm"](x)
        k, v = layer[0]["SelfAttention"].keys_and_values(y)
        if cache is not None:
            k, v = cache.update(i, k, v)
        x = x + self.drop(layer[0]["SelfAttention"](y, k, v, mask))
        if memory is not None:
            y = layer[1]["layer_norm"](x)
            x = x + self.drop(layer[1]["EncDecAttention"](y, *memory.pairs[i], memory.mask))
        return x + self.drop(layer[-1]["DenseReluDense"](layer[-1]["layer_norm"](x)))


class Stack(nn.Module):
    """The encoder's layers, or the decoder's: (B, T, d_model) to the same."""

    def __init__(self, config: T5Config, layers: int, decoder: bool):
        super().__init__()
        self.config, self.decoder = config, decoder
        self.block = nn.ModuleList(Block(config, decoder, i == 0) for i in range(layers))
        self.final_layer_norm = nn.RMSNorm(config.d_model, config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def position_bias(self, start: int, end: int) -> Any:
        """What is added to the products of the queries start to end and the keys 0 to end."""
        queries, keys = np.arange(start, end)[:, None], np.arange(end)
        first: Any = self.block[0]
        numbers = first.layer[0]["SelfAttention"].relative_attention_bias
        place = buckets(
            keys - queries, self.decoder, self.config.relative_attention_num_buckets,
            self.config.relative_attention_max_distance,
        )  # fmt: skip
        bias = numbers(wrap(place).to(numbers.weight.device)).permute(2, 0, 1)  # (heads, T, S)
        return hidden(bias, wrap(keys <= queries)) if self.decoder else bias

    def forward(self, x: Any, mask: Any = None, memory: Any = None, cache: Any = None) -> Any:
        start = 0 if cache is None else cache.length
        scores = self.position_bias(start, start + x.shape[1])
        if mask is not None:
            scores = hidden(scores, mask)
        x = self.dropout(x)
        for i, block in enumerate(self.block):
            x = block(x, scores, memory, i, cache)
        if cache is not None:
            cache.advance(x.shape[1])
        return self.dropout(self.final_layer_norm(x))


def hidden(scores: Any, seen: Any) -> Any:
    """The scores of what is seen, -infinity of the rest."""
    return ops.where(seen, scores, -math.inf)
