"""Masked tokens, for a model that learns to guess them from those before and after."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.backend import device_of, to_device
from minigrad.graph import describe, wrap
from minigrad.ops.places import raw


def mask_tokens(
    tokens: Any,
    mask_token: int,
    vocab_size: int,
    special: Iterable[int] = (),
    probability: float = 0.15,
    generator: rng.Generator | None = None,
) -> tuple[Any, Any]:
    """(inputs, labels), both shaped like tokens: what the model reads, and what it is to answer.

    Each token but the special ones (padding, beginnings, ends) is chosen with this probability. Of
    the chosen ones 80 % become mask_token, 10 % one of the vocab_size tokens at random, and 10 %
    stay: the model, which never sees the mask later on, cannot know which of its inputs to trust.
    labels are the tokens where one was chosen, and -100, which `F.cross_entropy` leaves out,
    elsewhere. Devlin et al., "BERT", 2018, section 3.1.

    Raises TypeError for tokens that are no integers, ValueError for a probability that is none,
    IndexError for a token or a mask that is not in the vocabulary.

    >>> import minigrad as mg
    >>> g = mg.Generator().manual_seed(1)
    >>> mask_tokens(mg.tensor([[1, 7, 8, 9, 2]]), 3, 10, special=(1, 2), generator=g)
    (tensor([[1, 7, 3, 9, 2]]), tensor([[-100, -100,    8, -100, -100]]))
    """
    array = raw(tokens)
    if not hasattr(array, "dtype") or array.dtype.kind not in "iu":
        raise TypeError(f"mask_tokens: expected a Tensor of integers, got {describe(tokens)}")
    if not 0 <= probability <= 1:
        raise ValueError(f"mask_tokens: expected 0 <= probability <= 1, got {probability}")
    values = to_device(array, "cpu")
    for token in (mask_token, values.min(initial=0), values.max(initial=0)):
        if not 0 <= token < vocab_size:
            raise IndexError(f"mask_tokens: token {token} is not in a vocabulary of {vocab_size}")
    numbers = (generator or rng.current()).numpy
    chosen = (numbers.random(values.shape) < probability) & ~np.isin(values, list(special))
    fate, other = numbers.random(values.shape), numbers.integers(0, vocab_size, values.shape)
    changed = np.where(fate < 0.8, mask_token, np.where(fate < 0.9, other, values))
    inputs = np.where(chosen, changed, values).astype(np.int64)
    labels = np.where(chosen, values, -100).astype(np.int64)
    device = device_of(array)
    return wrap(to_device(inputs, device)), wrap(to_device(labels, device))
