"""The op, and the graph that running ops leaves behind.

An *op* is one plain function on arrays that returns its value and its pullback (the function that
takes the gradient of the value to the gradients of the inputs):

    @op
    def tanh(x):
        y = np.tanh(x)
        return y, lambda g: g * (1 - y * y)

Called on arrays, it returns an array. Called on Tensors, it runs on their arrays and its pullback
is kept in a `Node`. Nodes point to the nodes of their inputs, never to Tensors that came out of
them: a graph has no reference cycle, and keeps only what its pullbacks closed over.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad import anomaly, dtypes, inplace, views
from minigrad.errors import explained, names_its_culprit
from minigrad.mode import MODE
from minigrad.value import Value, describe, is_tensor, wrap

__all__ = ["OPS", "Node", "Op", "Value", "describe", "is_tensor", "op", "run", "wrap"]

OPS: dict[str, Callable] = {}  # every op of the library, by name


class Node:
    """One run of an op: its pullback, and where the gradients of its inputs go."""

    __slots__ = (
        "__weakref__",
        "age",
        "dtype",
        "edges",
        "hooks",
        "inputs",
        "kwargs",
        "op",
        "out",
        "pullback",
        "remade",
        "settled",
        "shape",
        "site",
        "slot",
    )  # fmt: skip

    op: Op
    pullback: Any  # None once it was used and freed
    edges: Sequence[tuple[int, Any]]  # (argument's position, its Node or its leaf Tensor)
    inputs: list  # the arguments; those that need a gradient replaced as in `edges`
    kwargs: dict
    age: int  # a node is younger than its inputs: sorting by age is a topological order
    shape: Any
    dtype: Any
    out: Any  # weak reference to the Tensor that holds the value
    hooks: list[Callable] | None
    site: str | None  # the user's line, under detect_anomaly
    slot: int | None  # for one output of an op that has several: which one
    settled: int  # of an op in place: when its value was written; not there for the others
    remade: int  # when its pullback was made again (recompute.py); not there for the others

    @property
    def name(self) -> str:
        return self.op.name

    def __repr__(self) -> str:
        return f"<Node {self.name} -> {self.dtype}{list(self.shape or ())}>"


class Op:
    """What is known of an op: its function, its name, how its arguments are prepared."""

    def __init__(
        self,
        fn: Callable,
        *,
        elementwise: bool = False,
        floating: bool = False,
        definition: Callable | None = None,
        resume: Callable | None = None,
    ):
        self.fn = fn
        self.name = fn.__name__
        self.elementwise = elementwise
        self.floating = floating
        self.definition = definition
        # Of an autograd.Function: how it goes on on Tensors without running forward again; that
        # its values are no plain views of its inputs; and whether its pullback wants zeros for
        # the gradients that did not arrive.
        self.resume = resume
        self.opaque = resume is not None
        self.materialize = True

    @functools.cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.fn)

    @functools.cached_property
    def parameters(self) -> list[str]:
        return list(self.signature.parameters)

    @functools.cached_property
    def conditions(self) -> set[int]:
        """A condition chooses between values; it takes no part in deciding their dtype."""
        return {i for i, p in enumerate(self.parameters) if p in ("condition", "mask")}

    @functools.cached_property
    def options(self) -> frozenset[str]:
        """Its keyword-only parameters, which need no binding."""
        parameters = self.signature.parameters.values()
        return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)

    @functools.cached_property
    def defaults(self) -> list:
        """The defaults of what can be given by position."""
        parameters = self.signature.parameters.values()
        return [p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]

    @functools.cached_property
    def keywords(self) -> dict[str, int | str]:
        """For every keyword, the place of its parameter, or its name if it is keyword-only.

        NumPy's words work beside PyTorch's, and PyTorch's names of the first two arguments.
        """
        names = self.parameters
        found = {n: n if n in self.options else i for i, n in enumerate(names)}
        others = [("axis", "dim"), ("keepdims", "keepdim"), ("other", *names[1:2])]
        others += [("input", *names[:1]), ("self", *names[:1])]
        for word, *meant in others:
            if meant and meant[0] in found:
                found.setdefault(word, found[meant[0]])
        return found

    def bind(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The arguments by position, and those that are keyword-only."""
        values = list(args)
        options = {}
        for word, value in kwargs.items():
            place = self.keywords.get(word)
            if isinstance(place, str):
                options[place] = value
            elif place is None or place < len(args):
                raise self.misuse(args, kwargs)
            else:
                values.extend(self.defaults[len(values) : place + 1])  # with what is before it
                values[place] = value
        if any(v is inspect.Parameter.empty for v in values):
            raise self.misuse(args, kwargs)
        return tuple(values), options

    def misuse(self, args: tuple, kwargs: dict) -> TypeError:
        """What is wrong with arguments that do not fit the parameters."""
        renamed: dict[str, Any] = {}
        for word, value in kwargs.items():
            place: Any = self.keywords.get(word, word)
            renamed[place if isinstance(place, str) else self.parameters[place]] = value
        try:
            self.signature.bind(*args, **renamed)
        except TypeError as error:
            return TypeError(f"{self.name}: {error}; it takes {self.signature}")
        return TypeError(f"{self.name}: an argument is given twice; it takes {self.signature}")

    def prepare(self, args: list) -> list:
        """Elementwise arguments in their common dtype, by PyTorch's promotion rule."""
        values = [
            a.item() if isinstance(a, np.generic) else a
            for i, a in enumerate(args)
            if i not in self.conditions and (hasattr(a, "dtype") or dtypes.is_number(a))
        ]
        dtype = dtypes.result_type(*values)
        if self.floating and dtype.kind not in "fc":
            dtype = dtypes.get_default_dtype()
        return [
            a
            if i in self.conditions
            else a.item()
            if isinstance(a, np.generic)
            else a.astype(dtype)
            if hasattr(a, "dtype") and a.dtype != dtype
            else a
            for i, a in enumerate(args)
        ]


