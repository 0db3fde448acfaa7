"""Faults that leave every number right and put it in the wrong place."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from minigrad.clinic import numeric
from minigrad.clinic.case import Case, same, summed_to
from minigrad.clinic.magnitudes import factor
from minigrad.clinic.report import Diagnosis


def check(case: Case, n: int) -> Iterator[Diagnosis]:
    yield from _misshapen(case, n)
    yield from _transposed(case, n)
    yield from _swapped(case, n)
    yield from _permuted(case, n)
    yield from _shifted(case, n)
    yield from _flipped(case, n)


def _misshapen(case: Case, n: int) -> Iterator[Diagnosis]:
    gradients = case.misshapen.get(n)
    if not gradients:
        return
    x = case.x[n]
    shape = gradients[0].shape
    evidence = {"shape": shape, "expected": x.shape}
    if any(g.shape != shape for g in gradients):
        return
    sums = [summed_to(g, x.shape) for g in gradients]
    over = _summed_over(case, n, gradients)
    if over:
        yield case.found("not-unbroadcast", n, 1.0, **evidence, right_if_summed_over=over)
    elif sums[0] is not None and len(shape) >= x.ndim and np.prod(shape) > x.size:
        total = np.stack([s.reshape(-1) for s in sums if s is not None])
        alpha = factor(total, case.N[n])
        times = {} if alpha is None else {"sum_gives": alpha}
        yield case.found("not-unbroadcast", n, 0.8 if alpha is None else 1.0, **evidence, **times)
    flat = np.stack([g.reshape(-1) for g in gradients])
    for axes in itertools.permutations(range(len(shape))):
        if axes != tuple(sorted(axes)) and tuple(shape[i] for i in axes) == x.shape:
            moved = np.stack([g.transpose(axes).reshape(-1) for g in gradients])
            if same(moved, case.N[n]):
                certainty = 0.96 if is_permutation(case.N[n]) else 1.0
                yield case.found("result-transposed", n, certainty, **evidence, transposed_by=axes)
    for m, other in enumerate(case.x):
        if m != n and other.shape == shape and same(flat, case.N[m]):
            certainty = 0.6 if over else 1.0
            place = case.subject.places[m]
            yield case.found("gradients-swapped", n, certainty, **evidence, is_the_one_of=place)
    if len(shape) < x.ndim or (len(shape) == x.ndim and 1 not in x.shape and sums[0] is None):
        yield case.found("keepdims", n, 0.75, **evidence)


def _summed_over(case: Case, n: int, gradients: list) -> tuple[int, ...]:
    """The axes over which the gradient must be summed yet; () if that does not make it right."""
    shape, x = gradients[0].shape, case.x[n]
    kept = [size for size in x.shape if size > 1]
    for many in range(1, len(shape) + 1):
        for axes in itertools.combinations(range(len(shape)), many):
            left = [size for i, size in enumerate(shape) if i not in axes and size > 1]
            if left == kept and same(
                np.stack([g.sum(axes).reshape(-1) for g in gradients]) / case.unit, case.N[n]
            ):
                return axes
    return ()


def _transposed(case: Case, n: int) -> Iterator[Diagnosis]:
    a, x = case.A[n], case.x[n]
    if a is None or x.ndim < 2:
        return
    grid = a.reshape(-1, *x.shape)
    if a.shape[0] == a.shape[1] and same(a, case.N[n].T) and not is_permutation(a):
        yield case.found("result-transposed", n, 0.94, the_jacobian_itself="transposed")
        yield case.found("factor-not-transposed", n, 0.93, the_jacobian_itself="transposed")
    if case.one_output and case.y[0].ndim >= 2 and case.y[0].shape[-1] == case.y[0].shape[-2]:
        y = case.y[0].shape
        of_turned = a.reshape(*y, -1).swapaxes(len(y) - 1, len(y) - 2).reshape(a.shape)
        if same(of_turned, case.N[n]) and not is_permutation(a):
            yield case.found("factor-not-transposed", n, 0.97, the_incoming_gradient="transposed")
    reduces = case.one_output and 0 < case.y[0].ndim < x.ndim
    if reduces and case.rows > 1 and same(a.sum(axis=0), case.N[n].sum(axis=0)):
        misplaced = int(((np.abs(a - case.N[n]) > 1e-6).any(axis=0)).sum())
        yield case.found("keepdims", n, 0.94, misplaced_elements=misplaced)
    for i, j in itertools.combinations(range(x.ndim), 2):
        if x.shape[i] != x.shape[j] or x.shape[i] == 1:
            continue
        if same(grid.swapaxes(i + 1, j + 1).reshape(a.shape), case.N[n]):
            if reduces:  # g alone is broadcast along another axis: the slopes are all the same
                slopes = case.N[n][np.abs(case.N[n]) > 1e-6]
                certainty = 0.98 if np.ptp(slopes) < 1e-5 * np.abs(slopes).max() else 0.9
                yield case.found("keepdims", n, certainty, axes_exchanged=(i, j))
            yield case.found("result-transposed", n, 0.97, axes_exchanged=(i, j))


def _swapped(case: Case, n: int) -> Iterator[Diagnosis]:
    a = case.A[n]
    for m in range(len(case.x)):
        b = case.A[m]
        if m == n or a is None or b is None or case.x[m].shape != case.x[n].shape:
            continue
        if same(a, case.N[m]) and same(b, case.N[n]) and not same(case.N[n], case.N[m]):
            yield case.found("gradients-swapped", n, 0.99, is_the_one_of=case.subject.places[m])
            return


def is_permutation(a: np.ndarray) -> bool:
    ones = np.abs(a - 1) < 1e-6
    return bool(
        a.shape[0] == a.shape[1]
        and np.all(ones | (np.abs(a) < 1e-6))
        and np.all(ones.sum(axis=0) == 1)
        and np.all(ones.sum(axis=1) == 1)
    )


def _permuted(case: Case, n: int) -> Iterator[Diagnosis]:
    a = case.A[n]
    if not case.one_output:
        return
    if a is None:
        rows = case.misshapen.get(n)
        if rows and is_permutation(case.N[n]):
            flat = np.stack([g.reshape(-1) for g in rows])
            if flat.shape == case.N[n].shape and is_permutation(flat):
                shape = rows[0].shape
                yield case.found("permutation-not-inverted", n, 0.98, shape=shape)
        return
    if a.size and is_permutation(a) and is_permutation(case.N[n]) and not same(a, case.N[n]):
        misplaced = int((np.abs(a - case.N[n]) > 0.5).any(axis=1).sum())
        inverse = same(a, case.N[n].T)
        certainty = 0.99 if inverse else 0.965
        yield case.found("permutation-not-inverted", n, certainty, misplaced=misplaced)


def shift(grid: np.ndarray, by: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The array moved along its axes, and where there was something to move there."""
    moved, known = grid, np.ones(grid.shape, bool)
    for axis, k in by.items():
        moved = np.roll(moved, k, axis)
        lost = [slice(None)] * grid.ndim
        lost[axis] = slice(0, k) if k > 0 else slice(k, None)
        known[tuple(lost)] = False
    return moved, known


