"""Recurrent layers: steps make sequences, lengths and reverse, Numba against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kernels
import minigrad as mg
from minigrad import ops

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
STATES = {"lstm": 2, "gru": 1, "rnn": 1}
CELLS = {"lstm": ops.lstm_cell, "gru": ops.gru_cell, "rnn": ops.rnn_tanh_cell}
KINDS = pytest.mark.parametrize("kind", GATES)


def layer(kind, x, states, *args, **kwargs):
    return getattr(ops, f"{kind}_layer")(x, *states, *args, **kwargs)


def tensors(kind, t, b, inputs, hidden, dtype=np.float64):
    """x, the states, and weights with biases, all to be differentiated."""
    rng, rows = np.random.default_rng(0), GATES[kind] * hidden

    def normal(*shape):
        return mg.tensor((rng.standard_normal(shape) / 2).astype(dtype), requires_grad=True)

    states = [normal(b, hidden) for _ in range(STATES[kind])]
    return (
        normal(t, b, inputs),
        states,
        [normal(rows, n) for n in (inputs, hidden)] + [normal(rows) for _ in range(2)],
    )


def total(outs):
    """A number that depends on every output, and on each differently."""
    return sum((y * y * (i + 1)).sum() for i, y in enumerate(outs))


@KINDS
def test_a_sequence_is_made_of_steps(kind):
    x, states, weights = tensors(kind, 4, 3, 2, 5)
    y, *last = layer(kind, x, states, *weights)
    for t in range(4):
        hx = tuple(states) if kind == "lstm" else states[0]
        stepped = CELLS[kind](x[t], hx, *weights)
        states = list(stepped) if kind == "lstm" else [stepped]
        np.testing.assert_allclose(y[t].array, states[0].array, rtol=1e-12)
    for a, b in zip(last, states, strict=True):
        np.testing.assert_allclose(a.array, b.array, rtol=1e-12)


def test_relu_in_the_place_of_tanh():
    x, (h,), weights = tensors("rnn", 1, 3, 2, 5)
    y, last = ops.rnn_layer(x, h, *weights, "relu")
    expected = np.maximum(
        x.array[0] @ weights[0].array.T + h.array @ weights[1].array.T
        + weights[2].array + weights[3].array, 0,
    )  # fmt: skip
    np.testing.assert_allclose(y.array[0], expected, rtol=1e-12)
    np.testing.assert_array_equal(last.array, y.array[0])
    np.testing.assert_array_equal(ops.rnn_relu_cell(x[0], h, *weights).array, y.array[0])


@KINDS
@pytest.mark.parametrize("implementation", ["numpy", "numba"])
def test_reverse_is_the_sequence_turned_round(kind, implementation):
    x, states, weights = tensors(kind, 4, 3, 2, 5)
    with kernels.use(implementation):
        y, *last = layer(kind, x.flip(0), states, *weights)
        again, *last_again = layer(kind, x, states, *weights, reverse=True)
    np.testing.assert_allclose(again.array, y.array[::-1], rtol=1e-12)
    for a, b in zip(last_again, last, strict=True):
        np.testing.assert_allclose(a.array, b.array, rtol=1e-12)


@KINDS
@pytest.mark.parametrize("implementation", ["numpy", "numba"])
@pytest.mark.parametrize("reverse", [False, True])
def test_lengths_make_each_sequence_end_for_itself(kind, implementation, reverse):
    """In a batch with others, a sequence has the values and gradients that it has alone."""
    lengths = [3, 1, 4]
    x, states, weights = tensors(kind, 4, 3, 2, 5)
    leaves = [x, *states, *weights]
    with kernels.use(implementation):
        outs = layer(kind, x, states, *weights, lengths=mg.tensor(lengths), reverse=reverse)
        together = mg.autograd.grad(total(outs), leaves)
        alone = [
            layer(kind, x[:n, b : b + 1], [s[b : b + 1] for s in states], *weights, reverse=reverse)
            for b, n in enumerate(lengths)
        ]
        apart = mg.autograd.grad(sum(total(one) for one in alone), leaves)
    for b, (n, (y, *last)) in enumerate(zip(lengths, alone, strict=True)):
        np.testing.assert_allclose(outs[0].array[:n, b : b + 1], y.array, rtol=1e-12)
        assert not outs[0].array[n:, b].any()
        for a, c in zip(outs[1:], last, strict=True):
            np.testing.assert_allclose(a.array[b : b + 1], c.array, rtol=1e-12)
    for a, c in zip(together, apart, strict=True):
        np.testing.assert_allclose(a.array, c.array, rtol=1e-10, atol=1e-12)


@KINDS
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(0, 20), st.integers(0, 5), st.integers(1, 60)),
    reverse=st.booleans(),
    bounded=st.booleans(),
    single=st.booleans(),
)
def test_numba_agrees_with_the_definition(kind, shape, reverse, bounded, single):
    x, states, weights = tensors(kind, *shape, np.float32 if single else np.float64)
    lengths = mg.tensor([1 + b % shape[0] for b in range(shape[1])]).long() if bounded else None
    found = []
    for implementation in ("numpy", "numba"):
        with kernels.use(implementation):
            outs = layer(kind, x, states, *weights, lengths=lengths, reverse=reverse)
            grads = mg.autograd.grad(total(outs), [x, *states, *weights])
        found.append([t.array for t in (*outs, *grads)])
    for a, b in zip(*found, strict=True):
        assert a.dtype == b.dtype == x.dtype
        bound = 2e-5 if single else 1e-12
        np.testing.assert_allclose(a, b, rtol=0, atol=bound * (1 + np.abs(b).max(initial=0)))


@KINDS
def test_second_derivatives_above_the_size_where_numba_begins(kind):
    x, states, weights = tensors(kind, 8, 16, 20, 6)
    assert x.array.size > kernels.KERNELS[kind].worth
    found = []
    for implementation in ("numpy", "auto"):
        with kernels.use(implementation):
            outs = layer(kind, x, states, *weights)
            grads = mg.autograd.grad(total(outs), [x, *weights], create_graph=True)
            second = mg.autograd.grad(total(grads), [x, *states, *weights])
            found.append([t.array for t in second])
    for a, b in zip(*found, strict=True):
        assert np.abs(b).max() > 0
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.abs(b).max())


@KINDS
def test_large_numbers_saturate(kind):
    """Gates of exactly 0 and 1, values of exactly -1 and 1, and gradients without NaN."""
    for implementation in ("numpy", "numba"):
        x, states, weights = tensors(kind, 2, 3, 2, 5, np.float32)
        with kernels.use(implementation):
            outs = layer(kind, x * 1e6, states, *weights)
            total(outs).backward()
        assert all(np.isfinite(t.array).all() for t in (*outs, x.grad, weights[1].grad))


def test_only_the_gradients_that_are_needed_are_computed():
    x, states, weights = tensors("lstm", 2, 3, 2, 5)
    y, *_ = ops.lstm_layer(x.detach(), *states, *weights)
    assert y.grad_fn.inputs[0].pullback[0] is None
    y.sum().backward()
    assert x.grad is None
    assert weights[1].grad is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((3, 2))}, r"expected an input \(T, B, I\) of at least one step"),
        ({"x": np.zeros((0, 2, 3))}, r"of at least one step, got float64\[0, 2, 3\]"),
        ({"h0": np.zeros((1, 4))}, r"expected h0 float64\[2, 4\], got float64\[1, 4\]"),
        ({"c0": np.zeros((2, 5))}, r"expected c0 float64\[2, 4\]"),
        ({"w_ih": np.zeros((16, 2))}, r"4 hidden units, expected w_ih float64\[16, 3\]"),
        ({"w_hh": np.zeros((12, 4))}, r"expected w_hh float64\[16, 4\]"),
        ({"b_ih": np.zeros(4)}, r"expected b_ih float64\[16\]"),
        ({"b_hh": np.zeros(16, np.float32)}, r"expected b_hh float64\[16\], got float32\[16\]"),
        ({"lengths": np.array([1.0, 2.0])}, "expected lengths as 2 integers, got float64"),
        (
            {"lengths": np.array([1, 6])},
            "lengths must be from 1 to the input's 5 steps, got 1 to 6",
        ),
        (
            {"lengths": np.array([0, 5])},
            "lengths must be from 1 to the input's 5 steps, got 0 to 5",
        ),
    ],
)
def test_what_is_refused(change, message):
    arguments = {
        "x": np.zeros((5, 2, 3)), "h0": np.zeros((2, 4)), "c0": np.zeros((2, 4)),
        "w_ih": np.zeros((16, 3)), "w_hh": np.zeros((16, 4)),
    }  # fmt: skip
    tensors = {k: mg.tensor(v) for k, v in (arguments | change).items()}
    with pytest.raises(RuntimeError, match=f"lstm_layer: .*{message}"):
        ops.lstm_layer(**tensors)


def test_other_refusals():
    x, states, weights = tensors("rnn", 2, 2, 2, 2)
    with pytest.raises(ValueError, match="rnn_layer: expected nonlinearity 'tanh' or 'relu'"):
        ops.rnn_layer(x, *states, *weights, "sigmoid")
    with pytest.raises(TypeError, match=r"lstm_cell: hx must be a tuple \(h, c\)"):
        ops.lstm_cell(x[0], states[0], *weights)
