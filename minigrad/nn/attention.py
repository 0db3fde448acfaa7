"""Multi-head attention."""

from __future__ import annotations

from typing import Any

from minigrad.creation import empty
from minigrad.nn import init
from minigrad.nn.functional_attention import multi_head_attention_forward
from minigrad.nn.linear import Linear
from minigrad.nn.module import Module, check_sizes
from minigrad.nn.parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A Linear. PyTorch gives this name to the last one in MultiheadAttention, and prints it."""


class MultiheadAttention(Module):
    """Concat(head_1, ..., head_h) W_o^T + b_o, where each head attends on its own.

    head_i = softmax(q_i k_i^T / sqrt(D) + mask) v_i, with q = query W_q^T + b_q, k and v made
    likewise of key and value, and q_i the i-th D = embed_dim / num_heads features of q.

    query (T, B, embed_dim), key (S, B, kdim) and value (S, B, vdim); with batch_first (B, T, ...)
    and (B, S, ...); of a single sequence without B. forward returns the output, shaped like the
    query, and with need_weights the weights (B, T, S), averaged over the heads, or of each,
    (B, H, T, S), with average_attn_weights=False; else None. need_weights=False is faster: the
    T x S weights are then never in memory at once.

    key_padding_mask (B, S) is about keys, attn_mask (T, S) or (B * num_heads, T, S) about pairs of
    query and key. Both hold booleans, True for what is hidden (the opposite of
    `F.scaled_dot_product_attention`), or numbers that are added to the scores. is_causal: a promise
    that attn_mask is the causal mask; without weights it is then not read, unless it is trained.
    A query that sees no key gets zeros, or NaN with need_weights, as in PyTorch.

    dropout: of the weights, in training. bias: of all four projections. add_bias_kv: one more key
    and value, learned; add_zero_attn: one more, zeros, so that a head can attend to nothing. kdim
    and vdim: the features of key and value, if not embed_dim.

    in_proj_weight (3 embed_dim, embed_dim) holds W_q, W_k and W_v, one above the other, and begins
    xavier uniform; with another kdim or vdim there are q_proj_weight, k_proj_weight and
    v_proj_weight instead. in_proj_bias and out_proj.bias begin as zeros.

    Vaswani et al. 2017, "Attention is all you need" (arXiv:1706.03762), section 3.2.2.

    >>> import minigrad as mg
    >>> attention = mg.nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)
    >>> x = mg.randn(3, 5, 8)
    >>> output, weights = attention(x, x, x)
    >>> output.shape, weights.shape
    ((3, 5, 8), (3, 5, 5))
    """

    in_proj_weight: Parameter | None
    q_proj_weight: Parameter | None
    k_proj_weight: Parameter | None
    v_proj_weight: Parameter | None
    in_proj_bias: Parameter | None
    bias_k: Parameter | None
    bias_v: Parameter | None

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        check_sizes(self, embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim == 0 or num_heads == 0:
            raise ValueError(
                f"MultiheadAttention: embed_dim and num_heads must be greater than 0, got "
                f"{embed_dim} and {num_heads}"
            )
        if embed_dim % num_heads:
            raise AssertionError(
                f"MultiheadAttention: embed_dim must be divisible by num_heads, got {embed_dim} "
                f"and {num_heads}"
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        check_sizes(self, kdim=self.kdim, vdim=self.vdim)
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        self.add_zero_attn = add_zero_attn

        packed = self._qkv_same_embed_dim
        shapes = {
            "q_proj_weight": None if packed else (embed_dim, embed_dim),
            "k_proj_weight": None if packed else (embed_dim, self.kdim),
            "v_proj_weight": None if packed else (embed_dim, self.vdim),
            "in_proj_weight": (3 * embed_dim, embed_dim) if packed else None,
            "in_proj_bias": (3 * embed_dim,) if bias else None,
            "bias_k": (1, 1, embed_dim) if add_bias_kv else None,
            "bias_v": (1, 1, embed_dim) if add_bias_kv else None,
        }
        like = {"device": device, "dtype": dtype}
        for name, shape in shapes.items():
            param = None if shape is None else Parameter(empty(shape, **like))
            self.register_parameter(name, param)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, **like)
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the parameters anew; not out_proj.weight, as in PyTorch."""
        for name, param in self.named_parameters(recurse=False):
            if name in ("bias_k", "bias_v"):
                init.xavier_normal_(param)
            elif name == "in_proj_bias":
                init.zeros_(param)
            else:
                init.xavier_uniform_(param)
        if self.out_proj.bias is not None:
            init.zeros_(self.out_proj.bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        return multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            not self._qkv_same_embed_dim,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
            batch_first=self.batch_first,
        )
