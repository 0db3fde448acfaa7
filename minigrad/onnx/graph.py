"""An ONNX graph while it is being made, in plain Python: nodes, and arrays with names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Node:
    """One application of an ONNX operator, of values by their names. An input "" is left out."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]


@dataclass
class Graph:
    nodes: list[Node] = field(default_factory=list)
    state: dict[str, np.ndarray] = field(default_factory=dict)  # parameters and buffers
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)  # the constants that are shapes
    _used: Counter = field(default_factory=Counter)

    def node(self, op: str, inputs: list[str], outputs: int, attributes: dict) -> list[str]:
        """Add a node at the end; the names of its results."""
        while inputs and not inputs[-1]:
            inputs.pop()
        given = {key: value for key, value in attributes.items() if value is not None}
        node = Node(op, inputs, [self.fresh(op) for _ in range(outputs)], given)
        self.nodes.append(node)
        return node.outputs

    def constant(self, array: np.ndarray, size: bool = False) -> str:
        """The name of an array whose values are known. size: they are the sizes of a shape."""
        name = self.fresh("size" if size else "constant")
        self.constants[name] = array
        if size:
            self.sizes.add(name)
        return name

    def fresh(self, stem: str) -> str:
        """A name that no other value has (those of parameters hold no slash)."""
        self._used[stem] += 1
        return f"/{stem}_{self._used[stem]}"

    def tidy(self, outputs: list[str]) -> None:
        """Drop the nodes and arrays of which no output is made; of equal constants keep one."""
        needed, kept = set(outputs), []
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                kept.append(node)
                needed.update(node.inputs)
        self.nodes = kept[::-1]
        self.state = {name: a for name, a in self.state.items() if name in needed}
        first: dict[Any, str] = {}
        same: dict[str, str] = {}
        for name, a in self.constants.items():
            if name in needed:
                same[name] = first.setdefault((a.dtype, a.shape, a.tobytes()), name)
        self.constants = {name: self.constants[name] for name in first.values()}
        for node in self.nodes:
            node.inputs = [same.get(name, name) for name in node.inputs]

    def rename(self, old: str, new: str) -> None:
        """Give a node's result another name."""
        for node in self.nodes:
            node.inputs = [new if name == old else name for name in node.inputs]
            node.outputs = [new if name == old else name for name in node.outputs]
