"""`diagnose(model, loss)`: what is wrong with one step of training, before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad import autograd
from minigrad.diagnosis.layers import by_layer
from minigrad.diagnosis.mistakes import out_of_range, softmax_twice, wrong_mode
from minigrad.diagnosis.no_gradient import without_gradient
from minigrad.diagnosis.not_finite import not_finite
from minigrad.diagnosis.report import Finding, Report
from minigrad.diagnosis.tape import Tape, is_value
from minigrad.diagnosis.units import units
from minigrad.graph import Value, describe


def diagnose(
    model: Any, loss: Value | Callable[[], Any], *, optimizer: Any = None, inputs: Any = None
) -> Report:
    """What is wrong with this step: a `Report` of findings, empty for a healthy one.

    loss: a function without arguments that computes the loss, which is then run once and watched
    line by line; or a loss that was computed already, of which less can be seen: not the line where
    a graph was cut, not the units. optimizer: to find parameters it does not know of. inputs: the
    batch, to look at its range. Nothing is changed: no `.grad`, weight, running mean or random
    state.

    Findings: not-finite, severed-graph, unused-parameters, no-gradient, frozen-parameters,
    not-in-optimizer, softmax-before-loss, eval-while-training, dead-relu, saturated-units,
    vanishing-gradients, exploding-gradients, inputs-not-normalised.

    Raises TypeError if `loss` is neither, ValueError if it is not one number.

    >>> import minigrad as mg
    >>> model = mg.nn.Sequential(mg.nn.Linear(3, 4), mg.nn.Softmax(1))
    >>> x, y = mg.randn(8, 3), mg.zeros(8, dtype=mg.int64)
    >>> report = diagnose(model, lambda: mg.nn.functional.cross_entropy(model(x), y))
    >>> report.ok, report.codes
    (False, ['softmax-before-loss'])
    """
    tape = None
    value: Any = loss
    if callable(loss) and not is_value(loss):
        tape, value = Tape.of(model, loss)
    if not is_value(value):
        raise TypeError(
            "diagnose: expected the loss, a Tensor, or a function without arguments that returns "
            f"it, got {describe(value)}"
        )
    if value.numel() != 1:
        raise ValueError(
            f"diagnose: expected a loss of one number, got {describe(value)}; take its mean"
        )
    return Report(findings(model, value, tape, optimizer, inputs))


def findings(
    model: Any, loss: Any, tape: Tape | None, optimizer: Any, inputs: Any
) -> Iterator[Finding]:
    parameters = dict(model.named_parameters())
    gradients = gradients_of(loss, parameters)

    def search() -> str | None:
        try:
            with autograd.detect_anomaly():
                gradients_of(loss, parameters)
        except RuntimeError as error:
            return str(error)
        return None

    yield from not_finite(loss, tape, gradients, search)
    yield from without_gradient(parameters, loss, tape, optimizer)
    yield from softmax_twice(loss)
    yield from wrong_mode(model)
    if tape is not None:
        yield from units(tape)
    yield from by_layer(parameters, gradients)
    yield from out_of_range(inputs)


def gradients_of(loss: Any, parameters: dict[str, Any]) -> dict[str, Any]:
    """The gradients as arrays by name; `.grad` if backward has freed the graph already."""
    learning = {name: p for name, p in parameters.items() if p.requires_grad}
    if not loss.requires_grad or not learning:
        return {}
    if loss.node is not None and loss.node.pullback is None:
        found = [p.grad for p in learning.values()]
    else:
        found = autograd.grad(
            loss.reshape(()), list(learning.values()), retain_graph=True, allow_unused=True
        )
    return {n: g.array for n, g in zip(learning, found, strict=True) if g is not None}
