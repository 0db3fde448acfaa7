"""WordTokenizer: an id for each word."""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from minigrad.text.split import runs
from minigrad.text.vocabulary import VocabularyTokenizer


class WordTokenizer(VocabularyTokenizer):
    """One id for each word: the shortest sequences, and the largest vocabulary.

    A word is a run of letters, digits and underscores, with apostrophes within it ("don't"); every
    other character that is no whitespace is a word of its own. Whitespace only separates: decode
    puts one space between words, also before a full stop. Upper and lower case differ; use
    `text.lower()` first if they are to be the same.

    words: each one once; its place is its id. The special tokens have the ids after them. unk: the
    special token that stands for every other word; it is added to special_tokens as the last one if
    it is not among them. With unk=None a word that is not there is an error.

    Raises ValueError for a word that comes twice and for what is not one word.

    >>> tokenizer = WordTokenizer.train("the cat, the dog", special_tokens=["<end>"])
    >>> tokenizer
    WordTokenizer(vocab_size=6, special_tokens=['<end>', '<unk>'])
    >>> tokenizer.encode("the cow, the cat<end>", allowed_special="all")
    [0, 5, 1, 0, 2, 4]
    >>> tokenizer.decode([0, 5, 1, 0, 2])
    'the <unk> , the cat'
    """

    unit = "word"

    def __init__(
        self,
        words: Iterable[str],
        special_tokens: Iterable[str] = (),
        unk: str | None = "<unk>",
    ):
        words = list(words)
        for word in words:
            if not isinstance(word, str) or self._split(word) != [word]:
                raise ValueError(f"WordTokenizer: expected single words, got {word!r}")
        super().__init__(words, special_tokens, unk)

    @staticmethod
    def _split(text: str) -> list[str]:
        return word_pattern().findall(text)

    @staticmethod
    def _places(text: str) -> Iterator[tuple[int, str]]:
        return ((match.start(), match.group()) for match in word_pattern().finditer(text))

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocab_size: int | None = None,
        special_tokens: Iterable[str] = (),
        unk: str | None = "<unk>",
    ) -> WordTokenizer:
        """A tokenizer of the words in `texts` (strings, or a single one), the most frequent first.

        vocab_size: how many ids there may be, special tokens included; the rarest words go, of
        equally frequent ones those with the higher code points, and become unk. Words of special
        tokens in `texts` do not count.

        Raises ValueError if there are no words, or too many for vocab_size and there is no unk.
        """
        words, names = cls._learn(texts, vocab_size, special_tokens, unk)
        return cls(words, names, unk)

    def decode(self, ids: Any) -> str:
        """The words that `ids` stand for, with a space between them; IndexError for an id that the
        tokenizer does not have."""
        return " ".join(self._look_up(ids))

    def _content(self) -> dict[str, Any]:
        return {"words": list(self.ids), **self._rest()}

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> WordTokenizer:
        return cls(content["words"], content["special_tokens"], content["unk"])


@functools.cache
def word_pattern() -> re.Pattern[str]:
    r"""Python's \w lacks the marks that follow a letter: vowels of Hindi, accents set apart."""
    every = map(chr, range(sys.maxunicode + 1))
    marks = [ord(c) for c in every if unicodedata.category(c).startswith("M")]
    within = rf"\w[\w{''.join(f'{chr(first)}-{chr(last)}' for first, last in runs(marks))}]*"
    return re.compile(rf"{within}(?:['\u2019]{within})*|\S")
