"""Linear systems: in general, of triangular matrices, and through Cholesky factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd import sum_to
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.axes import named, raw
from minigrad.ops.decompositions import SINGULAR, lapack, mirrored
from minigrad.ops.linalg import expect_square, mT
from minigrad.ops.places import eye

__all__ = [
    "cholesky", "cholesky_inverse", "cholesky_solve", "solve", "solve_triangular",
    "triangular_solve",
]  # fmt: skip


@op
def linear_system(x, y):
    """The z with x z = y, for x (*, n, n) and y (*, n, k); batches broadcast.

    Gradients: of y, w = x^-T g; of x, -w z^T.
    """
    if is_tensor(x) or is_tensor(y):
        z = linear_system(x, y)
    else:
        if x.shape[:-2] != y.shape[:-2]:  # CuPy's solve does not broadcast
            batch = np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
            x_all, y_all = (np.broadcast_to(a, batch + a.shape[-2:]) for a in (x, y))
        else:
            x_all, y_all = x, y
        z = lapack("solve", np.linalg.solve, SINGULAR, x_all, y_all)

    def grad_y(g):
        return linear_system(mT(x), g)

    return z, (
        lambda g: sum_to(-(grad_y(g) @ mT(z)), x.shape),
        lambda g: sum_to(grad_y(g), y.shape),
    )


def solve(A: Any, B: Any, *, left: bool = True) -> Any:
    """The X with A X = B; with left=False, with X A = B.

    A: (*, n, n). B: (*, n, k), or vectors (*, n) of A's batch shape; batches broadcast.
    LinAlgError (a RuntimeError) for a singular A.

    >>> import minigrad as mg
    >>> mg.linalg.solve(mg.tensor([[2.0, 0.0], [0.0, 4.0]]), mg.tensor([1.0, 1.0]))
    tensor([0.5000, 0.2500])
    """
    expect_square("solve", A)
    shape_a, shape_b = tuple(A.shape), tuple(B.shape)
    if shape_b == shape_a[-1:] or shape_b == shape_a[:-1]:  # vectors
        if not left:
            raise RuntimeError("solve: left=False needs matrices on the right-hand side")
        return np.squeeze(linear_system(A, np.expand_dims(B, -1)), -1)
    n = shape_b[-2 if left else -1] if len(shape_b) > 1 else None
    if n != shape_a[-1]:
        expected = f"(*, {shape_a[-1]}, k)" if left else f"(*, k, {shape_a[-1]})"
        raise RuntimeError(
            f"solve: A {shape_a} and B {shape_b} do not fit: expected B of shape {expected}, or "
            f"vectors {shape_a[:-1]}"
        )
    if left:
        return linear_system(A, B)
    return mT(linear_system(mT(A), mT(B)))


def solve_triangular(
    A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Any:
    """`solve` with one triangle of A only; unitriangular: as if its diagonal were 1."""
    expect_square("solve_triangular", A)
    triangle = np.triu if upper else np.tril
    if unitriangular:
        A = triangle(A, 1 if upper else -1) + eye(A.shape[-1], A.shape[-1], A.dtype, A)
    else:
        A = triangle(A)
    if not left:
        return mT(linear_system(mT(A), mT(B)))
    return linear_system(A, B)


@named("solution", "cloned_coefficient")
def triangular_solve(
    b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """`solve_triangular` under its older name and order; returns (solution, A)."""
    if transpose:
        solution = solve_triangular(mT(A), b, upper=not upper, unitriangular=unitriangular)
    else:
        solution = solve_triangular(A, b, upper=upper, unitriangular=unitriangular)
    return solution, A


# ---------------------------------------------------------------------------- Cholesky


@op
def cholesky_of_symmetric(x):
    """The lower triangular y with y y^T = (x + x^T) / 2.

    Gradient: with p = the lower triangle of y^T g, its diagonal halved, y^-T p y^-1, symmetrized
    (Murray, "Differentiation of the Cholesky decomposition", 2016).
    """
    if is_tensor(x):
        y = cholesky_of_symmetric(x)
    else:
        why = "the matrix is not positive-definite, so it has no Cholesky factor"
        y = lapack("cholesky", np.linalg.cholesky, why, (x + mT(x)) / 2)

    def pullback(g):
        p = np.tril(mT(y) @ g)
        p = p - np.tril(np.triu(p)) / 2
        half = linear_system(mT(y), p)  # y^-T p
        gx = mT(linear_system(mT(y), mT(half)))
        return (gx + mT(gx)) / 2

    return y, pullback


def cholesky(input: Any, upper: bool = False) -> Any:
    """The lower triangular L with L L^T = input, a symmetric positive-definite matrix (*, n, n).

    Only the lower triangle is read. upper: U = L^T instead, with U^T U = input, read from the upper
    triangle. LinAlgError (a RuntimeError) if the matrix is not positive-definite.
    """
    expect_square("cholesky", input)
    both = mirrored(raw(input), upper)
    if (both != raw(input)).any():  # outside the graph: the gradient stays symmetric
        input = input + (both - raw(input))
    y = cholesky_of_symmetric(input)
    return mT(y) if upper else y


def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Any:
    """The X with A X = B, given A's Cholesky factor L (upper: U)."""
    expect_square("cholesky_solve", L)
    if len(B.shape) < 2 or B.shape[-2] != L.shape[-1]:
        raise RuntimeError(
            f"cholesky_solve: expected B of shape (*, {L.shape[-1]}, k) for {describe(L)}, got "
            f"{describe(B)}"
        )
    factor = np.triu(raw(L)) if upper else np.tril(raw(L))
    if (factor != raw(L)).any():
        L = L + (factor - raw(L))  # the other triangle is not read, and PyTorch's gradient is full
    return linear_system(mT(L) @ L if upper else L @ mT(L), B)


def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """The inverse of A, given its Cholesky factor L (upper: U)."""
    return cholesky_solve(eye(L.shape[-1], L.shape[-1], L.dtype, L), L, upper)


def _np_cholesky(a, /, *, upper=False):
    return cholesky(a, upper)


def _np_solve(a, b):
    return (
        np.squeeze(linear_system(a, np.expand_dims(b, -1)), -1)
        if len(b.shape) == 1
        else solve(a, b)
    )


NUMPY.update({np.linalg.cholesky: _np_cholesky, np.linalg.solve: _np_solve})
