"""Writing text with a language model: one token after the other, sampled or searched.

    for token in stream(model, prompt, 100, temperature=0.8, top_p=0.9, seed=0): ...
    tokens = generate(model, prompt, 100, num_beams=4)

A model here is anything that maps tokens (B, T) to logits (B, T, V); `max_length`, if there is one,
is how many it can read. So that the tokens before are not computed again for each new one, it may

- have `new_cache(max_length)`, and take that as `cache`, with new tokens only, as `GPT` does; or
- return (logits, state), and take the state as its second argument: a recurrent network. A state is
  what nn.LSTM and its like have, a Tensor (layers, B, ...) or a tuple of them.

A model that writes something else for each row, the translation of a sentence, has `row(i)`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.graph import describe, wrap
from minigrad.mode import no_grad
from minigrad.nn.modes import modes_kept
from minigrad.ops.axes import raw
from minigrad.text.sampling import Sampling


def generate(
    model: Any,
    prompt: Any,
    max_new_tokens: int | None = None,
    *,
    max_length: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    repetition_penalty: float = 1.0,
    num_beams: int = 1,
    length_penalty: float = 1.0,
    stop: int | Iterable[int] = (),
    seed: int | None = None,
    use_cache: bool = True,
) -> Any:
    """The prompt (B, T) or (T,) and what follows it, as a Tensor of integers of the same rank.

    max_new_tokens: at the most; or max_length, with the prompt. stop: tokens that end a text; they
    are part of it, and shorter texts of a batch are filled up with the first of them. seed: the
    same seed gives the same text; without one, numbers come from the generator that all use.

    For temperature, top_k, top_p and repetition_penalty see `Sampling`. num_beams > 1: beam search
    for the most likely text instead of a sample, with scores divided by length**length_penalty.

    use_cache=False computes all tokens anew for each one. Raises ValueError for an empty prompt,
    one that is too long for the model, and options that make no sense.
    """
    tokens, limit = checked(model, prompt, max_new_tokens, max_length)
    sampling = Sampling(temperature, top_k, top_p, repetition_penalty).checked()
    stops = as_stops(stop)
    with inference(model):
        if num_beams > 1:
            from minigrad.text.beam_search import beam_search

            if temperature != 1.0 or top_k is not None or top_p is not None:
                raise ValueError(
                    "generate: beam search does not sample; leave out temperature, top_k and top_p"
                )
            rows = []
            for i, row in enumerate(tokens):
                one = model.row(i) if hasattr(model, "row") else model
                reader = Reader(one, use_cache, limit)
                rows.append(
                    beam_search(reader, row, limit, num_beams, sampling, stops, length_penalty)
                )
            result = padded(rows, stops)
        elif num_beams == 1:
            reader = Reader(model, use_cache, limit)
            for column in columns(reader, tokens, limit, sampling, stops, generator_of(seed)):
                tokens = np.concatenate([tokens, column[:, None]], axis=1)
            result = tokens
        else:
            raise ValueError(f"generate: expected num_beams >= 1, got {num_beams}")
    return wrap(result if raw(prompt).ndim == 2 else result[0])


def stream(
    model: Any,
    prompt: Any,
    max_new_tokens: int | None = None,
    *,
    max_length: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    repetition_penalty: float = 1.0,
    stop: int | Iterable[int] = (),
    seed: int | None = None,
    use_cache: bool = True,
) -> Iterator[int]:
    """The tokens that follow a prompt (T,), each as soon as it is there; else like `generate`."""
    tokens, limit = checked(model, prompt, max_new_tokens, max_length)
    if len(tokens) != 1:
        raise ValueError(f"stream: expected one prompt, got a batch of {len(tokens)}")
    sampling = Sampling(temperature, top_k, top_p, repetition_penalty).checked()
    reader = Reader(model, use_cache, limit)
    return _one_by_one(
        model, columns(reader, tokens, limit, sampling, as_stops(stop), generator_of(seed))
    )


def _one_by_one(model: Any, steps: Iterator[np.ndarray]) -> Iterator[int]:
    while True:
        with inference(model):  # not around the yield: what the caller does is its own business
            column = next(steps, None)
        if column is None:
            return
        yield int(column[0])


def columns(
    reader: Reader, tokens: np.ndarray, limit: int, sampling: Sampling, stops: list[int],
    numbers: rng.Generator,
) -> Iterator[np.ndarray]:  # fmt: skip
    """The next token of every row (B,), until all have stopped."""
    done = np.zeros(len(tokens), np.bool_)
    while tokens.shape[1] < limit and not done.all():
        column = sampling.draw(reader.next_logits(tokens), tokens, numbers)
        if stops:
            column = np.where(done, stops[0], column)
            done |= np.isin(column, stops)
        tokens = np.concatenate([tokens, column[:, None]], axis=1)
        yield column


class Reader:
    """Gives the model the tokens that it has not seen."""

    def __init__(self, model: Any, use_cache: bool, limit: int):
        self.model, self.use_cache = model, use_cache
        self.cache = model.new_cache(limit) if use_cache and hasattr(model, "new_cache") else None
        self.state, self.seen = None, 0  # of a recurrent network, after so many tokens

    def next_logits(self, tokens: np.ndarray) -> np.ndarray:
        """(B, V), of the token after these (B, T)."""
        if self.cache is not None:
            result = self.model(wrap(tokens[:, self.cache.length :]), cache=self.cache)
        elif self.state is not None:
            result = self.model(wrap(tokens[:, self.seen :]), self.state)
        else:
            result = self.model(wrap(tokens))
        if isinstance(result, tuple):
            result, state = result
            if self.use_cache:
                self.state, self.seen = state, tokens.shape[1]
        return raw(result)[:, -1]

    def select(self, rows: np.ndarray) -> None:
        """Go on with these rows of the batch, in this order."""
        if self.cache is not None:
            self.cache.select(rows)
        elif isinstance(self.state, tuple):
            self.state = tuple(part[:, rows] for part in self.state)
        elif self.state is not None:
            self.state = self.state[:, rows]


@contextlib.contextmanager
def inference(model: Any) -> Iterator[None]:
    """In eval mode and without a graph; afterwards the modes are what they were."""
    if not hasattr(model, "modules"):  # a function
        with no_grad():
            yield
        return
    with modes_kept(model), no_grad():
        for module in model.modules():
            module.training = False
        yield


def checked(
    model: Any, prompt: Any, max_new_tokens: int | None, max_length: int | None
) -> tuple[np.ndarray, int]:
    """The prompt as (B, T), and how long it may become."""
    tokens = np.asarray(raw(prompt))
    if tokens.dtype.kind not in "iu" or tokens.ndim not in (1, 2):
        raise ValueError(
            f"generate: expected integer tokens of shape (T,) or (B, T), got {describe(prompt)}"
        )
    if tokens.size == 0:
        raise ValueError("generate: the prompt is empty; begin with some token")
    tokens = tokens.reshape(-1, tokens.shape[-1])
    if (max_new_tokens is None) == (max_length is None):
        raise ValueError("generate: give max_new_tokens or max_length, one of them")
    t = tokens.shape[1]
    limit = t + max_new_tokens if max_new_tokens is not None else int(max_length or 0)
    if limit < t:
        raise ValueError(f"generate: the prompt has {t} tokens, more than max_length={max_length}")
    longest = getattr(model, "max_length", None)
    if longest is not None and limit > longest:
        raise ValueError(
            f"generate: {t} tokens of the prompt and {limit - t} new ones are more than the "
            f"{longest} that this model can read; shorten the prompt, or ask for fewer"
        )
    return tokens, limit


def as_stops(stop: int | Iterable[int]) -> list[int]:
    return [stop] if isinstance(stop, int) else [int(token) for token in stop]


def padded(rows: list[np.ndarray], stops: list[int]) -> np.ndarray:
    """Rows of tokens as one array; the shorter ones end with more stop tokens."""
    result = np.full((len(rows), max(map(len, rows))), stops[0] if stops else 0, rows[0].dtype)
    for i, row in enumerate(rows):
        result[i, : len(row)] = row
    return result


def generator_of(seed: int | None) -> rng.Generator:
    return rng.default_generator if seed is None else rng.Generator().manual_seed(seed)
