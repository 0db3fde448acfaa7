"""Products of matrices: values worked by hand, properties, and what wrong shapes are told."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigrad as mg


def randn(*shape):
    return mg.tensor(np.random.default_rng(0).standard_normal(shape), requires_grad=True)


@st.composite
def matmul_shapes(draw):
    """Two shapes that np.matmul takes: vectors, matrices, batches that broadcast."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    batch = draw(st.lists(st.integers(1, 3), max_size=2))
    mask = [draw(st.sampled_from([None, 1])) for _ in batch]
    other = [b if one is None else 1 for b, one in zip(batch, mask, strict=True)]
    x = draw(st.sampled_from([(k,), (n, k), (*batch, n, k)]))
    y = draw(st.sampled_from([(k,), (k, m), (*other, k, m), (*batch, k, m)]))
    return x, y


@given(matmul_shapes())
def test_matmul_is_numpys(shapes):
    x, y = (randn(*shape) for shape in shapes)
    z = mg.matmul(x, y)
    expected = np.matmul(x.array, y.array)
    assert z.shape == expected.shape
    np.testing.assert_allclose(z.array, expected, atol=1e-12)
    mg.gradcheck(mg.matmul, (x, y), atol=1e-6)


def test_weight_gradient_of_linear_is_a_fresh_contiguous_array():
    x, weight, bias = randn(5, 3), randn(4, 3), randn(4)
    mg.ops.linear(x, weight, bias).sum().backward()
    assert weight.grad.array.flags.c_contiguous
    assert weight.grad.array.base is None
    np.testing.assert_allclose(weight.grad.array, np.ones((5, 4)).T @ x.array)
    np.testing.assert_array_equal(bias.grad.array, [5.0] * 4)


def test_linear_computes_no_gradient_that_nobody_needs():
    x, weight = randn(5, 3).detach(), randn(4, 3)
    y = mg.ops.linear(x, weight)
    assert [i for i, _ in y.grad_fn.edges] == [1]


def test_linear_does_not_write_into_its_input():
    """The bias is added in place, into the product and nothing else."""
    x, bias = np.ones((2, 2)), np.ones(2)
    y = mg.ops.linear(x, np.eye(2), bias)
    np.testing.assert_array_equal(x, np.ones((2, 2)))
    np.testing.assert_array_equal(y, 2 * np.eye(2) + np.array([[0, 2], [2, 0]]))


@pytest.mark.parametrize("shape", [(1,), (), (1, 70), (300, 1), (70,)])
@pytest.mark.parametrize("dtype", ["float32", "int64", "float64"])
def test_a_bias_of_large_matrices_broadcasts_as_one_of_small_ones(shape, dtype):
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(s).astype("float32") for s in ((300, 80), (70, 80)))
    bias = (10 * rng.standard_normal(shape)).astype(dtype)
    y = mg.ops.linear(x, w, bias)
    assert y.dtype == np.result_type(x, bias)
    np.testing.assert_allclose(y, x @ w.T + bias, atol=1e-4)
    if dtype == "float32":
        b = mg.tensor(bias).requires_grad_()
        mg.ops.linear(mg.tensor(x), mg.tensor(w), b).sum().backward()
        np.testing.assert_allclose(b.grad.array, np.full(shape, y.size / bias.size), rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mg.matmul(randn(32, 10), randn(12, 4)),
            r"matmul: \(32, 10\) @ \(12, 4\): inner sizes differ, 10 != 12",
        ),
        (lambda: mg.matmul(randn(2), randn()), "matmul: both arguments need at least 1 dimension"),
        (lambda: mg.matmul(randn(2, 3, 4), randn(3, 4, 2)), "batch axes .* do not broadcast"),
        (lambda: mg.matmul(randn(2, 3), randn(3, 2).float()), "matmul: .*same dtype.*float64"),
        (lambda: mg.mm(randn(2), randn(2, 2)), "mm: expected arguments of 2 and 2 dimensions"),
        (lambda: mg.bmm(randn(1, 2, 3), randn(2, 3, 2)), "bmm: .*batch sizes differ, 1 != 2"),
        (lambda: mg.dot(randn(2), randn(3)), "inner sizes differ, 2 != 3"),
        (
            lambda: mg.ops.linear(randn(2, 3), randn(4, 5)),
            r"linear: the input has 3 features .* weight \(4, 5\) takes 5",
        ),
        (lambda: mg.einsum("ij,jk", randn(2, 3), randn(4, 2)), "'j' has size 3 and also 4"),
        (lambda: mg.einsum("ij->ik", randn(2, 3)), "'k' of the result is in no operand"),
        (lambda: mg.einsum("ij,jk", randn(2, 3)), "for 2 operands, got 1"),
        (lambda: mg.einsum("ijk", randn(2, 3)), "names 3 axes, but its operand has 2"),
        (lambda: mg.einsum("ii", randn(2, 3)), "repeated with sizes 2 and 3"),
        (lambda: mg.einsum("i j*", randn(2, 3)), r"'\*' in .* is not a letter"),
        (lambda: mg.einsum("ij->ii", randn(2, 2)), "'i' occurs twice in the result"),
        (lambda: mg.tensordot(randn(2, 3), randn(2, 3), 1), "tensordot: .*different sizes"),
        (lambda: mg.chain_matmul(randn(2, 3), randn(2, 3)), "tensors 0 and 1 cannot be multiplied"),
        (lambda: mg.cross(randn(2, 2), randn(2, 2)), "cross: expected an axis of size 3"),
        (lambda: mg.matrix_power(randn(2, 3), 2), "matrix_power: expected square matrices"),
        (lambda: mg.cdist(randn(2, 3), randn(2, 4)), "cdist: expected two sets of vectors"),
    ],
)
def test_messages(call, message):
    with pytest.raises(RuntimeError, match=message):
        call()


