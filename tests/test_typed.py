"""The names of PyTorch's first years: LongTensor and the others, Variable."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad.autograd import Variable

TYPES = {
    mg.FloatTensor: mg.float32,
    mg.DoubleTensor: mg.float64,
    mg.HalfTensor: mg.float16,
    mg.ByteTensor: mg.uint8,
    mg.CharTensor: mg.int8,
    mg.ShortTensor: mg.int16,
    mg.IntTensor: mg.int32,
    mg.LongTensor: mg.int64,
    mg.BoolTensor: mg.bool,
}


@pytest.mark.parametrize("T", TYPES, ids=lambda T: T.__name__)
def test_types_of_tensors(T):
    x = T([[1, 0], [1, 1]])
    assert x.dtype == TYPES[T]
    assert x.tolist() == [[1, 0], [1, 1]]
    assert (T(2, 3).shape, T().shape, T((2, 3)).tolist()) == ((2, 3), (0,), T([2, 3]).tolist())
    assert T(np.ones(2)).dtype == TYPES[T]
    assert [isinstance(x, other) for other in TYPES] == [other is T for other in TYPES]
    assert isinstance(x, mg.Tensor)
    assert not isinstance(np.ones(2), T)
    assert mg.arange(3).type(T).dtype == TYPES[T]
    assert T | None


def test_a_variable_is_a_tensor():
    x = mg.tensor([1.0, 2.0])
    v = Variable(x, requires_grad=True)
    (v * v).sum().backward()
    assert v.grad.tolist() == [2, 4]
    assert not x.requires_grad
    assert Variable(v * 2).grad_fn is None  # of no graph
    assert isinstance(x, Variable)
    assert not isinstance(2.0, Variable)
    with pytest.raises(TypeError, match=r"expected a Tensor, got 2\.0"):
        Variable(2.0)
    with pytest.raises(RuntimeError, match="only floating Tensors have gradients"):
        Variable(mg.arange(2), requires_grad=True)
