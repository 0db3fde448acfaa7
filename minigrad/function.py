"""`autograd.Function`: an op in PyTorch's shape, with a forward and a backward of its own."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from minigrad import graph, inplace, views
from minigrad.mode import no_grad
from minigrad.value import Value, describe, wrap


class Context:
    """`ctx`: what `forward` leaves for `backward`. Any attribute may be set on it."""

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad  # for each argument of forward
        self._saved: tuple = ()
        self._constant: set[int] = set()  # ids of outputs without a gradient
        self._dirty: set[int] = set()  # ids of inputs that forward wrote to
        self._materialize = True
        self._known: dict[int, Any] = {}  # id of an array: the Tensor of the graph that holds it

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs and outputs of `forward` for `backward`: `a, b = ctx.saved_tensors`.

        If one of them is written to in place before backward needs it, backward says so.
        """
        for i, t in enumerate(tensors):
            if t is not None and not isinstance(t, Value):
                raise TypeError(
                    f"save_for_backward: expected Tensors, argument {i} is {describe(t)}; "
                    "keep anything else as an attribute: ctx.n = n"
                )
        self._saved = tuple(t if t is None else t.array for t in tensors)

    @property
    def saved_tensors(self) -> tuple:
        """What was given to save_for_backward."""
        known = self._known
        return tuple(
            None if a is None else known[id(a)] if id(a) in known else wrap(a) for a in self._saved
        )

    def mark_non_differentiable(self, *outputs: Any) -> None:
        """These outputs of `forward` do not require grad; their gradients come as zeros."""
        self._constant |= {id(t.array) for t in outputs}

    def mark_dirty(self, *inputs: Any) -> None:
        """`forward` has written to these inputs in place, and returns them."""
        self._dirty |= {id(t.array) for t in inputs}

    def set_materialize_grads(self, value: bool) -> None:
        """Whether the gradient of an output that none arrived for is zeros (True) or None."""
        self._materialize = value

    def saved_arrays(self) -> list:
        """What must not be written to before backward: see `minigrad/inplace.py`."""
        return [a for a in self._saved if a is not None]

    def among(self, known: dict[int, Any]) -> Context:
        """A copy that gives back these Tensors where it would make new ones of saved arrays."""

        def as_known(x: Any) -> Any:
            if isinstance(x, Value):
                return known.get(id(x.array), x)
            return type(x)(map(as_known, x)) if type(x) in (tuple, list) else x

        twin = copy.copy(self)
        twin.__dict__.update({k: as_known(v) for k, v in self.__dict__.items() if k[0] != "_"})
        twin._known = known
        return twin


