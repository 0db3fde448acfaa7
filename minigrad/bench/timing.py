"""Timing several candidates fairly on a machine that does other things too."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

ROUNDS = 15
BLOCK = 0.06  # seconds that one candidate runs before the next has its turn


class Times(NamedTuple):
    """Seconds of one call, once for each round; rounds of two candidates are neighbours in time."""

    rounds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def ratio(self, other: Times) -> float:
        """How many times as long as `other`: the median over the rounds, so that what slows the
        machine for a while slows both and cancels."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)


def compare(candidates: Mapping[str, Callable[[], object]]) -> dict[str, Times]:
    """The times of all candidates, taken in turns: A B C A B C ..."""
    gc.collect()
    gc.freeze()  # what the libraries hold is not searched for garbage again: it would cost all
    calls = {name: calibrate(run) for name, run in candidates.items()}
    rounds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, run in candidates.items():
            gc.collect()
            run()  # the candidate before has filled the caches with its own
            rounds[name].append(per_call(run, calls[name]))
    return {name: Times(seconds) for name, seconds in rounds.items()}


def calibrate(run: Callable[[], object]) -> int:
    """How many calls fill a block; the first ones, which compile and allocate, do not count."""
    for _ in range(3):
        run()
    once = min(per_call(run, 1) for _ in range(3))
    return max(1, int(BLOCK / max(once, 1e-7)))


def per_call(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls
