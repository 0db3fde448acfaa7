"""Sums of products over named axes: einsum and tensordot.

Both arrange their operands so that one batched matrix product does the work, which is what makes
them fast; the gradients are those of the transposes, reshapes and products they are made of.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe

__all__ = ["einsum", "tensordot"]


def einsum(*args: Any) -> Any:
    """Sums of products of the operands' elements, written with one letter an axis.

    `einsum("bik,kj->bij", x, y)`: letters that the result does not name are summed over, a letter
    that occurs in several operands (or twice in one: the diagonal) is the same index in all.
    Without `->` the result has the letters that occur once, in alphabetical order. `...` stands
    for any further axes, which broadcast. Operands may come in one list; the other form,
    `einsum(x, [0, 1], y, [1, 2], [0, 2])`, names axes by numbers.

    >>> import minigrad as mg
    >>> x = mg.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> mg.einsum("ij->j", x), mg.einsum("ii", x)
    (tensor([4., 6.]), tensor(5.))
    """
    equation, operands = _equation_first(args)
    inputs, output = _parse(equation, operands)
    operands = [_diagonals(x, axes) for x, axes in zip(operands, inputs, strict=True)]
    inputs = [tuple(dict.fromkeys(axes)) for axes in inputs]
    sizes = _sizes(equation, operands, inputs)
    # An axis of size 1 that is broadcast against a larger one is left out of its operand.
    for i, (x, axes) in enumerate(zip(operands, inputs, strict=True)):
        ones = [k for k, a in enumerate(axes) if x.shape[k] != sizes[a]]
        if ones:
            operands[i] = np.squeeze(x, tuple(ones))
            inputs[i] = tuple(a for k, a in enumerate(axes) if k not in ones)

    x, axes = operands[0], inputs[0]
    for i in range(1, len(operands)):
        later = set(output).union(*inputs[i + 1 :])
        x, axes = _pair(x, axes, operands[i], inputs[i], later)
    x, axes = _summed(x, axes, set(output))
    return _permuted(x, axes, output)


def _equation_first(args):
    """The equation and the list of operands, whichever way einsum was called."""
    if isinstance(args[0], str):
        equation, *operands = args
        if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
            operands = list(operands[0])
        if not operands:
            raise RuntimeError("einsum: expected at least one operand after the equation")
        return equation, operands
    operands, lists = list(args[: len(args) // 2 * 2 : 2]), list(args[1::2])
    terms = [_letters(numbers) for numbers in lists]
    equation = ",".join(terms)
    if len(args) % 2:
        equation += "->" + _letters(args[-1])
    return equation, operands


def _letters(numbers):
    """Axes named by numbers (0 to 51) or the ellipsis, as letters."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase
    try:
        return "".join("..." if n is Ellipsis else alphabet[n] for n in numbers)
    except (IndexError, TypeError):
        raise RuntimeError(
            f"einsum: axes are named by numbers from 0 to 51 or ..., got {list(numbers)}"
        ) from None


