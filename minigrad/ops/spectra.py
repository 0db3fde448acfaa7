"""Eigenvalues, singular values, orthogonal factors, and functions of matrices that rest on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op, wrap
from minigrad.ops.axes import named, raw
from minigrad.ops.decompositions import as_symmetric, lapack, linear_system
from minigrad.ops.linalg import expect_square, matmul, mT
from minigrad.ops.norm import vector_norm

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


@op
def eigh_of_symmetric(x):
    """Eigenvalues, ascending, and eigenvectors (as columns of v) of (x + x^T) / 2.

    Gradient: v (diag(g_values) + f * (v^T g_v)) v^T, with f_ij = 1 / (values_j - values_i) and 0 on
    the diagonal, symmetrized. It is infinite, in truth, where eigenvalues coincide and the
    eigenvectors matter; here such a pair gives no gradient.
    """
    if is_tensor(x):
        values, v = eigh_of_symmetric(x)
    else:
        values, v = lapack("eigh", np.linalg.eigh, FAILED, (x + mT(x)) / 2)

    def pullback(g_values, g_v):
        n = v.shape[-1]
        eye = np.eye(n, dtype=bool, like=raw(x))
        inside = np.where(eye, _columns(g_values), (mT(v) @ g_v) / _gaps(values))
        gx = v @ inside @ mT(v)
        return (gx + mT(gx)) / 2

    return (values, v), pullback


@named("eigenvalues", "eigenvectors")
def eigh(A: Any, UPLO: str = "L") -> Any:
    """Eigenvalues (*, n), ascending, and eigenvectors (*, n, n), as columns, of symmetric matrices.

    A = V diag(values) V^T. UPLO: which triangle is read. An eigenvector's sign is arbitrary: a
    loss must not depend on it.
    """
    expect_square("eigh", A)
    return eigh_of_symmetric(as_symmetric(A, UPLO))


def eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices, ascending."""
    return eigh(A, UPLO)[0]


# ---------------------------------------------------------------------------- singular values


@op
def reduced_svd(x):
    """u (*, m, k), s (*, k), v^T (*, k, n) with x = u diag(s) v^T, k = min(m, n), s descending.

    Gradient (Townsend, "Differentiating the singular value decomposition", 2016): with
    f_ij = 1 / (s_j^2 - s_i^2),
    u ((f * skew(u^T gu)) s + s (f * skew(v^T gv)) + diag(gs)) v^T
    + (I - u u^T) gu s^-1 v^T + u s^-1 gv^T (I - v v^T), with skew(a) = a - a^T. Where singular
    values coincide, it counts as 0 what would be infinite.
    """
    if is_tensor(x):
        u, s, vt = reduced_svd(x)
    else:
        u, s, vt = lapack("svd", _reduced, FAILED, x)

    def pullback(gu, gs, gvt):
        v, gv = mT(vt), mT(gvt)
        k = s.shape[-1]
        gaps = _gaps(s) * np.where(
            np.eye(k, dtype=bool, like=raw(x)), 1, _columns(s) + mT(_columns(s))
        )
        gaps = np.where(gaps == 0, 1, gaps)
        a, b = mT(u) @ gu, vt @ gv
        inside = (a - mT(a)) / gaps * _columns(s) + mT(_columns(s)) * ((b - mT(b)) / gaps)
        inside = inside + _columns(gs) * np.eye(k, dtype=x.dtype, like=raw(x))
        gx = u @ inside @ vt
        inverse = _columns(np.where(s == 0, 0, 1 / np.where(s == 0, 1, s)))
        if x.shape[-2] > k:
            gx = gx + ((gu - u @ a) * inverse) @ vt
        if x.shape[-1] > k:
            gx = gx + (u * inverse) @ mT(gv - v @ b)
        return gx

    return (u, s, vt), pullback


def _reduced(x):
    return tuple(np.linalg.svd(x, full_matrices=False))


@op
def svdvals(x):
    """The singular values, descending: (*, m, n) gives (*, min(m, n)). Gradient: u diag(g) v^T."""
    _expect_matrices("svdvals", x)
    if is_tensor(x):
        y = svdvals(x)
    else:
        y = lapack("svdvals", _singular_values, FAILED, x)

    def pullback(g):
        u, _, vt = reduced_svd(x)
        return (u * _columns(g)) @ vt

    return y, pullback


def _singular_values(x):
    return np.linalg.svd(x, compute_uv=False)


