"""Activation checkpointing: less memory for more time.

Backward needs what forward has computed. A checkpointed function keeps its inputs alone, and runs a
second time when backward comes to it. A network of n equal layers in sqrt(n) checkpointed parts
needs memory for some 2 sqrt(n) layers instead of n, and the time of one more forward.

Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost" (arXiv:1604.06174).
"""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Iterable
from typing import Any

from minigrad import inplace
from minigrad import random as rng
from minigrad.graph import Node
from minigrad.mode import is_grad_enabled
from minigrad.recompute import made_since, release, tensors_in


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), of which backward keeps only the Tensors in args and kwargs.

    Value and gradients are the same to the last bit, those of parameters that function uses, of
    second order, and by hooks included; function may be checkpointed in parts itself. It has to do
    the same when it is run again: RuntimeError if it does other ops, or if what it read has been
    written to since. Random numbers are drawn again as they were, so dropout is the same, unless
    preserve_rng_state=False. What function changes, it changes twice: the running statistics of
    batch normalization, as in PyTorch. use_reentrant is accepted for PyTorch's sake.

    >>> import minigrad as mg
    >>> x = mg.tensor([1.0, 2.0], requires_grad=True)
    >>> y = checkpoint(lambda x: x.exp().sin(), x)
    >>> y.sum().backward()
    >>> x.grad
    tensor([-2.4784,  3.3129])
    """
    if not is_grad_enabled():
        return function(*args, **kwargs)
    inputs = tensors_in([args, kwargs])
    for t in inputs:
        if t.requires_grad and t.node is not None:  # a view's history is brought up to date before
            inplace.current(t)
    context = contextvars.copy_context()  # no_grad, autocast, ... as they are now
    numbers = rng.current().get_state() if preserve_rng_state else None
    start = next(inplace.clock)
    result = function(*args, **kwargs)

    def run_again() -> list[Node]:
        start = next(inplace.clock)
        if numbers is None:
            return made_since(start, function(*args, **kwargs))
        with rng.going_on_from(numbers):
            return made_since(start, function(*args, **kwargs))

    for t in inputs:
        line = inplace.written_between(start, math.inf, t.array)
        if line is not None:
            raise RuntimeError(
                f"checkpoint: {line} wrote to an input of the function in place, so it could not "
                "be run again from the same values. Write out of place, or to a .clone()"
            )
    nodes = made_since(start, result)
    if nodes:
        release(nodes, inputs, lambda: context.run(run_again))
    return result


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """input through all functions (or layers of a Sequential), in so many parts, of which all but
    the last are checkpointed.

    >>> import minigrad as mg
    >>> layers = mg.nn.Sequential(*(mg.nn.Linear(2, 2) for _ in range(4)))
    >>> x = mg.ones(1, 2)
    >>> bool((checkpoint_sequential(layers, 2, x) == layers(x)).all())
    True
    """
    functions = list(functions)
    if not 1 <= segments <= len(functions):
        raise ValueError(
            f"checkpoint_sequential: expected 1 to {len(functions)} segments, as many as there are "
            f"functions; got {segments}"
        )
    size = len(functions) // segments
    for i in range(segments - 1):
        part = functions[i * size : (i + 1) * size]
        input = checkpoint(through, part, input, preserve_rng_state=preserve_rng_state)
    return through(functions[(segments - 1) * size :], input)


def through(functions: Iterable[Callable], x: Any) -> Any:
    for function in functions:
        x = function(x)
    return x
