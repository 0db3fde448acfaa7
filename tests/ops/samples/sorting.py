"""Samples of minigrad/ops/sorting.py, quantile.py and counting.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.reduce import distinct


@samples("sort")
def sort(rng):
    yield Sample(distinct(rng, (3, 4)))
    yield Sample(distinct(rng, (3, 4)), 0)
    yield Sample(distinct(rng, (3, 4)), -2, True)
    yield Sample(distinct(rng, (4,)), stable=True, descending=True)
    yield Sample(np.array(3.0))
    yield Sample(np.zeros((2, 0)))
    yield Sample(rng.integers(0, 3, (2, 5)))


@samples("argsort")
def argsort(rng):
    yield Sample(distinct(rng, (3, 4)), 0)
    yield Sample(rng.integers(0, 3, (2, 5)), -1, True, True)
    yield Sample(np.array(3.0))


@samples("msort")
def msort(rng):
    yield Sample(distinct(rng, (3, 2)))


@samples("topk")
def topk(rng):
    for k in (0, 1, 3, 4):
        yield Sample(distinct(rng, (2, 4)), k)
        yield Sample(distinct(rng, (4, 2)), k, 0, False)
    yield Sample(distinct(rng, (4,)), 2, largest=True, sorted=False)
    yield Sample(np.array(3.0), 1)


@samples("kthvalue")
def kthvalue(rng):
    for k in (1, 3):
        yield Sample(distinct(rng, (2, 3)), k)
        yield Sample(distinct(rng, (3, 2)), k, 0, True)
    yield Sample(np.array(3.0), 1)
    yield Sample(np.zeros((0, 3)), 2)


@samples("mode")
def mode(rng):
    yield Sample(distinct(rng, (2, 3)))
    yield Sample(distinct(rng, (3, 2)), 0, True)
    yield Sample(rng.integers(0, 3, (2, 9)))
    yield Sample(np.array(3.0))


def register_median(name):
    @samples(name, covers=[f"{name}_all", f"{name}_dim"])
    def make(rng):
        yield Sample(distinct(rng, (2, 3)))
        yield Sample(distinct(rng, (5,)))
        yield Sample(distinct(rng, (2, 3)), 1)
        yield Sample(distinct(rng, (4, 2)), -2, True)
        yield Sample(np.array(3.0))
        yield Sample(np.array(3.0), 0)
        yield Sample(np.zeros((0, 3)), 1)
        yield Sample(rng.integers(0, 3, (2, 4)), 1)


register_median("median")
register_median("nanmedian")


def register_quantile(name):
    @samples(name)
    def make(rng):
        x = distinct(rng, (2, 4))
        several = np.array([0.0, 0.3, 0.85, 1.0])
        for interpolation in ("linear", "lower", "higher", "midpoint", "nearest"):
            yield Sample(x, 0.4, interpolation=interpolation)
            yield Sample(x, several, 1, constant=(1,), interpolation=interpolation)
        yield Sample(x, several, 0, True, constant=(1,))
        yield Sample(x, 0.4, None, True)
        yield Sample(x, np.array([0.1, 0.6]), 1)
        yield Sample(np.array(2.0), 0.5)
        yield Sample(np.array(2.0), several, 0, True, constant=(1,))


register_quantile("quantile")
register_quantile("nanquantile")


# ---------------------------------------------------------------------------- counting


def register_unique(name):
    @samples(name)
    def make(rng):
        x = rng.integers(0, 3, (3, 4))
        yield Sample(x)
        yield Sample(x, return_inverse=True, return_counts=True)
        yield Sample(np.array([[1, 2], [1, 2], [0, 3]]), dim=0, return_inverse=True)
        yield Sample(np.array([[1, 1, 2], [1, 1, 3]]), dim=-1, return_counts=True)
        yield Sample(np.zeros(0), return_inverse=True, return_counts=True)


register_unique("unique")
register_unique("unique_consecutive")


@samples("searchsorted")
def searchsorted(rng):
    edges = np.array([1.0, 3.0, 5.0])
    yield Sample(edges, np.array([[0.5, 2.0], [4.0, 9.0]]))
    yield Sample(edges, np.array([1.0, 5.0]), right=True, constant=(0, 1))
    yield Sample(edges, np.array([1.0, 5.0]), side="right", out_int32=True, constant=(0, 1))
    yield Sample(edges, 2.0)
    yield Sample(np.array([edges, edges + 10]), np.array([[2.0, 4.0], [2.0, 12.0]]))
    yield Sample(np.array([5, 1, 3]), np.array([2]), sorter=np.array([1, 2, 0]))


@samples("bucketize")
def bucketize(rng):
    yield Sample(np.array([[0.5, 2.0], [4.0, 9.0]]), np.array([1.0, 3.0, 5.0]))
    yield Sample(np.array([1, 3]), np.array([1, 3, 5]), right=True, out_int32=True)
    yield Sample(3, np.array([1, 3, 5]))


@samples("bincount")
def bincount(rng):
    yield Sample(np.array([0, 3, 1, 3]))
    yield Sample(np.array([0, 3, 1, 3]), np.array([0.5, 1.0, 2.0, 3.0]), 6, constant=(1,))
    yield Sample(np.zeros(0, np.int64), minlength=2)


@samples("histc")
def histc(rng):
    yield Sample(distinct(rng, (3, 4)), 4, -1, 1)
    yield Sample(distinct(rng, (3, 4)), bins=3, constant=(0,))
    yield Sample(np.zeros(0), 3)
