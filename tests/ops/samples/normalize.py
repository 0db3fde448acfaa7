"""Normalizations."""

from __future__ import annotations

from tests.ops.samples import Sample, samples


@samples("layer_norm", complex_step=True)
def layer_norm(rng):
    x = rng.standard_normal((2, 3))
    yield Sample(x, (3,), rng.standard_normal(3), rng.standard_normal(3))
    yield Sample(x, (3,))
    yield Sample(x, (3,), rng.standard_normal(3))
    yield Sample(x, (3,), None, rng.standard_normal(3))
    yield Sample(rng.standard_normal((2, 2, 2)), [2, 2], eps=0.1)
    yield Sample(rng.standard_normal(3), 3)


@samples("rms_norm", complex_step=True)
def rms_norm(rng):
    yield Sample(rng.standard_normal((2, 3)), (3,), rng.standard_normal(3))
    yield Sample(rng.standard_normal((2, 2, 2)), (2, 2), None, 0.1)


@samples("group_norm", complex_step=True)
def group_norm(rng):
    weight, bias = rng.standard_normal(4), rng.standard_normal(4)
    yield Sample(rng.standard_normal((2, 4)), 2, weight, bias)
    yield Sample(rng.standard_normal((1, 4, 2)), 1, weight)
    yield Sample(rng.standard_normal((1, 2, 2, 2)), 2, eps=0.1)


@samples("batch_norm", complex_step=True)
def batch_norm(rng):
    weight, bias = rng.standard_normal(2), rng.standard_normal(2)
    yield Sample(rng.standard_normal((3, 2)), weight, bias, None, None)
    yield Sample(rng.standard_normal((2, 2, 2)), None, None, None, None, 0.1)
    yield Sample(rng.standard_normal((2, 2, 1, 2)), weight, None, None, None)
    mean, var = rng.standard_normal(2), rng.random(2) + 0.5
    yield Sample(rng.standard_normal((3, 2)), weight, bias, mean, var, constant=(3, 4))
