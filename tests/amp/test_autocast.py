"""Which ops run in float16, and that the numbers are those of float16."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.amp import autocast
from minigrad.amp.casting import FLOAT32, LOWER
from minigrad.graph import OPS
from minigrad.nn import functional as F
from minigrad.utils.checkpoint import checkpoint

x, w, b = mg.randn(4, 6), mg.randn(5, 6), mg.randn(5)
half = x.half()
labels = mg.tensor([0, 1, 2, 3])

IN_FLOAT16 = {
    "linear": lambda: F.linear(x, w, b),
    "matmul": lambda: x @ w.t(),
    "mixed": lambda: half @ w.t(),
    "mm": lambda: mg.mm(x, w.t()),
    "bmm": lambda: mg.bmm(x[None], w.t()[None]),
    "einsum": lambda: mg.einsum("ij,kj->ik", x, w),
    "conv": lambda: nn.Conv2d(3, 4, 3)(mg.randn(2, 3, 6, 6)),
    "conv transposed": lambda: nn.ConvTranspose1d(3, 4, 3)(mg.randn(2, 3, 6)),
    "attention": lambda: F.scaled_dot_product_attention(x, x, x),
    "lstm": lambda: nn.LSTM(6, 3)(x)[0],
    "gru": lambda: nn.GRU(6, 3)(x)[0],
    "rnn": lambda: nn.RNN(6, 3)(x)[0],
    "relu of linear": lambda: F.relu(F.linear(x, w, b)),
}
IN_FLOAT32 = {
    "softmax": lambda: F.softmax(half, -1),
    "log_softmax": lambda: F.log_softmax(half, -1),
    "layer_norm": lambda: F.layer_norm(half, (6,)),
    "batch_norm": lambda: nn.BatchNorm1d(6)(half),
    "cross_entropy": lambda: F.cross_entropy(half, labels),
    "mse": lambda: F.mse_loss(half, half),
    "bce": lambda: F.binary_cross_entropy_with_logits(half, half),
    "sum": lambda: half.sum(),
    "exp": lambda: half.exp(),
    "pow": lambda: half**2,
    "float16 with float32": lambda: half + x,
}


@pytest.mark.parametrize("name", IN_FLOAT16)
def test_products_run_in_float16(name):
    with autocast("cpu"):
        assert IN_FLOAT16[name]().dtype == mg.float16


@pytest.mark.parametrize("name", IN_FLOAT32)
def test_what_needs_digits_runs_in_float32(name):
    with autocast("cpu"):
        assert IN_FLOAT32[name]().dtype == mg.float32


def test_the_lists_are_of_ops():
    assert set(OPS) >= LOWER | FLOAT32
    assert not LOWER & FLOAT32


def test_a_product_is_that_of_rounded_numbers():
    """Multiplied and added up exactly enough, then rounded once."""
    with autocast("cpu"):
        y = F.linear(x, w, b)
    rounded = [t.half().double().numpy() for t in (x, w, b)]
    expected = rounded[0] @ rounded[1].T + rounded[2]
    np.testing.assert_array_equal(y.numpy(), expected.astype(np.float16))


def test_large_products_do_not_overflow_on_the_way():
    """Of ones: a sum in float16 would stop at 2048, and none of its numbers is above 65504."""
    ones = mg.ones(80_000)
    signs = mg.cat([mg.ones(70_000), -mg.ones(10_000)])
    with autocast("cpu"):
        assert (ones[None] @ signs[:, None]).item() == 60_000
        assert (ones[None] @ ones[:, None]).item() == np.inf


def test_exponentials_do_not_overflow():
    with autocast("cpu"):
        assert mg.tensor([20.0]).half().exp().item() == pytest.approx(np.exp(20), rel=1e-6)


def test_gradients_have_the_dtype_of_their_parameters():
    linear = nn.Linear(6, 5)
    with autocast("cpu"):
        loss = F.cross_entropy(linear(x), labels)
    loss.backward()
    assert linear.weight.grad.dtype == linear.bias.grad.dtype == mg.float32
    found = linear.weight.grad.numpy().copy()
    linear.zero_grad()
    F.cross_entropy(linear(x), labels).backward()
    assert (found != linear.weight.grad.numpy()).any()
    np.testing.assert_allclose(found, linear.weight.grad.numpy(), rtol=0, atol=1e-3)
    assert (found == found.astype(np.float16)).all()


def test_second_order():
    v = mg.randn(6, 6, requires_grad=True)
    results = []
    for enabled in (True, False):
        with autocast("cpu", enabled=enabled):
            y = F.softmax((x @ v).tanh() @ v, -1)
        (g,) = mg.autograd.grad((y * y).sum(), v, create_graph=True)
        results.append(mg.autograd.grad((g * g).sum(), v)[0].numpy())
    assert results[0].dtype == np.float32
    assert (results[0] != results[1]).any()
    np.testing.assert_allclose(*results, rtol=0, atol=0.03 * np.abs(results[1]).max())


def test_a_backward_casts_nothing():
    """Its own products, which create_graph records, run in the dtype of the forward."""
    v = mg.randn(6, 6, requires_grad=True)
    grads = []
    for enabled in (True, False):
        y = x @ v
        with autocast("cpu", enabled=enabled):
            (g,) = mg.autograd.grad((y * y).mean(), v, create_graph=True)
        grads.append(g.detach().numpy())
    np.testing.assert_array_equal(*grads)


def test_blocks_within_blocks():
    def dtype():
        return (x @ w.t()).dtype

    assert dtype() == mg.float32
    with autocast("cpu"):
        with autocast("cpu", enabled=False):
            assert dtype() == mg.float32
        with autocast("cuda"):
            assert dtype() == mg.float16
        assert dtype() == mg.float16
    with autocast("cuda"):
        assert dtype() == mg.float32
        with autocast("cpu"), autocast("cuda", enabled=False):
            assert dtype() == mg.float16
    assert dtype() == mg.float32


def test_as_a_decorator():
    @mg.autocast("cpu")
    def forward(x):
        return x @ w.t()

    with autocast("cuda"):
        assert forward(x).dtype == mg.float16
    assert (x @ w.t()).dtype == mg.float32


def test_float64_and_integers_are_left_alone():
    with autocast("cpu"):
        assert (x.double() @ w.t().double()).dtype == mg.float64
        assert mg.arange(3).sum().dtype == mg.int64
        assert mg.matmul(mg.arange(3), mg.arange(3)).dtype == mg.int64
        assert F.softmax(x.double(), -1).dtype == mg.float64


def test_checkpoints_are_computed_again_under_the_same_casts():
    net = nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Dropout(0.5), nn.Linear(6, 5))
    grads = []
    for call in (net, lambda x: checkpoint(net, x)):
        mg.manual_seed(0)
        net.zero_grad()
        with autocast("cpu"):
            loss = F.cross_entropy(call(x), labels)
        loss.backward()
        grads.append([p.grad.numpy().tobytes() for p in net.parameters()])
    assert grads[0] == grads[1]


@pytest.mark.parametrize("dtype", [mg.float16, np.float16, "float16", None])
def test_dtypes(dtype):
    with autocast("cpu", dtype=dtype):
        assert (x @ w.t()).dtype == mg.float16


def test_what_there_is_not():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    for dtype in (ml_dtypes.bfloat16, np.dtype(ml_dtypes.bfloat16), "bfloat16"):
        with pytest.raises(ValueError, match=r"got bfloat16, which NumPy does not have; use minig"):
            autocast("cuda", dtype=dtype)
    with pytest.raises(ValueError, match="expected dtype float16, got float64"):
        autocast("cpu", dtype=mg.float64)
    with pytest.raises(RuntimeError, match="expected 'cpu', 'cuda'"):
        autocast("tpu")
