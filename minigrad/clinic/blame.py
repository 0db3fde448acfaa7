"""Which op of a composition is at fault: each one is checked by itself, where it was called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.clinic.intake import parameter_names
from minigrad.clinic.subject import OpSubject, is_tensor_with_gradient
from minigrad.function import Call
from minigrad.graph import Value
from minigrad.mode import enable_grad, user_line, watching

LARGEST = 40_000  # entries of a Jacobian that is checked whole


def calls(function: Callable, inputs: Sequence, names: Sequence[str] = ()) -> list[OpSubject]:
    """The ops that ran on Tensors with a gradient, in their order.

    names: of the inputs; an op's argument that is one of them is called by both names.
    """
    known = {id(x): name for x, name in zip(inputs, names, strict=False) if name}
    # An op may write to its arguments: what it was given is what the inputs were.
    before = {id(x): np.array(x.array) for x in inputs if isinstance(x, Value)}
    found: list[OpSubject] = []

    def see(op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        places = [i for i, a in enumerate(args) if is_tensor_with_gradient(a)]
        if not places or slot not in (None, 0) or out.array.dtype.kind != "f":
            return
        if op.name == "written" or not callable(op.fn):
            return
        raw = [np.array(before.get(id(a), a.array)) if isinstance(a, Value) else a for a in args]
        if op.elementwise:
            raw = op.prepare(raw)
        size = out.array.size * max(raw[i].size for i in places)
        if size <= LARGEST:
            own = _argument_names(op, len(args))
            called = [
                f"{name} (the {known[id(a)]})" if known.get(id(a), name) != name else name
                for a, name in zip(args, own, strict=True)
            ]
            found.append(OpSubject(op, raw, kwargs, places, user_line(), called))

    with enable_grad(), watching(by=see):
        function(*inputs)
    return found


def _argument_names(op: Any, n: int) -> list[str]:
    call = getattr(op.fn, "__self__", None)
    return parameter_names(call.function.apply if isinstance(call, Call) else op.fn, n)


def severed(function: Callable, inputs: Sequence) -> list[tuple[str, str]]:
    """Where a value that has a gradient goes on without one: (what was done, `file:line`)."""
    alive: dict[int, Any] = {id(x.array): x.array for x in inputs if _requires_grad(x)}
    found: list[tuple[str, str]] = []

    def see(op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        if out.requires_grad:
            alive[id(out.array)] = out.array
        elif any(map(_requires_grad, args)) and out.array.dtype.kind == "f":
            found.append((f"{op.name} ran without recording (no_grad?)", user_line()))
        for a in args:
            array = a.array if isinstance(a, Value) else a
            if not _requires_grad(a) and id(array) in alive:
                found.append((f"{op.name} was given a detached value", user_line()))

    with enable_grad(), watching(by=see):
        function(*inputs)
    return list(dict.fromkeys(found))


def _requires_grad(a: Any) -> bool:
    return isinstance(a, Value) and a.requires_grad
