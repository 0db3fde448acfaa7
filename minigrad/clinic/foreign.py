"""Another engine's objects: what has `.data`, `.grad` and `.backward()`, whatever its class.

They are numbers (micrograd's Value) or arrays. A function of them becomes a `Subject`, so that
all that can be said of an op's pullback can be said of an engine's backward too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.clinic.subject import Subject
from minigrad.graph import Value

Maker = Callable[[Any], Any]  # makes a leaf of a number or an array


def is_foreign(a: Any) -> bool:
    if isinstance(a, (Value, np.ndarray, np.generic, type)) or not hasattr(a, "data"):
        return False
    return hasattr(a, "grad") and callable(getattr(a, "backward", None))


def data_of(a: Any) -> np.ndarray:
    """Its value, as an array; a plain number is one already."""
    return np.array(getattr(a, "data", a), dtype=float)


def gradient_of(leaf: Any) -> np.ndarray:
    """What backward left in `.grad`, in the shape of the data; zeros if it left nothing."""
    g = leaf.grad
    if g is None:
        return np.zeros(data_of(leaf).shape)
    g = data_of(g) if hasattr(g, "data") and not isinstance(g, np.ndarray) else np.array(g, float)
    return np.zeros(data_of(leaf).shape) if g.shape == () and g == 0 else g


def like(example: Any) -> Maker:
    """What makes leaves of the class of `example`, set up as it is."""

    def make(number: Any) -> Any:
        array = np.array(number, dtype=float)
        plain = float(array) if array.ndim == 0 and np.isscalar(example.data) else array
        try:
            leaf = copy.deepcopy(example)
            leaf.data = plain
            if leaf.grad is not None:
                leaf.grad = np.zeros(array.shape) if np.ndim(leaf.grad) else leaf.grad * 0
        except Exception:  # a class that is not to be copied, or whose data is read-only
            leaf = type(example)(plain)
        return leaf

    return make


class ForeignSubject(Subject):
    """A function of an engine's leaves, differentiated by the engine's backward()."""

    def __init__(
        self, function: Callable, arguments: Sequence, places: list[int], make: Sequence[Maker],
        name: str, names: Sequence[str] = (), *, weighted: bool = True,
    ):  # fmt: skip
        self.function, self.arguments, self.places = function, list(arguments), places
        self.make, self.name, self.names = make, name, names
        self.arrays = [data_of(arguments[i]) for i in places]
        self.weighted = weighted  # by the engine's own `*`; else backward starts at the value
        self.changed: str | None = None  # what backward wrote to that it should not

    def call(self, arrays: Sequence[np.ndarray]) -> tuple[list, list]:
        leaves = [make(a) for make, a in zip(self.make, arrays, strict=True)]
        args = list(self.arguments)
        for i, leaf in zip(self.places, leaves, strict=True):
            args[i] = leaf
        result = self.function(*args)
        return leaves, list(result) if isinstance(result, (tuple, list)) else [result]

    def run(self, arrays):
        arrays = [np.array(a) for a in arrays]
        _, results = self.call(arrays)

        def pull(gs):
            total = [np.zeros(a.shape) for a in arrays]
            for k, g in enumerate(gs):
                if g is None:
                    continue
                leaves, results = self.call(arrays)  # gradients add up in leaves: new ones
                scale = self.start(results[k], np.asarray(g))
                for n, leaf in enumerate(leaves):
                    total[n] = total[n] + scale * gradient_of(leaf)
                    if not np.array_equal(data_of(leaf), arrays[n]):
                        self.changed = f"the data of {self.names[n] or f'argument {n}'}"
            return total

        return [data_of(y) for y in results], pull

    def start(self, result: Any, g: np.ndarray) -> float:
        """backward() of <g, result>; returns what the gradients are to be multiplied with yet."""
        if not hasattr(result, "backward"):
            return 0.0  # a constant
        if not self.weighted:
            result.backward()
            return float(g) if g.ndim == 0 else 1.0
        result = result * self.make[0](float(g) if g.ndim == 0 else g)
        if g.ndim:
            result = result.sum()
        result.backward()
        return 1.0


class AtPoints(ForeignSubject):
    """A function of numbers at several points at once: a factor and a wrong formula differ."""

    def __init__(self, function, points: Sequence[np.ndarray], make, name, names, *, weighted):
        places, constants = list(range(len(points))), [0.0] * len(points)
        makers = [make] * len(points)
        super().__init__(function, constants, places, makers, name, names, weighted=weighted)
        self.arrays = list(points)

    def call(self, arrays):
        leaves = [[make(float(k)) for k in a] for make, a in zip(self.make, arrays, strict=True)]
        return leaves, [self.function(*args) for args in zip(*leaves, strict=True)]

    def run(self, arrays):
        values = np.array([float(data_of(y)) for y in self.call(arrays)[1]])

        def pull(gs):
            leaves, results = self.call(arrays)
            scales = [self.start(y, np.asarray(g)) for y, g in zip(results, gs[0], strict=True)]
            return [
                np.array([s * float(gradient_of(a)) for s, a in zip(scales, row, strict=True)])
                for row in leaves
            ]

        return [values], pull
