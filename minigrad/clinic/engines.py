"""A check of an engine that somebody wrote: a class of numbers or arrays with `backward()`.

Faults of an engine do not show in one op. A chain passes where the gradient of a value that is
used twice is overwritten; a diamond passes where the order is wrong and a diamond within a diamond
does not. So small programs are run, from the simplest on, each against differences; what is found
in one is not looked for in the later ones, which are built on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.clinic import diagnose, operations
from minigrad.clinic.case import Case
from minigrad.clinic.foreign import AtPoints, ForeignSubject, data_of, gradient_of
from minigrad.clinic.report import Diagnosis, Report

Program = Callable[..., Any]
POINT = (0.7, -1.3, 1.9, 0.4)
DEEP = 3000  # steps of a chain that a recursive backward does not survive


def _nested(a: Any, b: Any) -> Any:
    """Diamonds within a diamond: the long way round must be waited for."""
    c = a * b
    d = c * c
    e = d + c
    f = e * d
    return f * c + e


def _late(a: Any, b: Any) -> Any:
    """A value that is used early and again at the very end."""
    c = a * b
    long = c * a
    long = long * b
    long = long + a
    return c * long


def _later(a: Any, b: Any) -> Any:
    """The same with the early use on the other side."""
    c = a + b
    long = (c * c) * b
    return (long * a) + c


SINGLE: dict[str, Program] = {"a + b": lambda a, b: a + b, "a * b": lambda a, b: a * b}
CHAINS: dict[str, Program] = {
    "(a * b) * c": lambda a, b, c: (a * b) * c,
    "(a + b) * c": lambda a, b, c: (a + b) * c,
    "(a * b + c) * d": lambda a, b, c, d: (a * b + c) * d,
}
LEAF_TWICE: dict[str, Program] = {
    "a + a": lambda a: a + a,
    "a * a": lambda a: a * a,
    "a * b + a": lambda a, b: a * b + a,
    "a + a * b": lambda a, b: a + a * b,
}
DIAMONDS: dict[str, Program] = {
    "c = a * b; c * c": lambda a, b: (lambda c: c * c)(a * b),
    "c = a * b; c * a + c": lambda a, b: (lambda c: c * a + c)(a * b),
    "nested diamonds": _nested,
    "a value used early and late": _late,
    "a value used late and early": _later,
}


def check_engine(scalar: Callable[[Any], Any]) -> Report:
    """Check a class of numbers or arrays with `+`, `*`, `.backward()`, `.data` and `.grad`.

    scalar: makes a leaf of a number (or of an array, if the class holds arrays: then sums,
    broadcasting and `@` are checked too). The other operators and tanh, relu, exp, log, ... are
    checked where the class has them. Returns a Report, true if all programs have the right
    gradients, else with the faults that explain which of them fail. What is no fault but should
    be known, a backward() that recurses too deep, say, is among its notes.

    >>> import minigrad as mg
    >>> from minigrad.clinic import check_engine
    >>> class Leaf:  # minigrad itself, by these names
    ...     def __new__(cls, number):
    ...         return mg.tensor(number, dtype=mg.float64, requires_grad=True)
    >>> check_engine(Leaf).ok
    True
    """
    wrong: dict[str, tuple] = {}
    found: list[Diagnosis] = _written(scalar)
    for group in () if found else (SINGLE, CHAINS, LEAF_TWICE, DIAMONDS):
        for name, program in group.items():
            answer = _difference(scalar, program)
            if answer is not None:
                wrong[name] = answer
        if wrong:  # what comes later is built on this
            found = _explained(wrong, group, scalar)
            break
    if not wrong:
        repeated = _stale(scalar)
        if repeated:
            found = [_diagnosis("stale-accumulation", 0.98, {"gradients_of_new_leaves": repeated})]
        found = found or operations.check(scalar)
    if not found:
        return Report(True, notes=_notes(scalar))
    found = diagnose.ranked(found)
    lines = [f"{name}: backward gives {g}, differences give {e}" for name, (g, e) in wrong.items()]
    lines += [] if lines else [f"{found[0].op}: {found[0].title}"]
    return Report(False, "check_engine: " + "; ".join(lines), found)


def _subject(scalar: Callable, program: Program) -> ForeignSubject:
    point = POINT[: program.__code__.co_argcount]
    names = program.__code__.co_varnames
    leaves = [scalar(p) for p in point]
    makers = [scalar] * len(point)
    return ForeignSubject(
        program, leaves, list(range(len(point))), makers, "the engine", names, weighted=False
    )


def _difference(scalar: Callable, program: Program) -> tuple | None:
    """The gradient by backward and by differences, if they are not the same."""
    try:
        case = Case(_subject(scalar, program), lambda: None)
    except operations.NOT_THERE:  # the class has no such operation
        return None
    if case.error is None and not case.wrong:
        return None
    if case.error is not None:
        return f"{type(case.error).__name__}: {case.error}", _rounded(case.N)
    return _rounded(case.A), _rounded(case.N)


def _rounded(jacobians: list) -> list[float]:
    return [float(np.round(np.sum(j), 6)) for j in jacobians]


def _stale(scalar: Callable) -> list[float]:
    """The gradients of new leaves in the same program, three times, if they are not the same."""
    found = []
    for _ in range(3):
        leaf = scalar(POINT[0])
        (leaf * scalar(POINT[1])).backward()
        found.append(float(np.sum(gradient_of(leaf))))
    return found if max(found) - min(found) > 1e-9 else []


def _written(scalar: Callable) -> list[Diagnosis]:
    """Whether backward changes values."""
    leaf, other = scalar(POINT[0]), scalar(POINT[1])
    product = leaf * other
    result = product * leaf
    watched = {"a leaf": leaf, "a value on the way": product, "the result": result}
    before = {name: data_of(a) for name, a in watched.items()}
    result.backward()
    for name, a in watched.items():
        if not np.array_equal(data_of(a), before[name]):
            return [_diagnosis("mutates", 0.98, {"changed": name, "from": before[name],
                                                 "to": data_of(a)})]  # fmt: skip
    return []


def _notes(scalar: Callable) -> list[str]:
    notes = []
    a = total = scalar(POINT[0])
    try:
        for _ in range(DEEP):
            total = total * a
        total.backward()
    except RecursionError:
        notes.append(
            f"backward() recurses too deep on a chain of {DEEP:,} steps; with a list as its stack "
            "it would not"
        )
    leaf = scalar(POINT[0])
    result = leaf * scalar(POINT[1])
    try:
        result.backward()
        first = float(np.sum(gradient_of(leaf)))
        result.backward()
        ratio = float(np.sum(gradient_of(leaf))) / first
        if abs(ratio - 1) > 1e-9:
            notes.append(
                f"a second backward() of the same result makes the gradient {ratio:.3g} times as "
                "large: set the gradients to zero before it"
            )
    except RuntimeError:
        notes.append("a second backward() of the same result is refused")
    return notes


def _diagnosis(code: str, certainty: float, evidence: dict) -> Diagnosis:
    return Diagnosis(code, None, evidence, certainty, op="the engine")


def _explained(wrong: dict[str, tuple], group: dict, scalar: Callable) -> list[Diagnosis]:
    """What the first group of programs to fail says, those before it having passed."""
    evidence = {"fails": list(wrong)}
    passes = [n for n in group if n not in wrong]
    evidence |= {"passes": passes} if passes else {}
    if _stale(scalar):
        return [_diagnosis("stale-accumulation", 0.98, evidence)]
    if group is SINGLE:
        found = []
        for name in wrong:
            subject = AtPoints(
                SINGLE[name], operations.SIGNED, scalar, name, ("a", "b"), weighted=False
            )
            found += diagnose.examine(Case(subject, lambda: None))
        for d in found:
            d.op, d.evidence = next(iter(wrong)), {**evidence, **d.evidence}
        return found or [_diagnosis("missing-factor", 0.5, evidence)]
    if group is CHAINS:
        # Nothing arrives where a node passes on its gradient before it has it.
        lost = any(isinstance(g, list) and 0.0 in g for g, _ in wrong.values())
        codes = ["ignores-upstream", "wrong-order", "dropped-term"]
        codes = ["wrong-order", "dropped-term", "ignores-upstream"] if lost else codes
    elif group is LEAF_TWICE:
        codes = ["overwrites-fanout", "wrong-order", "dropped-term"]
    else:
        codes = ["wrong-order", "overwrites-fanout", "dropped-term"]
    return [_diagnosis(code, 0.95 - 0.2 * i, evidence) for i, code in enumerate(codes)]
