"""Inverses, determinants, linear systems, factorizations."""

from __future__ import annotations

import numpy as np

from tests.ops.samples import Sample, samples


def regular(rng, *shape):
    """Matrices with an inverse that is not large."""
    return rng.standard_normal(shape) / 2 + 2 * np.eye(shape[-1])


def definite(rng, *shape):
    x = rng.standard_normal(shape)
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


def spread(rng, *shape):
    """Matrices whose singular values are far from each other."""
    u, _, vt = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    return (u * np.arange(1.0, 1 + u.shape[-1])) @ vt


@samples("inv", complex_step=True)
def inv(rng):
    yield Sample(regular(rng, 3, 3))
    yield Sample(regular(rng, 2, 2, 2))
    yield Sample(np.zeros((0, 0)))
    yield Sample(np.zeros((0, 2, 2)))


@samples("pinv_by_svd")
def pinv_by_svd(rng):
    yield Sample(rng.standard_normal((3, 2)))
    yield Sample(rng.standard_normal((2, 2, 3)))
    yield Sample(np.zeros((0, 2)))


@samples("pinv")
def pinv(rng):
    yield Sample(rng.standard_normal((3, 2)), atol=1e-3)


@samples("det", complex_step=True)
def det(rng):
    yield Sample(regular(rng, 3, 3))
    yield Sample(regular(rng, 2, 2, 2))
    yield Sample(np.zeros((0, 0)))


@samples("slogdet")
def slogdet(rng):
    yield Sample(regular(rng, 3, 3))
    yield Sample(-regular(rng, 2, 3, 3))


@samples("logdet")
def logdet(rng):
    yield Sample(definite(rng, 3, 3))


@samples("linear_system", complex_step=True)
def linear_system(rng):
    yield Sample(regular(rng, 3, 3), rng.standard_normal((3, 2)))
    yield Sample(regular(rng, 2, 2, 2), rng.standard_normal((2, 1)))
    yield Sample(regular(rng, 2, 2), rng.standard_normal((2, 2, 1)))


@samples("solve", complex_step=True)
def solve(rng):
    yield Sample(regular(rng, 2, 2), rng.standard_normal(2))
    yield Sample(regular(rng, 3, 2, 2), rng.standard_normal((3, 2)))
    yield Sample(regular(rng, 2, 2), rng.standard_normal((3, 2)), left=False)
    yield Sample(np.zeros((0, 0)), np.zeros((0, 2)))


@samples("solve_triangular", complex_step=True)
def solve_triangular(rng):
    x, y = regular(rng, 3, 3), rng.standard_normal((3, 3))
    yield Sample(x, y, upper=True)
    yield Sample(x, y, upper=False, unitriangular=True)
    yield Sample(x, y, upper=False, left=False)


@samples("cholesky_of_symmetric")
def cholesky_of_symmetric(rng):
    yield Sample(definite(rng, 3, 3))
    yield Sample(definite(rng, 2, 2, 2))


@samples("cholesky_solve")
def cholesky_solve(rng):
    factor = np.tril(definite(rng, 2, 2))
    yield Sample(rng.standard_normal((2, 2)), factor, constant=(1,))
    yield Sample(rng.standard_normal((2, 2)), factor.T.copy(), True, constant=(1,))


# An eigenvalue's derivative is that of a symmetric matrix, and central differences would disturb
# one triangle alone: here only what has no other triangle, the rest in test_decompositions.py.
@samples("eigh")
def eigh(rng):
    yield Sample(rng.standard_normal((1, 1)))
    yield Sample(rng.standard_normal((2, 1, 1)), "U")
    yield Sample(np.zeros((0, 0)))


@samples("linalg_svd")
def linalg_svd(rng):
    yield Sample(spread(rng, 3, 3))
    yield Sample(spread(rng, 3, 2), False)
    yield Sample(spread(rng, 2, 2, 3), full_matrices=False)


@samples("svdvals")
def svdvals(rng):
    yield Sample(spread(rng, 3, 2))
    yield Sample(spread(rng, 2, 2, 3))


@samples("svd")
def svd(rng):
    yield Sample(spread(rng, 3, 2))


@samples("matrix_rank")
def matrix_rank(rng):
    yield Sample(np.outer(np.arange(3.0), np.ones(3)))
    yield Sample(np.stack([np.eye(2), np.zeros((2, 2))]), atol=0.5)


@samples("linalg_qr")
def linalg_qr(rng):
    yield Sample(rng.standard_normal((3, 2)))
    yield Sample(rng.standard_normal((2, 3)))
    yield Sample(rng.standard_normal((2, 2, 2)), "complete")
    yield Sample(rng.standard_normal((3, 2)), "r")


@samples("matrix_norm")
def matrix_norm(rng):
    for order in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        yield Sample(spread(rng, 2, 3), order)
    yield Sample(spread(rng, 2, 2, 3), 1, (0, -1), True)


@samples("matrix_exp", complex_step=True)
def matrix_exp(rng):
    yield Sample(rng.standard_normal((2, 2)))
    yield Sample(4 * rng.standard_normal((2, 2)))
