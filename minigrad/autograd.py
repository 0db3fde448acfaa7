"""The backward pass: from a loss to the gradients of what it was computed from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from minigrad import anomaly, hooks, inplace, replay
from minigrad.backend import plus
from minigrad.function import Function
from minigrad.graph import Node
from minigrad.hooks import accumulate, announce, one_pass, retain, run_after, run_hooks, take
from minigrad.mode import (
    MODE,
    backward_mode,
    detect_anomaly,
    enable_grad,
    inference_mode,
    no_grad,
    set_detect_anomaly,
    set_grad_enabled,
)
from minigrad.value import Value, describe, wrap
from minigrad.variable import Variable

__all__ = [
    "Function", "Variable", "backward", "detect_anomaly", "enable_grad", "grad", "inference_mode",
    "no_grad", "set_detect_anomaly", "set_grad_enabled",
]  # fmt: skip


def backward_pass(
    seeds: list[tuple[Any, Any]],
    *,
    retain_graph: bool,
    create_graph: bool,
    targets: Iterable[Any] | None = None,
) -> dict:
    """Send gradients from `seeds` down to the leaves, the youngest node first.

    seeds: (Node or leaf Tensor, gradient of the loss with respect to it).
    targets: Nodes or leaf Tensors, the only ones to which gradients are sent; None, all leaves.
    Returns the gradient that arrived at each of them (None, if none did). Gradients are raw
    arrays; with create_graph they are Tensors, and the pullbacks run on Tensors too. With
    targets=None, a leaf with hooks for it gets its gradient as soon as that is complete.
    """
    pending: dict = {}
    for where, g in seeds:
        pending[where] = g if where not in pending else pending[where] + g
    order = sorted(ancestors(where for where, _ in seeds), key=_age)  # the oldest first
    needed = None if targets is None else leading_to(targets, order)
    kept = {} if targets is None else dict.fromkeys(targets)
    pullbacks = replay.replay(order, needed) if create_graph else None
    looking_for_nan = MODE.get().anomaly

    at_once = targets is None and hooks.watched
    for node in handing_over(order, pending) if at_once else reversed(order):
        g: Any = pending.pop(node, None)
        if g is None:
            continue
        if isinstance(g, np.generic):  # NumPy makes scalars of 0-d arrays; a pullback gets arrays
            g = np.asarray(g)
        if node.hooks is not None:
            g = run_hooks(node.hooks, g)
            retain(node, g)
        if node in kept:
            kept[node] = g
        if needed is not None and node not in needed:
            continue
        if node.slot is not None:  # one of several values: wait for the others' gradients
            ((_, parent),) = node.edges
            slots = pending.setdefault(parent, [None] * len(parent.shape))
            slots[node.slot] = g
            continue
        pullback = node.pullback
        if pullback is None:
            raise RuntimeError(freed_message(node))
        if node.age < inplace.last_write:
            inplace.check_saved(node)
        if pullbacks is not None:
            pullback = pullbacks[node]
        gs = (g,) if g.__class__ is not list else fill_slots(node, g, create_graph)
        lazy = pullback.__class__ is tuple
        results: tuple = ()
        if not lazy:
            results = pullback(*gs)
            if results.__class__ is not tuple:
                results = (results,)
        for i, parent in node.edges:
            if needed is not None and parent not in needed and parent not in kept:
                continue
            try:
                gi = pullback[i] if lazy else results[i]
            except IndexError:
                raise missing_gradient(node, i, len(pullback if lazy else results)) from None
            if lazy and gi is not None:
                gi = gi(*gs)
            if gi is None:
                continue
            if not hasattr(gi, "shape") or gi.shape != parent.shape or gi.dtype != parent.dtype:
                gi = fit(node, i, gi, parent)
            if looking_for_nan:
                anomaly.check_backward(node, i, gi, gs)
            before = pending.get(parent)
            pending[parent] = gi if before is None else plus(before, gi)
        if not retain_graph:
            # The edges stay: a second backward must find its way here, and fail, not miss it.
            node.pullback = None
            node.inputs = []
    for leaf, g in pending.items():
        if targets is None or leaf in kept:
            kept[leaf] = run_hooks(leaf.hooks, g) if leaf.hooks else g
    return kept


def handing_over(order: list[Node], pending: dict) -> Iterator[Node]:
    """The nodes, the youngest first; in between, leaves with hooks for it get their gradients.

    A gradient is complete after the oldest node that sends to the leaf. So it can travel to other
    machines, say, while backward goes on (`minigrad/distributed/reducer.py`).
    """
    complete: dict[Node, list] = {}
    seen: set = set()
    for node in order:
        for _, leaf in node.edges:
            if leaf.__class__ is not Node and getattr(leaf, "_after", None) and leaf not in seen:
                seen.add(leaf)
                complete.setdefault(node, []).append(leaf)
    for node in reversed(order):
        yield node
        for leaf in complete.pop(node, ()):
            if leaf in pending:
                if leaf.hooks:
                    pending[leaf] = run_hooks(leaf.hooks, pending[leaf])
                hand_over(leaf, leaf, pending)


def hand_over(leaf: Any, key: Any, arrived: dict) -> None:
    """leaf.grad += arrived.pop(key)"""
    accumulate(leaf, take(arrived, key))
    del arrived[key]
    run_after(leaf)


def _age(node: Node) -> int:
    return node.age


def ancestors(roots: Iterable) -> set:
    """Every node from which a gradient can flow on, found without recursion."""
    stack = [r for r in roots if r.__class__ is Node]
    seen = set(stack)
    while stack:
        for _, parent in stack.pop().edges:
            if parent.__class__ is Node and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return seen


def leading_to(targets: Iterable, order: Iterable[Node]) -> set:
    """The nodes of `order` through which a gradient reaches one of `targets`."""
    targets = set(targets)
    found: set = set()
    for node in order:
        if any(parent in targets or parent in found for _, parent in node.edges):
            found.add(node)
    return found


def fill_slots(node: Node, slots: list, create_graph: bool) -> list:
    """Zeros for the values of a many-valued op that no gradient reached; None if not floating."""
    example = next(g for g in slots if g is not None)
    example = example.array if create_graph else example
    filled = []
    for g, (shape, dtype) in zip(slots, node.shape, strict=True):
        if g is None and dtype.kind in "fc" and node.op.materialize:
            # (Not shape=() at once: CuPy takes an empty shape for none.)
            g = np.zeros_like(example, shape=shape or (1,), dtype=dtype).reshape(shape)
            g = wrap(g) if create_graph else g
        filled.append(g)
    return filled


def fit(node: Node, i: int, g: Any, parent: Any) -> Any:
    """`g` in the shape and dtype of the input it belongs to, or an error that names the op."""
    if not hasattr(g, "shape"):
        raise TypeError(
            f"{node.name}: its pullback returned {type(g).__name__} {g!r} for argument {i}; "
            f"expected an array of shape {parent.shape}"
        )
    if g.shape != parent.shape:
        if not (node.op.elementwise or (node.op.opaque and broadcasts(parent.shape, g.shape))):
            raise RuntimeError(
                f"{node.name}: its pullback returned a gradient of shape {tuple(g.shape)} for "
                f"argument {i}, whose shape is {tuple(parent.shape)}"
            )
        g = sum_to(g, parent.shape)
    return as_dtype(g, parent.dtype)


def as_dtype(g: Any, dtype: Any) -> Any:
    return g if g.dtype == dtype else g.astype(dtype)


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether an array of `shape` broadcasts to the shape `to`."""
    fits = all(m in (1, n) for m, n in zip(shape[::-1], to[::-1], strict=False))
    return len(shape) <= len(to) and fits


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """The sum of `g` over the axes along which `shape` was broadcast to `g`'s shape.

    Broadcasting copies; the gradient of a copy is the sum over the copies.
    """
    if len(g.shape) < len(shape) or any(
        n not in (m, 1) for n, m in zip(shape[::-1], g.shape[::-1], strict=False)
    ):
        g = np.broadcast_to(g, np.broadcast_shapes(g.shape, shape))
    lead = len(g.shape) - len(shape)
    axes = tuple(range(lead)) + tuple(
        i + lead for i, n in enumerate(shape) if n == 1 and g.shape[i + lead] != 1
    )
    return np.reshape(np.sum(g, axis=axes), shape) if axes else np.reshape(g, shape)


