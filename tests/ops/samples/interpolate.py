"""Samples of minigrad/ops/interpolate.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


@samples("enlarge", complex_step=True)
def enlarge(rng):
    yield Sample(rng.standard_normal((2, 1, 3)), 2, 3)
    yield Sample(rng.standard_normal((2, 3)), 0, 2)
    yield Sample(np.zeros((0, 2)), 1, 2)
