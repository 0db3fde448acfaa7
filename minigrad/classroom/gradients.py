"""Demands on derivatives, answered by the gradient clinic: the mistake is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.checking import gradcheck
from minigrad.classroom.question import Wrong, as_array, kind_of, shown
from minigrad.classroom.sandbox.remote import Call, Remote
from minigrad.clinic import FAULTS
from minigrad.clinic.report import Report
from minigrad.dtypes import float64
from minigrad.graph import Op, run
from minigrad.tensor import Tensor, tensor


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
    arrays, of which those of float64 are checked; at them the function may not be constant. What is
    told of a wrong one is the mistake, not its repair.
    """
    op, leaves = as_op(function), [leaf(a) for a in inputs]
    values = values_in(op(*leaves))
    for value in values:
        if value.dtype.kind != "f" or not np.isfinite(value).all():  # of these all gradients agree
            raise Wrong(asked, shown(value), "a value of finite floating-point numbers")
    others = values_in(op(*map(moved, leaves)))
    if all(map(np.array_equal, values, others)):  # with which a gradient of zeros agrees
        raise Wrong(asked, shown(values), "a value that depends on the inputs")
    report = gradcheck(op, leaves, raise_exception=False)
    if not report:
        assert not isinstance(report, bool)
        raise WrongGradient(asked, report, inputs)


def mistake(code: str) -> str:
    """The fault and what to do, without the formula that the advice may end with."""
    return f"{FAULTS[code].title}. {FAULTS[code].advice.partition(':')[0]}"


def values_in(outputs: Any) -> list[np.ndarray]:
    several = outputs if isinstance(outputs, (tuple, list)) else [outputs]
    return [as_array(y) for y in several]


def leaf(a: Any) -> Any:
    checked = isinstance(a, (float, np.ndarray)) and np.asarray(a).dtype == np.float64
    return tensor(a, dtype=float64, requires_grad=True) if checked else a


def moved(x: Any) -> Any:
    """Its entries changed a little, each by another number: softmax(x + c) is softmax(x)."""
    if not isinstance(x, Tensor):
        return x
    a = as_array(x)
    return leaf(a + 1e-3 * np.cos(np.arange(a.size)).reshape(a.shape))


def as_op(function: Remote) -> Callable:
    """A student's function as an op here. What it writes into its inputs, it writes here too."""

    def student(*args: Any) -> tuple:
        call = Call(function._origin, args, {})
        value, pullback = function._student._ask(
            args, call, do="pull", of=function._ref, args=list(args)
        )
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
