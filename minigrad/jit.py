"""`torch.jit` as far as published model code names it. Nothing here compiles: Python runs the code.

Such code asks whether it is being compiled (never), and marks functions for PyTorch's compiler.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable)


def is_scripting() -> bool:
    """False: the code is not being compiled.

    >>> import minigrad as mg
    >>> mg.jit.is_scripting()
    False
    """
    return False


def is_tracing() -> bool:
    """False: the code is not being recorded for a compiler."""
    return False


def unused(fn: F) -> F:
    """Marks what PyTorch's compiler leaves out; returns `fn` itself."""
    return fn


def export(fn: F) -> F:
    """Marks what PyTorch's compiler compiles beside `forward`; returns `fn` itself."""
    return fn


def ignore(drop: Any = False, **kwargs: Any) -> Any:
    """Marks what PyTorch's compiler leaves to Python; returns the function itself.

    With parentheses or without: `@ignore`, `@ignore(drop=True)`.
    """
    return drop if callable(drop) else unused


def _overload_method(fn: F) -> F:
    """Marks one of several signatures of a method, for PyTorch's compiler; returns `fn` itself."""
    return fn