class Function:
    """Subclass it with static methods `forward(ctx, *args)` and `backward(ctx, *grads)`.

    Both work on Tensors. `backward` returns a gradient for each argument of `forward`, None for
    one that has none. If it is made of minigrad's ops it can be differentiated again.

    PyTorch's other form works too: `forward(*args)` without ctx, and
    `setup_context(ctx, inputs, output)`, which saves what backward needs.

    >>> import minigrad as mg
    >>> class Cube(mg.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x**2 * g
    >>> x = mg.tensor(2.0, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor(12.)
    """

    @staticmethod
    def forward(*args: Any) -> Any:
        raise NotImplementedError("Function: a subclass needs a static method forward(ctx, *args)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> None:
        raise NotImplementedError("Function: forward(ctx, *args) does this itself")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise NotImplementedError(
            "Function: a subclass needs a static method backward(ctx, *grads)"
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run `forward` on `args` and record `backward`."""
        call = Call(cls, args)
        if not any(call.is_tensor):
            return call.call_forward(args)
        op = graph.Op(call.forward, resume=call.resume)
        op.name = cls.__name__
        result = graph.run(op, args, {})
        op.materialize = call.ctx._materialize
        outs = iter(result if call.several else (result,))
        results = tuple(
            call.finish(o, next(outs), args) if isinstance(o, Value) else o for o in call.outputs
        )
        return results if call.several else results[0]


class Call:
    """One call of a Function, as an op for the engine."""

    def __init__(self, function: type[Function], args: tuple):
        self.function = function
        self.is_tensor = [isinstance(a, Value) for a in args]
        self.ctx = Context(tuple(isinstance(a, Value) and a.requires_grad for a in args))
        self.given: list[int] = []  # the ids of the arguments' arrays
        self.outputs: tuple = ()  # what forward returned: its Tensors are of no graph
        self.several = False  # whether that was a tuple

    def call_forward(self, args: Any) -> Any:
        with no_grad():
            if self.function.setup_context is Function.setup_context:
                return self.function.forward(self.ctx, *args)
            output = self.function.forward(*args)
            self.function.setup_context(self.ctx, tuple(args), output)
            return output

    def forward(self, *values: Any) -> tuple[Any, Any]:
        """Value and pullback, for raw arrays."""
        self.given = list(map(id, values))
        result = self.call_forward(
            [wrap(v) if t else v for v, t in zip(values, self.is_tensor, strict=True)]
        )
        self.several = isinstance(result, tuple)
        self.outputs = result if self.several else (result,)
        arrays = tuple(o.array for o in self.outputs if isinstance(o, Value))
        if not arrays:
            raise TypeError(
                f"{self.function.__name__}: forward must return a Tensor, got {describe(result)}"
            )
        return arrays if self.several else arrays[0], self.pullback(self.ctx)

    def resume(self, *values: Any) -> tuple[Any, Any]:
        """The same on Tensors; forward, which may have drawn random numbers, is not run again."""
        outs = tuple(wrap(o.array) for o in self.outputs if isinstance(o, Value))
        known = dict(zip(self.given, values, strict=True))
        known = {key: v for key, v in known.items() if isinstance(v, Value)}
        known |= {id(o.array): o for o in outs}
        return outs if self.several else outs[0], self.pullback(self.ctx.among(known))

    def pullback(self, ctx: Context) -> Callable:
        is_output = [isinstance(o, Value) for o in self.outputs]

        def pullback(*gs):
            recorded = any(isinstance(g, Value) for g in gs)
            arrived = iter(g if g is None or recorded else wrap(g) for g in gs)
            grads = self.function.backward(ctx, *(next(arrived) if t else None for t in is_output))
            grads = grads if isinstance(grads, tuple) else (grads,)
            n = len(self.is_tensor)
            if len(grads) < n or any(g is not None for g in grads[n:]):
                raise RuntimeError(
                    f"{self.function.__name__}: backward must return {n} gradient{'s' * (n != 1)}, "
                    f"one for each argument of forward (or None), got {len(grads)}"
                )
            return grads if recorded else tuple(getattr(g, "array", g) for g in grads)

        return pullback

    def finish(self, made: Any, out: Any, args: tuple) -> Any:
        """The result `out` of the op as forward meant it: `made` is what forward returned."""
        if id(made.array) in self.ctx._constant:
            out.node, out._requires_grad = None, False
        if id(made.array) in self.ctx._dirty:
            arg = next(a for a in args if isinstance(a, Value) and a.array is made.array)
            if out.node is not None:
                inplace.refuse_leaf(arg, self.function.__name__, tracked=True)
                out.node.settled = inplace.last_write
                views.rebase(arg, out)
            return arg
        return out


def once_differentiable(backward: Callable) -> Callable:
    """Decorates a `backward` whose gradient is not to be differentiated again: that is an error.

    Inside no op is recorded, so it may compute in any way, with NumPy say.
    """

    def gradient(found, *grads):
        def pullback(g):
            raise RuntimeError(
                f"{backward.__qualname__}: it is marked with once_differentiable, and its gradient "
                "was differentiated a second time"
            )

        return found, pullback

    @functools.wraps(backward)
    def once(ctx: Any, *grads: Any) -> Any:
        with no_grad():
            found = backward(ctx, *grads)
        found = found if isinstance(found, tuple) else (found,)
        return tuple(
            g if g is None else graph.run(graph.Op(gradient), (g, *grads), {}) for g in found
        )

    return once
