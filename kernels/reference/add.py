"""The sum of two arrays."""

from __future__ import annotations

from typing import Any


def add(x: Any, y: Any) -> Any:
    """x + y, of one shape and dtype: a residual connection; two gradients of one tensor.

    1 FLOP for 3 numbers of memory: what there is to gain is that several threads read and write.
    """
    return x + y
