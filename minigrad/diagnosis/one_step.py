"""`diagnose(model, loss)`: what is wrong with a step of training, before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minigrad import autograd
from minigrad.diagnosis.layers import by_layer
from minigrad.diagnosis.mistakes import out_of_range, softmax_twice, wrong_mode
from minigrad.diagnosis.no_gradient import without_gradient
from minigrad.diagnosis.not_finite import not_finite
from minigrad.diagnosis.report import Finding, Report, rank
from minigrad.diagnosis.tape import Tape, is_value
from minigrad.diagnosis.targets import broadcast_loss, targets_out_of_range
from minigrad.diagnosis.trial import trial
from minigrad.diagnosis.units import units
from minigrad.graph import Value, describe


def diagnose(
    model: Any,
    loss: Value | Callable[[], Any],
    *,
    optimizer: Any = None,
    inputs: Any = None,
    steps: int = 20,
) -> Report:
    """What is wrong with this step: a `Report` of findings, empty for a healthy one.

    loss: a function without arguments that computes the loss, which is then run once and watched
    line by line; or a loss that was computed already, of which less can be seen: not the line where
    a graph was cut, not the units. optimizer: to find parameters it does not know of. inputs: the
    batch, to look at its range.

    With a function and an optimizer, and if one step alone is in order, so many `steps` are tried
    too, on copies; and if the loss does not fall, with other learning rates, which then is the
    evidence. The function may compute the loss of the next batch each time; StopIteration ends it.
    Nothing is changed: no `.grad`, weight, running mean, optimizer's state or random number.

    Findings: not-finite, severed-graph, unused-parameters, no-gradient, frozen-parameters,
    not-in-optimizer, broadcast-loss, targets-out-of-range, softmax-before-loss,
    eval-while-training, dead-relu, saturated-units, vanishing-gradients, exploding-gradients,
    inputs-not-normalised; with steps learning-rate-zero, learning-rate-too-high,
    learning-rate-too-low, weight-decay-dominates, not-shuffled, zero-gradient,
    outputs-all-the-same. What is wrong with a loop (a missing zero_grad) a `Doctor` sees that looks
    on while it runs.

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
    found = list(findings(model, value, tape, optimizer, inputs))
    if tape is not None and optimizer is not None and steps and not found:
        found = list(trial(model, optimizer, loss, steps))  # type: ignore[arg-type]
        return Report(sorted(found, key=rank), f"one step, and {steps} more on a copy")
    return Report(sorted(found, key=rank))


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
    yield from broadcast_loss(loss)
    yield from targets_out_of_range(loss)
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
