"""Splitting text into words as GPT-2 does, before byte pairs are merged in each."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator


def split_words(text: str) -> Iterator[str]:
    """The words of a text, in order; joined they are the text again.

    A word is a contraction's end ('s, 't, 're, 've, 'm, 'll, 'd), or a run of letters, of numbers,
    or of other characters, each with the one space before it, or a run of whitespace without the
    last one if something follows. Merges stay within a word.

    Radford, Wu, Child, Luan, Amodei & Sutskever (2019), Language Models are Unsupervised Multitask
    Learners; the pattern is that of their published code:

        's|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+

    Which characters are letters and numbers is known from Python's own Unicode tables: one that is
    newer than they are (`unicodedata.unidata_version`) is an other character.

    >>> list(split_words("It's  2 km."))
    ['It', "'s", ' ', ' 2', ' km', '.']
    """
    return map(re.Match.group, word_pattern().finditer(text))


@functools.cache
def word_pattern() -> re.Pattern[str]:
    """GPT-2's pattern for Python's `re`, which has no \\p{L} and \\p{N}.

    Its \\w is letters, numbers and the underscore, its \\d only decimal digits; what lies between
    (² ½ Ⅷ ①) is listed. Its \\s has four control characters that Unicode does not count as
    whitespace. Its ++ never gives back what it took, so a long line of dashes needs no memory.
    """
    other_numbers = "".join(
        f"{chr(first)}-{chr(last)}" for first, last in runs(_numbers_that_are_no_digits())
    )
    letter = rf"[^\W\d_{other_numbers}]"
    number = rf"[\d{other_numbers}]"
    separators = r"\x1c-\x1f"
    other = rf"(?:[^\s\w]|[_{separators}])"
    space, no_space = rf"[^\S{separators}]", rf"[\S{separators}]"
    return re.compile(
        rf"'(?:[stmd]|re|ve|ll)| ?{letter}+| ?{number}+| ?{other}++|{space}+(?!{no_space})|{space}+"
    )


def _numbers_that_are_no_digits() -> list[int]:
    # Chinese numerals such as 三 are numeric and letters at once; in \p{L} and \p{N} only letters.
    every = map(chr, range(sys.maxunicode + 1))
    return [ord(c) for c in every if c.isnumeric() and not c.isdecimal() and not c.isalpha()]


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Sorted numbers as (first, last) of each run: a pattern of ranges is many times as fast."""
    found: list[tuple[int, int]] = []
    for n in numbers:
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found
