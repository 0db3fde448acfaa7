"""Every operation that an engine's class has, by itself: its local derivative, and how it adds.

The engine's `+` and `*` are right already when these are checked: the result is weighted with `*`,
which an op that ignores the incoming gradient does not survive.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.clinic import diagnose
from minigrad.clinic.case import Case
from minigrad.clinic.foreign import AtPoints, ForeignSubject
from minigrad.clinic.report import Diagnosis

NUMBERS: dict[str, Callable] = {
    "a + 2": lambda a: a + 2.0,
    "2 + a": lambda a: 2.0 + a,
    "a * 3": lambda a: a * 3.0,
    "3 * a": lambda a: 3.0 * a,
    "-a": lambda a: -a,
    "a - b": lambda a, b: a - b,
    "a - 2": lambda a: a - 2.0,
    "2 - a": lambda a: 2.0 - a,
    "a ** 3": lambda a: a**3,
    "a ** -1": lambda a: a**-1,
    "a / b": lambda a, b: a / b,
    "a / 2": lambda a: a / 2.0,
    "2 / a": lambda a: 2.0 / a,
    **{
        name: lambda a, name=name: getattr(a, name)()
        for name in ("tanh", "relu", "exp", "log", "sigmoid", "sqrt", "sin", "cos", "abs", "square")
    },
}
ARRAYS: dict[str, Callable] = {
    "sum": lambda a: a.sum(),
    "mean": lambda a: a.mean(),
    "a + row": lambda a, row: a + row,
    "a * row": lambda a, row: a * row,
    "a - row": lambda a, row: a - row,
    "a / row": lambda a, row: a / row,
    "a + column": lambda a, column: a + column,
    "a * column": lambda a, column: a * column,
    "a @ b": lambda a, b: a @ b,
    "a.T": lambda a: a.T,
    "transpose": lambda a: a.transpose(),
    "softmax": lambda a: a.softmax(),
    "max": lambda a: a.max(),
    **{name: NUMBERS[name] for name in ("-a", "a ** 3", "tanh", "relu", "exp", "log", "sigmoid")},
}
SHAPES = {"a": (2, 3), "row": (3,), "column": (2, 1), "b": (3, 5)}
POSITIVE = ("a ** -1", "a / b", "2 / a", "log", "sqrt")  # only there, or best there
POINTS = [np.array([1.3, 0.7, 2.1, 0.4]), np.array([0.6, 1.7, 0.9, 1.2])]
SIGNED = [POINTS[0] * [1, -1, 1, -1], POINTS[1] * [-1, 1, 1, -1]]
NOT_THERE = (AttributeError, TypeError, NotImplementedError, ValueError, IndexError, AssertionError)


def check(make: Callable[[Any], Any]) -> list[Diagnosis]:
    """The faults of the first operation that has one; later ones may be made of it."""
    for name, program in NUMBERS.items():
        found = _examined(name, program, make, arrays=False)
        if found:
            return found
    if not _holds_arrays(make):
        return []
    for name, program in ARRAYS.items():
        found = _examined(name, program, make, arrays=True)
        if found:
            return found
    return []


def _holds_arrays(make: Callable) -> bool:
    try:
        a = make(np.ones((2, 3)))
        (a * make(np.ones((2, 3)))).sum().backward()
    except Exception:  # it holds numbers
        return False
    return np.shape(a.data) == (2, 3) and np.shape(a.grad) == (2, 3)


def _examined(name: str, program: Callable, make: Callable, *, arrays: bool) -> list[Diagnosis]:
    names = list(program.__code__.co_varnames[: program.__code__.co_argcount])
    names = [n for n in names if n != "name"]
    rng = np.random.default_rng(0)
    shapes = [SHAPES[n] if arrays else () for n in names]
    leaves = [make(rng.uniform(0.3, 1.9, shape)) for shape in shapes]
    try:
        if not hasattr(program(*leaves), "backward"):
            return []
    except NOT_THERE:  # the class has no such operation
        return []
    if arrays:
        subject = _subject(program, leaves, make, name, names)
    else:
        points = POINTS[: len(names)] if name in POSITIVE else SIGNED[: len(names)]
        subject = AtPoints(program, points, make, name, names, weighted=True)
    case = Case(subject, lambda: None)
    found = diagnose.examine(case)
    if case.error is not None and arrays:  # with equal sizes it may run, and show what it does
        square = [make(rng.uniform(0.3, 1.9, [3] * len(shape))) for shape in shapes]
        again = Case(_subject(program, square, make, name, names), lambda: None)
        if again.A and again.error is None:
            found = diagnose.examine(again) or found
    for d in found:
        d.op = name
    return found or _adds(program, leaves, make, name, names)


def _subject(program, leaves, make, name, names) -> ForeignSubject:
    places = list(range(len(leaves)))
    return ForeignSubject(program, leaves, places, [make] * len(leaves), name, names)


def _adds(program: Callable, leaves: list, make: Callable, name: str, names: list) -> list:
    """Whether the operation adds to the gradients of its arguments, or overwrites them.

    The second use comes after the first, so that backward has added its part when the operation's
    turn comes.
    """
    shape = np.shape(program(*leaves).data)
    if any(np.shape(a.data) != shape for a in leaves):
        return []

    def used_again(*args):
        result = program(*args)
        for a in args:
            result = result * a
        return result

    case = Case(_subject(used_again, leaves, make, name, names), lambda: None)
    if case.error is not None or not case.wrong:
        return []
    gap = max(float(np.abs(case.A[n] - case.N[n]).max()) for n in case.wrong if len(case.A[n]))
    place = case.subject.places[case.wrong[0]]
    return [
        Diagnosis("overwrites-fanout", place, {"alone": "right", "with_a_second_use": gap}, 0.97,
                  op=name, name=names[place])
    ]  # fmt: skip
