"""What was asked of a submission last, written as the student would type it to see it again."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from minigrad.classroom.question import as_array, shown
from minigrad.classroom.sandbox.remote import Call, Part, Remote
from minigrad.tensor import Tensor

FEW = 8  # numbers of an array that are written out
DEEP = 5  # calls in calls
LEFT_OUT = "(...)"
OPERATORS = {
    "add": "({} + {})", "sub": "({} - {})", "mul": "({} * {})", "truediv": "({} / {})",
    "floordiv": "({} // {})", "mod": "({} % {})", "pow": "({} ** {})", "matmul": "({} @ {})",
    "neg": "(-{})", "pos": "(+{})", "getitem": "{}[{}]", "iter": "list({})",
}  # fmt: skip


def written(origin: Any, deep: int = DEEP) -> str:
    """A name, a part of something, or a call, in Python: `tanh([0., 1.])[1]([1., 1.])`.

    >>> written(Call(Part(Call("tanh", ([0, 1],), {}), "[1]"), (2.0,), {"out": None}))
    'tanh([0, 1])[1](2, out=None)'
    >>> written(Call("operator.mul", (3, 2), {}))
    '(3 * 2)'
    """
    if not deep or origin is None:
        return LEFT_OUT
    if isinstance(origin, Call):
        arguments = [brief(a, deep - 1) for a in origin.args]
        if isinstance(origin.of, str) and origin.of.startswith("operator."):
            name = origin.of.removeprefix("operator.")
            return OPERATORS.get(name, name + "({})").format(*arguments)
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
        if a.size > FEW:
            return f"an array of shape {a.shape}"
        return re.sub(r"\[ +", "[", " ".join(shown(a).split()))
    if callable(x):
        name = getattr(x, "__name__", "")
        return name if name.isidentifier() else "f"
    return " ".join(shown(x).split())
