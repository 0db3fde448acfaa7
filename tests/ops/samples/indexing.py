"""Samples of minigrad/ops/indexing.py, selection.py, scatter.py and masking.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples

# What writes into x takes x's dtype: there the complex step has no complex x to write into.
STEP = {"complex_step": True}
ROWS = np.array([2, 0, 2])
GRID = np.array([[0, 1, 0], [2, 2, 1]])
MASK = np.array([[True, False, True], [False, False, True], [True, True, False]])

INDICES = [
    1, -1, slice(None), slice(None, None, -1), slice(0, 3, 2), None, ..., (), (0, 1), (..., 0),
    (None, 1, None, slice(1)), (slice(2, 1),), ROWS, [0, 0, 1], GRID, MASK, MASK[0],
    (ROWS, ROWS), (slice(None), ROWS), (ROWS, slice(None, None, -1)), (GRID, None, 1),
    (ROWS, None, MASK[0].nonzero()[0][:1]), (slice(None), MASK[0]), (MASK[0], 1), np.array(1),
    (np.array(-1), ROWS), True, np.array(False), (ROWS[:, None], ROWS), (..., ROWS, 0), [],
]  # fmt: skip


@samples("getitem", **STEP)
def getitem(rng):
    x = rng.standard_normal((3, 3))
    for index in INDICES:
        yield Sample(x, index)
    yield Sample(rng.standard_normal((2, 2, 3)), (0, slice(None), np.array([0, 2, 0])))
    yield Sample(rng.standard_normal(()), ())
    yield Sample(rng.standard_normal(()), None)
    yield Sample(rng.standard_normal(2), 1)
    yield Sample(np.zeros((0, 3)), slice(1))


@samples("embed", **STEP)
def embed(rng):
    yield Sample(rng.standard_normal(2), (slice(None), 1), (2, 2))
    yield Sample(rng.standard_normal((3, 2)), ROWS, (3, 2))
    yield Sample(rng.standard_normal(3), (ROWS, ROWS), (3, 3))


@samples("index_put")
def index_put(rng):
    x = rng.standard_normal((3, 3))
    for index in INDICES:
        value = rng.standard_normal(x[index].shape)
        yield Sample(x, index, value)
        yield Sample(x, index, value, accumulate=True)
    yield Sample(x, 1, rng.standard_normal(()))
    yield Sample(x, ROWS, rng.standard_normal((3, 1)))
    yield Sample(x, ROWS, rng.standard_normal(3), True)
    yield Sample(x, slice(1), 2.5)
    yield Sample(x, (ROWS,), 2.5, accumulate=True)


@samples("index_select", **STEP)
def index_select(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, 0, ROWS)
    yield Sample(x, -1, ROWS[:2])
    yield Sample(x, 0, np.array(1))
    yield Sample(rng.standard_normal(()), 0, np.array([0]))
    yield Sample(x, 0, ROWS[:0])


@samples("index_add")
def index_add(rng):
    x = rng.standard_normal((3, 2))
    yield Sample(x, 0, ROWS, rng.standard_normal((3, 2)))
    yield Sample(x, -1, np.array([1]), rng.standard_normal((3, 1)), alpha=2)
    yield Sample(rng.standard_normal(()), 0, np.array(0), rng.standard_normal(()))


@samples("index_copy")
def index_copy(rng):
    x = rng.standard_normal((3, 2))
    yield Sample(x, 0, ROWS, rng.standard_normal((3, 2)))
    yield Sample(x, 1, np.array([1]), rng.standard_normal((3, 1)))


@samples("index_fill")
def index_fill(rng):
    x = rng.standard_normal((3, 2))
    yield Sample(x, 0, ROWS, 1.5)
    yield Sample(x, 1, np.array([-1]), rng.standard_normal(()))


@samples("take", **STEP)
def take(rng):
    x = rng.standard_normal((3, 2))
    yield Sample(x, np.array([[0, 5], [5, -1]]))
    yield Sample(x, np.array(2))


@samples("put")
def put(rng):
    x, index = rng.standard_normal((3, 2)), np.array([[0, 5], [-1, 1]])
    yield Sample(x, index, rng.standard_normal((2, 2)))
    yield Sample(x, index, rng.standard_normal(4), accumulate=True)


@samples("select_scatter")
def select_scatter(rng):
    yield Sample(rng.standard_normal((3, 2)), rng.standard_normal(3), 1, -1)


@samples("slice_scatter")
def slice_scatter(rng):
    yield Sample(rng.standard_normal((3, 2)), rng.standard_normal((2, 2)), 0, 0, 9, 2)
    yield Sample(rng.standard_normal((3, 2)), rng.standard_normal((3, 2)))


@samples("one_hot")
def one_hot(rng):
    yield Sample(np.array([[0, 2], [1, 0]]))
    yield Sample(np.array(1), 3)


@samples("embedding", **STEP)
def embedding(rng):
    weight = rng.standard_normal((3, 2))
    yield Sample(GRID, weight)
    yield Sample(ROWS, weight, 1)
    yield Sample(np.array([[1], [0]]), weight, -1, True)
    yield Sample(np.array(1), weight, None, True)
    yield Sample(ROWS[:0], weight)


@samples("gather", **STEP)
def gather(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, 0, GRID)
    yield Sample(x, 1, GRID)
    yield Sample(x, -1, GRID[:, :1], sparse_grad=True)
    yield Sample(rng.standard_normal(3), 0, np.array(1))
    yield Sample(rng.standard_normal(()), 0, np.array([0, 0]))
    yield Sample(x, 0, np.zeros(0, dtype=np.int64))


@samples("take_along_dim", **STEP)
def take_along_dim(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, np.array([[0, -1, 0]]), 0)
    yield Sample(x, np.array([[2]]), 1)
    yield Sample(rng.standard_normal((1, 3)), np.array([[2], [0]]), 1)
    yield Sample(x, np.array([4, -1]))


@samples("scatter")
def scatter(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, 0, GRID, rng.standard_normal((2, 3)))
    yield Sample(x, 1, GRID, rng.standard_normal((3, 4)))
    yield Sample(x, 1, GRID, 2.5)
    yield Sample(x, 1, GRID, value=2.5)
    yield Sample(x, 1, GRID, rng.standard_normal((2, 3)), reduce="add")
    yield Sample(x, 1, GRID, 2.5, reduce="multiply")
    yield Sample(rng.standard_normal(()), 0, np.array(0), rng.standard_normal(()))


@samples("scatter_add")
def scatter_add(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, 0, GRID, rng.standard_normal((2, 3)))
    yield Sample(x, -1, GRID, rng.standard_normal((3, 4)))
    yield Sample(x, 0, GRID[:0], rng.standard_normal((1, 3)))
    yield Sample(rng.standard_normal(()), 0, np.array([0, 0]), rng.standard_normal(2))


@samples("scatter_reduce", covers=["scatter_prod", "scatter_extreme"])
def scatter_reduce(rng):
    x = rng.standard_normal((3, 3))
    for reduce in ["sum", "prod", "mean", "amax", "amin"]:
        for include_self in [True, False]:
            src = rng.standard_normal((2, 3))
            yield Sample(x, 1, GRID, src, reduce, include_self=include_self)
    yield Sample(x, 0, GRID, rng.standard_normal((2, 4)), "prod")


@samples("masked_fill")
def masked_fill(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, MASK, 2)
    yield Sample(x, MASK[0], rng.standard_normal(()))
    yield Sample(rng.standard_normal(3), MASK, 7.5)
    yield Sample(rng.standard_normal(()), np.array(True), rng.standard_normal(()))


@samples("masked_select", **STEP)
def masked_select(rng):
    x = rng.standard_normal((3, 3))
    yield Sample(x, MASK)
    yield Sample(x, MASK[0])
    yield Sample(rng.standard_normal(3), MASK)
    yield Sample(rng.standard_normal(()), np.array(True))


@samples("masked_scatter")
def masked_scatter(rng):
    yield Sample(rng.standard_normal((3, 3)), MASK, rng.standard_normal(7))
    yield Sample(rng.standard_normal((2, 3)), MASK[0], rng.standard_normal((2, 3)))


@samples("argwhere")
def argwhere(rng):
    yield Sample(np.array([[0.0, 2.0], [3.0, 0.0]]))
    yield Sample(np.array(1))


@samples("nonzero")
def nonzero(rng):
    yield Sample(np.array([[0, 2], [3, 0]]))
    yield Sample(np.array([0, 2]), as_tuple=True)
    yield Sample(np.array(1), as_tuple=True)
