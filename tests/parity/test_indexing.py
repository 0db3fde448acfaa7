"""Indexing, gather, scatter and masks against PyTorch: value, dtype and gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

from tests.parity.test_shape import compare  # noqa: E402

ROWS = np.array([2, 0, 2, 1])
GRID = np.array([[0, 2, 1], [1, 0, 3]])
MASK = np.array([[True, False, True, False], [False] * 4, [True] * 4])


def convert(library: Any, index: Any) -> Any:
    """Arrays in an index as Tensors of the library."""
    if isinstance(index, tuple):
        return tuple(convert(library, i) for i in index)
    return library.tensor(index) if isinstance(index, np.ndarray) else index


INDICES = [
    1, -1, ..., None, (), (..., 0), slice(1, None), slice(0, 3, 2), (0, 1), (None, 2, ..., None),
    (slice(None), 1), slice(2, 1), ROWS, ROWS.reshape(2, 2), MASK, MASK[:, 0], (ROWS, ROWS),
    (slice(None), ROWS), (ROWS, None, slice(1, 3)), (slice(None), MASK[0]), (MASK[:, 0], 1),
    (ROWS[:, None], ROWS), (ROWS, ROWS[:1]), np.array(1), (np.array(0), ROWS), True, False,
    np.array(True), (ROWS, slice(None, None, 3)), [0, 2, 2], (slice(None), [1, 0]),
    (ROWS[:0],), (..., ROWS), (1, ROWS),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("index", INDICES, ids=str)
def test_reading(index, dtype):
    x = (np.random.default_rng(0).standard_normal((3, 4)) * 3).astype(dtype)
    compare(lambda t, x: x[convert(torch if t is not ops else mg, index)], [x])


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("scalar", [False, True])
def test_writing(index, scalar):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4))
    values = np.asarray(rng.standard_normal(() if scalar else x[index].shape))
    unique = positions_once(index)

    def write(t, x, v):
        y = x * 2
        y[convert(torch if t is not ops else mg, index)] = v
        return y

    # Where a place is written twice, PyTorch gives every value a gradient; here only the last
    # one written, which is the one that stays, has one.
    compare(write, [x, values] if unique else [x, values * 0], requires_grad=unique)


def positions_once(index):
    places = np.arange(12).reshape(3, 4)[index]
    return np.unique(places).size == np.size(places)


CALLS = {
    "index_select": lambda t, x, r, g, m: [t.index_select(x, 1, r), t.index_select(x, 0, r[1])],
    "index_add": lambda t, x, r, g, m: [t.index_add(x, 0, r, x[:1].expand(4, 4), alpha=2),
                                        t.index_add(x, -1, r[:2], x[:, 2:])],
    "index_copy": lambda t, x, r, g, m: t.index_copy(x, 1, r[1:], x[:, :3]),
    "index_fill": lambda t, x, r, g, m: [t.index_fill(x, 1, r, 2), t.index_fill(x, 0, r - 3, 2)],
    "take": lambda t, x, r, g, m: [t.take(x, g * 3), t.take(x, r - 3), t.take(x, r[0])],
    "put": lambda t, x, r, g, m: [t.put(x, r[1:] * 4 - 9, x[0, 1:]), t.put(x, r, x[0], True)],
    "gather": lambda t, x, r, g, m: [t.gather(x, 1, g), t.gather(x, -1, g[:, :1]),
                                     t.gather(x, 0, g % 3), t.gather(x[0], 0, r),
                                     t.gather(x[0], 0, r[0]), t.gather(x[0, 0], 0, r * 0),
                                     t.gather(x, 0, r[:0])],
    "take_along_dim": lambda t, x, r, g, m: [t.take_along_dim(x, g[:1, :1] + 1, 1),
                                             t.take_along_dim(x, r + 8),
                                             t.take_along_dim(x, g[:1, :1] - 2, 0)],
    # src has the index's shape: PyTorch's backward has no other
    "scatter": lambda t, x, r, g, m: [t.scatter(x, 1, g, x[:2, :3]), t.scatter(x, 1, g, 3),
                                      t.scatter(x, 1, g, value=3),
                                      t.scatter(x[0], 0, r[1:], x[1, :3]),
                                      t.scatter(x, 0, g[:0], x[:0, :3])],
    "scatter_add": lambda t, x, r, g, m: [t.scatter_add(x, 1, g, x[:2, :3]),
                                          t.scatter_add(x[0], 0, r, x[1]),
                                          t.scatter_add(x[0, 0], 0, r * 0, x[0])],
    "masked": lambda t, x, r, g, m: [t.masked_fill(x, m, 2), t.masked_fill(x[0], m, 2),
                                     t.masked_fill(x, m[0], x[0, 0]), t.masked_select(x, m),
                                     t.masked_select(x, m[0]), t.masked_select(x[0], m),
                                     t.masked_scatter(x, m, x), t.masked_scatter(x, m[0], x)],
    "slices": lambda t, x, r, g, m: [t.select_scatter(x, x[0], 0, -1),
                                     t.slice_scatter(x, x[:2], 0, 0, 9, 2),
                                     t.slice_scatter(x, x[:, 1:], 1, -3)],
    "nonzero": lambda t, x, r, g, m: [t.nonzero(x), t.nonzero(x, as_tuple=True), t.argwhere(m),
                                      t.nonzero(x[0, 0]), t.nonzero(x[0, 0], as_tuple=True)],
    "one_hot": lambda t, x, r, g, m: [t.one_hot(r), t.one_hot(g, 6), t.one_hot(r[0])],
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("name", CALLS)
def test_same_value_dtype_and_gradient(name, dtype):
    x = (np.random.default_rng(0).standard_normal((3, 4)) * 3).astype(dtype)
    compare(CALLS[name], [x, ROWS, GRID, MASK])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
def test_scatter_reduce(reduce, include_self, dtype):
    rng = np.random.default_rng(0)
    x, src = ((rng.standard_normal((3, 4)) * 9).astype(dtype) for _ in range(2))
    index = rng.integers(0, 3, (3, 4))
    index[:, 0] = 1  # three of them at one place

    def call(t, x, index, src):
        return t.scatter_reduce(x, 0, index, src, reduce, include_self=include_self)

    compare(call, [x, index, src])
    if reduce == "prod" and dtype != "int64":
        src[0, 0] = 0
        compare(call, [x, index, src])
        src[1, 0] = 0
        compare(call, [x, index, src])
    if reduce in ("amax", "amin") and include_self:
        compare(call, [np.round(x), index, np.round(src) * 0 + np.round(x)[1]])


@pytest.mark.parametrize("padding_idx", [None, 2, -1])
@pytest.mark.parametrize("scale_grad_by_freq", [False, True])
def test_embedding(padding_idx, scale_grad_by_freq):
    weight = np.random.default_rng(0).standard_normal((5, 3))
    index = np.array([[2, 4, 2], [0, 2, 4]])

    def call(t, weight, index):
        f = ops.embedding if t is ops else torch.nn.functional.embedding
        return f(index, weight, padding_idx=padding_idx, scale_grad_by_freq=scale_grad_by_freq)

    compare(call, [weight, index])


def test_index_put():
    x, v = np.zeros((3, 4)), np.arange(4.0)

    def call(t, x, v, rows):
        return [
            t.index_put(x, (rows, rows), v, accumulate=True),
            t.index_put(x, (rows[:2],), v),
            t.index_put(x, (rows,), v[:1], True),
        ]

    compare(call, [x, v, ROWS])
