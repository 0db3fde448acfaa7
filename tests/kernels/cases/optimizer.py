"""Cases of kernels/*/optimizer.py. What is compared afterwards is what they wrote."""

from __future__ import annotations

import numpy as np

from tests.kernels.cases import Case, cases

SHAPES = [(3, 5), (), (0, 4), (2**13 + 1,), (7,), (3, 2**13 // 3 + 50, 2), (1, 1)]


def arrays(rng, shapes):
    return [np.array(rng.standard_normal(shape)) for shape in shapes]


def squares(rng, shapes):
    return [np.abs(a, out=a) for a in arrays(rng, shapes)]


@cases("adam")
def adam(rng):
    steps = [1, 2, 10, 3, 1000, 5, 7]
    for decay, decoupled, maximize, amsgrad in [
        (0.0, False, False, False), (0.1, False, True, False), (0.1, True, False, False),
        (0.0, False, False, True), (0.1, False, False, True),
    ]:  # fmt: skip
        lists = [f(rng, SHAPES) for f in (arrays, arrays, arrays, squares)]
        largest = squares(rng, SHAPES) if amsgrad else []
        yield Case(
            *lists, largest, steps, 0.01, 0.9, 0.99, 1e-6, decay, decoupled, maximize, rtol=1e-12
        )
    yield Case([], [], [], [], [], [], 0.01, 0.9, 0.99, 1e-6, 0.0, False, False)
    bad = [np.array([np.nan, np.inf, -np.inf, 1, 0])]
    good = [np.array([0.5, 1.0, 2.0, 3.0, 4.0])]
    for lists in (bad, good, good, good), (good, bad, good, good), (good, good, good, bad):
        lists = [[abs(a)] if k == 3 else [a] for k, (a,) in enumerate(lists)]
        for decay, decoupled in (0.0, False), (0.1, False), (0.1, True):
            largest = good if decoupled else []
            yield Case(*lists, largest, [3], 0.01, 0.9, 0.99, 1e-6, decay, decoupled, False)


@cases("sgd")
def sgd(rng):
    fresh = [True, False, False, True, False, False, True]
    for momentum, dampening, decay, nesterov, maximize in [
        (0.0, 0.0, 0.0, False, False), (0.0, 0.0, 0.1, False, True), (0.9, 0.0, 0.1, True, False),
        (0.9, 0.4, 0.0, False, True),
    ]:  # fmt: skip
        buffers = arrays(rng, SHAPES) if momentum else []
        for b, new in zip(buffers, fresh, strict=False):
            b *= not new  # what a fresh buffer holds
        yield Case(
            arrays(rng, SHAPES), arrays(rng, SHAPES), buffers, fresh if momentum else [],
            0.1, momentum, dampening, decay, nesterov, maximize,
        )  # fmt: skip
    yield Case([], [], [], [], 0.1, 0.0, 0.0, 0.0, False, False)
    bad, good = np.array([np.nan, np.inf, -np.inf, 1, 0]), np.array([0.5, 1.0, 2.0, 3.0, 4.0])
    for p, g, decay in (bad, good, 0.0), (good, bad, 0.0), (bad, good, 0.1):
        yield Case([p], [g], [good], [False], 0.1, 0.9, 0.0, decay, True, False)
        yield Case([p], [g], [], [], 0.1, 0.0, 0.0, decay, False, False)
