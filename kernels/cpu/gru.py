"""GRU. How the work is shared out: `kernels/cpu/recurrent.py`."""

from __future__ import annotations

from kernels.cpu.jit import dense, jit
from kernels.cpu.parallel import parallel
from kernels.cpu.rows import add_product, packed, shared_out, whole_tiles
from kernels.cpu.steps import added, all_steps, before, clear, put, sigmoids, tanhs, time_of
from kernels.cpu.tile import ROWS
from kernels.scratch import empty


def gru(x, h0, w_ih, w_hh, b_ih, b_hh, lengths, reverse):
    (count, batch, _), size = x.shape, h0.shape[1]
    y, hidden = (empty((count, batch, size), x.dtype) for _ in range(2))
    gates = empty((count, batch, 3 * size), x.dtype)
    h = h0.copy()
    # r and z add up both products; n needs that of h apart.
    bias = added(b_ih, b_hh, w_ih)
    bias_n = [added(b, None, w_ih)[2 * size :] for b in (b_ih, b_hh)]
    bias[2 * size :] = bias_n[0]
    with (
        packed(w_ih, True) as ih,
        packed(w_hh[: 2 * size], True) as hh,
        packed(w_hh[2 * size :], True) as hn,
    ):
        parts = shared_out(batch, count * batch * (w_ih.size + w_hh.size), ROWS)
        gru_rows[parts](
            dense(x), h, ih, hh, hn, bias, bias_n[1], all_steps(lengths, x), reverse, y, gates,
            hidden,
        )  # fmt: skip
    return y, h, gates, hidden


@parallel
def gru_rows(part, parts, x, h, ih, hh, hn, bias, bias_hidden, lengths, reverse, y, gates, hidden):
    (count, batch, inputs), size = x.shape, h.shape[1]
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_x, flat_h = x.reshape(-1), h.reshape(-1)
    flat_gates, flat_hidden = gates.reshape(-1), hidden.reshape(-1)
    for step in range(count):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            put(gates[t, b], bias)
            put(hidden[t, b], bias_hidden)
        at, rows = t * batch + start, stop - start
        at_gates, row = at * 3 * size, 3 * size
        add_product(flat_x, at * inputs, inputs, ih, flat_gates, at_gates, row, rows)
        add_product(flat_h, start * size, size, hh, flat_gates, at_gates, row, rows)
        add_product(flat_h, start * size, size, hn, flat_hidden, at * size, size, rows)
        for b in range(start, stop):
            if t < lengths[b]:
                gru_gates(gates[t, b], hidden[t, b], h[b])
                put(y[t, b], h[b])
            else:
                clear(y[t, b])
                clear(gates[t, b])
                clear(hidden[t, b])


@jit
def gru_gates(gates, hidden, h):
    """One row: the gates, and h made that of the next step."""
    n = len(h)
    r, z, new = gates[:n], gates[n : 2 * n], gates[2 * n :]
    sigmoids(gates[: 2 * n])
    for j in range(n):
        new[j] += r[j] * hidden[j]
    tanhs(new)
    for j in range(n):
        h[j] = new[j] + z[j] * (h[j] - new[j])


def gru_backward(gy, gh, y, gates, hidden, h0, w_hh, lengths, reverse):
    d_ih, d_hh = empty(gates.shape, gates.dtype), empty(gates.shape, gates.dtype)
    dh = gh.copy()
    with packed(w_hh) as hh:
        parts = shared_out(len(dh), len(gy) * len(dh) * w_hh.size, ROWS)
        gru_rows_backward[parts](
            dense(gy), dh, dense(y), dense(gates), dense(hidden), dense(h0), hh,
            all_steps(lengths, gy), reverse, d_ih, d_hh,
        )  # fmt: skip
    return d_ih, d_hh, dh


@parallel
def gru_rows_backward(part, parts, gy, dh, y, gates, hidden, h0, hh, lengths, reverse, d_ih, d_hh):
    count, batch, size = gy.shape
    start, stop = whole_tiles(part, parts, batch, ROWS)
    flat_d, flat_dh = d_hh.reshape(-1), dh.reshape(-1)
    for step in range(count - 1, -1, -1):
        t = time_of(step, count, reverse)
        for b in range(start, stop):
            if t < lengths[b]:
                h_before = before(t, b, y, h0, lengths[b], reverse)
                gru_gates_backward(
                    gates[t, b], hidden[t, b], h_before, gy[t, b], dh[b], d_ih[t, b], d_hh[t, b]
                )
            else:
                clear(d_ih[t, b])
                clear(d_hh[t, b])
        at, row = (t * batch + start) * 3 * size, 3 * size
        add_product(flat_d, at, row, hh, flat_dh, start * size, size, stop - start)


@jit
def gru_gates_backward(gates, hidden, h_before, gy, dh, d_ih, d_hh):
    """One row: d_ih, d_hh, and the part of dh that goes past the gates to the step before."""
    n, one = len(hidden), gates.dtype.type(1)
    r, z, new = gates[:n], gates[n : 2 * n], gates[2 * n :]
    dr, dz, dn = d_ih[:n], d_ih[n : 2 * n], d_ih[2 * n :]
    for j in range(n):
        dh[j] += gy[j]
    for j in range(n):
        dn[j] = dh[j] * (one - z[j]) * (one - new[j] * new[j])
    for j in range(n):
        dz[j] = dh[j] * (h_before[j] - new[j]) * z[j] * (one - z[j])
    for j in range(n):
        dr[j] = dn[j] * hidden[j] * r[j] * (one - r[j])
    put(d_hh[: 2 * n], d_ih[: 2 * n])
    d_hidden = d_hh[2 * n :]
    for j in range(n):
        d_hidden[j] = dn[j] * r[j]
    for j in range(n):
        dh[j] *= z[j]
