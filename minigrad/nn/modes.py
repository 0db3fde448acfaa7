"""Training and evaluation mode, for a while."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def modes_kept(model: Any) -> Iterator[None]:
    """Inside, `model.eval()` and `model.train()` may be called; then each module is as it was.

    >>> from minigrad import nn
    >>> model = nn.Sequential(nn.Dropout())
    >>> with modes_kept(model):
    ...     model.eval().training
    False
    >>> model.training
    True
    """
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training
