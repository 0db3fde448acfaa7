"""Of matrices and vectors: products of many, powers, Kronecker and cross products, the trace."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe
from minigrad.ops.axes import raw
from minigrad.ops.decompositions import inv
from minigrad.ops.linalg import expect_dims, expect_square, matmul
from minigrad.ops.places import check_broadcast, eye

__all__ = ["chain_matmul", "cross", "kron", "matrix_power", "multi_dot", "trace"]


def multi_dot(tensors: Any) -> Any:
    """The product of a list of matrices, in the order that takes the fewest multiplications.

    The first may be a row and the last a column, given as vectors. The order is found by dynamic
    programming over the sizes (Cormen et al., Introduction to Algorithms, 15.2).
    """
    tensors = list(tensors)
    if len(tensors) < 2:
        raise RuntimeError(f"multi_dot: expected at least 2 tensors, got {len(tensors)}")
    first, last = tensors[0], tensors[-1]
    row, column = len(first.shape) == 1, len(last.shape) == 1
    if row:
        tensors[0] = np.expand_dims(first, 0)
    if column:
        tensors[-1] = np.expand_dims(last, 1)
    for i, (a, b) in enumerate(itertools.pairwise(tensors)):
        expect_dims("multi_dot", (a, 2), (b, 2))
        if a.shape[1] != b.shape[0]:
            raise RuntimeError(
                f"multi_dot: tensors {i} and {i + 1} cannot be multiplied: "
                f"{tuple(a.shape)} @ {tuple(b.shape)}"
            )
    y = _in_best_order(tensors)
    return np.reshape(y, y.shape[row : 2 - column]) if row or column else y


def _in_best_order(matrices):
    sizes = [matrices[0].shape[0], *(m.shape[1] for m in matrices)]
    n = len(matrices)
    cost = {(i, i): 0 for i in range(n)}
    cut = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], cut[i, j] = min(
                (cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k)
                for k in range(i, j)
            )

    def product(i, j):
        if i == j:
            return matrices[i]
        k = cut[i, j]
        return matmul(product(i, k), product(k + 1, j))

    return product(0, n - 1)


def chain_matmul(*matrices: Any) -> Any:
    """The product of the matrices; `multi_dot` with each as an argument of its own."""
    return matrices[0] if len(matrices) == 1 else multi_dot(matrices)


def matrix_power(input: Any, n: int) -> Any:
    """The n-th power of square matrices (*, m, m), by squaring; n < 0: of the inverse."""
    expect_square("matrix_power", input)
    if not isinstance(n, int):
        raise TypeError(f"matrix_power: n must be an integer, got {n!r}")
    if n < 0:
        return matrix_power(inv(input), -n)
    if n == 0:  # in the graph all the same, with gradient 0
        one = eye(input.shape[-1], input.shape[-1], input.dtype, input)
        return np.where(np.zeros_like(raw(input), dtype=bool), input, one)
    power = None
    while True:
        if n & 1:
            power = input if power is None else matmul(power, input)
        n >>= 1
        if not n:
            return power
        input = matmul(input, input)


def kron(input: Any, other: Any) -> Any:
    """The Kronecker product: every element of input times all of other.

    y[i * p + k, j * q + l] = input[i, j] * other[k, l] for other of shape (p, q); of every rank.
    """
    ndim = max(len(input.shape), len(other.shape))
    a = (1,) * (ndim - len(input.shape)) + tuple(input.shape)
    b = (1,) * (ndim - len(other.shape)) + tuple(other.shape)
    spread_a = [n for size in a for n in (size, 1)]
    spread_b = [n for size in b for n in (1, size)]
    y = np.reshape(input, spread_a) * np.reshape(other, spread_b)
    return np.reshape(y, tuple(n * m for n, m in zip(a, b, strict=True)))


def trace(input: Any) -> Any:
    """The sum of a matrix's diagonal."""
    expect_dims("trace", (input, 2))
    return np.sum(np.diagonal(input))


def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """The cross product of the 3-vectors along `dim` (None: the first axis of size 3).

    y_0 = a_1 b_2 - a_2 b_1, and so on round.
    """
    if len(input.shape) != len(other.shape):
        raise RuntimeError(
            "cross: both arguments must have the same number of dimensions, got "
            f"{describe(input)} and {describe(other)}"
        )
    check_broadcast("cross", input=input, other=other)
    shape = np.broadcast_shapes(input.shape, other.shape)
    if dim is None:
        dim = next((i for i, n in enumerate(shape) if n == 3), None)
    if dim is None or not -len(shape) <= dim < len(shape) or shape[dim] != 3:
        raise RuntimeError(
            f"cross: expected an axis of size 3 (dim={dim}), got {describe(input)} and "
            f"{describe(other)}"
        )
    if input.shape != other.shape:
        input, other = np.broadcast_to(input, shape), np.broadcast_to(other, shape)
    return np.roll(input, -1, dim) * np.roll(other, 1, dim) - np.roll(input, 1, dim) * np.roll(
        other, -1, dim
    )


NUMPY.update(
    {
        np.kron: kron,
        np.trace: trace,
        np.linalg.multi_dot: multi_dot,
        np.linalg.matrix_power: matrix_power,
    }
)
