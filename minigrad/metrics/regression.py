"""How far predicted numbers are from the true ones. Names and conventions are scikit-learn's.

Predictions and labels are numbers (N) or (N, D), as arrays, Tensors or lists.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.metrics.checks import host


def mean_absolute_error(predictions: Any, labels: Any) -> float:
    """The mean of |prediction - label|. A ValueError names what is empty or differs in shape.

    >>> mean_absolute_error([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0])
    0.5
    """
    p, y = numbers("mean_absolute_error", predictions, labels)
    return float(np.abs(p - y).mean())


def r2(predictions: Any, labels: Any) -> float:
    """1 - sum (label - prediction)^2 / sum (label - mean label)^2, the mean over D of them.

    How much of the labels' variance is explained: 1 is perfect, 0 as good as their mean. Of labels
    that are all equal, 1 if the predictions are they, else 0. A ValueError names what is empty, is
    a single sample, or differs in shape. Wright, "Correlation and causation", 1921.

    >>> round(r2([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0]), 4)
    0.9486
    """
    p, y = numbers("r2", predictions, labels)
    if len(y) == 1:
        raise ValueError("r2: one sample has no variance to explain; give at least two")
    left = ((y - p) ** 2).sum(axis=0)
    total = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    constant = total == 0
    return float(np.where(constant, left == 0, 1 - left / np.where(constant, 1, total)).mean())


def numbers(name: str, predictions: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both in float64, in shapes that are the same: (n, 1) and (n) would broadcast to (n, n)."""
    p, y = host(predictions, np.float64), host(labels, np.float64)
    if p.shape != y.shape or p.ndim not in (1, 2):
        raise ValueError(
            f"{name}: expected predictions and labels both (N) or both (N, D), got {p.shape} and "
            f"{y.shape}"
        )
    if y.size == 0:
        raise ValueError(f"{name}: the dataset is empty, there is nothing to measure")
    return p, y
