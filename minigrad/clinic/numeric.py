"""Slopes of a function by differences, and whether they are to be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.clinic.comparison import outputs_of
from minigrad.graph import Value, wrap

STEP = 6e-6  # near the cube root of eps, where the error of central differences is least


def flat(values: Sequence[np.ndarray]) -> np.ndarray:
    """All floating values in one vector."""
    parts = [np.ravel(v).astype(float) for v in values if v.dtype.kind == "f"]
    return np.concatenate(parts) if parts else np.zeros(0)


def jacobian(
    f: Callable[[Sequence], list], arrays: Sequence, n: int, step: float | np.ndarray = STEP
) -> np.ndarray:
    """Central differences of f in array n: (elements of the values, elements of the array).

    step: of all elements, or an array with one for each.
    """
    x = arrays[n]
    steps = np.broadcast_to(step, x.shape)
    here = flat(f(arrays))
    columns = []
    for j in np.ndindex(x.shape):
        h = float(steps[j])
        up, down = (_there(f, moved(arrays, n, j, s)) for s in (h, -h))
        columns.append(_slope(up, here, down, h))
    return np.stack(columns, axis=1) if columns else np.zeros((here.size, 0))


def _there(f: Callable, arrays: Sequence) -> np.ndarray | None:
    """The values at another point; None where the function refuses it (a singular matrix, say)."""
    try:
        return flat(f(arrays))
    except Exception:
        return None


def _slope(up: Any, here: Any, down: Any, h: float) -> np.ndarray:
    """Central, or one-sided next to a point that was refused; NaN if both were."""
    if up is not None and down is not None:
        return (up - down) / (2 * h)
    if up is None and down is None:
        return np.full(here.shape, np.nan)
    return (here - down) / h if up is None else (up - here) / h


def moved(arrays: Sequence, n: int, j: tuple, h: float) -> list:
    x = arrays[n].copy()
    x[j] += h
    return [x if m == n else a for m, a in enumerate(arrays)]


def of_function(
    func: Callable, inputs: Sequence, i: int, checked: list[int], eps: float, method: str
) -> tuple[dict[int, np.ndarray], list[int]]:
    """By differences: for each checked output an array of (elements of y, elements of input i).

    Also returns for which elements there is none: the function raised on both sides of them.
    """
    refused: list[int] = []
    columns: dict[int, list] = {k: [] for k in checked}
    here = values(func, inputs, i, inputs[i].array)
    for j in np.ndindex(inputs[i].shape):
        if method == "complex":
            ys = _evaluate(func, inputs, i, j, 1e-30j)
            slopes = {k: np.imag(ys[k]) / 1e-30 for k in checked}
        else:
            up, down = (_or_none(func, inputs, i, j, h) for h in (eps, -eps))
            refused += [len(columns[checked[0]])] if up is None and down is None and checked else []
            slopes = {k: _slope(up and up[k], here[k], down and down[k], eps) for k in checked}
        for k in checked:
            columns[k].append(slopes[k].reshape(-1))
    found = {k: np.stack(c, axis=1) if c else np.zeros((0, 0)) for k, c in columns.items()}
    return found, refused


def _or_none(func, inputs, i, j, step) -> list[np.ndarray] | None:
    try:
        return _evaluate(func, inputs, i, j, step)
    except Exception:
        return None


def _evaluate(func, inputs, i, j, step) -> list[np.ndarray]:
    moved = inputs[i].array.astype(complex if isinstance(step, complex) else float)
    moved[j] += step
    return values(func, inputs, i, moved)


def values(func: Callable, inputs: Sequence, i: int, array: np.ndarray) -> list[np.ndarray]:
    """The outputs' arrays with input i replaced by `array`.

    They are copies: a function may return its input, or the same array every time, and so are the
    other inputs that are checked: it may write to them.
    """
    args = list(inputs)
    for n, x in enumerate(inputs):
        if n == i:
            args[n] = wrap(np.array(array)).requires_grad_()
        elif isinstance(x, Value) and x.requires_grad:
            args[n] = wrap(x.array.copy()).requires_grad_()
    return [y.array.copy() for y in outputs_of(func(*args))]


def extrapolated(f: Callable, arrays: Sequence, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Richardson: the errors of two step sizes cancel, some eleven digits are left.

    Also returns an estimate of the error of every entry, from another pair of steps. Where steps
    of one size are too wide for the function's bends, narrower ones are taken, or steps in
    proportion to the element: for every entry, what has the least error.
    """
    x = np.abs(arrays[n])
    best = error = np.zeros(0)
    for step in (1e-3, 1e-5, 1e-3 * np.where(x > 0, x, 1)):
        with np.errstate(all="ignore"):  # a wide step may leave the function's domain
            wide, middle, narrow = (jacobian(f, arrays, n, k * step) for k in (2, 1, 0.5))
            first, second = (4 * middle - wide) / 3, (4 * narrow - middle) / 3
            gap = np.abs(first - second)
        gap = np.where(np.isfinite(gap), gap, np.inf)
        if not best.size:
            best, error = second, gap
        better = gap < error
        best, error = np.where(better, second, best), np.where(better, gap, error)
        if np.max(error, initial=0) < 1e-10 * np.max(np.abs(best), initial=0) < np.inf:
            break
    return best, error


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
                up, down = (_there(f, moved(arrays, n, j, s)) for s in (h, -h))
                self.right[:, column] = _slope(up, here, None if up is not None else down, h)
                self.left[:, column] = _slope(None if down is not None else up, here, down, h)
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
    ends = [sign * (flat(f(_along(arrays, directions, sign * h))) - here) / h for sign in (1, -1)]
    return np.minimum(*ends), np.maximum(*ends)


def nearby(f: Callable[[Sequence], list], arrays: Sequence, directions: dict[int, np.ndarray]):
    """The same over some points close by: at ties, whichever element comes first may be meant."""
    rng = np.random.default_rng(0)
    slopes = []
    for _ in range(12):
        off = {n: d * rng.uniform(-1, 1, d.shape) for n, d in directions.items()}
        slopes += one_sided(f, _along(arrays, off, 1e-4), directions)
    return np.min(slopes, axis=0), np.max(slopes, axis=0)


def around(f: Callable[[Sequence], list], arrays: Sequence, n: int, tied: np.ndarray):
    """Lowest and highest entries of the Jacobian over points with the `tied` elements moved."""
    rng = np.random.default_rng(0)
    mask = tied.reshape(arrays[n].shape)
    points = [mask * rng.uniform(-1, 1, mask.shape) for _ in range(12)]
    found = [jacobian(f, _along(arrays, {n: d}, 1e-4), n, 1e-7) for d in points]
    return np.min(found, axis=0), np.max(found, axis=0)


def _along(arrays: Sequence, directions: dict[int, np.ndarray], h: float) -> list:
    return [a + h * directions[n] if n in directions else a for n, a in enumerate(arrays)]
