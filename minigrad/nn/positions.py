"""Where in a sequence a vector stands: attention alone does not see the order.

Two encodings are added to the embeddings, before the first layer; the third turns queries and keys
in every layer. PyTorch has none of the three.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.creation import empty
from minigrad.graph import describe
from minigrad.nn import init
from minigrad.nn.dropout import Dropout
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Buffer, Parameter
from minigrad.tensor import Tensor, tensor


class _Positions(Module):
    """A table with a row for each position, max_len of them."""

    max_len: int

    def _rows(self, table: Any, n: int, offset: int) -> Any:
        """The rows of n positions, the first of which is `offset`."""
        if not 0 <= offset <= self.max_len - n:
            start = f" from position {offset} on" if offset else ""
            raise ValueError(
                f"{type(self).__name__}: a sequence of {n}{start} does not fit into "
                f"max_len={self.max_len} positions; make the layer with a larger max_len"
            )
        return table[offset : offset + n]


class _Added(_Positions):
    """y = dropout(x + table[offset : offset + T]), for vectors x of T positions."""

    def __init__(self, d_model: int, dropout: float, max_len: int, batch_first: bool):
        super().__init__()
        check_sizes(self, d_model=d_model, max_len=max_len)
        self.d_model = d_model
        self.max_len = max_len
        self.batch_first = batch_first
        self.dropout = Dropout(dropout)

    def _add(self, x: Any, table: Any, offset: int) -> Any:
        if len(x.shape) not in (2, 3) or x.shape[-1] != self.d_model:
            shapes = f"(B, T, {self.d_model})" if self.batch_first else f"(T, B, {self.d_model})"
            raise ValueError(
                f"{type(self).__name__}: expected an input of shape {shapes} or "
                f"(T, {self.d_model}), got {describe(x)}"
            )
        by_time = len(x.shape) == 3 and not self.batch_first
        rows = self._rows(table, x.shape[0 if by_time else -2], offset)  # (T, d_model)
        return self.dropout(x + (ops.unsqueeze(rows, 1) if by_time else rows))

    def extra_repr(self) -> str:
        return f"{self.d_model}, max_len={self.max_len}, batch_first={self.batch_first}"


class SinusoidalPositionalEncoding(_Added):
    """x + pe with fixed pe[t, 2i] = sin(t / 10000^(2i/d_model)) and pe[t, 2i+1] = cos(the same).

    Then dropout. Each pair of features is the hand of a clock, the first of which goes round once
    in 2 pi positions, the last in almost 10000 * 2 pi. A step of k positions turns each hand by a
    fixed angle: a linear map, which attention can learn.

    x: (T, B, d_model), or (B, T, d_model) if batch_first, or (T, d_model); the result has the same
    shape. offset: the position of the first vector, for a sequence that comes in parts. The table
    is the buffer `pe` (max_len, d_model), which is no part of the state_dict. ValueError for a
    sequence that does not fit into max_len.

    Vaswani et al. 2017, "Attention is all you need" (arXiv:1706.03762), section 3.5.

    >>> import minigrad as mg
    >>> positions = mg.nn.SinusoidalPositionalEncoding(4, dropout=0.0)
    >>> positions(mg.zeros(2, 4))
    tensor([[0.0000, 1.0000, 0.0000, 1.0000],
            [0.8415, 0.5403, 0.0100, 0.9999]])
    """

    pe: Tensor

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.1,
        max_len: int = 5000,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(d_model, dropout, max_len, batch_first)
        angles = _angles(max_len, d_model, 10000.0)
        pe = np.empty((max_len, d_model))
        pe[:, 0::2] = np.sin(angles)
        pe[:, 1::2] = np.cos(angles)[:, : d_model // 2]
        self.pe = _table(pe, device, dtype)

    def forward(self, x: Any, offset: int = 0) -> Any:
        return self._add(x, self.pe, offset)


class LearnedPositionalEmbedding(_Added):
    """x + weight[t] for the vector x at each position t, then dropout: the positions are learned.

    x: (T, B, d_model), or (B, T, d_model) if batch_first, or (T, d_model); the result has the same
    shape. offset: the position of the first vector, for a sequence that comes in parts. weight
    (max_len, d_model) begins normal with standard deviation 0.02. ValueError for a sequence that
    does not fit into max_len.

    Gehring et al. 2017, "Convolutional sequence to sequence learning" (arXiv:1705.03122), section
    3.1; the defaults are GPT-2's (Radford et al. 2019).

    >>> import minigrad as mg
    >>> positions = mg.nn.LearnedPositionalEmbedding(8, max_len=5, batch_first=True)
    >>> positions(mg.zeros(3, 5, 8)).shape
    (3, 5, 8)
    >>> positions(mg.zeros(3, 6, 8))
    Traceback (most recent call last):
        ...
    ValueError: LearnedPositionalEmbedding: a sequence of 6 does not fit into max_len=5 positions; \
