"""In-place writes: recorded where they can be, an error where a gradient would be wrong."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg


def leaf(*values):
    return mg.tensor(list(values), dtype=mg.float64, requires_grad=True)


def test_in_place_ops_are_recorded():
    x = leaf(1.0, 2.0)
    y = x * 1
    y.mul_(3).add_(x)
    y += 1
    y *= x
    assert y.tolist() == [1 * (3 + 1 + 1), 2 * (6 + 2 + 1)]
    y.sum().backward()  # d/dx x (4x + 1) = 8x + 1
    assert x.grad.tolist() == [9, 17]


def test_item_assignment_is_recorded():
    x = leaf(1.0, 2.0)
    out = mg.zeros(3, dtype=mg.float64)
    out[0] = x[0] * x[1]
    out[1:] = x * 3
    out.sum().backward()
    assert x.grad.tolist() == [5, 4]


def test_writing_through_a_view_changes_the_base_s_history():
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    y[1:].mul_(x[0] * 10)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.tolist(), [1 + 10 * 5, 10, 10])


def test_writing_through_a_view_of_a_view():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    y = (x * 1).reshape(2, 2)
    y.T[0].mul_(5)
    y[0] += 1
    assert y.tolist() == [[6, 3], [15 + 0, 4]]
    y.sum().backward()
    assert x.grad.tolist() == [5, 1, 5, 1]


def test_a_view_made_before_the_base_was_written_follows_it():
    x = leaf(1.0, 2.0)
    y = x * 1
    view = y[1:]
    y.mul_(7)
    view.sum().backward()
    assert x.grad.tolist() == [0, 7]


def test_writing_a_gradient_into_a_view_of_a_plain_tensor():
    x = leaf(3.0)
    buffer = mg.zeros(2, dtype=mg.float64)
    part = buffer[1:]
    part.copy_(x * x)
    assert buffer.requires_grad
    buffer.sum().backward()
    assert x.grad.tolist() == [6]


def test_overwriting_cuts_the_old_history():
    x = leaf(1.0)
    y = x * 2
    y.zero_()
    assert y.tolist() == [0]
    (y + x).sum().backward()
    assert x.grad.tolist() == [1]


@pytest.mark.parametrize(
    "write",
    [
        lambda y: y.mul_(2),
        lambda y: y.__setitem__(0, 5.0),
        lambda y: y[0:1].zero_(),
        lambda y: y.detach().add_(1),
        lambda y: mg.no_grad()(lambda: y.add_(1))(),
    ],
    ids=["mul_", "setitem", "through a view", "through detach", "under no_grad"],
)
def test_a_write_to_a_value_that_backward_needs_is_an_error(write):
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y * y
    write(y)
    with pytest.raises(RuntimeError, match=r"mul: .*float64\[2\].*test_inplace.py:\d+.*in place"):
        z.sum().backward()


def test_a_write_to_a_value_that_nobody_needs_is_no_error():
    x = leaf(1.0, 2.0)
    y = x * 1
    z = y + 1
    y.mul_(2)
    z.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_the_graph_of_a_gradient_checks_what_it_computes_again():
    x = leaf(2.0)
    z = (x + 1) * (x + 1)  # x + 1 is not kept; as part of a graph it is computed again
    linear = x * 3
    with mg.no_grad():
        x.add_(1)
    assert mg.autograd.grad(z, x, retain_graph=True)[0].tolist() == [6]
    with pytest.raises(RuntimeError, match=r"mul: .*test_inplace.py:\d+.*in place"):
        mg.autograd.grad(z, x, create_graph=True)
    # What no pullback needs does no harm.
    assert mg.autograd.grad(linear, x, create_graph=True)[0].tolist() == [3]


def test_the_graph_of_a_gradient_is_made_of_what_constants_were():
    x, c = leaf(2.0), mg.tensor([3.0], dtype=mg.float64)
    z = (x + c) * (x + c)  # as above
    c.zero_()
    assert mg.autograd.grad(z, x, retain_graph=True)[0].tolist() == [10]
    with pytest.raises(RuntimeError, match="in place"):
        mg.autograd.grad(z, x, create_graph=True)


def test_a_leaf_that_requires_grad_cannot_be_written():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=r"add_: .*a leaf that requires grad.*no_grad"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a view of a leaf"):
        x[0:1].add_(1)
    with pytest.raises(RuntimeError, match=r"setitem: .*leaf"):
        x[0] = 1.0
    with mg.no_grad():
        x.add_(1)
    assert x.tolist() == [2, 3]


def test_several_views_cannot_be_written_while_recording():
    x = leaf(1.0, 2.0) * 1
    a, _ = mg.split(x, 1)
    with pytest.raises(RuntimeError, match="several views"):
        a.mul_(2)


def test_the_result_must_fit():
    x = mg.ones(2)
    with pytest.raises(RuntimeError, match=r"add_: .*\[3, 2\].*\[2\]"):
        x.add_(mg.ones(3, 2))
    i = mg.tensor([1, 2])
    with pytest.raises(RuntimeError, match=r"mul_: .*float32.*int64"):
        i.mul_(1.5)
    assert i.tolist() == [1, 2]


def test_in_place_keeps_memory_and_dtype():
    x = mg.ones(2, dtype=mg.float32)
    memory = x.array
    x += mg.ones(2, dtype=mg.float64)
    assert x.array is memory
    assert x.dtype == mg.float32


def test_relu_in_place_after_a_linear_map():
    x = leaf(-1.0, 2.0)
    y = x * 3
    y.relu_()
    y.sum().backward()
    assert x.grad.tolist() == [0, 3]


# ------------------------------------------------- found by tests/parity/test_autograd.py and kin


def node(values):
    """A computed Tensor of these values, and the leaf that it was computed from."""
    x = leaf(*values)
    return x, x * 1


@pytest.mark.parametrize(
    "write",
    [lambda v: v.zero_(), lambda v: v.fill_(5), lambda v: v.copy_(mg.ones(1, dtype=mg.float64))],
    ids=["zero_", "fill_", "copy_"],
)
def test_constants_written_through_a_view_cut_the_base_s_history_there(write):
    x, y = node([1.0, 2.0, 3.0])
    write(y[1:2])
    y.sum().backward()
    assert x.grad.tolist() == [1, 0, 1]


def test_what_is_overwritten_with_constants_still_requires_grad():
    _, y = node([1.0])
    y.zero_()
    assert y.requires_grad
    assert not y.is_leaf
    y.sum().backward()


def test_views_of_what_is_overwritten_with_constants_are_cut_off_too():
    x, y = node([1.0, 2.0])
    view = y[0:1]
    y.zero_()
    (view.sum() + x[1]).backward()
    assert x.grad.tolist() == [0, 1]


def test_a_constant_multiplied_in_place_by_what_requires_grad():
    w = leaf(2.0, 3.0)
    buffer = mg.tensor([5.0, 7.0], dtype=mg.float64)
    buffer.mul_(w)
    buffer.sum().backward()
    assert w.grad.tolist() == [5, 7]


def test_a_view_knows_that_its_base_requires_grad_by_now():
    w = leaf(3.0)
    buffer = mg.zeros(2, dtype=mg.float64)
    view = buffer[0:1]
    buffer[0] = w[0]
    assert view.requires_grad
    assert not view.is_leaf
    view[0] = 4.0  # recorded: the gradient of w ends here
    (buffer.sum() + w.sum()).backward()
    assert w.grad.tolist() == [1]


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_view_of_a_view_made_by_ops_that_reshape(create_graph):
    x, y = node([1.0, 2.0])
    v = y[None].flatten()
    v.mul_(3)
    (g,) = mg.autograd.grad(y.sum() + (v * v).sum(), x, create_graph=create_graph)
    assert g.tolist() == [3 + 2 * 9 * 1, 3 + 2 * 9 * 2]


def test_a_write_through_a_view_whose_base_is_not_contiguous():
    x = mg.arange(6.0, dtype=mg.float64).reshape(2, 3).requires_grad_()
    y = (x * 1).T
    y[1].reshape(-1).zero_()
    y.sum().backward()
    assert x.grad.tolist() == [[1, 0, 1], [1, 0, 1]]


def test_the_gradient_with_respect_to_a_base_goes_through_its_views():
    _, y = node([1.0, 2.0])
    v = y[0:1]
    v.mul_(3)
    assert mg.autograd.grad((v * v).sum(), y)[0].tolist() == [6, 0]  # y after the write


def test_a_view_made_under_no_grad_belongs_to_no_graph():
    _, y = node([1.0, 2.0])
    with mg.no_grad():
        view, other = y[0:1], y[1:2]
        view.mul_(2)  # as it is meant
    assert y.tolist() == [2, 2]
    with pytest.raises(RuntimeError, match=r"mul_: .*view that was made under no_grad"):
        view.mul_(2)
    with pytest.raises(RuntimeError, match=r"setitem: .*view that was made under no_grad"):
        view[0] = 5.0
    y.add_(1)
    with pytest.raises(RuntimeError, match="getitem: this view was made under no_grad"):
        other * 2


def test_expanded_memory_is_not_written_to():
    _, y = node([1.0])
    with pytest.raises(RuntimeError, match=r"add_: several elements .*float64\[3\].*clone"):
        y.expand(3).add_(1)
    read_only = np.ones(2)
    read_only.flags.writeable = False
    with pytest.raises(RuntimeError, match=r"add_: the memory .*float64\[2\].*read-only"):
        mg.from_numpy(read_only).add_(1)
    y[:0].expand(0).add_(1)  # nothing lies there


def test_the_graph_of_a_gradient_of_what_was_written_under_no_grad():
    x = leaf(0.5)
    y = x + 1
    with mg.no_grad():
        y.mul_(2)
    z = y * y  # 2 (x + 1), whose gradient was said to be 1
    del y
    (first,) = mg.autograd.grad(z, x, retain_graph=True)
    (graph,) = mg.autograd.grad(z, x, create_graph=True)
    assert first.tolist() == graph.tolist() == [6]
    assert mg.autograd.grad(graph, x)[0].tolist() == [2]


def test_the_graph_of_a_gradient_of_a_constant_that_was_written_to():
    x = leaf(2.0)
    buffer = mg.zeros(2, dtype=mg.float64)
    buffer[0:1].copy_(x)
    middle = buffer.clone()
    square = middle * middle
    del middle  # as part of a graph it is computed again
    buffer[1:].copy_(x * x)
    loss = (square + buffer * buffer).sum()  # x^2 + x^2 + x^4
    (g,) = mg.autograd.grad(loss, x, create_graph=True)
    assert g.tolist() == [4 * 2 + 4 * 8]
    assert mg.autograd.grad(g, x)[0].tolist() == [4 + 12 * 4]


def test_an_op_that_returns_its_argument_returns_a_view_of_it():
    @mg.op
    def same(x):
        return x, lambda g: g

    x, y = node([1.0, 2.0])
    z = same(y)
    assert z is not y
    z.mul_(3)
    assert y.tolist() == [3, 6]
    y.sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_what_a_pullback_holds_is_found_wherever_it_holds_it():
    import functools

    class Saved:
        def __init__(self, x):
            self.x = x

        def pullback(self, g):
            return g * self.x

        def saved_arrays(self):
            return [self.x]

    @mg.op
    def by_partial(x):
        return x * x, functools.partial(lambda y, g: 2 * y * g, x)

    @mg.op
    def by_default(x):
        return x * x, lambda g, y=x: 2 * y * g

    @mg.op
    def by_method(x):
        return x * 1, Saved(x).pullback

    for op in (by_partial, by_default, by_method):
        _, y = node([1.0])
        z = op(y)
        with mg.no_grad():
            y.add_(1)
        with pytest.raises(RuntimeError, match="in place"):
            z.backward()


def test_an_argument_without_a_gradient_lets_go_of_the_other():
    x, mask = leaf(1.0, 2.0), mg.tensor([0.0, 2.0], dtype=mg.float64)
    y = x * 1
    z = y * mask  # the gradient needs the mask, nobody's needs y
    y.zero_()
    z.sum().backward()
    assert x.grad.tolist() == [0, 2]


def test_item_assignment_of_one_element_from_a_vector_of_one():
    x = mg.zeros(2)
    x[mg.tensor(0)] = mg.ones(1)
    x[1] = np.ones(1)
    assert x.tolist() == [1, 1]


def test_gradients_that_are_added_to_in_place_count_as_written():
    x, w = leaf(1.0), leaf(2.0)
    (x * 3).backward()
    product = x.grad * w
    (x * 3).backward()
    with pytest.raises(RuntimeError, match="in place"):
        product.backward()


def test_writing_leaves_no_reference_cycle():
    import gc
    import weakref

    gc.collect()
    gc.disable()
    try:
        _, y = node([1.0, 2.0])
        v = y[0:1]
        v.mul_(2)
        v.zero_()
        y[1] = 3.0
        ref = weakref.ref(y)
        array = weakref.ref(y.array)
        del y, v
        assert ref() is None
        assert array() is None
    finally:
        gc.enable()


def test_the_log_of_writes_does_not_grow():
    from minigrad import inplace

    before = len(inplace._writes)
    for _ in range(1000):
        y = mg.zeros(2)
        y.add_(1)
        y[0:1].mul_(2)
    assert len(inplace._writes) <= before + 2


def test_detach_in_place():
    x, y = node([1.0, 2.0])
    with pytest.raises(RuntimeError, match="detach_: this Tensor is a view"):
        y[0].detach_()
    y.detach_()
    assert not y.requires_grad
    assert y.is_leaf
    y.requires_grad_()
    (y * 2).sum().backward()
    assert y.grad.tolist() == [2, 2]
    assert x.grad is None
