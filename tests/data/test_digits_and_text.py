"""The data that needs no network."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad.data import digits, english_text, names, pronunciations, sentiment
from minigrad.data.digits import FILE


def test_digits():
    train, test = digits()
    assert (len(train), len(test)) == (1433, 364)
    for part in (train, test):
        images, labels = (t.array for t in part.tensors)
        assert (images.dtype, images.shape[1:], labels.dtype) == ("float32", (64,), "int64")
        assert (images.min(), images.max()) == (0, 1)
        share = np.bincount(labels) / len(labels)
        assert np.abs(share - 0.1).max() < 0.005  # every digit in both, alike


def test_digits_do_not_overlap_and_do_not_change():
    (a, b), (c, _) = digits(), digits()
    np.testing.assert_array_equal(a.tensors[0].array, c.tensors[0].array)
    rows = {row.tobytes() for row in a.tensors[0].array}
    assert not any(row.tobytes() in rows for row in b.tensors[0].array)


def test_the_first_digit_is_a_zero():
    _, test = digits()
    picture = (test[0][0].reshape(8, 8) * 16).tolist()
    assert picture[0] == [0, 0, 5, 13, 9, 1, 0, 0]
    assert test[0][1].item() == 0


def test_source_and_licence_lie_beside_the_file():
    text = (FILE.parent / "README.md").read_text(encoding="utf-8")
    assert "CC BY 4.0" in text
    assert FILE.stat().st_size < 100_000


@pytest.mark.parity
def test_digits_are_those_of_scikit_learn():
    theirs = pytest.importorskip("sklearn.datasets").load_digits()
    with np.load(FILE, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["images"], theirs.images)
        np.testing.assert_array_equal(file["labels"], theirs.target)


def test_english_text():
    text = english_text()
    assert 400_000 < len(text) < 1_000_000
    assert text == english_text()
    assert "statement" in text


def test_names():
    assert len(set(names())) == len(names()) == 5163
    assert {"ada", "grace", "alan"} <= set(names())
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names())


def test_sentiment():
    train, test = sentiment()
    for part in (train, test):
        assert sum(label for _, label in part) * 2 == len(part)
        assert all(sentence.strip() == sentence != "" for sentence, _ in part)
    assert ("Waste of money.", 0) in train + test
    assert len({s for s, _ in train} & {s for s, _ in test}) == 6


def test_pronunciations():
    words = pronunciations()
    assert sum(map(len, words.values())) == 135_166
    assert [" ".join(way) for way in words["tomato"]] == ["T AH0 M EY1 T OW2", "T AH0 M AA1 T OW2"]
    sounds = {sound.rstrip("012") for ways in words.values() for way in ways for sound in way}
    assert len(sounds) == 39
