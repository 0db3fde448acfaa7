"""Cases of kernels/*/add.py."""

from __future__ import annotations

from tests.kernels.cases import Case, cases


@cases("add")
def add(rng):
    for shape in ((1,), (7,), (3, 5), (2, 33, 17), (0, 4)):
        yield Case(rng.standard_normal(shape), rng.standard_normal(shape))
