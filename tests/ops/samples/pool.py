"""Samples of minigrad/ops/pool.py and unpool.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


def distinct(rng, *shape):
    """No two numbers so close that a small step changes which is the larger."""
    return rng.permutation(np.prod(shape)).reshape(shape) / 7 - 1


@samples("max_pool1d")
def max_pool1d(rng):
    yield Sample(distinct(rng, 2, 2, 5), 2)
    yield Sample(distinct(rng, 2, 6), 3, 2, 1, 2, True)


@samples("max_pool2d", covers=["max_pool", "embed_in_planes"])
def max_pool2d(rng):
    yield Sample(distinct(rng, 2, 2, 4, 5), 2, return_indices=True)
    yield Sample(distinct(rng, 1, 4, 5), (3, 2), (2, 1), 1, ceil_mode=True)
    yield Sample(np.zeros((0, 1, 2, 2)), 2)


@samples("max_pool3d")
def max_pool3d(rng):
    yield Sample(distinct(rng, 1, 2, 3, 4, 2), 2, stride=1)


@samples("adaptive_max_pool2d", covers=["adaptive_max_pool"])
def adaptive_max_pool2d(rng):
    yield Sample(distinct(rng, 1, 2, 5, 3), (2, None))
    yield Sample(distinct(rng, 2, 3, 3), 4, return_indices=True)


@samples("adaptive_max_pool3d")
def adaptive_max_pool3d(rng):
    yield Sample(distinct(rng, 1, 1, 2, 3, 4), (1, 2, 3))


@samples("max_unpool1d", covers=["put_in_planes"])
def max_unpool1d(rng):
    yield Sample(rng.standard_normal((1, 2, 2)), np.array([[[1, 2], [0, 3]]]), 2)


@samples("max_unpool2d")
def max_unpool2d(rng):
    x, indices = rng.standard_normal((2, 1, 2)), np.array([[[1, 2]], [[5, 3]]])
    yield Sample(x, indices, 2)
    yield Sample(x, indices, (2, 2), output_size=(2, 5))


@samples("max_unpool3d")
def max_unpool3d(rng):
    yield Sample(rng.standard_normal((1, 1, 1, 1, 1)), np.full((1, 1, 1, 1, 1), 4), 2, 2, 0)


@samples("avg_pool1d", complex_step=True)
def avg_pool1d(rng):
    yield Sample(rng.standard_normal((2, 2, 5)), 2)
    yield Sample(rng.standard_normal((2, 6)), 3, 2, 1, True, False)


@samples("avg_pool2d", complex_step=True, covers=["avg_pool", "avg_pool_backward"])
def avg_pool2d(rng):
    yield Sample(rng.standard_normal((1, 2, 4, 5)), 2)
    yield Sample(rng.standard_normal((1, 4, 5)), (3, 2), (2, 1), 1, True, False)
    yield Sample(rng.standard_normal((1, 1, 3, 3)), 2, 1, divisor_override=3)
    yield Sample(np.zeros((0, 1, 2, 2)), 2)


@samples("avg_pool3d", complex_step=True)
def avg_pool3d(rng):
    yield Sample(rng.standard_normal((1, 1, 3, 4, 2)), 2, 1, 1)


@samples(
    "adaptive_avg_pool1d",
    complex_step=True,
    covers=["adaptive_avg_pool", "adaptive_avg_pool_backward"],
)
def adaptive_avg_pool1d(rng):
    yield Sample(rng.standard_normal((2, 2, 5)), 3)
    yield Sample(rng.standard_normal((2, 2)), 5)


@samples("adaptive_avg_pool2d", complex_step=True)
def adaptive_avg_pool2d(rng):
    yield Sample(rng.standard_normal((2, 2, 3, 2)), 1)
    yield Sample(rng.standard_normal((1, 5, 3)), (2, None))


@samples("adaptive_avg_pool3d", complex_step=True)
def adaptive_avg_pool3d(rng):
    yield Sample(rng.standard_normal((1, 1, 2, 3, 4)), (1, 2, 3))
