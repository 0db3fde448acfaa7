"""From a check that failed to the faults that explain it, in the order in which one should ask.

Contracts first, since a pullback that is not linear or not repeatable has no Jacobian to speak of;
then kinks; then the Jacobians' signatures; then repairs. All that fits is reported, ranked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.clinic import (
    arrangements,
    blame,
    contracts,
    magnitudes,
    numeric,
    ranks,
    repairs,
    rewriting,
    supports,
    ties,
)
from minigrad.clinic.case import Case, attempted
from minigrad.clinic.dice import thrown_once
from minigrad.clinic.intake import Question
from minigrad.clinic.report import LIKELY, Diagnosis
from minigrad.clinic.subject import FunctionSubject, OpSubject

SQUARE = 3  # elements of every axis
SIGNATURES = [ties, magnitudes, arrangements, supports, ranks]


def first(
    question: Question, atol: float, rtol: float, *, differ: bool
) -> tuple[list[Diagnosis], list[str], bool]:
    """The diagnoses of a question, notes, and whether nothing is wrong after all.

    differ: whether it was the Jacobians that were found to differ, which differences may be to
    blame for.
    """
    function, places, names = question.function, question.places, question.names
    with thrown_once(function) as again:
        whole = Case(FunctionSubject(function, question.copies(), places, names), again)
        small = whole.rows * max(x.size for x in whole.x) <= blame.LARGEST
        if small and all(a is not None for a in whole.A):
            if whole.wrong:
                kinks = ties.accepted(whole)
                if kinks:
                    return [], kinks, True
            elif differ:
                note = _of_differences(whole, atol, rtol)
                if note:
                    return [], [note], True
        again()
        found: list[Diagnosis] = []
        for subject in blame.calls(function, question.copies(), names):
            here = attempted(lambda subject: examine(Case(subject, again)), subject)
            for d in here:
                d.pullback = d.pullback or subject.source_of(d.argument)
                d.line = subject.defined_at if question.is_op else d.line
            found += here
        if not found and small:
            found = _composition(whole)
            found = _cut(found, blame.severed(function, question.copies()))
    return ranked(found), [], False


NOISE = (
    "the values are so much larger than the slopes that differences have few digits here: backward "
    "is within their rounding error; divide the function by its size for a sharper check"
)
COARSE = (
    "the step of the differences was too wide for so small an input: with narrower steps they "
    "agree with backward"
)


def _of_differences(whole: Case, atol: float, rtol: float) -> str:
    """What to note if it is the differences that were wrong, or not as exact as was asked for."""
    if rtol < 1e-6 or contracts.check(whole):
        return ""
    scale = max(float(np.abs(n).max(initial=0)) for n in whole.N)
    if whole.noise > 2e-6 * max(1.0, scale):
        return NOISE
    for n, a in enumerate(whole.A):
        better, error = numeric.extrapolated(whole.values, whole.x, n)
        bound = atol + rtol * np.abs(better)
        if not np.all((error < bound / 10) & (np.abs(a * whole.unit - better) <= bound)):
            return ""
    return COARSE


def examine(case: Case) -> list[Diagnosis]:
    """What is wrong with one op at one point."""
    found = contracts.check(case)
    settled = {d.code for d in found} & {"stale-accumulation", "mutates", "mask-redrawn"}
    if case.error is not None:
        repaired = attempted(repairs.check, case) + attempted(rewriting.check, case)
        return found + repaired + (_raised(case) if not repaired else [])
    if settled or any(d.code == "ignores-upstream" and d.certainty == 1 for d in found):
        return found
    if not case.wrong:
        return found
    for n in case.wrong:
        for signature in SIGNATURES:
            found += attempted(signature.check, case, n)
        found += attempted(arrangements.elsewhere, case, n)
    found += attempted(ties.shared, case)
    found += attempted(repairs.check, case)
    clear = {d.argument for d in found if d.certainty > 0.95}
    if not {case.subject.places[n] for n in case.wrong} <= clear:
        found += attempted(rewriting.check, case)
    found += attempted(repairs.unexplained, case)
    return found


def _raised(case: Case) -> list[Diagnosis]:
    """A pullback that raised: of what, and whether it does with all sizes equal.

    Shapes that do not fit are explained; a name that is not defined explains itself.
    """
    if not isinstance(case.error, (ValueError, IndexError, RuntimeError, TypeError)):
        return []
    said = f"{type(case.error).__name__}: {case.error}"
    found = []
    square = _squared(case)
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


def _squared(case: Case) -> Case | None:
    """The same op where all axes have one size: a mix-up of axes then runs and is seen.

    None if the inputs were square already, or if the op does not take such inputs.
    """
    subject = case.subject
    if not isinstance(subject, OpSubject) or all(set(x.shape) <= {SQUARE} for x in case.x):
        return None
    rng = np.random.default_rng(3)
    args = list(subject.args)
    for i, a in enumerate(args):
        if isinstance(a, np.ndarray) and a.dtype.kind == "f":
            args[i] = rng.uniform(0.3, 1.7, (SQUARE,) * a.ndim)
    try:
        square = Case(
            OpSubject(subject.op, args, subject.kwargs, subject.places, subject.line), case.again
        )
        square.A  # noqa: B018 - computed here, to see whether it runs
    except Exception:  # the op refuses them
        return None
    return None if square.error is not None else square


def _composition(whole: Case) -> list[Diagnosis]:
    """Every op passes, the whole does not: the fault lies in how they are joined."""
    if whole.error is not None:
        return []
    found = contracts.check(whole)
    for n in whole.wrong:
        for check in (magnitudes, supports):
            found += attempted(check.check, whole, n)
        gap = float(np.nanmax(np.abs(whole.A[n] - whole.N[n]), initial=0))
        found.append(whole.found("dropped-term", n, 0.92, every_op_passes_alone=True, error=gap))
        found.append(whole.found("overwrites-fanout", n, 0.5, every_op_passes_alone=True))
        found.append(whole.found("wrong-order", n, 0.4, every_op_passes_alone=True))
    return found


def _cut(found: list[Diagnosis], cuts: list[tuple[str, str]]) -> list[Diagnosis]:
    """With the lines on which the graph was left, if it was: then no engine is at fault."""
    if not cuts:
        return found
    found = [d for d in found if d.code == "dropped-term"]
    for d in found:
        d.certainty, d.line = 0.99, cuts[0][1]
        d.evidence["the_graph_is_left"] = "; ".join(f"{what} at {line}" for what, line in cuts)
    return found


def ranked(found: list[Any]) -> list[Diagnosis]:
    """The most certain first, each fault once for an op and argument, with its best evidence.

    Of what is likely, each code comes once before any comes for a second argument.
    """
    best: dict[tuple, Diagnosis] = {}
    for d in sorted(found, key=lambda d: -d.certainty):
        first = best.setdefault((d.code, d.op, d.argument), d)
        if first is not d and d.certainty >= LIKELY:
            first.evidence = {**d.evidence, **first.evidence}
    heads = {d.code: d for d in reversed(best.values())}
    return sorted(
        best.values(),
        key=lambda d: (d.certainty < LIKELY, heads[d.code] is not d, -d.certainty),
    )
