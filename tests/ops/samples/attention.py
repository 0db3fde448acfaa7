"""Samples of minigrad/ops/attention.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


@samples("scaled_dot_product_attention", complex_step=True)
def attention(rng):
    def normal(*shape):
        return rng.standard_normal(shape)

    yield Sample(normal(3, 2), normal(4, 2), normal(4, 3))
    yield Sample(normal(2, 3, 2), normal(2, 3, 2), normal(2, 3, 2), causal=True)
    yield Sample(normal(1, 2, 2, 3), normal(1, 2, 3, 3), normal(1, 2, 3, 1), normal(2, 3))
    yield Sample(normal(2, 1, 2, 2), normal(1, 2, 3, 2), normal(3, 2), normal(2, 1, 1, 3))
    yield Sample(normal(2, 4, 2, 2), normal(2, 2, 3, 2), normal(2, 2, 3, 2), gqa=True)
    yield Sample(normal(4, 2, 2), normal(2, 3, 2), normal(1, 3, 2), scale=-0.3, gqa=True)
    yield Sample(normal(2, 1, 2, 2, 2), normal(1, 2, 1, 3, 2), normal(3, 2), normal(2, 1, 1, 2, 3))
    hidden = np.array([[True, False, True], [False, False, False]])  # the second sees nothing
    yield Sample(normal(2, 2), normal(3, 2), normal(3, 2), hidden)
    yield Sample(
        normal(2, 2), normal(3, 2), normal(3, 2), np.where(hidden, 0.0, -np.inf), constant=(3,)
    )
    yield Sample(normal(2, 2), normal(0, 2), normal(0, 2))
    yield Sample(normal(0, 2, 2), normal(0, 3, 2), normal(0, 3, 2))
    yield Sample(normal(2, 0), normal(3, 0), normal(3, 2))
