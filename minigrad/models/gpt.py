"""GPT: a decoder-only Transformer that predicts the next token.

    h = wte[tokens] + wpe[positions]
    for each layer:    h = h + attention(norm(h));    h = h + mlp(norm(h))
    logits = norm(h) wte^T

Radford et al., "Language models are unsupervised multitask learners" (GPT-2), 2019: norms before
the blocks and at the end, GELU, embeddings that are also the last layer's weights, weights from a
normal distribution of 0.02, those that end in the residual stream scaled by 1 / sqrt(2 layers).

The paper's sizes (vocabulary 50257, 1024 positions; table 2, parameters as counted here):

    layers  width  heads     parameters
        12    768     12    124,439,808    gpt2
        24   1024     16    354,823,168    gpt2-medium
        36   1280     20    774,030,080    gpt2-large
        48   1600     25  1,557,611,200    gpt2-xl

Names of layers are those of the Hugging Face model, whose weights `load_pretrained` reads.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from minigrad import nn
from minigrad.creation import arange
from minigrad.graph import describe
from minigrad.models.cache import KeyValueCache
from minigrad.nn import functional as F
from minigrad.nn import init


class GPTConfig(NamedTuple):
    """n_positions: the longest text. n_inner: width of the MLPs, 4 * n_embd if None."""

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_inner: int | None = None
    dropout: float = 0.1
    layer_norm_epsilon: float = 1e-5


class Attention(nn.Module):
    """Causal self-attention, of all heads at once: (B, T, C) to (B, T, C)."""

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.n_head, self.dropout = config.n_head, config.dropout
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)  # query, key and value in one
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)

    def forward(self, x: Any, layer: int, cache: KeyValueCache | None) -> Any:
        b, t, c = x.shape
        parts = self.c_attn(x).chunk(3, dim=-1)
        q, k, v = (  # (B, heads, T, width) each
            part.reshape(b, t, self.n_head, c // self.n_head).transpose(1, 2) for part in parts
        )
        mask = None
        if cache is not None:
            before = cache.length
            k, v = cache.update(layer, k, v)
            if before and t > 1:  # token i of the new ones sees those before, and 0 to i
                mask = np.tri(t, before + t, before, dtype=np.bool_)
        y = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=mask is None and t > 1,
            dropout_p=self.dropout if self.training else 0.0,
        )  # fmt: skip
        return self.c_proj(y.transpose(1, 2).reshape(b, t, c))


class MLP(nn.Module):
    def __init__(self, config: GPTConfig):
        super().__init__()
        inner = config.n_inner or 4 * config.n_embd
        self.c_fc = nn.Linear(config.n_embd, inner)
        self.c_proj = nn.Linear(inner, config.n_embd)

    def forward(self, x: Any) -> Any:
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, config: GPTConfig):
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.n_embd, config.layer_norm_epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd, config.layer_norm_epsilon)
        self.mlp = MLP(config)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, x: Any, layer: int, cache: KeyValueCache | None) -> Any:
        x = x + self.drop(self.attn(self.ln_1(x), layer, cache))
        return x + self.drop(self.mlp(self.ln_2(x)))


class GPT(nn.Module):
    """Tokens (B, T) to logits (B, T, vocab_size): at t those of token t + 1.

    cache: a `new_cache()`; then `tokens` are those after the ones that it has seen. Raises
    ValueError for sizes that do not fit, IndexError for a token that is not in the vocabulary.

    >>> import minigrad as mg
    >>> model = GPT(GPTConfig(vocab_size=10, n_positions=8, n_embd=16, n_layer=2, n_head=2))
    >>> model(mg.tensor([[1, 2, 3]])).shape
    (1, 3, 10)
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        if config.n_embd % config.n_head:
            raise ValueError(
                f"GPT: n_embd={config.n_embd} must be a multiple of n_head={config.n_head}"
            )
        self.config = config
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(config.vocab_size, config.n_embd),
            "wpe": nn.Embedding(config.n_positions, config.n_embd),
            "drop": nn.Dropout(config.dropout),
            "h": nn.ModuleList([Block(config) for _ in range(config.n_layer)]),
            "ln_f": nn.LayerNorm(config.n_embd, config.layer_norm_epsilon),
        })  # fmt: skip
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                init.zeros_(parameter)
            elif parameter.ndim == 2:
                scale = 1 / math.sqrt(2 * self.config.n_layer) if "c_proj" in name else 1.0
                init.normal_(parameter, 0.0, 0.02 * scale)

    @property
    def max_length(self) -> int:
        return self.config.n_positions

    def new_cache(self, max_length: int | None = None) -> KeyValueCache:
        return KeyValueCache(
            self.config.n_layer, min(max_length or self.max_length, self.max_length)
        )

    def forward(self, tokens: Any, cache: KeyValueCache | None = None) -> Any:
        if tokens.ndim != 2:
            raise ValueError(f"GPT: expected tokens of shape (B, T), got {describe(tokens)}")
        start, t = 0 if cache is None else cache.length, tokens.shape[1]
        if start + t > self.max_length:
            raise ValueError(
                f"GPT: {start + t} tokens are too many, this model has {self.max_length} positions "
                "(n_positions); shorten the text"
            )
        body: Any = self.transformer
        places = arange(start, start + t, device=tokens.device)
        x = body["drop"](body["wte"](tokens) + body["wpe"](places))
        for layer, block in enumerate(body["h"]):
            x = block(x, layer, cache)
        if cache is not None:
            cache.advance(t)
        return F.linear(body["ln_f"](x), body["wte"].weight)
