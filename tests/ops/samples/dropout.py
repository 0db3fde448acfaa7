"""Samples of dropout by a seed: linear in x, as the seed is fixed."""

import numpy as np

from tests.ops.samples import Sample, samples


@samples("dropout_by_seed", complex_step=True)
def dropout_by_seed(rng):
    yield Sample(rng.standard_normal((5, 7)), 3, 0.4)
    yield Sample(rng.standard_normal((2, 33, 3)), 2**63 + 1, 0.9)
    yield Sample(np.array(0.7), 0, 0.5)
    yield Sample(rng.standard_normal(3), 4, 1.0)
    yield Sample(np.zeros((0, 2)), 1, 0.5)
