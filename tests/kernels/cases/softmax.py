"""Cases of softmax, log_softmax and their gradients."""

from __future__ import annotations

import numpy as np

from kernels.reference import softmax as reference
from tests.kernels.cases import Case, cases

SHAPES = [(3, 5), (2, 3, 4), (7,), (1, 1), (5, 1), (2, 100), (33, 257), (0, 3), (3, 0)]
NAN, INF = np.nan, np.inf
EXTREME = np.array([
    [0.0, -INF, 1, 2], [-INF] * 4, [INF, 1, 2, 3], [INF, -INF, 1, 2], [NAN, 0, 1, 2],
    [1, 2, NAN, INF], [800, 0, -800, 1], [-800, -801, -802, -999], [1e30, 1, 1e30, -1e30],
    [-0.0, 0, -0.0, 0],
])  # fmt: skip


def register(name):
    @cases(name)
    def forward(rng):
        for shape in SHAPES:
            yield Case(3 * rng.standard_normal(shape))
        yield Case(EXTREME)
        # At every place of a row that is longer than a vector, NaN must come out.
        places = np.zeros((70, 70))
        np.fill_diagonal(places, NAN)
        yield Case(places)

    @cases(f"{name}_backward")
    def backward(rng):
        with np.errstate(all="ignore"):
            for shape in SHAPES:
                y = getattr(reference, name)(rng.standard_normal(shape))
                yield Case(rng.standard_normal(shape), y)
            y = getattr(reference, name)(EXTREME)
        yield Case(np.ones_like(EXTREME), y)
        yield Case(EXTREME, getattr(reference, name)(np.zeros_like(EXTREME)))


register("softmax")
register("log_softmax")
