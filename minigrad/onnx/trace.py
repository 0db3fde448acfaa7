"""What a model computes, followed op by op and written down as an ONNX graph.

While the model runs, the engine tells a `Trace` of every op. An array is known by its identity: as
an input, as a parameter, or as the value of an op that was written down before. An op of known
arrays becomes nodes; one of others alone computes a constant, and its value is all that is kept.

What would be silently wrong in the file is an error here: a value that NumPy computed from an input
outside of ops (it would stay what it was for this input; but np.asarray hides where it came from),
and one that was overwritten in place.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad import inplace
from minigrad.graph import Op, describe, is_tensor, wrap
from minigrad.mode import user_line
from minigrad.nn import Module
from minigrad.onnx.graph import Graph
from minigrad.onnx.table import TRANSLATIONS


class Traced(np.ndarray):
    """The array of a value in the graph. What NumPy makes of it is of this class too."""

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        result = super().__array_function__(function, types, args, kwargs)
        # Of zeros_like(x), x is no more than the shape; of arange(n, like=x), not even that.
        values = args[1:] if function in SHAPED else (args, *kwargs.values())
        return marked(result) if has_traced(values) else plain(result)


SHAPED = {np.empty_like, np.full_like, np.ones_like, np.zeros_like}


def has_traced(x: Any) -> bool:
    return any(map(has_traced, x)) if isinstance(x, (tuple, list)) else isinstance(x, Traced)


def plain(x: Any) -> Any:
    return np.asarray(x) if isinstance(x, Traced) else x


def marked(x: Any) -> Any:
    """x, and what is in x, as `Traced`: some functions return plain arrays or scalars."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(marked, x)) if type(x) in (tuple, list) else x
    return np.asarray(x).view(Traced) if isinstance(x, (np.ndarray, np.generic)) else x


class Known(NamedTuple):
    """An array that has a name, and when it got it."""

    array: Any  # kept, because the ids of arrays that are gone are used again
    name: str
    age: int


class Trace:
    """Writes down what it is told of as a `Graph`; what the translations of ops are written in."""

    def __init__(self, model: Module):
        self.model = model
        self.graph = Graph()
        self.known: dict[int, Known] = {}
        self.start = Known(None, "", next(inplace.clock))
        self.op: Any = None  # the one that is being translated
        self.out: Any = None  # its value, or the first of them
        self._several: list[Any] = []
        self._composing: list[Op] = []
        for name, tensor in (*model.named_parameters(), *model.named_buffers()):
            self.graph.state[name] = tensor.array
            self._name(tensor.array, name)

    def tensor(self, array: np.ndarray, name: str) -> Any:
        """A Tensor of which the graph has the value under this name."""
        tensor = wrap(array.copy().view(Traced))
        self._name(tensor.array, name)
        return tensor

    def _name(self, array: np.ndarray, name: str) -> None:
        self.known[id(array)] = Known(array, name, next(inplace.clock))

    # ------------------------------------------------------------------ for translations

    def node(self, op: str, *inputs: Any, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; the name of its result, or a list of them if it has several.

        Inputs are Tensors, arrays, names of values, or None for one that is left out.
        """
        names = self.graph.node(op, list(map(self.name, inputs)), outputs, attributes)
        return names[0] if outputs == 1 else names

    def ints(self, *values: int) -> str:
        """Sizes, places or axes as an input of a node."""
        return self.graph.constant(np.array(values, np.int64), size=True)

    def like(self, number: Any, x: Any) -> Any:
        """A number as an array of x's dtype; anything else as it is."""
        is_number = isinstance(number, (bool, int, float))
        return np.asarray(number, x.dtype) if is_number else number

    def name(self, x: Any) -> str:
        """What a value is called in the graph; a constant gets a name now."""
        if x is None or isinstance(x, str):
            return x or ""
        array = x.array if is_tensor(x) else x
        known = self.known.get(id(array))
        line = inplace.written_since(known or self.start, array)
        if line is not None:
            raise self.error(
                f"a {describe(array)} was overwritten in part or as a view by {line}; ONNX knows "
                "no writing in place: compute a new Tensor there"
            )
        if known is not None:
            return known.name
        if isinstance(array, Traced):
            raise self.error(
                f"a {describe(array)} was computed from an input by NumPy, not by minigrad's ops; "
                "in the file it would stay as it was for this input"
            )
        return self.graph.constant(array)

    def depends(self, x: Any) -> bool:
        """Whether there is a value of the graph in x, and not only constants."""
        if isinstance(x, (tuple, list)):
            return any(map(self.depends, x))
        array = x.array if is_tensor(x) else x
        return isinstance(array, Traced) or id(array) in self.known

    def error(self, what: str) -> RuntimeError:
        """An error that says in which layer, and on which line, it came to that."""
        modules = {id(module): name for name, module in self.model.named_modules()}
        for frame in frames():
            layer = frame.f_locals.get("self")
            if isinstance(layer, Module) and modules.get(id(layer)):
                where = f"in {modules[id(layer)]} ({type(layer).__name__}), "
                break
        else:
            where = ""
        return RuntimeError(f"onnx.export: {where}{user_line()}: {what}")

    # ------------------------------------------------------------------ told by the engine

    def watch(self, op: Op, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        """An op has run. One with several values is told of for each, slot counting them."""
        if op.resume is not None and id(out.array) in self.known:
            return  # an autograd.Function: of the ops in its forward this was told before
        if not slot:
            self._several = []
            if not self.depends((args, list(kwargs.values()))):
                return
            names = self.translate(op, args, kwargs, out)
            self._several = list(names) if isinstance(names, (tuple, list)) else [names]
        if self._several:
            name = self._several[slot or 0]
            out.array = out.array.view(Traced)
            if name is not None:  # a second value that ONNX has not
                self._name(out.array, self.name(name))

    def translate(self, op: Op, args: tuple, kwargs: dict, out: Any) -> Any:
        """Write the nodes of an op; the name of its value, or a list of them."""
        if op.elementwise:
            args = tuple(op.prepare(list(args)))  # where dtypes differ, with Casts
        before = self.op, self.out
        self.op, self.out = op, out
        names = TRANSLATIONS.get(op.name, Trace.composed)(self, *args, **kwargs)
        self.op, self.out = before
        return names

    def composed(self, *args: Any, **kwargs: Any) -> Any:
        """An op without a translation, as what it is made of: its own function, of other ops."""
        op = self.op
        try:
            self._composing.append(op)
            if self._composing.count(op) > 1:
                raise self.error(f"{op.name} is made of itself")
            value = op.definition(*args, **kwargs) if op.definition else op.fn(*args, **kwargs)[0]
            return [self.name(v) for v in value] if isinstance(value, tuple) else self.name(value)
        except Exception as error:
            raise self.error(
                f"the op {op.name} has no translation to ONNX. Write the model without it, or give "
                f"it one: minigrad.onnx.TRANSLATIONS[{op.name!r}] = function(g, "
                f"{', '.join(op.parameters)}); minigrad/onnx/table.py says how"
            ) from error
        finally:
            self._composing.remove(op)


def frames() -> Iterator[Any]:
    """The calls that led here, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
