"""Letting go of what a part of a graph has saved, and computing it again when backward comes there.

A node keeps arrays alive through its pullback and through the arguments that it would need to run
once more. `release` takes both away from the nodes of a part of the graph. The first pullback of
them that backward calls runs the part again, which makes the same nodes in the same order; what
they hold is handed to the old nodes, and backward goes on as if nothing had been let go of. So
hooks, several backwards and derivatives of derivatives work as always.
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterable
from typing import Any

from minigrad import inplace
from minigrad.graph import Node
from minigrad.value import Value


def made_since(start: int, results: Any) -> list[Node]:
    """The nodes younger than `start` that led to the Tensors in results, the oldest first."""
    found: set[Node] = set()
    stack = [t.node for t in tensors_in(results) if t.node is not None and t.node.age > start]
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack += [p for _, p in node.edges if p.__class__ is Node and p.age > start]
    return sorted(found, key=lambda node: node.age)


def tensors_in(x: Any) -> list:
    """The Tensors in x, in tuples, lists and dicts of any nesting."""
    if isinstance(x, Value):
        return [x]
    if isinstance(x, dict):
        x = list(x.values())
    return [t for part in x for t in tensors_in(part)] if isinstance(x, (tuple, list)) else []


def release(nodes: list[Node], inputs: Iterable, again: Callable[[], list[Node]]) -> None:
    """Let go of what `nodes` have saved. again: makes equal ones; inputs: the Tensors it reads."""
    part = Part(nodes, list(inputs), again)
    for i, node in enumerate(nodes):
        if node.pullback is None:  # one value of an op that has several
            continue
        node.pullback = Released(part, i)
        node.inputs, node.kwargs = [], {}
        if node.op.resume is not None:  # an autograd.Function, whose op holds what it has saved
            node.op = copy.copy(node.op)
            node.op.fn = node.op.resume = None  # type: ignore[assignment]


class Part:
    """A part of a graph, and how to make it again. The nodes refer to it, and it not to them."""

    def __init__(self, nodes: list[Node], inputs: list, again: Callable[[], list[Node]]):
        self.nodes = [weakref.ref(node) for node in nodes]
        self.inputs, self.again = inputs, again
        self.signature = signature(nodes)

    def restore(self) -> None:
        """Give the nodes back what they had saved."""
        started = next(inplace.clock)
        fresh = self.again()
        found = signature(fresh)
        if found != self.signature:
            raise RuntimeError(mismatch(self.signature, found))
        for i, (ref, new) in enumerate(zip(self.nodes, fresh, strict=True)):
            node = ref()
            if node is None or not holds(node.pullback, self):
                continue
            for array in inplace.saved_arrays(new.pullback):
                made = getattr(node, "remade", node.age)
                line = inplace.written_between(made, started, array)
                if line is not None:
                    raise inplace.overwritten_since(node, array, line)
            if isinstance(new.pullback, Released):  # by a part within this one
                new.pullback.part.nodes[new.pullback.number] = self.nodes[i]
            node.pullback, node.op, node.kwargs = new.pullback, new.op, new.kwargs
            node.remade = new.age
            node.inputs = list(new.inputs)
            if node.inputs:
                for position, parent in node.edges:
                    node.inputs[position] = parent


class Released:
    """In the place of a pullback: makes it again, and calls it."""

    def __init__(self, part: Part, number: int):
        self.part, self.number = part, number

    def restore(self) -> Any:
        """The pullback."""
        node: Any = self.part.nodes[self.number]()
        while isinstance(node.pullback, Released):  # parts can lie within parts
            node.pullback.part.restore()
        return node.pullback

    def __call__(self, *gs: Any) -> Any:
        node: Any = self.part.nodes[self.number]()
        pullback = self.restore()
        if pullback.__class__ is not tuple:
            return pullback(*gs)
        needed = {i for i, _ in node.edges}
        return tuple(p(*gs) if i in needed and p else None for i, p in enumerate(pullback))

    def saved_arrays(self) -> list:
        return [t.array for t in self.part.inputs]


def holds(pullback: Any, part: Part) -> bool:
    return isinstance(pullback, Released) and pullback.part is part


def signature(nodes: list[Node]) -> list[str]:
    return [repr(node) for node in nodes]


def mismatch(before: list[str], now: list[str]) -> str:
    pairs = zip(before, now, strict=False)
    i, (a, b) = next(
        ((i, pair) for i, pair in enumerate(pairs) if pair[0] != pair[1]),
        (min(len(before), len(now)), ("the end", "the end")),
    )
    a = before[i] if i < len(before) else a
    b = now[i] if i < len(now) else b
    return (
        f"checkpoint: computed again, the function did something else: op number {i + 1} was {a}, "
        f"now it is {b}. It must depend on nothing that changes between forward and backward"
    )
