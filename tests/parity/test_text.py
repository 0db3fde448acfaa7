"""Tokenizers beside tiktoken, and the split beside the package regex, whose \\p{L} is Unicode's."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import english_text
from minigrad.text import BPETokenizer
from minigrad.text.split import split_words

pytestmark = pytest.mark.parity
regex = pytest.importorskip("regex")
tiktoken = pytest.importorskip("tiktoken")

PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"  # GPT-2's

# Each library has its own version of Unicode: compare what Python's has a character for.
CHARACTERS = st.characters(exclude_categories=["Cs", "Cn"])
DENSE = st.sampled_from("abeé \n\t'sdmtrvl1٣²三🙂_-\u00a0\u0301\x1c")
TEXTS = st.one_of(st.text(CHARACTERS), st.text(DENSE), st.text(st.one_of(CHARACTERS, DENSE)))
EVERY = [
    c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cs", "Cn")
]


@pytest.fixture(scope="module")
def both():
    ours = BPETokenizer.train(english_text(), 3000, special_tokens=["<|endoftext|>", "<|pad|>"])
    return ours, theirs_of(ours)


def theirs_of(ours):
    return tiktoken.Encoding(
        "ours",
        pat_str=PATTERN,
        mergeable_ranks=ours.ranks,
        special_tokens=ours.special_tokens,
    )


def test_split_of_every_character():
    text = "".join(f"{c}a{c}1 {c}-{c} {c}{c}\n{c}  {c}" for c in EVERY)
    assert list(split_words(text)) == regex.findall(PATTERN, text)


@given(TEXTS)
def test_split(text):
    assert list(split_words(text)) == regex.findall(PATTERN, text)


def test_encode_of_every_character(both):
    ours, theirs = both
    text = "".join(f"{c}a{c}1 {c}-{c} {c}{c}\n{c}  {c}" for c in EVERY)
    assert ours.encode(text) == theirs.encode_ordinary(text)


@given(TEXTS)
def test_encode(both, text):
    ours, theirs = both
    ids = ours.encode(text)
    assert ids == theirs.encode_ordinary(text)
    assert ours.decode(ids) == theirs.decode(ids) == text


@given(TEXTS, TEXTS)
def test_encode_after_training_on_anything(training, text):
    ours = BPETokenizer.train(training or " ", 300)
    assert ours.encode(text) == theirs_of(ours).encode_ordinary(text)


def test_encode_of_a_book(both):
    ours, theirs = both
    text = english_text()
    assert ours.encode(text) == theirs.encode_ordinary(text)


def test_encode_of_a_long_word(both):
    ours, theirs = both
    text = "".join(c for c in english_text() if c.isalpha())[:100_000]
    assert ours.encode(text) == theirs.encode_ordinary(text)


PARTS = st.sampled_from(["<|endoftext|>", "<|pad|>", "<|", "the", " ", "  \n", "'s", "|>"])


@given(st.lists(PARTS).map("".join))
@pytest.mark.parametrize("allowed", ["all", {"<|pad|>"}, set()], ids=str)
def test_encode_with_special_tokens(both, allowed, text):
    ours, theirs = both
    ids = ours.encode(text, allowed_special=allowed)
    assert ids == theirs.encode(text, allowed_special=allowed, disallowed_special=())
    assert ours.decode(ids) == text


@given(st.lists(st.integers(0, 2999)))
def test_decode_of_any_ids(both, ids):
    ours, theirs = both
    assert ours.decode(ids) == theirs.decode(ids)
    assert ours.decode_bytes(ids) == theirs.decode_bytes(ids)


def test_vocab_size(both):
    ours, theirs = both
    assert ours.vocab_size == theirs.n_vocab
