"""Embedding."""

import numpy as np
import pytest

import kernels
import minigrad as mg
from minigrad import nn


def test_it_looks_rows_up_and_counts_repetitions_in_the_gradient():
    table = nn.Embedding(4, 2)
    y = table(mg.tensor([[1, 3], [1, 1]]))
    assert y.shape == (2, 2, 2)
    np.testing.assert_array_equal(y.detach().numpy()[0, 1], table.weight.array[3])
    y.sum().backward()
    assert table.weight.grad.tolist() == [[0, 0], [3, 3], [0, 0], [1, 1]]


def test_it_begins_standard_normal():
    w = nn.Embedding(500, 100).weight.array
    assert abs(w.mean()) < 0.02
    assert abs(w.std() - 1) < 0.02


@pytest.mark.parametrize("index", [2, -2])
def test_padding_row_is_zero_and_stays_so(index):
    table = nn.Embedding(4, 3, padding_idx=index)
    assert table.padding_idx == 2
    assert not table.weight.array[2].any()
    table(mg.tensor([2, 1])).sum().backward()
    assert table.weight.grad.tolist() == [[0] * 3, [1] * 3, [0] * 3, [0] * 3]


def test_padding_must_be_a_row():
    for index in (4, -5):
        with pytest.raises(AssertionError, match=f"padding_idx {index} is not one of the 4 rows"):
            nn.Embedding(4, 3, padding_idx=index)


def test_max_norm_scales_the_rows_that_are_looked_up():
    table = nn.Embedding(3, 2, max_norm=1.0)
    table.weight.array[...] = [[3, 4], [0.3, 0.4], [6, 8]]
    table(mg.tensor([0, 1]))
    np.testing.assert_allclose(table.weight.array, [[0.6, 0.8], [0.3, 0.4], [6, 8]], rtol=1e-5)


def test_scaling_by_frequency():
    table = nn.Embedding(3, 1, scale_grad_by_freq=True)
    table(mg.tensor([0, 0, 2])).sum().backward()
    assert table.weight.grad.tolist() == [[1], [0], [1]]


def test_from_pretrained():
    rows = mg.tensor([[1.0, 2.0], [3.0, 4.0]])
    table = nn.Embedding.from_pretrained(rows)
    assert table(mg.tensor(1)).tolist() == [3, 4]
    assert not table.weight.requires_grad
    assert table.weight.array is rows.array
    assert nn.Embedding.from_pretrained(rows, freeze=False).weight.requires_grad
    with pytest.raises(AssertionError, match=r"expected 2 dimensions, got shape \[2\]"):
        nn.Embedding.from_pretrained(mg.ones(2))
    with pytest.raises(AssertionError, match=r"expected a weight of shape \[3, 2\], got \[2, 2\]"):
        nn.Embedding(3, 2, _weight=rows)


def test_an_index_out_of_range_is_an_error():
    with pytest.raises(IndexError):
        nn.Embedding(3, 2)(mg.tensor([3]))


@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
@pytest.mark.parametrize("options", [{}, {"padding_idx": 3}, {"scale_grad_by_freq": True}])
def test_a_large_gradient_is_what_numpy_gives(options, dtype):
    rng = np.random.default_rng(0)
    index = mg.tensor(rng.integers(0, 40, (30, 20)))
    g = mg.tensor(rng.standard_normal((30, 20, 50)), dtype=dtype)
    grads = []
    for how in ("auto", "numpy"):
        with kernels.use(how):
            table = nn.Embedding(50, 50, dtype=dtype, **options)
            table(index).backward(g)
            grads.append(table.weight.grad.array)
    tolerance = 1e-5 if dtype == mg.float32 else 1e-13
    np.testing.assert_allclose(*grads, rtol=tolerance, atol=tolerance)
    assert not grads[0][40:].any()
    assert options.get("padding_idx") is None or not grads[0][3].any()
