"""Derivatives as functions of functions: `grad(f)` is the function that computes f's gradient.

They nest (`grad(grad(f))` is the second derivative), and they take what f takes: Tensors, or NumPy
arrays and numbers, for which they return arrays.

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
from minigrad.mode import enable_grad
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
            value = func(*run.args, **kwargs)
            value, aux = value if has_aux else (value, None)
            run.examine(value)
            if np.ndim(getattr(value, "array", value)) != 0:
                raise RuntimeError(
                    f"grad: expected the function to return a scalar, got {describe(value)}; "
                    "use jacrev for the derivative of a function with several outputs"
                )
            gs = run.pull(value, None)
            value = run.give(value)
        return run.one_or_all(gs), ((value, aux) if has_aux else value)

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


def vjp(func: Callable, *primals: Any) -> tuple[Any, Callable]:
    """(func(*primals), its pullback): pullback(g) = the gradients of <g, func> as a tuple."""
    run = Run(primals, tuple(range(len(primals))))
    with run:
        value = run.examine(func(*run.args))
        shown = run.give(value)

    def pullback(*cotangents: Any) -> tuple:
        with run:
            return tuple(run.pull(value, [as_tensor(c) for c in cotangents]))

    return shown, pullback


def jvp(func: Callable, primals: tuple, tangents: tuple) -> tuple[Any, Any]:
    """(func(*primals), its derivative in the direction `tangents`).

    A pullback is linear in its argument, so it can itself be pulled back: the gradient of
    <pullback(u), tangent> with respect to u is the pushforward of the tangent. (J. Townsend's
    trick of two reverse modes, 2017.)

    >>> jvp(lambda x: x**2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    if len(primals) != len(tangents):
        raise ValueError(f"jvp: got {len(tangents)} tangents for {len(primals)} primals")
    for i, (p, t) in enumerate(zip(primals, tangents, strict=True)):
        wanted, given = (np.shape(getattr(a, "array", a)) for a in (p, t))
        if wanted != given:
            raise ValueError(f"jvp: tangent {i} has shape {given}, its primal {wanted}")
    with Run(primals, tuple(range(len(primals)))) as run:
        value = run.examine(func(*run.args))
        outs = _tuple(value)
        us = [wrap(np.zeros_like(y.array)).requires_grad_() for y in outs]
        pulled = gradients(outs, run.wanted, us, create_graph=True)
        pushed = gradients(pulled, us, [as_tensor(t) for t in tangents], run.nested)
        out = tuple(pushed) if isinstance(value, tuple) else pushed[0]
        return run.give(value), run.give(out)


def jacrev(func: Callable, argnums: Argnums = 0) -> Callable:
    """The function that computes the Jacobian of `func`: shape (*output shape, *input shape).

    >>> import numpy as np
    >>> jacrev(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    def jacobian(*args: Any, **kwargs: Any) -> Any:
        with Run(args, argnums) as run:
            value = run.examine(func(*run.args, **kwargs))
            results = []
            for y in _tuple(value):
                rows: list[list] = [[] for _ in run.wanted]
                for j in np.ndindex(y.shape):
                    one_hot = np.zeros_like(y.array)
                    one_hot[j] = 1
                    for row, g in zip(rows, run.pull(y, [wrap(one_hot)], raw=True), strict=True):
                        row.append(g)
                blocks = [
                    ops.stack(row).reshape(y.shape + x.shape)
                    if row
                    else wrap(np.zeros_like(x.array, shape=y.shape + x.shape))
                    for row, x in zip(rows, run.wanted, strict=True)
                ]
                results.append(run.one_or_all([run.give(b) for b in blocks]))
        return tuple(results) if isinstance(value, tuple) else results[0]

    return jacobian


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
    with Run(primals, tuple(range(len(primals)))) as run:
        value = run.examine(func(*run.args))
        pulled = gradients([value], run.wanted, None, create_graph=True)
        products = gradients(pulled, run.wanted, [as_tensor(t) for t in tangents], run.nested)
        products = [run.give(p) for p in products]
        return run.give(value), products[0] if len(products) == 1 else tuple(products)


class Run:
    """One differentiation: its arguments as Tensors that require grad, its results as given.

    An argument, or a Tensor that the function closes over, may belong to an outer differentiation:
    then the results are recorded as part of that one's graph (`nested`).
    """

    def __init__(self, args: tuple, argnums: Argnums):
        self.single = isinstance(argnums, int)
        places = (argnums,) if isinstance(argnums, int) else argnums
        for n in places:
            if not -len(args) <= n < len(args):
                raise ValueError(f"argnums: {n}, but the function got {len(args)} arguments")
        places = {n % len(args) for n in places}
        self.args = list(args)
        self.nested = any(isinstance(a, Value) and a.requires_grad for a in args)
        self.as_tensors = any(isinstance(a, Value) for a in args)
        self.numbers = all(isinstance(args[n], float) for n in places)
        for n in places:
            x = as_tensor(args[n])
            if x.dtype.kind not in "fc":
                raise TypeError(f"grad: argument {n} must be floating, got {describe(x)}")
            self.args[n] = identity(x) if x.requires_grad else x.requires_grad_()
        self.wanted = [self.args[n] for n in sorted(places)]
        self._mode = enable_grad()

    def __enter__(self) -> Run:
        self._mode.__enter__()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self._mode.__exit__(*exc_info)

    def examine(self, value: Any) -> Any:
        """Notice whether `value` depends on leaves other than the wanted ones; returns it."""
        for y in _tuple(value):
            if not isinstance(y, Value):
                raise TypeError(f"func: the function must return Tensors, it returned {y!r}")
        mine = {id(x) for x in self.wanted}
        nodes = autograd.ancestors(y.node for y in _tuple(value) if isinstance(y, Value))
        leaves = (parent for node in nodes for _, parent in node.edges)
        if any(isinstance(x, Value) and id(x) not in mine for x in leaves):
            self.nested = True
        return value

    def pull(self, value: Any, cotangents: list | None, raw: bool = False) -> list:
        value = list(_tuple(value))
        nested = self.nested or any(
            isinstance(c, Value) and c.requires_grad for c in cotangents or ()
        )
        found = gradients(value, self.wanted, cotangents, nested)
        return [g if raw else self.give(g) for g in found]

    def give(self, result: Any) -> Any:
        """A result as the caller wants it: a Tensor, an array or a Python number."""
        if isinstance(result, (tuple, list)):
            return type(result)(self.give(r) for r in result)
        if not isinstance(result, Value):
            return result
        if self.nested:
            return result
        if self.as_tensors:
            return wrap(result.array)
        return result.array.item() if self.numbers and not result.array.ndim else result.array

    def one_or_all(self, results: list) -> Any:
        return results[0] if self.single else tuple(results)


def _tuple(value: Any) -> tuple:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


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
