"""What the student calls a Tensor: the variable that holds it, or its name in a Module."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from minigrad.nn import Module
from minigrad.value import Value, describe


def names_here(names: Any, depth: int) -> dict[int, str]:
    """By the id of an array, the name of what holds it.

    names: a Module, a dict from names to Tensors, or None for the variables of the function
    `depth` calls up. A module among those gives names such as `model.0.weight`.
    """
    if isinstance(names, Module):
        return of_module(names, "")
    if names is None:
        frame = sys._getframe(depth)
        return of_variables({**frame.f_globals, **frame.f_locals})
    if not isinstance(names, Mapping):
        raise TypeError(
            f"names: expected a Module or a dict from names to Tensors, got {describe(names)}"
        )
    return of_variables(names)


def of_module(module: Module, prefix: str) -> dict[int, str]:
    found = [*module.named_parameters(), *module.named_buffers()]
    return {id(t.array): prefix + name for name, t in found}


def of_variables(variables: Mapping[str, Any]) -> dict[int, str]:
    found: dict[int, str] = {}
    for name, x in variables.items():
        if isinstance(x, Module):
            found.update(of_module(x, "" if name == "self" else f"{name}."))
    for name, x in variables.items():
        if isinstance(x, Value) and not name.startswith("_"):
            found[id(x.array)] = name
    return found
