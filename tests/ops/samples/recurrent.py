"""Samples of minigrad/ops/recurrent.py."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


def normal(rng, gates, t=3, b=2, inputs=2, hidden=2):
    """x, h0, c0, w_ih, w_hh, b_ih and b_hh of a layer."""
    shapes = [
        (t, b, inputs), (b, hidden), (b, hidden), (gates * hidden, inputs),
        (gates * hidden, hidden), (gates * hidden,), (gates * hidden,),
    ]  # fmt: skip
    return [rng.standard_normal(shape) / 2 for shape in shapes]


@samples("lstm_layer", complex_step=True)
def lstm_layer(rng):
    x, h0, c0, *weights = normal(rng, 4)
    yield Sample(x, h0, c0, *weights)
    yield Sample(x, h0, c0, *weights[:2], reverse=True)
    yield Sample(x, h0, c0, *weights, np.array([1, 3]))
    yield Sample(x, h0, c0, *weights, np.array([2, 1]), True)
    yield Sample(*normal(rng, 4, b=0))
    yield Sample(*normal(rng, 4, t=1, hidden=1))


@samples("gru_layer", complex_step=True)
def gru_layer(rng):
    x, h0, _, *weights = normal(rng, 3)
    yield Sample(x, h0, *weights)
    yield Sample(x, h0, *weights[:2], reverse=True)
    yield Sample(x, h0, *weights, np.array([1, 3]))
    yield Sample(x, h0, *weights, np.array([2, 1]), True)


def rnn_samples(rng, nonlinearity):
    x, h0, _, *weights = normal(rng, 1)
    yield Sample(x, h0, *weights, nonlinearity)
    yield Sample(x, h0, *weights[:2], nonlinearity=nonlinearity, reverse=True)
    yield Sample(x, h0, *weights, nonlinearity, np.array([1, 3]))
    yield Sample(x, h0, *weights, nonlinearity, np.array([2, 1]), True)


@samples("rnn_layer")
def rnn_layer(rng):
    yield from rnn_samples(rng, "tanh")
    yield from rnn_samples(rng, "relu")


@samples("lstm_cell", complex_step=True)
def lstm_cell(rng):
    x, h0, c0, *weights = normal(rng, 4, t=1)
    yield Sample(x[0].copy(), (h0, c0), *weights)
    yield Sample(x[0].copy(), [h0, c0], *weights[:2])


@samples("gru_cell", complex_step=True)
def gru_cell(rng):
    x, h0, _, *weights = normal(rng, 3, t=1)
    yield Sample(x[0].copy(), h0, *weights)


@samples("rnn_tanh_cell", complex_step=True)
def rnn_tanh_cell(rng):
    x, h0, _, *weights = normal(rng, 1, t=1)
    yield Sample(x[0].copy(), h0, *weights)


@samples("rnn_relu_cell")
def rnn_relu_cell(rng):
    x, h0, _, *weights = normal(rng, 1, t=1)
    yield Sample(x[0].copy(), h0, *weights)
