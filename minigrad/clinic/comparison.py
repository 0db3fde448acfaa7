"""Backward's Jacobian beside the one of differences: how both are made, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic.words import called
from minigrad.graph import describe, wrap

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
