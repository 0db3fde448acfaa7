"""A run of a loss watched op by op: which line made each value, and which parameters are in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad import random as rng
from minigrad.autograd import ancestors
from minigrad.graph import Node, Value
from minigrad.inplace import owner
from minigrad.mode import is_grad_enabled, user_line, watching


class Entry(NamedTuple):
    """One result of an op. parameters: the ids of those that its value was computed from."""

    op: str
    args: tuple
    out: Any
    line: str
    parameters: frozenset[int]
    grad_enabled: bool

    @property
    def place(self) -> str:
        return f"{self.op} at {self.line}"


class Tape:
    """The entries of a run, oldest first, and the loss that came out of it.

    A value is known by its memory, not by its Tensor: `x.detach()` has the memory of x, so what is
    computed from it is still seen to be computed from the parameters behind x.
    """

    def __init__(self, parameters: dict[str, Any]):
        self.entries: list[Entry] = []
        self._behind: dict[int, frozenset[int]] = {}  # by the id of the array that owns the memory
        self._alive: list[Any] = []  # the ids stay valid as long as the arrays live
        self.most: float = math.inf  # so many entries, then it looks away
        for p in parameters.values():
            self._note(p, frozenset({id(p)}))

    def _note(self, value: Any, parameters: frozenset[int]) -> None:
        memory = owner(value.array)
        self._alive.append(memory)
        self._behind[id(memory)] = parameters

    def behind(self, value: Any) -> frozenset[int]:
        return self._behind.get(id(owner(value.array)), frozenset())

    def add(self, op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        if len(self.entries) >= self.most:
            return
        values = [a for a in (*args, *kwargs.values()) if isinstance(a, Value)]
        values += [v for a in args if isinstance(a, (list, tuple)) for v in a if is_value(v)]
        parameters = self.behind(out).union(*map(self.behind, values))
        self._note(out, parameters)
        self.entries.append(Entry(op.name, args, out, user_line(), parameters, is_grad_enabled()))

    def close(self) -> None:
        """Note nothing more, and hold nothing any longer."""
        self.most = 0
        self.entries, self._alive, self._behind = [], [], {}

    @classmethod
    def of(cls, model: Any, loss: Callable[[], Any]) -> tuple[Tape, Any]:
        """Run `loss()`. Random numbers and buffers (running means) are then as they were before."""
        tape = cls(dict(model.named_parameters()))
        state = rng.get_rng_state()
        buffers = [(b, np.copy(b.array)) for b in model.buffers()]
        try:
            with watching(by=tape.add):
                value = loss()
        finally:
            rng.set_rng_state(state)
            for buffer, before in buffers:
                buffer.array[...] = before
        return tape, value


def is_value(x: Any) -> bool:
    return isinstance(x, Value)


def reached(loss: Any) -> set[Any]:
    """The nodes and leaves to which a gradient of `loss` can flow."""
    if loss.node is None:
        return {loss}
    nodes = ancestors([loss.node])
    leaves = {parent for node in nodes for _, parent in node.edges if parent.__class__ is not Node}
    return nodes | leaves
