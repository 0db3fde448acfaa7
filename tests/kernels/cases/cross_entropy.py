"""Cases of cross-entropy and its gradient."""

from __future__ import annotations

import numpy as np

from kernels.reference import cross_entropy as reference
from tests.kernels.cases import Case, cases
from tests.kernels.cases.softmax import EXTREME


def inputs(rng):
    for n, classes in [(3, 5), (1, 1), (7, 2), (33, 257), (2, 5000), (0, 4)]:
        labels = rng.integers(0, classes, n)
        yield 3 * rng.standard_normal((n, classes)), labels
        yield 3 * rng.standard_normal((n, classes)), np.where(rng.random(n) < 0.5, -1, labels)
    yield rng.standard_normal((2, 3)), np.array([2, 0], np.uint8)
    yield np.zeros((0, 0)), np.zeros(0, np.int64)
    for label in (-1, 0, 1, 3):
        yield EXTREME, np.full(len(EXTREME), label)


@cases("cross_entropy")
def cross_entropy(rng):
    for logits, labels in inputs(rng):
        yield Case(logits, labels)


@cases("cross_entropy_backward")
def cross_entropy_backward(rng):
    for logits, labels in inputs(rng):
        with np.errstate(all="ignore"):
            _, lse = reference.cross_entropy(logits, labels)
        # A gradient of a row that does not count may be infinite: of a mean over none, say.
        g = np.where(labels < 0, np.inf, rng.standard_normal(len(labels)))
        yield Case(g, logits, labels, lse)
