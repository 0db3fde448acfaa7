"""RNNLM against the same model written in PyTorch: ten training steps, with a state carried on."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

import minigrad as mg  # noqa: E402
from minigrad import optim  # noqa: E402
from minigrad.models import RNNLM  # noqa: E402
from minigrad.models.rnn_lm import detached  # noqa: E402
from minigrad.nn.utils import clip_grad_norm_  # noqa: E402


class Theirs(torch.nn.Module):
    def __init__(self, kind, tied):
        super().__init__()
        self.embedding = torch.nn.Embedding(11, 8)
        self.rnn = getattr(torch.nn, kind)(8, 8, 2, batch_first=True)
        self.head = torch.nn.Linear(8, 11)
        if tied:
            self.head.weight = self.embedding.weight

    def forward(self, tokens, state=None):
        y, state = self.rnn(self.embedding(tokens), state)
        return self.head(y), state


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("tied", [True, False])
def test_ten_steps(kind, tied):
    torch.manual_seed(0)
    theirs = Theirs(kind, tied)
    ours = RNNLM(11, 8, 8, 2, kind, tie_weights=tied)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    theirs, ours = theirs.double(), ours.double()
    text = np.random.default_rng(0).integers(0, 11, (3, 61))
    a = optim.SGD(ours.parameters(), lr=1.0)
    b = torch.optim.SGD(theirs.parameters(), lr=1.0)
    state_a = state_b = None
    for start in range(0, 60, 6):
        here, there = text[:, start : start + 6], text[:, start + 1 : start + 7].reshape(-1)
        logits, state_a = ours(mg.tensor(here), state_a)
        loss = mg.nn.functional.cross_entropy(logits.reshape(-1, 11), mg.tensor(there))
        a.zero_grad()
        loss.backward()
        clip_grad_norm_(ours.parameters(), 0.5)
        a.step()
        state_a = detached(state_a)

        logits, state_b = theirs(torch.from_numpy(here), state_b)
        expected = torch.nn.functional.cross_entropy(
            logits.reshape(-1, 11), torch.from_numpy(there)
        )  # fmt: skip
        b.zero_grad()
        expected.backward()
        torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        b.step()
        state_b = (
            tuple(s.detach() for s in state_b) if isinstance(state_b, tuple) else state_b.detach()
        )
        assert loss.item() == pytest.approx(expected.item(), abs=1e-10)
    for name, value in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], value, atol=1e-9, err_msg=name)
