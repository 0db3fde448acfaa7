"""A plain function of arrays that returns a value and a pullback, taken for the op that it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.graph import Op, Value, run


def as_op(fn: Callable, inputs: list) -> Callable:
    """`fn` itself, or the op that it is if it returns a value and a pullback of arrays."""
    try:
        result = fn(*inputs)
    except Exception:  # NumPy code that does not run on Tensors, perhaps
        try:
            result = fn(*(np.array(a.array) if isinstance(a, Value) else a for a in inputs))
        except Exception:
            return fn  # what is wrong is said where it is checked
    if not (isinstance(result, tuple) and len(result) == 2 and _is_pullback(result[1])):
        return fn
    spec = Op(returning_arrays(fn))

    def call(*args):
        return run(spec, args, {})

    call.spec = spec  # type: ignore[attr-defined]
    call.__name__ = spec.name
    return call


def _is_pullback(a: Any) -> bool:
    if isinstance(a, tuple):
        return any(_is_pullback(b) for b in a)
    return callable(a) and not isinstance(a, Value)


def returning_arrays(fn: Callable) -> Callable:
    """The same function, with lists of gradients as tuples and Python's numbers as arrays."""

    def as_array(a: Any) -> Any:
        return np.asarray(a) if isinstance(a, (int, float)) else a

    def wrapped(*args):
        value, pullback = fn(*args)
        value = tuple(map(as_array, value)) if isinstance(value, tuple) else as_array(value)
        if isinstance(pullback, tuple):
            return value, pullback

        def pull(*gs):
            found = pullback(*gs)
            if isinstance(found, (list, tuple)):
                return tuple(map(as_array, found))
            return as_array(found)

        pull.__wrapped__ = pullback  # type: ignore[attr-defined]
        return value, pull

    wrapped.__name__ = getattr(fn, "__name__", type(fn).__name__)
    wrapped.__signature__ = inspect.signature(fn)  # type: ignore[attr-defined]
    wrapped.__wrapped__ = fn  # type: ignore[attr-defined]
    return wrapped


def without_gradient(call: Callable, inputs: list, places: list[int]) -> list[int]:
    """Those of `places` for which the op's pullback says None: they have no gradient at all."""
    spec = getattr(call, "spec", None)
    if spec is None:
        return []
    try:
        args = [np.array(a.array) if isinstance(a, Value) else a for a in inputs]
        value, pullback = spec.fn(*args)
        if isinstance(pullback, tuple):
            return [i for i in places if i >= len(pullback) or pullback[i] is None]
        values = value if isinstance(value, tuple) else (value,)
        found = pullback(*(np.ones_like(v) for v in values))
        found = found if isinstance(found, tuple) else (found,)
    except Exception:  # what is wrong is said where it is checked
        return []
    return [i for i in places if i >= len(found) or found[i] is None]
