"""BPETokenizer: byte-level byte-pair encoding, GPT-2's tokenizer."""

from __future__ import annotations

import heapq
import itertools
import operator
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from minigrad.text.bpe_training import learn_merges
from minigrad.text.gpt2 import bytes_of, name_of, read_gpt2
from minigrad.text.split import split_words
from minigrad.text.tokenizer import Tokenizer, check_special_tokens, ordinary_parts


class BPETokenizer(Tokenizer):
    """Byte-pair encoding: frequent sequences of bytes have an id of their own.

    A text is split into words (`split_words`), a word begins as its UTF-8 bytes, and neighbours are
    joined as in training, where each merge joined the most frequent pair. Every text can be
    encoded, since each single byte is a token, and decoded to the same text.

    ranks: the id of each token, single bytes included, as tiktoken calls and has them. A token that
    was made earlier has the lower id and goes first. special_tokens: texts, which get the ids after
    the others, or a dict of texts and ids.

    Sennrich, Haddow & Birch (2016), Neural Machine Translation of Rare Words with Subword Units; on
    bytes: Radford et al. (2019), Language Models are Unsupervised Multitask Learners, section 2.2.

    Raises ValueError unless the ranks have every byte and the ids are different numbers from 0 on.

    >>> tokenizer = BPETokenizer.train("low lower lowest", 260, special_tokens=["<|endoftext|>"])
    >>> tokenizer
    BPETokenizer(vocab_size=260, special_tokens=['<|endoftext|>'])
    >>> [tokenizer.decode([i]) for i in tokenizer.encode("slower")]
    ['s', 'low', 'e', 'r']
    >>> tokenizer.encode("low<|endoftext|>", allowed_special="all")
    [257, 259]
    """

    def __init__(
        self,
        ranks: Mapping[bytes, int],
        special_tokens: Mapping[str, int] | Iterable[str] = (),
    ):
        names = check_special_tokens(special_tokens)
        self.ranks = {token: _check_rank(token, rank, bytes) for token, rank in ranks.items()}
        missing = [byte for byte in range(256) if bytes([byte]) not in self.ranks]
        if missing:
            raise ValueError(f"BPETokenizer: the ranks lack {bytes(missing[:1])}, a single byte")
        if isinstance(special_tokens, Mapping):
            numbers = [_check_rank(name, special_tokens[name], str) for name in names]
        else:
            first = max(self.ranks.values()) + 1
            numbers = list(range(first, first + len(names)))
        self.special_tokens = dict(zip(names, numbers, strict=True))
        self.pieces = {rank: token for token, rank in self.ranks.items()}
        self.pieces |= {i: name.encode() for name, i in self.special_tokens.items()}
        if len(self.pieces) < len(self.ranks) + len(names):
            ids = Counter([*self.ranks.values(), *numbers])
            raise ValueError(f"BPETokenizer: two tokens have the id {ids.most_common(1)[0][0]}")
        self._words = _Words(self.ranks)

    @classmethod
    def train(
        cls,
        texts: str | Iterable[str],
        vocab_size: int,
        special_tokens: Iterable[str] = (),
    ) -> BPETokenizer:
        """A tokenizer with the merges that are learned from `texts` (strings, or a single one).

        vocab_size: how many ids there may be: 256 bytes, then the merges in their order, then the
        special tokens. There are fewer where the text has not so many pairs. Special tokens in
        `texts` separate words and are not learned from. The same text gives the same tokenizer:
        of equally frequent pairs the one of the lower ids goes first.

        Raises ValueError if there is no text, or no room for the bytes and special tokens.
        """
        names = check_special_tokens(special_tokens)
        count = operator.index(vocab_size) - 256 - len(names)
        if count < 0:
            raise ValueError(
                f"BPETokenizer.train: expected a vocab_size of at least {256 + len(names)} (256 "
                f"bytes and {len(names)} special tokens), got {vocab_size}"
            )
        words: Counter[str] = Counter()
        for text in ordinary_parts(texts, names):
            words.update(split_words(text))
        if not words:
            raise ValueError("BPETokenizer.train: expected text, but there is none in `texts`")
        tokens = [bytes([byte]) for byte in range(256)]
        for left, right in learn_merges({w.encode(): n for w, n in words.items()}, count):
            tokens.append(tokens[left] + tokens[right])
        return cls({token: i for i, token in enumerate(tokens)}, names)

    @classmethod
    def load_gpt2(cls, folder: str | os.PathLike) -> BPETokenizer:
        """GPT-2's tokenizer, or one like it, from a folder with its vocab.json and merges.txt.

        The files are laid out as Hugging Face's transformers has them. Raises ValueError for files
        that are not so.
        """
        ranks, special_tokens = read_gpt2(folder)
        try:
            return cls(ranks, special_tokens)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{os.path.join(folder, 'vocab.json')}: {error}") from None

    def decode(self, ids: Any) -> str:
        """The text that `ids` stand for; special tokens appear as their own text.

        ids: a sequence of integers, an array or a Tensor, with one dimension. Ids can be put
        together such that their bytes are not UTF-8: there the text has U+FFFD, as the last token
        of a character that is not complete yet does. Raises IndexError for an id that the tokenizer
        does not have.
        """
        return self.decode_bytes(ids).decode("utf-8", errors="replace")

    def decode_bytes(self, ids: Any) -> bytes:
        """The bytes that `ids` stand for, whole characters or not.

        >>> BPETokenizer.train("a", 256).decode_bytes([0xC3])
        b'\\xc3'
        """
        return b"".join(self._look_up(ids))

    def _encode(self, text: str, offset: int) -> list[int]:
        return list(itertools.chain.from_iterable(map(self._words.__getitem__, split_words(text))))

    def _content(self) -> dict[str, Any]:
        return {
            "ranks": {name_of(token): rank for token, rank in self.ranks.items()},
            "special_tokens": self.special_tokens,
        }

    @classmethod
    def _from_content(cls, content: dict[str, Any]) -> BPETokenizer:
        ranks = {bytes_of(name): rank for name, rank in content["ranks"].items()}
        return cls(ranks, dict(content["special_tokens"]))


