"""Faults of softmax and of normalisation: what is missing from A has rank one or two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigrad.clinic.case import Case, same
from minigrad.clinic.report import Diagnosis

TINY = 1e-5


def check(case: Case, n: int) -> Iterator[Diagnosis]:
    a, exact = case.A[n], case.N[n]
    if a is None or a.size < 4:
        return
    square = case.one_output and case.y[0].shape == case.x[n].shape
    if square:
        yield from _axis(case, n, a, exact)
    scale = float(np.abs(exact).max())
    if not scale or not np.all(np.isfinite(a)):
        return
    blocks = components(np.abs(exact) > 1e-8 * scale)
    blocks = [b for b in blocks if len(b[1]) > 1]
    inside = np.zeros(a.shape, bool)
    for rows, columns in blocks:
        inside[np.ix_(rows, columns)] = True
    if not blocks or np.abs(np.where(inside, 0, a - exact)).max() > TINY * scale:
        return
    ranks = [rank((a - exact)[np.ix_(*b)], scale) for b in blocks]
    sums = {
        "row_sums_of_A": float(np.abs(a.sum(axis=1)).max()),
        "row_sums_of_N": float(np.abs(exact.sum(axis=1)).max()),
    }
    zero_sums = sums["row_sums_of_N"] < TINY * scale
    diagonal = square and np.abs(a - np.diag(np.diag(a))).max() < TINY * scale
    dense = square and np.abs(exact - np.diag(np.diag(exact))).max() > TINY * scale
    evidence = {"rank_of_A_minus_N": max(ranks), **sums}
    if diagonal and dense and same(a, np.diag(np.diag(exact))):
        yield case.found("diagonal-softmax", n, 0.97 if zero_sums else 0.65, **evidence)
    if max(ranks) == 1 and square and dense:
        even = all(np.ptp((a - exact)[np.ix_(*b)]) < TINY * scale for b in blocks)
        if diagonal and even and not case.names("softmax"):  # a mean was subtracted
            yield case.found("norm-ignores-one-statistic", n, 0.96, **evidence, ignored="mean")
        elif diagonal and (zero_sums or case.names("softmax")):
            yield case.found("softmax-missing-sum", n, 0.96, **evidence)
            yield case.found("norm-ignores-one-statistic", n, 0.6, **evidence)
        elif zero_sums or diagonal or case.names("norm"):
            kept = sums["row_sums_of_A"] < TINY * scale
            evidence["ignored"] = "variance" if kept else "mean"
            norm = 0.95 if not case.names("softmax") else 0.7
            yield case.found("norm-ignores-one-statistic", n, norm, **evidence)
            yield case.found("softmax-missing-sum", n, 0.65, **evidence)
    if max(ranks) == 2 and diagonal and dense:
        yield case.found("norm-ignores-statistics", n, 0.95, **evidence)
    if max(ranks) == 1 and not square and zero_sums and case.rows < case.x[n].size:
        # A loss of a softmax: one row of the Jacobian for each example, its target alone in A.
        sparse = (np.abs(a) > TINY * scale).sum() < (np.abs(exact) > TINY * scale).sum()
        yield case.found("softmax-missing-sum", n, 0.6 if sparse else 0.3, **evidence)


def rank(block: np.ndarray, scale: float) -> int:
    values = np.linalg.svd(block, compute_uv=False)
    return int((values > TINY * scale).sum())


def components(support: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The blocks of a matrix: rows and columns that are connected by its nonzero entries."""
    left = set(range(support.shape[0]))
    blocks = []
    while left:
        rows = np.zeros(support.shape[0], bool)
        rows[min(left)] = True
        while True:
            columns = support[rows].any(axis=0)
            wider = support[:, columns].any(axis=1) | rows
            if (wider == rows).all():
                break
            rows = wider
        blocks.append((np.flatnonzero(rows), np.flatnonzero(columns)))
        left -= set(np.flatnonzero(rows).tolist())
    return blocks


def _axis(case: Case, n: int, a: np.ndarray, exact: np.ndarray) -> Iterator[Diagnosis]:
    """Off the diagonal, A joins elements along other axes than N does."""
    mine, true = (_axes_joined(j, case.x[n].shape) for j in (a, exact))
    if mine and true and not mine & true:
        evidence = {"axes_of_backward": sorted(mine), "axes_of_forward": sorted(true)}
        yield case.found("wrong-axis", n, 0.96, **evidence)


def _axes_joined(jacobian: np.ndarray, shape: tuple) -> set[int]:
    scale = float(np.abs(jacobian).max(initial=0))
    rows, columns = np.nonzero(np.abs(jacobian) > 1e-6 * max(scale, 1e-300))
    at_y, at_x = (np.array(np.unravel_index(i, shape)) for i in (rows, columns))
    return set(np.flatnonzero((at_y != at_x).any(axis=1)).tolist()) if len(shape) else set()
