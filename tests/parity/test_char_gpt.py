"""The benchmark of the character GPT compares the same model: same logits, same steps."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")

import minigrad as mg  # noqa: E402
from benchmarks import char_gpt  # noqa: E402
from minigrad.models import GPT, GPTConfig  # noqa: E402


def test_both_learn_the_same():
    config = GPTConfig(20, n_positions=char_gpt.LENGTH, n_embd=16, n_layer=2, n_head=2, dropout=0.0)
    mg.manual_seed(0)
    ours, theirs = GPT(config), char_gpt.torch_gpt(torch, config)
    theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
    tokens = np.random.default_rng(0).integers(0, 20, 64 * 20 + 1)
    rows = char_gpt.windows(tokens)
    assert len(rows) == 20
    assert all((x[1:] == y[:-1]).all() for x, y in rows)
    batches = list(char_gpt.batches(rows, np.arange(20)))
    runs = [char_gpt.Training(mg, ours, 10), char_gpt.Training(torch, theirs, 10)]
    losses = []
    for run in runs:
        run.warm_up(batches[0])
        before = run.held_out(batches)
        run.learn(batches * 10)
        losses.append((before, run.held_out(batches)))
        assert run.seconds > 0
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert losses[0][1] < losses[0][0]
