"""`autograd.Function`: an op in PyTorch's shape, with a forward and a backward of its own."""

from __future__ import annotations

from typing import Any

from minigrad import graph
from minigrad.graph import Value, wrap
from minigrad.mode import MODE, no_grad


class Context:
    """`ctx`: what `forward` leaves for `backward`. Any attribute may be set on it."""

    def __init__(self) -> None:
        self.needs_input_grad: tuple[bool, ...] = ()
        self._saved: tuple = ()
        self._tensors: dict[int, Any] = {}  # of an array that was saved: the Tensor to give back

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep inputs and outputs of `forward` for `backward`: `a, b = ctx.saved_tensors`."""
        self._saved = tuple(t.array if isinstance(t, Value) else t for t in tensors)

    @property
    def saved_tensors(self) -> tuple:
        known = self._tensors
        return tuple(
            None if a is None else known[id(a)] if id(a) in known else wrap(a) for a in self._saved
        )

    def mark_non_differentiable(self, *tensors: Any) -> None:
        self._not_differentiable = {id(t.array) for t in tensors}

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted for PyTorch's sake: gradients that did not arrive are always zeros here."""

    def saved_arrays(self) -> list:
        return [a for a in self._saved if a is not None]


class Function:
    """Subclass it with static methods `forward(ctx, *args)` and `backward(ctx, *grads)`.

    Both work on Tensors. `backward` returns a gradient for each argument of `forward`, None for
    one that has none. If it is made of minigrad ops it can be differentiated again; for that
    `forward` is run once more, so it must not draw random numbers.

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
    def forward(ctx: Any, *args: Any) -> Any:
        raise NotImplementedError("Function: a subclass needs a static method forward(ctx, *args)")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        raise NotImplementedError(
            "Function: a subclass needs a static method backward(ctx, *grads)"
        )

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run `forward` on `args` and record `backward`."""
        # Only these are kept, not args: a Function must not keep its inputs alive.
        is_tensor = [isinstance(a, Value) for a in args]
        needed = tuple(isinstance(a, Value) and a.requires_grad for a in args)

        def run(*values):
            ctx = Context()
            ctx.needs_input_grad = needed
            on_tensors = any(isinstance(v, Value) for v in values)
            tensors = [
                wrap(v) if t and not isinstance(v, Value) else v
                for t, v in zip(is_tensor, values, strict=True)
            ]
            with no_grad():
                out = cls.forward(ctx, *tensors)
            outs = out if isinstance(out, tuple) else (out,)
            result: Any = tuple(o.array for o in outs)
            if on_tensors:
                # backward is about to be recorded: what it saved must be part of the graph.
                value = cls.apply(*values)
                values_out = value if isinstance(value, tuple) else (value,)
                for array, t in zip(result, values_out, strict=True):
                    ctx._tensors[id(array)] = t
                for t in tensors:
                    if isinstance(t, Value):
                        ctx._tensors[id(t.array)] = t
                result = values_out

            def pullback(*gs):
                wrapped = [g if g is None or isinstance(g, Value) else wrap(g) for g in gs]
                grads = cls.backward(ctx, *wrapped)
                grads = grads if isinstance(grads, tuple) else (grads,)
                if MODE.get().grad:
                    return grads
                return tuple(g.array if isinstance(g, Value) else g for g in grads)

            return (result if isinstance(out, tuple) else result[0]), pullback

        run.__name__ = cls.__name__
        return graph.run(graph.Op(run), args, {})
