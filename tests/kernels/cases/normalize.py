"""Cases of the normalizations and their gradients."""

from __future__ import annotations

import numpy as np

from kernels.reference import normalize as reference
from tests.kernels.cases import Case, cases

NAN, INF = np.nan, np.inf
EPS = 1e-5


def quietly(name, *args):
    with np.errstate(all="ignore"):
        return getattr(reference, name)(*args)


def parameters(rng, n):
    """A weight and a bias, or one of them, or none."""
    weight, bias = rng.standard_normal(n), rng.standard_normal(n)
    return [(weight, bias), (weight, None), (None, bias), (None, None)]


# ---------------------------------------------------------------------------- rows


def rows(rng):
    """Every shape with one or all of the parameters."""
    shapes = [(3, 5), (1, 1), (4, 1), (17, 70), (300, 33), (2, 1000), (0, 3), (3, 0)]
    for i, (n, d) in enumerate(shapes):
        yield rng.standard_normal((n, d)), *parameters(rng, d)[i % 4]
    # A mean that is large beside the deviations; all the same; NaN and infinity; very large.
    yield 300 + rng.standard_normal((3, 40)), *parameters(rng, 40)[0]
    yield np.full((2, 20), 7.0), *parameters(rng, 20)[0]
    extreme = rng.standard_normal((4, 20))
    extreme[1, 7], extreme[2, 19], extreme[3] = NAN, -INF, 1e15 * extreme[3]
    yield extreme, *parameters(rng, 20)[0]


@cases("layer_norm")
def layer_norm(rng):
    for x, weight, bias in rows(rng):
        yield Case(x, weight, bias, EPS, rtol=1e-12, atol=1e-12)


@cases("layer_norm_backward")
def layer_norm_backward(rng):
    for x, weight, _ in rows(rng):
        _, mean, rstd = quietly("layer_norm", x, weight, None, EPS)
        yield Case(rng.standard_normal(x.shape), x, weight, mean, rstd, rtol=1e-12, atol=1e-12)


@cases("rms_norm")
def rms_norm(rng):
    for x, weight, _ in rows(rng):
        yield Case(x, weight, EPS)


@cases("rms_norm_backward")
def rms_norm_backward(rng):
    for x, weight, _ in rows(rng):
        _, rstd = quietly("rms_norm", x, weight, EPS)
        yield Case(rng.standard_normal(x.shape), x, weight, rstd)


# ---------------------------------------------------------------------------- channels


def channels(rng):
    shapes = [
        (3, 4, 5),
        (1, 2, 1),
        (5, 6, 1),
        (9, 2, 49),
        (2, 12, 130),
        (40, 2, 7),
        (0, 2, 3),
        (2, 4, 0),
    ]
    for i, (n, c, s) in enumerate(shapes):
        yield rng.standard_normal((n, c, s)), *parameters(rng, c)[i % 4]
    yield 300 + rng.standard_normal((3, 2, 40)), *parameters(rng, 2)[0]
    extreme = rng.standard_normal((4, 8, 5))
    extreme[1, 1, 4], extreme[3, 3, 0], extreme[:, 5] = NAN, INF, 3.0
    yield extreme, *parameters(rng, 8)[0]


@cases("group_norm")
def group_norm(rng):
    for x, weight, bias in channels(rng):
        for groups in (1, 2, x.shape[1]):
            yield Case(x, groups, weight, bias, EPS, rtol=1e-12, atol=1e-12)


@cases("group_norm_backward")
def group_norm_backward(rng):
    for x, weight, _ in channels(rng):
        for groups in (1, 2, x.shape[1]):
            _, mean, rstd = quietly("group_norm", x, groups, weight, None, EPS)
            yield Case(rng.standard_normal(x.shape), x, weight, mean, rstd, rtol=1e-12, atol=1e-12)


@cases("batch_norm")
def batch_norm(rng):
    for x, weight, bias in channels(rng):
        yield Case(x, weight, bias, EPS, rtol=1e-12, atol=1e-12)


@cases("batch_norm_backward")
def batch_norm_backward(rng):
    for x, weight, _ in channels(rng):
        _, mean, var = quietly("batch_norm", x, weight, None, EPS)
        yield Case(rng.standard_normal(x.shape), x, weight, mean, var, EPS, rtol=1e-12, atol=1e-12)


def given(rng, c):
    return rng.standard_normal(c), rng.random(c)


@cases("batch_norm_by")
def batch_norm_by(rng):
    for x, weight, bias in channels(rng):
        yield Case(x, weight, bias, *given(rng, x.shape[1]), EPS)


@cases("batch_norm_by_backward")
def batch_norm_by_backward(rng):
    for x, weight, _ in channels(rng):
        yield Case(rng.standard_normal(x.shape), x, weight, *given(rng, x.shape[1]), EPS)
