"""Samples of minigrad/ops/join.py and minigrad/ops/split.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples

STEP = {"complex_step": True}


@samples("cat", covers=["joined"], **STEP)
def cat(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 1))
    yield Sample([x, y], 1)
    yield Sample((x, y, x), -1)
    yield Sample([x, rng.standard_normal((1, 3)), np.zeros((0, 3))])
    yield Sample([x])
    yield Sample([np.array([1, 2]), rng.standard_normal(2)])


@samples("concatenate", **STEP)
def concatenate(rng):
    yield Sample([rng.standard_normal((1, 2)), rng.standard_normal((2, 2))], axis=0)


@samples("stack", covers=["stacked"], **STEP)
def stack(rng):
    x, y = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    for dim in [0, 1, 2, -1, -3]:
        yield Sample([x, y], dim)
    yield Sample([rng.standard_normal(()), rng.standard_normal(())])
    yield Sample([np.zeros((0, 2)), np.zeros((0, 2))], 1)


@samples("hstack", **STEP)
def hstack(rng):
    yield Sample([rng.standard_normal(2), rng.standard_normal(()), rng.standard_normal(1)])
    yield Sample([rng.standard_normal((2, 1)), rng.standard_normal((2, 3))])


@samples("vstack", **STEP)
def vstack(rng):
    yield Sample([rng.standard_normal(2), rng.standard_normal((3, 2))])


@samples("dstack", **STEP)
def dstack(rng):
    yield Sample([rng.standard_normal(2), rng.standard_normal((1, 2)),
                  rng.standard_normal((1, 2, 2))])  # fmt: skip


@samples("column_stack", **STEP)
def column_stack(rng):
    yield Sample([rng.standard_normal(2), rng.standard_normal((2, 2))])
    yield Sample([rng.standard_normal(()), rng.standard_normal(())])


@samples("block_diag", **STEP)
def block_diag(rng):
    yield Sample(rng.standard_normal((2, 1)), rng.standard_normal(2), rng.standard_normal(()))


@samples("meshgrid")
def meshgrid(rng):
    x, y, z = rng.standard_normal(2), rng.standard_normal(3), rng.standard_normal(())
    yield Sample(x, y, z)
    yield Sample([x, y], indexing="xy")
    yield Sample(x, np.zeros(0), indexing="ij")


@samples("cartesian_prod")
def cartesian_prod(rng):
    yield Sample(rng.standard_normal(2), rng.standard_normal(3))
    yield Sample(rng.standard_normal(2))


@samples("combinations", **STEP)
def combinations(rng):
    yield Sample(rng.standard_normal(3))
    yield Sample(rng.standard_normal(3), 2, True)
    yield Sample(rng.standard_normal(2), 3)


@samples("split", **STEP)
def split(rng):
    x = rng.standard_normal((5, 2))
    yield Sample(x, 2)
    yield Sample(x, [1, 0, 4])
    yield Sample(x, 1, dim=-1)
    yield Sample(np.zeros((0, 2)), 3)


@samples("split_with_sizes", **STEP)
def split_with_sizes(rng):
    yield Sample(rng.standard_normal((3, 2)), (1, 2))


@samples("chunk", **STEP)
def chunk(rng):
    yield Sample(rng.standard_normal((5, 2)), 3)
    yield Sample(rng.standard_normal((2, 3)), 5, -1)
    yield Sample(np.zeros((0, 2)), 2)


@samples("tensor_split", **STEP)
def tensor_split(rng):
    x = rng.standard_normal((5, 2))
    yield Sample(x, 3)
    yield Sample(x, (1, -1))
    yield Sample(x, [3, 1])
    yield Sample(x, [1], -1)
    yield Sample(x, np.array([1, 4]))


@samples("hsplit", **STEP)
def hsplit(rng):
    yield Sample(rng.standard_normal((2, 4)), 2)
    yield Sample(rng.standard_normal(3), [1])


@samples("vsplit", **STEP)
def vsplit(rng):
    yield Sample(rng.standard_normal((4, 1)), 2)


@samples("dsplit", **STEP)
def dsplit(rng):
    yield Sample(rng.standard_normal((1, 2, 4)), [1, 3])


@samples("unbind", **STEP)
def unbind(rng):
    x = rng.standard_normal((2, 3))
    yield Sample(x)
    yield Sample(x, -1)
    yield Sample(rng.standard_normal(2))
    yield Sample(np.zeros((2, 0)))
    yield Sample(np.zeros((0, 2)))


@samples("select", **STEP)
def select(rng):
    x = rng.standard_normal((2, 3))
    yield Sample(x, 0, 1)
    yield Sample(x, -1, -1)
    yield Sample(rng.standard_normal(2), 0, 0)


@samples("narrow", **STEP)
def narrow(rng):
    x = rng.standard_normal((4, 2))
    yield Sample(x, 0, 1, 2)
    yield Sample(x, -1, -1, 1)
    yield Sample(x, 0, 4, 0)
