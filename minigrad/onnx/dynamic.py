"""Axes whose size is open: what in a graph moves with them is found by tracing again.

For each such axis once more, with that one longer by 1. A number of a shape that is larger then is
a multiple of the axis's size (2 for both directions, say), and in its place come nodes that ask the
input for its size. A constant may move if it is one number throughout, such as the states that a
recurrent network begins with, or if it is 0, 1, 2, ...; anything else is an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.graph import describe
from minigrad.onnx.graph import Graph


class Axis(NamedTuple):
    """An axis with a name: the places (input, axis) that it has, and its size in the example."""

    name: str
    places: list[tuple[str, int]]
    size: int


def open_axes(dynamic_axes: Mapping, shapes: Mapping[str, tuple]) -> list[Axis]:
    """The axes of inputs that `export`'s argument names; those of one name are one axis."""
    axes: dict[str, Axis] = {}
    for input, shape in shapes.items():
        for place, name in by_place(dynamic_axes, input).items():
            if not -len(shape) <= place < len(shape) or shape[place] == 0:
                raise ValueError(
                    f"onnx.export: dynamic_axes has axis {place} of {input!r}, whose shape is "
                    f"{shape}; an open axis must be there, and be longer than 0"
                )
            axis = axes.setdefault(name, Axis(name, [], shape[place]))
            if axis.size != shape[place]:
                raise ValueError(
                    f"onnx.export: the axes called {name!r} have sizes {axis.size} and "
                    f"{shape[place]}; axes of one name have one size"
                )
            axis.places.append((input, place % len(shape)))
    return list(axes.values())


def by_place(dynamic_axes: Mapping, value: str) -> Mapping[int, str]:
    """The names of an input's or output's axes, also of those that are only counted up."""
    places = dynamic_axes.get(value, {})
    return places if isinstance(places, Mapping) else {p: f"{value}_{p}" for p in places}


def longer(arrays: Mapping[str, np.ndarray], axis: Axis) -> dict[str, np.ndarray]:
    """The inputs, with that axis longer by 1: its first element comes once more."""
    grown = dict(arrays)
    for name, place in axis.places:
        index = np.arange(axis.size + 1) % axis.size
        grown[name] = np.take(grown[name], index, axis=place)
    return grown


def named_inputs(arrays: Mapping[str, np.ndarray], axes: Sequence[Axis]) -> dict[str, list]:
    """The inputs' shapes, with the names of the open axes in the place of their sizes."""
    names = {place: axis.name for axis in axes for place in axis.places}
    return {
        name: [names.get((name, i), n) for i, n in enumerate(a.shape)] for name, a in arrays.items()
    }


def named_sizes(shape: tuple, others: Sequence[tuple[Axis, tuple]]) -> list:
    """An output's shape likewise; None stands for a size that moves, but is not simply an axis's.

    others: the shapes with each of the axes longer.
    """
    found: list = list(shape)
    for i, n in enumerate(shape):
        moving = [axis for axis, longer in others if longer[i] != n]
        if moving:
            simply = len(moving) == 1 and moving[0].size == n
            found[i] = moving[0].name if simply else None
    return found


def check_outputs(dynamic_axes: Mapping, shapes: Mapping[str, list]) -> None:
    """PyTorch wants the axes of outputs named too: they have to be among those that move."""
    for value in dynamic_axes:
        if value not in shapes:
            raise ValueError(
                f"onnx.export: dynamic_axes has {value!r}, which is no input and no output; there "
                f"are {', '.join(shapes)}"
            )
        for place in by_place(dynamic_axes, value):
            if isinstance(shapes[value][place], int):
                raise ValueError(
                    f"onnx.export: dynamic_axes has axis {place} of {value!r}, but its size "
                    f"{shapes[value][place]} does not move with an open axis of the inputs"
                )


