"""CharTokenizer, and what it shares with every tokenizer."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg
from minigrad.text import CharTokenizer


def test_ids_are_in_the_order_of_code_points_and_special_tokens_follow():
    tokenizer = CharTokenizer.train(["ba", "éb\n"], special_tokens=["<a>", "<b>"])
    assert tokenizer.ids == {"\n": 0, "a": 1, "b": 2, "é": 3}
    assert tokenizer.special_tokens == {"<a>": 4, "<b>": 5}
    assert tokenizer.vocab_size == 6
    assert tokenizer.encode("ab\né") == [1, 2, 0, 3]
    assert tokenizer.encode("") == []
    assert tokenizer.decode([]) == ""
    assert repr(tokenizer) == "CharTokenizer(vocab_size=6, special_tokens=['<a>', '<b>'])"
    assert repr(CharTokenizer("xy")) == "CharTokenizer(vocab_size=2)"


@given(st.text(min_size=1))
def test_round_trip(text):
    tokenizer = CharTokenizer.train(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.vocab_size == len(set(text))
    assert set(ids) == set(range(tokenizer.vocab_size))


@given(st.lists(st.text(), min_size=1).filter(any))
def test_training_again_gives_the_same(texts):
    one, two = CharTokenizer.train(texts), CharTokenizer.train(iter(reversed(texts)))
    assert one.pieces == two.pieces


# ------------------------------------------------------------------ unknown characters


def test_an_unknown_character_is_named_with_its_place():
    tokenizer = CharTokenizer.train("abc", special_tokens=["<end>"])
    with pytest.raises(ValueError, match=r"the character 'x' at position 2 is not in the vocab"):
        tokenizer.encode("abxa")
    with pytest.raises(ValueError, match="'x' at position 7"):  # in the whole, not after <end>
        tokenizer.encode("ab<end>xa", allowed_special="all")


def test_a_special_token_that_is_not_allowed_is_named():
    tokenizer = CharTokenizer.train("abc", special_tokens=["<end>"])
    with pytest.raises(ValueError, match=r"'<' at position 1 .*allowed_special=\['<end>'\]"):
        tokenizer.encode("a<end>")


def test_unk_stands_for_unknown_characters():
    tokenizer = CharTokenizer.train("abc", special_tokens=["<end>"], unk="<unk>")
    assert tokenizer.special_tokens == {"<end>": 3, "<unk>": 4}
    assert tokenizer.encode("axb") == [0, 4, 1]
    assert tokenizer.decode([0, 4, 1]) == "a<unk>b"


def test_unk_may_have_its_place_among_the_special_tokens():
    tokenizer = CharTokenizer.train("abc", special_tokens=["<unk>", "<end>"], unk="<unk>")
    assert tokenizer.special_tokens == {"<unk>": 3, "<end>": 4}
    assert tokenizer.encode("z") == [3]


def test_vocab_size_keeps_the_most_frequent_characters():
    tokenizer = CharTokenizer.train("aaabbcdd", vocab_size=4, unk="?")  # b and d are level
    assert tokenizer.ids == {"a": 0, "b": 1, "d": 2}
    assert tokenizer.encode("abcd") == [0, 1, 3, 2]
    assert CharTokenizer.train("aabb", vocab_size=2, unk="?").ids == {"a": 0}
    assert CharTokenizer.train("ab", vocab_size=100).vocab_size == 2


@pytest.mark.parametrize(("size", "unk"), [(3, None), (1, "?"), (0, None), (-5, "?")])
def test_vocab_size_too_small(size, unk):
    with pytest.raises(ValueError, match="raise it to"):
        CharTokenizer.train("abcd", vocab_size=size, unk=unk)


# ------------------------------------------------------------------ special tokens


def test_special_tokens_are_found_only_where_they_are_allowed():
    tokenizer = CharTokenizer.train("abc<>/", special_tokens=["<a>", "</a>"])
    whole = "<a>b</a>"
    ordinary = [tokenizer.ids[c] for c in whole]
    assert tokenizer.encode(whole) == ordinary
    assert tokenizer.encode(whole, allowed_special="all") == [6, tokenizer.ids["b"], 7]
    assert tokenizer.encode(whole, allowed_special={"</a>"}) == [*ordinary[:4], 7]
    assert tokenizer.decode([6, 7]) == "<a></a>"


def test_of_two_special_tokens_the_longer_one_is_found():
    tokenizer = CharTokenizer("x", special_tokens=["<a", "<a>", "a"])
    assert tokenizer.encode("<a><ax", allowed_special="all") == [2, 1, 0]


def test_special_tokens_in_the_training_text_are_no_characters():
    assert CharTokenizer.train("ab<end>ba<end>", special_tokens=["<end>"]).vocab_size == 3


@pytest.mark.parametrize("allowed", [["<end>"], "<end>", [""]])
def test_allowed_special_must_be_special_tokens(allowed):
    with pytest.raises(ValueError, match="allowed_special"):
        CharTokenizer("ab", special_tokens=["<a>"]).encode("ab", allowed_special=allowed)


@pytest.mark.parametrize(
    ("special", "error"),
    [("<a>", TypeError), ([""], ValueError), (["a", "a"], ValueError), ([1], TypeError),
     (["\ud800"], ValueError)],
)  # fmt: skip
def test_bad_special_tokens(special, error):
    with pytest.raises(error, match="special"):
        CharTokenizer("ab", special_tokens=special)
    with pytest.raises(error, match="special"):
        CharTokenizer.train("ab", special_tokens=special, unk="?")


# ------------------------------------------------------------------ bad input


@pytest.mark.parametrize("text", [None, 3, b"ab", ["a"]])
def test_encode_takes_strings(text):
    with pytest.raises(TypeError, match="encode: expected a string, got"):
        CharTokenizer("ab").encode(text)


@pytest.mark.parametrize("texts", [None, 3, b"ab", ["a", None], [["a"]]])
def test_train_takes_strings(texts):
    with pytest.raises(TypeError, match="train: expected strings"):
        CharTokenizer.train(texts)


@pytest.mark.parametrize("texts", ["", [], ["", ""], "<end>"])
def test_train_needs_text(texts):
    with pytest.raises(ValueError, match="there is none"):
        CharTokenizer.train(texts, special_tokens=["<end>"])


@pytest.mark.parametrize("characters", ["", "aba", ["ab"], [1], [""]])
def test_bad_characters(characters):
    with pytest.raises(ValueError, match="character"):
        CharTokenizer(characters)


def test_a_lone_surrogate_is_an_error():
    with pytest.raises(ValueError, match=r"text 1: '\\ud800' at position 2 is a lone surrogate"):
        CharTokenizer.train(["ab", "ab\ud800"])
    with pytest.raises(ValueError, match=r"encode: '\\udfff' at position 0 is a lone surrogate"):
        CharTokenizer.train("ab", unk="?").encode("\udfff")


@pytest.mark.parametrize("wrong", [-1, 3, 10**30])
def test_ids_out_of_range(wrong):
    with pytest.raises(IndexError, match=rf"the id {wrong} at position 1 .* 3 ids from 0 to 2"):
        CharTokenizer("abc").decode([0, wrong])


@pytest.mark.parametrize(
    "ids", [3, None, "abc", [1.0], [[0, 1]], np.zeros((1, 2), int), np.ones(2), [np.ones(2, int)]]
)
def test_decode_takes_a_sequence_of_integers(ids):
    with pytest.raises(TypeError, match="decode: expected"):
        CharTokenizer("abc").decode(ids)


def test_ids_may_be_arrays_and_tensors():
    tokenizer = CharTokenizer("abc")
    assert tokenizer.decode(np.array([2, 0], dtype=np.uint8)) == "ca"
    assert tokenizer.decode(mg.tensor([2, 0])) == "ca"
    assert tokenizer.decode([np.int64(2), mg.tensor(0)]) == "ca"
    assert tokenizer.decode(i for i in (1, 1)) == "bb"


# ------------------------------------------------------------------ files


def test_save_and_load(tmp_path):
    path = tmp_path / "characters.json"
    tokenizer = CharTokenizer.train('é"\\\n\u2028🙂', special_tokens=["<end>"], unk="<unk>")
    tokenizer.save(path)
    again = CharTokenizer.load(path)
    assert again.ids == tokenizer.ids
    assert again.special_tokens == tokenizer.special_tokens
    assert again.pieces == tokenizer.pieces
    assert again.unk == "<unk>"
    assert json.loads(path.read_text(encoding="utf-8"))["tokenizer"] == "CharTokenizer"
    assert [p.name for p in tmp_path.iterdir()] == ["characters.json"]


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "characters.json"
    CharTokenizer("ab").save(path)
    broken = CharTokenizer("abc")
    broken.unk = object()  # type: ignore[assignment]
    with pytest.raises(TypeError):
        broken.save(path)
    assert CharTokenizer.load(path).vocab_size == 2


GOOD = {"tokenizer": "CharTokenizer", "format": 1, "characters": "ab", "special_tokens": [],
        "unk": None}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a JSON file"),
        (b"\xff\xfe", "expected a JSON file"),
        (b"[" * 100_000, "expected a JSON file"),
        (b"[1, 2]", "found no tokenizer"),
        ({}, "found no tokenizer"),
        ({"tokenizer": 3}, "found no tokenizer"),
        ({**GOOD, "tokenizer": "BPETokenizer"}, "found that of a BPETokenizer"),
        ({**GOOD, "format": 2}, "expected format 1, found 2"),
        ({k: v for k, v in GOOD.items() if k != "unk"}, "'unk' is missing"),
        ({**GOOD, "characters": "aa"}, "'a' comes twice"),
        ({**GOOD, "characters": 5}, "damaged"),
        ({**GOOD, "special_tokens": [None]}, "damaged"),
        ({**GOOD, "unk": []}, "damaged"),
    ],
)
def test_a_file_that_is_no_tokenizer(tmp_path, content, message):
    path = tmp_path / "file.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(ValueError, match=message) as error:
        CharTokenizer.load(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        CharTokenizer.load(tmp_path / "none.json")


def test_pickle():
    tokenizer = CharTokenizer("ab", unk="?")
    assert pickle.loads(pickle.dumps(tokenizer)).encode("ax") == [0, 2]
