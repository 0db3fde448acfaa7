"""BPETokenizer: splitting, training, encoding, GPT-2's files."""

from __future__ import annotations

import copy
import json
import pickle
import string
import sys
import unicodedata
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data import english_text
from minigrad.text import BPETokenizer
from minigrad.text.bpe import _Words, merged
from minigrad.text.bpe_training import learn_merges
from minigrad.text.gpt2 import BYTE, CHARACTER, bytes_of, name_of
from minigrad.text.split import split_words

# Few letters, so that pairs come again, and what the split looks at.
DENSE = st.text(st.sampled_from("abeé \n'stré1٣²三🙂_-"), max_size=60)
TEXTS = st.one_of(st.text(), DENSE)


@pytest.fixture(scope="module")
def english():
    return BPETokenizer.train(english_text()[:100_000], 1000, special_tokens=["<|endoftext|>"])


# ------------------------------------------------------------------ splitting


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("Hello world", ["Hello", " world"]),
        ("we're I'll don't IT'S", ["we", "'re", " I", "'ll", " don", "'t", " IT", "'", "S"]),
        ("a  b\n\n c", ["a", " ", " b", "\n\n", " c"]),
        ("a\tb ", ["a", "\t", "b", " "]),
        ("x   ", ["x", "   "]),
        (" 12abc34", [" 12", "abc", "34"]),
        ("a_b--c", ["a", "_", "b", "--", "c"]),
        ("½² Ⅷ①", ["½²", " Ⅷ①"]),
        ("٣x 三", ["٣", "x", " 三"]),
        ("e\u0301", ["e", "\u0301"]),
        ("a\x1cb\x1f c", ["a", "\x1c", "b", "\x1f", " c"]),  # for Python's \s these are whitespace
        ("a  \x1c", ["a", " ", " \x1c"]),
        ("a\u00a0\u2028b", ["a", "\u00a0", "\u2028", "b"]),
        ("hi 🙂🙂!", ["hi", " 🙂🙂!"]),
    ],
)
def test_split_words(text, words):
    assert list(split_words(text)) == words


@given(TEXTS)
def test_words_joined_are_the_text(text):
    words = list(split_words(text))
    assert "".join(words) == text
    assert all(words)


def test_letters_numbers_and_whitespace_are_those_of_unicode():
    """All characters of a kind in one run are one word."""
    separators = "\x1c\x1d\x1e\x1f"  # whitespace for Python, and not for Unicode
    kinds = {"letters": [], "numbers": [], "whitespace": [], "others": []}
    for c in map(chr, range(sys.maxunicode + 1)):
        if c.isspace() and c not in separators:
            kind = "whitespace"
        else:
            kind = {"L": "letters", "N": "numbers"}.get(unicodedata.category(c)[0], "others")
        kinds[kind].append(c)
    runs = {kind: "".join(characters) for kind, characters in kinds.items()}
    for kind, run in runs.items():
        assert list(split_words(run)) == [run], kind
    whole = runs["letters"] + runs["numbers"] + runs["others"]
    assert list(split_words(whole)) == [runs["letters"], runs["numbers"], runs["others"]]


# ------------------------------------------------------------------ training


def plain_training(words, count):
    """Sennrich et al.'s algorithm 1 word for word: count all pairs anew before every merge."""
    sequences = {word: list(word) for word in words}
    merges = []
    while len(merges) < count:
        counts = Counter()
        for word, ids in sequences.items():
            for pair in pairwise(ids):
                counts[pair] += words[word]
        if not counts:
            break
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        for word, ids in sequences.items():
            sequences[word] = joined(ids, best, 256 + len(merges))
        merges.append(best)
    return merges


