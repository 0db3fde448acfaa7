"""WordTokenizer; what it shares with CharTokenizer is tested there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.text import WordTokenizer


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("  don't \n\t stop ", ["don't", "stop"]),
        ("it\u2019s 'quoted' rock'n'roll", ["it\u2019s", "'", "quoted", "'", "rock'n'roll"]),
        ("x_1 = 3.14;", ["x_1", "=", "3", ".", "14", ";"]),
        ("well-known...", ["well", "-", "known", ".", ".", "."]),
        ("cafe\u0301 नमस्ते दुनिया", ["cafe\u0301", "नमस्ते", "दुनिया"]),  # with marks in them
        ("你好。 🙂", ["你好", "。", "🙂"]),
        ("", []),
        (" \n", []),
    ],
)
def test_words(text, words):
    tokenizer = WordTokenizer.train(["one word", text])
    ids = tokenizer.encode(text)
    assert [tokenizer.pieces[i] for i in ids] == words
    assert tokenizer.decode(ids) == " ".join(words)


def test_ids_are_in_the_order_of_frequency():
    tokenizer = WordTokenizer.train(["b a c a", "c a"], special_tokens=["<end>"])
    assert tokenizer.ids == {"a": 0, "c": 1, "b": 2}
    assert tokenizer.special_tokens == {"<end>": 3, "<unk>": 4}
    assert tokenizer.vocab_size == 5


def test_vocab_size_keeps_the_most_frequent_words():
    tokenizer = WordTokenizer.train("a a a b b c d d", vocab_size=4)  # b and d are level
    assert list(tokenizer.ids) == ["a", "b", "d"]
    assert tokenizer.encode("a b c d") == [0, 1, 3, 2]
    assert WordTokenizer.train("b a", vocab_size=9).vocab_size == 3
    with pytest.raises(
        ValueError, match=r"no room for 4 words and 0 special tokens; raise it to 4"
    ):
        WordTokenizer.train("a b c d", vocab_size=3, unk=None)
    with pytest.raises(ValueError, match="has no room for 4 words and 1 special tokens"):
        WordTokenizer.train("a b c d", vocab_size=1)


def test_unknown_words():
    tokenizer = WordTokenizer.train("the cat <unk> sat <unk>")
    assert tokenizer.ids == {"cat": 0, "sat": 1, "the": 2}  # what is written <unk> does not count
    assert tokenizer.encode("the dog sat") == [2, 3, 1]
    assert tokenizer.encode("the <unk>", allowed_special="all") == [2, 3]
    strict = WordTokenizer.train("the cat", special_tokens=iter(["<end>"]), unk=None)
    with pytest.raises(ValueError, match="the word 'dog' at position 5 is not in the vocabulary"):
        strict.encode("the  dog")
    with pytest.raises(ValueError, match="'dog' at position 8"):  # in the whole, not after <end>
        strict.encode("cat<end>dog", allowed_special="all")
    with pytest.raises(ValueError, match=r"'<' at position 4 .*allowed_special=\['<end>'\]"):
        strict.encode("the <end>")


@given(st.text(min_size=1).filter(str.strip))
def test_what_is_decoded_has_the_same_ids(text):
    tokenizer = WordTokenizer.train(text, unk=None)
    ids = tokenizer.encode(text)
    assert tokenizer.encode(tokenizer.decode(ids)) == ids
    assert "".join(tokenizer.decode(ids).split()) == "".join(text.split())


@pytest.mark.parametrize("words", [["a", "b", "a"], ["two words"], [""], ["a,"], [" a"], [1]])
def test_bad_words(words):
    with pytest.raises(ValueError, match="word"):
        WordTokenizer(words)


@pytest.mark.parametrize("texts", ["", " \n", [], "<unk>"])
def test_train_needs_words(texts):
    with pytest.raises(ValueError, match=r"WordTokenizer\.train: expected text, but there is none"):
        WordTokenizer.train(texts)


def test_save_and_load(tmp_path):
    path = tmp_path / "words.json"
    tokenizer = WordTokenizer.train('don\'t "quote" é 🙂', special_tokens=["<end>"])
    tokenizer.save(path)
    again = WordTokenizer.load(path)
    assert (again.ids, again.pieces, again.unk) == (tokenizer.ids, tokenizer.pieces, "<unk>")
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(content | {"words": ["a b"]}), encoding="utf-8")
    with pytest.raises(
        ValueError, match="damaged: WordTokenizer: expected single words, got 'a b'"
    ):
        WordTokenizer.load(path)
    path.write_text(json.dumps(content | {"tokenizer": "CharTokenizer"}), encoding="utf-8")
    with pytest.raises(ValueError, match="expected the file of a WordTokenizer, found that of a"):
        WordTokenizer.load(path)
