"""Samples of minigrad/ops/shape.py and minigrad/ops/permute.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples

STEP = {"complex_step": True}


@samples("reshape", **STEP)
def reshape(rng):
    x = rng.standard_normal((2, 6))
    for shape in [(3, 4), (-1,), (2, -1, 3), (1, 12), (2, 6), [4, 3], 12]:
        yield Sample(x, shape)
    yield Sample(rng.standard_normal(()), (1, 1))
    yield Sample(rng.standard_normal((1,)), ())
    yield Sample(np.zeros((0, 3)), (3, 0, 2))
    yield Sample(np.arange(6), (2, 3))


@samples("view", **STEP)
def view(rng):
    yield Sample(rng.standard_normal((2, 6)), (2, 1, 3, 2))


@samples("view_as", **STEP)
def view_as(rng):
    yield Sample(rng.standard_normal((2, 3)), np.zeros((2, 1, 3)), constant=(1,))


@samples("reshape_as", **STEP)
def reshape_as(rng):
    yield Sample(rng.standard_normal((2, 3)), np.zeros((3, 2)), constant=(1,))


@samples("flatten", **STEP)
def flatten(rng):
    x = rng.standard_normal((2, 1, 3, 2))
    for dims in [(), (1,), (0, 1), (-3, -2), (2, 2)]:
        yield Sample(x, *dims)
    yield Sample(rng.standard_normal(()))
    yield Sample(np.zeros((2, 0, 3)), 1)


@samples("unflatten", **STEP)
def unflatten(rng):
    x = rng.standard_normal((2, 6))
    yield Sample(x, 1, (2, 3))
    yield Sample(x, -1, (3, -1))
    yield Sample(x, 0, [2, 1])
    yield Sample(np.zeros((0, 2)), 0, (0, 3))


@samples("ravel", **STEP)
def ravel(rng):
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal(()))
    yield Sample(np.zeros((0, 3)))


@samples("squeeze", **STEP)
def squeeze(rng):
    x = rng.standard_normal((1, 2, 1, 3))
    for dim in [None, 0, 1, -2, (0, 2), (0, 1), ()]:
        yield Sample(x, dim)
    yield Sample(rng.standard_normal(()), 0)
    yield Sample(np.zeros((1, 0)))


@samples("unsqueeze", **STEP)
def unsqueeze(rng):
    for dim in [0, 1, 2, -1, -3]:
        yield Sample(rng.standard_normal((2, 3)), dim)
    yield Sample(rng.standard_normal(()), -1)


@samples("atleast_1d", **STEP)
def atleast_1d(rng):
    yield Sample(rng.standard_normal(()))
    yield Sample(rng.standard_normal(2), rng.standard_normal(()))


@samples("atleast_2d", **STEP)
def atleast_2d(rng):
    yield Sample(rng.standard_normal(()), rng.standard_normal(3), rng.standard_normal((2, 1)))


@samples("atleast_3d", **STEP)
def atleast_3d(rng):
    yield Sample([rng.standard_normal(()), rng.standard_normal(3), rng.standard_normal((2, 3))])


@samples("expand", **STEP)
def expand(rng):
    x = rng.standard_normal((2, 1))
    for shape in [(2, 3), (-1, 3), (4, 2, 1), (3, -1, -1), (2, 1), (1, 2, 1), (2, 0)]:
        yield Sample(x, shape)
    yield Sample(rng.standard_normal(()), (2, 2))
    yield Sample(rng.standard_normal(()), ())
    yield Sample(np.zeros((0, 1)), (0, 3))


@samples("broadcast_to", **STEP)
def broadcast_to(rng):
    yield Sample(rng.standard_normal(3), (2, 3))


@samples("expand_as", **STEP)
def expand_as(rng):
    yield Sample(rng.standard_normal((2, 1)), np.zeros((2, 3)), constant=(1,))


@samples("broadcast_tensors", **STEP)
def broadcast_tensors(rng):
    yield Sample(rng.standard_normal((2, 1)), rng.standard_normal(3), rng.standard_normal(()))


@samples("clone", **STEP)
def clone(rng):
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal(()))
    yield Sample(np.zeros((0, 2)))


@samples("contiguous", **STEP)
def contiguous(rng):
    yield Sample(rng.standard_normal((2, 3)))


@samples("astype")
def astype(rng):
    yield Sample(rng.standard_normal((2, 3)), np.dtype("float64"))
    yield Sample(np.array([1, 2]), np.dtype("float64"))
    yield Sample(np.array([1.25, 2.5]), np.dtype("int64"))
    yield Sample(np.array([0.25, 0.0]), np.dtype("bool"))


@samples("permute", **STEP)
def permute(rng):
    x = rng.standard_normal((2, 3, 2))
    for dims in [(0, 1, 2), (2, 0, 1), (-1, 0, -2)]:
        yield Sample(x, dims)
    yield Sample(rng.standard_normal(()), ())
    yield Sample(np.zeros((2, 0)), (1, 0))


@samples("transpose", **STEP)
def transpose(rng):
    x = rng.standard_normal((2, 3, 1))
    for dims in [(0, 1), (-1, 0), (1, 1)]:
        yield Sample(x, *dims)
    yield Sample(rng.standard_normal(()), 0, -1)


@samples("swapaxes", **STEP)
def swapaxes(rng):
    yield Sample(rng.standard_normal((2, 3)), 0, -1)


@samples("t", **STEP)
def t(rng):
    for shape in [(2, 3), (3,), ()]:
        yield Sample(rng.standard_normal(shape))


@samples("adjoint", **STEP)
def adjoint(rng):
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((2, 1, 2)))


@samples("movedim", **STEP)
def movedim(rng):
    x = rng.standard_normal((2, 3, 1, 2))
    for source, destination in [(0, 2), (-1, 0), ((0, 1), (2, 3)), ((0, 3), (-1, 1)), ((), ())]:
        yield Sample(x, source, destination)
    yield Sample(rng.standard_normal(()), 0, 0)
