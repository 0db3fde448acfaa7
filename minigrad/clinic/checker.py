"""The check itself: both Jacobians of a question, compared, and what is made of a difference."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from minigrad.clinic import comparison, directions, numeric
from minigrad.clinic.case import attempted
from minigrad.clinic.comparison import (
    SMALL,
    SUSPECTED,
    backward_jacobian,
    difference,
    outputs_of,
)
from minigrad.clinic.dice import thrown_once
from minigrad.clinic.intake import Question
from minigrad.clinic.report import Diagnosis, Report
from minigrad.clinic.untouched import OURS, put_back
from minigrad.clinic.words import called, told
from minigrad.graph import Value
from minigrad.mode import watching

SEVERED = (
    "gradcheck: no output requires grad, although an input does: the graph is severed "
    "(detach, no_grad, .item() or NumPy on the way?)"
)
RANDOM = (
    "the function draws random numbers: it was checked with the same draw in every call; to check "
    "others, make the mask or the seed an argument, or call eval()"
)
UNREPEATABLE = (
    "gradcheck: the function gives another value each time it is called, so that differences mean "
    "nothing: it draws random numbers that cannot be drawn again; make them an argument"
)


def check(
    question: Question, eps: float, atol: float, rtol: float, method: str, order: str
) -> Report:
    """The report on a question: what is right at once, and all else with its diagnoses."""
    if question.of_engine:
        from minigrad.clinic import objects  # only when it is needed

        return objects.check(question, atol, rtol)
    report = compared(question, eps, atol, rtol, method, order)
    if not report.message:
        return report
    if order == "first" and draws(question):
        with thrown_once(question.function) as again:
            question = repeating(question, again)
            if draws(question):
                report.ok, report.message = False, UNREPEATABLE
                return report
            report = compared(question, eps, atol, rtol, method, order)
            return explained(report, question, method, order) if report.message else report
    return explained(report, question, method, order)


def draws(question: Question) -> bool:
    """Whether the function gives another value each time it is called."""
    first, second = (
        [y.array.copy() for y in outputs_of(question.function(*question.copies()))]
        for _ in range(2)
    )
    same = (np.array_equal(a, b, equal_nan=True) for a, b in zip(first, second, strict=True))
    return not all(same)


def repeating(question: Question, again: Callable[[], None]) -> Question:
    """The same question, of a function that draws the same random numbers every time."""
    inner = question.function

    def function(*args):
        again()
        return inner(*args)

    function.__name__ = getattr(inner, "__name__", type(inner).__name__)
    if hasattr(inner, "spec"):
        function.spec = inner.spec  # type: ignore[attr-defined]
    return replace(question, function=function, notes=[*question.notes, RANDOM])


def _run(func: Callable, inputs: list) -> tuple[list, list]:
    """The outputs of a function, and the values on the way to them that have a gradient."""
    within: list = []

    def see(op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        if out.requires_grad and out.array.dtype.kind == "f":
            within.append(out)

    with watching(by=see):
        outputs = list(outputs_of(func(*inputs)))
    return outputs, within


def compared(
    question: Question, eps: float, atol: float, rtol: float, method: str, order: str
) -> Report:
    """Both Jacobians, and in `message` the first difference; "" if there is none."""
    func, places = question.function, question.places
    inputs = question.copies()
    leaves = [inputs[i] for i in places]
    outputs, within = _run(func, inputs)
    for y in outputs:
        if not isinstance(y, Value):
            raise TypeError(f"gradcheck: expected a function of Tensors, it returned {y!r}")
    report = Report(
        True, names=dict(enumerate(question.names)), notes=list(question.notes),
        allowed=(atol, rtol),
    )  # fmt: skip
    checked = [k for k, y in enumerate(outputs) if y.dtype.kind == "f"]
    if not any(outputs[k].array.size for k in checked) or not any(x.array.size for x in leaves):
        report.notes.append("there was no gradient to check: no floating number goes in and out")
    for i in places if order == "first" else ():
        if not np.array_equal(inputs[i].array, question.inputs[i].array, equal_nan=True):
            report.message = f"gradcheck: the function writes to {called(i, question.names[i])}"
            return report
    if order == "first" and checked and not any(outputs[k].requires_grad for k in checked):
        report.message = SEVERED
        return report
    size = directions.entries(leaves, outputs)
    if size > directions.LARGEST and method == "central":

        def evaluate(n: int, array: np.ndarray) -> list[np.ndarray]:
            return numeric.values(func, inputs, places[n], array)

        report.message = directions.check(evaluate, outputs, leaves, eps, atol, rtol)
        report.notes.append(directions.note(size))
        return report
    try:
        analytic = {k: backward_jacobian(outputs[k], leaves) for k in checked}
        broken = comparison.broken([outputs[k] for k in checked], leaves, analytic, within)
    except Exception as error:  # whatever a student's pullback raises
        if order != "first":
            raise
        said = f"{type(error).__name__}: {error}"
        report.message = f"gradcheck: backward raised {said}{_place(error)}"
        return report
    for n, i in enumerate(places):
        # From the inputs as they were given: backward may have written to its own.
        slopes, refused = numeric.of_function(func, question.copies(), i, checked, eps, method)
        if refused:
            report.notes.append(
                f"{called(i, question.names[i])}: the function raises when elements {refused} are "
                "moved, so their gradient was not checked"
            )
        for k in checked:
            if refused:
                slopes[k][:, refused] = analytic[k][n][:, refused]
            report.message = report.message or difference(
                analytic[k][n], slopes[k], inputs[i], outputs[k], i, question.names[i], k,
                atol, rtol, order, method,
            )  # fmt: skip
        kept = [k for k in checked if analytic[k][n].size]
        if kept:
            report.jacobians[i] = (
                np.concatenate([analytic[k][n] for k in kept]),
                np.concatenate([slopes[k] for k in kept]),
            )
    fine = order == "first" and method == "central" and atol <= 1e-5 and rtol <= 1e-3
    if fine and not broken and comparison.too_far(report.jacobians, [outputs[k] for k in checked]):
        broken = SMALL
    if broken == SUSPECTED and not fine:
        broken = ""
    report.message = report.message or broken
    return report


def explained(report: Report, question: Question, method: str, order: str) -> Report:
    """The report of a check that failed, with what the clinic makes of it."""
    from minigrad.clinic import diagnose, second  # only when they are needed

    report.ok = False
    if order == "second":
        report.diagnoses = diagnose.ranked(attempted(second.diagnose, question))
        return report
    with put_back(question.function, question.inputs):
        differ = any(report.wrong(i).any() for i in report.jacobians)
        try:
            report.diagnoses, notes, harmless = diagnose.first(
                question, *report.allowed, differ=differ
            )
        except Exception as error:  # the report stands, without an explanation
            notes, harmless = [f"it could not be explained: {type(error).__name__}: {error}"], False
    report.notes += notes
    if method == "complex" and (harmless or not report.diagnoses):
        return report  # differences are content: it is the complex step that does not apply
    if report.message == SUSPECTED:  # of float32, and of nothing else
        report.diagnoses = [d for d in report.diagnoses if d.code == "float32"]
    if harmless or (report.message in (SUSPECTED, SMALL) and not report.diagnoses):
        report.ok, report.message = True, ""
    elif report.message == SMALL:
        report.message = comparison.small(report.jacobians)
    elif report.diagnoses:
        report.message = _headline(report.diagnoses[0]) or report.message
    return report


def _place(error: Exception) -> str:
    """Where a student's code raised; "" if it was the engine that refused what it was given."""
    frames = list(traceback.walk_tb(error.__traceback__))
    frame, line = frames[-1]
    if frame.f_globals.get("__name__", "").startswith(OURS):
        return ""
    return f"\n  at {frame.f_code.co_filename}:{line}"


def _headline(best: Diagnosis) -> str:
    """What to say first where two numbers side by side would lead astray; else ""."""
    if best.certainty < 0.9:
        return ""
    where = f" of {best.op}" if best.op else ""
    who = best.op or "the function"
    differ = f"gradcheck: two calls of the pullback{where} with the same g differ"
    if best.code == "mask-redrawn" and "norms" in best.evidence:
        return f"{differ}: it draws random numbers of its own"
    if best.code == "stale-accumulation":
        return f"{differ}: what earlier calls have left is in the later ones"
    if best.code == "mutates":
        what = "; ".join(told(best.evidence))
        return f"gradcheck: {who} writes to what it must not change: {what}"
    return ""
