"""GPT-2's files: vocab.json and merges.txt, and how they write bytes as characters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from minigrad.text.tokenizer import read_json

# Bytes that are visible in Latin-1 stand for themselves; the others, spaces and control characters
# among them, are the characters from 256 on. A space is Ġ, a line feed Ċ.
_VISIBLE = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), 256)}
_HIDDEN = [byte for byte in range(256) if byte not in _VISIBLE]
CHARACTER = {byte: chr(byte) for byte in _VISIBLE} | {
    byte: chr(256 + i) for i, byte in enumerate(_HIDDEN)
}
BYTE = {character: byte for byte, character in CHARACTER.items()}


def name_of(token: bytes) -> str:
    """A token as GPT-2's files write it.

    >>> name_of(" é".encode())
    'ĠÃ©'
    """
    return "".join(CHARACTER[byte] for byte in token)


def bytes_of(name: str) -> bytes:
    """The inverse of `name_of`. Raises ValueError for a character that stands for no byte."""
    try:
        return bytes(BYTE[c] for c in name)
    except KeyError as error:
        raise ValueError(f"token {name!r}: the character {error} stands for no byte") from None


def read_gpt2(folder: str | os.PathLike) -> tuple[dict[bytes, int], dict[str, int]]:
    """(ranks, special tokens) from the vocab.json and merges.txt in a folder.

    The entries of vocab.json that are neither a byte nor made by a merge are special tokens.
    Raises ValueError, naming the file and the line, unless the ids rise from merge to merge.
    """
    vocab_file, merges_file = Path(folder, "vocab.json"), Path(folder, "merges.txt")
    vocab = read_json(vocab_file)
    if not isinstance(vocab, dict):
        raise ValueError(f"{vocab_file}: expected a dict of tokens, found {type(vocab).__name__}")
    missing = [byte for byte in range(256) if CHARACTER[byte] not in vocab]
    if missing:
        raise ValueError(
            f"{vocab_file}: {CHARACTER[missing[0]]!r}, for the byte {missing[0]}, is missing; "
            "this is no vocabulary of bytes"
        )
    names = set(CHARACTER.values())
    last = -1
    for number, left, right in _merges(merges_file):
        where = f"{merges_file}, line {number}"
        for name in (left, right):
            if name not in names:
                raise ValueError(f"{where}: {name!r} is not made by a line above")
        if left + right not in vocab:
            raise ValueError(f"{where}: {left + right!r} is not in {vocab_file}")
        rank = vocab[left + right]
        if not isinstance(rank, int) or rank <= last:
            raise ValueError(
                f"{where}: expected {left + right!r} to have an id above {last}, as in GPT-2's "
                f"files, where the ids rise with the merges; {vocab_file} gives it {rank!r}"
            )
        names.add(left + right)
        last = rank
    ranks = {bytes_of(name): i for name, i in vocab.items() if name in names}
    return ranks, {name: i for name, i in vocab.items() if name not in names}


def _merges(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, left, right) for each merge; the line that begins with #version is none."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#version"):
            continue
        parts = line.split(" ")
        if len(parts) != 2:
            raise ValueError(f"{path}, line {number}: expected two tokens, found {line!r}")
        yield number, parts[0], parts[1]
