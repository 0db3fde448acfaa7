"""Derivatives as functions of functions: `grad(f)` is the function that computes f's gradient.

They nest (`grad(grad(f))` is the second derivative), and they take what f takes: Tensors, or NumPy
arrays and numbers, for which they return arrays; and dicts, lists and tuples of these, such as a
model's parameters, for which they return dicts, lists and tuples of gradients.

    >>> import numpy as np, minigrad as mg
    >>> mg.func.grad(lambda x: np.sum(np.tanh(x)))(np.zeros(3))
    array([1., 1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import autograd, backend, ops
from minigrad.graph import Value, describe, wrap
from minigrad.mode import MODE, enable_grad
from minigrad.replay import identity
from minigrad.tensor import tensor

Argnums = int | tuple[int, ...]


def grad(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """The function that computes the gradient of `func`, which returns a scalar.

    argnums: with respect to which argument(s). has_aux: func returns (value, anything else), and
    the result is (gradient, anything else).

    >>> import minigrad as mg
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(mg.tensor(2.0))
    tensor(12.)
    >>> grad(lambda p: p["w"] * 3 + p["b"])({"w": 2.0, "b": 1.0})
    {'w': 3.0, 'b': 1.0}
    """
    both = grad_and_value(func, argnums, has_aux)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        g, value = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def grad_and_value(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """As `grad`, but returns (gradient, value), in PyTorch's order."""

    def both(*args: Any, **kwargs: Any) -> Any:
        with Run(args, argnums) as run:
            value, aux = run.call(func, kwargs, has_aux)
            if not isinstance(value, Value) or value.shape:
                raise RuntimeError(
                    f"grad: expected the function to return a scalar, got {describe(value)}; "
                    "use jacrev for the derivative of a function with several outputs"
                )
            g = run.pull([value], None)
            value = run.give(value)
        return g, ((value, aux) if has_aux else value)

    return both


def value_and_grad(func: Callable, argnums: Argnums = 0, has_aux: bool = False) -> Callable:
    """As `grad`, but returns (value, gradient).

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    both = grad_and_value(func, argnums, has_aux)

    def swapped(*args: Any, **kwargs: Any) -> Any:
        g, value = both(*args, **kwargs)
        return value, g

    return swapped


def vjp(func: Callable, *primals: Any, has_aux: bool = False) -> tuple:
    """(func(*primals), its pullback): pullback(g) = the gradients of <g, func> as a tuple.

    For a function with several outputs, g is a tuple with one for each. With has_aux, func returns
    (value, anything else), and the result is (value, pullback, anything else).
    """
    run = Run(primals, tuple(range(len(primals))))
    with run:
        value, aux = run.call(func, {}, has_aux)
        shown = run.give(value)

    def pullback(*cotangents: Any) -> tuple:
        with run:
            outs, weights = leaves(value), [as_tensor(c) for c in leaves(cotangents)]
            if len(outs) != len(weights):
                raise ValueError(f"vjp: got {len(weights)} cotangents for {len(outs)} outputs")
            return run.pull(outs, weights)

    return (shown, pullback, aux) if has_aux else (shown, pullback)


def jvp(func: Callable, primals: tuple, tangents: tuple, *, has_aux: bool = False) -> tuple:
    """(func(*primals), its derivative in the direction `tangents`).

    A pullback is linear in its argument, so it can itself be pulled back: the gradient of
    <pullback(u), tangent> with respect to u is the pushforward of the tangent. (J. Townsend's
    trick of two reverse modes, 2017.) has_aux: func returns (value, anything else), which comes
    third.

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    directions = checked_tangents("jvp", primals, tangents)
    with Run(primals, tuple(range(len(primals)))) as run:
        value, aux = run.call(func, {}, has_aux)
        outs = [y for y in leaves(value) if y.dtype.kind in "fc"]
        us = [run.leaf(np.zeros_like(y.array)) for y in outs]
        pulled = gradients(outs, run.wanted, us, create_graph=True)
        nested = run.is_nested(directions)
        pushed = iter(gradients(pulled, us, directions, nested))
        out = mapped(
            lambda y: next(pushed) if y.dtype.kind in "fc" else wrap(np.zeros_like(y.array)), value
        )
        result = run.give(value), run.give(out, nested)
        return (*result, aux) if has_aux else result


