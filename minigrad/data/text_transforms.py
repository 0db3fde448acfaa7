"""Augmentation of text: words are left out, exchanged, or misspelt.

Wei and Zou, "EDA: easy data augmentation techniques", 2019. Each maps a string, or a list of
tokens, to the same kind; random numbers come from the generator that all use.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.data.transforms import chance


class TextTransform:
    """Strings are split at white space and joined by spaces; a subclass writes `change(words)`."""

    def __call__(self, text: Any) -> Any:
        if not isinstance(text, (str, list)):
            raise TypeError(
                f"{type(self).__name__}: expected a string or a list of tokens, got "
                f"{type(text).__name__}"
            )
        words = self.change(text.split() if isinstance(text, str) else list(text))
        return " ".join(words) if isinstance(text, str) else words

    def change(self, words: list) -> list:
        raise NotImplementedError(f"{type(self).__name__}: a subclass writes change(words)")


class WordDropout(TextTransform):
    """Each word is left out with probability p; one is kept always.

    >>> WordDropout(p=1)("one")
    'one'
    """

    def __init__(self, p: float = 0.1):
        self.p = chance("WordDropout", p)

    def change(self, words: list) -> list:
        kept = rng.uniform((len(words),)) >= self.p
        if words and not kept.any():
            kept[int(rng.integers(0, len(words), ()))] = True
        return [word for word, stays in zip(words, kept, strict=True) if stays]


class WordSwap(TextTransform):
    """So many times, two words exchange places."""

    def __init__(self, times: int = 1):
        if times < 0:
            raise ValueError(f"WordSwap: expected times >= 0, got {times}")
        self.times = times

    def change(self, words: list) -> list:
        for _ in range(self.times if len(words) > 1 else 0):
            i, j = rng.current().numpy.choice(len(words), 2, replace=False)
            words[i], words[j] = words[j], words[i]
        return words


class TokenMasking(TextTransform):
    """Each token is replaced by `mask` with probability p (Devlin et al., BERT, 2019).

    >>> TokenMasking("?", p=1)([3, 4])
    ['?', '?']
    """

    def __init__(self, mask: Any, p: float = 0.15):
        self.mask, self.p = mask, chance("TokenMasking", p)

    def change(self, words: list) -> list:
        hidden = rng.uniform((len(words),)) < self.p
        return [self.mask if h else w for w, h in zip(words, np.atleast_1d(hidden), strict=True)]
