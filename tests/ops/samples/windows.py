"""Samples of minigrad/ops/windows.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


@samples("im2col", complex_step=True)
def im2col(rng):
    yield Sample(rng.standard_normal((2, 2, 3, 4)), (2, 3), (1, 1), (1, 1))
    yield Sample(rng.standard_normal((1, 1, 5, 4)), (2, 1), (2, 1), (1, 3))
    yield Sample(np.zeros((0, 1, 2, 2)), (2, 2), (1, 1), (1, 1))


@samples("col2im", complex_step=True)
def col2im(rng):
    yield Sample(rng.standard_normal((2, 1, 2, 3, 2, 2)), (3, 4), (1, 1), (1, 1))
    yield Sample(rng.standard_normal((1, 1, 2, 1, 3, 2)), (5, 4), (2, 1), (1, 3))
    yield Sample(np.zeros((0, 1, 2, 2, 1, 1)), (2, 2), (1, 1), (1, 1))