def jacrev(func: Callable, argnums: Argnums = 0, *, has_aux: bool = False) -> Callable:
    """The function that computes the Jacobian of `func`: shape (*output shape, *input shape).

    >>> import numpy as np
    >>> jacrev(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        with Run(args, argnums) as run:
            value, aux = run.call(func, kwargs, has_aux)
            result = mapped(lambda y: run.shaped(jacobian_blocks(run, y)), value)
        return (result, aux) if has_aux else result

    return jacobian


def jacobian_blocks(run: Run, y: Any) -> list:
    """The derivatives of one output: for every wanted input an array (*y's shape, *its shape)."""
    rows: list[list] = [[] for _ in run.wanted]
    for j in np.ndindex(y.shape):
        one_hot = np.zeros_like(y.array)
        one_hot[j] = 1
        for row, g in zip(
            rows, gradients([y], run.wanted, [wrap(one_hot)], run.nested), strict=True
        ):
            row.append(g)
    return [
        ops.stack(row).reshape(y.shape + x.shape)
        if row
        else wrap(np.zeros_like(x.array, shape=y.shape + x.shape))
        for row, x in zip(rows, run.wanted, strict=True)
    ]


def hessian(func: Callable, argnums: Argnums = 0) -> Callable:
    """The function that computes the matrix of second derivatives of a scalar `func`.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([3.0, 5.0]))
    array([[10.,  6.],
           [ 6.,  0.]])
    """
    return jacrev(grad(func, argnums), argnums)


def hvp(func: Callable, primals: tuple, tangents: tuple) -> tuple[Any, Any]:
    """(func(*primals), its Hessian times `tangents`) without ever forming the Hessian.

    The gradient of <gradient, tangent>: two backward passes (Pearlmutter, 1994). With one primal
    the product is one array, with several a tuple.
    """
    directions = checked_tangents("hvp", primals, tangents)
    with Run(primals, tuple(range(len(primals)))) as run:
        value, _ = run.call(func, {}, False)
        pulled = gradients(leaves(value), run.wanted, None, create_graph=True)
        products = run.pull(pulled, directions)
        return run.give(value), products[0] if len(products) == 1 else products


class Run:
    """One differentiation: its arguments as Tensors that require grad, its results as given.

    An argument, or a Tensor that the function closes over, may belong to an outer differentiation:
    then the results are recorded as part of that one's graph (`nested`).
    """

    def __init__(self, args: tuple, argnums: Argnums):
        self.single = isinstance(argnums, int)
        self.places = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for n in self.places:
            if not -len(args) <= n < len(args):
                raise ValueError(f"argnums: {n}, but the function got {len(args)} arguments")
        given = leaves(args)
        self.recording = MODE.get().grad  # are we ourselves being differentiated?
        self.nested = self.is_nested(given, False)
        self.as_tensors = any(isinstance(a, Value) for a in given)
        self.numbers = all(isinstance(a, float) for n in self.places for a in leaves(args[n]))
        self.args = list(args)
        self.wanted: list = []
        self.own: list = []
        for n in self.places:
            self.args[n] = mapped(lambda x, n=n: self.want(x, n), args[n])
        self._mode = enable_grad()

    def want(self, x: Any, n: int) -> Any:
        """x as a Tensor that a gradient is wanted for: a leaf, or a new node on an outer graph."""
        x = as_tensor(x)
        if x.dtype.kind not in "fc":
            raise TypeError(f"grad: argument {n} must be floating, got {describe(x)}")
        x = identity(x) if self.recording and x.requires_grad else self.leaf(x.array)
        self.wanted.append(x)
        return x

    def leaf(self, array: Any) -> Any:
        """A variable of this differentiation, a constant to all others."""
        self.own.append(wrap(array))
        return self.own[-1].requires_grad_()

    def __enter__(self) -> Run:
        self._mode.__enter__()
        for x in self.own:
            x.requires_grad_()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self._mode.__exit__(*exc_info)
        for x in self.own:
            x.requires_grad_(False)

    def call(self, func: Callable, kwargs: dict, has_aux: bool) -> tuple[Any, Any]:
        """The function's value, and what else it returns."""
        value = func(*self.args, **kwargs)
        value, aux = value if has_aux else (value, None)
        outs = leaves(value)
        for y in outs:
            if not isinstance(y, Value):
                raise TypeError(f"func: the function must return Tensors, it returned {y!r}")
        mine = set(map(id, self.wanted))
        nodes = autograd.ancestors(y.node for y in outs)
        if any(
            isinstance(x, Value) and x.requires_grad and id(x) not in mine
            for node in nodes
            for _, x in node.edges
        ):  # it depends on a leaf that it closed over
            self.nested = self.recording
        return value, mapped(self.give, aux)

    def is_nested(self, weights: list, known: bool | None = None) -> bool:
        """Whether what is computed with these weights is part of an outer differentiation."""
        known = self.nested if known is None else known
        return known or (
            self.recording and any(isinstance(w, Value) and w.requires_grad for w in weights)
        )

    def pull(self, outputs: list, weights: list | None) -> Any:
        """The gradients with respect to the wanted arguments, in the structure of these."""
        nested = self.is_nested(weights or [])
        found = gradients(outputs, self.wanted, weights, nested)
        return self.shaped(found, nested)

    def shaped(self, found: list, nested: bool | None = None) -> Any:
        """`found`, one for each wanted Tensor, in the structure of the arguments."""
        rest = iter([self.give(g, nested) for g in found])
        results = tuple(mapped(lambda _: next(rest), self.args[n]) for n in self.places)
        return results[0] if self.single else results

    def give(self, result: Any, nested: bool | None = None) -> Any:
        """A result as the caller wants it: a Tensor, an array or a Python number."""

        def one(r: Any) -> Any:
            if not isinstance(r, Value) or (self.nested if nested is None else nested):
                return r
            if self.as_tensors:
                return wrap(r.array)
            return r.array.item() if self.numbers and not r.array.ndim else r.array

        return mapped(one, result)


def mapped(f: Callable, x: Any) -> Any:
    """f of everything in nested dicts, lists and tuples, in the same structure."""
    if isinstance(x, dict):
        return type(x)((k, mapped(f, v)) for k, v in x.items())
    if isinstance(x, tuple) and hasattr(x, "_fields"):  # a named tuple
        return type(x)(*(mapped(f, v) for v in x))
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(f, v) for v in x)
    return f(x)


