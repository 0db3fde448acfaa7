"""The backward pass: from a loss to the gradients of what it was computed from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from minigrad import anomaly, inplace
from minigrad.function import Function
from minigrad.graph import Node, Value, describe, op, wrap
from minigrad.mode import MODE


def backward_pass(
    seeds: list[tuple[Any, Any]],
    *,
    retain_graph: bool,
    create_graph: bool,
    targets: Sequence[Any] | None = None,
) -> dict:
    """Send gradients from `seeds` down to the leaves, the youngest node first.

    seeds: (Node or leaf Tensor, gradient of the loss with respect to it).
    Returns the gradients that arrived at leaf Tensors and at `targets`. Gradients are raw arrays;
    with create_graph they are Tensors, and the pullbacks run on Tensors too.
    """
    pending: dict = {}
    for where, g in seeds:
        pending[where] = g if where not in pending else pending[where] + g
    order = sorted(ancestors(where for where, _ in seeds), key=_age)  # the oldest first
    needed = None if targets is None else leading_to(targets, order)
    kept = {} if targets is None else dict.fromkeys(targets)
    pullbacks = replay(order) if create_graph else None
    looking_for_nan = MODE.get().anomaly

    for node in reversed(order):
        g = pending.pop(node, None)
        if g is None:
            continue
        if node.hooks:
            g = run_hooks(node.hooks, g)
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
            pending[parent] = gi if before is None else before + gi
        if not retain_graph:
            node.pullback = None
            node.edges = ()
            node.inputs = []
    if targets is not None:
        for leaf in kept:
            if leaf.__class__ is not Node:
                kept[leaf] = pending.get(leaf)
        return kept
    return pending


__all__ = ["Function", "backward", "grad"]


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


def replay(order: Iterable[Node]) -> dict:
    """Each node's pullback, made anew on Tensors, so that what it computes is recorded.

    A node does not hold the Tensors it was run on. One that is still alive is used as it is, so
    that derivatives with respect to it come out; the others are computed again, oldest first.
    """
    values: dict = {}
    pullbacks: dict = {}
    for node in order:
        if node.slot is not None:
            ((_, parent),) = node.edges
            value = values[parent][node.slot]
        else:
            if node.pullback is None:
                raise RuntimeError(freed_message(node))
            args = list(node.inputs)
            for i, parent in node.edges:
                args[i] = values.get(parent, parent)
                if node.age < inplace.last_write:
                    inplace.check_array(node, args[i].array)
            value, pullbacks[node] = on_tensors(node, args)
        alive = None if node.out is None else node.out()
        values[node] = alive if alive is not None and alive.node is node else value
    return pullbacks


def on_tensors(node: Node, args: list) -> tuple[Any, Any]:
    """Value and pullback of a node's op made of recorded ops: the same function, on Tensors."""
    definition = node.op.definition
    if definition is None:
        return node.op.fn(*args, **node.kwargs)
    # An argument given twice (q = k = v) must not count its gradient twice: each passes through
    # an identity of its own.
    args = [identity(a) if isinstance(a, Value) and a.requires_grad else a for a in args]
    value = definition(*args, **node.kwargs)
    needed = [i for i, a in enumerate(args) if isinstance(a, Value) and a.requires_grad]

    def pullback(*gs):
        inputs = [args[i] for i in needed]
        found = grad(value, inputs, gs, create_graph=True, allow_unused=True)
        grads: list = [None] * len(args)
        for i, g in zip(needed, found, strict=True):
            grads[i] = g
        return tuple(grads)

    return value, pullback


@op
def identity(x):
    """x itself, as a new node of the graph."""
    return x[...], lambda g: g


def fill_slots(node: Node, slots: list, create_graph: bool) -> list:
    """Zeros for the values of a many-valued op that no gradient reached; None if not floating."""
    example = next(g for g in slots if g is not None)
    example = example.array if create_graph else example
    filled = []
    for g, (shape, dtype) in zip(slots, node.shape, strict=True):
        if g is None and dtype.kind in "fc":
            g = np.zeros_like(example, shape=shape, dtype=dtype)
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
        if not node.op.elementwise:
            raise RuntimeError(
                f"{node.name}: its pullback returned a gradient of shape {tuple(g.shape)} for "
                f"argument {i}, whose shape is {tuple(parent.shape)}"
            )
        g = sum_to(g, parent.shape)
    return g if g.dtype == parent.dtype else g.astype(parent.dtype)


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


