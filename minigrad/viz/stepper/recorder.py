"""Writes a computation down: from the graph of a loss to a `Recording`."""

from __future__ import annotations

import linecache
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigrad import inplace
from minigrad.autograd import ancestors, make_seeds
from minigrad.backend import to_device
from minigrad.graph import Node
from minigrad.mode import no_grad
from minigrad.value import describe
from minigrad.viz.stepper.picture import FEW, Picture, picture
from minigrad.viz.stepper.recording import Argument, Contribution, Entry, Recording, Turn
from minigrad.viz.stepper.saved import saved
from minigrad.viz.stepper.values import arguments, values_of
from minigrad.viz.stepper.walk import Visit, depth_first, local, walk


def record(loss: Any, names: Mapping[int, str] | None = None) -> Recording:
    """The recording of what led to `loss`, a Tensor with one element that requires grad.

    names: by the `id` of an array, the name of the variable that holds it. The graph is not freed
    and no `.grad` is touched. Raises RuntimeError if there is no graph, or none any more.
    """
    ((root, seed),) = make_seeds([loss], [], False, caller="step")
    if not isinstance(root, Node):
        raise RuntimeError(
            f"step: this Tensor ({describe(loss)}) is a leaf: nothing was computed, there is no "
            "step to show; pass what a computation returned"
        )
    order = sorted(ancestors([root]), key=lambda node: node.age)
    with no_grad():
        return Recorder(order, values_of(order), names or {}).record(root, seed)


TOPOLOGICAL = (
    "So its gradient is complete. Its age is {age}, the highest of what is left: an op is younger "
    "than what it was computed from, so the youngest is always ready."
)
DEPTH_FIRST = "So its gradient has arrived; depth first, that is luck."


