"""Sampling, beam search, streaming, stopping: on a real model and on ones that are small enough to
know the answer."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import minigrad as mg
from minigrad.models import GPT, GPTConfig
from minigrad.text import generate, stream
from minigrad.text.sampling import Sampling


def gpt():
    mg.manual_seed(0)
    net = GPT(GPTConfig(vocab_size=13, n_positions=32, n_embd=12, n_layer=2, n_head=3))
    with mg.no_grad():
        for p in net.parameters():
            p.mul_(8)  # so that it has something to say
    return net


class Markov:
    """The next token depends on the last one alone: logits[last]."""

    def __init__(self, logits):
        self.logits = mg.tensor(np.asarray(logits, np.float32))

    def __call__(self, tokens):
        return self.logits[tokens]


PROMPT = mg.tensor([[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    "options",
    [
        {}, {"temperature": 0}, {"top_k": 3}, {"top_p": 0.5}, {"repetition_penalty": 1.5},
        {"num_beams": 3}, {"num_beams": 3, "stop": (7, 8)}, {"stop": 7},
    ],
)  # fmt: skip
def test_with_and_without_cache_the_same_text(options):
    net = gpt()
    options = {"max_new_tokens": 20, "seed": 3, **options}
    texts = [generate(net, PROMPT, use_cache=use, **options).tolist() for use in (True, False)]
    assert texts[0] == texts[1]
    assert [row[:3] for row in texts[0]] == PROMPT.tolist()


def test_seeds():
    net = gpt()
    a, b, c = (generate(net, PROMPT, 12, seed=s).tolist() for s in (1, 1, 2))
    assert a == b != c
    mg.manual_seed(4)
    first = generate(net, PROMPT, 12).tolist()
    assert generate(net, PROMPT, 12).tolist() != first
    mg.manual_seed(4)
    assert generate(net, PROMPT, 12).tolist() == first


def test_shapes_and_lengths():
    net = gpt()
    assert generate(net, PROMPT, 5).shape == (2, 8)
    assert generate(net, PROMPT, max_length=9).shape == (2, 9)
    assert generate(net, PROMPT[0], 5).shape == (8,)
    assert generate(net, PROMPT, 0).tolist() == PROMPT.tolist()
    assert generate(net, PROMPT, 0, num_beams=2).tolist() == PROMPT.tolist()
    assert net.training  # as before


def test_streaming_is_the_same_text():
    net = gpt()
    expected = generate(net, PROMPT[0], 15, seed=0, top_k=5).tolist()[3:]
    assert list(stream(net, PROMPT[0], 15, seed=0, top_k=5)) == expected
    with pytest.raises(ValueError, match="one prompt, got a batch of 2"):
        stream(net, PROMPT, 5)
    for _ in stream(net, PROMPT[0], 3):
        assert mg.is_grad_enabled()  # the caller's business
        assert net.training


def test_stopping():
    """0 -> 1 -> 2 -> 3 -> 0 ...: rows stop at different times, and are filled up."""
    ring = Markov(100 * np.eye(4)[[1, 2, 3, 0]])
    text = generate(ring, mg.tensor([[0], [2]]), 6, temperature=0, stop=3)
    assert text.tolist() == [[0, 1, 2, 3], [2, 3, 3, 3]]
    assert list(stream(ring, mg.tensor([0]), 6, stop=(2,))) == [1, 2]
    beams = generate(ring, mg.tensor([[0], [2]]), 6, num_beams=2, stop=3)
    assert beams.tolist() == [[0, 1, 2, 3], [2, 3, 3, 3]]


def frequencies(logits, tokens=(0,), n=20_000, **options):
    numbers = mg.Generator().manual_seed(0)
    rows = np.broadcast_to(np.asarray(logits, np.float64), (n, len(logits)))
    drawn = Sampling(**options).draw(rows, np.broadcast_to(tokens, (n, len(tokens))), numbers)
    return np.bincount(drawn, minlength=len(logits)) / n


LOGITS = np.log([0.5, 0.3, 0.15, 0.05])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.5, 0.3, 0.15, 0.05]),
        ({"temperature": 0}, [1, 0, 0, 0]),
        ({"temperature": 0.5}, np.array([0.25, 0.09, 0.0225, 0.0025]) / 0.365),
        ({"top_k": 2}, [0.625, 0.375, 0, 0]),
        ({"top_k": 9}, [0.5, 0.3, 0.15, 0.05]),
        ({"top_p": 0.5}, [1, 0, 0, 0]),
        ({"top_p": 0.51}, [0.625, 0.375, 0, 0]),
        ({"top_p": 1.0}, [0.5, 0.3, 0.15, 0.05]),
        ({"top_p": 1e-9}, [1, 0, 0, 0]),
        ({"top_k": 3, "top_p": 0.6}, [0.625, 0.375, 0, 0]),
        # Token 0 was there: its logit, log 0.5 < 0, is doubled: 0.25 in proportion to the others.
        ({"repetition_penalty": 2.0}, np.array([0.25, 0.3, 0.15, 0.05]) / 0.75),
    ],
)
def test_how_often_each_token_is_drawn(options, expected):
    np.testing.assert_allclose(frequencies(LOGITS, **options), expected, atol=0.012)


def test_a_positive_logit_is_divided_by_the_penalty():
    got = frequencies([2.0, 1.0], repetition_penalty=2.0)
    np.testing.assert_allclose(got, [0.5, 0.5], atol=0.012)


@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_wide_beam_finds_the_best_of_all_texts(seed, length_penalty):
    """Of all texts of up to 3 tokens over a vocabulary of 4, where 3 ends a text."""
    logits = np.random.default_rng(seed).standard_normal((4, 4)) * 2
    model = Markov(logits)
    logits = model.logits.numpy().astype(np.float64)
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))

    def score(text):
        steps = zip((0, *text[:-1]), text, strict=True)
        return sum(log_p[a, b] for a, b in steps) / len(text) ** length_penalty

    texts = [
        text
        for n in (1, 2, 3)
        for text in itertools.product(range(4), repeat=n)
        if 3 not in text[:-1] and (n == 3 or text[-1] == 3)
    ]
    best = max(texts, key=score)
    found = generate(
        model, mg.tensor([0]), 3, num_beams=64, stop=3, length_penalty=length_penalty
    ).tolist()[1:]
    assert tuple(found) == best


def test_a_beam_of_greedy_choices_can_be_beaten():
    """The likeliest first token leads nowhere: 0.6 * 0.5 < 0.4 * 1."""
    p = np.array([[1e-9, 0.6, 0.4, 1e-9], [0.25, 0.25, 0.25, 0.25], [1e-9, 1e-9, 1e-9, 1], [1] * 4])
    model = Markov(np.log(p))
    assert generate(model, mg.tensor([0]), 2, temperature=0).tolist()[1] == 1
    assert generate(model, mg.tensor([0]), 2, num_beams=2).tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("prompt", "options", "message"),
    [
        ([], {}, "the prompt is empty"),
        ([1.5], {}, "expected integer tokens"),
        ([[[1]]], {}, "expected integer tokens"),
        ([1] * 30, {}, "30 tokens of the prompt and 5 new ones are more than the 32"),
        ([1], {"max_new_tokens": None}, "max_new_tokens or max_length, one of them"),
        ([1], {"max_length": 7}, "max_new_tokens or max_length, one of them"),
        ([1, 2], {"max_new_tokens": None, "max_length": 1}, "2 tokens, more than max_length=1"),
        ([1], {"temperature": -1}, "temperature >= 0, got -1"),
        ([1], {"top_k": 0}, "top_k >= 1, got 0"),
        ([1], {"top_p": 0}, "0 < top_p <= 1, got 0"),
        ([1], {"top_p": 1.5}, "0 < top_p <= 1, got 1.5"),
        ([1], {"repetition_penalty": 0}, "repetition_penalty > 0, got 0"),
        ([1], {"num_beams": 0}, "num_beams >= 1, got 0"),
        ([1], {"num_beams": 2, "top_k": 3}, "beam search does not sample"),
    ],
)
def test_what_makes_no_sense(prompt, options, message):
    dtype = None if prompt else np.int64
    with pytest.raises(ValueError, match=message):
        generate(gpt(), mg.tensor(prompt, dtype=dtype), **{"max_new_tokens": 5} | options)
