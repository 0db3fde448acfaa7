"""Attention, recurrent layers and embeddings, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.bench.case import Build, Run, Setting, both, measured, normal
from minigrad.bench.report import Goal, Row


def attention(setting: Setting) -> Iterator[Row]:
    n, h, t, d = (1, 2, 16, 8) if setting.quick else (2, 8, 1024, 64)
    size = 4 * n * h * t * d
    yield measured(
        setting, f"attention {n}x{h}x{t}x{d} causal", causal_attention(n, h, t, d), Goal(1.0),
        flops=attention_flops(n, h, t, d), bytes=(4 + 8) * size,
    )  # fmt: skip


def causal_attention(n: int, h: int, t: int, d: int) -> Build:
    q, k, v = (normal(n, h, t, d, seed=i) for i in range(3))

    def build(lib: Any) -> Run:
        f = lib.nn.functional.scaled_dot_product_attention
        return both(lib, lambda q, k, v: f(q, k, v, is_causal=True), q, k, v)

    return build


def attention_flops(n: int, h: int, t: int, d: int) -> float:
    """Two products forward and five backward, each half of T x T x D."""
    return (2 + 5) * 2 * n * h * t * t * d / 2


def recurrent(setting: Setting) -> Iterator[Row]:
    b, t, i, h = (2, 3, 4, 5) if setting.quick else (32, 64, 128, 256)
    for name, gates, layer in (("LSTM", 4, lstm), ("GRU", 3, gru)):
        x, h0 = normal(t, b, i), np.zeros((b, h), np.float32)
        weights = [
            normal(gates * h, i, scale=0.1, seed=1), normal(gates * h, h, scale=0.1, seed=2),
            normal(gates * h, scale=0.1, seed=3), normal(gates * h, scale=0.1, seed=4),
        ]  # fmt: skip

        def build(lib: Any, layer: Any = layer, x: Any = x, h0: Any = h0, weights: Any = weights):
            state = lib.tensor(h0)
            return both(lib, lambda x, *w: layer(lib, x, state, w), x, *weights)

        # Read and written: x, y, gates and cells, and their gradients; the weights w_hh each step.
        numbers = t * b * (2 * i + (2 + 2 * gates) * h) + (2 * t + 2) * weights[1].size
        yield measured(
            setting, f"{name} {b}x{t}, {i} to {h}", build,
            flops=3 * 2 * t * b * gates * h * (i + h), bytes=4 * numbers,
        )  # fmt: skip


def lstm(lib: Any, x: Any, state: Any, weights: Any) -> Any:
    """The one layer that is called differently in PyTorch: as `torch.nn.LSTM` calls it."""
    if hasattr(lib, "lstm_layer"):
        return lib.lstm_layer(x, state, state, *weights)[0]
    states = state.unsqueeze(0), state.unsqueeze(0)
    return lib.lstm(x, states, list(weights), True, 1, 0.0, True, False, False)[0]


def gru(lib: Any, x: Any, state: Any, weights: Any) -> Any:
    if hasattr(lib, "gru_layer"):
        return lib.gru_layer(x, state, *weights)[0]
    return lib.gru(x, state.unsqueeze(0), list(weights), True, 1, 0.0, True, False, False)[0]


def embedding(setting: Setting) -> Iterator[Row]:
    words, d, count = (10, 4, 6) if setting.quick else (8192, 256, 16384)
    weight = normal(words, d)
    tokens = np.random.default_rng(0).integers(0, words, count)

    def build(lib: Any) -> Run:
        index = lib.tensor(tokens)
        return both(lib, lambda w: lib.nn.functional.embedding(index, w), weight)

    # Forward: rows read and written; backward: read and added to the gradient, which starts at 0.
    yield measured(
        setting, f"embedding {count} of {words}x{d}", build, flops=count * d,
        bytes=4 * d * (5 * count + words),
    )  # fmt: skip
