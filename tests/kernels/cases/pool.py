"""Cases of kernels/reference/pool.py."""

from __future__ import annotations

import numpy as np

from kernels.reference import pool
from tests.kernels.cases import Case, cases

# x's shape; kernel_size, stride, padding, dilation, ceil_mode.
POOLS = [
    ((2, 3, 8), (2,), (2,), (0,), (1,), False),
    ((2, 3, 9), (3,), (2,), (1,), (2,), True),
    ((3, 2, 7, 5), (2, 2), (2, 2), (0, 0), (1, 1), True),
    ((2, 2, 6, 9), (3, 3), (2, 2), (1, 1), (1, 1), False),
    ((1, 1, 7, 7), (3, 2), (1, 3), (1, 0), (2, 1), False),
    ((33, 1, 5, 4), (2, 3), (2, 1), (1, 1), (1, 1), False),
    ((2, 1, 4, 5, 6), (2, 3, 2), (1, 2, 3), (1, 0, 1), (1, 2, 1), True),
    ((1, 2, 12, 12), (12, 12), (1, 1), (0, 0), (1, 1), False),
    ((0, 3, 4, 4), (2, 2), (2, 2), (0, 0), (1, 1), False),
    # Rows of more and fewer windows than vectors of each length, one and two apart.
    ((2, 2, 6, 41), (2, 2), (2, 2), (0, 0), (1, 1), False),
    ((2, 2, 6, 19), (2, 2), (2, 2), (0, 0), (1, 1), False),
    ((1, 2, 5, 11), (3, 3), (2, 2), (1, 1), (1, 1), False),
    ((1, 3, 5, 35), (3, 3), (1, 1), (1, 1), (1, 1), False),
    ((1, 3, 5, 12), (3, 3), (1, 1), (1, 1), (1, 1), True),
    ((1, 2, 70), (3,), (2,), (1,), (2,), True),
]
ADAPTIVE = [
    ((2, 3, 10), (4,)),
    ((2, 2, 3), (7,)),
    ((2, 3, 6, 7), (1, 1)),
    ((2, 1, 7, 9), (3, 5)),
    ((1, 2, 4, 5, 6), (2, 5, 1)),
    ((2, 3, 4, 4), (0, 2)),
    ((3, 0, 4, 4), (2, 2)),
]


def images(rng, shape):
    """Random ones; ones with many equal maxima; ones with NaN and infinity."""
    yield rng.standard_normal(shape)
    yield rng.integers(0, 3, shape).astype(np.float64)
    x = rng.standard_normal(shape)
    for value in (np.nan, np.inf, -np.inf):
        x[rng.random(shape) < 0.2] = value
    yield x


@cases("max_pool")
def max_pool(rng):
    for shape, *options in POOLS:
        for x in images(rng, shape):
            yield Case(x, *options)


@cases("adaptive_max_pool")
def adaptive_max_pool(rng):
    for shape, output_size in ADAPTIVE:
        for x in images(rng, shape):
            yield Case(x, output_size)


@cases("max_pool_backward")
def max_pool_backward(rng):
    for shape, *options in POOLS:
        y, indices = pool.max_pool(rng.standard_normal(shape), *options)
        yield Case(rng.standard_normal(y.shape), indices, shape[2:])
    for shape, output_size in ADAPTIVE:
        y, indices = pool.adaptive_max_pool(rng.standard_normal(shape), output_size)
        yield Case(rng.standard_normal(y.shape), indices, shape[2:])


def mean_options():
    """What avg_pool takes in the place of max_pool's dilation: every kind of divisor."""
    divisors = [(True, None), (False, None), (True, 3), (False, -2)]
    for i, (shape, kernel_size, stride, padding, _, ceil_mode) in enumerate(POOLS):
        yield shape, (kernel_size, stride, padding, ceil_mode, *divisors[i % len(divisors)])


@cases("avg_pool")
def avg_pool(rng):
    for shape, options in mean_options():
        for x in images(rng, shape):
            yield Case(x, *options)


@cases("avg_pool_backward")
def avg_pool_backward(rng):
    for shape, options in mean_options():
        y = pool.avg_pool(np.zeros(shape), *options)
        yield Case(rng.standard_normal(y.shape), shape[2:], *options)


@cases("adaptive_avg_pool")
def adaptive_avg_pool(rng):
    for shape, output_size in ADAPTIVE:
        for x in images(rng, shape):
            yield Case(x, output_size)


@cases("adaptive_avg_pool_backward")
def adaptive_avg_pool_backward(rng):
    for shape, output_size in ADAPTIVE:
        for g in images(rng, (*shape[:2], *output_size)):
            yield Case(g, shape[2:])
