"""Repairs that are tried: change one thing that the pullback saved, and run the check again.

A pullback is a closure. If putting the output where it saved the input makes the check pass, that
was the mistake; no signature is as good an evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.clinic.arrangements import variants
from minigrad.clinic.case import Case
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.subject import Subject
from minigrad.clinic.trial import AGREES, Trial
from minigrad.function import Context

TRIALS = 60  # of one op; each is a Jacobian


class Held(NamedTuple):
    """Something that a pullback holds on to, by its name in the source."""

    name: str
    get: Callable[[], Any]
    put: Callable[[Any], None]


def saved_values(subject: Subject) -> Iterator[Held]:
    """What the pullback of the last run closes over, or the ctx of a Function keeps."""
    saved = getattr(subject, "saved", None)
    if isinstance(saved, Context):
        yield from _of_context(saved)
    elif saved is not None:
        seen: set[int] = set()
        for pullback in saved if isinstance(saved, tuple) else (saved,):
            yield from _of_closure(pullback, seen)


def _of_closure(function: Any, seen: set[int], depth: int = 3) -> Iterator[Held]:
    cells = getattr(function, "__closure__", None) or ()
    names = function.__code__.co_freevars if cells else ()
    for name, cell in zip(names, cells, strict=True):
        if id(cell) in seen:
            continue
        seen.add(id(cell))
        try:
            value = cell.cell_contents
        except ValueError:  # not filled
            continue
        if callable(value) and depth:
            yield from _of_closure(value, seen, depth - 1)
        else:
            put = _putter(cell)
            yield Held(name, lambda cell=cell: cell.cell_contents, put)


def _putter(cell: Any) -> Callable[[Any], None]:
    def put(value: Any) -> None:
        cell.cell_contents = value

    return put


def _of_context(ctx: Context) -> Iterator[Held]:
    def saved_at(i: int) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            ctx._saved = (*ctx._saved[:i], value, *ctx._saved[i + 1 :])

        return put

    for i in range(len(ctx._saved)):
        yield Held(f"saved_tensors[{i}]", lambda i=i: ctx._saved[i], saved_at(i))
    for name in [n for n in vars(ctx) if n[0] != "_" and n != "needs_input_grad"]:
        yield Held(
            f"ctx.{name}", lambda n=name: getattr(ctx, n), lambda v, n=name: setattr(ctx, n, v)
        )


def check(case: Case) -> Iterator[Diagnosis]:
    """Every change of one saved value that makes a wrong gradient right."""
    if not case.wrong:
        return
    case.pullback()
    changes = [
        (i, held.name, code, words)
        for i, held in enumerate(saved_values(case.subject))
        for code, words, _ in hypotheses(held.get(), case, held.name)
    ]
    trial = Trial(case)
    for i, name, code, words in changes[:TRIALS]:
        repaired = trial.repaired(lambda i=i, words=words: _changed(case, i, words))
        for n in repaired.arguments if repaired else ():
            certainty = 0.985 if code != "wrong-axis" else 0.97
            found = case.found(code, n, certainty, saved=name, repaired_by=words)
            if repaired and repaired.whole:
                found.repair = f"With {words} for the saved `{name}` {AGREES}."
            yield found


def _changed(case: Case, i: int, words: str) -> Callable:
    """A pullback with the hypothesis `words` applied to saved value i."""
    case.pullback()
    pull = case.subject.changeable()  # type: ignore[attr-defined] - what saves is an op
    held = list(saved_values(case.subject))[i]
    for _, said, value in hypotheses(held.get(), case, held.name):
        if said == words:
            held.put(value)
            break
    return pull


def hypotheses(value: Any, case: Case, name: str) -> Iterator[tuple[str, str, Any]]:
    """(code, words, what should have been saved instead)"""
    if isinstance(value, np.ndarray):
        if value.dtype == bool:
            yield "mask", f"`~{name}`", ~value
        elif value.dtype.kind == "f":
            yield from _other_arrays(value, case)
            for code, how, other in variants(value):
                yield code, f"`{name}` {how}", other
        if value.ndim == 1 and _is_order(value):
            yield "permutation-not-inverted", f"`np.argsort({name})`", np.argsort(value)
    elif isinstance(value, (tuple, list)) and _is_order(value):
        inverse = type(value)(int(k) for k in np.argsort(value))
        yield "permutation-not-inverted", f"`np.argsort({name})`", inverse
    elif isinstance(value, int) and not isinstance(value, bool):
        most = max(a.ndim for a in (*case.x, *case.y))
        for axis in range(-most, most):
            if axis != value and case.names("dim", "axis"):
                yield "wrong-axis", f"{axis}", axis


def _other_arrays(value: np.ndarray, case: Case) -> Iterator[tuple[str, str, np.ndarray]]:
    """The output in the place of the input, and the reverse."""
    inputs = [(f"argument {p}", x) for p, x in zip(case.subject.places, case.x, strict=True)]
    outputs = [(f"output {k}", y) for k, y in enumerate(case.y)]
    for mine, others in ((inputs, outputs), (outputs, inputs)):
        if any(_equal(value, a) for _, a in mine):
            for name, other in others:
                if other.shape == value.shape and not _equal(value, other):
                    yield "input-for-output", name, other
    if len(inputs) > 1 and any(_equal(value, a) for _, a in inputs):
        for name, other in inputs:
            if other.shape == value.shape and not _equal(value, other):
                yield "gradients-swapped", name, other


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.array_equal(a, b)


def _is_order(value: Any) -> bool:
    """Whether it is a permutation of 0 ... n-1 that is not its own inverse."""
    items = value.tolist() if isinstance(value, np.ndarray) else value
    if len(items) < 2 or not all(isinstance(k, int) for k in items):
        return False
    a = np.asarray(items)
    if sorted(a % len(a)) != list(range(len(a))):
        return False
    order = a % len(a)
    return not np.array_equal(order[order], np.arange(len(a)))


def unexplained(case: Case) -> Iterator[Diagnosis]:
    """What is left when no repair passes: the formula itself, with the ways it may be wrong."""
    for n in case.wrong:
        a = case.A[n]
        if a is None:
            continue
        gap = float(np.nanmax(np.abs(a - case.N[n]), initial=0)) * case.unit
        yield case.found("dropped-term", n, 0.35, largest_error=gap)
        elementwise = a.shape[0] == a.shape[1] and not np.any(a - np.diag(np.diag(a)))
        if elementwise:
            tried = hasattr(case.subject, "saved")  # and not found: a repair would have passed
            certainty = 0.34 if tried else 0.36
            yield case.found("input-for-output", n, certainty, largest_error=gap)
