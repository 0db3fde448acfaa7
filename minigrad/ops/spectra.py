"""Eigenvalues, singular values, orthogonal factors, and functions of matrices that rest on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op, wrap
from minigrad.ops.axes import named, raw
from minigrad.ops.decompositions import counted, lapack
from minigrad.ops.linalg import expect_square, matmul, mT
from minigrad.ops.linear_systems import linear_system
from minigrad.ops.norm import vector_norm
from minigrad.ops.places import eye

__all__ = ["eigh", "eigvalsh", "matrix_exp", "matrix_norm", "matrix_rank", "qr", "svd", "svdvals"]

FAILED = "the algorithm did not converge; are there NaN or infinite elements in the matrix?"


def _columns(s):
    """A factor for each column of a matrix."""
    return np.expand_dims(s, -2)


def _gaps(s):
    """s_j - s_i at [i, j], with 1 in the place of 0: what is divided by it there has to be 0."""
    gap = np.expand_dims(s, -2) - np.expand_dims(s, -1)
    return np.where(gap == 0, 1, gap)


# ---------------------------------------------------------------------------- eigenvalues


@named("eigenvalues", "eigenvectors")
@op
def eigh(A, UPLO="L"):
    """Eigenvalues (*, n), ascending, and eigenvectors (*, n, n), as columns, of symmetric matrices.

    A = V diag(values) V^T. UPLO: which triangle is read. An eigenvector's sign is arbitrary: a
    loss must not depend on it.

    Gradient: V (diag(g_values) + (V^T g_V) / gaps) V^T with gaps_ij = values_j - values_i, made
    symmetric, as that of a function of symmetric matrices is, whichever triangle was read. It is
    infinite, in truth, where eigenvalues coincide and the eigenvectors matter; here such a pair
    gives none.
    """
    expect_square("eigh", A)
    if UPLO not in ("L", "U"):
        raise ValueError(f"eigh: UPLO must be 'L' or 'U', got {UPLO!r}")
    if is_tensor(A):
        values, v = eigh(A, UPLO)
    else:
        values, v = lapack("eigh", lambda x: np.linalg.eigh(x, UPLO), FAILED, A)

    def pullback(g_values, g_v):
        on_diagonal = eye(v.shape[-1], v.shape[-1], bool, A)
        inside = np.where(on_diagonal, _columns(g_values), (mT(v) @ g_v) / _gaps(values))
        gx = v @ inside @ mT(v)
        return (gx + mT(gx)) / 2

    return (values, v), pullback


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices, ascending."""
    return eigh(A, UPLO)[0]


# ---------------------------------------------------------------------------- singular values


@named("U", "S", "Vh")
@op
def linalg_svd(A, full_matrices=True):
    """U, S, Vh with A = U diag(S) Vh: U and Vh orthogonal, S >= 0 and descending.

    A: (*, m, n). With full_matrices U is (*, m, m) and Vh (*, n, n); else they are the first
    k = min(m, n) columns of U and rows of Vh, and only through these gradients flow. Singular
    vectors have an arbitrary sign: a loss must not depend on it.

    Gradient (Townsend, "Differentiating the singular value decomposition", 2016), with
    f_ij = 1 / (s_j^2 - s_i^2) and skew(a) = a - a^T:
    U ((f * skew(U^T gU)) S + S (f * skew(V^T gV)) + diag(gS)) V^T
    + (I - U U^T) gU S^-1 V^T + U S^-1 gV^T (I - V V^T). Where singular values coincide, it counts
    as 0 what would be infinite.
    """
    _expect_matrices("svd", A)
    if is_tensor(A):
        u, s, vt = result = linalg_svd(A, full_matrices)
    else:
        u, s, vt = result = lapack("svd", lambda x: np.linalg.svd(x, full_matrices), FAILED, A)
    m, n = A.shape[-2:]
    k = min(m, n)
    u, vt = u[..., :k], vt[..., :k, :]

    def pullback(gu, gs, gvt):
        gu, v, gv = gu[..., :k], mT(vt), mT(gvt[..., :k, :])
        row, column = _columns(s), np.expand_dims(s, -1)
        on_diagonal = eye(k, k, bool, A)
        f = _gaps(s) * np.where(on_diagonal | (raw(row) + raw(column) == 0), 1, row + column)
        a, b = mT(u) @ gu, vt @ gv
        inside = (a - mT(a)) / f * row + column * ((b - mT(b)) / f)
        gx = u @ (inside + np.where(on_diagonal, _columns(gs), 0)) @ vt
        inverse = np.where(raw(row) == 0, 0, 1 / np.where(raw(row) == 0, 1, row))
        if m > k:
            gx = gx + ((gu - u @ a) * inverse) @ vt
        if n > k:
            gx = gx + (u * inverse) @ mT(gv - v @ b)
        return gx

    return tuple(result), pullback


