"""Indexing of every NumPy kind: which elements, with which gradient, and wrong calls.

The oracle is enumeration: indexing an array of places (0, 1, 2, ...) tells which element of x
every element of the result is. Gradients follow by counting.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import ops

SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)


@st.composite
def indexed(draw):
    """A shape and an index into it: basic, integer arrays, masks, or a mixture."""
    shape = draw(SHAPES)
    kind = draw(st.sampled_from(["basic", "arrays", "mask", "mixed"]))
    if kind == "basic":
        index = draw(hnp.basic_indices(shape, allow_newaxis=True, max_dims=5))
    elif kind == "arrays":
        index = draw(hnp.integer_array_indices(shape))
    elif kind == "mask":
        index = draw(hnp.arrays(bool, shape[: draw(st.integers(0, len(shape)))]))
    else:
        places = st.lists(st.integers(-1, 0), min_size=2, max_size=2)  # every axis has these
        parts = [
            draw(
                st.one_of(
                    st.just(slice(None)),
                    st.slices(n),
                    st.integers(-1, 0),  # as None moves the others to other axes
                    places,
                    places.map(np.array),
                    st.none(),
                )
            )
            for n in shape
        ]
        index = tuple(parts)
    return shape, index


def positions(shape, index):
    return np.arange(math.prod(shape)).reshape(shape)[index]


@given(indexed(), st.integers(0, 2**32 - 1))
def test_getitem_by_enumeration(case, seed):
    shape, index = case
    rng = np.random.default_rng(seed)
    x, where = rng.standard_normal(shape), positions(shape, index)
    t = mg.tensor(x).requires_grad_()
    y = t[index]
    np.testing.assert_array_equal(y.detach().numpy(), x[index])
    g = rng.standard_normal(where.shape)
    y.backward(mg.tensor(g))
    expected = np.zeros(x.size)
    for place, value in zip(where.ravel(), g.ravel(), strict=True):
        expected[place] += value
    np.testing.assert_allclose(t.grad.numpy(), expected.reshape(shape), rtol=1e-12, atol=1e-14)


@given(indexed(), st.integers(0, 2**32 - 1), st.booleans())
def test_setitem_by_enumeration(case, seed, one_value):
    shape, index = case
    rng = np.random.default_rng(seed)
    x, where = rng.standard_normal(shape), positions(shape, index)
    values = rng.standard_normal(() if one_value else where.shape)
    t, v = mg.tensor(x).requires_grad_(), mg.tensor(values).requires_grad_()
    y = t * 1
    y[index] = v
    g = rng.standard_normal(shape)
    y.backward(mg.tensor(g))

    expected, g_x = x.ravel().copy(), g.ravel().copy()
    # place: which of the values was written there last
    writer = {place: n for n, place in enumerate(where.ravel())}
    spread = np.broadcast_to(values, where.shape).ravel()
    g_values = np.zeros(where.size)
    for place, n in writer.items():
        expected[place], g_x[place] = spread[n], 0
        g_values[n] = g.ravel()[place]
    g_values = g_values.sum() if one_value else g_values.reshape(where.shape)
    np.testing.assert_array_equal(y.detach().numpy(), expected.reshape(shape))
    np.testing.assert_allclose(t.grad.numpy(), g_x.reshape(shape))
    np.testing.assert_allclose(v.grad.numpy(), g_values, atol=1e-14)


@given(indexed(), st.integers(0, 2**32 - 1))
def test_accumulating_by_enumeration(case, seed):
    shape, index = case
    rng = np.random.default_rng(seed)
    x, where = rng.standard_normal(shape), positions(shape, index)
    values, g = rng.standard_normal(where.shape), rng.standard_normal(shape)
    t, v = mg.tensor(x).requires_grad_(), mg.tensor(values).requires_grad_()
    y = ops.index_put(t, index, v, accumulate=True)
    expected = x.ravel().copy()
    for place, value in zip(where.ravel(), values.ravel(), strict=True):
        expected[place] += value
    np.testing.assert_allclose(y.detach().numpy(), expected.reshape(shape))
    y.backward(mg.tensor(g))
    np.testing.assert_array_equal(t.grad.numpy(), g)
    np.testing.assert_array_equal(v.grad.numpy(), g[index])


@given(hnp.basic_indices((3, 2, 4), allow_newaxis=True, max_dims=6))
def test_what_numpy_reads_as_a_view_is_one(index):
    t = mg.zeros(3, 2, 4)
    part = t[index]
    assert np.shares_memory(part.array, t.array) or not part.numel()
    assert not np.shares_memory(t[np.array([0])].array, t.array)


def test_tensors_as_indices():
    x = mg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = x[mg.tensor([0, 0, 1]), mg.tensor([1, 1, 0])]
    assert y.tolist() == [2, 2, 3]
    y.sum().backward()
    assert x.grad.tolist() == [[0, 2], [1, 0]]
    assert x[x > 1.5].tolist() == [2, 3, 4]
    assert x[mg.tensor(1)].tolist() == [3, 4]
    with pytest.raises(IndexError, match="must be integer or boolean, got float32"):
        x[mg.tensor([0.0])]


def test_many_rows_at_once():
    """The gradient of an embedding: rows read any number of times, negative places too."""
    rng = np.random.default_rng(0)
    index = rng.integers(-50, 50, (40, 30))
    w = mg.tensor(rng.standard_normal((50, 3, 2))).requires_grad_()
    g = rng.standard_normal((40, 30, 3, 2))
    w[index].backward(mg.tensor(g))
    expected = np.zeros((50, 3, 2))
    np.add.at(expected, index, g)
    np.testing.assert_allclose(w.grad.numpy(), expected)


def test_small_integers_as_indices():
    """Places in memory are larger numbers than int8 holds, even where the index is not."""
    w = mg.zeros(100, 30, requires_grad=True)
    index = mg.tensor([99, 99, 3], dtype=mg.int8)
    for y in (w[index], ops.index_select(w, 0, index), ops.embedding(index, w)):
        w.grad = None
        y.sum().backward()
        assert w.grad.sum(1).tolist() == [0] * 3 + [30] + [0] * 95 + [60]
    last = ops.take_along_dim(mg.arange(200), mg.tensor([-1], dtype=mg.int8), 0)
    assert last.tolist() == [199]


# ---------------------------------------------------------------------------- selection


def test_embedding():
    w = mg.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    index = mg.tensor([[0, 2], [2, 1]])
    assert ops.embedding(index, w).tolist() == [[[1, 2], [5, 6]], [[5, 6], [3, 4]]]
    ops.embedding(index, w).sum().backward()
    assert w.grad.tolist() == [[1, 1], [1, 1], [2, 2]]
    w.grad = None
    ops.embedding(index, w, padding_idx=-1).sum().backward()
    assert w.grad.tolist() == [[1, 1], [1, 1], [0, 0]]
    w.grad = None
    ops.embedding(index, w, scale_grad_by_freq=True).sum().backward()
    assert w.grad.tolist() == [[1, 1], [1, 1], [1, 1]]


def test_one_hot():
    assert ops.one_hot(mg.tensor([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert ops.one_hot(mg.tensor(1), 4).tolist() == [0, 1, 0, 0]
    assert ops.one_hot(mg.tensor([], dtype=mg.int64), 2).shape == (0, 2)
    assert ops.one_hot(mg.tensor([1])).dtype == np.int64


def test_places_along_an_axis():
    x = mg.tensor([[1, 2, 3], [4, 5, 6]])
    assert ops.index_select(x, 1, mg.tensor([2, 0, 2])).tolist() == [[3, 1, 3], [6, 4, 6]]
    assert ops.take(x, mg.tensor([[5, -6]])).tolist() == [[6, 1]]
    assert ops.index_fill(x, 1, mg.tensor([-1]), 0).tolist() == [[1, 2, 0], [4, 5, 0]]
    add = ops.index_add(x, 0, mg.tensor([1, 1]), x, alpha=10)
    assert add.tolist() == [[1, 2, 3], [54, 75, 96]]
    copy = ops.index_copy(x, 0, mg.tensor([1, 0]), x)
    assert copy.tolist() == [[4, 5, 6], [1, 2, 3]]
    assert ops.put(x, mg.tensor([0, -1]), mg.tensor([7, 8])).tolist() == [[7, 2, 3], [4, 5, 8]]
    assert ops.select_scatter(x, mg.tensor([8, 9]), 1, 0).tolist() == [[8, 2, 3], [9, 5, 6]]
    y = ops.slice_scatter(x, mg.tensor([[0, 0, 0]]), 0, 1)
    assert y.tolist() == [[1, 2, 3], [0, 0, 0]]


# ---------------------------------------------------------------------------- gather, scatter


@given(st.data())
def test_gather_and_scatter_add_by_enumeration(data):
    shape = data.draw(SHAPES)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = tuple(data.draw(st.integers(0, n)) for n in shape)
    index = data.draw(hnp.arrays(np.int64, sizes, elements=st.integers(0, shape[dim] - 1)))
    x = np.arange(1.0, math.prod(shape) + 1).reshape(shape)
    src = np.arange(1.0, math.prod(sizes) + 1).reshape(sizes)
    gathered, added = np.zeros(sizes), x.copy()
    for at in np.ndindex(sizes):
        to = list(at)
        to[dim] = index[at]
        gathered[at] = x[tuple(to)]
        added[tuple(to)] += src[at]
    t, s = mg.tensor(x), mg.tensor(src)
    np.testing.assert_array_equal(ops.gather(t, dim, mg.tensor(index)).numpy(), gathered)
    np.testing.assert_array_equal(ops.scatter_add(t, dim, mg.tensor(index), s).numpy(), added)
    by_name = ops.scatter_reduce(t, dim, mg.tensor(index), s, "sum")
    np.testing.assert_array_equal(by_name.numpy(), added)


@pytest.mark.parametrize(
    ("reduce", "include_self", "expected"),
    [
        ("sum", True, [8, -2, 3]), ("sum", False, [3, -4, 3]), ("prod", True, [10, -8, 3]),
        ("prod", False, [2, -4, 3]), ("mean", True, [2, -1, 3]), ("mean", False, [1, -4, 3]),
        ("amax", True, [5, 2, 3]), ("amax", False, [2, -4, 3]), ("amin", True, [1, -4, 3]),
        ("amin", False, [1, -4, 3]),
    ],
)  # fmt: skip
def test_scatter_reduce_worked_by_hand(reduce, include_self, expected):
    x, index, src = mg.tensor([5, 2, 3]), mg.tensor([0, 0, 1]), mg.tensor([1, 2, -4])
    got = ops.scatter_reduce(x, 0, index, src, reduce, include_self=include_self)
    assert got.tolist() == expected


def test_scatter_reduce_shares_the_gradient_among_ties():
    x = mg.tensor([2.0, 1.0], requires_grad=True)
    src = mg.tensor([2.0, 2.0, 0.0], requires_grad=True)
    ops.scatter_reduce(x, 0, mg.tensor([0, 0, 1]), src, "amax").sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1 / 3, 1])
    np.testing.assert_allclose(src.grad.numpy(), [1 / 3, 1 / 3, 0])
    x.grad = src.grad = None
    y = ops.scatter_reduce(x, 0, mg.tensor([0, 0, 1]), src, "amax", include_self=False)
    y.sum().backward()
    assert x.grad.tolist() == [0, 0]  # it took no part, equal or not
    assert src.grad.tolist() == [0.5, 0.5, 1]


@pytest.mark.parametrize("zeros", [1, 2])
def test_the_gradient_of_a_product_with_zeros(zeros):
    x = mg.tensor([3.0], requires_grad=True)
    src = mg.tensor([0.0, 2.0] if zeros == 1 else [0.0, 0.0], requires_grad=True)
    ops.scatter_reduce(x, 0, mg.tensor([0, 0]), src, "prod").sum().backward()
    assert x.grad.tolist() == [0]
    assert src.grad.tolist() == ([6, 0] if zeros == 1 else [0, 0])


def test_scatter_amax_propagates_nan():
    y = ops.scatter_reduce(mg.tensor([1.0]), 0, mg.tensor([0, 0]), mg.tensor([np.nan, 2.0]), "amax")
    assert np.isnan(y.numpy()).all()


def test_scatter_reduces_and_fills():
    x, index = mg.ones(2, 3), mg.tensor([[0, 0]])
    assert ops.scatter(x, 0, index, 5.0).tolist() == [[5, 5, 1], [1, 1, 1]]
    assert ops.scatter(x, 0, index, 5.0, reduce="add").tolist() == [[6, 6, 1], [1, 1, 1]]
    y = ops.scatter(x, 0, index, mg.full((1, 2), 3.0), reduce="multiply")
    assert y.tolist() == [[3, 3, 1], [1, 1, 1]]


# ---------------------------------------------------------------------------- masks


def test_masks():
    x = mg.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    mask = mg.tensor([True, False])
    assert ops.masked_select(x, mask).tolist() == [1, 3]
    value = mg.tensor(9.0, requires_grad=True)
    y = ops.masked_fill(x, mask, value)
    assert y.tolist() == [[9, 2], [9, 4]]
    y.sum().backward()
    assert value.grad.item() == 2
    assert x.grad.tolist() == [[0, 1], [0, 1]]
    z = ops.masked_scatter(x, mask, mg.tensor([7.0, 8.0, 9.0]))
    assert z.tolist() == [[7, 2], [8, 4]]


def test_masked_fill_keeps_nan_and_infinity_out_of_the_gradient():
    x = mg.tensor([1.0, np.inf], requires_grad=True)
    y = ops.masked_fill(x, mg.tensor([False, True]), -np.inf)
    y.backward(mg.tensor([1.0, np.nan]))
    assert x.grad.tolist() == [1, 0]
    assert ops.masked_fill(mg.tensor([1, 2]), mg.tensor([True, False]), 1.7).tolist() == [1, 2]


def test_nonzero():
    x = mg.tensor([[0, 5], [7, 0]])
    assert ops.nonzero(x).tolist() == [[0, 1], [1, 0]]
    rows, columns = ops.nonzero(x, as_tuple=True)
    assert x[rows, columns].tolist() == [5, 7]
    assert ops.nonzero(mg.tensor(3)).shape == (1, 0)
    assert ops.nonzero(mg.tensor(3), as_tuple=True)[0].tolist() == [0]


# ---------------------------------------------------------------------------- wrong calls

x = mg.zeros(2, 3)
one = mg.tensor([[0]])
WRONG = [
    (lambda: x[2], IndexError, "getitem: index 2 is out of bounds for axis 0 with size 2"),
    (lambda: x[0, -4], IndexError, "getitem: index -4 is out of bounds for axis 1 with size 3"),
    (lambda: x[mg.tensor([0, 5])], IndexError, "getitem: index 5 is out of bounds for axis 0"),
    (lambda: x[0, 0, 0], IndexError, "getitem: too many indices"),
    (lambda: x[mg.tensor([True])], IndexError, "getitem: boolean index did not match"),
    (lambda: x[mg.tensor([0, 1]), mg.tensor([0, 1, 2])], IndexError,
     r"getitem: .* must broadcast, got shapes \[2\] and \[3\]"),
    (lambda: ops.index_put(x, 5, 1.0), IndexError, "index_put: index 5 is out of bounds"),
    (lambda: ops.index_put(x, 0, mg.zeros(2)), RuntimeError,
     r"index_put: values of shape \[2\] do not broadcast to \[3\]"),
    (lambda: ops.index_select(x, 0, mg.tensor([-1])), IndexError,
     "index_select: index -1 is out of bounds for axis 0 with size 2"),
    (lambda: ops.index_select(x, 0, mg.tensor([0.0])), IndexError, "expected a vector of int"),
    (lambda: ops.index_add(x, 0, mg.tensor([0]), mg.zeros(2)), RuntimeError,
     r"index_add: expected a source of shape \[1, 3\]"),
    (lambda: ops.index_add(x, 0, mg.tensor([0]), mg.zeros(1, 3).double()), RuntimeError,
     "index_add: the source has dtype float64, the tensor float32"),
    (lambda: ops.index_fill(x, 0, mg.tensor([0]), x), RuntimeError, "index_fill: .*0-d value"),
    (lambda: ops.take(x, mg.tensor([6])), IndexError, "index 6 is out of bounds .* size 6"),
    (lambda: ops.put(x, mg.tensor([0]), x), IndexError, "put: index and source must have"),
    (lambda: ops.select_scatter(x, x, 0, 0), RuntimeError, r"expected src of shape \[3\]"),
    (lambda: ops.select_scatter(x, x[0], 0, 2), IndexError, "index 2 is out of bounds"),
    (lambda: ops.slice_scatter(x, x[0], 0, 1), RuntimeError, r"expected src of shape \[1, 3\]"),
    (lambda: ops.gather(x, 0, mg.tensor([0])), RuntimeError, "gather: the index must have as many"),
    (lambda: ops.gather(x, 0, mg.tensor([[0] * 4])), RuntimeError, "no larger sizes"),
    (lambda: ops.gather(x, 1, one + 3), IndexError,
     "gather: index 3 is out of bounds for axis 1 with size 3"),
    (lambda: ops.gather(x, 1, one - 1), IndexError, "gather: index -1 is out of bounds"),
    (lambda: ops.gather(x, 1, one.float()), RuntimeError, "gather: expected integers as index"),
    (lambda: ops.gather(x, 2, one), IndexError, "gather: dim 2 is out of range"),
    (lambda: ops.scatter(x, 0, one, x.double()), RuntimeError, "scatter: src has dtype float64"),
    (lambda: ops.scatter(x, 0, mg.tensor([[0, 0]]), mg.zeros(1, 1)), RuntimeError,
     "at least as large as the index"),
    (lambda: ops.scatter(x, 0, one, x, reduce="max"), RuntimeError, '"add" or "multiply"'),
    (lambda: ops.scatter_reduce(x, 0, one, x, "max"), RuntimeError, "sum, prod, mean, amax, amin"),
    (lambda: ops.take_along_dim(x, mg.tensor([0]), 0), RuntimeError, "tensor's 2 axes"),
    (lambda: ops.take_along_dim(x, one + 2, 0), IndexError, "take_along_dim: index 2 is out"),
    (lambda: ops.masked_fill(x, one, 0), RuntimeError, "expected a mask of booleans"),
    (lambda: ops.masked_fill(x, x > 0, x), RuntimeError, "a number or a 0-d value"),
    (lambda: ops.masked_select(x, mg.tensor([True, False])), RuntimeError, "do not broadcast"),
    (lambda: ops.masked_scatter(x, x == 0, x[0]), RuntimeError, "3 elements, the mask chooses 6"),
    (lambda: ops.one_hot(x), RuntimeError, "one_hot: expected integer"),
    (lambda: ops.one_hot(mg.tensor([-1])), RuntimeError, "numbers from -1 to -1"),
    (lambda: ops.one_hot(mg.tensor([3]), 3), RuntimeError, "from 0 to 2"),
    (lambda: ops.one_hot(mg.tensor([], dtype=mg.int64)), RuntimeError, "cannot be told"),
    (lambda: ops.embedding(mg.tensor([2]), x), IndexError,
     "embedding: index 2 is out of bounds for axis 0 with size 2"),
    (lambda: ops.embedding(x, x), RuntimeError, "embedding: expected integers"),
    (lambda: ops.embedding(one, x, 2), ValueError, "padding_idx 2 is not a row"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
