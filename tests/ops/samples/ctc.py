"""Samples of minigrad/ops/ctc.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


@samples("ctc_nll")
def ctc_nll(rng):
    labels = np.array([[1, 1], [2, 1], [2, 0]])  # equal ones side by side, different ones, one
    x = rng.standard_normal((4, 3, 3))
    yield Sample(x, labels, np.array([4, 4, 4]), np.array([2, 2, 1]))
    yield Sample(x, labels, np.array([3, 2, 1]), np.array([2, 2, 1]))
    yield Sample(x, labels, np.array([2, 4, 0]), np.array([2, 2, 1]), zero_infinity=True)
    last = np.array([[0, 1], [1, 2], [2, 2]])
    yield Sample(x, last, np.array([4, 3, 4]), np.array([2, 1, 0]), 2)
    yield Sample(x, np.zeros((3, 0), np.int64), np.array([4, 1, 0]), np.array([0, 0, 0]))
    yield Sample(np.zeros((4, 0, 3)), labels[:0], np.array([], int), np.array([], int))
