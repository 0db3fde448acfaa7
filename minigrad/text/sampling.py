"""From logits to the next token: what is ruled out, and how one of the rest is drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minigrad.random import Generator


class Sampling(NamedTuple):
    """repetition_penalty, temperature, top_k, top_p, applied in this order.

    repetition_penalty > 1: logits of tokens that are there already are divided by it if positive,
    else multiplied (Keskar et al., "CTRL", 2019). temperature: logits are divided by it; 0 always
    takes the most likely token. top_k: only the k most likely ones. top_p: only the most likely
    ones that together have at least this probability (Holtzman et al., "The curious case of neural
    text degeneration", 2020).
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0

    def checked(self) -> Sampling:
        if not self.temperature >= 0:
            raise ValueError(f"generate: expected temperature >= 0, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"generate: expected top_k >= 1, got {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"generate: expected 0 < top_p <= 1, got {self.top_p}")
        if not self.repetition_penalty > 0:
            raise ValueError(
                f"generate: expected repetition_penalty > 0, got {self.repetition_penalty}"
            )
        return self

    def draw(self, logits: np.ndarray, tokens: np.ndarray, numbers: Generator) -> np.ndarray:
        """A token for each row: logits (B, V), tokens so far (B, T), to (B,)."""
        logits = self.penalized(logits, tokens)
        if self.temperature == 0:
            return np.argmax(logits, axis=-1)
        weights = self.weights(logits)
        # The place where the cumulated weights pass a random number: each row draws its own.
        ends = np.cumsum(weights, axis=-1)
        at = numbers.numpy.random(len(weights))[:, None] * ends[:, -1:]
        return np.argmax(ends > at, axis=-1)

    def penalized(self, logits: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """In float64, so that probabilities add up to 1 for large vocabularies too."""
        logits = logits.astype(np.float64)
        if self.repetition_penalty != 1:
            seen = np.take_along_axis(logits, tokens, axis=-1)
            factor = self.repetition_penalty
            np.put_along_axis(logits, tokens, np.where(seen > 0, seen / factor, seen * factor), -1)
        return logits

    def weights(self, logits: np.ndarray) -> np.ndarray:
        """Probabilities up to a factor; 0 for what is ruled out."""
        logits = logits / self.temperature
        if self.top_k is not None and self.top_k < logits.shape[-1]:
            least = np.partition(logits, -self.top_k, axis=-1)[:, -self.top_k, None]
            logits = np.where(logits < least, -np.inf, logits)
        weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
        if self.top_p is not None and self.top_p < 1:
            order = np.argsort(-weights, axis=-1, kind="stable")
            sorted_weights = np.take_along_axis(weights, order, axis=-1)
            before = np.cumsum(sorted_weights, axis=-1) - sorted_weights
            kept = before < self.top_p * sorted_weights.sum(axis=-1, keepdims=True)
            np.put_along_axis(weights, order, np.where(kept, sorted_weights, 0), axis=-1)
        return weights