@named("U", "S", "V")
def svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """U, S, V with input = U diag(S) V^T: PyTorch's older function; `linalg.svd` returns V^T.

    some: only the first min(m, n) columns of U and V. compute_uv=False: zeros in their place.
    """
    if not compute_uv:
        m, n = input.shape[-2:]
        u, v = (np.zeros_like(raw(input), shape=(*input.shape[:-2], k, k)) for k in (m, n))
        return wrap(u), svdvals(input), wrap(v)
    u, s, vh = linalg_svd(input, not some)
    return u, s, mT(vh)


@op
def svdvals(x):
    """The singular values, descending: (*, m, n) gives (*, min(m, n)). Gradient: u diag(g) v^T."""
    _expect_matrices("svdvals", x)
    if is_tensor(x):
        y = svdvals(x)
    else:
        y = lapack("svdvals", _singular_values, FAILED, x)

    def pullback(g):
        u, _, vt = linalg_svd(x, False)
        return (u * _columns(g)) @ vt

    return y, pullback


def _singular_values(x):
    return np.linalg.svd(x, compute_uv=False)


def _expect_matrices(name, x):
    if len(x.shape) < 2:
        raise RuntimeError(f"{name}: expected matrices (*, m, n), got {describe(x)}")


@op
def matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    """How many singular values exceed max(atol, rtol * the largest), for each matrix (*, m, n).

    rtol is by default max(m, n) times the dtype's eps, or 0 if an atol is given. tol: the older
    name of atol. hermitian says that the matrices are symmetric.
    """
    _expect_matrices("matrix_rank", A)
    s = np.abs(np.linalg.eigvalsh(A)) if hermitian else np.linalg.svd(A, compute_uv=False)
    kept = counted(s, A.shape, raw(rtol), raw(tol if atol is None else atol))
    return kept.sum(axis=-1), None


# ---------------------------------------------------------------------------- orthogonal factor


@named("Q", "R")
@op
def linalg_qr(A, mode="reduced"):
    """Q, R with A = Q R: Q (*, m, k) with orthonormal columns, R (*, k, n) upper triangular.

    mode: "reduced", k = min(m, n); "complete", k = m, where the further columns of Q have no
    gradient; "r", which returns an empty Q.

    Gradient for m >= n (Walter and Lehmann, 2013): (gQ + Q s(triu(gR R^T - Q^T gQ))) R^-T, where
    s mirrors the upper triangle into the lower one. For m < n the further columns of A are Q times
    those of R, and add their part to gQ.
    """
    _expect_matrices("qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr: mode must be 'reduced', 'complete' or 'r', got {mode!r}")
    if mode == "r":  # Q is needed for the gradient all the same
        (q, r), back = linalg_qr.spec.fn(A, "reduced")
        return (np.zeros_like(raw(A), shape=(0,)), r), lambda _, gr: back(np.zeros_like(q), gr)
    if is_tensor(A):
        q, r = result = linalg_qr(A, mode)
    else:
        q, r = result = lapack("qr", lambda x: np.linalg.qr(x, mode), FAILED, A)
    k = min(A.shape[-2:])
    q, r = q[..., :k], r[..., :k, :]

    def pullback(gq, gr):
        gq, gr = gq[..., :k], gr[..., :k, :]
        square, further = r[..., :k], None
        if A.shape[-1] > k:
            further = q @ gr[..., k:]
            gq = gq + A[..., k:] @ mT(gr[..., k:])
        a = np.triu(gr[..., :k] @ mT(square) - mT(q) @ gq)
        a = a + mT(np.triu(a, 1))
        gx = mT(linear_system(square, mT(gq + q @ a)))
        return gx if further is None else np.concatenate([gx, further], axis=-1)

    return tuple(result), pullback


