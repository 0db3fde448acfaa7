"""CharTokenizer: an id for each character."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from minigrad.text.vocabulary import VocabularyTokenizer


class CharTokenizer(VocabularyTokenizer):
    """One id for each character: the smallest vocabulary, and the longest sequences.

    characters: each one once; its place is its id. The special tokens have the ids after them.
    unk: the special token that stands for every other character (without it they are an error); it
    is added to special_tokens as the last one if it is not among them. What became unk is lost:
    decode gives the text of unk in its place.

    A character is a code point: "é" may be one or two of them (e and an accent). Use
    `unicodedata.normalize` first if they are to be the same.

    Raises ValueError for a character that comes twice and for what is not one character.

    >>> tokenizer = CharTokenizer.train("hello", special_tokens=["<end>"])
    >>> tokenizer
    CharTokenizer(vocab_size=5, special_tokens=['<end>'])
    >>> tokenizer.encode("hole<end>", allowed_special="all")
    [1, 3, 2, 0, 4]
    >>> tokenizer.decode([1, 0, 2, 3])
    'helo'
    """

    unit = "character"

    def __init__(
        self,
        characters: Iterable[str],
        special_tokens: Iterable[str] = (),
        unk: str | None = None,
    ):
        characters = list(characters)
        for c in characters:
            if not isinstance(c, str) or len(c) != 1:
                raise ValueError(f"CharTokenizer: expected single characters, got {c!r}")
        super().__init__(characters, special_tokens, unk)

    @staticmethod
    def _split(text: str) -> Iterable[str]:
        return text

    @staticmethod
    def _places(text: str) -> Iterator[tuple[int, str]]:
        return enumerate(text)

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocab_size: int | None = None,
        special_tokens: Iterable[str] = (),
        unk: str | None = None,
    ) -> CharTokenizer:
        """A tokenizer of the characters in `texts` (strings, or a single one), by code point.

        vocab_size: how many ids there may be, special tokens included. If that is fewer than there
        are characters, the most frequent ones are taken, of equally frequent ones those with the
        lower code point, and the rest needs `unk`. Characters of special tokens in `texts` do not
        count.

        Raises ValueError if there are no characters, or too many for vocab_size.
        """
        characters, names = cls._learn(texts, vocab_size, special_tokens, unk)
        return cls(sorted(characters), names, unk)

    def decode(self, ids: Any) -> str:
        """The text that `ids` stand for; IndexError for an id that the tokenizer does not have."""
        return "".join(self._look_up(ids))

    def _content(self) -> dict[str, Any]:
        return {"characters": "".join(self.ids), **self._rest()}

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> CharTokenizer:
        return cls(content["characters"], content["special_tokens"], content["unk"])
