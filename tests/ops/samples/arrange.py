"""Samples of minigrad/ops/arrange.py, diagonals.py and padding.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples

STEP = {"complex_step": True}


@samples("flip", **STEP)
def flip(rng):
    x = rng.standard_normal((2, 3))
    for dims in [(0,), (0, -1), -1, ()]:
        yield Sample(x, dims)
    yield Sample(rng.standard_normal(()), (0,))
    yield Sample(np.zeros((0, 2)), (0,))


@samples("fliplr", **STEP)
def fliplr(rng):
    yield Sample(rng.standard_normal((2, 3)))


@samples("flipud", **STEP)
def flipud(rng):
    yield Sample(rng.standard_normal(3))


@samples("rot90", **STEP)
def rot90(rng):
    x = rng.standard_normal((2, 3))
    for k in range(-1, 5):
        yield Sample(x, k)
    yield Sample(rng.standard_normal((2, 1, 3)), 1, (-1, 0))


@samples("roll", **STEP)
def roll(rng):
    x = rng.standard_normal((2, 3))
    for args in [(1,), (-2,), (1, 0), ((1, -1), (0, 1)), ((1, 1), (1, 1)), (4, -1)]:
        yield Sample(x, *args)
    yield Sample(rng.standard_normal(()), 2)
    yield Sample(np.zeros((0, 2)), 1, 0)


@samples("repeat", **STEP)
def repeat(rng):
    x = rng.standard_normal((2, 1))
    for sizes in [(1, 2), (2, 3), (2, 1, 1), (1, 1), (0, 2)]:
        yield Sample(x, sizes)
    yield Sample(rng.standard_normal(()), (2,))
    yield Sample(rng.standard_normal(()), ())


@samples("tile", **STEP)
def tile(rng):
    x = rng.standard_normal((2, 2))
    for dims in [(2,), (1, 2), (2, 1, 1), ()]:
        yield Sample(x, dims)


@samples("repeat_interleave", **STEP)
def repeat_interleave(rng):
    x = rng.standard_normal((2, 3))
    yield Sample(x, 2)
    yield Sample(x, 3, 1)
    yield Sample(x, np.array([2, 0, 1]), -1)
    yield Sample(x, np.array([2]), 0)
    yield Sample(x, np.array([2, 1]), 0, output_size=3)
    yield Sample(rng.standard_normal(()), 2)
    yield Sample(np.array([1, 0, 2]))


@samples("unfold", **STEP)
def unfold(rng):
    x = rng.standard_normal((5, 2))
    yield Sample(x, 0, 2, 1)
    yield Sample(x, 0, 3, 2)
    yield Sample(x, 0, 2, 3)
    yield Sample(x, -1, 2, 1)
    yield Sample(x, 1, 0, 1)
    yield Sample(rng.standard_normal(()), 0, 1, 1)


@samples("diagonal", **STEP)
def diagonal(rng):
    x = rng.standard_normal((3, 4))
    for offset in [0, 1, -1, 3, -2, 7]:
        yield Sample(x, offset)
    yield Sample(rng.standard_normal((2, 2, 3)), 0, -1, 0)
    yield Sample(np.zeros((0, 3)))


@samples("from_diagonal", **STEP)
def from_diagonal(rng):
    yield Sample(rng.standard_normal(2), (2, 3))
    yield Sample(rng.standard_normal((2, 1)), (2, 2, 2), -1, 1, 2)


@samples("diag_embed", **STEP)
def diag_embed(rng):
    x = rng.standard_normal((2, 3))
    for args in [(), (1,), (-2,), (0, 0, 1), (1, 0, -1), (-1, 2, 0)]:
        yield Sample(x, *args)
    yield Sample(np.zeros((2, 0)))


@samples("diag", **STEP)
def diag(rng):
    yield Sample(rng.standard_normal(3), 1)
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((3, 2)), -1)


@samples("diagflat", **STEP)
def diagflat(rng):
    yield Sample(rng.standard_normal((2, 1)), -1)
    yield Sample(rng.standard_normal(()))


@samples("diagonal_scatter")
def diagonal_scatter(rng):
    yield Sample(rng.standard_normal((3, 3)), rng.standard_normal(3))
    yield Sample(rng.standard_normal((2, 2, 3)), rng.standard_normal((2, 2)), 1, -2, -1)


@samples("tril", **STEP)
def tril(rng):
    for diagonal in [0, 1, -1]:
        yield Sample(rng.standard_normal((3, 2)), diagonal)
    yield Sample(rng.standard_normal((2, 2, 2)))
    yield Sample(np.zeros((0, 2)))


@samples("triu", **STEP)
def triu(rng):
    for diagonal in [0, 1, -1]:
        yield Sample(rng.standard_normal((2, 3)), diagonal)
    yield Sample(rng.standard_normal((1, 2, 2)), diagonal=1)


@samples("pad", **STEP)
def pad(rng):
    x = rng.standard_normal((1, 2, 3))
    for widths in [(1, 2), (1, 0, 0, 2), (-1, 1), (-1, -1, 1, -1), (0, 1, 0, 1, 1, 0), ()]:
        yield Sample(x, widths)
    yield Sample(x, (1, 1), "constant", 2.5)
    yield Sample(np.zeros((0, 2)), (1, 1, 1, 0))
    for mode in ["reflect", "replicate", "circular"]:
        yield Sample(x, (1, 2), mode)
        yield Sample(x, (-1, 1), mode)
        yield Sample(x[0], (0, 2), mode)
        yield Sample(x[None], (1, 0, 1, 1), mode)
        yield Sample(rng.standard_normal((1, 2, 2, 2)), (1, 0, 0, 1, 1, 1), mode)
    yield Sample(x, (4, 5), "replicate")
