"""The values inside a graph: what each node computed, although a node does not hold its value.

A node has only a weak reference to the Tensor it made: keeping every value would cost the memory
that the engine saves. So a value is read off that Tensor while somebody holds it, and otherwise
computed again from the node's arguments, which exist as long as the graph has not been freed.
Both give the same numbers: randomness is an argument of an op, never drawn within.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad import inplace
from minigrad.autograd import freed_message
from minigrad.graph import Node
from minigrad.replay import alive


def values_of(order: Sequence[Node]) -> dict[Any, Any]:
    """Node or leaf: its array (a tuple of them, for an op with several values).

    order: the nodes, the oldest first. Raises RuntimeError if the graph was freed by a backward,
    or if an argument that is needed was overwritten in place since the op ran.
    """
    values: dict[Any, Any] = {}
    for node in order:
        if node.slot is None and node.pullback is None:
            raise RuntimeError(freed_message(node))
        for _, parent in node.edges:
            if not isinstance(parent, Node) and parent not in values:
                values[parent] = parent.array
        made = alive(node)
        if made is not None and inplace.is_current(node, made.array):
            values[node] = made.array
        elif node.slot is not None:
            values[node] = values[node.edges[0][1]][node.slot]
        else:
            values[node] = run_again(node, values)
    return values


def arguments(node: Node, values: dict[Any, Any]) -> list:
    """What the node's op was called with: arrays, numbers and options."""
    if not node.inputs:  # let go of by a checkpoint: see recompute.py
        node.pullback.restore()
    args = list(node.inputs)
    for i, parent in node.edges:
        args[i] = values[parent]
    return node.op.prepare(args) if node.op.elementwise else args


def run_again(node: Node, values: dict[Any, Any]) -> Any:
    args = arguments(node, values)
    for a in inplace.saved_arrays(args):
        line = inplace.written_since(node, a)
        if line is not None:
            raise inplace.overwritten_since(node, a, line)
    if node.op.resume is not None:  # an autograd.Function, which may have drawn random numbers
        value, _ = node.op.resume(*args)
        return tuple(v.array for v in value) if isinstance(value, tuple) else value.array
    return node.op.fn(*args, **node.kwargs)[0]
