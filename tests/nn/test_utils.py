"""Clipping gradients; parameters as a vector."""

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import utils


def params(*grads):
    out = [nn.Parameter(mg.zeros(2))]  # one without a gradient
    for g in grads:
        p = nn.Parameter(mg.zeros(len(g)))
        p.grad = mg.tensor(g)
        out.append(p)
    return out


@pytest.mark.parametrize(
    ("norm_type", "norm"),
    [(2, 13.0), (1, 19.0), (math.inf, 12.0), (-math.inf, 3.0), ("inf", 12.0), (0, 2.0)],
)
def test_the_norm_of_all_as_one_vector(norm_type, norm):
    ps = params([3.0, 4.0], [12.0])
    if norm_type == 0:
        norm = math.sqrt(0) + 2  # two tensors whose own norms are not 0
    assert utils.clip_grad_norm_(ps, 1e9, norm_type).item() == pytest.approx(norm)
    assert ps[1].grad.tolist() == [3, 4]  # below the limit: left alone


def test_clipping_shortens_and_keeps_the_direction():
    ps = params([3.0, 4.0], [12.0])
    before = ps[1].grad
    assert utils.clip_grad_norm_(ps, 1.3).item() == pytest.approx(13)
    np.testing.assert_allclose(ps[1].grad.numpy(), [0.3, 0.4], rtol=1e-5)
    np.testing.assert_allclose(ps[2].grad.numpy(), [1.2], rtol=1e-5)
    assert ps[1].grad is before  # in place
    assert ps[0].grad is None
    assert utils.get_total_norm([p.grad for p in ps[1:]]).item() == pytest.approx(1.3, rel=1e-5)


def test_one_tensor_and_no_tensor():
    (_, p) = params([3.0, 4.0])
    assert utils.clip_grad_norm_(p, 1.0).item() == 5
    assert utils.clip_grad_norm_([], 1.0).item() == 0
    with pytest.warns(UserWarning, match="empty generator"):
        utils.clip_grad_norm_((q for q in ()), 1.0)


def test_a_norm_that_is_known():
    ps = params([3.0, 4.0])
    utils.clip_grads_with_norm_(ps, 1.0, mg.tensor(10.0))
    np.testing.assert_allclose(ps[1].grad.numpy(), [0.3, 0.4], rtol=1e-5)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite(bad):
    ps = params([bad, 4.0])
    with pytest.raises(RuntimeError, match=f"order 2.0 .* is non-finite \\({bad}\\)"):
        utils.clip_grad_norm_(ps, 1.0, error_if_nonfinite=True)
    assert ps[1].grad.tolist()[1] == 4


def test_dtypes_are_kept():
    ps = params([3.0, 4.0], [12.0])
    ps[1].data = ps[1].data.double()
    ps[1].grad = mg.tensor([3.0, 4.0], dtype=mg.float64)
    utils.clip_grad_norm_(ps, 1.0)
    assert ps[1].grad.dtype == mg.float64
    assert ps[2].grad.dtype == mg.float32


def test_clip_value():
    ps = params([-3.0, 0.5, 4.0])
    utils.clip_grad_value_(ps, 1)
    assert ps[1].grad.tolist() == [-1, 0.5, 1]


def test_parameters_as_a_vector_and_back():
    net = nn.Linear(2, 1)
    v = utils.parameters_to_vector(net.parameters())
    assert v.shape == (3,)
    v.sum().backward()
    assert net.weight.grad.tolist() == [[1, 1]]
    utils.vector_to_parameters(mg.tensor([1.0, 2.0, 3.0]), net.parameters())
    assert net.weight.tolist() == [[1, 2]]
    assert net.bias.tolist() == [3]
    with pytest.raises(TypeError, match="expected a Tensor, got list"):
        utils.vector_to_parameters([1], net.parameters())
    with pytest.raises(RuntimeError, match=r"have 3 elements, the vector has shape \[2\]"):
        utils.vector_to_parameters(mg.ones(2), net.parameters())
