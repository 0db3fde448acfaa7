"""Inverses and factorizations: what defines them, conventions, messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg

SIZES = st.integers(0, 4)
BATCH = st.lists(st.integers(0, 3), max_size=2).map(tuple)


def randn(*shape):
    return mg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


def regular(*shape):
    return mg.tensor(randn(*shape).array / 2 + 2 * np.eye(shape[-1]), requires_grad=True)


def definite(*shape):
    x = randn(*shape).array
    return mg.tensor(x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1]), requires_grad=True)


def close(x, y):
    np.testing.assert_allclose(x.array, getattr(y, "array", y), atol=1e-9)


@given(BATCH, SIZES)
def test_inverse_and_determinant(batch, n):
    x = regular(*batch, n, n)
    close(mg.linalg.inv(x) @ x, np.broadcast_to(np.eye(n), x.shape))
    sign, logabs = mg.linalg.slogdet(x)
    close(sign * mg.exp(logabs), mg.linalg.det(x))


@given(BATCH, SIZES, SIZES)
def test_solve(batch, n, k):
    a, b = regular(*batch, n, n), randn(*batch, n, k)
    close(a @ mg.linalg.solve(a, b), b)
    c = randn(*batch, k, n)
    close(mg.linalg.solve(a, c, left=False) @ a, c)


@given(BATCH, SIZES, SIZES)
def test_factorizations(batch, m, n):
    a = randn(*batch, m, n)
    k = min(m, n)
    q, r = mg.linalg.qr(a)
    close(q @ r, a)
    assert q.shape == (*batch, m, k)
    assert (np.tril(r.array, -1) == 0).all()
    for full in (False, True):
        u, s, vh = mg.linalg.svd(a, full_matrices=full)
        close((u[..., :k] * s.unsqueeze(-2)) @ vh[..., :k, :], a)
        assert u.shape == (*batch, m, m if full else k)
        assert vh.shape == (*batch, n if full else k, n)
    p = mg.linalg.pinv(a)
    close(a @ p @ a, a)
    close(p @ a @ p, p)


@given(BATCH, SIZES)
def test_factorizations_of_symmetric_matrices(batch, n):
    a = definite(*batch, n, n)
    factor = mg.linalg.cholesky(a)
    close(factor @ factor.mT, a)
    upper = mg.linalg.cholesky(a, upper=True)
    close(upper.mT @ upper, a)
    values, vectors = mg.linalg.eigh(a)
    close((vectors * values.unsqueeze(-2)) @ vectors.mT, a)
    assert (np.diff(values.array) >= 0).all()


def test_eigenvectors_first_and_second_derivative():
    """Central differences, of symmetric disturbances."""

    def squares(x):
        values, vectors = mg.linalg.eigh((x + x.mT) / 2)
        return values, vectors * vectors

    x = mg.tensor(randn(2, 3, 3).array + np.diag([0.0, 4.0, 8.0]), requires_grad=True)
    mg.gradcheck(squares, (x,), atol=1e-6)
    mg.gradgradcheck(squares, (x,), atol=1e-5)
    mg.gradcheck(lambda x: mg.linalg.eigvalsh((x + x.mT) / 2, "U"), (x,), atol=1e-6)


def test_cholesky_and_its_relatives_first_and_second_derivative():
    x, b = definite(3, 3), randn(3, 2)

    def factor(x):
        return mg.linalg.cholesky((x + x.mT) / 2)

    mg.gradcheck(lambda x, b: mg.cholesky_solve(b, factor(x)), (x, b), atol=1e-6)
    mg.gradgradcheck(lambda x: mg.cholesky_inverse(factor(x)), (x,), atol=1e-5)
    symmetric = mg.tensor(x.array - 2 * np.eye(3), requires_grad=True)
    mg.gradcheck(lambda x: mg.linalg.pinv((x + x.mT) / 2, hermitian=True), (symmetric,), atol=1e-6)


def test_gradient_of_a_function_of_symmetric_matrices_is_symmetric():
    x = definite(3, 3)
    for function in (mg.linalg.cholesky, mg.linalg.eigvalsh):
        x.grad = None
        (function(x) ** 2).sum().backward()
        close(x.grad, x.grad.array.T)


def test_only_one_triangle_is_read():
    x = definite(3, 3).array
    lower, upper = mg.tensor(np.tril(x)), mg.tensor(np.triu(x))
    close(mg.linalg.cholesky(lower), np.linalg.cholesky(x))
    close(mg.linalg.cholesky(upper, upper=True), np.linalg.cholesky(x).T)
    close(mg.linalg.eigvalsh(lower), np.linalg.eigvalsh(x))
    close(mg.linalg.eigvalsh(upper, "U"), np.linalg.eigvalsh(x))


def test_gradient_of_the_determinant_of_a_singular_matrix():
    """Of rank n - 1 the cofactors, of less zeros; both have no inverse."""
    x = mg.tensor([[1.0, 2.0], [2.0, 4.0]], requires_grad=True)
    mg.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.array, [[4.0, -2.0], [-2.0, 1.0]], atol=1e-5)
    x = mg.zeros(3, 3, requires_grad=True)
    mg.linalg.det(x).backward()
    assert (x.grad.array == 0).all()


def test_logarithm_of_determinants_that_are_negative_or_zero():
    x = mg.tensor([[[0.0, 1.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]])
    got = mg.logdet(x).array
    assert np.isnan(got[0])
    assert got[1] == -np.inf
    np.testing.assert_allclose(got[2], np.log(4), rtol=1e-6)
    sign, logabs = mg.slogdet(x)
    assert sign.tolist() == [-1.0, 0.0, 1.0]
    assert logabs[0] == 0.0


def test_named_results():
    x = definite(2, 2)
    assert mg.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert mg.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert mg.linalg.qr(x)._fields == ("Q", "R")
    assert mg.linalg.slogdet(x)._fields == ("sign", "logabsdet")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mg.linalg.inv(mg.zeros(2, 2)), "inv: the matrix is singular, it has no inverse"),
        (
            lambda: mg.linalg.inv(mg.tensor(np.stack([np.eye(2), np.ones((2, 2))]))),
            r"inv: \(batch element 1\) the matrix is singular",
        ),
        (lambda: mg.linalg.solve(mg.zeros(2, 2), mg.zeros(2)), "solve: the matrix is singular"),
        (lambda: mg.linalg.cholesky(-mg.eye(2)), "cholesky: the matrix is not positive-definite"),
    ],
)
def test_matrices_that_have_no_such_thing(call, message):
    with pytest.raises(mg.linalg.LinAlgError, match=message) as caught:
        call()
    assert isinstance(caught.value, RuntimeError)  # as PyTorch's
    assert isinstance(caught.value, np.linalg.LinAlgError)  # as NumPy's


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mg.linalg.inv(mg.ones(2, 3)), r"inv: expected square matrices .* float32\[2, 3\]"),
        (lambda: mg.linalg.inv(mg.tensor([[1]])), "inv: expected a floating dtype, got int64"),
        (lambda: mg.linalg.solve(mg.eye(2), mg.ones(3)), r"solve: A \(2, 2\) and B \(3,\) do not"),
        (lambda: mg.linalg.qr(mg.eye(2), "raw"), "qr: mode must be"),
        (lambda: mg.linalg.matrix_norm(mg.eye(2), 3), "matrix_norm: ord must be"),
        (lambda: mg.linalg.norm(mg.ones(2, 2, 2), 1), "norm: with ord=1 and no dim"),
        (lambda: mg.linalg.svd(mg.ones(2)), r"svd: expected matrices \(\*, m, n\)"),
    ],
)
def test_messages(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()


def test_exponential_of_a_rotation():
    """exp of [[0, -t], [t, 0]] turns by the angle t; 30 full turns and one radian more."""
    t = 60 * np.pi + 1
    turn = mg.matrix_exp(mg.tensor(np.array([[0.0, -t], [t, 0.0]]))).array
    expected = [[np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)]]
    np.testing.assert_allclose(turn, expected, atol=1e-11)


def test_numpys_functions_reach_these():
    x = definite(3, 3)
    for function in (np.linalg.inv, np.linalg.det, np.linalg.pinv, np.linalg.cholesky):
        close(function(x), function(x.array))
    close(np.linalg.solve(x, x[0]), np.linalg.solve(x.array, x.array[0]))
    close(np.linalg.norm(x), np.linalg.norm(x.array))
    close(np.linalg.svd(x)[1], np.linalg.svd(x.array)[1])
