"""Which op of a composition is at fault: each one is checked by itself, where it was called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.clinic.subject import OpSubject, is_tensor_with_gradient
from minigrad.graph import Value
from minigrad.mode import enable_grad, user_line, watching

LARGEST = 40_000  # entries of a Jacobian that is checked whole


def calls(function: Callable, inputs: Sequence) -> list[OpSubject]:
    """The ops that ran on Tensors with a gradient, in their order."""
    found: list[OpSubject] = []

    def see(op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        places = [i for i, a in enumerate(args) if is_tensor_with_gradient(a)]
        if not places or slot not in (None, 0) or out.array.dtype.kind != "f":
            return
        if op.name == "written" or not callable(op.fn):
            return
        raw = [np.array(a.array) if isinstance(a, Value) else a for a in args]
        if op.elementwise:
            raw = op.prepare(raw)
        size = out.array.size * max(raw[i].size for i in places)
        if size <= LARGEST:
            found.append(OpSubject(op, raw, kwargs, places, user_line()))

    with enable_grad(), watching(by=see):
        function(*inputs)
    return found
