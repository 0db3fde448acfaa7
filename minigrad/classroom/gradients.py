"""Demands on derivatives, answered by the gradient clinic: the mistake is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.checking import gradcheck
from minigrad.classroom.question import Wrong, kind_of
from minigrad.classroom.sandbox.student import Remote
from minigrad.graph import Op, run
from minigrad.tensor import tensor


def gradients_right(function: Remote, inputs: Sequence[Any], asked: str) -> None:
    """Demand that a student's pullback is that of their function, at these inputs.

    function: returns (value, pullback), or Tensors; or a Function, a Module. inputs: arrays, of
    which those of floats are checked.
    """
    call = as_op(function)
    leaves = [
        tensor(a, requires_grad=True)
        if isinstance(a, (float, np.ndarray)) and np.asarray(a).dtype == np.float64 else a
        for a in inputs
    ]  # fmt: skip
    report = gradcheck(call, leaves, raise_exception=False)
    if report or isinstance(report, bool):
        return
    why = "; or ".join(d.advice for d in report.diagnoses[:2])
    raise Wrong(asked, str(report), "a gradient that agrees with differences", why, known=True)


def as_op(function: Remote) -> Callable:
    """A student's function as an op here. What it writes into its inputs, it writes here too."""

    def student(*args: Any) -> tuple:
        value, pullback = function._student._ask(args, do="pull", of=function._ref, args=list(args))
        if not isinstance(pullback, Remote):
            raise Wrong("(value, pullback)", kind_of(pullback), "a function as the second")
        return value, pullback

    student.__name__ = str(function._student._ask(do="get", of=function._ref, name="__name__"))
    op = Op(student)
    return lambda *args: run(op, args, {})
