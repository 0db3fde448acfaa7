"""GradScaler: steps left out, the scale that falls and grows, and training that converges."""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn, optim
from minigrad.amp import GradScaler, autocast
from minigrad.nn import functional as F
from minigrad.nn.utils import clip_grad_norm_


def step(scaler, w, sgd, gradient=1.0):
    """A loss whose gradient is this number."""
    sgd.zero_grad()
    scaler.scale((w * gradient).sum()).backward()
    scaler.step(sgd)
    scaler.update()


def start(**options):
    w = mg.tensor([1.0], requires_grad=True)
    return GradScaler("cpu", **options), w, optim.SGD([w], lr=0.25, momentum=0.5)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 3e38])
def test_overflow_leaves_the_step_out_and_halves_the_scale(bad):
    """3e38 is finite, and times the scale it is not."""
    scaler, w, sgd = start(init_scale=8.0)
    step(scaler, w, sgd, bad)
    assert w.item() == 1
    assert len(sgd.state) == 0
    assert scaler.get_scale() == 4
    step(scaler, w, sgd)
    assert w.item() == 0.75
    assert scaler.get_scale() == 4


def test_growth_after_so_many_steps_without_overflow():
    scaler, w, sgd = start(init_scale=8.0, growth_interval=3)
    scales = []
    for gradient in (1, 1, np.inf, 1, 1, 1, 1, 1, 1, 1):
        step(scaler, w, sgd, gradient)
        scales.append(scaler.get_scale())
    assert scales == [8, 8, 4, 4, 4, 8, 8, 8, 16, 16]


def test_the_scale_stays_finite():
    scaler, w, sgd = start(init_scale=2.0**127, growth_interval=1)
    step(scaler, w, sgd, 0.0)
    assert scaler.get_scale() == 2.0**127


def test_clipping_after_unscale():
    scaler, w, sgd = start(init_scale=1024.0)
    scaler.scale((w * 10).sum()).backward()
    assert w.grad.item() == 10240
    scaler.unscale_(sgd)
    assert w.grad.item() == 10
    assert clip_grad_norm_([w], 1.0).item() == 10
    scaler.step(sgd)
    scaler.update()
    assert w.item() == pytest.approx(0.75)
    assert scaler.get_scale() == 1024


def test_two_optimizers():
    """One overflows and leaves out its step; the other takes its; the scale falls."""
    a, b = (mg.tensor([1.0], requires_grad=True) for _ in range(2))
    first, second = optim.SGD([a], lr=1.0), optim.SGD([b], lr=1.0)
    scaler = GradScaler(init_scale=4.0)
    losses = scaler.scale([(a * np.inf).sum(), (b * 0.5).sum()])
    for loss in losses:
        loss.backward()
    scaler.step(first)
    scaler.step(second)
    scaler.update()
    assert (a.item(), b.item(), scaler.get_scale()) == (1.0, 0.5, 2.0)


def test_the_order_of_calls_is_checked():
    scaler, w, sgd = start()
    with pytest.raises(RuntimeError, match=r"no step.. or unscale_.. was called before update"):
        scaler.update()
    scaler.scale(w.sum()).backward()
    scaler.unscale_(sgd)
    with pytest.raises(RuntimeError, match=r"unscale_.. has already been called"):
        scaler.unscale_(sgd)
    scaler.step(sgd)
    with pytest.raises(RuntimeError, match=r"step.. has already been called"):
        scaler.step(sgd)
    with pytest.raises(RuntimeError, match=r"unscale_.. is called after step"):
        scaler.unscale_(sgd)
    scaler.update()
    with pytest.raises(RuntimeError, match="closures"):
        scaler.step(sgd, closure=lambda: None)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="growth_factor > 1 and 0 < backoff_factor < 1, got 1"):
        GradScaler(growth_factor=1)
    with pytest.raises(TypeError, match="expected Tensors, got 3"):
        GradScaler().scale([3])
    w = mg.tensor([1.0], dtype=mg.float16, requires_grad=True)
    w.sum().backward()
    with pytest.raises(ValueError, match="unscale float16 gradients; keep the parameters in"):
        GradScaler().unscale_(optim.SGD([w]))


def test_not_enabled():
    scaler, w, sgd = start(enabled=False)
    step(scaler, w, sgd)
    scaler.unscale_(sgd)
    assert (w.item(), scaler.get_scale(), scaler.state_dict()) == (0.75, 1.0, {})
    scaler.load_state_dict({})
    with pytest.raises(RuntimeError, match="that of a scaler that was not enabled"):
        GradScaler().load_state_dict({})


def test_state_dict(tmp_path):
    scaler, w, sgd = start(init_scale=8.0, growth_interval=3)
    step(scaler, w, sgd)
    step(scaler, w, sgd)
    mg.train.save_checkpoint(tmp_path / "a", scaler=scaler)
    other, w, sgd = start()
    mg.train.load_checkpoint(tmp_path / "a", scaler=other)
    assert other.state_dict() == scaler.state_dict()
    assert other.state_dict() == {
        "scale": 8.0, "growth_factor": 2.0, "backoff_factor": 0.5, "growth_interval": 3,
        "_growth_tracker": 2,
    }  # fmt: skip
    step(other, w, sgd)
    assert other.get_scale() == 16


def test_small_gradients_survive():
    """1e-8 is zero in float16; times 65536 it is not."""
    found = []
    for scale in (1.0, 65536.0):
        w = mg.ones(1, 1, requires_grad=True)
        scaler = GradScaler(init_scale=scale)
        with autocast("cpu"):
            loss = F.linear(mg.ones(1, 1), w).float().sum() * 1e-8
        scaler.scale(loss).backward()
        scaler.unscale_(optim.SGD([w]))
        found.append(w.grad.item())
    assert found[0] == 0
    assert found[1] == pytest.approx(1e-8, rel=1e-3)


@pytest.mark.parametrize("init_scale", [2.0**16, 2.0**40])
def test_training_converges_as_in_float32(init_scale):
    """The digits. From 2**40 the scale first has to fall, a step left out for each halving."""
    train, _ = mg.data.digits()
    images, labels = (t[:800] for t in train.tensors)
    accuracies, scales = [], []
    for mixed in (True, False):
        mg.manual_seed(0)
        net = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.LayerNorm(32), nn.GELU(),
                            nn.Linear(32, 10))  # fmt: skip
        adam = optim.Adam(net.parameters(), lr=0.01)
        scaler = GradScaler("cpu", init_scale=init_scale, enabled=mixed)
        for i in range(120):
            at = slice(100 * i % 800, 100 * i % 800 + 100)
            with autocast("cpu", enabled=mixed):
                loss = F.cross_entropy(net(images[at].float()), labels[at])
            adam.zero_grad()
            scaler.scale(loss).backward()
            scaler.unscale_(adam)
            clip_grad_norm_(net.parameters(), 5.0)
            scaler.step(adam)
            scaler.update()
            scales.append(scaler.get_scale())
        accuracies.append((net(images.float()).argmax(1) == labels).float().mean().item())
    assert min(accuracies) > 0.97
    assert abs(accuracies[0] - accuracies[1]) < 0.015
    if init_scale > 2.0**16:
        assert scales[119] < init_scale
