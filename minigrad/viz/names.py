"""What the student calls a Tensor: the variable that holds it, or its place in a list or Module."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from minigrad.nn import Module
from minigrad.value import Value, describe

MOST = 10_000  # things that are looked at
LIBRARIES = sys.stdlib_module_names | {"minigrad", "kernels", "numpy"}


def names_here(names: Any, depth: int) -> dict[int, str]:
    """By the id of an array, the name of what holds it.

    names: a Module, a dict from names to Tensors, or None for the variables of the function
    `depth` calls up. What these hold has names such as `model.0.weight`, `weights[0]`,
    `params["w"]`, `neuron.w`.
    """
    if isinstance(names, Module):
        return of_variables(dict(parts("self", names)))
    if names is None:
        frame = sys._getframe(depth)
        return of_variables({**frame.f_globals, **frame.f_locals})
    if not isinstance(names, Mapping):
        raise TypeError(
            f"names: expected a Module or a dict from names to Tensors, got {describe(names)}"
        )
    return of_variables(names)


def of_variables(variables: Mapping[str, Any]) -> dict[int, str]:
    """The names of the Tensors among these and in what these hold; the name with the fewest parts.

    >>> import minigrad as mg
    >>> w, b = mg.ones(2), mg.zeros(2)
    >>> list(of_variables({"params": {"w": w, "b": [b]}, "bias": b}).values())
    ['bias', 'params["w"]']
    """
    found: dict[int, str] = {}
    seen: set[int] = set()  # a list may hold itself
    waiting = deque((name, x) for name, x in variables.items() if not name.startswith("_"))
    while waiting and len(seen) < MOST:
        name, x = waiting.popleft()
        if isinstance(x, Value):
            found.setdefault(id(x.array), name)
        elif id(x) not in seen:
            waiting.extend(parts(name, x))
        seen.add(id(x))
    return found


def parts(name: str, x: Any) -> Iterable[tuple[str, Any]]:
    """What a Module, a list, a dict or an object of a class of the student's own holds."""
    if isinstance(x, Module):  # the names of its state_dict
        prefix = "" if name == "self" else f"{name}."
        return [(prefix + key, t) for key, t in [*x.named_parameters(), *x.named_buffers()]]
    if isinstance(x, (list, tuple)):
        return [(f"{name}[{i}]", part) for i, part in enumerate(x)]
    if isinstance(x, dict):
        keys = {k: f'"{k}"' if isinstance(k, str) else k for k in x if isinstance(k, (str, int))}
        return [(f"{name}[{shown}]", x[k]) for k, shown in keys.items()]
    own = hasattr(x, "__dict__") and not callable(x) and not isinstance(x, type(sys))
    if not own or type(x).__module__.partition(".")[0] in LIBRARIES:
        return []
    return [(f"{name}.{key}", part) for key, part in vars(x).items() if not key.startswith("_")]
