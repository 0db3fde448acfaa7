"""Writing in place, without ever making a gradient wrong.

Two things can go wrong when a Tensor's memory is overwritten. A pullback may still need the old
value: every write is logged with its time, and backward refuses to use a saved array that was
written after its node was made. And the Tensor may be a view: then what it is a part of changes
too, and so must that one's history (`minigrad/views.py`).
"""

from __future__ import annotations

import functools
import itertools
import math
import types
import weakref
from typing import Any

import numpy as np

from minigrad import graph, views
from minigrad.mode import MODE, user_line
from minigrad.value import Value, wrap

clock = itertools.count(1)  # one clock for nodes and writes: which came first can always be told
last_write = 0  # the time of the latest write; a node younger than that needs no further check

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


def written_between(start: float, end: float, array: Any) -> str | None:
    """The line that wrote to `array` between two times of the clock; None if there is none."""
    entry = _writes.get(id(owner(array)))
    return entry[2] if entry is not None and start < entry[1] < end else None


def written_since(node: Any, array: Any) -> str | None:
    """The line that wrote to `array` after `node` was made; None if there is none."""
    return written_between(getattr(node, "remade", node.age), math.inf, array)


def is_current(node: Any, array: Any) -> bool:
    """Whether `array`, which holds the value of `node`, still is what the op made."""
    entry = _writes.get(id(owner(array)))
    return entry is None or entry[1] <= getattr(node, "settled", node.age)


def current(t: Any) -> Any:
    """The node that t is the value of; a new one, if t was written to without being recorded.

    Such a write (under no_grad, or to t.detach()) has no part in the gradient. But from now on t
    is something else than what its op would compute from the same arguments.
    """
    if is_current(t.node, t.array):
        return t.node
    value = t.array.copy()

    def rewritten(x):
        return value, lambda g: g

    edges = [(0, t.node)]
    node = graph.record(graph.Op(rewritten), [t.array], {}, edges, value, lambda g: g)
    views.adopt(t, wrap(value, node))
    return node


def overwritten_since(node: Any, array: Any, line: str) -> RuntimeError:
    return RuntimeError(
        f"{node.name}: backward needs a {array.dtype}{list(array.shape)} as it was when the op "
        f"ran, but {line} has since written to it in place. Write out of place there, or "
        "give the op a .clone()"
    )


def check_saved(node: Any) -> None:
    """Raise if an array that the pullback of `node` closed over was written since it was made."""
    for array in saved_arrays(node.pullback):
        line = written_since(node, array)
        if line is not None:
            raise overwritten_since(node, array, line)


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
        elif isinstance(x, Value):
            found.append(x.array)
        elif hasattr(x, "__array_ufunc__") and hasattr(x, "base"):
            found.append(x)
        elif hasattr(x, "saved_arrays"):  # the context of an autograd.Function
            stack.extend(x.saved_arrays())
        elif isinstance(x, functools.partial):
            stack += x.func, x.args, x.keywords
        elif isinstance(x, types.MethodType):
            stack += x.__self__, x.__func__
        elif isinstance(x, types.FunctionType):
            stack += x.__defaults__, x.__kwdefaults__
            for cell in x.__closure__ or ():
                try:
                    stack.append(cell.cell_contents)
                except ValueError:  # a name not bound yet
                    continue
    return found


# ---------------------------------------------------------------------------- writing


def overwrite(t: Any, compute: Any, name: str) -> Any:
    """t[...] = compute(t), in t's own memory and dtype, with the history that goes with it."""
    recording = MODE.get().grad
    tracked = recording and t.requires_grad
    if recording:
        refuse_leaf(t, name, tracked)
    refuse_shared(t, name)
    if tracked:
        for part in views.chain(t):
            if part.node is not None:
                current(part)
    # What is recorded may save its input, which is about to be overwritten: give it a copy.
    new = compute(wrap(t.array.copy(), t.node) if tracked else t)
    if recording and new._requires_grad and not tracked:  # because of what is written into t
        tracked = True
        refuse_leaf(t, name, tracked)
        new = compute(wrap(t.array.copy()))
    if new.shape != t.shape:
        raise RuntimeError(
            f"{name}: the result has shape {list(new.shape)}, but it must fit into {list(t.shape)}"
        )
    if new.dtype != t.dtype:
        if not np.can_cast(new.dtype, t.dtype, "same_kind"):
            raise RuntimeError(f"{name}: a result of {new.dtype} cannot be written into {t.dtype}")
        new = new.astype(t.dtype)
    t.array[...] = new.array
    note_write(t.array)
    watch = MODE.get().watch
    if watch is not None:
        watch(graph.Op(written), (new,), {}, t, None)
    if tracked:
        new = new if new._requires_grad else severed(new)
        new.node.settled = last_write
        views.rebase(t, new)
    return t


def written(x: Any) -> Any:
    """What is told to who watches the ops: from now on a Tensor is what x is."""
    return x, lambda g: g


def severed(x: Any) -> Any:
    """x as a computed Tensor through which no gradient flows on.

    What is overwritten with constants still requires grad, as in PyTorch; its gradient ends here.
    """

    def overwritten(x):
        return x, lambda g: None

    return wrap(
        x.array, graph.record(graph.Op(overwritten), [x.array], {}, (), x.array, lambda g: None)
    )


def refuse_leaf(t: Any, name: str, tracked: bool) -> None:
    """An error where a write could not be recorded, or a parameter be overwritten by mistake."""
    root = t
    while root._view is not None:
        view, root = root._view, root._view.base
        if view.silent and (tracked or root.requires_grad):
            raise RuntimeError(
                f"{name}: this Tensor is a view that was made under no_grad; make the view where "
                "the write is: both inside no_grad, or both outside"
            )
        if tracked and view.slot is not None:
            raise RuntimeError(
                f"{name}: {view.op.name} returns several views, and writing into one of them in "
                "place cannot be recorded; use an op that returns one, or write out of place"
            )
        if tracked and view.op.opaque:
            raise RuntimeError(
                f"{name}: the Function {view.op.name} returned a view of its input, and writing "
                "into it in place would bypass its backward; return a .clone() from forward"
            )
    if root._requires_grad and root.node is None:
        what = "a leaf that requires grad" if root is t else "a view of a leaf that requires grad"
        raise RuntimeError(
            f"{name}: this Tensor is {what}, and its gradient could no longer be told. To update "
            "a parameter, write within `with minigrad.no_grad():`"
        )


def refuse_shared(t: Any, name: str) -> None:
    """An error where several elements lie in one place (after expand), or all are read-only."""
    array = t.array
    if not array.size:
        return
    if any(step == 0 and n > 1 for step, n in zip(array.strides, array.shape, strict=True)):
        raise RuntimeError(
            f"{name}: several elements of this Tensor ({graph.describe(t)}) lie in one place of "
            "its memory, as expand leaves them; write into a .clone()"
        )
    if not getattr(array.flags, "writeable", True):
        raise RuntimeError(
            f"{name}: the memory of this Tensor ({graph.describe(t)}) is read-only; write into a "
            ".clone()"
        )
