"""Backward's Jacobian beside the one of differences: where they differ, and what its rows hide.

It is what every check that passes pays for; what it suspects is looked into by `contracts.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic.words import called
from minigrad.graph import describe, wrap

SUSPECTED = "gradcheck: float32 in a float64 computation: backward's result has no more digits"
SMALL = "gradcheck: within the tolerance, but further off than differences are"
NOT_ANALYTIC = (
    ". The complex step is right for analytic functions only: with abs, max or a comparison in it "
    "check by method='central'"
)


def outputs_of(result: Any) -> tuple:
    """What a function returned, one after the other: a tuple may hold tuples, as an LSTM's does."""
    if isinstance(result, dict):
        result = tuple(result.values())
    if not isinstance(result, (tuple, list)):
        # What came out of NumPy is a constant to backward.
        array = isinstance(result, (np.ndarray, np.generic, float))
        return (wrap(np.asarray(result)) if array else result,)
    return tuple(y for part in result if part is not None for y in outputs_of(part))


def backward_jacobian(y: Any, xs: Sequence) -> list[np.ndarray]:
    """By backward: for each input an array of (elements of y, elements of x)."""
    rows: list[list] = [[] for _ in xs]
    for one_hot in _basis(y.array):
        if y.requires_grad:
            found = autograd.grad(y, xs, wrap(one_hot), retain_graph=True, materialize_grads=True)
        else:
            found = [wrap(np.zeros_like(x.array)) for x in xs]
        for row, g in zip(rows, found, strict=True):
            row.append(g.array.reshape(-1))
    return [
        np.stack(row) if row else np.zeros((0, x.array.size))
        for row, x in zip(rows, xs, strict=True)
    ]


def _basis(array: np.ndarray) -> Iterator[np.ndarray]:
    for j in np.ndindex(array.shape):
        one_hot = np.zeros_like(array)
        one_hot[j] = 1
        yield one_hot


def difference(
    analytic: np.ndarray, numeric: np.ndarray, x: Any, y: Any, i: int, name: str, k: int,
    atol: float, rtol: float, order: str, method: str,
) -> str:  # fmt: skip
    """What is wrong with one Jacobian, by more than atol + rtol * |numeric|; "" if nothing."""
    if not analytic.size:
        return ""
    bound = atol + rtol * np.abs(numeric)
    same = (analytic == numeric) | (np.isnan(analytic) & np.isnan(numeric))
    excess = np.where(same, -1.0, np.abs(analytic - numeric) - bound)
    excess = np.where(np.isnan(excess), np.inf, excess)
    if not (excess > 0).any():
        return ""
    row, column = (int(n) for n in np.unravel_index(np.argmax(excess), excess.shape))
    at_y = [int(n) for n in np.unravel_index(row, y.shape)]
    at_x = [int(n) for n in np.unravel_index(column, x.shape)]
    a, n = analytic[row, column], numeric[row, column]
    return (
        f"gradcheck ({order} derivative): {called(i, name)} ({describe(x)}): "
        f"{int((excess > 0).sum())} of {excess.size} entries wrong\n"
        f"  the worst: d output{k}{at_y} / d {name.split()[-1] if name else f'argument{i}'}{at_x}\n"
        f"  backward gives {a:.10g}, {method} differences give {n:.10g}\n"
        f"  they differ by {abs(a - n):.3g}, allowed is {bound[row, column]:.3g} "
        f"(atol {atol:g} + rtol {rtol:g} * |numeric|)"
        + (NOT_ANALYTIC if method == "complex" else "")
    )


def broken(ys: list, xs: list, analytic: dict, within: list) -> str:
    """What one more call of backward, with all outputs weighted, says of the rows; "" if nothing.

    It sees what one-hot gradients hide: a pullback that is not linear in the incoming gradient, or
    that has changed what it saved, its input or the gradient that it was given.

    within: the values on the way from xs to ys, whose gradients may be float32's.
    """
    rows = list(analytic.values())
    kept = [n for n, y in enumerate(ys) if y.requires_grad and y.array.size]
    if not kept:
        return ""
    random = np.random.default_rng(0)
    weights = [random.uniform(-1.5, 1.5, ys[n].shape) for n in kept]
    before = [x.array.copy() for x in xs]
    inner = [v for v in within if all(v is not x for x in (*xs, *ys))]
    seeds = [wrap(w.astype(ys[n].dtype)) for w, n in zip(weights, kept, strict=True)]
    copies = [seed.array.copy() for seed in seeds]
    found = autograd.grad(
        [ys[n] for n in kept], [*xs, *inner], seeds, retain_graph=True, materialize_grads=True
    )
    if any(not np.array_equal(a, s.array) for a, s in zip(copies, seeds, strict=True)):
        return "gradcheck: backward wrote to the gradient that it was given"
    if any(not np.array_equal(a, x.array, equal_nan=True) for a, x in zip(before, xs, strict=True)):
        return "gradcheck: backward wrote to its input"
    suspected = any(_is_float32(g.array) for g in found[len(xs) :])
    for i, g in enumerate(found[: len(xs)]):
        parts = [(w.reshape(-1), rows[n][i]) for w, n in zip(weights, kept, strict=True)]
        expected = np.sum([w @ a for w, a in parts], axis=0)
        size = np.sum([np.abs(w) @ np.abs(a) for w, a in parts], axis=0)
        got = g.array.reshape(-1)
        finite = np.isfinite(expected) & np.isfinite(size)
        if (np.abs(got - expected)[finite] > 1e-6 * (1e-3 + size[finite])).any():
            worst = int(np.argmax(np.where(finite, np.abs(got - expected), -1)))
            return (
                "gradcheck: backward is not linear in the incoming gradient, or changed what it "
                f"saved: for weighted outputs it gives {got[worst]:.6g} at element {worst} of "
                f"argument {i}, its own Jacobian gives {expected[worst]:.6g}"
            )
        suspected |= _is_float32(got) or any(_is_float32(a) for _, a in parts)
    return SUSPECTED if suspected else ""


def _is_float32(a: np.ndarray) -> bool:
    """Whether numbers with many digits all are float32's."""
    with np.errstate(over="ignore"):
        long = np.isfinite(a) & (a != a.astype(np.float16))
        return bool(long.any() and np.all(a[long] == a[long].astype(np.float32)))


def too_far(jacobians: dict[int, tuple], ys: list) -> bool:
    """Whether A and N differ by more than differences of smooth functions in float64 do."""
    floor = 1e-9 * max((float(np.abs(y.array).max(initial=0)) for y in ys), default=0.0)
    return any(
        not np.abs(a - n).max(initial=0) <= 2e-8 * np.abs(n).max(initial=0) + floor
        for a, n in jacobians.values()
    )


def small(jacobians: dict[int, tuple]) -> str:
    """What to say of an error within the tolerance that is an error nevertheless."""
    gaps = {
        i: float(np.abs(a - n).max(initial=0) / max(np.abs(n).max(initial=0), 1e-300))
        for i, (a, n) in jacobians.items()
    }
    worst = max(gaps, key=lambda i: gaps[i])
    return (
        f"gradcheck: in argument {worst} backward is off by {gaps[worst]:.2g} of the largest "
        "slope: within the tolerance, but the differences are far more exact than that and do "
        "not come closer with smaller steps"
    )