def op(fn: Callable | None = None, **options: Any) -> Any:
    """Make a differentiable op of `fn(*arrays, **options) -> (value, pullback)`.

    `pullback(g)` returns the gradient of the one input, or a tuple with one per argument; or
    pullback is a tuple of functions, one per argument, of which only those needed are called.
    None stands for no gradient. An op with several values returns a tuple of them, and its
    pullback takes as many gradients.

    Options: `elementwise=True`, its array arguments broadcast against each other and share a
    dtype (the engine sums the gradient over what was broadcast); `floating=True`, integers
    become floats first; `definition=f`, for an op computed by a kernel: the same mathematics in
    plain ops, differentiated in its place when a graph of the gradient is asked for.

    >>> import minigrad as mg
    >>> @mg.op
    ... def double(x):
    ...     return 2 * x, lambda g: 2 * g
    >>> x = mg.tensor(3.0, requires_grad=True)
    >>> double(x).backward()
    >>> x.grad
    tensor(2.)
    """
    if fn is None:
        return functools.partial(op, **options)
    spec = Op(fn, **options)

    @functools.wraps(fn)
    def call(*args, **kwargs):
        return run(spec, args, kwargs)

    call.spec = spec  # type: ignore[attr-defined]
    if fn.__module__.startswith("minigrad."):  # a student's tanh does not replace the library's
        OPS[spec.name] = call
    return call


def run(spec: Op, args: tuple, kwargs: dict) -> Any:
    """Run an op on arrays or on Tensors; on Tensors, record it."""
    if kwargs and not kwargs.keys() <= spec.options:
        args, kwargs = spec.bind(args, kwargs)
    mode = MODE.get()
    if mode.autocast is not None:
        args = mode.autocast(spec, args)
    elementwise = spec.elementwise
    raw = list(args)  # the arguments with arrays in the place of Tensors
    edges: list | None = None
    seen = mixed = False
    common: Any = None  # the dtype of the arguments, as long as they all have the same
    for i, a in enumerate(args):
        if isinstance(a, Value):
            seen = True
            if a._view is not None:
                a._view.refresh(a)
            if a._requires_grad:
                parent = a.node
                if parent is None:
                    parent = a
                elif parent.age < inplace.last_write:
                    parent = inplace.current(a)
                if edges is None:
                    edges = [(i, parent)]
                else:
                    edges.append((i, parent))
            raw[i] = a = a.array
        elif not elementwise or not hasattr(a, "dtype"):
            continue
        if elementwise and a.dtype is not common:
            mixed = common is not None
            common = a.dtype
    try:
        if not seen:
            return spec.fn(*args, **kwargs)[0]
        if elementwise and (mixed or common.kind != "f"):
            raw = spec.prepare(raw)
        value, pullback = spec.fn(*raw, **kwargs)
    except (TypeError, ValueError, IndexError, RuntimeError, AttributeError) as error:
        if names_its_culprit(error):
            raise
        raise explained(error, spec, args) from error
    for a in raw:
        if a is value:  # an argument returned as it is: a view of it
            value = value[...]
    if value.__class__ is tuple:
        return record_many(spec, args, raw, kwargs, edges, value, pullback, mode)
    node = None
    if edges is not None and mode.grad and pullback is not None and value.dtype.kind in "fc":
        node = record(spec, raw, kwargs, edges, value, pullback)
    return finish(spec, args, kwargs, value, node, mode)


def finish(spec, args, kwargs, value, node, mode, slot=None) -> Any:
    """The Tensor around a value, tied to its node and to what it is a view of."""
    out = wrap(value, node)
    if node is not None:
        node.out = weakref.ref(out)
    if out.array.base is not None:
        views.link(out, spec, args, kwargs, slot)
    if mode.anomaly:
        anomaly.check_forward(spec, node, value, args)
    if mode.watch is not None:
        mode.watch(spec, args, kwargs, out, slot)
    return out


def record(spec, raw, kwargs, edges, value, pullback) -> Node:
    if pullback.__class__ is tuple and len(edges) < len(pullback):
        # What only the gradients of the other arguments need is not kept.
        needed: list = [None] * len(pullback)
        for i, _ in edges:
            if i < len(needed):
                needed[i] = pullback[i]
        pullback = tuple(needed)
    node = Node()
    node.op = spec
    node.pullback = pullback
    node.edges = edges
    for i, parent in edges:
        raw[i] = parent  # not the array: only what the pullback closed over is kept
    node.inputs = raw
    node.kwargs = kwargs
    node.shape = value.shape
    node.dtype = value.dtype
    node.hooks = node.site = node.slot = node.out = None
    node.age = next(inplace.clock)
    return node


def record_many(spec, args, raw, kwargs, edges, values, pullback, mode) -> tuple:
    """As above for an op with several values: a node for the op and one for each value."""
    values = [v[...] if any(v is a for a in raw) else v for v in values]
    recording = edges is not None and mode.grad and pullback is not None
    node = record(spec, raw, kwargs, edges, values[0], pullback) if recording else None
    if node is not None:
        node.shape = [(v.shape, v.dtype) for v in values]
    outs = []
    for slot, value in enumerate(values):
        pick = None
        if node is not None and value.dtype.kind in "fc":
            pick = record(spec, [node], {}, [(0, node)], value, None)
            pick.slot = slot
        outs.append(finish(spec, args, kwargs, value, pick, mode, slot))
    return tuple(outs)
