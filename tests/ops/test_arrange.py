"""Moving, repeating, diagonals and padding: worked examples, properties and wrong calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad import ops

ROW = mg.tensor([[1, 2, 3]])


@pytest.mark.parametrize(
    ("mode", "widths", "expected"),
    [
        ("constant", (2, 1), [0, 0, 1, 2, 3, 0]),
        ("constant", (-1, 2), [2, 3, 0, 0]),
        ("constant", (-1, -1), [2]),
        ("reflect", (2, 1), [3, 2, 1, 2, 3, 2]),
        ("reflect", (-1, 1), [2, 3, 2]),
        ("replicate", (2, 3), [1, 1, 1, 2, 3, 3, 3, 3]),
        ("replicate", (4, -3), [1, 1, 1, 1]),
        ("circular", (2, 1), [2, 3, 1, 2, 3, 1]),
        ("circular", (3, 3), [1, 2, 3, 1, 2, 3, 1, 2, 3]),
        ("circular", (-1, 2), [2, 3, 2, 3]),
        ("circular", (2, -1), [1, 2, 1, 2]),
    ],
)
def test_padding_worked_by_hand(mode, widths, expected):
    assert ops.pad(ROW, widths, mode).tolist() == [expected]


def test_the_order_of_the_pad_numbers_is_last_axis_first():
    y = ops.pad(mg.tensor([[1, 2]]), (1, 0, 0, 2), value=9)
    assert y.tolist() == [[9, 1, 2], [9, 9, 9], [9, 9, 9]]


def test_the_gradient_of_padding_adds_what_was_copied():
    x = mg.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    ops.pad(x, (2, 1), "reflect").sum().backward()
    assert x.grad.tolist() == [[1, 3, 2]]
    x.grad = None
    ops.pad(x, (2, 1), "replicate").sum().backward()
    assert x.grad.tolist() == [[3, 1, 2]]
    x.grad = None
    ops.pad(x, (-1, 5), "constant", 4.0).sum().backward()
    assert x.grad.tolist() == [[0, 1, 1]]


def test_padding_keeps_the_dtype():
    assert ops.pad(ROW, (1, 1), value=2.5).tolist() == [[2, 1, 2, 3, 2]]
    assert ops.pad(ROW.float(), (1, 1)).dtype == np.float32


@given(st.integers(1, 6), st.integers(-8, 8), st.integers(-8, 8))
def test_roll_moves_round(n, shift, other):
    x = mg.arange(n)
    assert ops.roll(x, shift).tolist() == np.roll(np.arange(n), shift).tolist()
    back = ops.roll(ops.roll(x, shift, 0), -shift, 0)
    assert back.tolist() == x.tolist()
    assert ops.roll(ops.roll(x, shift), other).tolist() == ops.roll(x, shift + other).tolist()


@given(st.integers(1, 6), st.integers(0, 6), st.integers(1, 4))
def test_unfold_is_all_windows(n, size, step):
    x = np.arange(1.0, n + 1)
    t = mg.tensor(x).requires_grad_()
    if size > n:
        with pytest.raises(RuntimeError, match="unfold: expected 0 <= size"):
            ops.unfold(t, 0, size, step)
        return
    windows = [x[i : i + size] for i in range(0, n - size + 1, step)]
    y = ops.unfold(t, 0, size, step)
    np.testing.assert_array_equal(y.detach().numpy(), np.array(windows))
    y.sum().backward()
    seen = np.zeros(n)
    for i in range(0, n - size + 1, step):
        seen[i : i + size] += 1
    np.testing.assert_array_equal(t.grad.numpy(), seen)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5))
def test_repeat_interleave_counts(counts):
    x = np.arange(1.0, len(counts) + 1)
    t = mg.tensor(x).requires_grad_()
    y = ops.repeat_interleave(t, mg.tensor(counts))
    np.testing.assert_array_equal(y.detach().numpy(), np.repeat(x, counts))
    y.sum().backward()
    assert t.grad.tolist() == counts
    places = ops.repeat_interleave(mg.tensor(counts))
    assert places.tolist() == np.repeat(np.arange(len(counts)), counts).tolist()


@given(st.integers(0, 4), st.integers(0, 4), st.integers(-5, 5))
def test_diagonals_and_triangles_are_numpys(rows, columns, k):
    x = np.arange(1.0, rows * columns + 1).reshape(rows, columns)
    t = mg.tensor(x)
    np.testing.assert_array_equal(ops.tril(t, k).numpy(), np.tril(x, k))
    np.testing.assert_array_equal(ops.triu(t, k).numpy(), np.triu(x, k))
    np.testing.assert_array_equal(ops.diagonal(t, k).numpy(), np.diagonal(x, k))
    np.testing.assert_array_equal(
        ops.tril_indices(rows, columns, k).numpy(), np.tril_indices(rows, k, columns)
    )
    np.testing.assert_array_equal(
        ops.triu_indices(rows, columns, k).numpy(), np.triu_indices(rows, k, columns)
    )
    line = ops.diagonal(t, k)
    assert (ops.diag(line, k).numpy() != 0).sum() == line.shape[0]
    replaced = ops.diagonal_scatter(t, -line, k).numpy()
    on_it = np.tril(x, k) != np.tril(x, k - 1)
    np.testing.assert_array_equal(replaced, np.where(on_it, -x, x))


def test_infinity_outside_the_triangle_leaves_no_nan():
    x = mg.tensor([[1.0, np.inf], [2.0, 3.0]], requires_grad=True)
    y = ops.tril(x)
    assert y.tolist() == [[1, 0], [2, 3]]
    y.sum().backward()
    assert x.grad.tolist() == [[1, 0], [1, 1]]


x = mg.zeros(2, 3)
WRONG = [
    (lambda: ops.flip(x, (0, -2)), RuntimeError, "flip: an axis appears twice"),
    (lambda: ops.fliplr(x[0]), RuntimeError, "fliplr: expected at least 2"),
    (lambda: ops.flipud(x[0, 0]), RuntimeError, "flipud: expected at least one"),
    (lambda: ops.rot90(x, 1, (0,)), RuntimeError, "rot90: expected 2 dims"),
    (lambda: ops.rot90(x, 1, (0, 0)), RuntimeError, "rot90: an axis appears twice"),
    (lambda: ops.roll(x, (1, 2)), RuntimeError, "roll: 2 shifts, but no dims"),
    (lambda: ops.roll(x, 1, (0, 1)), RuntimeError, "roll: 1 shifts for 2 dims"),
    (lambda: ops.roll(x[0, 0], 1, 0), IndexError, "roll: a 0-d tensor"),
    (lambda: ops.repeat(x, (2,)), RuntimeError, r"each of the 2 axes.*got \[2\]"),
    (lambda: ops.repeat(x, (-1, 1)), RuntimeError, "number >= 0"),
    (lambda: ops.repeat_interleave(x, mg.tensor([1, 2])), RuntimeError, "or 6 of them"),
    (lambda: ops.repeat_interleave(x, -1), RuntimeError, "must be >= 0, got -1"),
    (lambda: ops.repeat_interleave(x, 2, 0, output_size=9), RuntimeError, "output_size is 9"),
    (lambda: ops.unfold(x, 1, 4, 1), RuntimeError, "the size of axis 1"),
    (lambda: ops.unfold(x, 1, 2, 0), RuntimeError, "step > 0"),
    (lambda: ops.tril(x[0]), RuntimeError, "tril: expected a matrix"),
    (lambda: ops.diagonal(x, 0, 1, -1), RuntimeError, "dim1 and dim2 must differ"),
    (lambda: ops.diag(x[None]), RuntimeError, "diag: expected a vector or a matrix"),
    (lambda: ops.diag_embed(x[0, 0]), IndexError, "diag_embed: expected at least one axis"),
    (lambda: ops.diagonal_scatter(x, x), RuntimeError, r"expected src of shape \[2\]"),
    (lambda: ops.pad(x, (1,)), RuntimeError, "pad: expected pairs"),
    (lambda: ops.pad(x, (1,) * 6), RuntimeError, "too many for 2 axes"),
    (lambda: ops.pad(x, (-2, -2)), RuntimeError, "cuts more off axis 1 than its 3"),
    (lambda: ops.pad(x, (3, 0), "reflect"), RuntimeError, "smaller than the axis.*size 3"),
    (lambda: ops.pad(x, (4, 0), "circular"), RuntimeError, "goes round once"),
    (lambda: ops.pad(x, (1, 0), "reflect", 1.0), RuntimeError, "takes no value"),
    (lambda: ops.pad(x, (1, 0, 1, 0), "reflect"), NotImplementedError, "leaves 1 or 2 before"),
    (lambda: ops.pad(x, (1, 0), "mirror"), NotImplementedError, "got 'mirror'"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()
