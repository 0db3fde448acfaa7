"""What was asked of a submission last, written as the student would type it to see it again."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.classroom.question import as_array, shown
from minigrad.classroom.sandbox.student import Call, Part, Remote
from minigrad.tensor import Tensor

FEW = 12  # numbers of an array that are written out
DEEP = 5  # calls in calls
LEFT_OUT = "(...)"


def written(origin: Any, deep: int = DEEP) -> str:
    """A name, a part of something, or a call, in Python: `tanh([0., 1.])[1]([1., 1.])`.

    >>> written(Call(Part(Call("tanh", ([0, 1],), {}), "[1]"), (2.0,), {"out": None}))
    'tanh([0, 1])[1](2, out=None)'
    """
    if not deep or origin is None:
        return LEFT_OUT
    if isinstance(origin, Call):
        arguments = [brief(a, deep - 1) for a in origin.args]
        arguments += [f"{name}={brief(a, deep - 1)}" for name, a in origin.named.items()]
        return f"{written(origin.of, deep - 1)}({', '.join(arguments)})"
    if isinstance(origin, Part):
        return f"{written(origin.of, deep - 1)}{origin.which}"
    return origin


def brief(x: Any, deep: int) -> str:
    """An argument on one line."""
    if isinstance(x, Remote):
        return written(x._origin, deep)
    if isinstance(x, (np.ndarray, np.generic, Tensor)):
        a = as_array(x)
        return " ".join(shown(a).split()) if a.size <= FEW else f"an array of shape {a.shape}"
    if callable(x):
        name = getattr(x, "__name__", "")
        return name if name.isidentifier() else "f"
    return " ".join(shown(x).split())
