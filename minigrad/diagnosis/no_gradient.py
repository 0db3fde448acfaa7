"""Parameters that do not learn, and why: not used, cut off, frozen, unknown to the optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrad.diagnosis.report import Finding
from minigrad.diagnosis.tape import Entry, Tape, reached


def without_gradient(
    parameters: dict[str, Any], loss: Any, tape: Tape | None, optimizer: Any
) -> Iterator[Finding]:
    """tape: None if only the loss is known, not the run that led to it."""
    known = set() if optimizer is None else {id(p) for p in in_optimizer(optimizer)}
    frozen = [name for name, p in parameters.items() if not p.requires_grad]
    if parameters and len(frozen) == len(parameters):
        yield Finding(
            "frozen-parameters",
            "no parameter of the model has requires_grad=True, so nothing can learn",
            {"parameters": frozen},
            "call model.requires_grad_(True), or unfreeze the layers that should learn",
        )
        return
    frozen = [name for name in frozen if id(parameters[name]) in known]
    if frozen:
        yield Finding(
            "frozen-parameters",
            "the optimizer has parameters with requires_grad=False, which it never changes",
            {"parameters": frozen},
            "set requires_grad=True if they should learn; else leave them out of the optimizer",
        )
    there = reached(loss) if loss.requires_grad else set()
    missing = {n: p for n, p in parameters.items() if p.requires_grad and p not in there}
    if tape is None:
        if missing:
            yield Finding(
                "no-gradient",
                "the loss has no path to these parameters: unused, or cut off on the way",
                {"parameters": list(missing), "of": len(parameters)},
                "give diagnose a function, diagnose(model, lambda: loss_of(model(x), y)): it then "
                "finds the line",
            )
    else:
        yield from by_cause(missing, loss, tape)
    yield from not_in_optimizer(
        parameters, {n for n, p in parameters.items() if p in there}, optimizer
    )


def not_in_optimizer(
    parameters: dict[str, Any], learning: set[str], optimizer: Any
) -> Iterator[Finding]:
    """learning: the names of those that get a gradient."""
    if optimizer is None:
        return
    known = {id(p) for p in in_optimizer(optimizer)}
    forgotten = [n for n, p in parameters.items() if n in learning and id(p) not in known]
    if forgotten:
        yield Finding(
            "not-in-optimizer",
            "some parameters get a gradient, but the optimizer does not know them",
            {"parameters": forgotten},
            "make the optimizer from model.parameters() after all layers are there (and after "
            "the last one was replaced), or use optimizer.add_param_group",
        )


def by_cause(missing: dict[str, Any], loss: Any, tape: Tape) -> Iterator[Finding]:
    """Those that no gradient reaches: what no op used, and for each cut what is behind it."""
    cuts: dict[tuple[str, str], list[str]] = {}
    unused = []
    for name, p in missing.items():
        entries = [e for e in tape.entries if id(p) in e.parameters]
        if not entries:
            unused.append(name)
        else:
            cuts.setdefault(cut(id(p), entries, loss, tape), []).append(name)
    for (what, where), names in cuts.items():
        yield Finding(
            "severed-graph",
            f"the graph is cut between the loss and {len(names)} parameter{'s' * (len(names) > 1)}",
            {"cut": what, "where": where, "parameters": names},
            "compute this step with Tensors and with grad enabled: no .detach(), .item(), .numpy() "
            "or mg.tensor(...) of a value that should learn, no no_grad(), no argmax or rounding",
        )
    if unused:
        yield Finding(
            "unused-parameters",
            "the loss was computed without these parameters",
            {"parameters": unused},
            "use the layer in forward, or remove it; a layer made anew in forward is not this one",
        )


def cut(parameter: int, entries: list[Entry], loss: Any, tape: Tape) -> tuple[str, str]:
    """What cuts the gradient off, and where: the first op that lost it on the way to the loss."""
    for e in entries:
        tensors = [a for a in e.args if hasattr(a, "requires_grad")]
        mine = [a for a in tensors if parameter in tape.behind(a)]
        if mine and not any(a.requires_grad for a in mine):
            return "this op was given a detached value", e.place
        if any(a.requires_grad for a in mine) and not e.out.requires_grad:
            if not e.grad_enabled:
                return "this op ran without grad (no_grad)", e.place
            if parameter in tape.behind(loss):
                return "this op has no gradient", e.place
    last = next((e for e in reversed(entries) if e.out.requires_grad), entries[-1])
    return "its value left the graph, or is not used for the loss", last.place


def in_optimizer(optimizer: Any) -> list[Any]:
    return [p for group in optimizer.param_groups for p in group["params"]]
