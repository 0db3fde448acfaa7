"""What the metrics ask of their arguments: each message names the metric and what came."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.ops.axes import raw


def host(values: Any, dtype: Any = None) -> np.ndarray:
    """A Tensor, an array (of a GPU too) or a list as a NumPy array."""
    x = raw(values)
    return np.asarray(x.get() if hasattr(x, "get") else x, dtype)


def vector(name: str, values: Any) -> np.ndarray:
    """Integers (N), of which there is at least one."""
    x = host(values)
    if x.size == 0:
        raise ValueError(f"{name}: the dataset is empty, there is nothing to measure")
    if x.ndim != 1 or x.dtype.kind not in "iub":
        raise ValueError(f"{name}: expected integers (N), got {x.dtype} of shape {x.shape}")
    return x.astype(np.int64)


def pair(name: str, predictions: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    p, y = vector(name, predictions), vector(name, labels)
    same_length(name, p, y)
    return p, y


def same_length(name: str, p: Any, y: Any) -> None:
    if len(p) != len(y):
        raise ValueError(f"{name}: {len(p)} predictions for {len(y)} labels")


def in_range(name: str, values: np.ndarray, classes: int) -> None:
    wrong = values[(values < 0) | (values >= classes)]
    if wrong.size:
        raise ValueError(f"{name}: label {wrong[0]} is not one of {classes} classes")
