"""How ops are written in ONNX: for the name of an op, the function that writes its nodes.

    @translates("linear")
    def linear(g, x, weight, bias=None): ...

g is the `Trace`; the other arguments are the op's own: its Tensors (in one dtype, if the op is
elementwise), arrays and numbers. The result is what the op's value is called in the graph,
`g.node("Relu", x)`; or a Tensor computed of other ops, which are then translated in its place. Of
an op with several values it is a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TRANSLATIONS: dict[str, Callable[..., Any]] = {}


def translates(*names: str) -> Callable:
    """Make the decorated function the translation of the ops of these names."""

    def register(function: Callable) -> Callable:
        TRANSLATIONS.update(dict.fromkeys(names, function))
        return function

    return register