class _Words(dict):
    """The ids of each word: computed when it is first met, and kept, since most words come again.

    Very long words are not kept, and all are forgotten when there are too many: no text makes it
    grow without bound.
    """

    MOST, LONGEST = 100_000, 100

    def __init__(self, ranks: dict[bytes, int]):
        super().__init__()
        self.ranks = ranks

    def __missing__(self, word: str) -> tuple[int, ...]:
        ids = merged(word.encode(), self.ranks)
        if len(word) <= self.LONGEST:
            if len(self) >= self.MOST:
                self.clear()
            self[word] = ids
        return ids


def merged(word: bytes, ranks: Mapping[bytes, int]) -> tuple[int, ...]:
    """The ids of a word: of all neighbours that make a token together, those that make the one
    with the lowest rank are joined first, the leftmost of equals, until there are no more.

    A heap holds the joints, so a word of n bytes costs O(n log n): some "words" are files.

    >>> merged(b"abc", {b"a": 0, b"b": 1, b"c": 2, b"bc": 3, b"ab": 4})
    (0, 3)
    """
    n = len(word)
    end = list(range(1, n + 2))  # the part that begins at i ends at end[i]; end[n] is beyond all
    before = list(range(-1, n))  # where the part begins that ends at i
    joints = [(ranks[word[i : i + 2]], i, i + 2) for i in range(n - 1) if word[i : i + 2] in ranks]
    heapq.heapify(joints)
    while joints:
        _, start, stop = heapq.heappop(joints)
        middle = end[start]
        if end[middle] != stop:  # one of its two parts has been joined to another since
            continue
        end[start], end[middle] = stop, n  # no joint is found at `middle` any more
        before[stop] = start
        for first, last in ((before[start], stop), (start, end[stop])):
            if first >= 0 and last <= n and (token := word[first:last]) in ranks:
                heapq.heappush(joints, (ranks[token], first, last))
    ids, start = [], 0
    while start < n:
        ids.append(ranks[word[start : end[start]]])
        start = end[start]
    return tuple(ids)


def _check_rank(token: Any, rank: Any, kind: type) -> int:
    """The rank, if it is a number from 0 on and the token is one of that kind and not empty."""
    if not isinstance(token, kind) or not hasattr(rank, "__index__"):
        raise TypeError(
            f"BPETokenizer: expected tokens ({kind.__name__}) with ids (integers), got "
            f"{token!r}: {rank!r}"
        )
    if not token:
        raise ValueError(f"BPETokenizer: the token with the id {rank} is empty")
    if operator.index(rank) < 0:
        raise ValueError(f"BPETokenizer: expected ids from 0 on, got {rank} for {token!r}")
    return operator.index(rank)