def _parse(equation: str, operands: Sequence) -> tuple[list[tuple], tuple]:
    """The axes of each operand and of the result; those of `...` are called 0, 1, ... ."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise RuntimeError(
            f"einsum: {equation!r} is for {len(terms)} operands, got {len(operands)}"
        )
    extra = 0  # how many axes the ellipsis stands for
    for term, x in zip(terms, operands, strict=True):
        named = term.replace("...", "", 1)
        bad = next((c for c in named if c not in string.ascii_letters), None)
        if bad:
            raise RuntimeError(f"einsum: {bad!r} in {equation!r} is not a letter")
        ndim = len(x.shape)
        if len(named) > ndim or ("..." not in term and len(named) != ndim):
            raise RuntimeError(
                f"einsum: {term!r} names {len(named)} axes, but its operand has {ndim} "
                f"({describe(x)})"
            )
        if "..." in term:
            extra = max(extra, ndim - len(named))

    def axes_of(term, ndim):
        head, dots, tail = term.partition("...")
        dots = tuple(range(extra - (ndim - len(head) - len(tail)), extra)) if dots else ()
        return (*head, *dots, *tail)

    inputs = [axes_of(t, len(x.shape)) for t, x in zip(terms, operands, strict=True)]
    if arrow:
        output = axes_of(right, extra + len(right.replace("...", "", 1)))
    else:
        letters = left.replace("...", "").replace(",", "")
        once = sorted(c for c in set(letters) if letters.count(c) == 1)
        output = (*range(extra), *once)
    known = set().union(*inputs)
    for a in output:
        if a not in known:
            raise RuntimeError(f"einsum: {a!r} of the result is in no operand of {equation!r}")
        if output.count(a) > 1:
            raise RuntimeError(f"einsum: {a!r} occurs twice in the result of {equation!r}")
    return inputs, output


def _diagonals(x, axes):
    """x with every letter once: the diagonal over the axes of one that is repeated."""
    axes = list(axes)
    for a in dict.fromkeys(axes):
        while axes.count(a) > 1:
            first = axes.index(a)
            second = axes.index(a, first + 1)
            if x.shape[first] != x.shape[second]:
                raise RuntimeError(
                    f"einsum: axis {a!r} is repeated with sizes {x.shape[first]} and "
                    f"{x.shape[second]} in {describe(x)}"
                )
            x = np.moveaxis(np.diagonal(x, 0, first, second), -1, first)
            del axes[second]
    return x


def _sizes(equation, operands, inputs):
    sizes: dict = {}
    for x, axes in zip(operands, inputs, strict=True):
        for a, n in zip(axes, x.shape, strict=True):
            if sizes.get(a, 1) != n and n != 1 and sizes.get(a, 1) != 1:
                name = f"axis {a!r}" if isinstance(a, str) else "an axis of the ellipsis"
                raise RuntimeError(
                    f"einsum: {name} has size {sizes[a]} and also {n} in {equation!r} of "
                    f"{', '.join(describe(o) for o in operands)}"
                )
            if sizes.get(a, 1) == 1:
                sizes[a] = n
    return sizes


def _pair(x, xs, y, ys, later):
    """The product of two operands, summed over the axes that nothing later needs."""
    x, xs = _summed(x, xs, later.union(ys), x.dtype)
    y, ys = _summed(y, ys, later.union(xs), y.dtype)
    both = [a for a in xs if a in ys and a in later]
    inner = [a for a in xs if a in ys and a not in later]
    left = [a for a in xs if a not in ys]
    right = [a for a in ys if a not in xs]
    if not inner:  # nothing to sum over: broadcasting is all it takes
        x = _permuted(x, xs, (*both, *left))
        y = _permuted(y, ys, (*both, *right))
        x = np.reshape(x, (*x.shape, *(1,) * len(right)))
        n = len(both)
        y = np.reshape(y, (*y.shape[:n], *(1,) * len(left), *y.shape[n:]))
        return x * y, (*both, *left, *right)
    size = dict(zip((*xs, *ys), (*x.shape, *y.shape), strict=True))

    def product(axes):
        return math.prod(size[a] for a in axes)

    def grouped(axes):
        return [size[a] for a in axes]

    x = _permuted(x, xs, (*both, *left, *inner))
    y = _permuted(y, ys, (*both, *inner, *right))
    x = np.reshape(x, (*grouped(both), product(left), product(inner)))
    y = np.reshape(y, (*grouped(both), product(inner), product(right)))
    z = np.reshape(np.matmul(x, y), grouped((*both, *left, *right)))
    return z, (*both, *left, *right)


def _summed(x, axes, kept, dtype=None):
    """x summed over the axes that are not in `kept`; dtype: of the sum of integers."""
    gone = tuple(i for i, a in enumerate(axes) if a not in kept)
    if not gone:
        return x, axes
    return np.sum(x, axis=gone, dtype=dtype), tuple(a for a in axes if a in kept)


def _permuted(x, axes, order):
    return x if tuple(axes) == tuple(order) else np.transpose(x, [axes.index(a) for a in order])


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """Sum of products over `dims`: the last n axes of a and the first n of b, or two lists of axes.

    Result: the other axes of a, then those of b.
    """
    if hasattr(dims, "tolist"):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0 or dims > min(len(a.shape), len(b.shape)):
            raise RuntimeError(
                f"tensordot: dims={dims} for {describe(a)} and {describe(b)}; expected a number "
                "from 0 to the smaller number of dimensions"
            )
        dims = (range(len(a.shape) - dims, len(a.shape)), range(dims))
    ours, theirs = ([d] if isinstance(d, int) else list(d) for d in dims)
    ours = [d % len(a.shape) for d in ours]
    theirs = [d % len(b.shape) for d in theirs]
    sizes_a, sizes_b = [a.shape[d] for d in ours], [b.shape[d] for d in theirs]
    if len(ours) != len(theirs) or any(
        n != m and 1 not in (n, m) for n, m in zip(sizes_a, sizes_b, strict=True)
    ):
        raise RuntimeError(
            f"tensordot: the axes {ours} of {describe(a)} and {theirs} of {describe(b)} have "
            f"different sizes: {sizes_a} and {sizes_b}"
        )
    axes_a = list(range(len(a.shape)))
    axes_b = list(range(len(a.shape), len(a.shape) + len(b.shape)))
    for i, j in zip(ours, theirs, strict=True):
        axes_b[j] = i
    rest = [i for i in axes_a if i not in ours] + [j for j in axes_b if j >= len(a.shape)]
    return einsum(a, axes_a, b, axes_b, rest)


def _np_einsum(*args, optimize=None):
    return einsum(*args)


def _np_tensordot(a, b, axes=2):
    return tensordot(a, b, axes)


def _np_dot(a, b):
    """np.dot: over the last axis of a and the last but one of b."""
    if not len(a.shape) or not len(b.shape):
        return a * b
    if len(b.shape) <= 2:
        return np.matmul(a, b)
    return tensordot(a, b, ([-1], [-2]))


NUMPY.update({np.einsum: _np_einsum, np.tensordot: _np_tensordot, np.dot: _np_dot})
