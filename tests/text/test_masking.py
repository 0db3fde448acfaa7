"""mask_tokens: the paper's shares, what stays, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.text import mask_tokens

MASK, VOCABULARY = 3, 1000


def seeded(seed=0):
    return mg.Generator().manual_seed(seed)


def tokens(*shape):
    """From 10 up: smaller ones are special, or the mask."""
    return mg.randint(10, VOCABULARY, shape, generator=seeded())


def test_the_shares():
    """15 % chosen; of these 80 % masked, 10 % another token, 10 % as they were."""
    text = tokens(400, 500)
    inputs, labels = (x.numpy() for x in mask_tokens(text, MASK, VOCABULARY, generator=seeded(1)))
    text, chosen = text.numpy(), labels != -100
    np.testing.assert_array_equal(inputs[~chosen], text[~chosen])
    np.testing.assert_array_equal(labels[chosen], text[chosen])
    assert chosen.mean() == pytest.approx(0.15, abs=0.004)  # five standard deviations
    before, after = text[chosen], inputs[chosen]
    masked, same = after == MASK, after == before
    assert masked.mean() == pytest.approx(0.8, abs=0.012)
    assert same.mean() == pytest.approx(0.1, abs=0.009)
    other = after[~masked & ~same]
    assert len(other) / len(after) == pytest.approx(0.1, abs=0.009)
    assert abs(np.mean(other) - VOCABULARY / 2) < 30
    assert other.min() >= 0
    assert other.max() < 1000
    assert chosen.mean(0).min() > 0.05  # everywhere in the text


def test_special_tokens_stay():
    text = tokens(50, 20)
    text[:, 0], text[:, 12:] = 1, 0
    inputs, labels = mask_tokens(text, MASK, VOCABULARY, special=(0, 1), probability=1.0)
    for x, left in ((inputs, text), (labels, mg.full_like(text, -100))):
        assert (x[:, 0] == left[:, 0]).all()
        assert (x[:, 12:] == left[:, 12:]).all()
    assert (labels[:, 1:12] == text[:, 1:12]).all()


def test_a_seed_gives_the_same_masks():
    text = tokens(4, 50)
    a, b = (mask_tokens(text, MASK, VOCABULARY, generator=seeded(2)) for _ in range(2))
    assert (a[0] == b[0]).all()
    assert (a[1] == b[1]).all()
    mg.manual_seed(2)
    default = mask_tokens(text, MASK, VOCABULARY)
    assert (default[0] == a[0]).all()
    assert (mask_tokens(text, MASK, VOCABULARY)[0] != a[0]).any()


def test_what_comes_back():
    text = tokens(6)
    kept = text.clone()
    inputs, labels = mask_tokens(text, MASK, VOCABULARY, probability=1.0)
    assert (text == kept).all()
    assert inputs.shape == labels.shape == (6,)
    inputs, labels = mask_tokens(text.to(mg.int32), MASK, VOCABULARY, probability=0.0)
    assert (inputs == text).all()
    assert (labels == -100).all()
    assert inputs.dtype == labels.dtype == mg.int64
    assert mask_tokens(mg.zeros(0, 3, dtype=mg.int64), MASK, VOCABULARY)[0].shape == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ([mg.tensor([0.5]), 3, 10], TypeError, r"expected a Tensor of integers, got float32\[1\]"),
        ([[1, 2], 3, 10], TypeError, "expected a Tensor of integers"),
        ([mg.tensor([10]), 3, 10], IndexError, "token 10 is not in a vocabulary of 10"),
        ([mg.tensor([-1]), 3, 10], IndexError, "token -1 is not in"),
        ([mg.tensor([1]), 10, 10], IndexError, "token 10 is not in"),
        ([mg.tensor([1]), 3, 10, (), 1.5], ValueError, "expected 0 <= probability <= 1, got 1.5"),
    ],
)
def test_what_makes_no_sense(arguments, error, message):
    with pytest.raises(error, match=message):
        mask_tokens(*arguments)
