"""What Python and NumPy say when an op fails, said again in terms of the op and its arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from minigrad.dtypes import is_number
from minigrad.value import describe


def names_its_culprit(error: Exception) -> bool:
    """True for `matmul: inner sizes differ`: our own errors begin with what is at fault."""
    return re.match(r"\w+( '\w+')?: ", str(error)) is not None


def explained(error: Exception, spec: Any, args: Sequence) -> Exception:
    """An error that NumPy raised, with the op's name and its arguments' shapes."""
    text = str(error)
    got = ", ".join(describe(a) for a in args)
    if "could not be broadcast" in text:
        return RuntimeError(
            f"{spec.name}: the shapes of {got} do not fit: counted from the last axis, sizes must "
            "be equal, or one of them 1"
        )
    call = f"{spec.fn.__qualname__}() "  # how Python complains of the number of arguments
    if text.startswith(call):
        return TypeError(
            f"{spec.name}: {text.removeprefix(call)}; it takes {spec.signature}, got ({got})"
        )
    lacks = {f"{type(a).__name__!r} object" for a in args if not hasattr(a, "dtype")}
    if any(map(text.startswith, lacks)) or (
        any(part in text for part in OF_OTHER_TYPES) and not all(map(is_operand, args))
    ):
        return TypeError(f"{spec.name}: expected Tensors or numbers, got {got}")
    if "numpy boolean" in text:  # -mask: PyTorch's class, and NumPy's advice
        return RuntimeError(f"{spec.name}: {text} (got {got})")
    kinds = (TypeError, IndexError, RuntimeError, ValueError, AttributeError)
    kind = next(k for k in kinds if isinstance(error, k))
    return kind(f"{spec.name}: {text} (got {got})")


# What Python and NumPy say of an operation on something that it is not for.
OF_OTHER_TYPES = ("ufunc", "operand type", "not supported between")


def is_operand(a: Any) -> bool:
    return hasattr(a, "dtype") or is_number(a)
