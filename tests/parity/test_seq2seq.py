"""Seq2Seq against the same model written in PyTorch: ten training steps."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

import minigrad as mg  # noqa: E402
from minigrad import optim  # noqa: E402
from minigrad.models import Seq2Seq  # noqa: E402

tnn = torch.nn


class Theirs(tnn.Module):
    def __init__(self, attention):
        super().__init__()
        self.kind = attention
        self.source_embedding = tnn.Embedding(20, 6)
        self.encoder = tnn.GRU(6, 5, batch_first=True, bidirectional=True)
        self.start = tnn.Linear(5, 10)
        self.target_embedding = tnn.Embedding(15, 6)
        self.attention = tnn.ModuleDict()
        if attention != "dot":
            self.attention["key"] = tnn.Linear(10, 10, bias=False)
        if attention == "additive":
            self.attention["query"] = tnn.Linear(10, 10, bias=False)
            self.attention["score"] = tnn.Linear(10, 1, bias=False)
        self.cell = tnn.GRUCell(16, 10)
        self.head = tnn.Linear(26, 15)

    def scores(self, s, h):
        if self.kind == "dot":
            return torch.einsum("bh,bsh->bs", s, h)
        if self.kind == "general":
            return torch.einsum("bh,bsh->bs", s, self.attention["key"](h))
        added = self.attention["query"](s)[:, None] + self.attention["key"](h)
        return self.attention["score"](torch.tanh(added))[..., 0]

    def forward(self, source, lengths, target):
        x = tnn.utils.rnn.pack_padded_sequence(
            self.source_embedding(source), lengths, batch_first=True, enforce_sorted=False
        )
        packed, last = self.encoder(x)
        h, _ = tnn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        s = torch.tanh(self.start(last[1]))
        logits = []
        for t in range(target.shape[1]):
            y = self.target_embedding(target[:, t])
            there = torch.arange(h.shape[1]) < lengths[:, None]
            weights = self.scores(s, h).masked_fill(~there, float("-inf")).softmax(-1)
            context = torch.einsum("bs,bsh->bh", weights, h)
            s = self.cell(torch.cat([y, context], -1), s)
            logits.append(self.head(torch.cat([s, context, y], -1)))
        return torch.stack(logits, 1)


@pytest.mark.parametrize("attention", ["additive", "general", "dot"])
def test_ten_steps(attention):
    torch.manual_seed(0)
    theirs = Theirs(attention)
    ours = Seq2Seq(20, 15, 6, 10, attention=attention)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    theirs, ours = theirs.double(), ours.double()
    a = optim.Adam(ours.parameters(), lr=0.01)
    b = torch.optim.Adam(theirs.parameters(), lr=0.01)
    R = np.random.default_rng(0)
    lengths = np.array([4, 9, 1, 6])
    for _ in range(10):
        source, target = R.integers(0, 20, (4, 9)), R.integers(0, 15, (4, 8))
        logits = ours(*map(mg.tensor, (source, lengths, target[:, :-1])))
        loss = mg.nn.functional.cross_entropy(
            logits.reshape(-1, 15), mg.tensor(target[:, 1:].reshape(-1))
        )
        a.zero_grad()
        loss.backward()
        a.step()
        expected = torch.nn.functional.cross_entropy(
            theirs(*map(torch.from_numpy, (source, lengths, target[:, :-1]))).reshape(-1, 15),
            torch.from_numpy(target[:, 1:].reshape(-1)),
        )
        b.zero_grad()
        expected.backward()
        b.step()
        assert loss.item() == pytest.approx(expected.item(), abs=1e-10)
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], value, atol=1e-9, err_msg=name)
