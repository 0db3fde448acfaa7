"""The Tensor's face: what it is made of, how it shows, NumPy's protocols, dtypes."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import minigrad as mg

# ---------------------------------------------------------------------------- making one


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.5, mg.float32), (3, mg.int64), (True, mg.bool), ([1, 2.5], mg.float32), ([], mg.float32),
        ([[1, 2], [3, 4]], mg.int64), (np.float64(2), mg.float64), (np.ones(2), mg.float64),
        (np.ones(2, "int16"), mg.int16), ([np.float64(1), np.float64(2)], mg.float64),
    ],
)  # fmt: skip
def test_dtype_of_data(data, dtype):
    assert mg.tensor(data).dtype == dtype


def test_tensor_copies_and_from_numpy_shares():
    a = np.zeros(2)
    copied, shared = mg.tensor(a), mg.from_numpy(a)
    a[0] = 7
    assert copied.tolist() == [0, 0]
    assert shared.tolist() == [7, 0]
    assert shared.numpy() is a


def test_a_list_of_tensors():
    assert mg.tensor([mg.tensor(1.0), mg.tensor(2.0)]).tolist() == [1, 2]


def test_bad_data():
    with pytest.raises(ValueError, match="equal lengths"):
        mg.tensor([[1, 2], [3]])
    with pytest.raises(TypeError, match="expected numbers"):
        mg.tensor(["a"])
    with pytest.raises(RuntimeError, match=r"int64.*float"):
        mg.tensor([1, 2], requires_grad=True)


# ---------------------------------------------------------------------------- how it shows


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: mg.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
        (lambda: mg.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: mg.tensor([True]), "tensor([ True])"),
        (lambda: mg.tensor(2.0, dtype=mg.float64), "tensor(2., dtype=float64)"),
        (lambda: mg.ones(1, requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: mg.ones(1, requires_grad=True) * 2, "tensor([2.], grad_fn=<mul>)"),
        (lambda: mg.zeros(0, 3), "tensor([], size=(0, 3))"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == text


def test_repr_of_a_large_tensor_is_short_and_says_its_size():
    text = repr(mg.zeros(100, 200))
    assert len(text) < 500
    assert "size=(100, 200)" in text


def test_format():
    assert f"{mg.tensor(3.14159):.2f}" == "3.14"


# ---------------------------------------------------------------------------- conversions


def test_item_and_truth():
    assert mg.tensor([[2.5]]).item() == 2.5
    with pytest.raises(RuntimeError, match=r"one element, got shape \[2\]"):
        mg.ones(2).item()
    assert mg.tensor(1)
    assert not mg.tensor([0.0])
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(mg.ones(2))
    assert [10, 20, 30][mg.tensor(1)] == 20
    with pytest.raises(TypeError, match="integer"):
        [1, 2][mg.tensor(1.0)]
    assert int(mg.tensor(2.7)) == 2
    assert float(mg.tensor(2)) == 2.0


def test_numpy_conversion_refuses_to_sever_a_graph():
    x = mg.ones(2, requires_grad=True)
    for convert in (lambda: x.numpy(), lambda: np.asarray(x)):
        with pytest.raises(RuntimeError, match=r"detach\(\)"):
            convert()
    assert x.numpy(force=True).tolist() == [1, 1]
    assert np.asarray(mg.ones(2), dtype=np.float64).dtype == np.float64


def test_iteration_and_length():
    x = mg.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    with pytest.raises(TypeError, match="0-d"):
        iter(mg.tensor(1.0))
    with pytest.raises(TypeError, match="0-d"):
        len(mg.tensor(1.0))
    assert 3.0 in x
    assert 7.0 not in x


def test_copies():
    x = mg.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    twin = copy.deepcopy(x)
    assert twin is not x
    assert twin.requires_grad
    assert twin.grad.tolist() == [3, 3]
    again = pickle.loads(pickle.dumps(x))
    assert again.requires_grad
    assert again.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="leaf"):
        copy.deepcopy(x * 2)


def test_a_typo_is_an_error():
    x = mg.ones(2)
    with pytest.raises(AttributeError):
        x.requires_gard = True


def test_compared_with_something_else():
    x = mg.ones(2)
    assert (x == None) is False  # noqa: E711 (what `x in [None]` asks)
    assert (x != "a") is True
    assert (x == 1).all()


# ---------------------------------------------------------------------------- dtypes


@pytest.mark.parametrize(
    ("a", "b", "dtype"),
    [
        (mg.ones(2), mg.ones(2, dtype=mg.int64), mg.float32),
        (mg.ones(2), mg.ones(2, dtype=mg.float64), mg.float64),
        (mg.ones(2), mg.ones((), dtype=mg.float64), mg.float32),
        (mg.ones(2, dtype=mg.int64), 1.5, mg.float32),
        (mg.ones(2, dtype=mg.int32), 3, mg.int32),
        (mg.ones(2, dtype=mg.int32), mg.ones((), dtype=mg.int64), mg.int32),
        (mg.ones(2, dtype=mg.int32), mg.ones(2, dtype=mg.int64), mg.int64),
        (mg.ones(2, dtype=mg.bool), 1, mg.int64),
        (mg.ones(2, dtype=mg.bool), mg.ones(2, dtype=mg.uint8), mg.uint8),
        (mg.ones(2, dtype=mg.int64), mg.ones((), dtype=mg.float64), mg.float64),
        (mg.ones(2, dtype=mg.float16), 1.5, mg.float16),
        (mg.ones(2), np.float64(2), mg.float32),
        (mg.ones(2), np.ones(2), mg.float64),
    ],
)
def test_promotion(a, b, dtype):
    assert (a * b).dtype == dtype
    assert (b * a).dtype == dtype


def test_division_and_float_functions_of_integers():
    i = mg.tensor([1, 2])
    assert (i / i).dtype == mg.float32
    assert mg.exp(i).dtype == mg.float32
    assert (i + i).dtype == mg.int64
    assert (1 / i).dtype == mg.float32


def test_the_gradient_has_the_input_s_dtype():
    x = mg.ones(2, requires_grad=True)
    y = mg.ones(2, dtype=mg.float64, requires_grad=True)
    (x * y).sum().backward()
    assert x.grad.dtype == mg.float32
    assert y.grad.dtype == mg.float64


def test_default_dtype():
    mg.set_default_dtype(mg.float64)
    try:
        assert mg.tensor(1.5).dtype == mg.float64
        assert mg.zeros(1).dtype == mg.float64
        assert (mg.tensor([1]) * 1.5).dtype == mg.float64
    finally:
        mg.set_default_dtype(mg.float32)
    with pytest.raises(TypeError, match="floating"):
        mg.set_default_dtype(mg.int64)


def test_casts_carry_gradients():
    x = mg.ones(2, requires_grad=True)
    y = x.double()
    assert y.dtype == mg.float64
    (y * 3).sum().backward()
    assert x.grad.dtype == mg.float32
    assert x.grad.tolist() == [3, 3]
    assert x.to(mg.float32) is x
    assert not x.long().requires_grad


# ---------------------------------------------------------------------------- NumPy's protocols


def test_ufuncs_and_functions():
    x = mg.tensor([0.5, 1.5], dtype=mg.float64, requires_grad=True)
    for y in (
        np.sin(x), np.sum(x), np.add(1, x), np.ones(2) * x, np.float64(2) * x,
        np.where([True, False], x, 0),
        np.concatenate([x, np.ones(1)]), np.reshape(x, (2, 1)), np.add.reduce(x), np.stack([x, x]),
        np.exp(x)[0], np.clip(x, 0, 1), np.mean(x), np.maximum(x, 1), np.matmul(x, x),
        np.transpose(x),
    ):  # fmt: skip
        assert isinstance(y, mg.Tensor)
        assert y.requires_grad


def test_functions_without_a_differentiable_version():
    x = mg.tensor([3.0, 1.0], requires_grad=True)
    for call in (np.i0, np.spacing, np.add.accumulate, np.diag_indices_from):
        with pytest.raises(TypeError, match=r"np.*no differentiable version.*t.detach\(\)"):
            call(x)
    plain = x.detach()
    np.testing.assert_array_equal(np.spacing(plain), np.spacing(plain.numpy()))
    np.testing.assert_array_equal(np.add.accumulate(plain), [3, 4])
    np.testing.assert_array_equal(np.histogram(plain, bins=2)[0], [1, 1])
    np.testing.assert_array_equal(np.lexsort((plain, plain)), [1, 0])
    assert np.may_share_memory(plain, x.detach())


def test_numpy_writes_into_arrays_and_not_into_tensors():
    x = mg.ones(2, dtype=mg.float64)
    array = np.zeros(2)
    array += x
    assert array.tolist() == [1, 1]
    assert np.add(x, x, out=array) is array
    assert array.tolist() == [2, 2]
    with pytest.raises(TypeError, match=r"np.add has no differentiable version.*these arguments"):
        array += x.requires_grad_()
    for call in (lambda: np.add(array, 1, out=x), lambda: np.add.at(x, [0], 1)):
        with pytest.raises(TypeError, match=r"np.add.*cannot write into a Tensor.*t.add_\(x\)"):
            call()


def test_tensors_and_arrays_together():
    x = mg.ones(2, 2, dtype=mg.float64, requires_grad=True)
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    for y in (x @ a, a @ x, x * a, a * x, a - x, x / a, a**x, np.matmul(a, x), np.dot(a, x),
              np.linalg.norm(x), np.linalg.inv(x + a), np.einsum("ij,jk", a, x),
              np.where(a > 2, x, a), np.clip(x, a_min=0, a_max=a), np.sum(a=x)):  # fmt: skip
        assert isinstance(y, mg.Tensor)
        assert y.requires_grad
    assert (a == x.detach()).tolist() == [[True, False], [False, False]]
    assert (x.float() * a).dtype == mg.float64
    assert (x.float() * np.float64(2)).dtype == mg.float32  # a scalar is a number
    assert np.asarray(x.detach()).dtype == np.float64
    assert np.asarray(x.detach(), dtype="f4").dtype == np.float32
    with pytest.raises(RuntimeError, match="numpy: this Tensor requires grad"):
        np.asarray(x)


def test_called_on_arrays_an_op_returns_an_array():
    y = mg.tanh(np.zeros(2))
    assert isinstance(y, np.ndarray)
