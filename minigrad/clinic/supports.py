"""Faults that show in which entries are there: exact where they are, and elsewhere nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigrad.clinic.case import Case
from minigrad.clinic.report import Diagnosis

NOTHING = 1e-7


def check(case: Case, n: int) -> Iterator[Diagnosis]:
    a, exact = case.A[n], case.N[n]
    if a is None or not a.size:
        return
    scale = max(1.0, float(np.abs(exact).max()))
    there, expected = np.abs(a) > NOTHING * scale, np.abs(exact) > NOTHING * scale * 10
    right = np.abs(a - exact) <= 2e-6 * scale
    evidence = {"entries_expected": int(expected.sum()), "entries_found": int(there.sum())}
    if not there.any():
        yield case.found("dropped-term", n, 0.95, **evidence)
        yield case.found("overwrites-fanout", n, 0.4, **evidence)
        return
    yield from _mask(case, n, a, there, expected, evidence)
    if not (right | ~there).all():
        return
    # What is kept is exact; the rest is missing.
    yield from _slice(case, n, there, expected, evidence)
    yield from _repeated(case, n, there, expected, right, evidence)
    yield case.found("dropped-term", n, 0.7, **evidence)
    yield case.found("overwrites-fanout", n, 0.5, **evidence)


def _mask(case, n, a, there, expected, evidence) -> Iterator[Diagnosis]:
    """Complementary within the entries that there can be: for an elementwise op, the diagonal."""
    if not expected.any():
        return
    overlap = int((there & expected).sum())
    if a.shape[0] == a.shape[1] and not np.any(a - np.diag(np.diag(a))):
        mine, true = (np.round(np.diag(j), 5) for j in (a, case.N[n]))
        levels = set(mine.tolist())
        if len(levels) == 2 and levels == set(true.tolist()) and (mine != true).all():
            yield case.found("mask", n, 0.99, slopes_exchanged=sorted(levels))
    if overlap == 0 and a.shape[0] == a.shape[1]:
        diagonal = not (there & ~np.eye(len(a), dtype=bool)).any()
        if diagonal and not (expected & ~np.eye(len(a), dtype=bool)).any():
            yield case.found("mask", n, 0.97, **evidence, entries_in_common=overlap)
    elif overlap == 0 and (there | expected).any():
        yield case.found("mask", n, 0.6, **evidence, entries_in_common=overlap)
    extra = there & ~expected
    if overlap and extra.any() and np.allclose(a[expected], case.N[n][expected], atol=1e-5):
        yield case.found("mask", n, 0.75, **evidence, entries_too_many=int(extra.sum()))


def _slice(case, n, there, expected, evidence) -> Iterator[Diagnosis]:
    """Only one index of an axis of the outputs has a gradient at all."""
    if case.x[n].size >= case.rows and case.x[n].ndim >= max(y.ndim for y in case.y):
        return
    rows, needed = (case.by_output(m.any(axis=1)) for m in (there, expected))
    for axis in range(max(r.ndim for r in rows)):
        kept = [_along(r, axis) for r in rows]
        wanted = [_along(r, axis) for r in needed]
        if all(len(k) == 1 and len(w) > 1 for k, w in zip(kept, wanted, strict=True)):
            index = int(kept[0][0])
            yield case.found("kept-one-slice", n, 0.95, **evidence, axis=axis, index=index)
            return


def _along(rows: np.ndarray, axis: int) -> np.ndarray:
    """The indices of an axis at which there is something."""
    others = tuple(i for i in range(rows.ndim) if i != axis)
    return np.flatnonzero(rows.any(axis=others)) if axis < rows.ndim else np.zeros(0, int)


def _repeated(case, n, there, expected, right, evidence) -> Iterator[Diagnosis]:
    """Elements that went to several places have one of the gradients; the others have theirs."""
    uses = expected.sum(axis=0)
    several, single = uses > 1, uses == 1
    wrong = ~right.all(axis=0)
    indexed = any(
        isinstance(v, (np.ndarray, list)) and np.asarray(v).dtype.kind in "iu"
        for v in getattr(case.subject, "args", ())
    )
    if not several.any() or not wrong[several].any() or wrong[~several].any():
        return
    kept = there[:, wrong].sum(axis=0)
    copies = np.isin(np.round(case.N[n], 6), (0, 1)).all()
    if (kept == 1).all() and copies and not single.any() and not indexed:
        yield case.found("kept-one-slice", n, 0.9, **evidence)
    if (kept == 1).all() and (single.any() or indexed):
        gathered = (expected.sum(axis=1) == 1).all() and copies and single.any()
        certainty = 0.97 if indexed or gathered else 0.65
        elements = np.flatnonzero(wrong)
        yield case.found("duplicate-index", n, certainty, **evidence, elements=elements)