@given(st.data())
def test_einsum_is_numpys(data):
    sizes = {letter: data.draw(st.integers(0, 3), label=letter) for letter in "abcd"}
    terms = data.draw(st.lists(st.text("abcd", min_size=0, max_size=3), min_size=1, max_size=3))
    known = sorted(set("".join(terms)))
    chosen = data.draw(st.lists(st.sampled_from(known), unique=True) if known else st.just([]))
    equation = ",".join(terms) + "->" + "".join(chosen)
    operands = [randn(*(sizes[letter] for letter in term)) for term in terms]
    expected = np.einsum(equation, *(x.array for x in operands))
    np.testing.assert_allclose(mg.einsum(equation, *operands).array, expected, atol=1e-12)


@given(st.lists(st.integers(1, 4), min_size=3, max_size=6))
def test_multi_dot_is_the_product_from_left_to_right(sizes):
    matrices = [randn(n, m) for n, m in itertools.pairwise(sizes)]
    expected = matrices[0].array
    for matrix in matrices[1:]:
        expected = expected @ matrix.array
    np.testing.assert_allclose(mg.chain_matmul(*matrices).array, expected, atol=1e-10)


def test_multi_dot_takes_the_cheaper_order():
    """(10 x 1000) (1000 x 2) (2 x 1000): from the right it would cost 100 times as much."""
    a, b, c = randn(10, 1000), randn(1000, 2), randn(2, 1000)
    y = mg.chain_matmul(a, b, c)
    (_, first), (_, second) = y.grad_fn.edges
    assert first.shape == (10, 2)
    assert second is c


def test_cross_product_by_hand():
    x, y = mg.tensor([1.0, 0.0, 0.0]), mg.tensor([0.0, 1.0, 0.0])
    assert mg.cross(x, y).tolist() == [0.0, 0.0, 1.0]
    assert mg.cross(y, x).tolist() == [0.0, 0.0, -1.0]


def test_numpys_functions_reach_these():
    x, y = randn(2, 2), randn(2, 2)
    for function in (np.matmul, np.dot, np.kron, np.inner, np.tensordot):
        got = function(x, y)
        assert isinstance(got, mg.Tensor)
        np.testing.assert_allclose(got.array, function(x.array, y.array))
    np.testing.assert_allclose(np.einsum("ij,jk", x, y).array, x.array @ y.array)
    np.testing.assert_allclose(np.trace(x).array, np.trace(x.array))
    np.testing.assert_allclose(
        np.dot(x, randn(3, 2, 4)).array, np.dot(x.array, randn(3, 2, 4).array)
    )


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, np.inf])
def test_distance_zero_has_gradient_zero(p):
    x = mg.tensor([[1.0, 2.0], [1.0, 2.0]], requires_grad=True)
    mg.cdist(x, x.detach(), p).sum().backward()
    assert x.grad.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_both_ways_to_euclidean_distances_agree():
    x, y = randn(40, 3), randn(30, 3) + 0.5
    fast = mg.cdist(x, y)
    slow = mg.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")
    assert fast.grad_fn.name == "euclidean_distances"
    np.testing.assert_allclose(fast.array, slow.array, rtol=1e-9)


def test_nan_in_an_input_with_beta_zero_does_not_count():
    y = mg.addmm(mg.full((2, 2), np.nan), mg.ones(2, 3), mg.ones(3, 2), beta=0)
    assert y.tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_a_large_product_of_real_and_complex():
    """For the complex step: the kernel for large products takes one dtype."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((100, 100)), rng.standard_normal((100, 100)) * (1 + 2j)
    np.testing.assert_allclose(mg.ops.matmul(a, b), np.matmul(a, b))
