"""What all tokenizers share: special tokens, checks of what comes in, a file to be kept in."""

from __future__ import annotations

import functools
import json
import operator
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from minigrad.atomic import replacing

FORMAT = 1


class Tokenizer:
    """Text to ids and back: what all tokenizers have in common.

    A special token is a text with an id of its own, such as `"<|endoftext|>"`, that marks something
    and is not written. `encode` gives its id only where the caller allows it; in a text that comes
    from elsewhere it is a run of ordinary characters like any other, so that nobody can end a
    document by writing so. Where one special token begins like another, the longer one is found.

    special_tokens: their texts and ids. pieces: for each id what it stands for. Subclasses define
    `_encode`, `decode`, `_content` and `_from_content`.
    """

    special_tokens: dict[str, int]
    pieces: Mapping[int, Any]

    def encode(self, text: str, allowed_special: str | Iterable[str] = ()) -> list[int]:
        """The ids of `text`, of which `decode` makes the same text again.

        allowed_special: the special tokens that are looked for in `text`, or "all".

        Raises TypeError for what is no string; ValueError for one that is not allowed, names a
        special token that there is not, or holds a lone surrogate (half of a UTF-16 pair: no
        character, and nothing that UTF-8 could express).
        """
        if not isinstance(text, str):
            raise TypeError(f"encode: expected a string, got {type(text).__name__}")
        check_characters(text, "encode")
        allowed = self._allowed(allowed_special)
        if not allowed:
            return self._encode(text, 0)
        ids, start = [], 0
        for match in one_of(allowed).finditer(text):
            ids += self._encode(text[start : match.start()], start)
            ids.append(self.special_tokens[match.group()])
            start = match.end()
        return ids + self._encode(text[start:], start)

    def decode(self, ids: Any) -> str:
        """The text that `ids` stand for; special tokens appear as their own text.

        ids: a sequence of integers, an array or a Tensor, with one dimension. Raises IndexError for
        an id that the tokenizer does not have.
        """
        raise NotImplementedError(f"{type(self).__name__} must define decode(self, ids)")

    @functools.cached_property
    def vocab_size(self) -> int:
        """One more than the largest id: how many rows an Embedding of the ids needs."""
        return max(self.pieces) + 1

    def save(self, path: str | os.PathLike) -> None:
        """Write a JSON file for `load`. It is replaced as a whole: a crash leaves the old one."""
        content = {"tokenizer": type(self).__name__, "format": FORMAT, **self._content()}
        with replacing(path) as temporary:
            temporary.write_text(
                json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> Any:
        """The tokenizer that `save` wrote to `path`. Raises ValueError if the file is another."""
        content = read_json(path)
        kind = content.get("tokenizer") if isinstance(content, dict) else None
        if kind != cls.__name__:
            found = f"that of a {kind}" if isinstance(kind, str) else "no tokenizer"
            raise ValueError(f"{path}: expected the file of a {cls.__name__}, found {found}")
        if content.get("format") != FORMAT:
            raise ValueError(
                f"{path}: expected format {FORMAT}, found {content.get('format')!r}; "
                "save it anew with this version of minigrad"
            )
        try:
            return cls._from_content(content)
        except KeyError as error:
            raise ValueError(f"{path}: the file is damaged: {error} is missing in it") from None
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{path}: the file is damaged: {error}") from None

    def __repr__(self) -> str:
        special = f", special_tokens={list(self.special_tokens)}" if self.special_tokens else ""
        return f"{type(self).__name__}(vocab_size={self.vocab_size}{special})"

    def _encode(self, text: str, offset: int) -> list[int]:
        """The ids of a text without special tokens, which begins at `offset` in the whole."""
        raise NotImplementedError

    def _content(self) -> dict[str, Any]:
        """What the constructor needs, as JSON has it."""
        raise NotImplementedError

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> Tokenizer:
        raise NotImplementedError

    def _allowed(self, allowed_special: str | Iterable[str]) -> list[str]:
        if allowed_special == "all":
            return list(self.special_tokens)
        if isinstance(allowed_special, str):
            raise ValueError(
                f"encode: expected allowed_special to be 'all' or a collection of special tokens, "
                f"got the string {allowed_special!r}; write [{allowed_special!r}]"
            )
        allowed = list(allowed_special)
        for name in allowed:
            if name not in self.special_tokens:
                raise ValueError(
                    f"encode: allowed_special has {name!r}, which is none of the special tokens "
                    f"{list(self.special_tokens)}"
                )
        return allowed

    def _look_up(self, ids: Any) -> list[Any]:
        """What each of the ids stands for."""
        ids = ids.tolist() if hasattr(ids, "tolist") else ids
        if not isinstance(ids, Iterable):
            raise TypeError(f"decode: expected a sequence of ids, got {type(ids).__name__}")
        found = []
        for place, i in enumerate(ids):
            try:
                number = operator.index(i)
            except TypeError:
                raise TypeError(
                    "decode: expected integers in one dimension, got "
                    f"{type(i).__name__} at position {place}"
                ) from None
            if number not in self.pieces:
                raise IndexError(
                    f"decode: the id {number} at position {place} stands for nothing; this "
                    f"tokenizer has {len(self.pieces)} ids from {min(self.pieces)} to "
                    f"{max(self.pieces)}"
                )
            found.append(self.pieces[number])
        return found


def one_of(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds each of the texts, the longest where several fit."""
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


def check_characters(text: str, where: str) -> None:
    """Raise ValueError for a lone surrogate."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{where}: {text[error.start]!r} at position {error.start} is a lone surrogate, half "
            "of a character, which UTF-8 cannot express; replace it, for instance with "
            "text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace')"
        ) from None


def check_special_tokens(names: Iterable[str]) -> list[str]:
    """The special tokens as a list. Raises unless they are different texts, none of them empty."""
    if isinstance(names, str):
        raise TypeError(
            f"special_tokens: expected a sequence of strings, got the string {names!r}; "
            f"write ({names!r},)"
        )
    names = list(names)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"special_tokens: expected strings, got {type(name).__name__}")
        if not name or names.count(name) > 1:
            raise ValueError(
                f"special_tokens: expected different texts that are not empty, got {names}"
            )
        check_characters(name, f"special token {name!r}")
    return names


def ordinary_parts(texts: str | Iterable[str], special_tokens: list[str]) -> Iterator[str]:
    """What lies between the special tokens in the texts to train on (one string is one text)."""
    if not isinstance(texts, Iterable):
        raise TypeError(f"train: expected strings, got {type(texts).__name__}")
    for i, text in enumerate([texts] if isinstance(texts, (str, bytes)) else texts):
        if not isinstance(text, str):
            raise TypeError(f"train: expected strings, but text {i} is {type(text).__name__}")
        check_characters(text, f"train: text {i}")
        yield from one_of(special_tokens).split(text) if special_tokens else [text]


def read_json(path: str | os.PathLike) -> Any:
    """The content of a JSON file; ValueError, naming the file, if it is none."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: expected a JSON file in UTF-8, but {error}") from None
