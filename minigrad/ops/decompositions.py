"""Inverses and determinants.

LAPACK computes them, through NumPy (cuSOLVER, through CuPy); the derivatives are written here. The
formulas are those of Giles, "An extended collection of matrix derivative results", 2008. All work
on batches of matrices, (*, n, n). Linear systems are in `linear_systems.py`, eigenvalues and
singular values in `spectra.py`.
"""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np

from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.axes import named, raw
from minigrad.ops.linalg import expect_square, mT
from minigrad.ops.places import eye

__all__ = ["LinAlgError", "det", "inv", "inverse", "logdet", "pinv", "pinverse", "slogdet"]


class LinAlgError(np.linalg.LinAlgError, RuntimeError):
    """The matrix has not what the factorization needs: it is singular, or not positive-definite."""


def lapack(name, function, why, *arrays):
    """function(*arrays), with an error that says which matrix of the batch failed, and `why`."""
    x = arrays[0]
    if x.dtype.kind not in "fc":
        raise RuntimeError(f"{name}: expected a floating dtype, got {describe(x)}")
    try:
        return checked(function, arrays)
    except np.linalg.LinAlgError:
        where = ""
        if x.ndim > 2:
            where = f"(batch element {_first_failing(function, arrays)}) "
        raise LinAlgError(f"{name}: {where}{why}") from None


def checked(function, arrays):
    """function(*arrays), which raises LinAlgError if it fails: CuPy must be asked to look."""
    if type(arrays[0]).__module__.startswith("cupy"):
        with importlib.import_module("cupyx").errstate(linalg="raise"):
            return function(*arrays)
    return function(*arrays)


def _first_failing(function, arrays):
    batch = np.broadcast_shapes(*(a.shape[:-2] for a in arrays))
    for index in np.ndindex(*batch):
        try:
            checked(function, [np.broadcast_to(a, batch + a.shape[-2:])[index] for a in arrays])
        except np.linalg.LinAlgError:
            return index[0] if len(index) == 1 else index
    return None


SINGULAR = "the matrix is singular, it has no inverse"


def mirrored(x, upper=False):
    """The lower (upper) triangle of raw matrices, and in the place of the other one its image."""
    half = np.triu(x, 1) if upper else np.tril(x, -1)
    return half + mT(half) + np.triu(np.tril(x))


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
        if atol is None:
            rtol = default
        elif hasattr(atol, "dtype"):
            rtol = np.where(atol > 0, 0.0, default)
        else:
            rtol = 0.0 if atol > 0 else default
    rtol, atol = (
        np.expand_dims(t, -1) if getattr(t, "ndim", 0) else t
        for t in (rtol, 0.0 if atol is None else atol)
    )
    if not s.shape[-1]:
        return s > 0
    return s > np.maximum(rtol * np.max(s, axis=-1, keepdims=True), atol)


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
    others = np.where(eye(n, n, bool, x), 1, np.expand_dims(s, -2))
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


NUMPY.update(
    {np.linalg.det: det, np.linalg.inv: inv, np.linalg.pinv: pinv, np.linalg.slogdet: slogdet}
)
