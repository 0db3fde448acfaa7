"""Devices: what happens where there is no GPU, and that nothing leaves a device by accident."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import minigrad as mg
from minigrad import backend
from minigrad.graph import wrap
from tests.strict_array import StrictArray


def on_device(values):
    return wrap(StrictArray(np.asarray(values, dtype=np.float64)))


def test_device_names():
    assert mg.device("cuda:1").index == 1
    assert mg.device("cpu") == mg.zeros(1).device
    assert mg.zeros(1).device.type == "cpu"
    assert repr(mg.device("cuda", 2)) == "device(type='cuda', index=2)"
    with pytest.raises(RuntimeError, match="'cpu', 'cuda' or 'cuda:N', got 'gpu'"):
        mg.zeros(1, device="gpu")


@pytest.mark.skipif(mg.cuda.is_available(), reason="this machine has a GPU")
def test_asking_for_a_gpu_that_is_not_there_is_one_sentence():
    with pytest.raises(RuntimeError, match=r"^device 'cuda': ") as info:
        mg.zeros(2).to("cuda")
    assert "\n" not in str(info.value)
    if importlib.util.find_spec("cupy") is None:
        assert "pip install" in str(info.value)
    assert not mg.cuda.is_available()
    assert mg.cuda.device_count() == 0


def test_no_silent_conversion_to_numpy():
    x = on_device([1.0, 2.0])
    assert x.device.type == "cuda"
    with pytest.raises(TypeError, match=r"\.cpu\(\)"):
        np.asarray(x)
    with pytest.raises(TypeError, match=r"\.cpu\(\)"):
        x.numpy()
    assert isinstance(x.cpu().array, np.ndarray)
    assert x.cpu().numpy().tolist() == [1, 2]
    assert repr(x).startswith("tensor([1., 2.]")
    assert "device='cuda:0'" in repr(x)


def test_moving_is_differentiable():
    x = on_device([1.0, 2.0]).requires_grad_()
    y = x.cpu() * 3
    g = wrap(np.ones(2))
    # The gradient would go back to the GPU; here that must ask for CuPy, not arrive as NumPy.
    if not mg.cuda.is_available():
        with pytest.raises(RuntimeError, match="device 'cuda'"):
            mg.autograd.grad(y, x, g)


def test_a_network_trains_on_the_device_without_leaving_it():
    random = np.random.default_rng(0)
    x, y = on_device(random.standard_normal((8, 3))), on_device(random.standard_normal((8, 1)))
    w = [
        on_device(random.standard_normal(s)).requires_grad_() for s in ((5, 3), (5,), (1, 5), (1,))
    ]

    def loss():
        h = mg.tanh(mg.ops.linear(x, w[0], w[1]))
        return ((mg.ops.linear(h, w[2], w[3]) - y) ** 2).mean()

    first = loss().item()
    for _ in range(20):
        for p in w:
            p.grad = None
        loss().backward()
        with mg.no_grad():
            for p in w:
                assert isinstance(p.grad.array, StrictArray)
                p -= 0.05 * p.grad
    assert loss().item() < first / 2
    assert all(isinstance(p.array, StrictArray) for p in w)


def test_mixing_devices_is_an_error_that_shows_both():
    with pytest.raises(TypeError, match="mul: "):
        mg.mul(on_device(np.ones(3)), mg.ones(3))


@pytest.mark.gpu
def test_on_a_real_gpu():
    x = mg.randn(64, 32, device="cuda").requires_grad_()
    w = mg.randn(16, 32, device="cuda").requires_grad_()
    mg.tanh(mg.ops.linear(x, w)).sum().backward()
    assert w.grad.device.type == "cuda"
    x2, w2 = (t.detach().cpu().requires_grad_() for t in (x, w))
    mg.tanh(mg.ops.linear(x2, w2)).sum().backward()
    np.testing.assert_allclose(w.grad.cpu().numpy(), w2.grad.numpy(), rtol=1e-3, atol=1e-4)
    assert backend.device_of(w.grad.array).type == "cuda"
