"""Updates of all parameters of a group in one call of a kernel, in the place of one after another.

    @fused(kernels.sgd, _all_at_once)
    def update(self, param, grad, state, group): ...

`update` stays what an optimizer is, for readers and tests. A subclass that writes another one has
no kernel: the mark is on the function that it replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernels import Kernel


def fused(kernel: Kernel, all_at_once: Callable) -> Callable:
    """Mark an `update`: all_at_once(params, grads, states, group) does the same by this kernel."""

    def mark(update: Callable) -> Callable:
        update.fused = kernel, all_at_once  # type: ignore[attr-defined]
        return update

    return mark


def fused_update(update: Callable, params: list, grads: list) -> Callable | None:
    """What does the update of all of these at once, if anything does and it is the faster way."""
    kernel, all_at_once = getattr(update, "fused", (None, None))
    if kernel is None or not params:
        return None
    # The reference would take more passes over memory than `update`, and knows nothing of caches.
    if kernel.choose(params) == kernel.implementation("numpy"):
        return None
    kind, dtype = type(params[0]), params[0].dtype
    alike = all(type(a) is kind and a.dtype == dtype for a in params + grads)
    return all_at_once if alike else None


def arrays(states: list, name: str) -> list[Any]:
    """Of the Tensors that the states have under this name."""
    return [state[name].array for state in states]