def _shifted(case: Case, n: int) -> Iterator[Diagnosis]:
    """A is N moved along axes of the argument or of the output."""
    a, x = case.A[n], case.x[n]
    if a is None or not case.one_output or not a.any() or a.size < 4:
        return
    y = case.y[0]
    shape = (*y.shape, *x.shape)
    got, exact = a.reshape(shape), case.N[n].reshape(shape)
    scale = max(1.0, float(np.abs(exact).max()))
    sides = (range(y.ndim), range(y.ndim, y.ndim + x.ndim))
    for side in sides:
        axes = [i for i in side if shape[i] > 2][-3:]
        for many in range(1, len(axes) + 1):
            for chosen in itertools.combinations(axes, many):
                for k in (1, -1, 2, -2):
                    if any(shape[i] <= abs(k) + 1 for i in chosen):
                        continue
                    moved, known = shift(exact, dict.fromkeys(chosen, k))
                    fits = np.abs(got - moved)[known] <= 2e-6 * scale
                    heard = (np.abs(moved) > 1e-6 * scale) & known
                    if fits.all() and heard.sum() >= max(2, 0.3 * (np.abs(got) > 0).sum()):
                        of = "output" if side is sides[0] else "argument"
                        names = [i if i < y.ndim else i - y.ndim for i in chosen]
                        yield case.found("padding-shifted", n, 0.95, by=k, axes=names, of=of)
                        return


def _flipped(case: Case, n: int) -> Iterator[Diagnosis]:
    """A is N with the argument's own axes reversed: the kernel's gradient was flipped."""
    a, x = case.A[n], case.x[n]
    if a is None or not a.any() or not x.ndim:
        return
    grid = a.reshape(-1, *x.shape)
    for many in range(1, min(3, x.ndim) + 1):
        axes = tuple(range(x.ndim - many, x.ndim))
        if all(x.shape[i] > 1 for i in axes) and same(
            np.flip(grid, tuple(i + 1 for i in axes)).reshape(a.shape), case.N[n]
        ):
            kernel = x.ndim >= 3 or len(case.x) > 1
            certainty = 0.96 if kernel else 0.6
            yield case.found("kernel-not-flipped", n, certainty, axes_flipped=axes)
            return


def elsewhere(case: Case, n: int) -> Iterator[Diagnosis]:
    """A is N at another point: with another argument transposed or flipped."""
    a = case.A[n]
    if a is None:
        return
    for m, x in enumerate(case.x):
        if m == n:
            continue
        for code, how, other in variants(x):
            if other.shape != x.shape or np.array_equal(other, x):
                continue
            moved = [other if k == m else b for k, b in enumerate(case.x)]
            try:
                fits = _along(case, moved, n, a) and same(a, case.numeric(moved, n))
            except Exception:  # the function may refuse it
                continue
            if fits:
                yield case.found(code, n, 0.98, as_if_argument=case.subject.places[m], were=how)


def _along(case: Case, x: list, n: int, a: np.ndarray) -> bool:
    """Whether A has the slope of the function at another point, in one random direction."""
    v = np.random.default_rng(5).uniform(0.5, 1.5, x[n].shape)
    ends = [[b + h * v if k == n else b for k, b in enumerate(x)] for h in (1e-5, -1e-5)]
    up, down = (numeric.flat(case.values(end)) for end in ends)
    return same(a @ v.reshape(-1), (up - down) / 2e-5 / case.unit, 1e-5)


def variants(x: np.ndarray) -> Iterator[tuple[str, str, np.ndarray]]:
    """An array as a pullback may have used it by mistake: (code, words, array)."""
    for i, j in itertools.combinations(range(x.ndim), 2):
        yield "factor-not-transposed", f"transposed ({i}, {j})", x.swapaxes(i, j)
    for many in range(1, min(3, x.ndim) + 1):
        axes = tuple(range(x.ndim - many, x.ndim))
        yield "kernel-not-flipped", f"flipped along {axes}", np.flip(x, axes)
