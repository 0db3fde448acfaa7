"""What `gradcheck` is given, in one form: a function of Tensors, and which of them are checked.

An op, an autograd.Function, a Module with its parameters, a plain function (value, pullback) of
arrays, or any function of Tensors, arrays, numbers and lists, tuples or dicts of them.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.clinic.foreign import is_foreign
from minigrad.clinic.plain import as_op, without_gradient
from minigrad.function import Function
from minigrad.graph import Value, describe, wrap

NOTHING = "no input requires grad"

CONSTANTS = {"t", "y", "target", "targets", "label", "labels", "truth", "mask", "keep"}


@dataclass
class Question:
    """Is the gradient of `function` right at `inputs`, in those at `places`?"""

    function: Callable
    inputs: list  # flat; those at `places` are Tensors of float64 that require grad
    places: list[int]
    names: list[str]  # of all inputs, as a message calls them
    notes: list[str] = field(default_factory=list)
    of: Question | None = None  # for second derivatives: what is differentiated twice
    of_engine: bool = False  # whether the inputs are another engine's objects

    def copies(self) -> list:
        """The inputs; those that are checked as new leaves, which may be written to.

        The same Tensor may have been given as two arguments.
        """
        return [
            wrap(x.array.copy()).requires_grad_() if i in self.places else x
            for i, x in enumerate(self.inputs)
        ]

    @property
    def is_op(self) -> bool:
        """Whether the function is one op (or the `apply` of a Function), and not made of some."""
        owner = getattr(self.function, "__self__", None)
        function = isinstance(owner, type) and issubclass(owner, Function)
        return function or hasattr(self.function, "spec")


def take(fn: Any, inputs: Any, *, lenient: bool = False) -> Question:
    """The question that is asked by `gradcheck(fn, inputs)`.

    lenient: Tensors that do not require grad, or are of float32, are checked too, with a note.
    Else they are refused, as in PyTorch: ValueError and TypeError.
    """
    if isinstance(fn, type) and issubclass(fn, Function):
        fn = fn.apply
    keywords = list(inputs) if isinstance(inputs, dict) else []
    given = list(inputs.values()) if isinstance(inputs, dict) else as_list(inputs)
    heads = keywords or parameter_names(fn, len(given))
    found = [(path, a) for a, head in zip(given, heads, strict=True) for path, a in _flat(a, head)]
    names, flat = [name for name, _ in found], [a for _, a in found]
    notes: list[str] = []
    foreign = [i for i, a in enumerate(flat) if is_foreign(a)]
    if foreign:
        call = fn if len(flat) == len(given) and not keywords else _nested(fn, given, keywords)
        return Question(call, flat, foreign, names, notes, of_engine=True)
    places = _chosen(flat, notes, lenient)
    call = fn
    if hasattr(fn, "named_parameters"):
        call, parameters = _of_module(fn, notes)
        places += range(len(flat), len(flat) + len(parameters))
        names += [f"parameter {name}" for name in parameters]
        flat += parameters.values()
    if not places:
        raise ValueError(
            "gradcheck: expected at least one Tensor with requires_grad=True, got "
            + ", ".join(map(describe, given))
        )
    for i in places:
        flat[i] = _leaf(flat[i], i, notes, lenient)
    if keywords or len(found) != len(given):
        call = _nested(call, given, keywords)
    elif call is fn and not hasattr(fn, "spec"):
        call = as_op(fn, flat)
    if notes and notes[0].startswith(NOTHING):
        left = [i for i in without_gradient(call, flat, places) if names[i] in CONSTANTS]
        if left and len(left) < len(places):
            places = [i for i in places if i not in left]
            called = ", ".join(names[i] or f"argument {i}" for i in left)
            notes.append(f"{called}: the pullback returns None, so it was not checked")
    return Question(call, flat, places, names, notes)


def as_list(inputs: Any) -> list:
    return list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]


def parameter_names(fn: Any, n: int) -> list[str]:
    """How the function itself calls its first n arguments; "" where it has no name for them."""
    fn = fn.spec.fn if hasattr(fn, "spec") else fn
    owner = getattr(fn, "__self__", None)
    if isinstance(owner, type) and issubclass(owner, Function):
        fn = owner.forward
    try:
        parameters = inspect.signature(getattr(fn, "forward", fn)).parameters.values()
    except (TypeError, ValueError):
        parameters = ()
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if names[:1] == ["ctx"]:
        names = names[1:]
    return [*names, *[""] * n][:n]


def _flat(a: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The arguments, also those in lists, tuples and dicts that hold arrays, with their names."""
    if not _holds_tensors(a):
        yield name, a
        return
    for key, item in a.items() if isinstance(a, dict) else enumerate(a):
        yield from _flat(item, f"{name}[{key!r}]")


