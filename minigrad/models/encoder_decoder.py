"""What encoder-decoder models share: given a source, the decoder is a language model of the target.

    p(target | source) = product over t of p(target_t | target_1 ... target_{t-1}, source)

So `text.generate` and `text.stream` write with it as with any other, sampled or by beam search.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import nn
from minigrad.graph import wrap
from minigrad.text.generation import generate, inference


class EncoderDecoder(nn.Module):
    """A subclass has `encode`, of sources to what the decoder needs of them, their memory, which
    has `row(i)`; `decode`, of target tokens and a memory to logits, with a cache or a state as
    `text.generate` wants it; and the tokens with which targets begin and end.
    """

    encode: Callable[..., Any]
    decode: Callable[..., Any]
    start_token: int
    end_token: int | list[int]

    def given(self, *source: Any) -> Conditional:
        """The language model of the targets of these sources; the arguments are `encode`'s.

        For `text.generate` and `text.stream`, with a prompt that begins with `start_token` for each
        source.
        """
        with inference(self):
            return Conditional(self, self.encode(*source), source[0].shape[0])

    def generate(self, *source: Any, max_new_tokens: int, **options: Any) -> Any:
        """A target for each source (B, S): (B, T), start_token and what follows it.

        Ends at end_token; shorter targets are filled up with it. Other arguments of `encode` come
        after the source, other options are those of `text.generate`: temperature=0 for the most
        likely token each time, num_beams for the most likely target.
        """
        prompt = wrap(np.full((source[0].shape[0], 1), self.start_token))
        options = {"stop": self.end_token, **options}
        return generate(self.given(*source), prompt, max_new_tokens, **options)


class Conditional:
    """A language model whose every row has a source of its own; a single source is for all rows."""

    def __init__(self, model: EncoderDecoder, memory: Any, sources: int):
        self.model, self.memory, self.sources = model, memory, sources
        self.modules = model.modules
        if hasattr(model, "new_cache"):
            self.new_cache = model.new_cache

    def row(self, i: int) -> Conditional:
        """That of row i alone."""
        return self if self.sources == 1 else Conditional(self.model, self.memory.row(i), 1)

    def __call__(self, tokens: Any, *args: Any, **kwargs: Any) -> Any:
        return self.model.decode(tokens, self.memory, *args, **kwargs)
