"""A check of an engine that somebody wrote: a class of scalars with `backward()`.

Faults of an engine do not show in one op. A chain passes where the gradient of a value that is
used twice is overwritten; a diamond passes where the order is wrong and a diamond within a diamond
does not. So small programs are run, from the simplest on, each against differences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.clinic.report import Diagnosis, Report

Program = Callable[..., Any]
POINT = (0.7, -1.3, 1.9, 0.4)
STEP = 1e-6


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


SINGLE: dict[str, Program] = {"a + b": lambda a, b: a + b, "a * b": lambda a, b: a * b}
CHAINS: dict[str, Program] = {
    "(a * b) * c": lambda a, b, c: (a * b) * c,
    "(a * b + c) * d": lambda a, b, c, d: (a * b + c) * d,
}
LEAF_TWICE: dict[str, Program] = {
    "a + a": lambda a: a + a,
    "a * a": lambda a: a * a,
    "a * b + a": lambda a, b: a * b + a,
}
DIAMONDS: dict[str, Program] = {
    "c = a * b; c * c": lambda a, b: (lambda c: c * c)(a * b),
    "nested diamonds": _nested,
    "a value used early and late": _late,
}


def check_engine(scalar: Callable[[float], Any]) -> Report:
    """Check a class of scalars with `+`, `*`, `.backward()`, `.data` and `.grad`.

    scalar: makes a leaf of a number. Returns a Report, true if all programs have the right
    gradients, else with the faults that explain which of them fail.

    >>> import minigrad as mg
    >>> from minigrad.clinic import check_engine
    >>> class Leaf:  # minigrad itself, by these names
    ...     def __new__(cls, number):
    ...         return mg.tensor(number, dtype=mg.float64, requires_grad=True)
    >>> check_engine(Leaf).ok
    True
    """
    wrong: dict[str, list] = {}
    found: list[Diagnosis] = []
    for group in (SINGLE, CHAINS, LEAF_TWICE, DIAMONDS):
        for name, program in group.items():
            got, exact = _gradients(scalar, program)
            if not _close(got, exact):
                wrong[name] = [got, exact]
        found = _explained(wrong, group, scalar)
        if wrong:
            break  # what comes later is built on this
    if not wrong:
        repeated = _stale(scalar)
        if repeated:
            found = [_diagnosis("stale-accumulation", 0.98, {"gradients_of_new_leaves": repeated})]
    if not found:
        return Report(True)
    lines = [f"{name}: backward gives {g}, differences give {e}" for name, (g, e) in wrong.items()]
    message = "check_engine: " + ("; ".join(lines) or "the same program gives other gradients")
    return Report(False, message, found)


def _gradients(scalar: Callable, program: Program) -> tuple[list[float], list[float]]:
    """By backward and by differences, in each argument."""
    point = POINT[: program.__code__.co_argcount]
    leaves = [scalar(p) for p in point]
    program(*leaves).backward()
    got = [round(float(leaf.grad or 0.0), 6) for leaf in leaves]
    exact = []
    for i in range(len(point)):
        up, down = ([p + s * (i == k) for k, p in enumerate(point)] for s in (STEP, -STEP))
        exact.append(round((_value(program, up) - _value(program, down)) / (2 * STEP), 6))
    return got, exact


def _value(program: Program, point: list[float]) -> float:
    return float(program(*point))


def _close(got: list[float], exact: list[float]) -> bool:
    return all(abs(g - e) <= 1e-5 * (1 + abs(e)) for g, e in zip(got, exact, strict=True))


def _stale(scalar: Callable) -> list[float]:
    """The gradients of new leaves in the same program, three times, if they are not the same."""
    found = []
    for _ in range(3):
        leaf = scalar(POINT[0])
        (leaf * scalar(POINT[1])).backward()
        found.append(float(leaf.grad))
    return found if max(found) - min(found) > 1e-9 else []


def _diagnosis(code: str, certainty: float, evidence: dict) -> Diagnosis:
    return Diagnosis(code, None, evidence, certainty, op="the engine")


def _explained(wrong: dict[str, list], group: dict, scalar: Callable) -> list[Diagnosis]:
    """What the first group of programs to fail says, those before it having passed."""
    if not wrong:
        return []
    evidence = {"fails": list(wrong), "passes": [n for n in group if n not in wrong]}
    if _stale(scalar):
        return [_diagnosis("stale-accumulation", 0.98, evidence)]
    if group is SINGLE:
        pairs = [(g, e) for got, exact in wrong.values() for g, e in zip(got, exact, strict=True)]
        ratios = {round(g / e, 6) for g, e in pairs if e}
        swapped = any(got == exact[::-1] for got, exact in wrong.values())
        codes = ["gradients-swapped"] if swapped else []
        codes += ["wrong-sign"] if -1.0 in ratios else []
        codes += ["dropped-term"] if 0.0 in ratios else []
        codes += ["missing-factor"]
        evidence["ratios"] = sorted(ratios)
    elif group is CHAINS:
        codes = ["ignores-upstream", "wrong-order", "dropped-term"]
    elif group is LEAF_TWICE:
        codes = ["overwrites-fanout", "wrong-order", "dropped-term"]
    else:
        codes = ["wrong-order", "overwrites-fanout", "dropped-term"]
    return [_diagnosis(code, 0.95 - 0.2 * i, evidence) for i, code in enumerate(codes)]
