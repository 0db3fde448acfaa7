"""Whether a change to a pullback makes right what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad.clinic.case import Case, same

AGREES = "the gradients of all arguments that were checked agree with the differences"


class Repaired(NamedTuple):
    """The arguments that were wrong and are right with a change; whole: all are right with it."""

    arguments: list[int]
    whole: bool


class Trial:
    """First the gradient of the outputs with random weights; only if that fits, the Jacobians."""

    def __init__(self, case: Case):
        rng = np.random.default_rng(4)
        self.case = case
        self.u = case.cotangent(lambda shape: rng.uniform(0.5, 1.5, shape))
        weights = np.concatenate([self.u[k].reshape(-1) for k in case.floating])
        self.expected = [weights @ j for j in case.N]

    def repaired(self, pullback: Callable[[], Callable]) -> Repaired | None:
        """What the pullbacks that `pullback` makes have put right; None if nothing, or if they
        have spoiled a gradient that was right."""
        case = self.case
        with np.errstate(all="ignore"):
            try:
                found = pullback()([g if g is None else g.copy() for g in self.u])
                fits = [n for n in range(len(case.x)) if self._fits(found[n], n)]
                right = [n for n in case.wrong if n in fits]
                spoiled = set(range(len(case.x))) - set(case.wrong) - set(fits)
                if not right or spoiled or not self._same_values():
                    return None
                rows = case.gradients(pullback)
            except Exception:  # a change that does not run is no repair
                return None
        misshapen, case.misshapen = case.misshapen, {}
        stacked = [case.stacked([gs[n] for gs in rows], n) for n in range(len(case.x))]
        case.misshapen = misshapen
        good = [n for n, a in enumerate(stacked) if a is not None and same(a, case.N[n])]
        right = [n for n in case.wrong if n in good]
        if not right or set(range(len(case.x))) - set(case.wrong) - set(good):
            return None
        return Repaired(right, whole=len(good) == len(case.x))

    def _same_values(self) -> bool:
        found = self.case.values(self.case.x)
        pairs = zip(found, self.case.y, strict=True)
        return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)

    def _fits(self, g: Any, n: int) -> bool:
        g = np.zeros(self.case.x[n].shape) if g is None else g
        if g.shape != self.case.x[n].shape:
            return False
        return same(g.reshape(-1).astype(float) / self.case.unit, self.expected[n], 1e-5)
