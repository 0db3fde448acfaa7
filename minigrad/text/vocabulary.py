"""What tokenizers share that have a list of pieces: all characters, or the frequent words."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from minigrad.text.tokenizer import Tokenizer, check_special_tokens, ordinary_parts


class VocabularyTokenizer(Tokenizer):
    """The pieces have the ids from 0, the special tokens those after them. unk: the special token
    that stands for every other piece, None if they are an error.

    A subclass says what its pieces are: `unit` in messages, and `_split`.
    """

    unit: str

    def __init__(self, pieces: list[str], special_tokens: Iterable[str], unk: str | None):
        name = type(self).__name__
        self.ids = {piece: i for i, piece in enumerate(pieces)}
        if len(self.ids) < len(pieces):
            twice = next(piece for piece, n in Counter(pieces).items() if n > 1)
            raise ValueError(f"{name}: the {self.unit} {twice!r} comes twice")
        names = check_special_tokens(_with_unk(special_tokens, unk))
        if not pieces and not names:
            raise ValueError(f"{name}: expected at least one {self.unit}, got none")
        self.unk = unk
        self.special_tokens = {name: i for i, name in enumerate(names, len(pieces))}
        self.pieces = dict(enumerate(pieces + names))

    @staticmethod
    def _split(text: str) -> Iterable[str]:
        """The pieces of a text, in their order."""
        raise NotImplementedError

    @staticmethod
    def _places(text: str) -> Iterator[tuple[int, str]]:
        """The pieces of a text with the places where they begin."""
        raise NotImplementedError

    @classmethod
    def _learn(
        cls,
        texts: str | Iterable[str],
        vocab_size: int | None,
        special_tokens: Iterable[str],
        unk: str | None,
    ) -> tuple[list[str], list[str]]:
        """The pieces of `texts`, the most frequent ones first, equally frequent ones in the order
        of their code points; no more than have room in vocab_size beside the special tokens, which
        are returned too."""
        names = check_special_tokens(_with_unk(special_tokens, unk))
        counts: Counter[str] = Counter()
        for text in ordinary_parts(texts, names):
            counts.update(cls._split(text))
        where = f"{cls.__name__}.train"
        if not counts:
            raise ValueError(f"{where}: expected text, but there is none in `texts`")
        needed = len(counts) + len(names)
        room = operator.index(needed if vocab_size is None else vocab_size) - len(names)
        if room < 1 or (room < len(counts) and unk is None):
            raise ValueError(
                f"{where}: vocab_size={vocab_size} has no room for {len(counts)} {cls.unit}s and "
                f"{len(names)} special tokens; raise it to {needed}"
                + ("" if unk else f", or give the rare {cls.unit}s a token, unk='<unk>'")
            )
        return sorted(counts, key=lambda piece: (-counts[piece], piece))[:room], names

    def _encode(self, text: str, offset: int) -> list[int]:
        if self.unk is not None:
            unknown = self.special_tokens[self.unk]
            return [self.ids.get(piece, unknown) for piece in self._split(text)]
        try:
            return [self.ids[piece] for piece in self._split(text)]
        except KeyError:
            place, piece = next((i, p) for i, p in self._places(text) if p not in self.ids)
        begins = [name for name in self.special_tokens if text.startswith(name, place)]
        raise ValueError(
            f"encode: the {self.unit} {piece!r} at position {offset + place} is not in the "
            "vocabulary; "
            + (
                f"{begins[0]!r} is looked for only with allowed_special=[{begins[0]!r}]"
                if begins
                else "train with a text that has it, or with unk='<unk>'"
            )
        )

    def _rest(self) -> dict[str, Any]:
        """What a file has beside the pieces."""
        return {"special_tokens": list(self.special_tokens), "unk": self.unk}


def _with_unk(special_tokens: Iterable[str], unk: str | None) -> Iterable[str]:
    if unk is None or isinstance(special_tokens, str):
        return special_tokens
    names = list(special_tokens)
    return names if unk in names else [*names, unk]
