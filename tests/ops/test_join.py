"""Joining and cutting: dtypes, odd sizes, and wrong calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops


def test_cat_promotes_dtypes_and_skips_empty_vectors():
    mixed = ops.cat([mg.tensor([1]), mg.tensor([0.5])])
    assert mixed.dtype == np.float32
    assert ops.cat([mg.tensor([True]), mg.tensor([2])]).tolist() == [1, 2]
    x = mg.ones(2, 3, requires_grad=True)
    y = ops.cat([mg.tensor([]), x])
    assert y.shape == (2, 3)
    y.sum().backward()
    assert x.grad.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_the_same_tensor_twice_gets_both_gradients():
    x = mg.tensor([1.0, 2.0], requires_grad=True)
    (ops.cat([x, x]) * mg.tensor([1.0, 2.0, 10.0, 20.0])).sum().backward()
    assert x.grad.tolist() == [11, 22]
    x.grad = None
    (ops.stack([x, x], 1) * mg.tensor([[1.0, 10.0], [2.0, 20.0]])).sum().backward()
    assert x.grad.tolist() == [11, 22]


@given(st.data())
def test_split_then_cat_is_the_identity(data):
    n = data.draw(st.integers(0, 7))
    dim = data.draw(st.integers(-2, 1))
    shape = [2, 2]
    shape[dim] = n
    x = mg.tensor(np.arange(2.0 * n).reshape(shape)).requires_grad_()
    how = data.draw(st.sampled_from(["size", "sizes", "chunk", "sections", "unbind"]))
    if how == "size":
        pieces = ops.split(x, data.draw(st.integers(1, 8)), dim)
    elif how == "sizes":
        cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=3)))
        pieces = ops.split(x, np.diff([0, *cuts, n]).tolist(), dim)
    elif how == "chunk":
        pieces = ops.chunk(x, data.draw(st.integers(1, 8)), dim)
    elif how == "sections":
        pieces = ops.tensor_split(x, data.draw(st.integers(1, 8)), dim)
    else:
        pieces = [ops.unsqueeze(p, dim % 2) for p in ops.unbind(x, dim)]
    if not pieces:
        assert n == 0
        return
    y = ops.cat(list(pieces), dim)
    np.testing.assert_array_equal(y.detach().numpy(), x.detach().numpy())
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * x.detach().numpy())


def test_sizes_of_the_pieces():
    def sizes(pieces):
        return [p.shape[0] for p in pieces]

    x = mg.zeros(7)
    assert sizes(ops.split(x, 3)) == [3, 3, 1]
    assert sizes(ops.chunk(x, 4)) == [2, 2, 2, 1]
    assert sizes(ops.chunk(x, 5)) == [2, 2, 2, 1]  # fewer than asked for, as in PyTorch
    assert sizes(ops.tensor_split(x, 4)) == [2, 2, 2, 1]
    assert sizes(ops.tensor_split(x, (2, 5))) == [2, 3, 2]
    assert sizes(ops.tensor_split(x, indices=(2, 5))) == [2, 3, 2]
    assert sizes(ops.tensor_split(x, sections=4)) == [2, 2, 2, 1]
    assert sizes(ops.tensor_split(x, (5, 2))) == [5, 0, 5]
    assert sizes(ops.chunk(x[:0], 3)) == [0, 0, 0]
    assert sizes(ops.split(x[:0], 3)) == [0]
    assert ops.unbind(mg.zeros(0, 3, requires_grad=True)) == ()


def test_overlapping_pieces_add_their_gradients():
    x = mg.ones(4, requires_grad=True)
    a, b, c = ops.tensor_split(x, (3, 1))
    (a.sum() + 10 * c.sum() + b.sum()).backward()
    assert x.grad.tolist() == [1, 11, 11, 10]


def test_meshgrid_and_products():
    i, j = ops.meshgrid(mg.arange(2), mg.arange(3))
    assert i.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert j.tolist() == [[0, 1, 2], [0, 1, 2]]
    i, j = ops.meshgrid(mg.arange(2), mg.arange(3), indexing="xy")
    assert i.tolist() == [[0, 1], [0, 1], [0, 1]]
    assert ops.cartesian_prod(mg.arange(2), mg.arange(2)).tolist() == [
        [0, 0], [0, 1], [1, 0], [1, 1],
    ]  # fmt: skip
    assert ops.combinations(mg.tensor([7, 8, 9])).tolist() == [[7, 8], [7, 9], [8, 9]]
    assert ops.combinations(mg.tensor([7]), 2).shape == (0, 2)
    assert ops.combinations(mg.tensor([7]), 0).shape == (0,)
    assert ops.block_diag(mg.tensor([[1, 2]]), mg.tensor(3)).tolist() == [[1, 2, 0], [0, 0, 3]]


x = mg.zeros(2, 3)
WRONG = [
    (lambda: ops.cat([]), ValueError, "cat: expected at least one tensor"),
    (lambda: ops.cat([x, [1.0]]), TypeError, r"cat: expected tensors, but element 1 is \[1.0\]"),
    (lambda: ops.cat([x, x[0]]), RuntimeError, r"\[2, 3\] and, as tensor 1, \[3\]"),
    (lambda: ops.cat([x, x[:, :2]]), RuntimeError, r"agree except along axis 0.*\[2, 2\]"),
    (lambda: ops.cat([x[0, 0]]), RuntimeError, "cat: tensor 0 is 0-d"),
    (lambda: ops.cat([x], 2), IndexError, "cat: dim 2 is out of range"),
    (lambda: ops.stack([x, x[0]]), RuntimeError, r"stack: all tensors must have one shape"),
    (lambda: ops.stack([x], 3), IndexError, "stack: dim 3"),
    (lambda: ops.split(x, 0), RuntimeError, "split: split_size must be > 0, got 0"),
    (lambda: ops.split(x, [1, 2]), RuntimeError, r"sum to 2, the size of axis 0, got \[1, 2\]"),
    (lambda: ops.split(x, [-1, 3]), RuntimeError, "sizes must be >= 0"),
    (lambda: ops.split(x[0, 0], 1), RuntimeError, "split: .*0-d"),
    (lambda: ops.chunk(x, 0), RuntimeError, "chunk: chunks must be > 0"),
    (lambda: ops.tensor_split(x, 0), RuntimeError, "sections must be > 0"),
    (lambda: ops.tensor_split(x), TypeError, "indices, or a number of sections; got 0"),
    (lambda: ops.tensor_split(x, 2, sections=2), TypeError, "sections; got 2 of them"),
    (lambda: ops.hsplit(x, 2), RuntimeError, "hsplit: axis 1 of size 3 does not divide"),
    (lambda: ops.vsplit(x[0], 1), RuntimeError, "vsplit: expected at least 2 axes"),
    (lambda: ops.dsplit(x, 1), RuntimeError, "dsplit: expected at least 3 axes"),
    (lambda: ops.unbind(x[0, 0]), IndexError, "unbind: there is no axis 0"),
    (lambda: ops.select(x, 0, 2), IndexError, "index 2 is out of bounds for axis 0 with size 2"),
    (lambda: ops.narrow(x, 0, 1, 2), RuntimeError, "start 1 and length 2 do not fit"),
    (lambda: ops.narrow(x, 0, 5, 0), IndexError, "start 5 is out of bounds for axis 0"),
    (lambda: ops.meshgrid(x), RuntimeError, "meshgrid: expected vectors, but tensor 0"),
    (lambda: ops.meshgrid(x[0], x[0].double()), RuntimeError, "float32 and float64"),
    (lambda: ops.meshgrid(x[0], indexing="z"), RuntimeError, 'must be "ij" or "xy"'),
    (lambda: ops.combinations(x), RuntimeError, "combinations: expected a vector"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
