"""Linear algebra under PyTorch's names, as `torch.linalg`: what it is made of is in `ops`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.graph import describe
from minigrad.ops.decompositions import LinAlgError, det, inv, pinv, slogdet
from minigrad.ops.linalg import matmul, vecdot
from minigrad.ops.linear_systems import cholesky, solve, solve_triangular
from minigrad.ops.matrix_functions import cross as _cross
from minigrad.ops.matrix_functions import matrix_power, multi_dot
from minigrad.ops.norm import vector_norm
from minigrad.ops.spectra import (
    eigh,
    eigvalsh,
    matrix_exp,
    matrix_norm,
    matrix_rank,
    svdvals,
)
from minigrad.ops.spectra import linalg_qr as qr
from minigrad.ops.spectra import linalg_svd as svd

__all__ = [
    "LinAlgError", "cholesky", "cond", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv",
    "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm",
    "pinv", "qr", "slogdet", "solve", "solve_triangular", "svd", "svdvals", "tensorinv",
    "tensorsolve", "vander", "vecdot", "vector_norm",
]  # fmt: skip


def norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """A norm of vectors or of matrices.

    One axis in `dim` (or a 1-D A): `vector_norm` of order `ord`, 2 by default. Two axes (or a 2-D
    A with an ord): `matrix_norm`, "fro" by default. Neither dim nor ord: the 2-norm of all
    elements as one vector.

    >>> import minigrad as mg
    >>> mg.linalg.norm(mg.tensor([3.0, 4.0]))
    tensor(5.)
    """
    ndim = len(A.shape)
    axes = (dim,) if isinstance(dim, int) else dim
    if ord is None or (axes is not None and len(axes) == 1) or (axes is None and ndim == 1):
        if isinstance(ord, str):
            raise RuntimeError(f"norm: ord={ord!r} is a norm of matrices; give two axes in dim")
        return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    if axes is None and ndim != 2:
        raise RuntimeError(
            f"norm: with ord={ord!r} and no dim, A must be a vector or a matrix, got {describe(A)}"
        )
    return matrix_norm(A, ord, (0, 1) if axes is None else axes, keepdim, dtype=dtype)


def cross(input: Any, other: Any, *, dim: int = -1) -> Any:
    """The cross product of the 3-vectors along `dim`."""
    return _cross(input, other, dim)


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The diagonals of matrices, by default those of the last two axes."""
    return np.diagonal(A, offset, dim1, dim2)


def cond(A: Any, p: Any = None) -> Any:
    """The condition number |A| |A^-1|; p=None or 2: the ratio of extreme singular values.

    It is infinite for a singular matrix.
    """
    if p in (None, 2, -2):
        s = svdvals(A)
        largest, smallest = s[..., 0], s[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    try:
        inverse = inv(A)
    except LinAlgError:
        if len(A.shape) > 2:
            raise
        return matrix_norm(A, p) * math.inf
    return matrix_norm(A, p) * matrix_norm(inverse, p)


def vander(x: Any, N: int | None = None) -> Any:
    """The Vandermonde matrices: row i holds x_i**0, x_i**1, ..., x_i**(N - 1)."""
    if not x.shape:
        raise RuntimeError(f"vander: expected vectors (*, n), got {describe(x)}")
    n = x.shape[-1] if N is None else N
    if n < 1:
        raise RuntimeError(f"vander: N must be at least 1, got {n}")
    column = np.expand_dims(x, -1)
    powers = [np.ones_like(getattr(column, "array", column))]
    for _ in range(1, n):
        powers.append(powers[-1] * column)
    return np.concatenate(powers, axis=-1)


def tensorinv(A: Any, ind: int = 2) -> Any:
    """The B with tensordot(A, B, ind) = I: A's first `ind` axes as rows, the others as columns."""
    rows, columns = A.shape[:ind], A.shape[ind:]
    n = math.prod(columns)
    if ind <= 0 or math.prod(rows) != n:
        raise RuntimeError(
            f"tensorinv: the first {ind} axes of {describe(A)} must have as many elements as the "
            "others"
        )
    return np.reshape(inv(np.reshape(A, (n, n))), (*columns, *rows))


def tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:
    """The X with tensordot(A, X) = B, where B has A's first axes and X the others.

    dims: these axes of A are first moved to its end.
    """
    if dims is not None:
        A = np.moveaxis(A, tuple(dims), tuple(range(-len(dims), 0)))
    columns = A.shape[len(B.shape) :]
    n = math.prod(columns)
    if math.prod(A.shape[: len(B.shape)]) != n:
        raise RuntimeError(
            f"tensorsolve: the axes of {describe(A)} that belong to {describe(B)} must have as "
            "many elements as the others"
        )
    return np.reshape(solve(np.reshape(A, (n, n)), np.reshape(B, (n,))), columns)