def joined(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


def test_sennrichs_example():
    """The words of the paper's figure 1, worked by hand, without its mark for a word's end."""
    words = {b"low": 5, b"lowest": 2, b"newer": 6, b"wider": 3}
    tokens = [bytes([i]) for i in range(256)]
    for left, right in learn_merges(words, 4):
        tokens.append(tokens[left] + tokens[right])
    # er 9; then lo and ow 7; then lo + w 7; then ew, ne and w + er 6, of which e w has lower ids.
    assert tokens[256:] == [b"er", b"lo", b"low", b"ew"]


@given(
    st.dictionaries(
        st.text("ab", min_size=1, max_size=12).map(str.encode), st.integers(1, 5), max_size=8
    ),
    st.integers(0, 20),
)
def test_training_is_the_plain_algorithm(words, count):
    assert learn_merges(words, count) == plain_training(words, count)


def test_training_on_english_is_the_plain_algorithm():
    words = Counter(word.encode() for word in split_words(english_text()[:20_000]))
    assert learn_merges(words, 200) == plain_training(words, 200)


def test_of_equally_frequent_pairs_the_lower_ids_go_first():
    assert learn_merges({b"dc": 1, b"ab": 1, b"ba": 1}, 2) == [(97, 98), (98, 97)]
    assert learn_merges({b"ba": 1, b"dc": 1, b"ab": 1}, 2) == [(97, 98), (98, 97)]


def test_training_ends_when_no_pair_is_left():
    assert learn_merges({b"aaa": 1}, 10) == [(97, 97), (256, 97)]
    assert BPETokenizer.train("ab", 1000, ["<end>"]).special_tokens == {"<end>": 257}


@given(st.lists(DENSE, min_size=1).filter(any))
def test_training_again_gives_the_same(texts):
    one = BPETokenizer.train(texts, 280)
    two = BPETokenizer.train(iter(reversed(texts)), 280)
    assert list(one.ranks.items()) == list(two.ranks.items())


def test_a_long_word_is_no_trouble():
    """A merge costs the pair's places: squared, these 200,000 letters would take hours."""
    letters = string.ascii_lowercase
    text = "".join(letters[(i * i // 7) % 26] for i in range(200_000))
    tokenizer = BPETokenizer.train(text, 400)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert len(ids) < 100_000


# ------------------------------------------------------------------ encoding


def plain_merging(word, ranks):
    """The definition: join the neighbours with the lowest rank, the leftmost of equals."""
    parts = [word[i : i + 1] for i in range(len(word))]
    while True:
        joints = [(ranks[a + b], i) for i, (a, b) in enumerate(pairwise(parts)) if a + b in ranks]
        if not joints:
            return tuple(ranks[part] for part in parts)
        _, i = min(joints)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


@given(st.text("ab", min_size=1, max_size=30), st.text("abc", max_size=40))
def test_merging_is_the_definition(training, text):
    ranks = BPETokenizer.train(training, 270).ranks
    word = text.encode()
    assert merged(word, ranks) == plain_merging(word, ranks)


@given(st.text("ab", min_size=1, max_size=40))
def test_encoding_the_training_text_repeats_its_merges(training):
    """What training made of a word is what encoding makes of it."""
    word = training.encode()
    ids = list(word)
    for new, pair in enumerate(learn_merges({word: 1}, 10), 256):
        ids = joined(ids, pair, new)
    assert BPETokenizer.train(training, 266).encode(training) == ids


@given(TEXTS)
def test_round_trip(english, text):
    ids = english.encode(text)
    assert english.decode(ids) == text
    assert all(0 <= i < 999 for i in ids)  # <|endoftext|> is 999


@given(TEXTS, TEXTS)
def test_round_trip_after_training_on_anything(training, text):
    tokenizer = BPETokenizer.train(training or " ", 300)
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_english_is_shortened(english):
    text = english_text()[100_000:200_000]
    assert len(english.encode(text)) < 0.45 * len(text)


def test_words_come_from_the_cache_as_they_went_in(english):
    tokenizer = copy.deepcopy(english)
    assert tokenizer.encode("the statement") == tokenizer.encode("the statement")
    assert set(split_words("the statement")) <= set(tokenizer._words)


def test_the_cache_does_not_grow_without_bound(monkeypatch):
    monkeypatch.setattr(_Words, "MOST", 10)
    tokenizer = BPETokenizer.train("a", 256)
    for i in range(100):
        tokenizer.encode(str(i))
        assert len(tokenizer._words) <= 10
    long = "a" * (_Words.LONGEST + 1)
    assert tokenizer.encode(long) == [97] * len(long)
    assert long not in tokenizer._words


def test_decode_of_half_a_character():
    tokenizer = BPETokenizer.train("a", 256)
    assert tokenizer.encode("é") == [0xC3, 0xA9]
    assert tokenizer.decode([0xC3]) == "\ufffd"
    assert tokenizer.decode_bytes([0xC3]) == b"\xc3"


def test_special_tokens(english):
    assert english.special_tokens == {"<|endoftext|>": 999}
    assert english.vocab_size == 1000
    text = "one<|endoftext|>two"
    assert 999 not in english.encode(text)
    assert english.decode(english.encode(text)) == text
    assert english.encode(text, allowed_special="all") == (
        [*english.encode("one"), 999, *english.encode("two")]
    )
    assert english.decode([999, 999]) == "<|endoftext|>" * 2


def test_special_tokens_in_the_training_text_are_not_learned():
    tokenizer = BPETokenizer.train("ab<|x|>" * 100, 300, special_tokens=["<|x|>"])
    assert [token for token in tokenizer.ranks if len(token) > 1] == [b"ab"]


def test_repr(english):
    assert repr(english) == "BPETokenizer(vocab_size=1000, special_tokens=['<|endoftext|>'])"


# ------------------------------------------------------------------ the constructor


BYTES = {bytes([i]): i for i in range(256)}


def test_from_ranks_with_a_gap():
    """As in tiktoken's cl100k_base: special tokens far behind the others."""
    tokenizer = BPETokenizer({**BYTES, b"ab": 256}, {"<end>": 300})
    assert tokenizer.vocab_size == 301
    assert tokenizer.encode("abc<end>", allowed_special=["<end>"]) == [256, 99, 300]
    with pytest.raises(IndexError, match="the id 280 at position 0"):
        tokenizer.decode([280])


@pytest.mark.parametrize(
    ("ranks", "special", "error", "message"),
    [
        ({}, [], ValueError, "lack b'.x00'"),
        ({b"a": 0}, [], ValueError, "lack"),
        ({**BYTES, b"ab": 3}, [], ValueError, "two tokens have the id 3"),
        ({**BYTES, b"ab": -1}, [], ValueError, "from 0 on, got -1"),
        ({**BYTES, b"ab": 1.5}, [], TypeError, "b'ab': 1.5"),
        ({**BYTES, 3: 256}, [], TypeError, "3: 256"),
        ({**BYTES, b"": 256}, [], ValueError, "256 is empty"),
        ({**BYTES, "ab": 256}, [], TypeError, "'ab': 256"),
        (BYTES, {"<a>": 255}, ValueError, "two tokens have the id 255"),
        (BYTES, {"<a>": None}, TypeError, "'<a>': None"),
        (BYTES, "<a>", TypeError, "expected a sequence of strings"),
    ],
)
def test_bad_ranks(ranks, special, error, message):
    with pytest.raises(error, match=message):
        BPETokenizer(ranks, special)


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize("size", [0, 255, 257, -1])
def test_vocab_size_too_small(size):
    with pytest.raises(ValueError, match=rf"at least 258 .*got {size}"):
        BPETokenizer.train("abc", size, special_tokens=["<a>", "<b>"])


@pytest.mark.parametrize("texts", ["", [], ["", ""], "<end>"])
def test_train_needs_text(texts):
    with pytest.raises(ValueError, match="there is none"):
        BPETokenizer.train(texts, 300, special_tokens=["<end>"])


@pytest.mark.parametrize("texts", [None, 3, b"ab", ["a", None]])
def test_train_takes_strings(texts):
    with pytest.raises(TypeError, match="train: expected strings"):
        BPETokenizer.train(texts, 300)


def test_encode_takes_strings(english):
    with pytest.raises(TypeError, match="expected a string, got bytes"):
        english.encode(b"ab")


def test_a_lone_surrogate_is_an_error(english):
    with pytest.raises(ValueError, match=r"'\\ud83d' at position 3 is a lone surrogate"):
        english.encode("ab \ud83d!")
    with pytest.raises(ValueError, match=r"text 0: .*lone surrogate"):
        BPETokenizer.train("\ud83d", 300)


@pytest.mark.parametrize("wrong", [-1, 1000])
def test_ids_out_of_range(english, wrong):
    with pytest.raises(IndexError, match=rf"the id {wrong} at position 2 .* from 0 to 999"):
        english.decode([0, 999, wrong])


# ------------------------------------------------------------------ files


def test_save_and_load(english, tmp_path):
    path = tmp_path / "english.json"
    english.save(path)
    again = BPETokenizer.load(path)
    assert list(again.ranks.items()) == list(english.ranks.items())
    assert again.special_tokens == english.special_tokens
    text = english_text()[:3000]
    assert again.encode(text) == english.encode(text)


@pytest.mark.parametrize(
    "change",
    [{"ranks": {}}, {"ranks": []}, {"ranks": {"三": 1}}, {"special_tokens": 3}, {"ranks": None},
     {"tokenizer": "CharTokenizer"}, {"special_tokens": {"<a>": "1"}}, {"format": 0}],
)  # fmt: skip
def test_a_file_that_is_no_tokenizer(english, tmp_path, change):
    path = tmp_path / "english.json"
    english.save(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change))
    with pytest.raises(ValueError, match=r"english\.json: "):
        BPETokenizer.load(path)


def test_pickle(english):
    again = pickle.loads(pickle.dumps(english))
    assert again.encode("statement ½") == english.encode("statement ½")


# ------------------------------------------------------------------ GPT-2's files


def test_bytes_as_characters():
    assert (CHARACTER[ord(" ")], CHARACTER[ord("\n")], CHARACTER[0]) == ("Ġ", "Ċ", "Ā")
    assert (CHARACTER[127], CHARACTER[160], CHARACTER[173]) == ("ġ", "ł", "Ń")
    assert len(BYTE) == 256
    assert not any(c.isspace() for c in BYTE)
    every = bytes(range(256))
    assert bytes_of(name_of(every)) == every


def write_gpt2(folder, tokenizer, version="#version: 0.2\n"):
    """A tokenizer in GPT-2's two files; its merges are found again from its ranks."""
    vocab = {name_of(token): i for token, i in tokenizer.ranks.items()}
    (folder / "vocab.json").write_text(
        json.dumps(vocab | tokenizer.special_tokens), encoding="utf-8"
    )
    lines = []
    for token, rank in tokenizer.ranks.items():
        if len(token) > 1:
            below = {t: r for t, r in tokenizer.ranks.items() if r < rank}
            backwards = {r: t for t, r in below.items()}
            lines.append(" ".join(name_of(backwards[i]) for i in plain_merging(token, below)))
    (folder / "merges.txt").write_text(version + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("version", ["#version: 0.2\n", ""])
def test_load_gpt2(tmp_path, version):
    text = english_text()[:5000] + "# ## ### \u2028\x85é é"
    tokenizer = BPETokenizer.train(text, 500, special_tokens=["<|endoftext|>"])
    write_gpt2(tmp_path, tokenizer, version)
    again = BPETokenizer.load_gpt2(tmp_path)
    assert again.ranks == tokenizer.ranks
    assert again.special_tokens == {"<|endoftext|>": 499}


def test_the_first_merge_may_be_of_number_signs(tmp_path):
    tokenizer = BPETokenizer.train("## ##", 258)
    write_gpt2(tmp_path, tokenizer, version="")
    assert BPETokenizer.load_gpt2(tmp_path).ranks == tokenizer.ranks


VOCAB = {c: i for i, c in enumerate(BYTE)}


@pytest.mark.parametrize(
    ("vocab", "merges", "message"),
    [
        ([1], "", r"vocab\.json: expected a dict"),
        ("{", "", r"vocab\.json"),
        ({"a": 0}, "", r"vocab\.json: .* is missing"),
        ({**VOCAB, "ab": 256}, "a b c", r"merges\.txt, line 1: expected two tokens"),
        ({**VOCAB, "ab": 256}, "#version: 0.2\na", r"merges\.txt, line 2: expected two tokens"),
        (VOCAB, "a b", r"line 1: 'ab' is not in"),
        ({**VOCAB, "abc": 256}, "ab c", r"line 1: 'ab' is not made"),
        ({**VOCAB, "ab": 257, "cd": 256}, "a b\nc d", r"line 2: .* id above 257"),
        ({**VOCAB, "ab": "x"}, "a b", r"line 1: .*gives it 'x'"),
        ({**VOCAB, "!": 1}, "", r"vocab\.json: .*two tokens have the id 1"),
        ({**VOCAB, "<end>": None}, "", r"vocab\.json: .*'<end>': None"),
    ],
)
def test_files_that_are_not_gpt2s(tmp_path, vocab, merges, message):
    content = vocab if isinstance(vocab, str) else json.dumps(vocab)
    (tmp_path / "vocab.json").write_text(content, encoding="utf-8")
    (tmp_path / "merges.txt").write_text(merges, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        BPETokenizer.load_gpt2(tmp_path)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        BPETokenizer.load_gpt2(tmp_path)
