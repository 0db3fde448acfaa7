"""Slopes of a function by differences, and whether they are to be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

STEP = 6e-6  # near the cube root of eps, where the error of central differences is least


def flat(values: Sequence[np.ndarray]) -> np.ndarray:
    """All floating values in one vector."""
    parts = [np.ravel(v).astype(float) for v in values if v.dtype.kind == "f"]
    return np.concatenate(parts) if parts else np.zeros(0)


def jacobian(
    f: Callable[[Sequence], list], arrays: Sequence, n: int, step: float = STEP
) -> np.ndarray:
    """Central differences of f in array n: (elements of the values, elements of the array)."""
    x = arrays[n]
    columns = []
    for j in np.ndindex(x.shape):
        up, down = (flat(f(moved(arrays, n, j, h))) for h in (step, -step))
        columns.append((up - down) / (2 * step))
    rows = flat(f(arrays)).size
    return np.stack(columns, axis=1) if columns else np.zeros((rows, 0))


def moved(arrays: Sequence, n: int, j: tuple, h: float) -> list:
    x = arrays[n].copy()
    x[j] += h
    return [x if m == n else a for m, a in enumerate(arrays)]


def extrapolated(f: Callable, arrays: Sequence, n: int) -> tuple[np.ndarray, float]:
    """Richardson: the errors of two step sizes cancel, some eleven digits are left.

    Also returns an estimate of the relative error, from another pair of steps.
    """
    wide, middle, narrow = (jacobian(f, arrays, n, h) for h in (2e-3, 1e-3, 5e-4))
    first, second = (4 * middle - wide) / 3, (4 * narrow - middle) / 3
    scale = float(np.max(np.abs(second), initial=0)) or 1.0
    return second, float(np.max(np.abs(first - second), initial=0)) / scale


class Slopes:
    """The slopes of f to the left and to the right of each entry of array n.

    `kink`: where they differ, and by the same amount at a tenth of the step (a curve's would
    come closer). `jump`: where they differ by more, the smaller the step.
    """

    def __init__(self, f: Callable[[Sequence], list], arrays: Sequence, n: int, step: float = 1e-6):
        here = flat(f(arrays))
        shape = (here.size, arrays[n].size)
        self.left, self.right = np.zeros(shape), np.zeros(shape)
        gaps = []
        for h in (step, step / 10):
            for column, j in enumerate(np.ndindex(arrays[n].shape)):
                up, down = (flat(f(moved(arrays, n, j, s))) for s in (h, -h))
                self.right[:, column] = (up - here) / h
                self.left[:, column] = (here - down) / h
            gaps.append(np.abs(self.right - self.left))
        first, second = gaps
        apart = (first > 1e-3) & (second > 1e-3)
        self.kink = apart & (second > first / 2) & (second < first * 2)
        self.jump = apart & (second >= first * 2)

    def between(self, slope: np.ndarray, tolerance: float = 1e-5) -> np.ndarray:
        low, high = np.minimum(self.left, self.right), np.maximum(self.left, self.right)
        return (slope >= low - tolerance) & (slope <= high + tolerance)


def one_sided(f: Callable[[Sequence], list], arrays: Sequence, directions: dict[int, np.ndarray]):
    """Lowest and highest slope of f along a direction, given by array, for every value."""
    h = 1e-6
    here = flat(f(arrays))
    ends = []
    for sign in (1, -1):
        there = [
            a + sign * h * directions[n] if n in directions else a for n, a in enumerate(arrays)
        ]
        ends.append(sign * (flat(f(there)) - here) / h)
    return np.minimum(*ends), np.maximum(*ends)
