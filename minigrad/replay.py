"""The graph of a gradient: pullbacks made anew on Tensors, so that what they compute is recorded.

In a first-order backward the pullbacks run on raw arrays. With create_graph=True each op that the
gradient passes is run once more, on the Tensors that were its inputs: the pullback that comes out
closes over Tensors, and its work is part of the graph.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

from minigrad import autograd, inplace
from minigrad.graph import Node, op
from minigrad.value import Value, wrap


def replay(order: Sequence[Node], needed: set | None) -> dict[Node, Any]:
    """The pullbacks on Tensors of the nodes of `order` (oldest first) that are `needed` (or all).

    A node does not hold the Tensors it was run on. One that is still alive is used as it is; the
    others are computed again, oldest first.
    """
    again: set[Node] = set()  # whose op must run once more, for its pullback or for its value
    wanted: set[Any] = set()  # whose value is an argument of one of those
    for node in reversed(order):
        if needed is None or node in needed or (node in wanted and alive(node) is None):
            again.add(node)
            wanted.update(parent for _, parent in node.edges)

    values: dict[Any, Any] = {}
    pullbacks: dict[Node, Any] = {}
    stale: dict[int, str] = {}  # of memory that is not as it was: its id, and who wrote to it
    for node in order:
        value = alive(node)
        if node in again:
            if node.slot is not None:
                ((_, parent),) = node.edges
                computed = values[parent][node.slot]
            else:
                computed, pullbacks[node] = run_again(node, values, value, stale)
            if computed.__class__ is not tuple:
                # Whatever the pullback closed over is the value of this node, not of another
                # one beside it: its hooks are called, and derivatives with respect to it come out.
                computed.node, computed._requires_grad = node, True
                if value is None:
                    node.out = weakref.ref(computed)
            value = computed if value is None else value
        values[node] = value
    return pullbacks


def alive(node: Node) -> Any:
    """The Tensor that holds the node's value, if there still is one and it was not overwritten."""
    t = None if node.out is None else node.out()
    return t if t is not None and t.node is node else None


def run_again(node: Node, values: dict, known: Any, stale: dict) -> tuple[Any, Any]:
    """Value and pullback of a node's op, run on Tensors.

    known: the Tensor that holds its value, if it is still alive.
    """
    if node.pullback is None:
        raise RuntimeError(autograd.freed_message(node))
    restore = getattr(node.pullback, "restore", None)
    if restore is not None:  # what it needs was let go of: see recompute.py
        restore()
    args = list(node.inputs)
    for i, parent in node.edges:
        args[i] = values.get(parent, parent)
    started = next(inplace.clock)
    if node.op.resume is not None:
        value, pullback = node.op.resume(*args)
        for v in value if value.__class__ is tuple else (value,):
            line = inplace.written_since(node, v.array)
            if known is None and line is not None:
                stale[id(inplace.owner(v.array))] = line
    elif node.op.definition is not None:
        value, pullback = by_definition(node, args)
    else:
        value, pullback = node.op.fn(*args, **node.kwargs)

        def own(v):
            made_here = isinstance(v, Value) and v.node is not None and v.node.age > started
            return v if made_here else wrap(getattr(v, "array", v))

        value = tuple(map(own, value)) if value.__class__ is tuple else own(value)
    if known is not None and inplace.is_current(node, known.array):
        value.array = known.array  # type: ignore[union-attr]
    if node.age < inplace.last_write:
        check_arguments(node, args, pullback, value, known, stale)
    return value, pullback


def check_arguments(node, args, pullback, value, known, stale) -> None:
    """Raise if the pullback closed over what is not as it was when the op ran.

    That is an argument that was written to in place since, and everything computed from it. What
    no pullback closes over does no harm: addition needs neither of its arguments.
    """
    owners = {id(inplace.owner(a)): a for a in inplace.saved_arrays(args)}
    written = {}
    for key, array in owners.items():
        line = stale.get(key) or inplace.written_since(node, array)
        if line is not None:
            written[key] = line
    if not written:
        return
    if pullback.__class__ is tuple:
        pullback = [pullback[i] for i, _ in node.edges if i < len(pullback)]
    for array in inplace.saved_arrays(pullback):
        key = id(inplace.owner(array))
        if key in written:
            raise inplace.overwritten_since(node, array, written[key])
        if key not in owners and (known is None or array is not known.array):
            key, line = next(iter(written.items()))
            raise inplace.overwritten_since(node, owners[key], line)
    if known is None:
        line = next(iter(written.values()))
        for v in value if value.__class__ is tuple else (value,):
            stale[id(inplace.owner(v.array))] = line


def by_definition(node: Node, args: list) -> tuple[Any, Any]:
    """Value and pullback of a kernel's op through the same mathematics in plain ops."""
    # An argument given twice (q = k = v) must not count its gradient twice: each passes through
    # an identity of its own.
    args = [identity(a) if isinstance(a, Value) and a.requires_grad else a for a in args]
    definition: Any = node.op.definition
    value = definition(*args, **node.kwargs)
    needed = [i for i, a in enumerate(args) if isinstance(a, Value) and a.requires_grad]
    several = value.__class__ is tuple
    values = value if several else (value,)

    def pullback(*gs):
        pairs = [(v, g) for v, g in zip(values, gs, strict=True) if v.requires_grad]
        found = autograd.grad(
            [v for v, _ in pairs],
            [args[i] for i in needed],
            [g for _, g in pairs],
            create_graph=True,
            allow_unused=True,
        )
        grads: list = [None] * len(args)
        for i, g in zip(needed, found, strict=True):
            grads[i] = g
        return tuple(grads)

    # Not the Tensors that the pullback closed over: these become the values of the node.
    fresh = tuple(wrap(v.array) for v in values)
    return fresh if several else fresh[0], pullback


@op
def identity(x):
    """x itself, as a new node of the graph."""
    return x[...], lambda g: g
