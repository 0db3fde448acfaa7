"""Views: Tensors that show a part of another one's memory, and share in its history.

What is written to a view changes its base too: from then on the base's history is "as before, with
this part replaced", and a view's is "the base, cut", whoever of them was written to.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import graph, inplace
from minigrad.mode import MODE
from minigrad.value import Value, is_tensor, wrap

last_rebase = 0  # the time of the latest write that changed a Tensor's history


class View:
    """How a Tensor was cut out of another one's memory: by which op, with which arguments."""

    __slots__ = (
        "args",
        "base",
        "base_node",
        "checked",
        "kwargs",
        "op",
        "position",
        "silent",
        "slot",
    )

    def __init__(self, op: Any, args: tuple, kwargs: dict, position: int, slot: int | None):
        self.op, self.args, self.kwargs = op, args, kwargs
        self.position, self.slot = position, slot
        self.base = args[position]
        self.base_node = self.base.node
        self.checked = last_rebase
        self.silent = not MODE.get().grad  # made under no_grad: of no graph, as it was wanted

    def knife(self) -> Callable:
        """The function that cuts any array of the base's shape as the Tensor was cut out of it.

        It does not hold the base: the graph keeps it, and must not keep Tensors alive.
        """
        fn, kwargs, position = self.op.fn, self.kwargs, self.position
        args = [getattr(a, "array", a) for a in self.args]
        before, after = args[:position], args[position + 1 :]
        return lambda x: fn(*before, x, *after, **kwargs)[0]

    def refresh(self, t: Any) -> None:
        """Bring t's history up to date if what it is a view of was written to since."""
        if self.checked >= last_rebase or not MODE.get().grad:
            return
        for part in reversed(chain(t)):
            view = part._view
            if view is None:
                continue
            view.checked = last_rebase
            if view.base.node is not view.base_node:
                view.follow(part)

    def follow(self, t: Any) -> None:
        """Cut t out of its base again, which has another history now."""
        if self.silent:
            raise RuntimeError(
                f"{self.op.name}: this view was made under no_grad, and what it is a view of was "
                "written to in place since, outside of it; make the view where the write is"
            )
        if self.op.opaque:
            raise RuntimeError(
                f"{self.op.name}: this Function returned a view of its input, which was written to "
                "in place since; return a .clone() of it from forward"
            )
        self.base_node = self.base.node
        fresh = graph.run(self.op, self.args, self.kwargs)
        adopt(t, fresh if self.slot is None else fresh[self.slot])


def chain(t: Any) -> list:
    """t, what it is a view of, what that is a view of, ..."""
    parts = [t]
    while parts[-1]._view is not None:
        parts.append(parts[-1]._view.base)
    return parts


def link(out: Any, op: Any, args: tuple, kwargs: dict, slot: int | None = None) -> None:
    """Note on `out` which of `args` it is a view of, if any."""
    memory = inplace.owner(out.array)
    for i, a in enumerate(args):
        if isinstance(a, Value) and inplace.owner(a.array) is memory:
            out._view = View(op, args, kwargs, i, slot)
            return


def adopt(t: Any, new: Any) -> None:
    """t takes the place of `new` in the graph."""
    t.node, t._requires_grad = new.node, new._requires_grad
    if t.node is not None:
        t.node.out = weakref.ref(t)
        if t.retains_grad and t.node.hooks is None:
            t.node.hooks = []  # the pass looks for retain_grad where there are hooks


def rebase(t: Any, new: Any) -> None:
    """After t was overwritten with `new`: t's history is new's; so is its part of t's base's."""
    global last_rebase
    last_rebase = next(inplace.clock)
    adopt(t, new)
    if t._view is not None:
        paste(t, t._view)


def paste(t: Any, view: View) -> None:
    """The history of what t is a view of: as before, but for the part that t shows."""
    array = view.base.array
    places = np.arange(array.size, like=array).reshape(array.shape)
    cut = view.knife()
    shown = cut(places)  # where in the base each element of t lies
    outside = np.ones_like(array, shape=(array.size,), dtype=bool)
    outside[shown] = False
    outside = outside.reshape(array.shape)

    def written_into(base, part):
        value = base  # its memory holds the part already
        if shown.size and (is_tensor(base) or is_tensor(part)):
            source = np.zeros_like(places, shape=(places.size,))
            source[shown.reshape(-1)] = np.arange(shown.size, like=array)
            part = np.reshape(part, (-1,))[source.reshape(places.shape)]
            value = np.where(outside, base, part)
        return value, (lambda g: np.where(outside, g, 0), cut)

    base = view.base
    edges = [(1, t.node)]
    if base._requires_grad:
        edges = [(0, base.node), *edges]
    else:  # a constant, of which the part outside must be known when the op runs again
        array = array.copy()
    pullback = written_into(array, t.array)[1]
    op = graph.Op(written_into)
    node = graph.record(op, [array, t.array], {}, edges, array, pullback)
    rebase(base, wrap(base.array, node))  # whereupon t is to be cut out of it again