def _holds_tensors(a: Any) -> bool:
    items = list(a.values()) if isinstance(a, dict) else a if isinstance(a, (tuple, list)) else []
    return any(
        isinstance(b, (Value, np.ndarray)) or is_foreign(b) or _holds_tensors(b) for b in items
    )


def _rebuilt(a: Any, source: Iterator) -> Any:
    if not _holds_tensors(a):
        return next(source)
    if isinstance(a, dict):
        return {key: _rebuilt(item, source) for key, item in a.items()}
    items = [_rebuilt(item, source) for item in a]
    return type(a)(*items) if hasattr(a, "_fields") else type(a)(items)


def _nested(fn: Callable, given: list, keywords: list[str]) -> Callable:
    """`fn`, which takes arguments like `given`, as a function of the flat list of them."""

    def function(*values):
        source = iter(values)
        args = [_rebuilt(a, source) for a in given]
        named = dict(zip(keywords, args, strict=True)) if keywords else {}
        return fn(*(() if keywords else args), *source, **named)

    function.__name__ = getattr(fn, "__name__", type(fn).__name__)
    function.__wrapped__ = fn  # type: ignore[attr-defined]
    return function


def _chosen(flat: list, notes: list[str], lenient: bool) -> list[int]:
    """Which are checked: what requires grad; else the arrays; else the numbers."""
    wanted = [i for i, a in enumerate(flat) if isinstance(a, Value) and a.requires_grad]
    if wanted:
        return wanted
    kinds = [np.ndarray, *([Value] if lenient else [])]
    arrays = [
        i for i, a in enumerate(flat)
        if isinstance(a, tuple(kinds)) and a.dtype.kind == "f"
    ]  # fmt: skip
    others = any(isinstance(a, (Value, np.ndarray)) for a in flat)
    numbers = [i for i, a in enumerate(flat) if isinstance(a, (float, np.floating)) and not others]
    if arrays or numbers:
        what = "floating arrays" if arrays else "numbers"
        notes.append(f"{NOTHING}: all {what} among them were checked")
    return arrays or numbers


def _leaf(a: Any, i: int, notes: list[str], lenient: bool) -> Any:
    """The Tensor to be checked: float64, requiring grad."""
    if isinstance(a, Value) and a.requires_grad and a.dtype == np.float64:
        return a
    array = np.asarray(a.array if isinstance(a, Value) else a)
    if array.dtype != np.float64:
        if not lenient:
            raise TypeError(
                f"gradcheck: input {i} is {describe(a)}; differences need float64, use .double()"
            )
        notes.append(
            f"input {i} is {describe(a)}: float32 has too few digits for differences, so the check "
            "was made on the same numbers in float64"
        )
    return wrap(array.astype(np.float64)).requires_grad_()


# ------------------------------------------------------------------ Modules


def _of_module(module: Any, notes: list[str]) -> tuple[Callable, dict[str, Any]]:
    """The Module as a function of its own arguments and then its parameters, and these parameters.

    A copy is checked, in float64: the Module itself, with the statistics it keeps, stays as it is.
    """
    twin = copy.deepcopy(module)
    if any(p.dtype != np.float64 and p.dtype.kind == "f" for _, p in twin.named_parameters()):
        twin = twin.double()
        notes.append("the Module's parameters were cast to float64 for the check")
    slots: dict[int, list] = {}  # a parameter may stand in several places
    parameters: dict[str, Any] = {}
    for prefix, owner in twin.named_modules():
        for key, p in owner._parameters.items():
            if p is None or not p.requires_grad:
                continue
            if id(p) not in slots:
                parameters[f"{prefix}.{key}" if prefix else key] = p
            slots.setdefault(id(p), []).append((owner, key))
    buffers = [(b, b.array.copy()) for _, b in twin.named_buffers()]

    def function(*args, **named):
        own = len(args) - len(slots)
        for places, value in zip(slots.values(), args[own:], strict=True):
            for owner, key in places:
                vars(owner)[key] = value
        for buffer, array in buffers:  # running statistics: every call finds the same
            buffer.array[...] = array
        return twin(*args[:own], **named)

    function.__name__ = type(module).__name__
    return function, {k: wrap(p.array.copy()).requires_grad_() for k, p in parameters.items()}
