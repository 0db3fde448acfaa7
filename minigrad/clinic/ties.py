"""Kinks and ties: where the left and the right slope differ, what backward gives must lie between.

Along a direction that moves all tied elements together the function may be smooth again: there
the gradient must be right, so its weights among ties must sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigrad.clinic import numeric
from minigrad.clinic.case import Case
from minigrad.clinic.report import Diagnosis


class Kinks:
    """For argument n: which entries of its Jacobian stand at a kink, and which of A's are wrong."""

    def __init__(self, case: Case, n: int, tolerance: float = 1e-5):
        a = case.A[n]
        assert a is not None
        slopes = numeric.Slopes(case.values, case.x, n)
        self.at, self.jump = slopes.kink, slopes.jump
        # The engine computes A with a gap to the differences that grows with their size.
        close = np.abs(a - case.N[n]) <= tolerance + 1e-4 * np.abs(case.N[n])
        self.unexplained = ~close & ~(self.at & slopes.between(a)) & ~self.jump
        tied = self.at.any(axis=0)
        if self.unexplained[:, tied].any():  # among three equal elements one alone shows nothing
            low, high = numeric.around(case.values, case.x, n, tied)
            settled = self.unexplained & tied & (a >= low - 1e-4) & (a <= high + 1e-4)
            self.unexplained &= ~settled
            self.at |= settled.any(axis=1, keepdims=True) & tied & (high - low > 1e-3)
        self.beyond = np.zeros(len(a), bool)  # rows in which the directions say no
        self.sums: tuple[float, float, float] | None = None
        for direction in self._directions(case, n):
            low, high = numeric.one_sided(case.values, case.x, {n: direction})
            along = a @ direction.reshape(-1)
            off = ~self.jump.any(axis=1) & self.at.any(axis=1)
            bad = off & ((along < low - 1e-4) | (along > high + 1e-4))
            if bad.any():
                low, high = numeric.nearby(case.values, case.x, {n: direction})
                bad &= (along < low - 1e-3) | (along > high + 1e-3)
            if bad.any() and self.sums is None:
                row = int(np.argmax(bad))
                self.sums = (float(along[row]), float(low[row]), float(high[row]))
            self.beyond |= bad

    def _directions(self, case: Case, n: int) -> Iterator[np.ndarray]:
        """All kinked elements of a row together, in opposite ways, and all elements."""
        shape = case.x[n].shape
        rng = np.random.default_rng(0)
        for row in range(min(len(self.at), 40)):
            if self.at[row].any():
                together = self.at[row].astype(float).reshape(shape)
                yield together
                yield together * rng.choice([-1.0, 1.0], shape)


def check(case: Case, n: int) -> Iterator[Diagnosis]:
    """The fault `ties`: wrong at kinks only."""
    if case.A[n] is None or not case.A[n].size:
        return
    kinks = Kinks(case, n)
    if not kinks.at.any() or kinks.unexplained[~kinks.at].any():
        return
    if kinks.beyond.any() and kinks.sums:
        got, low, high = kinks.sums
        yield case.found(
            "ties", n, 0.99, entries_at_ties=int(kinks.at.sum()),
            slope_of_backward_with_all_moved=got, true_slope_from=low, true_slope_to=high,
        )  # fmt: skip
    elif kinks.unexplained.any():
        yield case.found("ties", n, 0.9, entries_at_ties=int(kinks.at.sum()))


def shared(case: Case) -> list[Diagnosis]:
    """Ties between arguments: moved together, they must have the slope that the function has."""
    if any(a is None for a in case.A):
        return []
    at = {n: numeric.Slopes(case.values, case.x, n).kink for n in range(len(case.x))}
    tied = {n: kink for n, kink in at.items() if kink.any()}
    for row in range(min(case.rows, 40)):
        together = {
            n: kink[row].astype(float).reshape(case.x[n].shape)
            for n, kink in tied.items()
            if kink[row].any()
        }
        if len(together) < 2:
            continue
        low, high = (s[row] for s in numeric.one_sided(case.values, case.x, together))
        got = float(sum(case.A[n][row] @ d.reshape(-1) for n, d in together.items()))
        if not low - 1e-4 <= got <= high + 1e-4:
            return [
                case.found("ties", n, 0.99, slope_of_backward_with_all_moved=got,
                           true_slope_from=float(low), true_slope_to=float(high))
                for n in together
            ]  # fmt: skip
    return []


def accepted(case: Case) -> list[str] | None:
    """Notes on kinks, if they explain every difference; None if something is wrong."""
    notes = []
    for n in case.wrong:
        if case.A[n] is None:
            return None
        kinks = Kinks(case, n)
        if kinks.unexplained.any() or kinks.beyond.any():
            return None
        place = case.subject.places[n]
        if kinks.jump.any():
            notes.append(
                f"argument {place}: the function jumps at {int(kinks.jump.sum())} entries, where "
                "it has no derivative; move the input away from there to test it"
            )
        if kinks.at.any():
            notes.append(
                f"argument {place}: at {int(kinks.at.sum())} entries the function has a kink; "
                "there any slope between the left and the right one is accepted"
            )
    return None if shared(case) else notes