def missing_gradient(node: Node, i: int, n: int) -> Exception:
    return RuntimeError(
        f"{node.name}: its pullback gives {n} gradient{'s' * (n != 1)}, but argument {i} "
        "(counted from 0) needs one; return None in its place if it has none"
    )


def freed_message(node: Node) -> str:
    return (
        f"{node.name}: backward ran through this graph before and freed what it had saved. "
        "Compute the loss again, or pass retain_graph=True to the first backward"
    )


# ---------------------------------------------------------------------------- public face


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add d(sum of grad_tensors * tensors)/d(leaf) to the `.grad` of every leaf that requires it.

    tensors: one Tensor or several. grad_tensors: the gradients to start from, of the same shapes;
    None stands for 1 and needs a tensor with one element. With create_graph the gradients are
    recorded too, and can be differentiated; retain_graph (default: create_graph) keeps the graph
    for a second backward. inputs: only these Tensors receive gradients.
    """
    seeds = make_seeds(as_list(tensors), as_list(grad_tensors), create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    wanted = None if inputs is None else {key_of(t): t for t in checked(inputs, "backward")}
    with backward_mode(create_graph), one_pass():
        announce(as_list(tensors))
        arrived = backward_pass(
            seeds, retain_graph=retain, create_graph=create_graph, targets=wanted
        )
        for key in list(arrived):
            if arrived[key] is not None:
                hand_over(key if wanted is None else wanted[key], key, arrived)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple:
    """The gradients of `outputs` (summed, weighted by grad_outputs) with respect to `inputs`.

    Returns a tuple, one Tensor per input, and leaves every `.grad` alone. An input that the
    outputs do not depend on is an error; None comes for it with allow_unused, zeros with
    materialize_grads.

    >>> import minigrad as mg
    >>> x = mg.tensor(2.0, requires_grad=True)
    >>> (dx,) = mg.autograd.grad(x**3, x, create_graph=True)
    >>> mg.autograd.grad(dx, x)
    (tensor(12.),)
    """
    inputs = checked(inputs, "grad")
    seeds = make_seeds(as_list(outputs), as_list(grad_outputs), create_graph, caller="grad")
    retain = create_graph if retain_graph is None else retain_graph
    keys = [key_of(t) for t in inputs]
    with backward_mode(create_graph):
        found = backward_pass(seeds, retain_graph=retain, create_graph=create_graph, targets=keys)
    results = []
    for i, (t, key) in enumerate(zip(inputs, keys, strict=True)):
        g = None if found[key] is None else take(found, key)
        if g is None and materialize_grads:
            g = wrap(np.zeros_like(t.array))
        if g is None and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {i} ({describe(t)}); pass "
                "allow_unused=True to get None for it, materialize_grads=True to get zeros"
            )
        results.append(g)
    return tuple(results)


def checked(inputs: Any, caller: str) -> list:
    """What gradients are asked for, as a list of Tensors that can have one."""
    inputs = as_list(inputs)
    if not inputs:
        raise RuntimeError(f"{caller}: expected at least one Tensor as inputs, got none")
    for i, t in enumerate(inputs):
        if not isinstance(t, Value):
            raise TypeError(f"{caller}: expected a Tensor as input {i}, got {describe(t)}")
        if not t.requires_grad:
            raise RuntimeError(f"{caller}: input {i} ({describe(t)}) does not require grad")
    return inputs


def key_of(t: Any) -> Any:
    """Where a pass finds the gradient of t: at the node that made it, or at t, if it is a leaf."""
    return t.node or t


def as_list(x: Any) -> list:
    if x is None:
        return []
    return list(x) if isinstance(x, (list, tuple)) else [x]


def make_seeds(
    outputs: list, grads: list[Any], create_graph: bool, caller: str = "backward"
) -> list:
    if grads and len(grads) != len(outputs):
        raise RuntimeError(f"{caller}: got {len(grads)} gradients for {len(outputs)} outputs")
    seeds = []
    for i, t in enumerate(outputs):
        if not isinstance(t, Value):
            raise TypeError(f"{caller}: expected a Tensor, got {describe(t)}")
        if not t.requires_grad:
            raise RuntimeError(
                f"{caller}: this Tensor ({describe(t)}) does not require grad and has no graph. "
                "None of what it was computed from had requires_grad=True, or it was computed "
                "under no_grad, or through detach(), .data, .item() or NumPy. "
                "minigrad.diagnose(model, lambda: loss_of(model(x), y)) finds the line"
            )
        g: Any = grads[i] if grads else None
        if g is None:
            if t.array.size != 1:
                raise RuntimeError(
                    f"{caller}: expected a scalar to start from, got shape {tuple(t.shape)}; "
                    "reduce it to a loss (.sum(), .mean()) or pass the gradient to start from"
                )
            g = np.ones_like(t.array)
        elif not hasattr(g, "shape"):
            raise TypeError(f"{caller}: expected a Tensor as the gradient to start from, got {g!r}")
        elif g.shape != t.shape:
            raise RuntimeError(
                f"{caller}: the gradient's shape {tuple(g.shape)} is not the tensor's "
                f"{tuple(t.shape)}"
            )
        elif not create_graph and isinstance(g, Value):
            g = g.array
        if create_graph and not isinstance(g, Value):
            g = wrap(g)
        seeds.append((key_of(t), as_dtype(g, t.dtype)))
    return seeds
