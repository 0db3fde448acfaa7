"""The backward pass in slow motion: node by node, in any order, with every number written down.

`backward_pass` in `minigrad/autograd.py` does the same and keeps nothing; a test holds the two to
the same gradients. Here the order is an argument, so that a wrong one can be tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad import inplace
from minigrad.autograd import fill_slots, fit, missing_gradient
from minigrad.graph import Node
from minigrad.hooks import run_hooks


@dataclass
class Sent:
    """A gradient that a node sent to one of its inputs, and the sum there before and after."""

    argument: int
    to: Any  # Node or leaf
    gradient: Any
    before: Any  # None: the first that arrived
    after: Any


@dataclass
class Visit:
    """One node's turn in backward. upstream: the gradient of its value, as far as it is known."""

    node: Node
    upstream: Any  # a list of arrays, for an op with several values
    sent: list[Sent] = field(default_factory=list)


def walk(order: Sequence[Node], seed: Any) -> tuple[list[Visit], dict[Any, Any]]:
    """The visits, and what has arrived at each node and leaf at the end.

    order: the nodes in the order in which they are to run, each once, the first is the loss's;
    seed: the gradient it starts from. A node that nothing has arrived at is passed over. Hooks
    are called as in a real backward; no `.grad` is touched, and nothing is freed.
    """
    arrived: dict[Any, Any] = {order[0]: seed}
    visits: list[Visit] = []
    for node in order:
        g = arrived.get(node)
        if g is None:
            continue
        if node.hooks is not None:
            g = arrived[node] = run_hooks(node.hooks, g)
        visit = Visit(node, g)
        visits.append(visit)
        for i, parent, gi in contributions(node, g):
            before = arrived.get(parent)
            if node.slot is not None:  # one of several values: its gradient joins the others'
                slots = list(before) if before is not None else [None] * len(parent.shape)
                slots[node.slot] = gi
                arrived[parent] = slots
                visit.sent.append(Sent(i, parent, gi, None, gi))
                continue
            arrived[parent] = gi if before is None else before + gi
            visit.sent.append(Sent(i, parent, gi, before, arrived[parent]))
    for leaf, g in arrived.items():
        if not isinstance(leaf, Node) and leaf.hooks:
            arrived[leaf] = run_hooks(leaf.hooks, g)
    return visits, arrived


def contributions(node: Node, g: Any) -> list[tuple[int, Any, Any]]:
    """(argument, Node or leaf, gradient) for each input that the node sends a gradient to."""
    if node.slot is not None:
        ((i, parent),) = node.edges
        return [(i, parent, g)]
    inplace.check_saved(node)
    gs = fill_slots(node, g, create_graph=False) if isinstance(g, list) else (as_array(g),)
    pullback = node.pullback
    results: Any = ()
    lazy = isinstance(pullback, tuple)
    if not lazy:
        results = pullback(*gs)
        results = results if isinstance(results, tuple) else (results,)
    found = []
    for i, parent in node.edges:
        available = pullback if lazy else results
        if i >= len(available):
            raise missing_gradient(node, i, len(available))
        gi = available[i]
        if lazy and gi is not None:
            gi = gi(*gs)
        if gi is not None:
            found.append((i, parent, fit(node, i, gi, parent)))
    return found


def as_array(g: Any) -> Any:
    """NumPy makes scalars of 0-d arrays; a pullback gets arrays."""
    return np.asarray(g) if isinstance(g, np.generic) else g


def depth_first(root: Node) -> list[Node]:
    """The nodes in the order of a walk that follows each edge at once: not a topological one.

    This is what a recursive `backward()` does that visits each node once: a node whose value was
    used twice runs when the first of its two gradients has arrived.
    """
    order: dict[Node, None] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if node not in order:
            order[node] = None
            stack += [p for _, p in reversed(node.edges) if isinstance(p, Node)]
    return list(order)


def local(node: Node, argument: int, limit: int) -> Any:
    """d value / d argument: elementwise, of the value's shape; else the Jacobian, a matrix.

    The Jacobian has a row for each element of the value, a column for each of the argument; it
    is None above `limit` elements, and for an op with several values.
    """
    parents = [p for i, p in node.edges if i == argument]
    if node.slot is not None or isinstance(node.shape, list):
        return None
    size, width = int(np.prod(node.shape)), int(np.prod(parents[0].shape))
    example = next((a for a in inplace.saved_arrays(node.pullback)), np.zeros(()))

    def pulled(g: Any) -> Any:
        return next((gi for i, _, gi in contributions(node, g) if i == argument), None)

    if node.op.elementwise and node.shape == parents[0].shape:
        return pulled(np.ones_like(example, dtype=node.dtype, shape=node.shape))
    if not 0 < size * width <= limit:
        return None
    rows = []
    for j in range(size):
        g = np.zeros_like(example, dtype=node.dtype, shape=(size,))
        g[j] = 1
        row = pulled(g.reshape(node.shape))
        rows.append(np.zeros(width, node.dtype) if row is None else row.reshape(-1))
    return np.stack(rows)
