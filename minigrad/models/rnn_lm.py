"""A recurrent language model: it predicts the next token from the last one and from its state.

    e_t = embedding[token_t];    h_t, state = RNN(e_t, state);    logits_t = W h_t + b

Mikolov et al., "Recurrent neural network based language model", 2010, with Elman's network; Zaremba
et al., "Recurrent neural network regularization", 2014, with LSTMs, and with dropout between layers
but not from step to step; Press & Wolf, "Using the output embedding to improve language models",
2017: W is the embedding itself (tie_weights).

Two layers of LSTM on the Penn Treebank (10,000 words), from the papers' tables:

    width  dropout   parameters   test perplexity
      200     0       4,653,200   114.5
      650    0.5     19,780,400    82.7
     1500    0.65    66,034,000    78.4
     1500    0.65    51,034,000    74.3   tied
"""

from __future__ import annotations

from typing import Any

from minigrad import nn
from minigrad.graph import describe
from minigrad.nn import init

KINDS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class RNNLM(nn.Module):
    """Tokens (B, T) and a state to (logits (B, T, vocab_size), state after them).

    At t the logits are those of token t + 1. The state is that of the layer `kind`, "RNN", "LSTM"
    or "GRU": (num_layers, B, hidden_size), for an LSTM a tuple of two; None begins with zeros.
    dropout: of embeddings, between layers, and before the logits. tie_weights: the logits' weights
    are the embedding's, so that both widths must be equal.

    Long texts are learned in pieces, each with the state after the one before, cut off from its
    graph (`detached`). Raises ValueError for sizes that do not fit, IndexError for a token that is
    not in the vocabulary, RuntimeError for a state of another shape.

    >>> import minigrad as mg
    >>> model = RNNLM(vocab_size=10, embedding_dim=4, hidden_size=8)
    >>> logits, (h, c) = model(mg.tensor([[1, 2, 3]]))
    >>> logits.shape, h.shape
    ((1, 3, 10), (1, 1, 8))
    >>> logits, state = model(mg.tensor([[4]]), (h, c))
    >>> mg.text.generate(model, mg.tensor([[1, 2, 3]]), 5).shape
    (1, 8)
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        hidden_size: int,
        num_layers: int = 1,
        kind: str = "LSTM",
        dropout: float = 0.0,
        tie_weights: bool = False,
    ):
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"RNNLM: kind is one of {', '.join(KINDS)}, got {kind!r}")
        if tie_weights and embedding_dim != hidden_size:
            raise ValueError(
                f"RNNLM: tie_weights needs equal widths, got embedding_dim={embedding_dim} and "
                f"hidden_size={hidden_size}"
            )
        self.embedding = nn.Embedding(vocab_size, embedding_dim)
        self.rnn = KINDS[kind](
            embedding_dim, hidden_size, num_layers, batch_first=True,
            dropout=dropout if num_layers > 1 else 0.0,
        )  # fmt: skip
        self.head = nn.Linear(hidden_size, vocab_size)
        self.dropout = nn.Dropout(dropout)
        if tie_weights:
            self.head.weight = self.embedding.weight
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Uniform in ±0.1, the bias 0; the recurrent layer as it is by itself."""
        init.uniform_(self.embedding.weight, -0.1, 0.1)
        init.uniform_(self.head.weight, -0.1, 0.1)
        bias: Any = self.head.bias
        init.zeros_(bias)
        self.rnn.reset_parameters()

    def forward(self, tokens: Any, state: Any = None) -> tuple[Any, Any]:
        if tokens.ndim != 2:
            raise ValueError(f"RNNLM: expected tokens of shape (B, T), got {describe(tokens)}")
        x = self.dropout(self.embedding(tokens))  # (B, T, E)
        y, state = self.rnn(x, state)  # (B, T, H)
        return self.head(self.dropout(y)), state


def detached(state: Any) -> Any:
    """The state without its graph: the next piece of a text goes on from it, backward does not.

    >>> import minigrad as mg
    >>> state = mg.zeros(1, 2, 3, requires_grad=True) * 1, mg.zeros(1, 2, 3)
    >>> [part.requires_grad for part in detached(state)]
    [False, False]
    """
    return tuple(map(detached, state)) if isinstance(state, tuple) else state.detach()
