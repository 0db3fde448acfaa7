"""Convolutions: 1 to 3 axes, strides, padding, dilation, groups, and what is odd about them."""

from __future__ import annotations

import numpy as np

from kernels.reference.conv import out_shape
from tests.kernels.cases import Case, cases

# n, channels, filters, groups, spatial, kernel, stride, padding, dilation
SHAPES = [
    (1, 1, 1, 1, (1,), (1,), (1,), (0,), (1,)),
    (2, 3, 5, 1, (6, 7), (3, 3), (1, 1), (1, 1), (1, 1)),
    (1, 4, 6, 2, (9, 20), (3, 2), (2, 1), (1, 0), (1, 2)),
    (2, 3, 9, 1, (14, 14), (5, 5), (2, 2), (2, 2), (1, 1)),  # phases, gaps between rows
    (1, 17, 8, 1, (14, 14), (3, 3), (1, 1), (1, 1), (1, 1)),  # more channels than lanes
    (2, 4, 4, 4, (12, 33), (3, 3), (1, 1), (1, 1), (1, 1)),  # depthwise
    (1, 4, 8, 4, (7, 7), (3, 3), (2, 2), (1, 1), (1, 1)),  # depthwise, two filters each
    (2, 3, 4, 1, (5, 6, 7), (2, 3, 3), (1, 2, 1), (1, 1, 1), (2, 1, 1)),
    (3, 2, 3, 1, (40,), (5,), (3,), (2,), (1,)),
    (2, 8, 16, 1, (8, 8), (1, 1), (1, 1), (0, 0), (1, 1)),
    (2, 8, 10, 1, (8, 8), (1, 1), (2, 2), (0, 0), (1, 1)),
    (1, 2, 3, 1, (10, 10), (2, 2), (3, 3), (0, 0), (1, 1)),  # pixels that no filter sees
    (1, 2, 3, 1, (3, 3), (3, 3), (1, 1), (3, 3), (1, 1)),  # more padding than filter
    (1, 2, 2, 1, (11,), (3,), (2,), (4,), (3,)),
    (1, 1, 1, 1, (1,), (1,), (2,), (1,), (1,)),  # no filter sees the only pixel
    (1, 2, 2, 1, (5, 2), (2, 1), (1, 1), (30, 40), (1, 1)),
    (0, 2, 3, 1, (5, 5), (3, 3), (1, 1), (1, 1), (1, 1)),
    (10, 2, 3, 1, (4, 4), (3, 3), (1, 1), (1, 1), (1, 1)),  # more images than partial sums
    (2, 3, 9, 1, (11, 37), (3, 3), (2, 2), (1, 1), (1, 1)),  # phases of odd length, of two vectors
    (1, 3, 9, 1, (10, 36), (3, 3), (2, 2), (1, 1), (1, 1)),  # and of even length
    (1, 9, 5, 1, (9, 18), (3, 3), (2, 1), (1, 1), (1, 1)),
    (1, 9, 5, 1, (9, 18), (3, 3), (1, 2), (1, 0), (1, 1)),
    (1, 3, 5, 1, (9, 40), (3, 3), (3, 3), (0, 0), (1, 1)),
    (2, 2, 5, 1, (70,), (4,), (2,), (1,), (1,)),
    (1, 2, 9, 1, (5, 6, 20), (2, 3, 3), (2, 2, 2), (1, 1, 1), (1, 1, 1)),
    (1, 9, 9, 1, (6, 19), (3, 3), (1, 1), (0, 0), (1, 1)),  # rows shorter than the image's
    (3, 1, 9, 1, (9, 21), (3, 3), (1, 1), (1, 1), (1, 1)),  # one channel, filters in fours
    (1, 8, 8, 2, (5, 5), (3, 3), (1, 1), (1, 1), (1, 1)),  # one image, groups to share out
    (1, 3, 2, 1, (1, 3, 2), (1, 2, 1), (1, 1, 3), (0, 0, 1), (1, 1, 1)),  # rows of padding alone
    (2, 6, 6, 3, (4, 7), (3, 3), (1, 1), (2, 3), (1, 1)),  # padding that no row can do without
    (1, 2, 4, 1, (2, 5, 4), (2, 2, 1), (1, 1, 4), (1, 1, 3), (2, 1, 2)),
    (1, 40, 9, 1, (40, 41), (3, 3), (1, 1), (1, 1), (1, 1)),  # too large for shifted copies
]
ACCURACY = {"rtol": 1e-12, "atol": 1e-13}


def arrays(rng, n, channels, filters, groups, spatial, kernel, *rest):
    x = rng.standard_normal((n, channels, *spatial))
    weight = rng.standard_normal((filters, channels // groups, *kernel))
    g = rng.standard_normal((n, filters, *out_shape(spatial, kernel, *rest)))
    return x, weight, g


def odd(x):
    """x with NaN and infinities in it."""
    x = x.copy()
    x.flat[3], x.flat[7], x.flat[-1] = np.nan, np.inf, -np.inf
    return x


@cases("conv")
def conv(rng):
    for shape in SHAPES:
        x, weight, _ = arrays(rng, *shape)
        bias = rng.standard_normal(shape[2])
        yield Case(x, weight, bias, *shape[6:], shape[3], **ACCURACY)
    x, weight, _ = arrays(rng, *SHAPES[1])
    yield Case(x, weight, None, *SHAPES[1][6:], 1, **ACCURACY)
    yield Case(odd(x), weight, None, *SHAPES[1][6:], 1, **ACCURACY)
    yield Case(x, odd(weight), None, *SHAPES[1][6:], 1, **ACCURACY)


@cases("conv_grad_input")
def conv_grad_input(rng):
    for shape in SHAPES:
        _, weight, g = arrays(rng, *shape)
        yield Case(g, weight, shape[4], *shape[6:], shape[3], **ACCURACY)


@cases("conv_grad_bias")
def conv_grad_bias(rng):
    yield Case(rng.standard_normal((3, 5, 7, 33)))
    yield Case(rng.standard_normal((2, 4, 9)))
    yield Case(odd(rng.standard_normal((2, 4, 9))))
    yield Case(rng.standard_normal((0, 4, 9)))
    yield Case(rng.standard_normal((2, 0, 9)))


@cases("conv_grad_weight")
def conv_grad_weight(rng):
    for shape in SHAPES:
        x, _, g = arrays(rng, *shape)
        yield Case(g, x, shape[5], *shape[6:], shape[3], **ACCURACY)
    x, _, g = arrays(rng, *SHAPES[1])
    yield Case(odd(g), x, SHAPES[1][5], *SHAPES[1][6:], 1, **ACCURACY)
    yield Case(g, odd(x), SHAPES[1][5], *SHAPES[1][6:], 1, **ACCURACY)
