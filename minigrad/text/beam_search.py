"""Beam search: the most likely text, as far as it is found by always keeping the best few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from minigrad.text.sampling import Sampling

if TYPE_CHECKING:
    from minigrad.text.generation import Reader


def beam_search(
    reader: Reader, prompt: np.ndarray, limit: int, num_beams: int, sampling: Sampling,
    stops: list[int], length_penalty: float,
) -> np.ndarray:  # fmt: skip
    """The best text found: the prompt (T,) and up to `limit` tokens.

    A text's score is the logarithm of its probability, divided by (number of new tokens)**
    length_penalty. Each step continues the best `num_beams` texts by every token. Texts that stop
    are put aside; the search ends when none that is alive could still become better than the
    `num_beams` best of those, or at the limit. Graves, "Sequence transduction with recurrent neural
    networks", 2012.
    """
    tokens, scores = prompt[None], np.zeros(1)
    finished: list[tuple[float, np.ndarray]] = []
    start = len(prompt)
    while tokens.shape[1] < limit:
        logits = sampling.penalized(reader.next_logits(tokens), tokens)
        top = logits.max(axis=-1, keepdims=True)
        log_p = logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True))
        total = (scores[:, None] + log_p).reshape(-1)
        vocabulary = logits.shape[-1]
        # As many as can be needed: every beam may stop with each of the stop tokens.
        count = min(num_beams * (1 + len(stops)), total.size)
        best = np.argpartition(-total, count - 1)[:count]
        best = best[np.argsort(-total[best], kind="stable")]
        length = tokens.shape[1] + 1 - start
        rows, alive = [], []
        for place in best:
            if place % vocabulary in stops:
                if len(rows) < num_beams:  # worse ones than those that go on are not worth keeping
                    text = np.append(tokens[place // vocabulary], place % vocabulary)
                    finished.append((total[place] / length**length_penalty, text))
            elif len(rows) < num_beams:
                rows.append(place // vocabulary)
                alive.append(place)
        reader.select(np.array(rows))
        scores = total[alive]
        new = np.array(alive)[:, None] % vocabulary
        tokens = np.concatenate([tokens[rows], new.astype(tokens.dtype)], axis=1)
        if len(finished) >= num_beams:
            finished = sorted(finished, key=lambda pair: -pair[0])[:num_beams]
            # At the best, further tokens are certain; more of them help if the penalty is positive.
            longest = (limit - start if length_penalty > 0 else length) ** length_penalty
            if scores.max() / longest <= finished[-1][0]:
                break
    else:
        length = max(tokens.shape[1] - start, 1)
        finished += [
            (score / length**length_penalty, row) for score, row in zip(scores, tokens, strict=True)
        ]
    return max(finished, key=lambda pair: pair[0])[1]
