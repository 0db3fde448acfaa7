"""Dropout as functions: of elements, of whole channels, and for networks with selu."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.graph import describe
from minigrad.inplace import overwrite
from minigrad.ops.dropout import dropout_by_seed
from minigrad.random import draw_seed

__all__ = [
    "alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout",
]  # fmt: skip


def _check_probability(name: str, p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: the probability must be between 0 and 1, got {p}")


def _drop(name: str, input: Any, shape: tuple, p: float, training: bool, inplace: bool) -> Any:
    """input times a mask of `shape`: 0 with probability p, else 1 / (1 - p)."""
    _check_probability(name, p)
    if not training or p == 0:
        return input

    def drop(x: Any) -> Any:
        if shape == x.shape:
            return dropout_by_seed(x, seed, p)
        return x * dropout_by_seed(_ones(x, shape), seed, p)

    seed = draw_seed()
    return overwrite(input, drop, f"{name}_") if inplace else drop(input)


def _ones(x: Any, shape: tuple) -> Any:
    return np.ones_like(getattr(x, "array", x), shape=shape)


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element 0 with probability p, else divided by 1 - p: the expected value stays.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
    """
    return _drop("dropout", input, input.shape, p, training, inplace)


def _channels(name: str, input: Any, unbatched: int | None, *batched: int) -> tuple:
    """The shape of a mask with one number for each channel of (N, C, ...) or (C, ...)."""
    ndim = len(input.shape)
    if ndim in batched:
        return (*input.shape[:2], *(1,) * (ndim - 2))
    if ndim == unbatched:
        return (input.shape[0], *(1,) * (ndim - 1))
    raise RuntimeError(
        f"{name}: expected an input of {' or '.join(str(n) for n in (unbatched, *batched) if n)} "
        f"dimensions, got {describe(input)}; dropout takes every shape"
    )


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, L) or (C, L)."""
    return _drop("dropout1d", input, _channels("dropout1d", input, 2, 3), p, training, inplace)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, H, W), and as in PyTorch of (N, C, L)."""
    shape = _channels("dropout2d", input, None, 3, 4)
    return _drop("dropout2d", input, shape, p, training, inplace)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, D, H, W) or (C, D, H, W)."""
    return _drop("dropout3d", input, _channels("dropout3d", input, 4, 5), p, training, inplace)


def _alpha_drop(
    name: str, input: Any, shape: tuple, p: float, training: bool, inplace: bool
) -> Any:
    _check_probability(name, p)
    if not training or p == 0:
        return input
    if p == 1:
        return _drop(name, input, shape, p, training, inplace)
    low = -1.7580993408473766  # what selu tends to at minus infinity: -scale * alpha
    a = 1 / math.sqrt((low * low * p + 1) * (1 - p))
    kept = dropout_by_seed(_ones(input, shape), draw_seed(), p) != 0
    scale = kept.astype(input.dtype) * a
    shift = (~kept).astype(input.dtype) * (a * low) - a * low * p
    if inplace:
        return overwrite(input, lambda x: x * scale + shift, f"{name}_")
    return input * scale + shift


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean 0 and variance 1, for networks with selu.

    What is dropped becomes selu's lower limit; then all is scaled and shifted. Klambauer et al.,
    "Self-normalizing neural networks", 2017.
    """
    return _alpha_drop("alpha_dropout", input, input.shape, p, training, inplace)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """`alpha_dropout` of whole channels of (N, C, ...)."""
    shape = (*input.shape[:2], *(1,) * (len(input.shape) - 2))
    return _alpha_drop("feature_alpha_dropout", input, shape, p, training, inplace)
