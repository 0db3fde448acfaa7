"""Samples of minigrad/ops/reduce.py, extrema.py and norm.py."""

from __future__ import annotations

import math

import numpy as np

from tests.ops.samples import Sample, samples

AXES = [
    {}, {"dim": 0}, {"dim": -1}, {"dim": (0, 2)}, {"dim": [1, -1]}, {"dim": ()},
    {"dim": 1, "keepdim": True}, {"dim": None, "keepdim": True}, {"dim": (0, 1), "keepdim": True},
]  # fmt: skip


def distinct(rng, shape):
    """Numbers at least 0.1 apart, in random order, of both signs: no ties, no zeros."""
    n = math.prod(shape)
    return ((rng.permutation(n) - n // 2) * 0.25 + 0.1).reshape(shape)


def over_axes(rng, make, **options):
    """Every form of `dim`, on arrays with a size-1 axis, on 0-d and on empty ones."""
    for kwargs in AXES:
        yield Sample(make((2, 3, 2)), **kwargs, **options)
    yield Sample(make((3, 1)), 1, **options)
    yield Sample(make(()), **options)
    yield Sample(make(()), 0, True, **options)


def register_sum_like(name, complex_step=True):
    @samples(name, complex_step=complex_step)
    def make(rng):
        yield from over_axes(rng, rng.standard_normal)
        yield Sample(np.zeros((0, 3)), 1)
        yield Sample(np.zeros((2, 0, 3)), 2)


register_sum_like("sum")
register_sum_like("nansum", complex_step=False)
register_sum_like("mean")
register_sum_like("nanmean", complex_step=False)


@samples("prod", complex_step=True)
def prod(rng):
    yield from over_axes(rng, rng.standard_normal)
    yield Sample(np.zeros((0, 3)), 0)
    one, two = rng.standard_normal((2, 2, 4))
    one[0, 1] = two[0, 1] = two[0, 3] = two[1, 0] = 0
    yield Sample(one)
    yield Sample(one, 1)
    yield Sample(two, 1)
    yield Sample(two, 0, True)
    yield Sample(np.zeros(3))


def register_variance(name, smooth):
    @samples(name, complex_step=smooth)
    def make(rng):
        for kwargs in AXES:
            yield Sample(rng.standard_normal((2, 3, 2)), correction=0, **kwargs)
        x = rng.standard_normal((3, 4))
        yield Sample(x)
        yield Sample(x, False)
        yield Sample(x, 1, True, True)
        yield Sample(x, 0, unbiased=False)
        yield Sample(x, correction=2)
        yield Sample(x, correction=0.5)


register_variance("var", smooth=True)
register_variance("std", smooth=True)
register_variance("var_mean", smooth=True)
register_variance("std_mean", smooth=True)


def register_logical(name):
    @samples(name)
    def make(rng):
        for kwargs in AXES:
            yield Sample(rng.integers(0, 2, (2, 3, 2)), **kwargs)
        yield Sample(rng.integers(0, 2, (2, 3)).astype(np.uint8), 1)
        yield Sample(np.array([0.0, 2.0]))
        yield Sample(np.zeros((0, 2)), 0)


register_logical("any")
register_logical("all")


@samples("count_nonzero")
def count_nonzero(rng):
    for dim in (None, 0, -1, (0, 1), ()):
        yield Sample(rng.integers(0, 2, (2, 3)) * 1.0, dim)
    yield Sample(np.array(3.0))


# ---------------------------------------------------------------------------- extrema


def register_extreme_value(name):
    @samples(name)
    def make(rng):
        yield from over_axes(rng, lambda shape: distinct(rng, shape))
        yield Sample(np.zeros((0, 3)), 1)


register_extreme_value("amax")
register_extreme_value("amin")


def register_extremum(name):
    @samples(name, covers=[f"{name}_all", f"{name}_dim"])
    def make(rng):
        x = distinct(rng, (3, 4))
        yield Sample(x)
        yield Sample(x, 0)
        yield Sample(x, -1, True)
        yield Sample(distinct(rng, (3, 1)), 1)
        yield Sample(np.array(2.0))
        yield Sample(np.array(2.0), 0)
        yield Sample(np.zeros((0, 3)), 1)
        yield Sample(x, distinct(rng, (4,)) + 0.05)


register_extremum("max")
register_extremum("min")


@samples("aminmax")
def aminmax(rng):
    yield Sample(distinct(rng, (3, 2)))
    yield Sample(distinct(rng, (3, 2)), dim=1)
    yield Sample(distinct(rng, (3, 2)), dim=-2, keepdim=True)
    yield Sample(np.array(1.0))


def register_argument(name):
    @samples(name)
    def make(rng):
        x = distinct(rng, (3, 4))
        for args in [(), (0,), (-1, True), (None, True)]:
            yield Sample(x, *args)
        yield Sample(rng.integers(0, 5, (2, 3)), 1)
        yield Sample(np.array(1.0), 0)


register_argument("argmax")
register_argument("argmin")


# ---------------------------------------------------------------------------- norms


@samples("vector_norm")
def vector_norm(rng):
    for order in (2, 0, 1, 3, 1.5, 0.5, -1, -2.5, 4, math.inf, -math.inf):
        x = distinct(rng, (2, 3))
        yield Sample(x, order)
        yield Sample(x, order, 1)
        yield Sample(x, order, (0, 1), True)
    for kwargs in AXES:
        yield Sample(distinct(rng, (2, 3, 2)), **kwargs)
    yield Sample(np.array(-2.0), 3)
    yield Sample(np.zeros((0, 2)), 2, 1)
    yield Sample(distinct(rng, (3,)), dtype="float64")


@samples("norm", complex_step=True)
def norm(rng):
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((2, 3)), "fro", (0, 1))
    yield Sample(rng.standard_normal((2, 3)), 2, 1, True)


@samples("dist", complex_step=True)
def dist(rng):
    yield Sample(rng.standard_normal((2, 3)), rng.standard_normal(3))
