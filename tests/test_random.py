"""Random numbers: seeds, states, distributions."""

from __future__ import annotations

import json

import numpy as np
import pytest

import minigrad as mg


def test_a_seed_repeats_everything():
    def draw():
        mg.manual_seed(3)
        return [
            mg.rand(2).tolist(), mg.randn(2).tolist(), mg.randint(0, 100, (3,)).tolist(),
            mg.randperm(5).tolist(), mg.bernoulli(mg.full((4,), 0.5)).tolist(),
            mg.multinomial(mg.ones(5), 3).tolist(), mg.zeros(2).normal_().tolist(),
        ]  # fmt: skip

    assert draw() == draw()


def test_generators_do_not_disturb_each_other():
    a = mg.Generator().manual_seed(0)
    first = mg.rand(3, generator=a).tolist()
    mg.rand(100)
    assert mg.rand(3, generator=mg.Generator().manual_seed(0)).tolist() == first
    assert a.initial_seed() == 0


def test_state_is_plain_data_and_resumes():
    mg.manual_seed(1)
    mg.rand(7)
    state = json.loads(json.dumps(mg.get_rng_state()))
    a = mg.randn(5).tolist()
    mg.set_rng_state(state)
    assert mg.randn(5).tolist() == a


def test_distributions():
    mg.manual_seed(0)
    u, z = mg.rand(100_000), mg.randn(100_000)
    assert u.array.min() >= 0
    assert u.array.max() < 1
    assert abs(u.array.mean() - 0.5) < 0.01
    assert abs(z.array.mean()) < 0.01
    assert abs(z.array.std() - 1) < 0.01
    e = mg.empty(100_000).exponential_(2.0)
    assert abs(e.array.mean() - 0.5) < 0.01
    assert u.dtype == mg.float32
    i = mg.randint(3, 6, (1000,))
    assert set(i.tolist()) == {3, 4, 5}
    assert sorted(mg.randperm(10).tolist()) == list(range(10))
    assert abs(mg.bernoulli(mg.full((100_000,), 0.3)).array.mean() - 0.3) < 0.01


def test_multinomial():
    mg.manual_seed(0)
    w = mg.tensor([[1.0, 0.0, 3.0], [0.0, 0.0, 1.0]])
    picks = mg.multinomial(w, 20_000, replacement=True).numpy()
    np.testing.assert_allclose(np.bincount(picks[0]) / 20_000, [0.25, 0, 0.75], atol=0.02)
    assert (picks[1] == 2).all()
    assert sorted(mg.multinomial(mg.ones(4), 4).tolist()) == [0, 1, 2, 3]
    with pytest.raises(RuntimeError, match="cannot draw 2 samples"):
        mg.multinomial(w, 2)
    with pytest.raises(RuntimeError, match="weights >= 0"):
        mg.multinomial(mg.tensor([-1.0, 1.0]), 1)


@pytest.mark.parametrize("size", [(2, 3), ((2, 3),), ([2, 3],), (np.int64(2), 3)])
def test_sizes(size):
    assert mg.rand(*size).shape == (2, 3)


def test_bad_sizes():
    with pytest.raises(RuntimeError, match=r">= 0, got \[-1\]"):
        mg.rand(-1)
    with pytest.raises(TypeError, match="integers"):
        mg.rand(1.5)
    with pytest.raises(RuntimeError, match="low < high"):
        mg.randint(3, 3, (1,))
