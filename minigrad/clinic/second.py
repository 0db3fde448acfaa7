"""Second derivatives: the gradient of a function as a function, and which op's is cut short."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic import blame
from minigrad.clinic.case import Case
from minigrad.clinic.comparison import outputs_of
from minigrad.clinic.dice import thrown_once
from minigrad.clinic.intake import Question
from minigrad.clinic.report import Diagnosis
from minigrad.clinic.subject import FunctionSubject, OpSubject
from minigrad.function import Call
from minigrad.graph import run, wrap

HINT = (
    "The gradient is right, but a part of it is cut off from the graph: in the pullback compute "
    "with ops of what it is given and of what it saved, not with .detach(), .array or constants."
)


def of_gradient(first: Question, grad_outputs: Any = None) -> Question:
    """The gradient of a function, as a function of the same inputs and of `grad_outputs`."""
    n = len(first.inputs)
    outputs = [y for y in outputs_of(first.function(*first.inputs)) if y.requires_grad]
    if grad_outputs is None:
        random = np.random.default_rng(0)
        grad_outputs = [
            wrap(np.asarray(random.uniform(0.5, 1.5, y.shape), dtype=y.dtype)) for y in outputs
        ]
        for g in grad_outputs:
            g.requires_grad_()
    weights = autograd.as_list(grad_outputs)

    def gradient(*args):
        ys = [y for y in outputs_of(first.function(*args[:n])) if y.requires_grad]
        found = autograd.grad(
            ys, [args[i] for i in first.places], args[n:], create_graph=True, allow_unused=True
        )
        return tuple(g for g in found if g is not None and g.requires_grad)

    places = first.places + [n + k for k, g in enumerate(weights) if g.requires_grad]
    names = first.names + [f"grad_outputs[{k}]" for k in range(len(weights))]
    return Question(gradient, first.inputs + weights, places, names, first.notes, of=first)


def diagnose(question: Question) -> list[Diagnosis]:
    """The ops whose pullback, taken as a function, has a wrong derivative."""
    first = question.of
    assert first is not None
    found: list[Diagnosis] = []
    with thrown_once(first.function) as again:
        for subject in blame.calls(first.function, first.inputs, first.names):
            subject.run(subject.arrays)
            for d in _of_op(subject, again):
                d.line = None if first.is_op else subject.line
                d.pullback = subject.source_of(d.argument)
                found.append(d)
    return found


def _of_op(subject: OpSubject, again: Any) -> list[Diagnosis]:
    args = [wrap(a) if isinstance(a, np.ndarray) else a for a in subject.args]
    for i in subject.places:
        args[i].requires_grad_()
    call = getattr(subject.op.fn, "__self__", None)
    apply = call.function.apply if isinstance(call, Call) else None

    def function(*values):
        return apply(*values) if apply else run(subject.op, values, subject.kwargs)

    names = list(subject.names)
    question = Question(function, args, list(subject.places), names)
    try:
        twice = of_gradient(question)
        case = Case(FunctionSubject(twice.function, twice.inputs, twice.places, twice.names), again)
        wrong = case.wrong
        if case.error is not None:
            raise case.error
    except Exception as error:  # a pullback that does not run on Tensors
        said = {"raised": f"{type(error).__name__}: {error}"}
        return [Diagnosis("dropped-term", None, said, 0.9, op=subject.name, hint=HINT)]
    found = []
    for n in wrong:
        a, exact = case.A[n], case.N[n]
        evidence = {
            "second_derivative_by_backward": float(a.flat[np.argmax(np.abs(a - exact))]),
            "by_differences": float(exact.flat[np.argmax(np.abs(a - exact))]),
        }
        found.append(case.found("dropped-term", n, 0.95, **evidence))
        found[-1].op, found[-1].hint = subject.name, HINT
        if twice.places[n] >= len(args):
            found[-1].argument = None
    return found
