"""Whether a change to a pullback makes right what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.clinic.case import Case, same


class Trial:
    """First the gradient of the outputs with random weights; only if that fits, the Jacobians."""

    def __init__(self, case: Case):
        rng = np.random.default_rng(4)
        self.case = case
        self.u = case.cotangent(lambda shape: rng.uniform(0.5, 1.5, shape))
        weights = np.concatenate([self.u[k].reshape(-1) for k in case.floating])
        self.expected = [weights @ j for j in case.N]

    def repaired(self, pullback: Callable[[], Callable]) -> list[int]:
        """The arguments that were wrong and are right with the pullbacks that `pullback` makes."""
        case = self.case
        with np.errstate(all="ignore"):
            try:
                found = pullback()([g if g is None else g.copy() for g in self.u])
                right = [n for n in case.wrong if self._fits(found[n], n)]
                if not right or not self._same_values():
                    return []
                rows = case.gradients(pullback)
            except Exception:  # a change that does not run is no repair
                return []
        misshapen, case.misshapen = case.misshapen, {}
        stacked = {n: case.stacked([gs[n] for gs in rows], n) for n in right}
        case.misshapen = misshapen
        return [n for n, a in stacked.items() if a is not None and same(a, case.N[n])]

    def _same_values(self) -> bool:
        found = self.case.values(self.case.x)
        pairs = zip(found, self.case.y, strict=True)
        return all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)

    def _fits(self, g: Any, n: int) -> bool:
        if g is None or g.shape != self.case.x[n].shape:
            return False
        return same(g.reshape(-1).astype(float) / self.case.unit, self.expected[n], 1e-5)
