"""`torch.fx` as far as published model code names it. Nothing here records a program."""

from __future__ import annotations

from typing import Any


def wrap(fn_or_name: Any) -> Any:
    """Marks a function that PyTorch's recorder is not to look into; returns what it is given.

    >>> import minigrad as mg
    >>> mg.fx.wrap("pad")
    'pad'
    """
    return fn_or_name


def _assert(condition: Any, message: str) -> None:
    """`assert condition, message`, which PyTorch's recorder can see: `torch._assert`."""
    assert condition, message
