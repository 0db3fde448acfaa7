"""BERT: an encoder that reads the whole text, before and after each token.

    h = norm(word[tokens] + position[0..T-1] + segment[token_type_ids])
    for each layer:    h = norm(h + attention(h));    h = norm(h + mlp(h))
    logits = norm(gelu(W h + b)) word^T + c        of the tokens that were masked

Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of deep bidirectional Transformers for
language understanding", 2018: Vaswani's encoder (norms after the sums), GELU, learned positions,
dropout of 0.1, weights from a normal distribution of 0.02 that is cut off at two deviations (as in
the authors' code). It learns to guess masked tokens (`minigrad.text.mask_tokens`), and then, with a
new last layer, whatever is asked of a text.

The paper's sizes (section 3; vocabulary 30522, 512 positions; parameters of `BERT`):

            layers  width  heads  paper     parameters     MNLI   (table 1, accuracy)
    base        12    768     12   110M    109,482,240    84.6 %
    large       24   1024     16   340M    335,141,888    86.7 %

Names of layers are those of the Hugging Face model, whose weights `load_pretrained` reads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minigrad import nn
from minigrad.creation import arange, zeros
from minigrad.graph import describe, wrap
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.ops.places import raw


class BERTConfig(NamedTuple):
    """max_position_embeddings: the longest text. type_vocab_size: segments. pad_token_id: the token
    whose embedding begins as zeros and is not trained. classifier_dropout: hidden_dropout_prob if
    None.
    """

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    classifier_dropout: float | None = None
    layer_norm_eps: float = 1e-12
    pad_token_id: int | None = 0


class Embeddings(nn.Module):
    """Tokens (B, T) and their segments to (B, T, C)."""

    def __init__(self, config: BERTConfig):
        super().__init__()
        width = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, width, config.pad_token_id)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, width)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, tokens: Any, token_type_ids: Any) -> Any:
        places = arange(tokens.shape[1], device=tokens.device)
        x = self.word_embeddings(tokens) + self.token_type_embeddings(token_type_ids)
        return self.dropout(self.LayerNorm(x + self.position_embeddings(places)))


class SelfAttention(nn.Module):
    """Of all heads at once, (B, T, C) to (B, T, C); seen: (B, 1, 1, T) or None for all."""

    def __init__(self, config: BERTConfig):
        super().__init__()
        self.heads, self.p = config.num_attention_heads, config.attention_probs_dropout_prob
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.hidden_size, config.hidden_size)
        self.value = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, x: Any, seen: Any) -> Any:
        b, t, c = x.shape
        q, k, v = (
            project(x).reshape(b, t, self.heads, c // self.heads).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )  # (B, heads, T, width) each
        y = F.scaled_dot_product_attention(
            q, k, v, attn_mask=seen, dropout_p=self.p if self.training else 0.0
        )
        return y.transpose(1, 2).reshape(b, t, c)


class AddAndNorm(nn.Module):
    """norm(residual + dropout(W x + b)): how each half of a block ends."""

    def __init__(self, features: int, config: BERTConfig):
        super().__init__()
        self.dense = nn.Linear(features, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: Any, residual: Any) -> Any:
        return self.LayerNorm(residual + self.dropout(self.dense(x)))


class Block(nn.Module):
    def __init__(self, config: BERTConfig):
        super().__init__()
        width, inner = config.hidden_size, config.intermediate_size
        self.attention = nn.ModuleDict({
            "self": SelfAttention(config),
            "output": AddAndNorm(width, config),
        })  # fmt: skip
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, inner)})
        self.output = AddAndNorm(inner, config)

    def forward(self, x: Any, seen: Any) -> Any:
        x = self.attention["output"](self.attention["self"](x, seen), x)
        return self.output(F.gelu(self.intermediate["dense"](x)), x)


class BERT(nn.Module):
    """Tokens (B, T) to vectors (B, T, C), and one of the whole text, (B, C), for its first token.

    attention_mask (B, T): true, or 1, for the tokens that are seen, false, or 0, for those that
    fill up shorter texts. token_type_ids (B, T): the segment of each token, 0 if not given. The
    second value is tanh(W h[:, 0] + b), or None with pooler=False.

    Raises ValueError for sizes and shapes that do not fit, TypeError for tokens that are no
    integers, IndexError for a token or a segment that there is not.

    >>> import minigrad as mg
    >>> model = BERT(BERTConfig(10, 16, num_hidden_layers=2, num_attention_heads=2))
    >>> hidden, pooled = model(mg.tensor([[1, 2, 3], [4, 5, 0]]), mg.tensor([[1, 1, 1], [1, 1, 0]]))
    >>> hidden.shape, pooled.shape
    ((2, 3, 16), (2, 16))
    """

    def __init__(self, config: BERTConfig, pooler: bool = True):
        super().__init__()
        width, heads = config.hidden_size, config.num_attention_heads
        if width % heads:
            raise ValueError(
                f"BERT: hidden_size={width} must be a multiple of num_attention_heads={heads}"
            )
        self.config = config
        self.embeddings = Embeddings(config)
        blocks = nn.ModuleList([Block(config) for _ in range(config.num_hidden_layers)])
        self.encoder = nn.ModuleDict({"layer": blocks})
        self.pooler = nn.ModuleDict({"dense": nn.Linear(width, width)}) if pooler else None
        reset_parameters(self)

    def forward(
        self, tokens: Any, attention_mask: Any = None, token_type_ids: Any = None
    ) -> tuple[Any, Any]:
        if token_type_ids is None:
            token_type_ids = zeros(tokens.shape, dtype=np.int64, device=tokens.device)
        self._check(tokens, attention_mask, token_type_ids)
        seen = None
        if attention_mask is not None:
            seen = wrap((raw(attention_mask) != 0)[:, None, None, :])
        h = self.embeddings(tokens, token_type_ids)
        blocks: Any = self.encoder["layer"]
        for block in blocks:
            h = block(h, seen)
        return h, None if self.pooler is None else self.pooler["dense"](h[:, 0]).tanh()

    def _check(self, tokens: Any, attention_mask: Any, token_type_ids: Any) -> None:
        c = self.config
        if tokens.ndim != 2 or tokens.shape[1] == 0:
            raise ValueError(f"BERT: expected tokens of shape (B, T), got {describe(tokens)}")
        if tokens.shape[1] > c.max_position_embeddings:
            raise ValueError(
                f"BERT: {tokens.shape[1]} tokens are too many, this model has "
                f"{c.max_position_embeddings} positions (max_position_embeddings); shorten the text"
            )
        check_ids("tokens", tokens, c.vocab_size, "vocab_size")
        for name, value in {
            "attention_mask": attention_mask, "token_type_ids": token_type_ids
        }.items():  # fmt: skip
            if value is not None and value.shape != tokens.shape:
                raise ValueError(
                    f"BERT: expected {name} of the tokens' shape {tuple(tokens.shape)}, got "
                    f"{describe(value)}"
                )
        check_ids("token_type_ids", token_type_ids, c.type_vocab_size, "type_vocab_size")
        if attention_mask is not None and raw(attention_mask).dtype.kind not in "biu":
            raise TypeError(
                "BERT: expected attention_mask of booleans or integers, 1 for a token that is seen "
                f"and 0 for one that is not, got {describe(attention_mask)}"
            )


def check_ids(name: str, ids: Any, size: int, option: str) -> None:
    """All of them from 0 to size - 1; what lies on a GPU is not fetched to see that."""
    values = raw(ids)
    if values.dtype.kind not in "iu":
        raise TypeError(f"BERT: expected integers as {name}, got {describe(ids)}")
    if isinstance(values, np.ndarray) and values.size:
        low, high = values.min(), values.max()
        if low < 0 or high >= size:
            raise IndexError(
                f"BERT: {low if low < 0 else high} in {name}, expected numbers from 0 to "
                f"{size - 1}, as {option} is {size}"
            )


def reset_parameters(module: nn.Module) -> None:
    """Weights and embeddings drawn anew, biases and embeddings of padding zero."""
    for name, parameter in module.named_parameters():
        if parameter.ndim == 2:
            init.trunc_normal_(parameter, std=0.02, a=-0.04, b=0.04)
        elif name.endswith("bias"):
            init.zeros_(parameter)
    for part in module.modules():
        if isinstance(part, nn.Embedding) and part.padding_idx is not None:
            init.zeros_(part.weight.detach()[part.padding_idx])
