"""Cases of kernels/*/attention.py."""

from __future__ import annotations

import itertools

import numpy as np

from kernels.reference.attention import attention as reference
from tests.kernels.cases import Case, cases

# (B, H, Hk, T, S, D, Dv)
SHAPES = [
    (1, 1, 1, 1, 1, 1, 1),
    (2, 2, 2, 5, 7, 3, 4),
    (1, 4, 2, 17, 33, 8, 5),  # two query heads a key head
    (2, 3, 1, 9, 9, 16, 16),  # all of them share one
    (1, 2, 2, 70, 131, 40, 24),
    (1, 1, 1, 200, 70, 64, 64),  # more queries than keys
    (1, 6, 3, 150, 300, 33, 65),
    (1, 1, 1, 65, 64, 256, 256),
    (3, 2, 2, 64, 64, 32, 32),
    (1, 1, 1, 400, 400, 16, 16),
]
EMPTY = [
    (0, 2, 2, 3, 4, 5, 6),
    (2, 0, 0, 3, 4, 5, 6),
    (1, 2, 2, 0, 4, 5, 6),
    (1, 2, 2, 3, 0, 5, 6),  # no keys: zeros
    (1, 2, 2, 3, 4, 0, 6),  # all scores are 0: the mean of the values
    (1, 2, 2, 3, 4, 5, 0),
]


def arguments(rng):
    """Arguments and options for `attention`."""
    for shape in SHAPES + EMPTY:
        b, h, hk, t, s, d, dv = shape
        q = rng.standard_normal((b, h, t, d))
        k, v = rng.standard_normal((b, hk, s, d)), rng.standard_normal((b, hk, s, dv))
        for causal in (False, True):
            yield (q, k, v), {"causal": causal}
        if shape in (SHAPES[1], SHAPES[2], SHAPES[4]):
            yield from biased(rng, q, k, v)
            yield (q, k, v), {"scale": -0.7}
            yield (q, k, v), {"p": 0.3, "seed": 2**40 + 5}
            yield (q, k, v), {"p": 1.0}
            yield (q, k, v), {"p": 0.6, "kept": rng.random((1, h, t, s)) > 0.6, "causal": True}
            yield (q, k, v), {"p": 0.5, "kept": rng.random((b, 1, 1, s)) > 0.5}
    yield from extremes(rng)


def biased(rng, q, k, v):
    (b, h, t, _), s = q.shape, k.shape[2]
    for full in itertools.product([b, 1], [h, 1], [t, 1], [s, 1]):
        if full in ((b, h, t, s), (1, 1, t, s), (b, 1, 1, s), (1, h, t, 1), (1, 1, 1, 1)):
            yield (q, k, v, rng.standard_normal(full)), {"causal": full == (1, 1, t, s)}
    hidden = np.where(rng.random((b, h, t, s)) < 0.5, -np.inf, 0.0)
    hidden[:, :, t // 2] = -np.inf  # a query that sees nothing
    yield (q, k, v, hidden), {}
    yield (q, k, v, np.full((1, 1, 1, 1), -np.inf)), {}
    yield (q, k, v, hidden[..., :1, :]), {"p": 0.2, "seed": 1, "causal": True}


def extremes(rng):
    def fresh():
        return [rng.standard_normal((1, 2, 70, 16)) for _ in range(3)]

    q, k, v = fresh()
    yield (10 * q, 10 * k, v), {}  # weights of 0 and 1
    yield (q, k, 1e30 * v), {"causal": True}
    q[0, 0, -1] = np.nan
    yield (q, k, v), {}
    yield (q, k, v), {"causal": True}
    for bad in (np.nan, np.inf, -np.inf):
        q, k, v = fresh()
        k[0, 1, 0, 2] = bad  # seen by all
        yield (q, k, v), {"causal": True}
        q, k, v = fresh()
        v[0, 1, 0, 2] = bad
        yield (q, k, v), {"causal": True}
        bias = np.zeros((1, 1, 70, 70))
        bias[0, 0, 5, 2] = bias[0, 0, 66, 66] = bad
        yield (*fresh(), bias), {}


@cases("attention")
def attention(rng):
    for args, options in arguments(rng):
        yield Case(*args, rtol=1e-12, **options)


@cases("attention_backward")
def attention_backward(rng):
    for args, options in arguments(rng):
        with np.errstate(all="ignore"):
            out, lse = reference(*args, **options)
        g = rng.standard_normal(out.shape)
        grad = {"bias_grad": True} if len(args) == 4 else {}
        yield Case(g, *args[:3], out, lse, *args[3:], rtol=1e-11, **options, **grad)
