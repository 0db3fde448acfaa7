"""Pullbacks that are kernels, and can be differentiated themselves."""

from __future__ import annotations

from typing import Any

from kernels import Kernel
from minigrad.graph import is_tensor


def pull(kernel: Kernel, g: Any, *args: Any) -> Any:
    """kernel(g, *args); of Tensors, which come for a second derivative, its reference.

    That is made of NumPy's functions and operators, which Tensors record.
    """
    function = kernel.implementation("numpy") if is_tensor(g) else kernel
    return function(g, *args)
