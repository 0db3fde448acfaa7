"""Functions that a Module calls around its forward and its backward pass.

A Module without hooks never comes here: `Module.__call__` goes straight to `forward`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from minigrad.graph import Op, Value, run, wrap
from minigrad.hooks import RemovableHandle


class Hook(NamedTuple):
    """A function to call, and how."""

    call: Callable
    with_kwargs: bool = False
    always: bool = False  # also after an exception


class Hooks:
    """The hooks of one Module, in the order in which they run."""

    def __init__(self) -> None:
        self.forward_pre: list[Hook] = []
        self.forward: list[Hook] = []
        self.backward_pre: list[Hook] = []
        self.backward: list[Hook] = []

    def add(self, kind: str, hook: Hook, prepend: bool = False) -> RemovableHandle:
        hooks = getattr(self, kind)
        hooks.insert(0 if prepend else len(hooks), hook)
        return RemovableHandle(hooks, hook)


def call_with_hooks(module: Any, hooks: Hooks, args: tuple, kwargs: dict) -> Any:
    """`module.forward(*args, **kwargs)` with its hooks before, after and on the way back."""
    result = None
    waiting = [hook for hook in hooks.forward if hook.always]
    try:
        for hook in list(hooks.forward_pre):
            args, kwargs = before_forward(module, hook, args, kwargs)
        boundary = None
        if hooks.backward or hooks.backward_pre:
            boundary = Boundary(module, list(hooks.backward_pre), list(hooks.backward))
            args = boundary.enter(args)
        result = module.forward(*args, **kwargs)
        for hook in list(hooks.forward):
            if hook in waiting:
                waiting.remove(hook)
            result = after_forward(module, hook, args, kwargs, result)
        return result if boundary is None else boundary.leave(result)
    except Exception:
        for hook in waiting:
            try:
                result = after_forward(module, hook, args, kwargs, result)
            except Exception as error:
                warnings.warn(
                    f"a forward hook of {type(module).__name__} with always_call=True raised "
                    f"{error!r} after forward itself had raised; only the first error is shown",
                    stacklevel=3,
                )
        raise


def before_forward(module: Any, hook: Hook, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    if not hook.with_kwargs:
        new = hook.call(module, args)
        if new is not None:
            args = new if isinstance(new, tuple) else (new,)
        return args, kwargs
    new = hook.call(module, args, kwargs)
    if new is None:
        return args, kwargs
    if not (isinstance(new, tuple) and len(new) == 2):
        raise RuntimeError(
            f"forward pre-hook of {type(module).__name__} with with_kwargs=True: expected None or "
            f"(new_args, new_kwargs), got {new!r}"
        )
    return new


def after_forward(module: Any, hook: Hook, args: tuple, kwargs: dict, result: Any) -> Any:
    if hook.with_kwargs:
        new = hook.call(module, args, kwargs, result)
    else:
        new = hook.call(module, args, result)
    return result if new is None else new


class Boundary:
    """The two borders that a gradient crosses on its way back through one call of a Module.

    The module's inputs pass through an identity and so do its outputs. Going back, the pullback
    of the second sees the gradients of the outputs, that of the first those of the inputs.
    """

    def __init__(self, module: Any, pre: list[Hook], post: list[Hook]):
        self.module, self.pre, self.post = module, pre, post
        self.n_inputs = 0
        self.positions: list[int] = []  # of the inputs that need a gradient
        self.grad_output: tuple = ()

    def enter(self, args: tuple) -> tuple:
        """The arguments, each Tensor that needs a gradient through the first border."""
        self.n_inputs = len(args)
        self.positions = needing_grad(args)
        return cross(args, self.positions, self._at_inputs)

    def leave(self, result: Any) -> Any:
        """The result through the second border."""
        results = result if isinstance(result, tuple) else (result,)
        if not isinstance(result, (Value, tuple)):
            warnings.warn(
                f"backward hooks of {type(self.module).__name__} are not called: its output should "
                f"be a Tensor or a tuple of Tensors, got {type(result).__name__}",
                stacklevel=4,
            )
            return result
        positions, n = needing_grad(results), len(results)
        results = cross(results, positions, lambda gs: self._at_outputs(gs, positions, n))
        return results if isinstance(result, tuple) else results[0]

    def _at_outputs(self, gs: tuple, positions: list[int], n: int) -> tuple:
        grads = spread(gs, positions, n)
        for hook in self.pre:
            new = hook.call(self.module, grads)
            if new is not None:
                grads = as_tuple(new, len(grads), self.module, "pre-hook")
        self.grad_output = grads
        if not self.positions:  # no gradient will reach the first border
            self._call((None,) * self.n_inputs)
        return tuple(grads[i] for i in positions)

    def _at_inputs(self, gs: tuple) -> tuple:
        if not self.grad_output:  # not through the module: from a derivative of its gradient
            return gs
        grads = self._call(spread(gs, self.positions, self.n_inputs))
        self.grad_output = ()
        return tuple(grads[i] for i in self.positions)

    def _call(self, grads: tuple) -> tuple:
        for hook in self.post:
            new = hook.call(self.module, grads, self.grad_output)
            if new is not None:
                grads = as_tuple(new, len(grads), self.module, "hook")
        return grads


def needing_grad(values: tuple) -> list[int]:
    return [i for i, v in enumerate(values) if isinstance(v, Value) and v.requires_grad]


def cross(values: tuple, positions: list[int], on_the_way_back: Callable) -> tuple:
    """`values`, those at `positions` through one identity whose pullback is on_the_way_back."""
    if not positions:
        return values

    def module_boundary(*xs):
        def pullback(*gs):
            on_tensors = isinstance(gs[0], Value)
            new = on_the_way_back(gs if on_tensors else tuple(wrap(g) for g in gs))
            if on_tensors:
                return tuple(new)
            return tuple(g if g is None else g.array for g in new)

        return tuple(x[...] for x in xs), pullback

    crossed = run(Op(module_boundary), tuple(values[i] for i in positions), {})
    results = list(values)
    for i, value in zip(positions, crossed, strict=True):
        results[i] = value
    return tuple(results)


def spread(gs: tuple, positions: list[int], n: int) -> tuple:
    """The gradients `gs` at their positions among `n`; None elsewhere."""
    grads: list = [None] * n
    for i, g in zip(positions, gs, strict=True):
        grads[i] = g
    return tuple(grads)


def as_tuple(grads: Any, n: int, module: Any, what: str) -> tuple:
    grads = grads if isinstance(grads, tuple) else (grads,)
    if len(grads) != n:
        raise RuntimeError(
            f"backward {what} of {type(module).__name__}: expected {n} gradient"
            f"{'s' * (n != 1)}, got {len(grads)}"
        )
    return grads