class Recorder:
    """Writes the graph down; nodes, leaves and arrays are known by the index of their entry."""

    def __init__(self, order: Sequence[Node], values: dict[Any, Any], names: Mapping[int, str]):
        self.order, self.values, self.names = order, values, names
        self.entries: list[Entry] = []
        self.index: dict[Any, int] = {}  # Node, leaf, or id of an array of data: its entry
        self.locals: dict[tuple[Node, int], Picture | None] = {}
        self.data: list[Any] = []  # arrays, held so that their ids are not used again

    def record(self, root: Node, seed: Any) -> Recording:
        for age, node in enumerate(self.order, 1):
            self.add_op(node, age)
        turns, right = self.turns(list(reversed(self.order)), seed, TOPOLOGICAL)
        wrong_turns, wrong = self.turns(depth_first(root), seed, DEPTH_FIRST)
        spoiled = [i for i, g in right.items() if i not in wrong or not alike(g, wrong[i])]
        return Recording(self.entries, turns, drawn(right), wrong_turns, drawn(wrong), spoiled)

    # ------------------------------------------------------------------ forward

    def add_op(self, node: Node, age: int) -> None:
        given = self.given(node)
        value = self.values[node]
        doc = (node.op.fn.__doc__ or "").strip().split("\n")[0]
        entry = self.add("op", node.name, value)
        if node.slot is not None:
            entry.name, doc = f"{node.name}[{node.slot}]", f"Value number {node.slot} of the op."
        entry.doc, entry.age = doc, age
        entry.label = self.names.get(id(value), "")
        entry.line, entry.code = source_of(node.site)
        entry.arguments = given
        if node.slot is None:
            kept = saved(node)
            entry.saved = {k: v if isinstance(v, str) else picture(v) for k, v in kept.items()}
        for i in dict.fromkeys(a.source for a in given if a.needs_grad):
            if i is not None:
                self.entries[i].users.append(entry.index)
        self.index[node] = entry.index

    def given(self, node: Node) -> list[Argument]:
        """The op's arguments; leaves and data among them become entries of their own."""
        parents = dict(node.edges)
        found = []
        values = [None] if node.slot is not None else arguments(node, self.values)
        for i, value in enumerate(values):
            name = argument_name(node, i)
            if i in parents:
                source = self.source(node, parents[i])
                found.append(Argument(name, source, needs_grad=True))
            elif hasattr(value, "dtype") and hasattr(value, "shape"):
                found.append(Argument(name, self.source_of_data(value)))
            elif value is not None:
                found.append(Argument(name, text=describe(value)))
        return found + [Argument(k, text=describe(v)) for k, v in node.kwargs.items()]

    def source(self, node: Node, parent: Any) -> int:
        if parent not in self.index:
            line = inplace.written_since(node, parent.array)
            if line is not None:
                raise inplace.overwritten_since(node, parent.array, line)
            name = self.names.get(id(parent.array), "")
            self.index[parent] = self.add("leaf", name, parent.array).index
        return self.index[parent]

    def source_of_data(self, array: Any) -> int:
        key = id(array)
        if key not in self.index:
            self.data.append(array)
            self.index[key] = self.add("data", self.names.get(key, ""), array).index
        return self.index[key]

    def add(self, kind: str, name: str, value: Any) -> Entry:
        several = value if isinstance(value, tuple) else (value,)
        entry = Entry(len(self.entries), kind, name or kind, values=[picture(v) for v in several])
        self.entries.append(entry)
        return entry

    # ------------------------------------------------------------------ backward

    def turns(
        self, order: list[Node], seed: Any, because: str
    ) -> tuple[list[Turn], dict[int, Any]]:
        """The turns in this order, and by the index of each leaf the gradient it gets."""
        visits, arrived = walk(order, seed)
        done = [self.index[v.node] for v in visits]
        place = {index: k for k, index in enumerate(done)}
        turns = []
        for visit in visits:
            index = self.index[visit.node]
            users = self.entries[index].users
            late = [u for u in users if place.get(u, -1) > place[index]]
            why = self.why(index, late, because)
            sent = self.sent(visit)
            for c in sent:
                c.late = place.get(c.to, len(done)) < place[index]
            turns.append(Turn(index, pictures(visit.upstream), sent, why, late))
        leaves = {self.index[leaf]: g for leaf, g in arrived.items() if not isinstance(leaf, Node)}
        return turns, leaves

    def sent(self, visit: Visit) -> list[Contribution]:
        node = visit.node
        found = []
        for s in visit.sent:
            key = (node, s.argument)
            if key not in self.locals:
                jacobian = local(node, s.argument, FEW)
                self.locals[key] = None if jacobian is None else picture(jacobian)
            shown = self.locals[key]
            to = self.index[s.to]
            name = argument_name(node, s.argument)
            same = shown is not None and node.op.elementwise and shown.shape == list(node.shape)
            before = None if s.before is None else picture(s.before)
            found.append(
                Contribution(name, to, picture(s.gradient), before, picture(s.after), shown, same)
            )
        return found

    def why(self, index: int, late: list[int], because: str) -> str:
        entry = self.entries[index]
        if not entry.users:
            return "Nothing was computed from this value: backward starts here, with gradient 1."
        if late:
            return (
                f"Too early: {self.several(late)} used this value and has not yet sent its part "
                "of the gradient. What is passed on from here is incomplete, and stays so."
            )
        return f"All that used its value has run: {self.several(entry.users)}. " + because.format(
            age=entry.age
        )

    def several(self, indices: list[int]) -> str:
        texts = [f"{self.entries[i].name} (age {self.entries[i].age})" for i in indices[:4]]
        more = len(indices) - len(texts)
        return ", ".join(texts) + (f" and {more} more" if more else "")


def argument_name(node: Node, i: int) -> str:
    """The name of the op's parameter that argument i fills; of *args, with its number."""
    if node.slot is not None:
        return "values"
    names = node.op.parameters
    starred = [p.name for p in node.op.signature.parameters.values() if p.kind is p.VAR_POSITIONAL]
    first = names.index(starred[0]) if starred else len(names)
    return names[i] if i < first else f"{''.join(starred)}[{i - first}]"


def drawn(gradients: Mapping[int, Any]) -> dict[int, Picture]:
    return {i: picture(g) for i, g in gradients.items()}


def alike(right: Any, other: Any) -> bool:
    """Whether two gradients differ by no more than sums in another order do."""
    a, b = (np.asarray(to_device(g, "cpu")) for g in (right, other))
    scale = float(np.abs(a).max(initial=0))
    return bool(np.allclose(a, b, rtol=1e-4, atol=1e-5 * scale, equal_nan=True))


def pictures(g: Any) -> list[Picture | None]:
    several = g if isinstance(g, list) else [g]
    return [None if part is None else picture(part) for part in several]


def source_of(site: str | None) -> tuple[str | None, str | None]:
    """`file:line`, with the path from here, and the text of that line."""
    if site is None:
        return None, None
    file, _, number = site.rpartition(":")
    code = linecache.getline(file, int(number)).strip() or None
    inside = os.path.abspath(file).startswith(os.getcwd() + os.sep)
    short = os.path.relpath(file) if inside else os.path.basename(file)
    return f"{short}:{number}", code
