"""Faults that leave every entry in its place and change only its size or its sign."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from minigrad.clinic.case import Case, same
from minigrad.clinic.report import Diagnosis


def check(case: Case, n: int) -> Iterator[Diagnosis]:
    """alpha = <A, N> / <N, N> with nothing left over: a factor, and what could have made it."""
    a, exact = case.A[n], case.N[n]
    if a is None or not a.size:
        return
    yield from _of_one_output(case, n)
    alpha = factor(a, exact)
    if alpha is None or abs(alpha) < 1e-9 or abs(alpha - 1) < 1e-6:
        return
    leftover = float(np.linalg.norm(a - alpha * exact) / np.linalg.norm(a))
    evidence = {"alpha": alpha, "left_over": leftover}
    if abs(alpha + 1) < 1e-5:
        yield case.found("wrong-sign", n, 0.98, **evidence)
        return
    for size in copies(case, n):
        if abs(alpha - 1 / size) < 1e-5 * alpha:
            yield case.found("averaged-broadcast", n, 0.95, **evidence, size_of_the_axes=size)
    if _is_dropout(exact, alpha):
        hinted = case.names("drop", "mask", "seed", "rng", "keep")
        yield case.found("mask-redrawn", n, 0.94 if hinted else 0.7, **evidence, scale=1 / alpha)
    counts = wrong_counts(case, n, alpha)
    if counts is not None:
        yield case.found("wrong-count", n, counts[0], **evidence, **counts[1])
    if abs(alpha + 1) > 1e-5 and alpha < 0:
        yield case.found("wrong-sign", n, 0.5, **evidence)
    yield case.found("missing-factor", n, 0.9, **evidence)


def _of_one_output(case: Case, n: int) -> Iterator[Diagnosis]:
    """Of several outputs, the path through one has a factor; those through the others are right."""
    if case.one_output:
        return
    pairs = zip(case.by_output(case.A[n]), case.by_output(case.N[n]), strict=True)
    alphas = [1.0 if same(a, b) else factor(a, b) for a, b in pairs]
    off = [(k, alpha) for k, alpha in zip(case.floating, alphas, strict=True) if alpha != 1.0]
    if len(off) != 1 or len(alphas) < 2:
        return
    k, alpha = off[0]
    if alpha is not None and abs(alpha + 1) < 1e-5:
        yield case.found("wrong-sign", n, 0.97, through_output=k, alpha=alpha)
    elif alpha is not None and abs(alpha) > 1e-9:
        yield case.found("missing-factor", n, 0.89, through_output=k, alpha=alpha)


def factor(a: np.ndarray, exact: np.ndarray) -> float | None:
    """alpha with a = alpha * exact; None if there is none."""
    square = float(np.sum(exact * exact))
    if not square or not np.all(np.isfinite(a)):
        return None
    alpha = float(np.sum(a * exact)) / square
    fits = np.linalg.norm(a - alpha * exact) <= 1e-5 * max(np.linalg.norm(a), 1e-300)
    return alpha if fits else None


def copies(case: Case, n: int) -> list[int]:
    """Into how many copies argument n was (or may have been) broadcast: all axes, and some.

    Along an axis of copies, every element of the argument reaches the same elements.
    """
    sizes: set[int] = set()
    for k, jacobian in enumerate(case.by_output(case.N[n])):
        y, x = case.y[case.floating[k]].shape, case.x[n].shape
        lead = len(y) - len(x)
        if lead < 0:
            return []
        if lead == 0 and not all(m in (1, k) for m, k in zip(x, y, strict=True)):
            return []
        reached = np.abs(jacobian) > 1e-7
        copied = [
            axis
            for axis, size in enumerate(y)
            if size > 1
            and (axis < lead or x[axis - lead] == 1 or len(x) < len(y))
            and (reached == reached.take([0], axis)).all()
        ]
        found = {
            math.prod(y[i] for i in axes)
            for many in range(len(copied), 0, -1)
            for axes in itertools.combinations(copied, many)
        }
        sizes = found if k == 0 else sizes & found
    return sorted(sizes, reverse=True)


def wrong_counts(case: Case, n: int, alpha: float) -> tuple[float, dict] | None:
    """(certainty, evidence) if alpha is a ratio of numbers of elements that a mean could have."""
    x = case.x[n]
    if case.rows >= x.size or x.size < 2:
        return None
    sizes = x.shape
    products = {
        math.prod(c) for many in range(len(sizes) + 1) for c in itertools.combinations(sizes, many)
    }
    exact = case.N[n][case.N[n] != 0]
    level = np.abs(exact).size and float(np.median(np.abs(exact)))
    constant = bool(exact.size) and bool(np.allclose(np.abs(exact), level, rtol=1e-6))
    candidates = [
        (p, q)
        for p in products
        for q in products
        if p != q and abs(alpha - p / q) < 1e-5 * alpha and max(p, q) > 1
    ]
    bessel = [(m, k) for p in products if p > 2 for m, k in ((p, p - 1), (p - 1, p))]
    near = [(p, q) for p, q in bessel if abs(alpha - p / q) < 1e-5 * alpha]
    if not candidates and not near:
        # Of the examples some may not count: those with the index that is ignored, say.
        indexed = any(
            getattr(v, "dtype", None) == np.int64 for v in getattr(case.subject, "args", ())
        )
        some = [(round(alpha * q), q) for q in products if q > 2 and indexed]
        part = [(m, q) for m, q in some if m and abs(alpha - m / q) < 1e-5 * alpha]
        if not part or case.rows > 1:
            return None
        return 0.91, {"elements_of_the_true_mean": part[0][0], "elements_divided_by": part[0][1]}
    p, q = min(candidates or near)
    evidence = {"elements_of_the_true_mean": p, "elements_divided_by": q}
    if constant and abs(level - 1) < 1e-6 and not case.names("mean", "loss", "avg"):
        return 0.4, evidence  # a sum: there is no count
    plain = constant and abs(abs(alpha) * level - 1) < 1e-5  # no division at all
    usual = any(abs(alpha - k) < 1e-5 for k in (2.0, 0.5))
    return (0.85 if plain or (usual and not constant) else 0.93), evidence


def _is_dropout(exact: np.ndarray, alpha: float) -> bool:
    """A diagonal of zeros and one number above 1, of which the factor is missing."""
    if exact.shape[0] != exact.shape[1]:
        return False
    diagonal = np.diag(exact)
    kept = diagonal[np.abs(diagonal) > 1e-6]
    if not 0 < kept.size < diagonal.size or np.abs(exact - np.diag(diagonal)).max() > 1e-6:
        return False
    return bool(np.allclose(kept, kept[0], rtol=1e-5)) and abs(alpha * kept[0] - 1) < 1e-5
