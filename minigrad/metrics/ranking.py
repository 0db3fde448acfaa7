"""How well scores put one class before the other, whatever the threshold: the ROC curve.

Hanley and McNeil, "The meaning and use of the area under a ROC curve", 1982.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.metrics.checks import host, in_range, same_length, vector


def roc_curve(scores: Any, labels: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(false positive rates, true positive rates, thresholds), as the threshold falls.

    scores (N): the larger, the more class 1; labels (N): 0 and 1. Begins at (0, 0, infinity). A
    ValueError if there is only one class, or what is given is empty or of different lengths.

    >>> false, true, thresholds = roc_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> false, true
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))
    """
    y, s = vector("roc_curve", labels), host(scores, np.float64)
    same_length("roc_curve", s, y)
    in_range("roc_curve", y, 2)
    positives = int(y.sum())
    if positives in (0, len(y)):
        raise ValueError(
            f"roc_curve: all {len(y)} labels are {y[0]}; both classes are needed to rank them"
        )
    order = np.argsort(-s, kind="stable")
    s, y = s[order], y[order]
    ends = np.flatnonzero(np.r_[np.diff(s) != 0, True])  # equal scores are one step
    hits = np.cumsum(y)[ends]
    false = ends + 1 - hits
    return (
        np.r_[0.0, false / (len(y) - positives)], np.r_[0.0, hits / positives],
        np.r_[np.inf, s[ends]],
    )  # fmt: skip


def roc_auc(scores: Any, labels: Any) -> float:
    """The area under the ROC curve: how often a sample of class 1 scores above one of class 0.

    scores (N) for classes 0 and 1; or (N, C), then the mean over the classes of each against all
    others. Ties count one half. A ValueError if a class does not occur, besides those of
    `roc_curve`.

    >>> roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    s, y = host(scores, np.float64), vector("roc_auc", labels)
    if s.ndim == 2:
        same_length("roc_auc", s, y)
        in_range("roc_auc", y, s.shape[1])
        missing = sorted(set(range(s.shape[1])) - set(y.tolist()))
        if missing:
            raise ValueError(f"roc_auc: class {missing[0]} does not occur among the labels")
        return float(np.mean([roc_auc(s[:, c], (y == c).astype(int)) for c in range(s.shape[1])]))
    false, true, _ = roc_curve(s, y)
    return float(np.trapezoid(true, false))
