"""Shapes and axes: views that stay views, in-place writes through them, and wrong calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad as mg
from minigrad import inplace, ops

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def leaf(*shape):
    values = np.arange(1.0, math.prod(shape) + 1).reshape(shape)
    return mg.tensor(values).requires_grad_()


def written(cut, shape=(2, 3)):
    """The gradient of sum(w * y) where y = 2 x and its part cut(y) was multiplied by 10."""
    x = leaf(*shape)
    y = x * 2
    part = cut(y)
    part.mul_(10)
    (y * mg.tensor(np.arange(1.0, math.prod(shape) + 1).reshape(shape))).sum().backward()
    return y.detach().numpy(), x.grad.numpy()


VIEWS = {
    "reshape": lambda y: ops.reshape(y, (3, 2))[0],
    "view": lambda y: ops.view(y, (-1,))[:2],
    "flatten": lambda y: ops.flatten(y)[1:3],
    "ravel": lambda y: ops.ravel(y)[::2],
    "unflatten": lambda y: ops.unflatten(y, 1, (3, 1))[1],
    "unsqueeze": lambda y: ops.unsqueeze(y, 1)[:, 0, 2],
    "squeeze": lambda y: ops.squeeze(y[:, :1], 1),
    "squeeze of nothing": lambda y: ops.squeeze(y, 0),
    "permute": lambda y: ops.permute(y, (1, 0))[1],
    "transpose": lambda y: ops.transpose(y, 0, 1)[:, 1],
    "swapaxes": lambda y: ops.swapaxes(y, 0, 1)[2],
    "t": lambda y: ops.t(y)[0],
    "adjoint": lambda y: ops.adjoint(y)[0],
    "movedim": lambda y: ops.movedim(y, 0, 1)[0],
    "expand": lambda y: ops.expand(y, (1, 2, 3))[0, 1],
    "expand to its own shape": lambda y: ops.expand(y, (-1, 3)),
    "atleast_3d": lambda y: ops.atleast_3d(y)[0],
    "narrow": lambda y: ops.narrow(y, 1, 1, 2),
    "select": lambda y: ops.select(y, 1, -1),
    "select an element": lambda y: ops.select(y[0], 0, 1),
    "diagonal": lambda y: ops.diagonal(y),
    "getitem column": lambda y: y[:, 0],
    "getitem element": lambda y: y[1, 2],
    "getitem backwards": lambda y: y[::-1, ::2],
    "getitem none": lambda y: y[None, 1],
    "getitem 0-d tensor": lambda y: y[mg.tensor(1)],
    "view of a view": lambda y: ops.transpose(y, 0, 1)[1:][:, 0],
}


@pytest.mark.parametrize("name", VIEWS)
def test_writing_through_a_view_is_recorded_in_what_it_is_a_view_of(name):
    cut = VIEWS[name]
    mask = mg.tensor(np.zeros((2, 3), dtype=bool))
    cut(mask).array[...] = True  # through a view: this writes into the mask itself
    assert mask.numpy().any()
    factor = np.where(mask.numpy(), 10.0, 1.0)
    y, grad = written(cut)
    x = np.arange(1.0, 7).reshape(2, 3)
    np.testing.assert_array_equal(y, 2 * x * factor)
    np.testing.assert_array_equal(grad, 2 * x * factor)


@pytest.mark.parametrize("cut", [
    lambda y: ops.split(y, 2)[0], lambda y: ops.chunk(y, 2)[1], lambda y: ops.unbind(y)[0],
    lambda y: ops.tensor_split(y, 2, 1)[0],
])  # fmt: skip
def test_pieces_are_views_but_cannot_be_written_to_within_a_graph(cut):
    y = leaf(4, 3) * 2
    assert inplace.owner(cut(y).array) is inplace.owner(y.array)
    with pytest.raises(RuntimeError, match="returns several views"):
        cut(y).mul_(10)
    x = mg.zeros(4, 3)
    cut(x).add_(1)
    assert x.numpy().any()


COPIES = {
    "clone": ops.clone,
    "flip": lambda y: ops.flip(y, (0,)),
    "rot90 of nothing": lambda y: ops.rot90(y, 0),
    "roll": lambda y: ops.roll(y, 0),
    "repeat": lambda y: ops.repeat(y, (1, 1)),
    "tile": lambda y: ops.tile(y, ()),
    "diag": ops.diag,
    "tril": lambda y: ops.tril(y, 5),
    "pad": lambda y: ops.pad(y, (0, 0)),
    "cat": lambda y: ops.cat([y]),
    "stack": lambda y: ops.stack([y]),
    "index": lambda y: y[mg.tensor([0, 1])],
    "gather": lambda y: ops.gather(y, 0, mg.tensor([[0, 1, 1]])),
    "astype": lambda y: ops.astype(y, y.dtype),
    "masked_fill": lambda y: ops.masked_fill(y, mg.tensor(False), 0),
    "index_put": lambda y: ops.index_put(y, slice(0, 0), 0),
}


@pytest.mark.parametrize("name", COPIES)
def test_what_is_no_view_in_pytorch_has_memory_of_its_own(name):
    y = leaf(2, 3) * 2
    assert inplace.owner(COPIES[name](y).array) is not inplace.owner(y.array)


@pytest.mark.parametrize("name", VIEWS)
def test_an_op_never_returns_its_input_array_itself(name):
    y = leaf(2, 3) * 2
    assert VIEWS[name](y).array is not y.array


def test_view_refuses_to_copy():
    x = ops.transpose(leaf(2, 3), 0, 1)
    with pytest.raises(RuntimeError, match=r"view: .*use \.reshape"):
        ops.view(x, (6,))
    np.testing.assert_array_equal(ops.reshape(x, (6,)).detach().numpy(), [1, 4, 2, 5, 3, 6])
    assert ops.view(x, (3, 1, 2)).shape == (3, 1, 2)


def test_contiguous():
    x = leaf(2, 3)
    assert ops.contiguous(x) is x
    y = ops.contiguous(ops.t(x))
    assert y.is_contiguous()
    assert y.shape == (3, 2)


def test_astype_sends_the_gradient_back_in_the_dtype_of_the_input():
    x = mg.tensor([1.5, -2.5], requires_grad=True)
    y = ops.astype(x, np.float64)
    (y * y).sum().backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.numpy(), [3, -5])
    assert not ops.astype(x, np.int64).requires_grad


@given(SHAPES, st.randoms(use_true_random=False))
def test_reshape_keeps_elements_and_order(shape, random):
    x = np.arange(math.prod(shape)).reshape(shape)
    sizes = list(shape)
    random.shuffle(sizes)
    y = ops.reshape(mg.tensor(x), sizes)
    np.testing.assert_array_equal(y.numpy(), x.reshape(sizes))
    np.testing.assert_array_equal(ops.ravel(y).numpy(), x.ravel())


@given(st.data())
def test_permutations_of_axes_undo_each_other(data):
    shape = data.draw(SHAPES)
    order = data.draw(st.permutations(range(len(shape))))
    x = mg.tensor(np.arange(math.prod(shape)).reshape(shape))
    y = ops.permute(x, order)
    np.testing.assert_array_equal(y.numpy(), np.transpose(x.numpy(), order))
    back = ops.permute(y, [order.index(i) for i in range(len(shape))])
    np.testing.assert_array_equal(back.numpy(), x.numpy())
    if shape:
        i, j = (data.draw(st.integers(-len(shape), len(shape) - 1)) for _ in range(2))
        np.testing.assert_array_equal(ops.transpose(x, i, j).numpy(), x.numpy().swapaxes(i, j))
        np.testing.assert_array_equal(ops.movedim(x, i, j).numpy(), np.moveaxis(x.numpy(), i, j))


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
def test_the_gradient_of_expand_counts_the_repeats(shapes):
    small, shape = shapes.input_shapes[0], shapes.result_shape
    x = mg.tensor(np.ones(small)).requires_grad_()
    ops.expand(x, shape).sum().backward()
    copies = math.prod(shape) // max(math.prod(small), 1) if math.prod(small) else 0
    np.testing.assert_array_equal(x.grad.numpy(), np.full(small, copies))


x23 = np.arange(6.0).reshape(2, 3)
WRONG = [
    (lambda x: ops.reshape(x, (4, 2)), RuntimeError, r"reshape: \[2, 3\] has 6 elements"),
    (lambda x: ops.reshape(x, (-1, -1)), RuntimeError, "one size may be -1"),
    (lambda x: ops.reshape(x, (-2, 3)), RuntimeError, r"do not fill \[-2, 3\]"),
    (lambda x: ops.reshape(x[:0], (0, -1)), RuntimeError, "leaves no choice"),
    (lambda x: ops.flatten(x, 1, 0), RuntimeError, "start_dim 1 comes after end_dim 0"),
    (lambda x: ops.flatten(x, 2), IndexError, r"flatten: dim 2 is out of range .*-2 to 1"),
    (lambda x: ops.unflatten(x, 1, (2, 2)), RuntimeError, "do not multiply up to 3"),
    (lambda x: ops.unflatten(x, 1, ()), RuntimeError, "unflatten: sizes"),
    (lambda x: ops.squeeze(x, 2), IndexError, "squeeze: dim 2"),
    (lambda x: ops.squeeze(x, (0, -2)), RuntimeError, "an axis appears twice"),
    (lambda x: ops.unsqueeze(x, 3), IndexError, "unsqueeze: dim 3"),
    (lambda x: ops.permute(x, (0, 0)), RuntimeError, "permute: an axis appears twice"),
    (lambda x: ops.permute(x, (0,)), RuntimeError, "each of the 2 axes"),
    (lambda x: ops.transpose(x, 0, 2), IndexError, "transpose: dim 2"),
    (lambda x: ops.t(x[None]), RuntimeError, "t: expected at most 2 axes"),
    (lambda x: ops.adjoint(x[0]), RuntimeError, "adjoint: expected a matrix"),
    (lambda x: ops.movedim(x, (0, 1), 0), RuntimeError, "2 axes to move, but 1 places"),
    (lambda x: ops.expand(x, (3, 3)), RuntimeError, r"\[2, 3\] does not expand to \[3, 3\]"),
    (lambda x: ops.expand(x, (3,)), RuntimeError, "does not expand"),
    (lambda x: ops.expand(x, (-1, 2, 3)), RuntimeError, "does not expand"),
    (lambda x: ops.broadcast_tensors(x, x[:, :2]), RuntimeError, r"\[2, 3\] and \[2, 2\]"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
@pytest.mark.parametrize("kind", ["array", "tensor"])
def test_wrong_calls(call, error, message, kind):
    with pytest.raises(error, match=message):
        call(x23 if kind == "array" else mg.tensor(x23))
