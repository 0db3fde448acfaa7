"""Recurrent layers: LSTM, GRU and the plain RNN over whole sequences, one layer, one direction.

T steps (1 or more), B sequences, I inputs, H hidden units, G gates (4, 3, 1):

    x (T, B, I)    h0, c0 (B, H)    w_ih (G H, I)    w_hh (G H, H)    b_ih, b_hh (G H) or None
    y (T, B, H)    the hidden state after every step; h_n, c_n (B, H) the states after the last

A step needs the one before it, so the product with w_hh is made of T small ones. Everything else is
large products over all steps at once: that of x with w_ih, and in the backward the gradients of x
and of the weights. So the kernels for backward give the gradients `d_ih`, `d_hh` (T, B, G H) of
what x @ w_ih.T + b_ih and h @ w_hh.T + b_hh were before the gates (one array where these are only
added), and what remains is

    dx = d_ih @ w_ih    dw_ih = sum_t d_ih[t].T @ x[t]    dw_hh = sum_t d_hh[t].T @ h[t - 1]

lengths (B): sequence b has only so many steps (1 to T). After them its y is 0 and its state stays
as it is. None: all have T. reverse: the last step comes first.

FLOPs: 2 T B G H (I + H) forward, as many for d_hh @ w_hh and the gradients above twice over.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def sigmoid(x: Any) -> Any:
    """1 / (1 + e**-x) as a tanh, where nothing overflows on the way."""
    return 0.5 * np.tanh(0.5 * x) + 0.5


def steps(count: int, reverse: bool) -> list[int]:
    return list(range(count))[:: -1 if reverse else 1]


def empty(x: Any, count: int) -> list[list]:
    """So many lists with a place for each step of x."""
    return [[None] * len(x) for _ in range(count)]


def projected(x: Any, weight: Any, bias: Any) -> Any:
    y = x @ weight.T
    return y if bias is None else y + bias


def split(x: Any, parts: int) -> list:
    size = x.shape[-1] // parts
    return [x[..., k * size : (k + 1) * size] for k in range(parts)]


def running(lengths: Any, t: int) -> Any:
    """(B, 1): the sequences that have a step t. A single True if all do."""
    return True if lengths is None else np.expand_dims(lengths > t, 1)


def keep(here: Any, new: Any, old: Any) -> Any:
    return new if here is True else np.where(here, new, old)


def before(t: int, states: Any, first: Any, lengths: Any, reverse: bool) -> Any:
    """The state (B, H) from which step t went on: `first`, if it is a sequence's first step."""
    if not reverse:
        return states[t - 1] if t > 0 else first
    if t == len(states) - 1:
        return first
    return states[t + 1] if lengths is None else keep(running(lengths, t + 1), states[t + 1], first)


# ---------------------------------------------------------------------------- LSTM


def lstm(
    x: Any,
    h0: Any,
    c0: Any,
    w_ih: Any,
    w_hh: Any,
    b_ih: Any,
    b_hh: Any,
    lengths: Any,
    reverse: bool,
) -> tuple:
    """y, h_n, c_n; and for backward the gates (T, B, 4 H) and the cells (T, B, H).

        i, f, o = sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)    input, forget, output gate
        g = tanh(likewise)                                          weights in the order i, f, g, o
        c = f * c + i * g
        h = o * tanh(c)

    Hochreiter and Schmidhuber, "Long short-term memory", 1997; the forget gate: Gers et al., 2000.
    """
    inputs = projected(x, w_ih, b_ih)
    h, c = h0, c0
    ys, gates, cells = empty(x, 3)
    for t in steps(len(x), reverse):
        i, f, g, o = split(inputs[t] + projected(h, w_hh, b_hh), 4)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        here = running(lengths, t)
        new_c = f * c + i * g
        new_h = o * np.tanh(new_c)
        ys[t], cells[t] = keep(here, new_h, 0), keep(here, new_c, 0)
        gates[t] = keep(here, np.concatenate([i, f, g, o], axis=1), 0)
        h, c = keep(here, new_h, h), keep(here, new_c, c)
    return np.stack(ys), h, c, np.stack(gates), np.stack(cells)


def lstm_backward(
    gy: Any, gh: Any, gc: Any, gates: Any, cells: Any, c0: Any, w_hh: Any, lengths: Any,
    reverse: bool,
) -> tuple:  # fmt: skip
    """d (T, B, 4 H), which is d_ih and d_hh, and dh0, dc0; of the gradients of y, h_n and c_n.

    dh = dy + d_next @ w_hh                   dc = dc_next * f_next + dh * o * (1 - tanh(c)**2)
    d = [dc * g * i * (1 - i),  dc * c_before * f * (1 - f),  dc * i * (1 - g**2),
         dh * tanh(c) * o * (1 - o)]
    """
    dh, dc = gh, gc
    (d,) = empty(gy, 1)
    for t in reversed(steps(len(gy), reverse)):
        i, f, g, o = split(gates[t], 4)
        here, tanh_c = running(lengths, t), np.tanh(cells[t])
        total = dh + gy[t]
        cell = dc + total * o * (1 - tanh_c * tanh_c)
        c_before = before(t, cells, c0, lengths, reverse)
        parts = [
            cell * g * i * (1 - i), cell * c_before * f * (1 - f), cell * i * (1 - g * g),
            total * tanh_c * o * (1 - o),
        ]  # fmt: skip
        d[t] = keep(here, np.concatenate(parts, axis=1), 0)
        dh, dc = keep(here, d[t] @ w_hh, dh), keep(here, cell * f, dc)
    return np.stack(d), dh, dc


