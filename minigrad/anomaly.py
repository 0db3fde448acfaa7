"""Finding the first NaN: what `detect_anomaly` does after each op and each pullback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.mode import user_line


def has_nan(a: Any) -> bool:
    a = getattr(a, "array", a)  # a Tensor's
    dtype = getattr(a, "dtype", None)
    return dtype is not None and dtype.kind in "fc" and bool(np.isnan(a).any())


def check_forward(op: Any, node: Any, value: Any, args: Iterable) -> None:
    """Raise if `value`, which `op` made of `args`, holds a NaN that none of them holds."""
    line = user_line()
    if node is not None:
        node.site = line
    if has_nan(value) and not any(has_nan(a) for a in args):
        got = ", ".join(f"{a.dtype}{list(a.shape)}" for a in args if hasattr(a, "dtype"))
        raise RuntimeError(f"{op.name}: made the first NaN, from {got}, at {line}")


def check_backward(node: Any, i: int, g: Any, upstream: Iterable) -> None:
    """Raise if `g`, the gradient that a pullback gave argument i, holds the first NaN."""
    if has_nan(g) and not any(has_nan(u) for u in upstream):
        line = node.site or "a line that ran outside detect_anomaly"
        raise RuntimeError(
            f"{node.name}: its pullback made the first NaN, in the gradient of argument {i}; "
            f"the op was run at {line}"
        )
