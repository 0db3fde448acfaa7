"""Samples of minigrad/ops/cumulative.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.reduce import distinct

SHAPES = [((4,), 0), ((2, 5), 1), ((3, 2), -2), ((2, 1, 3), 1), ((), 0), ((0, 2), 0), ((2, 0), 0)]


@samples("cumsum", complex_step=True)
def cumsum(rng):
    for shape, dim in SHAPES:
        yield Sample(rng.standard_normal(shape), dim)


@samples("cumprod", complex_step=True)
def cumprod(rng):
    for shape, dim in SHAPES:
        yield Sample(rng.standard_normal(shape), dim)
    for zeros in ([0], [2], [4], [1, 3], [0, 1, 4]):
        x = rng.standard_normal((2, 5))
        x[0, zeros] = 0
        yield Sample(x, 1)
    yield Sample(np.zeros(3), 0)


@samples("logcumsumexp")
def logcumsumexp(rng):
    for shape, dim in SHAPES:
        yield Sample(rng.standard_normal(shape), dim)
    yield Sample(np.array([800.0, -5.0, 799.0, 801.0]), 0)


@samples("linear_recurrence", complex_step=True)
def linear_recurrence(rng):
    for shape, dim in SHAPES:
        yield Sample(rng.standard_normal(shape), rng.standard_normal(shape), dim)
    a = rng.standard_normal((7, 2))
    a[3] = 0
    yield Sample(a, rng.standard_normal((7, 2)), 0)


def register_extremum(name):
    @samples(name)
    def make(rng):
        for shape, dim in SHAPES:
            yield Sample(distinct(rng, shape), dim)
        yield Sample(distinct(rng, (9,)), 0)


register_extremum("cummax")
register_extremum("cummin")


@samples("diff", complex_step=True)
def diff(rng):
    x = rng.standard_normal((3, 4))
    yield Sample(x)
    yield Sample(x, 2)
    yield Sample(x, 0)
    yield Sample(x, 5)
    yield Sample(x, 1, 0)
    yield Sample(x, 1, 0, rng.standard_normal((1, 4)), rng.standard_normal((2, 4)))
    yield Sample(x, append=rng.standard_normal((3, 1)))


@samples("trapezoid", complex_step=True)
def trapezoid(rng):
    yield Sample(rng.standard_normal((2, 4)))
    yield Sample(rng.standard_normal((2, 4)), dx=0.5, dim=0)
    yield Sample(rng.standard_normal((2, 4)), rng.standard_normal(4))
    yield Sample(rng.standard_normal((2, 4)), rng.standard_normal((2, 4)), dim=0)
    yield Sample(rng.standard_normal((2, 4)), rng.standard_normal(2), dim=0)


@samples("cumulative_trapezoid", complex_step=True)
def cumulative_trapezoid(rng):
    yield Sample(rng.standard_normal((2, 4)))
    yield Sample(rng.standard_normal((2, 4)), rng.standard_normal(4))
    yield Sample(rng.standard_normal((3, 2)), dx=0.5, dim=0)