def leaves(x: Any) -> list:
    """Everything in nested dicts, lists and tuples, in order."""
    found: list = []
    mapped(found.append, x)
    return found


def checked_tangents(name: str, primals: tuple, tangents: tuple) -> list:
    """The tangents as Tensors, each of the shape of its primal."""
    ps, ts = leaves(primals), [as_tensor(t) for t in leaves(tangents)]
    if len(ps) != len(ts):
        raise ValueError(f"{name}: got {len(ts)} tangents for {len(ps)} primals")
    for i, (p, t) in enumerate(zip(ps, ts, strict=True)):
        wanted = np.shape(getattr(p, "array", p))
        if wanted != t.shape:
            raise ValueError(f"{name}: tangent {i} has shape {t.shape}, its primal {wanted}")
    return ts


def as_tensor(x: Any) -> Any:
    """x as a Tensor: a view of a Tensor or array; a number in float64."""
    if isinstance(x, Value):
        return x if x.requires_grad else wrap(x.array)
    if backend.is_array(x):
        return wrap(x)
    return tensor(x, dtype=np.float64 if isinstance(x, float) else None)


def gradients(outputs: Any, inputs: Any, weights: Any, create_graph: bool) -> list:
    """Of the outputs, summed with these weights; zeros where they do not depend on an input."""
    weights = [None] * len(outputs) if weights is None else weights
    pairs = [(y, w) for y, w in zip(outputs, weights, strict=True) if y.requires_grad]
    if not pairs:
        return [wrap(np.zeros_like(x.array)) for x in inputs]
    ys, ws = zip(*pairs, strict=True)
    return list(
        autograd.grad(ys, inputs, ws, retain_graph=True, create_graph=create_graph,
                      materialize_grads=True)
    )  # fmt: skip
