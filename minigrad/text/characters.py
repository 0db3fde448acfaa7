"""CharTokenizer: an id for each character."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable
from typing import Any

from minigrad.text.tokenizer import Tokenizer, check_special_tokens, ordinary_parts


class CharTokenizer(Tokenizer):
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
        self.ids = {c: i for i, c in enumerate(characters)}
        if len(self.ids) < len(characters):
            twice = next(c for c, n in Counter(characters).items() if n > 1)
            raise ValueError(f"CharTokenizer: the character {twice!r} comes twice")
        names = check_special_tokens(_with_unk(special_tokens, unk))
        if not characters and not names:
            raise ValueError("CharTokenizer: expected at least one character, got none")
        self.unk = unk
        self.special_tokens = {name: i for i, name in enumerate(names, len(characters))}
        self.pieces = dict(enumerate(characters + names))

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
        names = check_special_tokens(_with_unk(special_tokens, unk))
        counts: Counter[str] = Counter()
        for text in ordinary_parts(texts, names):
            counts.update(text)
        if not counts:
            raise ValueError("CharTokenizer.train: expected text, but there is none in `texts`")
        needed = len(counts) + len(names)
        room = operator.index(needed if vocab_size is None else vocab_size) - len(names)
        if room < 1 or (room < len(counts) and unk is None):
            raise ValueError(
                f"CharTokenizer.train: vocab_size={vocab_size} has no room for {len(counts)} "
                f"characters and {len(names)} special tokens; raise it to {needed}"
                + ("" if unk else ", or give the rare characters a token, unk='<unk>'")
            )
        kept = sorted(counts, key=lambda c: (-counts[c], c))[:room]
        return cls(sorted(kept), names, unk)

    def decode(self, ids: Any) -> str:
        """The text that `ids` stand for; IndexError for an id that the tokenizer does not have."""
        return "".join(self._look_up(ids))

    def _encode(self, text: str, offset: int) -> list[int]:
        if self.unk is not None:
            unknown = self.special_tokens[self.unk]
            return [self.ids.get(c, unknown) for c in text]
        try:
            return [self.ids[c] for c in text]
        except KeyError:
            place, c = next((i, c) for i, c in enumerate(text) if c not in self.ids)
        begins = [name for name in self.special_tokens if text.startswith(name, place)]
        raise ValueError(
            f"encode: the character {c!r} at position {offset + place} is not in the vocabulary; "
            + (
                f"{begins[0]!r} is looked for only with allowed_special=[{begins[0]!r}]"
                if begins
                else "train with a text that has it, or with unk='<unk>'"
            )
        )

    def _content(self) -> dict[str, Any]:
        return {
            "characters": "".join(self.ids),
            "special_tokens": list(self.special_tokens),
            "unk": self.unk,
        }

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> CharTokenizer:
        return cls(content["characters"], content["special_tokens"], content["unk"])


def _with_unk(special_tokens: Iterable[str], unk: str | None) -> Iterable[str]:
    if unk is None or isinstance(special_tokens, str):
        return special_tokens
    names = list(special_tokens)
    return names if unk in names else [*names, unk]
