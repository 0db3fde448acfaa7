"""What happens to a gradient where it arrives: hooks see it, `.grad` adds it up."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minigrad import inplace
from minigrad.value import Value, describe, wrap


class RemovableHandle:
    """What `register_hook` returns: `handle.remove()` takes the hook off again."""

    def __init__(self, hooks: list, entry: Any):
        self._hooks, self._entry = hooks, entry

    def remove(self) -> None:
        # By identity: the same function may have been registered twice.
        self._hooks[:] = [entry for entry in self._hooks if entry is not self._entry]

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.remove()


def add_hook(holder: Any, hook: Callable) -> RemovableHandle:
    """Call `hook` when the gradient of a leaf or of a Node is known."""
    if holder.hooks is None:
        holder.hooks = []
    entry = (hook,)
    holder.hooks.append(entry)
    return RemovableHandle(holder.hooks, entry)


watched = False  # whether a leaf ever had a hook of the kind below: else no pass looks for them


def add_after(leaf: Any, hook: Callable) -> RemovableHandle:
    """Call `hook(leaf)` when its `.grad` has what a backward pass adds to it."""
    global watched
    watched = True
    if not hasattr(leaf, "_after"):
        leaf._after = []
    entry = (hook,)
    leaf._after.append(entry)
    return RemovableHandle(leaf._after, entry)


def run_after(leaf: Any) -> None:
    hooks: list = getattr(leaf, "_after", [])
    for (hook,) in list(hooks):
        hook(leaf)


class Passes(threading.local):
    """The backward passes that run in this thread, each with what is to be called at its end."""

    def __init__(self) -> None:
        self.endings: list[list[Callable]] = []


_passes = Passes()


def endings() -> list[Callable]:
    """Of the backward pass that is running: what is called when it is done. Hooks may add to it."""
    return _passes.endings[-1]


_watchers: list[tuple[Callable]] = []


def watch_backward(hook: Callable) -> RemovableHandle:
    """Call `hook(tensors)` before each `backward`: what it starts from, the graph still whole."""
    entry = (hook,)
    _watchers.append(entry)
    return RemovableHandle(_watchers, entry)


def announce(tensors: list) -> None:
    """A backward pass from `tensors` is about to run."""
    for (hook,) in tuple(_watchers):
        hook(tensors)


@contextlib.contextmanager
def one_pass() -> Iterator[None]:
    """A backward pass; if it fails, nobody is called."""
    callbacks: list[Callable] = []
    _passes.endings.append(callbacks)
    try:
        yield
    finally:
        _passes.endings.pop()
    for callback in callbacks:
        callback()


def run_hooks(hooks: list, g: Any) -> Any:
    """The gradient after every hook has seen it and perhaps replaced it."""
    recorded = isinstance(g, Value)
    for (hook,) in list(hooks):
        seen = g if recorded else wrap(g)
        result = hook(seen)
        if result is not None:
            name = getattr(hook, "__name__", repr(hook))
            if not isinstance(result, Value):
                raise TypeError(
                    f"hook '{name}': expected a Tensor or None, it returned {describe(result)}"
                )
            if result.shape != seen.shape or result.dtype != seen.dtype:
                raise RuntimeError(
                    f"hook '{name}': the gradient is {describe(seen)}, what the hook returned in "
                    f"its place is {describe(result)}"
                )
            g = result if recorded else result.array
    return g


def retain(node: Any, g: Any) -> None:
    """Keep the gradient on the Tensor that holds the node's value, if retain_grad() was called."""
    t = node.out and node.out()
    if t is None or t.node is not node or not t.retains_grad:
        return
    if not isinstance(g, Value):
        g = wrap(np.copy(g))
    t._grad = g if t._grad is None else t._grad + g


_adding = threading.RLock()  # two threads may send gradients to one leaf at once


def accumulate(leaf: Any, g: Any) -> None:
    """leaf.grad += g, a Tensor that is nobody else's."""
    with _adding:
        before = leaf._grad
        if before is None:
            leaf._grad = g
        elif g.requires_grad or before.requires_grad:  # part of a graph: it stays as it is
            leaf._grad = before + g
        elif not getattr(before.array.flags, "writeable", True):
            leaf._grad = wrap(before.array + g.array)
        else:
            before.array += g.array
            inplace.note_write(before.array)


def take(arrived: dict, key: Any) -> Any:
    """arrived[key] as a Tensor that may be written to.

    `x + y` hands one array to both of its inputs, and writing to the one's gradient must not
    change the other's: an array that anything but `arrived` holds too is copied. (getrefcount
    itself holds it as well.)
    """
    shared = sys.getrefcount(arrived[key]) > 2
    g = arrived[key]
    if isinstance(g, Value):
        return g
    return wrap(np.copy(g) if shared or isinstance(g, np.generic) or not owns_memory(g) else g)


def owns_memory(g: Any) -> bool:
    """Whether g's memory is g's alone: it is no view, or one of the whole of what nobody holds."""
    base = g.base
    if type(base) is not np.ndarray:
        return base is None
    whole = base.base is None and base.nbytes == g.nbytes and g.flags.writeable
    return whole and sys.getrefcount(base) == 3  # held by g, by `base` here, and by getrefcount
