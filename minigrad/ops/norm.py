"""Norms of vectors: the p-norm of every order, over any axes."""

from __future__ import annotations

import math

import numpy as np

from minigrad.graph import is_tensor, op
from minigrad.ops.axes import count, raw, reduced, reduced_axes, restored

__all__ = ["dist", "norm", "vector_norm"]


@op
def vector_norm(x, ord=2, dim=None, keepdim=False, *, dtype=None):
    """(sum(abs(x)**ord))**(1/ord) over `dim` (an axis, several, or all).

    ord may be any number: 2 is the Euclidean length, 1 the sum of absolute values, inf the
    largest and -inf the smallest of them, 0 how many are not 0. dtype: what to compute in.
    RuntimeError for integers, and for a norm of nothing where ord < 0 or inf.

    Gradient: g sign(x) abs(x)**(ord-1) / norm**(ord-1), and 0 for a vector of zeros. For inf it is
    shared evenly among the elements that are largest; for ord=0 it is 0.
    """
    if x.dtype.kind not in "fc":
        raise RuntimeError(f"vector_norm: expected a floating dtype, got {x.dtype}")
    if dtype is not None:
        x = x.astype(dtype)
    shape = x.shape
    dims = reduced_axes("vector_norm", dim, len(shape))
    if (ord < 0 or ord == math.inf) and count(shape, dims) == 0:
        raise RuntimeError(f"vector_norm: there is no {ord}-norm of nothing; got shape {shape}")
    y = vector_norm(x, ord, dim, True) if is_tensor(x) else _vector_norm(x, ord, dims)
    value = np.reshape(y, reduced(shape, dims, keepdim))
    return value, lambda g: _gradient(restored(g, shape, dims), x, y, ord, dims)


def _vector_norm(x, ord, dims):
    """The norm, with the axes that it reduces kept."""
    if ord == 2:
        return np.sqrt((x * x).sum(axis=dims, keepdims=True))
    if ord == 0:
        return (x != 0).sum(axis=dims, keepdims=True, dtype=x.dtype)
    size = np.abs(x)
    if ord == 1:
        return size.sum(axis=dims, keepdims=True)
    if ord in (math.inf, -math.inf):
        return (np.max if ord > 0 else np.min)(size, axis=dims, keepdims=True)
    return (size**ord).sum(axis=dims, keepdims=True) ** (1 / ord)


def _gradient(g, x, y, ord, dims):
    """The gradient of x; g and the norm y have the reduced axes kept."""
    if ord == 0:
        return np.zeros_like(raw(x))
    if ord == 1:
        return _signed(x, g)
    if ord in (math.inf, -math.inf):
        equal = np.abs(raw(x)) == raw(y)
        ties = np.maximum(equal.sum(axis=dims, keepdims=True), 1)
        return _signed(x, np.where(equal, g / ties.astype(x.dtype), 0))
    if ord < 1:
        # A power below 0 of an element that is 0 is infinite: those get 0.
        powers = np.where(raw(x) == 0, 1, np.abs(x)) ** (ord - 1)
        return _signed(x, powers) * (g * y ** (1 - ord))
    zero = raw(y) == 0
    scale = np.where(zero, 0, g / np.where(zero, 1, y) ** (ord - 1))
    if ord == 2:
        return x * scale
    if ord < 2:
        return _signed(x, np.abs(x) ** (ord - 1)) * scale
    return x * np.abs(x) ** (ord - 2) * scale


def _signed(x, value):
    """`value` with x's sign, and 0 where x is 0 or NaN."""
    x = raw(x)
    return np.where(x > 0, value, np.where(x < 0, -value, 0))


def norm(input, p="fro", dim=None, keepdim=False, *, dtype=None):
    """PyTorch's older name for vector norms: `vector_norm` of order p; 'fro' is order 2.

    It treats several axes as one long vector, also where `dim` names two; only 'nuc', the sum of
    the singular values, is a norm of matrices.

    >>> import minigrad as mg
    >>> mg.norm(mg.tensor([[3.0, 0.0], [0.0, 4.0]]))
    tensor(5.)
    """
    if p == "nuc":
        from minigrad.ops.spectra import matrix_norm  # which is built on this file

        return matrix_norm(input, "nuc", (-2, -1) if dim is None else dim, keepdim, dtype=dtype)
    if p in (None, "fro"):
        p = 2
    elif isinstance(p, str):
        raise ValueError(f"norm: expected a number, 'fro' or 'nuc', got p={p!r}")
    return vector_norm(input, p, dim, keepdim, dtype=dtype)


def dist(input, other, p=2):
    """The p-norm of the difference of two tensors, which are broadcast; see `vector_norm`."""
    return vector_norm(input - other, p)
