"""`minigrad.onnx.export`: a model as a file that other programs run."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

import kernels
from minigrad.graph import describe, is_tensor
from minigrad.mode import no_grad, watching
from minigrad.nn import Module
from minigrad.nn.modes import modes_kept
from minigrad.onnx import (
    activations,
    dynamic,
    elementwise,
    indexing,
    layers,
    proto,
    reductions,
    sequences,
    shapes,
)
from minigrad.onnx.graph import Graph, Node
from minigrad.onnx.trace import Trace

# Importing them has filled the table of translations.
TRANSLATED = activations, elementwise, indexing, layers, reductions, sequences, shapes


def export(
    model: Module,
    args: Any,
    path: str | os.PathLike,
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    dynamic_axes: Mapping[str, Any] | None = None,
) -> None:
    """Write what `model(*args)` computes, in evaluation mode, as an ONNX model (opset 21).

    args: an input, or a tuple of them; the Tensors among them become the inputs of the file, with
    these shapes and dtypes, anything else stays as it is. Parameters and buffers have their names
    of the state_dict. input_names, output_names: in their order, by default "input" and "output",
    with a number if there are several; outputs in dicts and tuples follow each other.
    dynamic_axes: {"input": {0: "batch"}} leaves the size of an axis open, here of the first one;
    what else has its size is found out, so that the outputs' axes need not be there.

    The model runs, and every op is written down; for each dynamic axis it runs once more. So what
    it decides by values (`if`, `item()`) or draws at random is in the file as it was for `args`.
    What else would be silently wrong is an error: NumPy's functions on an input's array, writing
    into a part of a Tensor, a constant that moves with a dynamic axis. So is an op that ONNX cannot
    say; an input of which no output is made is a warning. Needs the package onnx, whose checker
    sees the file before you do. The operators: https://onnx.ai/onnx/operators/.

    >>> import minigrad as mg
    >>> model = mg.models.MLP([4, 8, 3])
    >>> mg.onnx.export(model, mg.zeros(1, 4), "mlp.onnx")  # doctest: +SKIP
    """
    proto.package()
    args = args if isinstance(args, tuple) else (args,)
    tensors = checked(model, args)
    names = named("input", input_names, len(tensors), taken=list(model.state_dict()))
    arrays = {name: t.array for name, t in zip(names, tensors, strict=True)}
    axes = dynamic.open_axes(dynamic_axes or {}, {name: a.shape for name, a in arrays.items()})

    trace, outs = traced(model, args, arrays)
    outputs = named("output", output_names, len(outs), taken=[*model.state_dict(), *names])
    values = [trace.name(out) for out in outs]
    others = [(axis, *traced(model, args, dynamic.longer(arrays, axis))) for axis in axes]
    dynamic.follow(trace.graph, [(axis, other.graph) for axis, other, _ in others])
    give_names(trace.graph, values, outputs)
    trace.graph.tidy(outputs)
    warn_of_unused(trace.graph, names)

    shapes = dynamic.named_inputs(arrays, axes)
    for i, name in enumerate(outputs):
        longer = [(axis, twins[i].shape) for axis, _, twins in others]
        shapes[name] = dynamic.named_sizes(outs[i].shape, longer)
    dynamic.check_outputs(dynamic_axes or {}, shapes)
    proto.save(
        trace.graph,
        [(name, a.dtype, shapes[name]) for name, a in arrays.items()],
        [(name, out.dtype, shapes[name]) for name, out in zip(outputs, outs, strict=True)],
        path,
    )


def checked(model: Any, args: tuple) -> list:
    """The Tensors among the arguments."""
    if not isinstance(model, Module):
        raise TypeError(
            f"onnx.export: expected a Module, got {type(model).__name__}; put a function into the "
            "forward of one"
        )
    tensors = [a for a in args if is_tensor(a)]
    if not tensors:
        raise TypeError(
            "onnx.export: expected a Tensor, or a tuple with Tensors in it, as an example of the "
            f"inputs; got {describe(args[0] if len(args) == 1 else args)}"
        )
    for t in (*tensors, *model.parameters(), *model.buffers()):
        if not isinstance(t.array, np.ndarray):
            raise RuntimeError(f"onnx.export: {describe(t)} is not on the CPU; use model.cpu()")
    return tensors


def named(kind: str, names: Sequence[str] | None, n: int, taken: Sequence[str]) -> list[str]:
    """The names of n inputs or outputs."""
    if names is None:
        names = [kind] if n == 1 else [f"{kind}_{i}" for i in range(n)]
    if isinstance(names, str) or len(names) != n or len({*names, *taken}) != n + len(taken):
        raise ValueError(
            f"onnx.export: expected {n} {kind}_names, different from each other and from what else "
            f"has a name in the file (inputs, parameters, buffers), got {names!r}"
        )
    return list(names)


def traced(model: Module, args: tuple, arrays: Mapping[str, np.ndarray]) -> tuple[Trace, list]:
    """What running the model on these arrays wrote down, and its results."""
    trace = Trace(model)
    inputs = iter([trace.tensor(array, name) for name, array in arrays.items()])
    given = [next(inputs) if is_tensor(a) else a for a in args]
    with modes_kept(model), kernels.use("numpy"), no_grad(), watching(by=trace.watch):
        model.eval()
        return trace, list(flattened(model(*given)))


def flattened(x: Any) -> Iterator[Any]:
    """The Tensors in what a model returns."""
    if is_tensor(x):
        yield x
    elif isinstance(x, (Mapping, tuple, list)):
        for part in x.values() if isinstance(x, Mapping) else x:
            yield from flattened(part)
    elif x is not None:
        raise TypeError(
            f"onnx.export: the model returned {describe(x)}; expected Tensors, and tuples, lists "
            "and dicts of them"
        )


def give_names(graph: Graph, values: list[str], outputs: list[str]) -> None:
    """Call the results of the model what they are to be called."""
    made = {name for node in graph.nodes for name in node.outputs}
    for value, name in zip(values, outputs, strict=True):
        if value in made and values.count(value) == 1:
            graph.rename(value, name)
        else:  # an input, a constant, or twice the same
            graph.nodes.append(Node("Identity", [value], [name], {}))


def warn_of_unused(graph: Graph, names: list[str]) -> None:
    used = {name for node in graph.nodes for name in node.inputs}
    unused = [name for name in names if name not in used]
    if unused:
        warnings.warn(
            f"onnx.export: no output is made of {', '.join(unused)}: the model does not need it, "
            "or only looked at its values (if, item()), which the file does not do",
            stacklevel=3,
        )
