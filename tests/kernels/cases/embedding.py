"""Cases of kernels/*/embedding.py."""

from __future__ import annotations

import numpy as np

from tests.kernels.cases import Case, cases


@cases("embedding_backward")
def embedding_backward(rng):
    for n, d, rows in [(0, 3, 4), (5, 0, 4), (1, 1, 1), (7, 5, 3), (40, 33, 9), (900, 70, 31)]:
        g, index = rng.standard_normal((n, d)), rng.integers(0, rows, n)
        yield Case(g, index, rows)
        yield Case(g, index, rows, rows - 1)
        yield Case(g, index, rows, 0, True)
    yield Case(rng.standard_normal((600, 64)), np.full(600, 2), 3)
    yield Case(rng.standard_normal((6, 2)), rng.integers(0, 3, 6).astype(np.int32), 5, -1, True)
    g = rng.standard_normal((6, 4))
    g[0], g[1, 1], g[2, 2] = np.nan, np.inf, -np.inf
    yield Case(g, np.array([0, 1, 1, 2, 2, 2]), 4, 0)
    yield Case(g, np.array([0, 1, 1, 2, 2, 2]), 4, -1, True)
