"""Demands on derivatives, answered by the gradient clinic: the mistake is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.checking import gradcheck
from minigrad.classroom.question import Wrong, kind_of
from minigrad.classroom.sandbox.student import Remote
from minigrad.clinic import FAULTS
from minigrad.clinic.report import Report
from minigrad.dtypes import float64
from minigrad.graph import Op, run
from minigrad.tensor import tensor


class WrongGradient(Wrong):
    """With the report of the clinic, and the inputs at which the gradient was checked."""

    def __init__(self, asked: str, report: Report, inputs: Sequence[Any]):
        why = "; or ".join(dict.fromkeys(mistake(d.code) for d in report.diagnoses[:2]))
        expected = "a gradient that agrees with differences"
        super().__init__(asked, report.message, expected, why, bool(why))
        self.report, self.inputs = report, inputs


def gradients_right(function: Remote, inputs: Sequence[Any], asked: str) -> None:
    """Demand that a student's pullback is that of their function, at these inputs.

    function: returns (value, pullback), or Tensors; or a Function, a Module. inputs: numbers and
    arrays, of which those of float64 are checked. What is told of a wrong one is the mistake, not
    its repair.
    """
    report = gradcheck(as_op(function), [leaf(a) for a in inputs], raise_exception=False)
    if not report:
        assert not isinstance(report, bool)
        raise WrongGradient(asked, report, inputs)


def mistake(code: str) -> str:
    """The fault and what to do, without the formula that the advice may end with."""
    return f"{FAULTS[code].title}. {FAULTS[code].advice.partition(':')[0]}"


def leaf(a: Any) -> Any:
    checked = isinstance(a, (float, np.ndarray)) and np.asarray(a).dtype == np.float64
    return tensor(a, dtype=float64, requires_grad=True) if checked else a


def as_op(function: Remote) -> Callable:
    """A student's function as an op here. What it writes into its inputs, it writes here too."""

    def student(*args: Any) -> tuple:
        value, pullback = function._student._ask(args, do="pull", of=function._ref, args=list(args))
        if not isinstance(pullback, Remote):
            raise Wrong("(value, pullback)", kind_of(pullback), "a function as the second")
        several = isinstance(value, tuple)
        for part in value if several else (value,):
            if not isinstance(part, (int, float, np.ndarray, np.generic)):
                raise Wrong("(value, pullback)", kind_of(part), "numbers as the first")

        def pulled(*gs: Any) -> Any:
            found = pullback(*gs)
            return tuple(found) if isinstance(found, list) else found

        return tuple(map(np.asarray, value)) if several else np.asarray(value), pulled

    student.__name__ = str(function._student._ask(do="get", of=function._ref, name="__name__"))
    op = Op(student)
    return lambda *args: run(op, args, {})
