"""Cases of kernels/*/dropout.py."""

from __future__ import annotations

import numpy as np

from tests.kernels.cases import Case, cases


@cases("dropout")
def dropout(rng):
    exact = {"rtol": 1e-15, "atol": 0}
    for shape in [(), (0,), (1,), (63,), (65, 3), (7, 64), (3, 5, 41), (2**14 + 1,), (2**15 + 77,)]:
        yield Case(rng.standard_normal(shape), 12345, 0.3, **exact)
    x = rng.standard_normal((33, 9))
    yield Case(x, 0, 0.0, **exact)
    yield Case(x, 1, 1.0, **exact)
    yield Case(x, 2**64 - 1, 1e-9, **exact)
    yield Case(x, 2**40, 0.999999999, **exact)
    x = x.copy()
    x[::5], x[1::5], x[2::5] = np.nan, np.inf, -np.inf
    yield Case(x, 7, 0.5, **exact)
