"""LSTM. How the work is shared out: `kernels/cpu/recurrent.py`."""

from __future__ import annotations

from kernels.cpu.elementary import tanh
from kernels.cpu.jit import dense, jit
from kernels.cpu.parallel import parallel
from kernels.cpu.rows import add_product, packed, shared_out, whole_tiles
from kernels.cpu.steps import added, all_steps, before, clear, put, sigmoids, tanhs, time_of
from kernels.cpu.tile import ROWS
from kernels.scratch import empty


def lstm(x, h0, c0, w_ih, w_hh, b_ih, b_hh, lengths, reverse):
    (count, batch, _), size = x.shape, h0.shape[1]
    y, cells = (empty((count, batch, size), x.dtype) for _ in range(2))
    gates = empty((count, batch, 4 * size), x.dtype)
    h, c = h0.copy(), c0.copy()
    bias = added(b_ih, b_hh, w_ih)
    with packed(w_ih, True) as ih, packed(w_hh, True) as hh:
        parts = shared_out(batch, count * batch * (w_ih.size + w_hh.size), ROWS)
        lstm_rows[parts](
            dense(x), h, c, ih, hh, bias, all_steps(lengths, x), reverse, y, gates, cells,
        )  # fmt: skip
    return y, h, c, gates, cells


@parallel
def lstm_rows(part, parts, x, h, c, ih, hh, bias, lengths, reverse, y, gates, cells):
    (count, batch, inputs), size = x.shape, h.shape[1]
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_x, flat_h, flat_gates = x.reshape(-1), h.reshape(-1), gates.reshape(-1)
    for step in range(count):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            put(gates[t, b], bias)
        at, rows = t * batch + start, stop - start
        at_gates, row = at * 4 * size, 4 * size
        add_product(flat_x, at * inputs, inputs, ih, flat_gates, at_gates, row, rows)
        add_product(flat_h, start * size, size, hh, flat_gates, at_gates, row, rows)
        for b in range(start, stop):
            if t < lengths[b]:
                lstm_gates(gates[t, b], c[b], h[b])
                put(y[t, b], h[b])
                put(cells[t, b], c[b])
            else:
                clear(y[t, b])
                clear(cells[t, b])
                clear(gates[t, b])


@jit
def lstm_gates(gates, c, h):
    """One row: the gates, and c and h made those of the next step."""
    n = len(h)
    i, f, g, o = gates[:n], gates[n : 2 * n], gates[2 * n : 3 * n], gates[3 * n :]
    sigmoids(gates[: 2 * n])
    tanhs(g)
    sigmoids(o)
    for j in range(n):
        c[j] = f[j] * c[j] + i[j] * g[j]
    for j in range(n):
        h[j] = o[j] * tanh(c[j])


def lstm_backward(gy, gh, gc, gates, cells, c0, w_hh, lengths, reverse):
    d = empty(gates.shape, gates.dtype)
    dh, dc = gh.copy(), gc.copy()
    with packed(w_hh) as hh:
        parts = shared_out(len(dh), len(gy) * len(dh) * w_hh.size, ROWS)
        lstm_rows_backward[parts](
            dense(gy), dh, dc, dense(gates), dense(cells), dense(c0), hh, all_steps(lengths, gy),
            reverse, d,
        )  # fmt: skip
    return d, dh, dc


@parallel
def lstm_rows_backward(part, parts, gy, dh, dc, gates, cells, c0, hh, lengths, reverse, d):
    count, batch, size = gy.shape
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_d, flat_dh = d.reshape(-1), dh.reshape(-1)
    for step in range(count - 1, -1, -1):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            if t < lengths[b]:
                c_before = before(t, b, cells, c0, lengths[b], reverse)
                lstm_gates_backward(
                    gates[t, b], cells[t, b], c_before, gy[t, b], dh[b], dc[b], d[t, b]
                )
                clear(dh[b])
            else:
                clear(d[t, b])
        at, row = (t * batch + start) * 4 * size, 4 * size
        add_product(flat_d, at, row, hh, flat_dh, start * size, size, stop - start)


@jit
def lstm_gates_backward(gates, c, c_before, gy, dh, dc, d):
    """One row: d, and dc made that of the step before."""
    n, one = len(c), gates.dtype.type(1)
    i, f, g, o = gates[:n], gates[n : 2 * n], gates[2 * n : 3 * n], gates[3 * n :]
    di, df, dg, do = d[:n], d[n : 2 * n], d[2 * n : 3 * n], d[3 * n :]
    for j in range(n):
        dh[j] += gy[j]
    for j in range(n):
        do[j] = tanh(c[j])
    for j in range(n):
        dc[j] += dh[j] * o[j] * (one - do[j] * do[j])
    for j in range(n):
        do[j] = dh[j] * do[j] * o[j] * (one - o[j])
    for j in range(n):
        di[j] = dc[j] * g[j] * i[j] * (one - i[j])
    for j in range(n):
        df[j] = dc[j] * c_before[j] * f[j] * (one - f[j])
    for j in range(n):
        dg[j] = dc[j] * i[j] * (one - g[j] * g[j])
    for j in range(n):
        dc[j] *= f[j]
