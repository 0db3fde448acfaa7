"""Recurrent layers: LSTM, GRU and the plain RNN, a step at a time and over whole sequences.

The formulas are in `kernels/reference/recurrent.py`, which on Tensors is the definition of these
ops. The kernels give the gradients `d` of what was before the gates; from these the gradients of x,
weights and biases come by one product each, if they are needed.

    x (T, B, I)    h0, c0 (B, H)    w_ih (G H, I)    w_hh (G H, H)    b_ih, b_hh (G H)

with G = 4 gates of an LSTM (in the order i, f, g, o), 3 of a GRU (r, z, n), 1 of an RNN, as in
PyTorch. A network of several layers, or of two directions, is made of several of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import kernels
from minigrad.graph import describe, op
from minigrad.ops.linalg import product, sum_rows
from minigrad.ops.shape import unsqueeze

__all__ = [
    "gru_cell", "gru_layer", "lstm_cell", "lstm_layer", "rnn_layer", "rnn_relu_cell",
    "rnn_tanh_cell",
]  # fmt: skip


# ---------------------------------------------------------------------------- arguments


def same_float(a, b):
    """Whether both have the same floating dtype. (In checks of derivatives some are complex.)"""
    return (
        a.dtype == b.dtype
        if a.dtype.kind == b.dtype.kind == "f"
        else "c" in (a.dtype.kind, b.dtype.kind)
    )


def check(name, x, states, w_ih, w_hh, b_ih, b_hh, lengths, gates):
    """Raise a RuntimeError that names what does not fit, with the shape that would."""
    if x.ndim != 3 or x.shape[0] == 0:
        raise RuntimeError(
            f"{name}: expected an input (T, B, I) of at least one step, got {describe(x)}"
        )
    (_, batch, inputs), hidden = x.shape, w_hh.shape[-1]
    expected = {"w_ih": (w_ih, (gates * hidden, inputs)), "w_hh": (w_hh, (gates * hidden, hidden))}
    expected |= {what: (h, (batch, hidden)) for what, h in states.items()}
    expected |= {"b_ih": (b_ih, (gates * hidden,)), "b_hh": (b_hh, (gates * hidden,))}
    for what, (a, shape) in expected.items():
        if a is not None and (tuple(a.shape) != shape or not same_float(a, x)):
            raise RuntimeError(
                f"{name}: for an input {describe(x)} and {hidden} hidden units, expected {what} "
                f"{x.dtype}{list(shape)}, got {describe(a)}"
            )
    if lengths is not None and (lengths.dtype.kind not in "iu" or lengths.shape != (batch,)):
        raise RuntimeError(f"{name}: expected lengths as {batch} integers, got {describe(lengths)}")
    if (
        isinstance(lengths, np.ndarray)
        and batch
        and not 1 <= lengths.min() <= lengths.max() <= len(x)
    ):
        raise RuntimeError(
            f"{name}: lengths must be from 1 to the input's {len(x)} steps, got "
            f"{lengths.min()} to {lengths.max()}"
        )


# ---------------------------------------------------------------------------- gradients


def once(function: Callable) -> Callable:
    """function, run once for the same gradients: what several pullbacks of an op share."""
    last: list = [(), None]

    def call(*gs):
        if len(gs) != len(last[0]) or any(a is not b for a, b in zip(gs, last[0], strict=True)):
            last[:] = gs, function(*gs)
        return last[1]

    return call


def rows(x):
    """(T, B, n) as (T B, n)."""
    return x.reshape((x.shape[0] * x.shape[1], x.shape[2]))


def to_input(d, w_ih):
    return product(rows(d), w_ih).reshape((*d.shape[:2], w_ih.shape[1]))


def to_w_ih(d, x):
    return product(rows(d).T, rows(x))


def to_w_hh(d, y, h0, lengths, reverse):
    """The sum over the steps of d.T @ h, h being the hidden state from which a step went on."""
    if not reverse:
        return product(rows(d[1:]).T, rows(y[:-1])) + product(d[0].T, h0)
    first = d[-1] if lengths is None else d[lengths - 1, np.arange(d.shape[1], like=d)]
    return product(rows(d[:-1]).T, rows(y[1:])) + product(first.T, h0)


def to_bias(d):
    return sum_rows(rows(d))


# ---------------------------------------------------------------------------- sequences


def _lstm(x, h0, c0, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None, reverse=False):
    plain = kernels.lstm.implementation("numpy")
    return plain(x, h0, c0, w_ih, w_hh, b_ih, b_hh, lengths, reverse)[:3]


@op(definition=_lstm)
def lstm_layer(x, h0, c0, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None, reverse=False):
    """The hidden states y (T, B, H) of an LSTM, and its last states h_n and c_n (B, H).

        i, f, o = sigmoid(w_ih x + b_ih + w_hh h + b_hh)      g = tanh(likewise)
        c = f * c + i * g                                     h = o * tanh(c)

    lengths (B): sequence b ends after so many steps; then y is 0, and h_n and c_n are those of its
    own end. reverse: from the last step to the first. Hochreiter and Schmidhuber, "Long short-term
    memory", 1997.

    >>> import minigrad as mg
    >>> x, state = mg.randn(10, 2, 3), mg.zeros(2, 4)
    >>> y, h, c = mg.lstm_layer(x, state, state, mg.randn(16, 3), mg.randn(16, 4))
    >>> y.shape, bool((y[-1] == h).all())
    ((10, 2, 4), True)
    """
    states = {"h0": h0, "c0": c0}
    check("lstm_layer", x, states, w_ih, w_hh, b_ih, b_hh, lengths, 4)
    y, h, c, gates, cells = kernels.lstm(x, h0, c0, w_ih, w_hh, b_ih, b_hh, lengths, reverse)

    @once
    def back(gy, gh, gc):
        return kernels.lstm_backward(gy, gh, gc, gates, cells, c0, w_hh, lengths, reverse)

    bias = once(lambda *gs: to_bias(back(*gs)[0]))
    return (y, h, c), (
        lambda *gs: to_input(back(*gs)[0], w_ih),
        lambda *gs: back(*gs)[1],
        lambda *gs: back(*gs)[2],
        lambda *gs: to_w_ih(back(*gs)[0], x),
        lambda *gs: to_w_hh(back(*gs)[0], y, h0, lengths, reverse),
        bias,
        bias,
    )


def _gru(x, h0, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None, reverse=False):
    plain = kernels.gru.implementation("numpy")
    return plain(x, h0, w_ih, w_hh, b_ih, b_hh, lengths, reverse)[:2]


@op(definition=_gru)
def gru_layer(x, h0, w_ih, w_hh, b_ih=None, b_hh=None, lengths=None, reverse=False):
    """The hidden states y (T, B, H) of a GRU, and its last state h_n (B, H).

        r, z = sigmoid(w_ih x + b_ih + w_hh h + b_hh)
        n = tanh(w_in x + b_in + r * (w_hn h + b_hn))
        h = (1 - z) * n + z * h

    lengths and reverse: see `lstm_layer`. Cho et al., "Learning phrase representations using RNN
    encoder-decoder", 2014.
    """
    check("gru_layer", x, {"h0": h0}, w_ih, w_hh, b_ih, b_hh, lengths, 3)
    y, h, gates, hidden = kernels.gru(x, h0, w_ih, w_hh, b_ih, b_hh, lengths, reverse)

    @once
    def back(gy, gh):
        return kernels.gru_backward(gy, gh, y, gates, hidden, h0, w_hh, lengths, reverse)

    return (y, h), (
        lambda *gs: to_input(back(*gs)[0], w_ih),
        lambda *gs: back(*gs)[2],
        lambda *gs: to_w_ih(back(*gs)[0], x),
        lambda *gs: to_w_hh(back(*gs)[1], y, h0, lengths, reverse),
        lambda *gs: to_bias(back(*gs)[0]),
        lambda *gs: to_bias(back(*gs)[1]),
    )


def _rnn(x, h0, w_ih, w_hh, b_ih=None, b_hh=None, nonlinearity="tanh", lengths=None, reverse=False):
    plain = kernels.rnn.implementation("numpy")
    return plain(x, h0, w_ih, w_hh, b_ih, b_hh, nonlinearity == "relu", lengths, reverse)


@op(definition=_rnn)
def rnn_layer(
    x, h0, w_ih, w_hh, b_ih=None, b_hh=None, nonlinearity="tanh", lengths=None, reverse=False
):
    """The hidden states y (T, B, H) of a plain RNN, and its last state h_n (B, H).

        h = tanh(w_ih x + b_ih + w_hh h + b_hh)        or "relu" in the place of "tanh"

    lengths and reverse: see `lstm_layer`. Elman, "Finding structure in time", 1990.
    """
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f"rnn_layer: expected nonlinearity 'tanh' or 'relu', got {nonlinearity!r}")
    relu = nonlinearity == "relu"
    check("rnn_layer", x, {"h0": h0}, w_ih, w_hh, b_ih, b_hh, lengths, 1)
    y, h = kernels.rnn(x, h0, w_ih, w_hh, b_ih, b_hh, relu, lengths, reverse)

    @once
    def back(gy, gh):
        return kernels.rnn_backward(gy, gh, y, w_hh, relu, lengths, reverse)

    bias = once(lambda *gs: to_bias(back(*gs)[0]))
    return (y, h), (
        lambda *gs: to_input(back(*gs)[0], w_ih),
        lambda *gs: back(*gs)[1],
        lambda *gs: to_w_ih(back(*gs)[0], x),
        lambda *gs: to_w_hh(back(*gs)[0], y, h0, lengths, reverse),
        bias,
        bias,
    )


# ---------------------------------------------------------------------------- single steps


def lstm_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of `lstm_layer`, of an input (B, I) and the states hx = (h, c): the new (h, c)."""
    if not isinstance(hx, (tuple, list)) or len(hx) != 2:
        raise TypeError(f"lstm_cell: hx must be a tuple (h, c) of two Tensors, got {describe(hx)}")
    h, c = hx
    return lstm_layer(unsqueeze(input, 0), h, c, w_ih, w_hh, b_ih, b_hh)[1:]


def gru_cell(input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Any:
    """One step of `gru_layer`, of an input (B, I) and the state hx: the new state."""
    return gru_layer(unsqueeze(input, 0), hx, w_ih, w_hh, b_ih, b_hh)[1]


def rnn_tanh_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> Any:
    """One step of `rnn_layer`, of an input (B, I) and the state hx: the new state."""
    return rnn_layer(unsqueeze(input, 0), hx, w_ih, w_hh, b_ih, b_hh)[1]


def rnn_relu_cell(
    input: Any, hx: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None
) -> Any:
    """rnn_tanh_cell with max(x, 0) in the place of tanh(x)."""
    return rnn_layer(unsqueeze(input, 0), hx, w_ih, w_hh, b_ih, b_hh, "relu")[1]
