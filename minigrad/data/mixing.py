"""Augmentation of batches: samples and their labels are mixed with those of other samples.

Use as a collate_fn, `lambda samples: Mixup(10)(*default_collate(samples))`, or in the loop. The
targets become probabilities, which `nn.functional.cross_entropy` takes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.graph import describe, wrap
from minigrad.ops.axes import raw


class Mixup:
    """x' = lam x + (1 - lam) x[order], the targets likewise; lam ~ Beta(alpha, alpha), a batch's.

    Zhang et al., "mixup: beyond empirical risk minimization", 2018.

    >>> import minigrad as mg
    >>> x, y = Mixup(3)(mg.ones(2, 1), mg.tensor([1, 1]))
    >>> x.shape, y.tolist()
    ((2, 1), [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    """

    def __init__(self, num_classes: int, alpha: float = 1.0):
        if not alpha > 0:
            raise ValueError(f"{type(self).__name__}: expected alpha > 0, got {alpha}")
        self.num_classes, self.alpha = num_classes, alpha

    def __call__(self, images: Any, labels: Any) -> tuple[Any, Any]:
        x, y = raw(images), one_hot(type(self).__name__, raw(labels), self.num_classes, len(images))
        lam = float(rng.current().numpy.beta(self.alpha, self.alpha))
        order = rng.permutation(len(x))
        x, lam = self.mixed(x, x[order], lam)
        y = np.float32(lam) * y + np.float32(1 - lam) * y[order]
        return wrap(x), wrap(y)

    def mixed(self, x: Any, others: Any, lam: float) -> tuple[Any, float]:
        """The mixed images, and how much of a sample's own there is in them."""
        return (lam * x + (1 - lam) * others).astype(x.dtype), lam


class CutMix(Mixup):
    """A rectangle of each image is that of another one, and of the target as much as of the area.

    Yun et al., "CutMix: regularization strategy to train strong classifiers", 2019.
    """

    def mixed(self, x: Any, others: Any, lam: float) -> tuple[Any, float]:
        height, width = x.shape[-2:]
        row, column = (int(rng.integers(0, n, ())) for n in (height, width))
        h, w = (int(n * math.sqrt(1 - lam) / 2) for n in (height, width))  # half the rectangle
        rows = slice(max(row - h, 0), min(row + h, height))
        columns = slice(max(column - w, 0), min(column + w, width))
        x = x.copy()
        x[..., rows, columns] = others[..., rows, columns]
        area = (rows.stop - rows.start) * (columns.stop - columns.start)
        return x, 1 - area / (height * width)


def one_hot(name: str, labels: Any, num_classes: int, n: int) -> Any:
    if labels.dtype.kind not in "iu" or labels.shape != (n,):
        raise ValueError(
            f"{name}: expected an integer label for each of {n} samples, got {describe(labels)}"
        )
    wrong = labels[(labels < 0) | (labels >= num_classes)]
    if wrong.size:
        raise ValueError(f"{name}: label {wrong[0]} is not one of {num_classes} classes")
    return np.eye(num_classes, dtype=np.float32)[labels]