make the layer with a larger max_len
    """

    weight: Parameter

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.1,
        max_len: int = 1024,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__(d_model, dropout, max_len, batch_first)
        self.weight = Parameter(empty(max_len, d_model, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight, std=0.02)

    def forward(self, x: Any, offset: int = 0) -> Any:
        return self._add(x, self.weight, offset)


class RotaryEmbedding(_Positions):
    """Turn each pair of features of a query or key at position t by the angle t / base^(2i/dim).

    (a_i, b_i) becomes (a_i cos - b_i sin, a_i sin + b_i cos). Of a query at position m and a key at
    n, the score q . k then depends on the positions through m - n alone.

    x: (..., T, D), such as the (B, H, T, D) of `F.scaled_dot_product_attention`; the result has the
    same shape. The first dim of the D features are turned, the others stay (GPT-NeoX turns a
    quarter of them). Which make a pair: i and i + dim/2 (GPT-NeoX, LLaMA in Hugging Face's layout);
    if interleaved, 2i and 2i + 1 (RoFormer, GPT-J, LLaMA's own layout). offset: the position of the
    first of the T: with a cache of keys, how many are in it.

    The buffers `cos` and `sin` (max_len, dim/2) are no part of the state_dict. ValueError for an
    odd dim, for fewer than dim features, and for a sequence that does not fit into max_len.

    Su et al. 2021, "RoFormer: enhanced Transformer with rotary position embedding"
    (arXiv:2104.09864), eq. 15 and 34.

    >>> import minigrad as mg
    >>> rotary = mg.nn.RotaryEmbedding(2)
    >>> rotary(mg.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])
    >>> rotary(mg.tensor([[1.0, 0.0]]), offset=1)
    tensor([[0.5403, 0.8415]])
    """

    cos: Tensor
    sin: Tensor

    def __init__(
        self,
        dim: int,
        max_len: int = 2048,
        base: float = 10000.0,
        interleaved: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        check_sizes(self, dim=dim, max_len=max_len)
        if dim % 2:
            raise ValueError(f"RotaryEmbedding: dim must be even, got {dim}")
        self.dim = dim
        self.max_len = max_len
        self.base = base
        self.interleaved = interleaved
        angles = _angles(max_len, dim, base)
        self.cos = _table(np.cos(angles), device, dtype)
        self.sin = _table(np.sin(angles), device, dtype)

    def forward(self, x: Any, offset: int = 0) -> Any:
        if len(x.shape) < 2 or x.shape[-1] < self.dim:
            raise ValueError(
                f"RotaryEmbedding: expected an input (..., T, D) of at least dim={self.dim} "
                f"features, got {describe(x)}"
            )
        cos = self._rows(self.cos, x.shape[-2], offset)
        sin = self._rows(self.sin, x.shape[-2], offset)
        turned, kept, half = x[..., : self.dim], x[..., self.dim :], self.dim // 2
        if self.interleaved:
            a, b = turned[..., 0::2], turned[..., 1::2]
            pairs = ops.stack([a * cos - b * sin, a * sin + b * cos], -1)  # (..., T, dim/2, 2)
            turned = ops.reshape(pairs, turned.shape)
        else:
            a, b = turned[..., :half], turned[..., half:]
            turned = ops.cat([a * cos - b * sin, a * sin + b * cos], -1)
        return ops.cat([turned, kept], -1) if x.shape[-1] > self.dim else turned

    def extra_repr(self) -> str:
        return (
            f"{self.dim}, max_len={self.max_len}, base={self.base}, interleaved={self.interleaved}"
        )


def _angles(max_len: int, dim: int, base: float) -> np.ndarray:
    """t / base^(2i/dim) for each position t and each pair i of features: (max_len, ceil(dim/2))."""
    frequencies = np.exp(np.arange(0, dim, 2) * (-math.log(base) / max(dim, 1)))
    return np.arange(max_len)[:, None] * frequencies


def _table(values: np.ndarray, device: Any, dtype: Any) -> Buffer:
    table = empty(values.shape, device=device, dtype=dtype)
    return Buffer(tensor(values, dtype=table.dtype, device=device), persistent=False)
