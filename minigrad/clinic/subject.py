"""What is checked, in one form: arrays in, values out, and a pullback that takes gradients.

An op is called itself, on raw arrays: the engine would repair or refuse what its pullback gets
wrong before anyone could look at it. Any other function of Tensors is differentiated by backward.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.clinic.comparison import outputs_of
from minigrad.clinic.plain import returning_arrays
from minigrad.clinic.sources import gradient_line
from minigrad.clinic.untouched import copied
from minigrad.function import Call, Context
from minigrad.graph import Op, Value, wrap
from minigrad.mode import enable_grad

Pullback = Callable[[Sequence], list]


class Subject:
    """A function of some arrays; the rest of its arguments is fixed.

    places: the positions of the checked arguments. `run(arrays)` returns the values and the
    pullback, which gives one gradient (or None) for each of the arrays.
    """

    name: str
    line: str | None = None
    places: list[int]
    names: Sequence[str] = ()  # of all its arguments
    arrays: list[np.ndarray]

    def run(self, arrays: Sequence[np.ndarray]) -> tuple[list, Pullback]:
        raise NotImplementedError

    def values(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Copies: a function may return its input, or the same array every time."""
        return [np.array(y) for y in self.run(arrays)[0]]


class OpSubject(Subject):
    """An op under @minigrad.op or an autograd.Function, without the engine."""

    def __init__(
        self, op: Op, args: Sequence, kwargs: dict, places: list[int], line: str | None = None,
        names: Sequence[str] = (),
    ):  # fmt: skip
        self.op, self.args, self.kwargs = op, list(args), kwargs
        self.name, self.places, self.line, self.names = op.name, places, line, names
        self.arrays = [np.array(args[i]) for i in places]
        self.saved: Any = None  # the pullback, or the ctx of a Function, of the last run
        self._instead: Callable | None = None  # of the source, while a repair is tried

    def run(self, arrays):
        args: list = [a.copy() if isinstance(a, np.ndarray) else a for a in self.args]
        for i, a in zip(self.places, arrays, strict=True):
            args[i] = np.array(a)
        self.given = args
        values, pullback = self._call(args)
        self._pullback = pullback
        return list(values) if isinstance(values, tuple) else [values], self._in_order(pullback)

    def changeable(self) -> Pullback:
        """The pullback of the last run; what it saved is in copies, which a trial may change."""
        if not isinstance(self.saved, Context):  # a ctx is of this run alone
            self.saved = self._pullback = copied(self._pullback)
        return self._in_order(self._pullback)

    def _call(self, args):
        call = getattr(self.op.fn, "__self__", None)
        if isinstance(call, Call):
            tensors = [
                wrap(a).requires_grad_() if i in self.places else wrap(a) if t else a
                for i, (a, t) in enumerate(zip(args, call.is_tensor, strict=True))
            ]
            function = call.function
            if self._instead is not None:
                backward = {"backward": staticmethod(self._instead)}
                function = type(function.__name__, (function,), backward)
            again = Call(function, tuple(tensors))
            self.saved = again.ctx
            return again.forward(*args)
        fn = self.op.fn
        if self._instead is not None:
            fn = returning_arrays(self._instead) if hasattr(fn, "__wrapped__") else self._instead
        values, pullback = fn(*args, **self.kwargs)
        self.saved = pullback
        return values, pullback

    @property
    def source(self) -> Any:
        """The function in whose source the pullback stands."""
        call = getattr(self.op.fn, "__self__", None)
        return inspect.unwrap(call.function.backward if isinstance(call, Call) else self.op.fn)

    @property
    def defined_at(self) -> str:
        code = self.source.__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    @contextlib.contextmanager
    def rewritten(self, source: Callable) -> Iterator[None]:
        """Inside, `source` takes the place of the function of that name."""
        self._instead = source
        try:
            yield
        finally:
            self._instead = None

    def locals_of(self, code: CodeType, gradients: Sequence) -> dict[str, Any]:
        """The variables of the op's function, or of one that its pullback calls, by their names."""
        found: dict[str, Any] = {}

        def see(frame: Any, event: str, _: Any) -> None:
            if event == "return" and frame.f_code is code:
                found.update(frame.f_locals)

        before = sys.getprofile()
        sys.setprofile(see)
        try:
            _, pull = self.run(self.arrays)
            if code is not self.source.__code__:
                pull(gradients)
        except Exception:  # what was seen until then will do
            return found
        finally:
            sys.setprofile(before)
        return found

    def source_of(self, place: int | None) -> tuple[str, str] | None:
        """(`file:line`, text) of where the gradient of the argument at `place` is computed."""
        call = getattr(self.op.fn, "__self__", None)
        return gradient_line(
            call.function.backward if isinstance(call, Call) else self.saved, place
        )

    def _in_order(self, pullback):
        def pull(gs):
            if isinstance(pullback, tuple):
                found = [pullback[i](*gs) if i < len(pullback) else None for i in self.places]
            else:
                results = pullback(*gs)
                results = results if isinstance(results, tuple) else (results,)
                found = [results[i] if i < len(results) else None for i in self.places]
            if self.op.elementwise:
                found = [
                    g if g is None else autograd.sum_to(_as_real(g), x.shape)
                    for g, x in zip(found, self.arrays, strict=True)
                ]
            return [g if g is None else _as_real(g) for g in found]

        return pull


class FunctionSubject(Subject):
    """Any function of Tensors, differentiated by backward."""

    def __init__(
        self, function: Callable, inputs: Sequence, places: list[int], names: Sequence[str] = ()
    ):
        self.function, self.inputs, self.places, self.names = function, inputs, places, names
        self.name = getattr(function, "__name__", type(function).__name__)
        self.arrays = [np.array(inputs[i].array) for i in places]

    def run(self, arrays):
        args = list(self.inputs)
        leaves = [wrap(np.array(a)).requires_grad_() for a in arrays]
        for i, leaf in zip(self.places, leaves, strict=True):
            args[i] = leaf
        with enable_grad():
            result = self.function(*args)
        outputs = outputs_of(result)

        def pull(gs):
            pairs = [(y, g) for y, g in zip(outputs, gs, strict=True) if y.requires_grad]
            if not pairs:
                return [None] * len(leaves)
            found = autograd.grad(
                [y for y, _ in pairs], leaves, [wrap(np.asarray(g)) for _, g in pairs],
                retain_graph=True, allow_unused=True,
            )  # fmt: skip
            return [g if g is None else g.array for g in found]

        return [y.array for y in outputs], pull


def _as_real(gradient: Any) -> np.ndarray:
    """A gradient as an array of real numbers; TypeError if it is none."""
    array: Any = np.asarray(getattr(gradient, "array", gradient))
    if array.dtype.kind == "f":
        return array
    if array.dtype.kind == "c" and np.any(array.imag):
        raise TypeError("the pullback returned complex numbers for a real argument")
    try:
        return (array.real if array.dtype.kind == "c" else array).astype(float)
    except (TypeError, ValueError):
        raise TypeError(
            f"the pullback returned {array.dtype} where an array of numbers is expected"
        ) from None


def is_tensor_with_gradient(a: Any) -> bool:
    return isinstance(a, Value) and a.requires_grad and a.dtype == np.float64
