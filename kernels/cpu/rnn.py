"""The plain RNN. How the work is shared out: `kernels/cpu/recurrent.py`."""

from __future__ import annotations

from kernels.cpu.jit import dense
from kernels.cpu.parallel import parallel
from kernels.cpu.rows import add_product, packed, shared_out, whole_tiles
from kernels.cpu.steps import added, all_steps, clear, put, tanhs, time_of
from kernels.cpu.tile import ROWS
from kernels.scratch import empty


def rnn(x, h0, w_ih, w_hh, b_ih, b_hh, relu, lengths, reverse):
    y = empty((*x.shape[:2], h0.shape[1]), x.dtype)
    h = h0.copy()
    bias = added(b_ih, b_hh, w_ih)
    with packed(w_ih, True) as ih, packed(w_hh, True) as hh:
        parts = shared_out(len(h), len(x) * len(h) * (w_ih.size + w_hh.size), ROWS)
        rnn_rows[parts](
            dense(x), h, ih, hh, bias, relu, all_steps(lengths, x), reverse, y,
        )  # fmt: skip
    return y, h


@parallel
def rnn_rows(part, parts, x, h, ih, hh, bias, relu, lengths, reverse, y):
    (count, batch, inputs), size = x.shape, h.shape[1]
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_x, flat_h, flat_y = x.reshape(-1), h.reshape(-1), y.reshape(-1)
    zero = x.dtype.type(0)
    for step in range(count):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            put(y[t, b], bias)
        at, rows = t * batch + start, stop - start
        add_product(flat_x, at * inputs, inputs, ih, flat_y, at * size, size, rows)
        add_product(flat_h, start * size, size, hh, flat_y, at * size, size, rows)
        for b in range(start, stop):
            new = y[t, b]
            if t >= lengths[b]:
                clear(new)
                continue
            if relu:
                for j in range(size):
                    new[j] = zero if new[j] <= zero else new[j]
            else:
                tanhs(new)
            put(h[b], new)


def rnn_backward(gy, gh, y, w_hh, relu, lengths, reverse):
    d = empty(y.shape, y.dtype)
    dh = gh.copy()
    with packed(w_hh) as hh:
        parts = shared_out(len(dh), len(gy) * len(dh) * w_hh.size, ROWS)
        rnn_rows_backward[parts](
            dense(gy), dh, dense(y), hh, relu, all_steps(lengths, gy), reverse, d,
        )  # fmt: skip
    return d, dh


@parallel
def rnn_rows_backward(part, parts, gy, dh, y, hh, relu, lengths, reverse, d):
    count, batch, size = gy.shape
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_d, flat_dh = d.reshape(-1), dh.reshape(-1)
    zero, one = gy.dtype.type(0), gy.dtype.type(1)
    for step in range(count - 1, -1, -1):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            if t >= lengths[b]:
                clear(d[t, b])
                continue
            new, g, row = y[t, b], gy[t, b], d[t, b]
            if relu:
                for j in range(size):
                    row[j] = dh[b, j] + g[j] if new[j] > zero else zero
            else:
                for j in range(size):
                    row[j] = (dh[b, j] + g[j]) * (one - new[j] * new[j])
            clear(dh[b])
        at = (t * batch + start) * size
        add_product(flat_d, at, size, hh, flat_dh, start * size, size, stop - start)
