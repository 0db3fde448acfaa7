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


def test_the_graph_of_a_gradient_checks_its_inputs_too():
    x = leaf(2.0)
    z = x * 3
    with mg.no_grad():
        x.add_(1)
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
