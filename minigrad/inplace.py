"""Writing in place, without ever making a gradient wrong.

Two things can go wrong when a Tensor's memory is overwritten. A pullback may still need the old
value: every write is logged with its time, and backward refuses to use a saved array that was
written after its node was made. And the Tensor may be a view: then what it is a part of changes
too, and so must that one's history.
"""

from __future__ import annotations

import itertools
import weakref
from typing import Any

import numpy as np

from minigrad import graph
from minigrad.mode import MODE, user_line

clock = itertools.count(1)  # one clock for nodes and writes: which came first can always be told
last_write = 0  # the time of the latest write; a node younger than that needs no further check
last_rebase = 0  # the time of the latest write that changed a Tensor's history

_writes: dict[int, list] = {}  # id of the array that owns the memory: [weak reference, time, line]


def owner(array: Any) -> Any:
    """The array whose memory `array` is a view of; itself if it is none."""
    while isinstance(array.base, type(array)):
        array = array.base
    return array


def note_write(*arrays: Any) -> None:
    """Log that the memory of these arrays was written now, by the user's current line."""
    global last_write
    last_write = now = next(clock)
    line = user_line()
    for array in arrays:
        memory = owner(array)
        key = id(memory)
        entry = _writes.get(key)
        if entry is not None and entry[0]() is memory:
            entry[1], entry[2] = now, line
        else:
            gone = weakref.ref(memory, lambda _, key=key: _writes.pop(key, None))
            _writes[key] = [gone, now, line]


def check_array(node: Any, array: Any) -> None:
    """Raise if `array`, which the pullback of `node` needs, was written after node was made."""
    entry = _writes.get(id(owner(array)))
    if entry is not None and entry[1] > node.age:
        raise RuntimeError(
            f"{node.name}: backward needs a {array.dtype}{list(array.shape)} as it was when the op "
            f"ran, but {entry[2]} has since written to it in place. Write out of place there, or "
            "give the op a .clone()"
        )


def check_saved(node: Any) -> None:
    """Check every array that the pullback of `node` closed over."""
    for array in saved_arrays(node.pullback):
        check_array(node, array)


def saved_arrays(x: Any) -> list:
    """The arrays that a pullback holds: what backward keeps in memory."""
    found: list = []
    seen: set[int] = set()
    stack = [x]
    while stack:
        x = stack.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        if isinstance(x, (tuple, list)):
            stack.extend(x)
        elif isinstance(x, dict):
            stack.extend(x.values())
        elif hasattr(x, "__array_ufunc__") and hasattr(x, "base"):
            found.append(x)
        elif hasattr(x, "saved_arrays"):  # the context of an autograd.Function
            stack.extend(x.saved_arrays())
        elif getattr(x, "__closure__", None):
            for cell in x.__closure__:
                try:
                    stack.append(cell.cell_contents)
                except ValueError:  # a name not bound yet
                    continue
    return found


# ---------------------------------------------------------------------------- views


class View:
    """How a Tensor was cut out of another one's memory: by which op, with which arguments."""

    __slots__ = ("args", "base", "base_node", "checked", "kwargs", "op", "position", "slot")

    def __init__(self, op: Any, args: tuple, kwargs: dict, position: int, slot: int | None):
        self.op, self.args, self.kwargs = op, args, kwargs
        self.position, self.slot = position, slot
        self.base = args[position]
        self.base_node = self.base.node
        self.checked = last_rebase

    def cut(self, x: Any) -> tuple[Any, Any]:
        """The op's value and pullback with `x` in the place of the Tensor it was cut out of."""
        args = [getattr(a, "array", a) for a in self.args]
        args[self.position] = x
        return self.op.fn(*args, **self.kwargs)

    def refresh(self, t: Any) -> None:
        """Bring t's history up to date if what it is a view of was written to since."""
        if self.checked >= last_rebase or not MODE.get().grad:
            return
        chain = [t]  # t, what it is a view of, what that is a view of, ...
        while chain[-1]._view is not None:
            chain.append(chain[-1]._view.base)
        for part in reversed(chain[:-1]):
            view = part._view
            view.checked = last_rebase
            if view.base.node is not view.base_node:
                view.base_node = view.base.node
                fresh = graph.run(view.op, view.args, view.kwargs)
                adopt(part, fresh if view.slot is None else fresh[view.slot])


def link(out: Any, op: Any, args: tuple, kwargs: dict, slot: int | None = None) -> None:
    """Note on `out` which of `args` it is a view of, if any."""
    memory = owner(out.array)
    for i, a in enumerate(args):
        if isinstance(a, graph.Value) and owner(a.array) is memory:
            out._view = View(op, args, kwargs, i, slot)
            return


def adopt(t: Any, new: Any) -> None:
    """t takes the place of `new` in the graph."""
    t.node, t.requires_grad = new.node, new.requires_grad
    if t.node is not None:
        t.node.out = weakref.ref(t)


def overwrite(t: Any, compute: Any, name: str) -> Any:
    """t[...] = compute(t), in t's own memory and dtype, with the history that goes with it."""
    recording = MODE.get().grad
    if recording:
        if t._view is not None:
            t._view.refresh(t)
        refuse_leaf(t, name)
    # What is recorded may save its input, which is about to be overwritten: give it a copy.
    new = compute(graph.wrap(t.array.copy(), t.node) if recording and t.requires_grad else t)
    if new.shape != t.shape:
        raise RuntimeError(
            f"{name}: the result has shape {list(new.shape)}, but it must fit into {list(t.shape)}"
        )
    if new.dtype != t.dtype and not np.can_cast(new.dtype, t.dtype, "same_kind"):
        raise RuntimeError(f"{name}: a result of {new.dtype} cannot be written into {t.dtype}")
    if recording and new.requires_grad:
        refuse_leaf(t, name, becomes=True)
        if new.dtype != t.dtype:
            new = new.astype(t.dtype)
        t.array[...] = new.array
        note_write(t.array)
        rebase(t, new)
    else:
        t.array[...] = new.array
        note_write(t.array)
        if recording:
            t.node, t.requires_grad = None, False
    return t


def refuse_leaf(t: Any, name: str, becomes: bool = False) -> None:
    root = t
    while root._view is not None:
        if root._view.slot is not None and (becomes or t.requires_grad):
            raise RuntimeError(
                f"{name}: {root._view.op.name} returns several views, and writing into one of them "
                "in place cannot be recorded; use an op that returns one, or write out of place"
            )
        root = root._view.base
    if root.requires_grad and root.node is None:
        what = "a leaf that requires grad" if root is t else "a view of a leaf that requires grad"
        raise RuntimeError(
            f"{name}: this Tensor is {what}, and its gradient could no longer be told. To update "
            "a parameter, write within `with minigrad.no_grad():`"
        )


def rebase(t: Any, new: Any) -> None:
    """After t was overwritten with `new`: t's history is new's; so is its part of t's base's."""
    global last_rebase
    last_rebase = next(clock)
    adopt(t, new)
    view = t._view
    if view is None:
        return

    def paste(base, part):
        """base, with the part that the view shows replaced."""
        _, embed = view.cut(base)
        outside = np.ones_like(getattr(base, "array", base), dtype=bool)
        view.cut(outside)[0][...] = False
        value = np.where(outside, base, embed(part))
        return value, (lambda g: np.where(outside, g, 0), lambda g: view.cut(g)[0])

    rebase(view.base, graph.run(graph.Op(paste), (view.base, t), {}))
    view.base_node = view.base.node