def run_hooks(hooks: list, g: Any) -> Any:
    is_tensor = isinstance(g, Value)
    for hook in list(hooks):
        result = hook(g if is_tensor else wrap(g))
        if result is not None:
            g = result if is_tensor else result.array
    return g


def accumulate(leaf: Any, g: Any) -> None:
    """leaf.grad += g."""
    if leaf.hooks:
        g = run_hooks(leaf.hooks, g)
    if isinstance(g, Value):  # create_graph: the sum is recorded too
        leaf.grad = g if leaf.grad is None else leaf.grad + g
    elif leaf.grad is not None and not leaf.grad.requires_grad:
        leaf.grad.array += g
    elif leaf.grad is not None:  # part of a graph: it stays as it is
        leaf.grad = wrap(leaf.grad.array + g)
    else:
        leaf.grad = wrap(own(g, 2))


def own(g: Any, holders: int) -> Any:
    """`g`, or a copy if others than the caller, who holds it in `holders` places, hold it too.

    `x + y` hands one array to both of its inputs; writing to the one's gradient must not change
    the other's. (This argument and getrefcount's own hold it as well.)
    """
    shared = isinstance(g, np.generic) or g.base is not None or sys.getrefcount(g) > holders + 2
    return np.copy(g) if shared else g


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
    targets = None if inputs is None else as_list(inputs)
    keys = None if targets is None else [t.node or t for t in targets]
    with _ModeSwitch(create_graph):
        pending = backward_pass(seeds, retain_graph=retain, create_graph=create_graph, targets=keys)
        if targets is None:
            while pending:
                leaf, g = pending.popitem()
                accumulate(leaf, g)
                g = None
        else:
            for t, key in zip(targets, keys or (), strict=True):
                if pending[key] is not None:
                    accumulate(t, pending[key])


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
    inputs = as_list(inputs)
    for i, t in enumerate(inputs):
        if not isinstance(t, Value):
            raise TypeError(f"grad: expected a Tensor as input {i}, got {describe(t)}")
        if not t.requires_grad:
            raise RuntimeError(f"grad: input {i} ({describe(t)}) does not require grad")
    seeds = make_seeds(as_list(outputs), as_list(grad_outputs), create_graph, caller="grad")
    retain = create_graph if retain_graph is None else retain_graph
    for t in inputs:
        if t._view is not None:
            t._view.refresh(t)
    keys = [t.node or t for t in inputs]
    with _ModeSwitch(create_graph):
        found = backward_pass(seeds, retain_graph=retain, create_graph=create_graph, targets=keys)
    results = []
    for i, (t, key) in enumerate(zip(inputs, keys, strict=True)):
        g = found[key]
        if g is None and materialize_grads:
            g = np.zeros_like(t.array)
        if g is None and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {i} ({describe(t)}); pass "
                "allow_unused=True to get None for it, materialize_grads=True to get zeros"
            )
        if g is not None and not isinstance(g, Value):
            g = wrap(own(g, 2))
        results.append(g)
    return tuple(results)


class _ModeSwitch:
    """Records during a backward only if a graph of the gradient was asked for."""

    def __init__(self, create_graph: bool):
        self.create_graph = create_graph

    def __enter__(self):
        self.token = MODE.set(MODE.get()._replace(grad=self.create_graph))

    def __exit__(self, *exc_info):
        MODE.reset(self.token)


def as_list(x: Any) -> list:
    if x is None:
        return []
    return list(x) if isinstance(x, (list, tuple)) else [x]


def make_seeds(outputs: list, grads: list, create_graph: bool, caller: str = "backward") -> list:
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
                "under no_grad, or through detach(), .data, .item() or NumPy"
            )
        if t._view is not None:
            t._view.refresh(t)
        g = grads[i] if grads else None
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
        seeds.append((t.node or t, g))
    return seeds
