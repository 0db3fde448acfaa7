"""A gradient check of a function of another engine's objects, such as micrograd's Value."""

from __future__ import annotations

import numpy as np

from minigrad.clinic import contracts, diagnose, magnitudes, supports
from minigrad.clinic.case import Case
from minigrad.clinic.engines import check_engine
from minigrad.clinic.foreign import ForeignSubject, like
from minigrad.clinic.intake import Question
from minigrad.clinic.report import Diagnosis, Report
from minigrad.clinic.words import called


def check(question: Question, atol: float, rtol: float) -> Report:
    """Whether the engine's backward() gives the function's gradient; if not, what the engine lacks.

    The function is differentiated as it is called by hand, `backward()` of its result. What is
    found wrong with the engine by itself (`check_engine`) explains it best.
    """
    places = question.places
    makers = [like(question.inputs[i]) for i in places]
    subject = ForeignSubject(
        question.function, question.inputs, places, makers, "the function", question.names,
        weighted=False,
    )  # fmt: skip
    case = Case(subject, lambda: None)
    report = Report(
        True, names=dict(enumerate(question.names)), notes=list(question.notes),
        allowed=(atol, rtol),
    )  # fmt: skip
    if case.rows > len(case.y):
        report.notes.append("the result is no number: its sum was differentiated")
        case = Case(_summed(subject), lambda: None)
    for n, i in enumerate(places):
        if case.A[n] is not None:
            report.jacobians[i] = (case.A[n] * case.unit, case.N[n] * case.unit)
    checks = {d.code: d for d in contracts.check(case)}
    engine = check_engine(makers[0])
    if case.error is not None:
        report.message = f"gradcheck: backward raised {type(case.error).__name__}: {case.error}"
    elif case.wrong:
        report.message = _message(case, report)
    elif subject.changed:
        report.message = f"gradcheck: backward wrote to {subject.changed}"
    elif "stale-accumulation" in checks:
        report.message = "gradcheck: the same check gives another gradient each time"
    elif not engine.ok:
        report.message = (
            "gradcheck: the gradient of this function is right, but the engine's backward() is not "
            f"for others; {engine.message}"
        )
    if not report.message:
        report.notes += engine.notes
        return report
    report.ok = False
    found = [*engine.diagnoses, *(d for c, d in checks.items() if c == "stale-accumulation")]
    if subject.changed:
        found.append(Diagnosis("mutates", None, {"changed": subject.changed}, 0.99))
    report.diagnoses = diagnose.ranked(found or _of_function(case))
    return report


def _summed(subject: ForeignSubject) -> ForeignSubject:
    """The same function, with the sum of its result, which is what backward() starts from."""

    class Summed(ForeignSubject):
        def run(self, arrays):
            values, pull = super().run(arrays)
            return [np.array(sum(float(np.sum(v)) for v in values))], lambda gs: [
                g * gs[0] for g in pull([np.ones(v.shape) for v in values])
            ]

    return Summed(
        subject.function, subject.arguments, subject.places, subject.make, subject.name,
        subject.names, weighted=False,
    )  # fmt: skip


def _message(case: Case, report: Report) -> str:
    n = case.wrong[0]
    place = case.subject.places[n]
    name = called(place, report.names.get(place, ""))
    if case.A[n] is None:
        return f"gradcheck: {name}: the gradient has another shape than the data"
    a, exact = case.A[n] * case.unit, case.N[n] * case.unit
    worst = np.unravel_index(int(np.argmax(np.abs(a - exact))), a.shape)
    return (
        f"gradcheck: {name}: backward() gives {a[worst]:.10g}, central differences give "
        f"{exact[worst]:.10g}"
    )


def _of_function(case: Case) -> list[Diagnosis]:
    """The engine is right in all that was tried: something that only this function uses."""
    found = contracts.check(case)
    for n in case.wrong:
        for signature in (magnitudes, supports):
            found += signature.check(case, n)
        for code, certainty in (("overwrites-fanout", 0.6), ("wrong-order", 0.5),
                                ("dropped-term", 0.55)):  # fmt: skip
            found.append(case.found(code, n, certainty, engine_passes_its_own_check=True))
    return found
