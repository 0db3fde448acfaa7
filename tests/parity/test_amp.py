"""Mixed precision beside PyTorch's: the scaler's life, and products on the CPU.

PyTorch's rules for a CPU are other ones than for a GPU, which minigrad follows on both; without a
GPU only the products, which both run in float16, can be compared.
"""

from __future__ import annotations

import numpy as np
import pytest

import minigrad as mg

pytestmark = pytest.mark.parity
torch = pytest.importorskip("torch")


def life(lib, gradients, clip):
    """Scale, state and weight after each step with such a gradient."""
    w = lib.tensor([1.0], requires_grad=True)
    sgd = lib.optim.SGD([w], lr=0.125, momentum=0.5)
    scaler = lib.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
    rows = []
    for g in gradients:
        sgd.zero_grad()
        scaler.scale((w * g).sum()).backward()
        if clip:
            scaler.unscale_(sgd)
            lib.nn.utils.clip_grad_norm_([w], 1.0)
        scaler.step(sgd)
        scaler.update()
        rows.append((scaler.get_scale(), w.item(), scaler.state_dict()))
    return rows


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_grad_scaler(seed, clip):
    dice = np.random.default_rng(seed)
    bad = np.array([np.inf, np.nan, -np.inf, 3e38])
    gradients = np.where(dice.random(30) < 0.3, dice.choice(bad, 30), dice.normal(size=30))
    ours, theirs = (life(lib, gradients.tolist(), clip) for lib in (mg, torch))
    for (scale, w, state), (their_scale, their_w, their_state) in zip(ours, theirs, strict=True):
        assert scale == their_scale
        assert w == pytest.approx(their_w, rel=1e-6)
        assert state == their_state


@pytest.mark.parametrize(
    "function",
    [
        lambda lib, x, w: lib.nn.functional.linear(x, w),
        lambda lib, x, w: x @ w.t(),
        lambda lib, x, w: lib.nn.functional.relu(lib.mm(x, w.t())) + 1,
        lambda lib, x, w: lib.nn.functional.conv1d(x[None], w[..., None].repeat(1, 1, 2)),
        lambda lib, x, w: lib.bmm(x[None], w.t()[None]) + x.sum(),
    ],
)
def test_products(function):
    dice = np.random.default_rng(0)
    x, w = (dice.normal(size=(8, 8)).astype("f4") for _ in range(2))
    results = []
    for lib in (mg, torch):
        a, b = lib.tensor(x), lib.tensor(w, requires_grad=True)
        with lib.autocast("cpu", dtype=lib.float16):
            y = function(lib, a, b)
        (y.float() ** 2).mean().backward()
        results.append((str(y.dtype).removeprefix("torch."), y.detach().numpy(), b.grad.numpy()))
    (dtype, y, g), (their_dtype, their_y, their_g) = results
    assert dtype == their_dtype
    np.testing.assert_allclose(y, their_y, rtol=2e-3, atol=2e-3)
    assert g.dtype == their_g.dtype == np.float32
    np.testing.assert_allclose(g, their_g, rtol=5e-3, atol=5e-3)