@named("U", "S", "Vh")
def svd(A: Any, full_matrices: bool = True) -> Any:
    """U, S, Vh with A = U diag(S) Vh: U and Vh orthogonal, S >= 0 and descending.

    A: (*, m, n). With full_matrices U is (*, m, m) and Vh (*, n, n); else only the first
    k = min(m, n) columns of U and rows of Vh are computed, and only through these gradients flow.
    Singular vectors have an arbitrary sign: a loss must not depend on it.
    """
    _expect_matrices("svd", A)
    u, s, vh = reduced_svd(A)
    m, n = A.shape[-2:]
    if full_matrices and m != n:
        # The further columns complete a basis; no gradient flows to them.
        full_u, _, full_vh = np.linalg.svd(raw(A))
        if m > n:
            u = np.concatenate([u, full_u[..., n:]], axis=-1)
        else:
            vh = np.concatenate([vh, full_vh[..., m:, :]], axis=-2)
    return u, s, vh


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
    atol, rtol = raw(tol if atol is None else atol), raw(rtol)
    if rtol is None:
        rtol = 0.0 if atol is not None else max(A.shape[-2:]) * float(np.finfo(s.dtype).eps)
    atol, rtol = (
        np.expand_dims(t, -1) if getattr(t, "ndim", 0) else t
        for t in (0.0 if atol is None else atol, rtol)
    )
    largest = np.max(s, axis=-1, keepdims=True, initial=0.0)
    return np.add.reduce(s > np.maximum(atol, rtol * largest), axis=-1), None


# ---------------------------------------------------------------------------- orthogonal factor


@op
def reduced_qr(x):
    """q (*, m, k) orthogonal and r (*, k, n) upper triangular with x = q r, k = min(m, n).

    Gradient for m >= n (Walter and Lehmann, 2013): (gq + q s(triu(gr r^T - q^T gq))) r^-T, where
    s(a) = a + a^T with the diagonal halved. For m < n the columns after the first m are q times
    those of r, and add their part to gq.
    """
    if is_tensor(x):
        q, r = reduced_qr(x)
    else:
        q, r = lapack("qr", _qr, FAILED, x)

    def pullback(gq, gr):
        k, n = r.shape[-2:]
        square, further = r[..., :k], None
        if n > k:
            further = q @ gr[..., k:]
            gq, gr = gq + x[..., k:] @ mT(gr[..., k:]), gr[..., :k]
        a = np.triu(gr @ mT(square) - mT(q) @ gq)
        a = a + mT(np.triu(a, 1))
        gx = mT(linear_system(square, mT(gq + q @ a)))
        return gx if further is None else np.concatenate([gx, further], axis=-1)

    return (q, r), pullback


def _qr(x):
    return tuple(np.linalg.qr(x))


@named("Q", "R")
def qr(A: Any, mode: str = "reduced") -> Any:
    """Q, R with A = Q R: Q (*, m, k) with orthonormal columns, R (*, k, n) upper triangular.

    mode: "reduced", k = min(m, n); "complete", k = m, where the further columns of Q have no
    gradient; "r", which returns an empty Q.
    """
    _expect_matrices("qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(f"qr: mode must be 'reduced', 'complete' or 'r', got {mode!r}")
    q, r = reduced_qr(A)
    m, n = A.shape[-2:]
    if mode == "r":
        return wrap(np.zeros_like(raw(A), shape=(0,))), r
    if mode == "complete" and m > n:
        full, _ = np.linalg.qr(raw(A), mode="complete")
        q = np.concatenate([q, full[..., n:]], axis=-1)
        r = np.concatenate([r, np.zeros_like(raw(A), shape=(*A.shape[:-2], m - n, n))], axis=-2)
    return q, r


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


# The numerator of the (13, 13) Padé approximant of exp; the denominator's signs alternate.
_PADE = [math.comb(13, k) * math.factorial(26 - k) / math.factorial(26) for k in range(14)]


def matrix_exp(A: Any) -> Any:
    """exp(A) = I + A + A^2 / 2! + ..., for square matrices (*, n, n).

    By scaling and squaring with a Padé approximant: Higham, "The scaling and squaring method for
    the matrix exponential revisited", 2005.
    """
    expect_square("matrix_exp", A)
    array = raw(A)
    size = float(np.abs(array).sum(-2).max()) if 0 not in A.shape else 0.0
    squarings = max(0, math.ceil(math.log2(size / 4))) if math.isfinite(size) and size > 4 else 0
    x = A / 2**squarings
    eye = np.zeros_like(array) + np.eye(A.shape[-1], dtype=A.dtype, like=array)
    x2 = matmul(x, x)
    even, odd = eye * _PADE[12], eye * _PADE[13]
    for k in range(10, -1, -2):  # Horner's rule in x^2
        even = matmul(even, x2) + _PADE[k] * eye
        odd = matmul(odd, x2) + _PADE[k + 1] * eye
    odd = matmul(x, odd)
    y = linear_system(even - odd, even + odd)
    for _ in range(squarings):
        y = matmul(y, y)
    return y


def _np_svd(a, full_matrices=True, compute_uv=True):
    return svd(a, full_matrices) if compute_uv else svdvals(a)


def _np_norm(x, ord=None, dim=None, keepdim=False):
    from minigrad.linalg import norm

    return norm(x, ord, dim, keepdim)


NUMPY.update(
    {
        np.linalg.eigh: eigh,
        np.linalg.eigvalsh: eigvalsh,
        np.linalg.matrix_rank: matrix_rank,
        np.linalg.norm: _np_norm,
        np.linalg.qr: qr,
        np.linalg.svd: _np_svd,
        np.linalg.svdvals: svdvals,
    }
)