def follow(graph: Graph, others: Sequence[tuple[Axis, Graph]]) -> None:
    """Let the sizes in `graph` follow the inputs'. others: it, with each of the axes longer."""
    for axis, other in others:
        if len(graph.nodes) != len(other.nodes):
            raise fault(axis, "the model takes another way")
        for node, twin in zip(graph.nodes, other.nodes, strict=True):
            if node != twin:
                raise fault(axis, f"{node.op} has other inputs or options")
    reshaped = {node.inputs[1] for node in graph.nodes if node.op == "Reshape"}
    nodes, graph.nodes = graph.nodes, []
    sizes, replaced = Sizes(graph), {}
    for name, array in list(graph.constants.items()):
        found = [(axis, other.constants[name]) for axis, other in others]
        moving = [(axis, twin) for axis, twin in found if not same(array, twin)]
        if not moving:
            continue
        if name in graph.sizes:
            vectors = [(axis, twin.tolist()) for axis, twin in moving]
            replaced[name] = sizes.vector(array.tolist(), vectors, name in reshaped)
        else:
            replaced[name] = sizes.constant(array, moving)
    for node in nodes:
        node.inputs = [replaced.get(name, name) for name in node.inputs]
    graph.nodes += nodes


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


class Sizes:
    """Writes the nodes that ask for sizes, each once."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.asked: dict[tuple, str] = {}

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        return self.graph.node(op, list(inputs), 1, attributes)[0]

    def known(self, *sizes: int) -> str:
        return self.graph.constant(np.array(sizes, np.int64))

    def one(self, n: int, moving: list[tuple[Axis, int]]) -> str:
        """A size as a vector of one element; moving: what it is with each axis longer."""
        moving = [(axis, m) for axis, m in moving if m != n]
        if not moving:
            return self.known(n)
        axis, m = moving[0]
        times = m - n  # for each step of the axis
        if len(moving) > 1 or n != times * axis.size:
            raise fault(axis, f"a size goes from {n} to {m}")
        key = axis.name, times
        if key not in self.asked:
            input, place = axis.places[0]
            size = self.node("Shape", input, start=place, end=place + 1)
            self.asked[key] = size if times == 1 else self.node("Mul", size, self.known(times))
        return self.asked[key]

    def vector(self, sizes: list, moving: list[tuple[Axis, list]], reshaped: bool = False) -> str:
        """A shape. One size that moves is what a Reshape finds out by itself: -1."""
        still = [all(twin[i] == n for _, twin in moving) for i, n in enumerate(sizes)]
        if reshaped and still.count(False) == 1 and min(sizes) > 0:
            return self.known(*(n if same else -1 for n, same in zip(sizes, still, strict=True)))
        parts = [self.one(n, [(a, twin[i]) for a, twin in moving]) for i, n in enumerate(sizes)]
        return self.node("Concat", *parts, axis=0)

    def constant(self, array: np.ndarray, moving: list[tuple[Axis, np.ndarray]]) -> str:
        """An array of one number, or a count, made as large as it has to be."""
        axis, twin = moving[0]
        if array.size and array.ndim == twin.ndim and (twin == array.flat[0]).all():
            number = np.full((1,) * array.ndim, array.flat[0], array.dtype)
            shape = self.vector(list(array.shape), [(a, list(t.shape)) for a, t in moving])
            return self.node("Expand", self.graph.constant(number), shape)
        if all(a.ndim == 1 and np.array_equal(a, np.arange(a.size)) for a in (array, twin)):
            end = self.node("Squeeze", self.one(array.size, [(a, t.size) for a, t in moving]))
            zero, step = (self.graph.constant(np.array(n, np.int64)) for n in (0, 1))
            return self.node("Cast", self.node("Range", zero, end, step), to=array.dtype)
        raise fault(axis, f"a constant, {describe(array)}, has other values")


def fault(axis: Axis, what: str) -> RuntimeError:
    return RuntimeError(
        f"onnx.export: when the dynamic axis {axis.name!r} is {axis.size + 1} long instead of "
        f"{axis.size}, {what}, and no file for every size can say that; leave the axis out of "
        "dynamic_axes"
    )
