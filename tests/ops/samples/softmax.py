"""Samples of minigrad/ops/softmax.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples
from tests.ops.samples.reduce import AXES


def register(name):
    @samples(name, complex_step=True)
    def make(rng):
        yield Sample(rng.standard_normal((2, 3)), 1)
        yield Sample(rng.standard_normal((2, 3, 2)), -2)
        yield Sample(rng.standard_normal((3, 1)), 1)
        yield Sample(rng.standard_normal(()), 0)
        yield Sample(np.zeros((0, 3)), 1)
        yield Sample(rng.standard_normal(4) + 1000, 0)


for softmax_like in ("softmax", "log_softmax", "softmin"):
    register(softmax_like)


@samples("logsumexp", complex_step=True)
def logsumexp(rng):
    for kwargs in AXES:
        yield Sample(rng.standard_normal((2, 3, 2)), **({"dim": None} | kwargs))
    yield Sample(rng.standard_normal(3) * 1000, 0)
    yield Sample(rng.standard_normal(()), 0)
    yield Sample(np.zeros((0, 3)), 1)
