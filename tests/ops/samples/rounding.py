"""Samples of rounding: flat between the jumps."""

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.exponential import unary


def floats():
    """Numbers far from integers, tenths and halves."""
    yield Sample(np.array([[-2.73, -0.41, 0.27], [1.63, 2.88, 3.34]]))
    yield Sample(np.array(1.27))
    yield Sample(np.zeros((0, 2)))
    yield Sample(np.array([1, -2]))


for _name in ("floor", "ceil", "trunc"):
    samples(_name)(lambda rng: floats())


@samples("round")
def round(rng):
    yield from floats()
    yield Sample(np.array([1.263, -7.418]), decimals=1)
    yield Sample(np.array([126.3, -741.8]), decimals=-1)


unary("frac", 0.1, 0.9, complex_step=False)


@samples("nan_to_num")
def nan_to_num(rng):
    yield Sample(np.array([[1.5, np.nan], [np.inf, -np.inf]]), 1.0, 2.0, -3.0)
    yield Sample(np.array([0.5, np.nan]))
    yield Sample(np.array(0.5))
    yield Sample(np.zeros((0, 2)))
    yield Sample(np.array([1, 2]))