@named("Q", "R")
def qr(input: Any, some: bool = True) -> Any:
    """Q, R with input = Q R: PyTorch's older function; some=False is mode="complete"."""
    return linalg_qr(input, "reduced" if some else "complete")


# ---------------------------------------------------------------------------- norms, exponential


def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """A norm of matrices, whose rows and columns are the two axes `dim`.

    ord "fro": the root of the sum of squares; "nuc": the sum of the singular values; 2 and -2: the
    largest and the smallest of them; 1 and -1: the largest and smallest sum of absolute values of
    a column; inf and -inf: of a row.
    """
    if len(A.shape) < 2 or len(dim) != 2 or dim[0] % len(A.shape) == dim[1] % len(A.shape):
        raise RuntimeError(
            f"matrix_norm: expected two different axes of a tensor of 2 or more, got dim={dim} of "
            f"{describe(A)}"
        )
    if ord == "fro":
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dtype is not None:
        A = A.astype(dtype)
    rows, columns = (d % len(A.shape) for d in dim)
    if ord in (1, -1, math.inf, -math.inf):
        inner, outer = (rows, columns) if ord in (1, -1) else (columns, rows)
        sums = np.sum(np.abs(A), axis=inner, keepdims=True)
        y = (np.max if ord > 0 else np.min)(sums, axis=outer, keepdims=True)
    elif ord in ("nuc", 2, -2):
        s = svdvals(np.moveaxis(A, (rows, columns), (-2, -1)))
        y = np.sum(s, axis=-1) if ord == "nuc" else (np.max if ord > 0 else np.min)(s, axis=-1)
        y = np.expand_dims(y, tuple(sorted((rows, columns))))
    else:
        raise RuntimeError(
            f"matrix_norm: ord must be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf, got {ord!r}"
        )
    return y if keepdim else np.squeeze(y, (rows, columns))


def matrix_exp(A: Any) -> Any:
    """exp(A) = I + A + A^2 / 2! + ..., for square matrices (*, n, n).

    exp(A) = exp(A / 2^k)^(2^k), where k makes A / 2^k so small (norm at most 1) that 20 terms are
    exact to the last digit. They cost 7 products: of the powers 1 to 4, and Horner's rule in the
    fourth power (Paterson and Stockmeyer, 1973).
    """
    expect_square("matrix_exp", A)
    array = raw(A)
    norm = float(np.abs(array).sum(-2).max()) if 0 not in A.shape else 0.0
    squarings = math.ceil(math.log2(norm)) if math.isfinite(norm) and norm > 1 else 0
    x = A / 2**squarings
    x2 = matmul(x, x)
    x3, x4 = matmul(x2, x), matmul(x2, x2)
    one = eye(A.shape[-1], A.shape[-1], A.dtype, A)
    y = None
    for k in (16, 12, 8, 4, 0):  # the terms k to k + 3, over x^k
        a, b, c, d = (1 / math.factorial(k + i) for i in range(4))
        terms = a * one + b * x + c * x2 + d * x3
        y = terms if y is None else matmul(y, x4) + terms
    for _ in range(squarings):
        y = matmul(y, y)
    return y


def _np_svd(a, full_matrices=True, compute_uv=True):
    return linalg_svd(a, full_matrices) if compute_uv else svdvals(a)


def _np_norm(x, ord=None, dim=None, keepdim=False):
    from minigrad.linalg import norm

    return norm(x, ord, dim, keepdim)


NUMPY.update(
    {
        np.linalg.eigh: eigh,
        np.linalg.eigvalsh: eigvalsh,
        np.linalg.matrix_rank: matrix_rank,
        np.linalg.norm: _np_norm,
        np.linalg.qr: linalg_qr,
        np.linalg.svd: _np_svd,
        np.linalg.svdvals: svdvals,
    }
)
