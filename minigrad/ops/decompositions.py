"""Inverses, determinants, linear systems and the factorizations that they rest on.

LAPACK computes them, through NumPy (cuSOLVER, through CuPy); the derivatives are written here. The
formulas are those of Giles, "An extended collection of matrix derivative results", 2008. All work
on batches of matrices, (*, n, n).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd import sum_to
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.axes import named, raw
from minigrad.ops.linalg import expect_square, mT

__all__ = [
    "LinAlgError", "cholesky", "cholesky_inverse", "cholesky_solve", "det", "inv", "inverse",
    "logdet", "pinv", "pinverse", "slogdet", "solve", "solve_triangular", "triangular_solve",
]  # fmt: skip


class LinAlgError(np.linalg.LinAlgError, RuntimeError):
    """The matrix has not what the factorization needs: it is singular, or not positive-definite."""


def lapack(name, function, why, *arrays):
    """function(*arrays), with an error that says which matrix of the batch failed, and `why`."""
    x = arrays[0]
    if x.dtype.kind not in "fc":
        raise RuntimeError(f"{name}: expected a floating dtype, got {describe(x)}")
    try:
        return function(*arrays)
    except np.linalg.LinAlgError:
        where = ""
        if x.ndim > 2:
            where = f"(batch element {_first_failing(function, arrays)}) "
        raise LinAlgError(f"{name}: {where}{why}") from None


def _first_failing(function, arrays):
    batch = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
    for index in np.ndindex(*batch):
        try:
            function(*(np.broadcast_to(a, batch + a.shape[-2:])[index] for a in arrays))
        except np.linalg.LinAlgError:
            return index[0] if len(index) == 1 else index
    return None


SINGULAR = "the matrix is singular, it has no inverse"


# ---------------------------------------------------------------------------- inverse


@op
def inv(x):
    """The inverse of square matrices. Gradient: -y^T g y^T. LinAlgError for a singular matrix."""
    expect_square("inv", x)
    y = inv(x) if is_tensor(x) else lapack("inv", np.linalg.inv, SINGULAR, x)
    return y, lambda g: -(mT(y) @ g @ mT(y))


inverse = inv


@op
def pinv_by_svd(x, rtol=None, atol=None, hermitian=False):
    """The pseudo-inverse V diag(1 / s) U^T; see `pinv`.

    Gradient, with P the result: -P^T g P^T + (I - x P) g^T P P^T + P^T P g^T (I - P x) (Golub and
    Pereyra, 1973).
    """
    if is_tensor(x):
        y = pinv_by_svd(x, rtol, atol, hermitian)
    else:
        y = _pinv(mirrored(x) if hermitian else x, rtol, atol)

    def pullback(g):
        gt, yt = mT(g), mT(y)
        first = gt @ y @ yt
        second = yt @ y @ gt
        return first - x @ (y @ first) + second - (second @ y) @ x - yt @ g @ yt

    return y, pullback


def _pinv(x, rtol, atol):
    if 0 in x.shape:
        return np.zeros_like(x, shape=mT(x).shape)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    kept = counted(s, x.shape, rtol, atol)
    inverse = np.where(kept, 1 / np.where(kept, s, 1), 0).astype(x.dtype)
    return mT(vh) @ (np.expand_dims(inverse, -1) * mT(u))


def counted(s, shape, rtol, atol):
    """Which of the singular values s, of matrices of `shape`, are more than rounding errors."""
    if rtol is None:
        default = max(shape[-2:]) * float(np.finfo(s.dtype).eps)
        rtol = default if atol is None else np.where(atol > 0, 0.0, default)
    rtol, atol = (
        np.expand_dims(t, -1) if getattr(t, "ndim", 0) else t
        for t in (rtol, 0.0 if atol is None else atol)
    )
    return s > np.maximum(atol, rtol * np.max(s, axis=-1, keepdims=True, initial=0.0))


def pinv(
    input: Any, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Any:
    """The Moore-Penrose pseudo-inverse (*, m, n) -> (*, n, m).

    Singular values up to max(atol, rtol * the largest) count as 0; rtol is by default max(m, n)
    times the dtype's eps, or 0 if an atol is given. rcond: the older name of rtol. hermitian says
    that the matrices are symmetric: the lower triangle is read.
    """
    if len(input.shape) < 2:
        raise RuntimeError(f"pinv: expected matrices (*, m, n), got {describe(input)}")
    rtol, atol = raw(rcond if rtol is None else rtol), raw(atol)
    if hermitian:
        expect_square("pinv", input)
    return pinv_by_svd(input, rtol, atol, hermitian)


def pinverse(input: Any, rcond: float = 1e-15) -> Any:
    """`pinv` under its older name and with its older default."""
    return pinv(input, rcond)


# ---------------------------------------------------------------------------- determinants


@op
def det(x):
    """The determinant of square matrices, the oriented volume that their columns span.

    Gradient: g times the cofactors, det(x) x^-T where x has an inverse. (Where it has none, the
    cofactors come from the singular values; the second derivative needs an inverse.)
    """
    expect_square("det", x)
    if is_tensor(x):
        y = det(x)
        return y, lambda g: _spread(g * y) * mT(inv(x))
    y = lapack("det", np.linalg.det, "", x)
    return y, lambda g: _spread(g) * _cofactors(x, y)


def _spread(g):
    """One number for each matrix, as a factor for all its elements."""
    return np.reshape(g, (*g.shape, 1, 1))


def _cofactors(x, determinant):
    if 0 in x.shape:
        return np.zeros_like(x)
    if (determinant != 0).all():
        return _spread(determinant) * mT(np.linalg.inv(x))
    # x = U diag(s) V^T: the cofactors are det(U V^T) U diag(products of the other s) V^T.
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool, like=x), 1, np.expand_dims(s, -2))
    others = np.prod(others, axis=-1).astype(x.dtype)
    return _spread(np.linalg.det(u @ vh)) * ((u * np.expand_dims(others, -2)) @ vh)


@named("sign", "logabsdet")
@op
def slogdet(x):
    """The sign and the logarithm of the absolute value of det(x): no overflow for large matrices.

    Gradient: g x^-T for the logarithm, 0 for the sign. A singular matrix has 0 and -inf.
    """
    expect_square("slogdet", x)
    if is_tensor(x):
        sign, logabs = slogdet(x)
    else:
        sign, logabs = lapack("slogdet", np.linalg.slogdet, "", x)
        sign, logabs = sign + 0, logabs + 0  # scalars become arrays as the others are
    return (sign, logabs), lambda _, g: _spread(g) * mT(inv(x))


def logdet(input: Any) -> Any:
    """The logarithm of the determinant: NaN where that is negative, -inf where it is 0."""
    sign, logabs = slogdet(input)
    return np.where(raw(sign) < 0, math.nan, logabs)


# ---------------------------------------------------------------------------- linear systems


@op
def linear_system(x, y):
    """The z with x z = y, for x (*, n, n) and y (*, n, k); batches broadcast.

    Gradients: of y, w = x^-T g; of x, -w z^T.
    """
    if is_tensor(x) or is_tensor(y):
        z = linear_system(x, y)
    else:
        z = lapack("solve", np.linalg.solve, SINGULAR, x, y)

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
        A = triangle(A, 1 if upper else -1) + np.eye(A.shape[-1], dtype=A.dtype, like=raw(A))
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


def mirrored(x, upper=False):
    """The lower (upper) triangle of raw matrices, and in the place of the other one its image."""
    half = np.triu(x, 1) if upper else np.tril(x, -1)
    return half + mT(half) + np.triu(np.tril(x))


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
    factor = np.triu(raw(L)) if upper else np.tril(raw(L))
    if (factor != raw(L)).any():
        L = L + (factor - raw(L))  # the other triangle is not read, and PyTorch's gradient is full
    return linear_system(mT(L) @ L if upper else L @ mT(L), B)


def cholesky_inverse(L: Any, upper: bool = False) -> Any:
    """The inverse of A, given its Cholesky factor L (upper: U)."""
    eye = np.eye(L.shape[-1], dtype=L.dtype, like=raw(L))
    return cholesky_solve(eye, L, upper)


def _np_cholesky(a, /, *, upper=False):
    return cholesky(a, upper)


def _np_solve(a, b):
    return (
        np.squeeze(linear_system(a, np.expand_dims(b, -1)), -1)
        if len(b.shape) == 1
        else solve(a, b)
    )


NUMPY.update(
    {
        np.linalg.cholesky: _np_cholesky,
        np.linalg.det: det,
        np.linalg.inv: inv,
        np.linalg.pinv: pinv,
        np.linalg.slogdet: slogdet,
        np.linalg.solve: _np_solve,
    }
)
