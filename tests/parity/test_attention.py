"""scaled_dot_product_attention against PyTorch: value and gradients, all options, wrong calls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad.nn import functional as F

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.parity
NAME = "scaled_dot_product_attention"
RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape)


def hidden(*shape):
    return np.where(RNG.random(shape) < 0.4, -np.inf, RNG.standard_normal(shape))


Q, K, V = normal(2, 4, 10, 8), normal(2, 4, 12, 8), normal(2, 4, 12, 8)
GROUPS = K[:, :2], V[:, :2]
BLIND = np.ones((10, 12), bool)
BLIND[3] = False
CASES = [
    ((Q, K, V), {}),
    ((Q, K, V), {"is_causal": True}),
    ((K, Q, Q), {"is_causal": True}),
    ((Q, K, V), {"scale": 0.7}),
    ((Q, K, V), {"scale": 0.0}),
    ((Q, K, V), {"scale": -1.0}),  # with is_causal it makes NaN in PyTorch
    ((Q, K, normal(2, 4, 12, 5)), {}),
    ((Q, *GROUPS), {"enable_gqa": True}),
    ((Q, *GROUPS), {"enable_gqa": True, "is_causal": True}),
    ((Q, K[:, :2], V[:, :1]), {"enable_gqa": True}),
    ((Q, K[:1, :2], V[:1, :2]), {"enable_gqa": True}),
    ((Q, *GROUPS, BLIND), {"enable_gqa": True}),
    ((Q[0, 0], K[0, 0], V[0, 0]), {}),
    ((Q[0], K[0], V[0]), {"is_causal": True}),
    ((Q[0], K[0, :1], V[0]), {}),
    ((Q[0, 0], K[0], V[0, :1]), {}),
    ((Q, K[:1], V[:, :1]), {}),
    ((Q[None], K[:, None], V), {}),
    ((normal(2, 1, 3, 4, 8), normal(2, 3, 5, 8), normal(3, 5, 8), normal(2, 1, 1, 4, 5)), {}),
    *[((Q, K, V, hidden(*shape)), {}) for shape in [(10, 12), (1, 12), (10, 1), (2, 1, 1, 12)]],
    *[((Q, K, V, normal(*shape)), {}) for shape in [(2, 4, 10, 12), (4, 10, 12), (1, 1, 1, 1)]],
    *[((Q, K, V, RNG.random(shape) < 0.6), {}) for shape in [(10, 12), (2, 1, 1, 12), (4, 1, 12)]],
    ((Q[0], K[0], V[0], RNG.random((4, 10, 12)) < 0.6), {}),
    ((Q[0], K[0], V[0], normal(12)), {}),
    ((Q, K, V, BLIND), {}),
    ((Q, K, V, np.where(BLIND, 0, -np.inf)), {}),
    ((Q, K, V, np.zeros((10, 12), bool)), {}),
    ((normal(1, 2, 70, 32), normal(1, 2, 90, 32), normal(1, 2, 90, 32)), {}),
    ((normal(1, 2, 130, 40), normal(1, 2, 130, 40), normal(1, 2, 130, 40)), {"is_causal": True}),
    ((normal(1, 1, 9, 256), normal(1, 1, 65, 256), normal(1, 1, 65, 256)), {}),
    ((normal(2, 3, 4), normal(2, 0, 4), normal(2, 0, 5)), {}),
    ((normal(2, 0, 4), normal(2, 3, 4), normal(2, 3, 5)), {}),
    ((normal(0, 2, 3, 4), normal(0, 2, 5, 4), normal(0, 2, 5, 4)), {}),
    ((normal(2, 3, 0), normal(2, 4, 0), normal(2, 4, 5)), {}),
    ((Q, K, V), {"dropout_p": 1.0}),
]


def evaluate(function, make, args, kwargs, dtype):
    """Value and gradients of all floating arguments."""
    tensors = [make(a.astype(dtype) if a.dtype.kind == "f" else a) for a in args]
    inputs = [t.requires_grad_() for t, a in zip(tensors, args, strict=True) if a.dtype.kind == "f"]
    out = function(*tensors, **kwargs)
    weights = np.random.default_rng(1).standard_normal(tuple(out.shape)).astype(dtype)
    (out * make(weights)).sum().backward()
    return out, [x.grad for x in inputs]


def assert_same(args, kwargs, dtype):
    expected, expected_grads = evaluate(
        torch.nn.functional.scaled_dot_product_attention, torch.from_numpy, args, kwargs, dtype
    )
    got, grads = evaluate(F.scaled_dot_product_attention, mg.tensor, args, kwargs, dtype)
    rtol, atol = (1e-4, 2e-5) if dtype == "float32" else (1e-9, 1e-11)
    assert got.dtype == dtype
    assert got.shape == tuple(expected.shape)
    np.testing.assert_allclose(got.detach().numpy(), expected.detach().numpy(), rtol, atol)
    for a, b in zip(grads, expected_grads, strict=True):
        assert a.dtype == dtype
        b = np.zeros(a.shape) if b is None else b.numpy()
        np.testing.assert_allclose(a.numpy(), b, rtol, atol * (1 + abs(b).max(initial=0)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("args", "kwargs"), CASES)
def test_value_and_gradient(args, kwargs, dtype):
    assert_same(args, kwargs, dtype)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_shapes_and_options(data):
    def draw(low, high):
        return data.draw(st.integers(low, high))

    b, hk, group, t, s, d, dv = (draw(*r) for r in [(0, 2), (1, 3), (1, 3), *[(0, 80)] * 4])
    rng = np.random.default_rng(draw(0, 2**32))
    q = rng.standard_normal((b, hk * group, t, d))
    k, v = rng.standard_normal((b, hk, s, d)), rng.standard_normal((b, hk, s, dv))
    kwargs = {"enable_gqa": True, "scale": data.draw(st.sampled_from([None, 0.3, -2.0]))}
    args = [q, k, v]
    kind = data.draw(st.sampled_from(["none", "causal", "booleans", "numbers"]))
    if kind == "causal":
        kwargs |= {"is_causal": True, "scale": 0.3}
    elif kind != "none":
        full = (b, hk * group, t, s)
        mask = rng.standard_normal([1 if data.draw(st.booleans()) else n for n in full])
        args.append(mask > 0 if kind == "booleans" else mask)
    if d == 0 and kwargs["scale"] is None:
        kwargs["scale"] = 1.0
    assert_same(args, kwargs, "float64")


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((Q[0, 0, 0], K[0, 0], V[0, 0]), {}),
        ((Q[0], K[0, :3], V[0]), {}),
        ((Q[0], K[0, :, :, :7], V[0]), {}),
        ((Q[0], K[0], V[0, :, :11]), {}),
        ((Q[0], K[0].astype("f4"), V[0]), {}),
        ((Q.astype("i8"), K.astype("i8"), V.astype("i8")), {}),
        ((Q, K[:, :3], V[:, :3]), {"enable_gqa": True}),
        ((Q, K[:, :2], V[:, :2]), {}),
        ((Q[0, 0], K[0, 0], V[0, 0]), {"enable_gqa": True}),
        ((Q, K, V, normal(10, 11)), {}),
        ((Q, K, V, normal(3, 1, 10, 12)), {}),
        ((Q, K, V, normal(2, 1, 1, 10, 12)), {}),
        ((Q, K, V, np.zeros((10, 12), np.int64)), {}),
        ((Q, K, V, np.zeros((10, 12), np.float16)), {}),
        ((Q, K, V), {"dropout_p": 1.5}),
        ((Q, K, V, None, 0.0, False, 0.3), {}),
    ],
)
def test_the_same_class_of_error(args, kwargs):
    def outcome(function, make):
        converted = [make(a) if isinstance(a, np.ndarray) else a for a in args]
        with pytest.raises(Exception) as caught:  # noqa: PT011
            function(*converted, **kwargs)
        return caught.type

    expected = outcome(getattr(torch.nn.functional, NAME), torch.from_numpy)
    assert issubclass(outcome(getattr(F, NAME), mg.tensor), expected)
