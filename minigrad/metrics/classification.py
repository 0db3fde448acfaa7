"""How well classes are told apart: accuracy, precision, recall, F1, confusion.

Labels and predictions are integers (N), as arrays, Tensors or lists; scores are (N, C). Names and
arguments are scikit-learn's, with classes 0 to num_classes - 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.metrics.checks import host, in_range, pair, same_length, vector

AVERAGES = ("binary", "micro", "macro", "weighted", None)


def accuracy(predictions: Any, labels: Any, k: int = 1) -> float:
    """The share of samples whose label is predicted, or is among the k largest scores.

    predictions: classes (N), or scores (N, C), of which equal ones go by their order. A ValueError
    names what is empty, of different lengths, or out of range.

    >>> accuracy([0, 1, 1, 2], [0, 1, 2, 2])
    0.75
    """
    y, p = vector("accuracy", labels), host(predictions)
    if p.ndim == 2:
        same_length("accuracy", p, y)
        if not 1 <= k <= p.shape[1]:
            raise ValueError(f"accuracy: expected 1 <= k <= {p.shape[1]} classes, got k={k}")
        in_range("accuracy", y, p.shape[1])
        best = np.argsort(-p, axis=1, kind="stable")[:, :k]
        return float((best == y[:, None]).any(axis=1).mean())
    if k != 1:
        raise ValueError(f"accuracy: k={k} needs scores (N, C), got classes")
    return float((pair("accuracy", predictions, labels)[0] == y).mean())


def confusion_matrix(predictions: Any, labels: Any, num_classes: int | None = None) -> np.ndarray:
    """(C, C) counts: [i, j] samples of class i were called j.

    predictions and labels: classes (N). num_classes: C; one more than the largest class if None.
    A ValueError names what is empty, of different lengths, or out of range.

    >>> confusion_matrix([0, 1, 1], [0, 0, 1])
    array([[1, 1],
           [0, 1]])
    """
    p, y = pair("confusion_matrix", predictions, labels)
    c = int(max(p.max(), y.max())) + 1 if num_classes is None else num_classes
    for values in (y, p):
        in_range("confusion_matrix", values, c)
    return np.bincount(y * c + p, minlength=c * c).reshape(c, c)


def precision(
    predictions: Any,
    labels: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    zero_division: float = 0.0,
) -> Any:
    """Of what is called class c, how much is of it: TP / (TP + FP).

    average: "binary": of class 1 among two; None: an array with one for each class; "macro": their
    mean; "weighted": weighted by how many samples each class has; "micro": of all counts together.
    zero_division: what 0 / 0 is. A ValueError names what is empty, of different lengths, or out of
    range, and more than two classes for "binary".

    >>> precision([1, 1, 0, 1], [1, 0, 0, 1])
    0.6666666666666666
    """
    return _score("precision", predictions, labels, average, num_classes, zero_division)


def recall(
    predictions: Any,
    labels: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    zero_division: float = 0.0,
) -> Any:
    """Of what is of class c, how much is called so: TP / (TP + FN). Arguments: see `precision`.

    >>> recall([0, 1, 0, 2], [0, 1, 1, 2], average=None)
    array([1. , 0.5, 1. ])
    """
    return _score("recall", predictions, labels, average, num_classes, zero_division)


def f1(
    predictions: Any,
    labels: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    zero_division: float = 0.0,
) -> Any:
    """2 TP / (2 TP + FP + FN), the harmonic mean of both. Arguments: see `precision`.

    van Rijsbergen, "Information retrieval", 1979.

    >>> f1([1, 1, 0, 1], [1, 0, 0, 1])
    0.8
    """
    return _score("f1", predictions, labels, average, num_classes, zero_division)


def _score(
    name: str, predictions: Any, labels: Any, average: str | None, num_classes: int | None,
    zero_division: float,
) -> Any:  # fmt: skip
    if average not in AVERAGES:
        raise ValueError(f"{name}: average is one of {AVERAGES}, got {average!r}")
    counts = confusion_matrix(predictions, labels, num_classes)
    if average == "binary":
        if len(counts) > 2:
            raise ValueError(
                f"{name}: average='binary' is for classes 0 and 1, here are {len(counts)}; give "
                "average='macro', 'micro', 'weighted' or None"
            )
        counts = np.pad(counts, [(0, 2 - len(counts))] * 2)
    hits, called, there = np.diagonal(counts), counts.sum(axis=0), counts.sum(axis=1)
    if average == "micro":
        hits, called, there = (a.sum(keepdims=True) for a in (hits, called, there))
    above, below = {
        "precision": (hits, called), "recall": (hits, there), "f1": (2 * hits, called + there),
    }[name]  # fmt: skip
    scores = np.full(len(above), float(zero_division))
    np.divide(above, below, out=scores, where=below != 0)
    if average is None:
        return scores
    if average == "macro":
        # As scikit-learn: of the classes that occur in either.
        return float(scores[(called + there) > 0].mean())
    if average == "weighted":
        return float(np.average(scores, weights=there))
    return float(scores[1] if average == "binary" else scores[0])
