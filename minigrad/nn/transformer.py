"""The Transformer: a stack of encoder layers, one of decoder layers, and both as one model."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.creation import full
from minigrad.graph import describe
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.containers import ModuleList
from minigrad.nn.module import Module
from minigrad.nn.normalization import LayerNorm
from minigrad.nn.transformer_layers import TransformerDecoderLayer, TransformerEncoderLayer
from minigrad.ops.places import raw


class TransformerEncoder(Module):
    """num_layers deep copies of encoder_layer, one after the other, then norm if there is one.

    src, masks and result: as in `TransformerEncoderLayer`. The copies begin with the same
    parameters, as in PyTorch. is_causal: True is a promise that mask is the causal one, of which
    half the scores are computed; None: mask is looked at. enable_nested_tensor and mask_check
    change nothing here: in PyTorch they allow a fast path, without gradients, whose result is zero
    where src_key_padding_mask is True.

    >>> import minigrad as mg
    >>> layer = mg.nn.TransformerEncoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> encoder = mg.nn.TransformerEncoder(layer, num_layers=2)
    >>> encoder(mg.randn(3, 5, 8)).shape
    (3, 5, 8)
    """

    norm: Module | None

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ):
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        is_causal = _is_causal(mask, is_causal, src, self.layers)
        output = src
        for layer in self.layers:
            output = layer(
                output,
                src_mask=mask,
                src_key_padding_mask=src_key_padding_mask,
                is_causal=is_causal,
            )
        return output if self.norm is None else self.norm(output)


class TransformerDecoder(Module):
    """num_layers deep copies of decoder_layer, one after the other, then norm if there is one.

    tgt, memory, masks and result: as in `TransformerDecoderLayer`. The copies begin with the same
    parameters, as in PyTorch. tgt_is_causal: as is_causal in `TransformerEncoder`.

    >>> import minigrad as mg
    >>> layer = mg.nn.TransformerDecoderLayer(d_model=8, nhead=2, batch_first=True)
    >>> decoder = mg.nn.TransformerDecoder(layer, num_layers=2)
    >>> decoder(mg.randn(3, 4, 8), mg.randn(3, 5, 8)).shape
    (3, 4, 8)
    """

    norm: Module | None

    def __init__(
        self,
        decoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
    ):
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        tgt_is_causal = _is_causal(tgt_mask, tgt_is_causal, tgt, self.layers)
        output = tgt
        for layer in self.layers:
            output = layer(
                output,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=tgt_is_causal,
                memory_is_causal=memory_is_causal,
            )
        return output if self.norm is None else self.norm(output)


class Transformer(Module):
    """decoder(tgt, encoder(src)): from one sequence of vectors to another.

    src (S, B, d_model) and tgt (T, B, d_model), or (B, S, d_model) and (B, T, d_model) if
    batch_first, or both without B; the result is shaped like tgt. Embeddings, positions (see
    `SinusoidalPositionalEncoding`) and the last linear layer to the vocabulary are the caller's.
    For the masks see `TransformerDecoderLayer`; a model that predicts the next token needs
    tgt_mask=Transformer.generate_square_subsequent_mask(T).

    custom_encoder and custom_decoder: Modules to use instead of the usual ones. Every parameter of
    two or more dimensions begins xavier uniform. RuntimeError if src and tgt do not fit.

    Vaswani et al. 2017, "Attention is all you need" (arXiv:1706.03762), whose base model the
    defaults are.

    >>> import minigrad as mg
    >>> model = mg.nn.Transformer(8, 2, 1, 1, 16, batch_first=True)
    >>> mask = model.generate_square_subsequent_mask(4)
    >>> model(mg.randn(3, 5, 8), mg.randn(3, 4, 8), tgt_mask=mask).shape
    (3, 4, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str | Callable[[Any], Any] = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        like = {"device": device, "dtype": dtype}
        options = dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, **like)

        if custom_encoder is None:
            layer = TransformerEncoderLayer(d_model, nhead, *options, bias, **like)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        if custom_decoder is None:
            layer = TransformerDecoderLayer(d_model, nhead, *options, bias, **like)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm())
        self.encoder = custom_encoder
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self) -> None:
        """Draw all weights of two or more dimensions anew."""
        for param in self.parameters():
            if param.ndim > 1:
                init.xavier_uniform_(param)

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
        """The causal mask (sz, sz): query t sees the keys 0 to t, 0 there and -inf elsewhere."""
        return full((sz, sz), -math.inf, device=device, dtype=dtype).triu(1)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        batch = 0 if self.batch_first else 1
        if len(src.shape) == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError(f"Transformer: src and tgt differ in batch: {_described(src, tgt)}")
        if not src.shape[-1] == tgt.shape[-1] == self.d_model:
            raise RuntimeError(
                f"Transformer: expected d_model={self.d_model} features in src and tgt: "
                f"{_described(src, tgt)}"
            )
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )
        return self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )


def _described(src: Any, tgt: Any) -> str:
    return f"got src {describe(src)}, tgt {describe(tgt)}"


def _copies(layer: Module, n: int) -> ModuleList:
    return ModuleList(copy.deepcopy(layer) for _ in range(n))


def _is_causal(mask: Any, hint: bool | None, x: Any, layers: Any) -> bool:
    """The caller's word, or without it whether mask is the causal one for the sequences x."""
    if hint is not None or mask is None:
        return bool(hint)
    by_time = len(x.shape) == 3 and not layers[0].self_attn.batch_first
    length = x.shape[0 if by_time else -2]
    values = raw(mask)
    if values.shape != (length, length) or values.dtype.kind not in "bf":
        return False
    causal = np.triu(np.full_like(values, -math.inf), 1)  # as booleans: True above the diagonal
    return bool((values == causal).all())
