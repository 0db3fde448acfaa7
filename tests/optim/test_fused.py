"""Updates by a kernel, of all parameters at once: the same as one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernels
import minigrad as mg
from minigrad import optim
from minigrad.optim.fused import fused_update

pytest.importorskip("numba")

SHAPES = [(70, 90), (3,), (), (0, 2), (20, 30, 10)]
OPTIONS = [
    (optim.Adam, {}),
    (optim.Adam, {"weight_decay": 0.1, "amsgrad": True, "maximize": True}),
    (optim.Adam, {"betas": (0.5, 0.8), "eps": 1e-3, "lr": 0.1}),
    (optim.AdamW, {"weight_decay": 0.3}),
    (optim.AdamW, {"amsgrad": True}),
    (optim.SGD, {}),
    (optim.SGD, {"weight_decay": 0.1, "maximize": True}),
    (optim.SGD, {"momentum": 0.9, "dampening": 0.3}),
    (optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
]


def parameters(dtype: Any = mg.float32) -> list:
    rng = np.random.default_rng(0)
    return [mg.tensor(rng.standard_normal(s), dtype=dtype, requires_grad=True) for s in SHAPES]


def train(how: str, optimizer: Any, options: dict, dtype: Any, steps: int = 4) -> Any:
    """Steps with random gradients; in the second one parameter has none."""
    params, rng = parameters(dtype), np.random.default_rng(1)
    opt = optimizer(params, **options)
    with kernels.use(how):
        for step in range(steps):
            for i, p in enumerate(params):
                p.grad = mg.tensor(rng.standard_normal(p.shape), dtype=dtype)
                if (step, i) == (1, 0):
                    p.grad = None
            opt.step()
    return params, opt.state_dict()["state"]


@pytest.mark.parametrize("dtype", [mg.float32, mg.float64])
@pytest.mark.parametrize(("optimizer", "options"), OPTIONS)
def test_they_agree_with_one_update_after_the_other(optimizer, options, dtype):
    fused, fused_state = train("auto", optimizer, options, dtype)
    plain, plain_state = train("numpy", optimizer, options, dtype)
    tolerance = 1e-5 if dtype == mg.float32 else 1e-13
    for a, b in zip(fused, plain, strict=True):
        np.testing.assert_allclose(a.array, b.array, rtol=tolerance, atol=tolerance)
    assert fused_state.keys() == plain_state.keys()
    for i, state in fused_state.items():
        assert state.keys() == plain_state[i].keys()
        for name, value in state.items():
            a, b = (getattr(v, "array", v) for v in (value, plain_state[i][name]))
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def test_only_large_arrays_of_one_dtype_are_fused():
    large, small = np.zeros((70, 90), np.float32), np.zeros(3, np.float32)
    for opt in (optim.Adam([mg.zeros(3)]), optim.SGD([mg.zeros(3)])):
        assert fused_update(opt.update, [large, small], [large, small]) is not None
        assert fused_update(opt.update, [small], [small]) is None
        assert fused_update(opt.update, [large], [large.astype(np.float64)]) is None
        assert fused_update(opt.update, [], []) is None
        with kernels.use("numpy"):
            assert fused_update(opt.update, [large], [large]) is None
    assert fused_update(optim.RMSprop([mg.zeros(3)]).update, [large], [large]) is None


def test_an_update_of_a_subclass_is_not_passed_over():
    class Still(optim.Adam):
        def update(self, param, grad, state, group):
            self.seen = param.shape

    params = parameters()
    opt = Still(params[:1])
    params[0].grad = mg.ones_like(params[0])
    before = params[0].array.copy()
    opt.step()
    assert opt.seen == (70, 90)
    np.testing.assert_array_equal(params[0].array, before)


def test_parameters_with_gaps_in_memory():
    whole = np.zeros((200, 200), np.float32)
    p = mg.tensor(0.0, requires_grad=True)
    p.array = whole[::2, ::2]
    p.grad = mg.ones(100, 100)
    optim.SGD([p], lr=1.0).step()
    assert (whole[::2, ::2] == -1).all()
    assert whole.sum() == -1e4


def test_writing_is_noticed():
    """A graph that was recorded before the step and needs the parameter is an error, not wrong."""
    p = mg.tensor(np.ones((70, 90)), requires_grad=True)
    loss = (p * p).sum()
    p.grad = mg.ones_like(p)
    optim.Adam([p]).step()
    with pytest.raises(RuntimeError, match="written"):
        loss.backward()
