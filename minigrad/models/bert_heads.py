"""BERT with a last layer: for masked tokens, which it learns from, and for classes of texts."""

from __future__ import annotations

from typing import Any

from minigrad import nn
from minigrad.creation import zeros
from minigrad.models.bert import BERT, BERTConfig, reset_parameters
from minigrad.nn import functional as F


class MaskedLMHead(nn.Module):
    """Vectors (B, T, C) to norm(gelu(W h + b)) embeddings^T + bias: (B, T, V)."""

    def __init__(self, config: BERTConfig):
        super().__init__()
        width = config.hidden_size
        self.transform = nn.ModuleDict({
            "dense": nn.Linear(width, width),
            "LayerNorm": nn.LayerNorm(width, config.layer_norm_eps),
        })  # fmt: skip
        self.bias = nn.Parameter(zeros(config.vocab_size))

    def forward(self, h: Any, embeddings: Any) -> Any:
        h = self.transform["LayerNorm"](F.gelu(self.transform["dense"](h)))
        return F.linear(h, embeddings, self.bias)


class BERTForMaskedLM(nn.Module):
    """Tokens (B, T) to logits (B, T, vocab_size) of what stands at each place.

    The last layer's weights are the tokens' embeddings. Arguments as those of `BERT`. Its loss,
    with inputs and labels from `minigrad.text.mask_tokens`:

    >>> import minigrad as mg
    >>> model = BERTForMaskedLM(BERTConfig(10, 16, num_hidden_layers=1, num_attention_heads=2))
    >>> logits, labels = model(mg.tensor([[3, 9, 5]])), mg.tensor([[-100, 4, -100]])
    >>> F.cross_entropy(logits.flatten(0, 1), labels.flatten()).shape
    ()
    """

    def __init__(self, config: BERTConfig):
        super().__init__()
        self.bert = BERT(config, pooler=False)
        self.cls = nn.ModuleDict({"predictions": MaskedLMHead(config)})
        reset_parameters(self.cls)

    def forward(self, tokens: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
        hidden, _ = self.bert(tokens, attention_mask, token_type_ids)
        return self.cls["predictions"](hidden, self.bert.embeddings.word_embeddings.weight)


class BERTForSequenceClassification(nn.Module):
    """Tokens (B, T) to scores (B, num_labels) of the text. Arguments as those of `BERT`.

    >>> import minigrad as mg
    >>> config = BERTConfig(10, 16, num_hidden_layers=1, num_attention_heads=2)
    >>> BERTForSequenceClassification(config, num_labels=3)(mg.tensor([[1, 2, 3]])).shape
    (1, 3)
    """

    def __init__(self, config: BERTConfig, num_labels: int = 2):
        super().__init__()
        p = config.classifier_dropout
        self.bert = BERT(config)
        self.dropout = nn.Dropout(config.hidden_dropout_prob if p is None else p)
        self.classifier = nn.Linear(config.hidden_size, num_labels)
        reset_parameters(self.classifier)

    def forward(self, tokens: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
        _, pooled = self.bert(tokens, attention_mask, token_type_ids)
        return self.classifier(self.dropout(pooled))