# ---------------------------------------------------------------------------- GRU


def gru(
    x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, lengths: Any, reverse: bool
) -> tuple:
    """y, h_n; and for backward the gates (T, B, 3 H) and `hidden` (T, B, H).

        r, z = sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)       reset gate, update gate
        hidden = h @ w_hn.T + b_hn                                  weights in the order r, z, n
        n = tanh(x @ w_in.T + b_in + r * hidden)
        h = (1 - z) * n + z * h

    Cho et al., "Learning phrase representations using RNN encoder-decoder", 2014.
    """
    inputs = projected(x, w_ih, b_ih)
    h = h0
    ys, gates, hiddens = empty(x, 3)
    for t in steps(len(x), reverse):
        r, z, n = split(inputs[t], 3)
        r_hidden, z_hidden, hidden = split(projected(h, w_hh, b_hh), 3)
        r, z = sigmoid(r + r_hidden), sigmoid(z + z_hidden)
        n = np.tanh(n + r * hidden)
        here = running(lengths, t)
        new = (1 - z) * n + z * h
        ys[t], hiddens[t] = keep(here, new, 0), keep(here, hidden, 0)
        gates[t] = keep(here, np.concatenate([r, z, n], axis=1), 0)
        h = keep(here, new, h)
    return np.stack(ys), h, np.stack(gates), np.stack(hiddens)


def gru_backward(
    gy: Any, gh: Any, y: Any, gates: Any, hiddens: Any, h0: Any, w_hh: Any, lengths: Any,
    reverse: bool,
) -> tuple:  # fmt: skip
    """d_ih, d_hh (T, B, 3 H), and dh0; of the gradients of y and h_n.

    dh = dy + dh_next * z_next + d_hh_next @ w_hh
    dn = dh * (1 - z) * (1 - n**2)
    d_ih = [dn * hidden * r * (1 - r),  dh * (h_before - n) * z * (1 - z),  dn]
    d_hh = [likewise,                   likewise,                           dn * r]
    """
    dh = gh
    d_ih, d_hh = empty(gy, 2)
    for t in reversed(steps(len(gy), reverse)):
        r, z, n = split(gates[t], 3)
        here = running(lengths, t)
        total = dh + gy[t]
        dn = total * (1 - z) * (1 - n * n)
        dz = total * (before(t, y, h0, lengths, reverse) - n) * z * (1 - z)
        dr = dn * hiddens[t] * r * (1 - r)
        d_ih[t] = keep(here, np.concatenate([dr, dz, dn], axis=1), 0)
        d_hh[t] = keep(here, np.concatenate([dr, dz, dn * r], axis=1), 0)
        dh = keep(here, total * z + d_hh[t] @ w_hh, dh)
    return np.stack(d_ih), np.stack(d_hh), dh


# ---------------------------------------------------------------------------- RNN


def rnn(
    x: Any, h0: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, relu: bool, lengths: Any,
    reverse: bool,
) -> tuple:  # fmt: skip
    """y, h_n. A step is h = tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh), or relu in tanh's place.

    Elman, "Finding structure in time", 1990.
    """
    inputs = projected(x, w_ih, b_ih)
    h = h0
    (ys,) = empty(x, 1)
    for t in steps(len(x), reverse):
        new = inputs[t] + projected(h, w_hh, b_hh)
        new = np.where(new <= 0, 0, new) if relu else np.tanh(new)
        here = running(lengths, t)
        ys[t] = keep(here, new, 0)
        h = keep(here, new, h)
    return np.stack(ys), h


def rnn_backward(
    gy: Any, gh: Any, y: Any, w_hh: Any, relu: bool, lengths: Any, reverse: bool
) -> tuple:
    """d (T, B, H), which is d_ih and d_hh, and dh0; of the gradients of y and h_n.

    With dh = dy + d_next @ w_hh, d = dh * (1 - y**2); for relu dh where y > 0, else 0.
    """
    dh = gh
    (d,) = empty(gy, 1)
    for t in reversed(steps(len(gy), reverse)):
        here = running(lengths, t)
        total = dh + gy[t]
        new = np.where(y[t] > 0, total, 0) if relu else total * (1 - y[t] * y[t])
        d[t] = keep(here, new, 0)
        dh = keep(here, d[t] @ w_hh, dh)
    return np.stack(d), dh
