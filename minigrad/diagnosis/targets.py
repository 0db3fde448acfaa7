"""Targets that do not fit: another shape than the outputs, or values that the loss is not for.

They are read off the graph of the loss, so nobody has to hand them over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd import ancestors
from minigrad.diagnosis.report import Finding
from minigrad.graph import Node, Value

PAIRS = {"sub", "squared_error", "huber", "smooth_l1", "absolute_error"}  # output against target
ON_THE_WAY = {
    "mean", "sum", "square", "pow", "abs", "mul", "true_divide", "sqrt", "neg", "add", "where",
    "squeeze", "reshape", "clamp", "log", "cosh",
}  # fmt: skip
OF_PROBABILITIES = {
    "bernoulli_nll": "binary_cross_entropy",
    "bernoulli_nll_of_logits": "binary_cross_entropy_with_logits",
}


class Targets(NamedTuple):
    """The class labels of a loss. classes: how many there may be."""

    labels: np.ndarray
    classes: int


def as_array(x: Any) -> np.ndarray | None:
    """The raw array of an argument that is not computed from parameters."""
    x = x.array if isinstance(x, Value) else x
    return np.asarray(x.get() if hasattr(x, "get") else x) if hasattr(x, "dtype") else None


def labels_of(loss: Any) -> list[Targets]:
    """The labels of every cross entropy in a loss; of binary ones if they are 0 and 1."""
    found = []
    for node in ancestors([loss.node]) if loss.node is not None else ():
        if node.name == "softmax_cross_entropy":
            labels, classes = as_array(node.inputs[1]), shape(node.inputs[0])[-1]
        elif node.name == "gather":
            labels, classes = as_array(node.inputs[2]), shape(node.inputs[0])[-1]
            labels = None if labels is None or labels.shape[-1:] != (1,) else labels[..., 0]
        elif node.name in OF_PROBABILITIES:
            labels, classes = as_array(node.inputs[1]), 2
            whole = labels is not None and np.isin(labels, (0, 1)).all() and one_column(labels)
            labels = labels.reshape(-1).astype(np.int64) if whole and labels is not None else None
        else:
            continue
        if labels is not None and labels.dtype.kind in "iu":
            found.append(Targets(labels.copy(), classes))
    return found


def one_column(labels: np.ndarray) -> bool:
    return labels.ndim == 1 or math.prod(labels.shape[1:]) == 1


def shape(x: Any) -> tuple[int, ...]:
    return tuple(x.shape or ())


def broadcast_loss(loss: Any) -> Iterator[Finding]:
    """(N, 1) against (N,) gives (N, N): every output compared with every sample's target."""
    stack, seen = [loss.node] if loss.node is not None else [], set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.name in PAIRS:
            a, b = (shape(x) if hasattr(x, "shape") else () for x in node.inputs[:2])
            if {len(a), len(b)} == {1, 2} and math.prod(a) == math.prod(b) > 1 and a + b != (1, 1):
                n = math.prod(a)
                yield Finding(
                    "broadcast-loss",
                    "the loss compares every output with the targets of all the other samples",
                    {"outputs and targets": f"{a} and {b}", "compared as": f"({n}, {n})"},
                    "give both the same shape: outputs.squeeze(1), or targets.reshape(-1, 1)",
                )
                return
        elif node.name in ON_THE_WAY:
            stack += [parent for _, parent in node.edges if parent.__class__ is Node]


def targets_out_of_range(loss: Any) -> Iterator[Finding]:
    for node in ancestors([loss.node]) if loss.node is not None else ():
        name, targets = OF_PROBABILITIES.get(node.name), None
        if name is not None:
            targets = as_array(node.inputs[1])
        if targets is not None and targets.size and not (targets.min() >= 0 and targets.max() <= 1):
            yield Finding(
                "targets-out-of-range",
                f"{name} is for targets between 0 and 1; with others it has no lowest value",
                {"smallest target": float(targets.min()), "largest": float(targets.max())},
                "turn -1 and 1 into 0 and 1 with (targets + 1) / 2, or 0 to 255 with targets / 255",
            )
            return
