"""Recurrent layers against PyTorch: values, gradients, state, looks, packed and not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

import minigrad as mg  # noqa: E402
from minigrad import nn, optim  # noqa: E402
from minigrad.nn.utils import rnn  # noqa: E402

R = np.random.default_rng(0)
LENGTHS = [3, 6, 1, 6, 2]


def parts(result):
    if isinstance(result, (rnn.PackedSequence, torch.nn.utils.rnn.PackedSequence)):
        return [result.data]
    if isinstance(result, (tuple, list)):
        return [t for part in result for t in parts(part)]
    return [result]


def pair(name, *args, **options):
    a, b = getattr(nn, name)(*args, **options), getattr(torch.nn, name)(*args, **options)
    assert repr(a) == repr(b)
    assert list(a.state_dict()) == list(b.state_dict())
    a.load_state_dict(b.state_dict())
    return a.double(), b.double()


def compare(a, b, inputs, call):
    """call(layer, library, tensors) of both, and the gradients of all that is learned and given."""
    ours = [mg.tensor(x, requires_grad=True) for x in inputs]
    theirs = [torch.tensor(x, requires_grad=True) for x in inputs]
    results = parts(call(a, rnn, mg, ours)), parts(call(b, torch.nn.utils.rnn, torch, theirs))
    total_a = total_b = 0
    for p, q in zip(*results, strict=True):
        np.testing.assert_allclose(p.detach().numpy(), q.detach().numpy(), atol=1e-12)
        weights = R.standard_normal(tuple(p.shape))
        total_a = total_a + (p * mg.tensor(weights)).sum()
        total_b = total_b + (q * torch.tensor(weights)).sum()
    total_a.backward()
    total_b.backward()
    pairs = [*zip(a.parameters(), b.parameters(), strict=True), *zip(ours, theirs, strict=True)]
    for p, q in pairs:
        np.testing.assert_allclose(p.grad.numpy(), q.grad.numpy(), atol=1e-10)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(
    ("layers", "both", "first", "bias", "start"),
    [*itertools.product([1, 3], [False, True], [False, True], [True, False], [True, False])],
)
@pytest.mark.parametrize("kind", ["batch", "single", "packed", "packed, unsorted"])
def test_layers(name, layers, both, first, bias, start, kind):
    options = {"nonlinearity": "relu"} if name == "RNN" and both else {}
    a, b = pair(name, 4, 3, layers, bidirectional=both, batch_first=first, bias=bias, **options)
    batch = () if kind == "single" else (5,)
    x = R.standard_normal((5, 6, 4) if first and batch else (6, *batch, 4))
    states = [R.standard_normal((layers * (1 + both), *batch, 3)) for _ in range(a.states)]

    def call(layer, packing, library, tensors):
        x, hx = tensors[0], tensors[1:]
        if kind.startswith("packed"):
            free = kind.endswith("unsorted")
            lengths = library.tensor(LENGTHS if free else sorted(LENGTHS)[::-1])
            x = packing.pack_padded_sequence(x, lengths, first, enforce_sorted=not free)
        if not start:
            return layer(x)
        return layer(x, tuple(hx) if name == "LSTM" else hx[0])

    compare(a, b, [x, *(states if start else [])], call)


@pytest.mark.parametrize("name", ["RNNCell", "LSTMCell", "GRUCell"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(4,), (3, 4)])
@pytest.mark.parametrize("start", [True, False])
def test_cells(name, bias, shape, start):
    a, b = pair(name, 4, 5, bias)
    states = [R.standard_normal((*shape[:-1], 5)) for _ in range(1 + (name == "LSTMCell"))]

    def call(layer, packing, library, tensors):
        x, hx = tensors[0], tensors[1:]
        if not start:
            return layer(x)
        return layer(x, tuple(hx) if name == "LSTMCell" else hx[0])

    compare(a, b, [R.standard_normal(shape), *(states if start else [])], call)


def test_packing():
    x = R.standard_normal((6, 5, 2))
    for first, free in itertools.product([False, True], repeat=2):
        lengths = LENGTHS if free else sorted(LENGTHS)[::-1]
        value = np.swapaxes(x, 0, 1).copy() if first else x
        ours = rnn.pack_padded_sequence(mg.tensor(value), lengths, first, not free)
        theirs = torch.nn.utils.rnn.pack_padded_sequence(
            torch.tensor(value), torch.tensor(lengths), first, not free
        )
        np.testing.assert_array_equal(ours.batch_sizes.numpy(), theirs.batch_sizes.numpy())
        a, n = rnn.pad_packed_sequence(ours, first, 7.0, 8)
        b, m = torch.nn.utils.rnn.pad_packed_sequence(theirs, first, 7.0, 8)
        np.testing.assert_array_equal(a.numpy(), b.numpy())
        np.testing.assert_array_equal(n.numpy(), m.numpy())


def test_ten_steps_of_training():
    """A character model: embedding, LSTM of two layers, linear; Adam."""

    def network(library):
        class Model(library.Module):
            def __init__(self):
                super().__init__()
                self.embed = library.Embedding(11, 6)
                self.lstm = library.LSTM(6, 8, 2, batch_first=True)
                self.out = library.Linear(8, 11)

            def forward(self, tokens):
                return self.out(self.lstm(self.embed(tokens))[0])

        return Model().double()

    a, b = network(nn), network(torch.nn)
    a.load_state_dict(b.state_dict())
    adam_a = optim.Adam(a.parameters(), lr=0.01)
    adam_b = torch.optim.Adam(b.parameters(), lr=0.01)
    for _ in range(10):
        text = R.integers(0, 11, (4, 9))
        losses = []
        for model, adam, library in ((a, adam_a, mg), (b, adam_b, torch)):
            tokens = library.tensor(text)
            scores = model(tokens[:, :-1]).reshape(-1, 11)
            loss = library.nn.functional.cross_entropy(scores, tokens[:, 1:].reshape(-1))
            adam.zero_grad()
            loss.backward()
            adam.step()
            losses.append(loss.item())
        assert losses[0] == pytest.approx(losses[1], rel=1e-9)
