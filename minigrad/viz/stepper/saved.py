"""What a pullback keeps in memory until backward, by name: read off its closure."""

from __future__ import annotations

import functools
import types
from typing import Any

from minigrad.function import Call, Context
from minigrad.graph import Node
from minigrad.value import Value, describe


def saved(node: Node) -> dict[str, Any]:
    """Name: array, or the text of what is none, of everything that the node's pullback keeps.

    >>> import minigrad as mg
    >>> x = mg.tensor(0.0, requires_grad=True)
    >>> list(saved(mg.tanh(x).node))
    ['y']
    """
    found: dict[str, Any] = {}
    seen: set[int] = set()

    def look(name: str, x: Any) -> None:
        if hasattr(x, "dtype") and hasattr(x, "shape"):
            found[name] = x.array if isinstance(x, Value) else x
        elif callable(x):
            if id(x) not in seen:
                seen.add(id(x))
                look_into(x)
        elif isinstance(x, (tuple, list)) and any(hasattr(part, "shape") for part in x):
            for i, part in enumerate(x):
                look(f"{name}[{i}]", part)
        elif isinstance(x, Context):  # of an autograd.Function
            look(f"{name}.saved_tensors", x.saved_tensors)
        elif x is not None and not isinstance(x, (types.ModuleType, type, Call)):
            found[name] = describe(x)

    def look_into(f: Any) -> None:
        if isinstance(f, functools.partial):
            look_into(f.func)
            names = getattr(getattr(f.func, "__code__", None), "co_varnames", ())
            for i, a in enumerate(f.args):
                look(names[i] if i < len(names) else f"argument {i}", a)
            for name, a in f.keywords.items():
                look(name, a)
        elif isinstance(f, types.FunctionType):
            for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
                try:
                    look(name, cell.cell_contents)
                except ValueError:  # a name that is not bound yet
                    continue

    pullback = getattr(node.pullback, "restore", lambda: node.pullback)()
    for f in pullback if isinstance(pullback, tuple) else (pullback,):
        look("pullback", f)
    return found
