"""From a check that failed to the faults that explain it, in the order in which one should ask.

Contracts first, since a pullback that is not linear or not repeatable has no Jacobian to speak of;
then kinks; then the Jacobians' signatures; then repairs. All that fits is reported, ranked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.clinic import (
    arrangements,
    blame,
    contracts,
    magnitudes,
    ranks,
    repairs,
    supports,
    ties,
)
from minigrad.clinic.case import Case
from minigrad.clinic.dice import thrown_once
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.subject import FunctionSubject

SIGNATURES = [ties, magnitudes, arrangements, supports, ranks]


def diagnose(
    function: Callable, inputs: Sequence, places: list[int]
) -> tuple[list[Diagnosis], list[str], bool]:
    """The diagnoses of a function of Tensors, notes, and whether kinks are all that there is."""
    with thrown_once(function) as again:
        whole = Case(FunctionSubject(function, inputs, places), again)
        notes = _random(whole)
        small = whole.rows * max(x.size for x in whole.x) <= blame.LARGEST
        if small and not notes and all(a is not None for a in whole.A) and whole.wrong:
            kinks = ties.accepted(whole)
            if kinks:
                return [], kinks, True
        again()
        found: list[Diagnosis] = []
        direct = getattr(function, "spec", None)
        for subject in blame.calls(function, inputs):
            found += examine(Case(subject, again))
        if direct is not None:
            for d in found:  # the function is this op: nothing else needs to be named
                d.line = None
        if not found and small:
            found = _composition(whole)
    return ranked(found), notes, False


def examine(case: Case) -> list[Diagnosis]:
    """What is wrong with one op at one point."""
    found = contracts.check(case)
    settled = {d.code for d in found} & {"stale-accumulation", "mutates", "mask-redrawn"}
    if case.error is not None:
        return found + list(repairs.check(case)) + _raised(case)
    if settled or any(d.code == "ignores-upstream" and d.certainty == 1 for d in found):
        return found
    if not case.wrong:
        return found
    for n in case.wrong:
        for signature in SIGNATURES:
            found += signature.check(case, n)
        found += arrangements.elsewhere(case, n)
    found += ties.shared(case)
    found += repairs.check(case)
    found += repairs.unexplained(case)
    return found


def _raised(case: Case) -> list[Diagnosis]:
    """A pullback that raised: of what, and whether it does with all sizes equal."""
    from minigrad.clinic.squares import squared

    said = f"{type(case.error).__name__}: {case.error}"
    found = []
    square = squared(case)
    if square is not None:
        for d in examine(square):
            d.evidence |= {"raised": said, "found_with": "square inputs"}
            d.entries = []
            found.append(d)
    if case.one_output and any(case.y[0].ndim < x.ndim for x in case.x):
        found.append(case.found("keepdims", None, 0.9, raised=said))
    elif any(x.ndim >= 2 for x in case.x):
        found.append(case.found("factor-not-transposed", None, 0.4, raised=said))
    return found or [case.found("dropped-term", None, 0.1, raised=said)]


def _random(whole: Case) -> list[str]:
    """A note if the function gives another value each time it is called."""
    subject = whole.subject
    first, second = subject.values(whole.x), subject.values(whole.x)
    if all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True)):
        return []
    return [
        "the function gave two different values for the same input: it draws random numbers. "
        "The diagnoses are from runs that all drew the same; to check it, make the mask or the "
        "seed an argument, or call eval()"
    ]


def _composition(whole: Case) -> list[Diagnosis]:
    """Every op passes, the whole does not: the fault lies in how they are joined."""
    if whole.error is not None:
        return []
    found = contracts.check(whole)
    for n in whole.wrong:
        for check in (magnitudes, supports):
            found += check.check(whole, n)
        gap = float(np.nanmax(np.abs(whole.A[n] - whole.N[n]), initial=0))
        found.append(whole.found("dropped-term", n, 0.92, every_op_passes_alone=True, error=gap))
        found.append(whole.found("overwrites-fanout", n, 0.5, every_op_passes_alone=True))
        found.append(whole.found("wrong-order", n, 0.4, every_op_passes_alone=True))
    return found


def ranked(found: list[Any]) -> list[Diagnosis]:
    """The most certain first, each code once for an op and argument, with its best evidence."""
    best: dict[tuple, Diagnosis] = {}
    for d in sorted(found, key=lambda d: -d.certainty):
        best.setdefault((d.code, d.op, d.argument), d)
    return list(best.values())
