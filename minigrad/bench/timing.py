"""Timing several candidates fairly on a machine that does other things too."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Pace(NamedTuple):
    """How long a comparison may take."""

    rounds: int = 15
    block: float = 0.06  # seconds that one candidate runs before the next has its turn
    seconds: float = 10.0  # for all rounds: slow candidates get fewer of them,
    least: int = 5  # but not fewer than this


FULL = Pace()
BRIEF = Pace(rounds=3, block=0.002, seconds=0.5, least=2)

# Seconds. The threads of OpenMP and of BLAS go on waiting for work, in a loop that holds a core,
# for some 15 to 30 ms: so the next candidate starts after that.
PAUSE = 0.04


class Times(NamedTuple):
    """Seconds of one call, once for each round; rounds of two candidates are neighbours in time."""

    rounds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def least(self) -> float:
        return min(self.rounds)

    def ratio(self, other: Times) -> float:
        """How many times as long as `other`: the median over the rounds, so that what slows the
        machine for a while slows both and cancels."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return statistics.median(mine / theirs for mine, theirs in pairs)


def fastest(*several: Times) -> Times:
    """Of each round the best."""
    return Times([min(times) for times in zip(*(t.rounds for t in several), strict=True)])


def per_call(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


def compare(
    candidates: Mapping[str, Callable[[], object]],
    pace: Pace | None = None,
    clock: Callable[[Callable[[], object], int], float] = per_call,
) -> dict[str, Times]:
    """The times of all candidates, taken in turns: A B C A B C ..."""
    pace = pace or FULL
    gc.collect()
    gc.freeze()  # what the libraries hold is not searched for garbage again: it would cost all
    calls, cost = {}, 0.0
    for name, run in candidates.items():
        once = calibrate(run, clock)
        calls[name] = max(1, int(pace.block / once))
        cost += once * (calls[name] + 1) + PAUSE
    count = min(pace.rounds, max(pace.least, int(pace.seconds / cost)))
    rounds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(count):
        for name, run in candidates.items():
            gc.collect()
            time.sleep(PAUSE)
            run()  # the candidate before has filled the caches with its own
            rounds[name].append(clock(run, calls[name]))
    return {name: Times(seconds) for name, seconds in rounds.items()}


def calibrate(run: Callable[[], object], clock: Callable) -> float:
    """About how long a call takes; the first ones, which compile and allocate, do not count."""
    for _ in range(2):
        run()
    once = clock(run, 1)
    for _ in range(2 if once < 1 else 0):
        once = min(once, clock(run, 1))
    return max(once, 1e-7)
