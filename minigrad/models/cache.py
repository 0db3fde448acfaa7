"""The key-value cache: what attention has computed of earlier tokens is not computed again."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.ops.axes import raw


class KeyValueCache:
    """The keys and values of all layers for the tokens so far; room for max_length of them.

    `update(layer, k, v)` adds those of the tokens that come in, and returns all; `advance(n)`, once
    all layers have done so, counts them. Memory: 2 * layers * batch * heads * max_length * width
    numbers. Made for `no_grad`: what comes out of it has no gradient.
    """

    def __init__(self, layers: int, max_length: int):
        self.max_length = max_length
        self.length = 0  # tokens so far
        self.stores: list[Any] = [None] * layers  # (2, B, heads, max_length, width) each

    def update(self, layer: int, k: Any, v: Any) -> tuple[Any, Any]:
        """k, v: (B, heads, T, width) of T new tokens; returns those of all tokens."""
        k, v = raw(k), raw(v)
        b, heads, t, width = k.shape
        end = self.length + t
        if end > self.max_length:
            raise ValueError(
                f"KeyValueCache: {self.length} tokens and {t} more do not fit into max_length="
                f"{self.max_length}"
            )
        if self.stores[layer] is None:
            self.stores[layer] = np.empty_like(k, shape=(2, b, heads, self.max_length, width))
        store = self.stores[layer]
        if store.shape[1] != b:
            raise ValueError(f"KeyValueCache: it holds a batch of {store.shape[1]}, now came {b}")
        store[0, :, :, self.length : end], store[1, :, :, self.length : end] = k, v
        return wrap(store[0, :, :, :end]), wrap(store[1, :, :, :end])

    def advance(self, tokens: int) -> None:
        self.length += tokens

    def select(self, rows: Any) -> None:
        """Go on with these rows of the batch, in this order: for beam search."""
        self.stores = [None if store is None else store[:, rows] for store in self.stores]
