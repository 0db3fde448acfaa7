"""Sorting, quantiles and counting against PyTorch: value, indices, dtype and gradient."""

from __future__ import annotations

import math

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops
from minigrad.graph import wrap

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.parity, pytest.mark.filterwarnings("ignore")]

NAN, INF = math.nan, math.inf
RANDOM = np.random.default_rng(0)
DISTINCT = {
    "matrix": RANDOM.standard_normal((3, 5)),
    "cube": RANDOM.standard_normal((2, 4, 3)),
    "scalar": np.array(-1.5),
    "narrow": RANDOM.standard_normal((3, 1)),
    "infinite": np.array([[INF, 1.0, -INF, 2.0], [3.0, -INF, 0.0, 1.0]]),
    "float32": RANDOM.standard_normal((2, 7)).astype(np.float32),
    "int64": RANDOM.permutation(12).reshape(3, 4),
    "int32": RANDOM.permutation(12).reshape(3, 4).astype(np.int32),
}
WITH_NAN = {
    "one nan": np.array([[1.0, NAN, 3.0], [2.0, 5.0, 4.0]]),
    "last": np.array([[2.0, 1.0, NAN], [NAN, 5.0, 4.0]]),
}
TIES = {
    "ties": np.array([[3.0, 1, 3, 3, 1, 2], [0, 0, 1, 1, 1, 0]]),
    "int ties": RANDOM.integers(0, 3, (2, 9)),
    "bool": np.array([[True, False, True], [False, False, True]]),
    "two nan": np.array([[NAN, 1.0, NAN, 3.0], [NAN, NAN, NAN, NAN]]),
}
EMPTY = {"no rows": np.zeros((0, 3)), "no columns": np.zeros((2, 0))}
EVERY = DISTINCT | WITH_NAN | TIES | EMPTY
AXES = [{}, {"dim": 0}, {"dim": -2}]
QUANTILES = [
    {"q": q, "interpolation": i} | more
    for q in (0.0, 0.3, 0.5, 1.0, [0.0, 0.25, 0.9], 2.0)
    for i in ("linear", "lower", "higher", "midpoint", "nearest")
    for more in ({}, {"dim": 0}, {"dim": -1, "keepdim": True})
]


def unpack(x):
    return list(x) if isinstance(x, (tuple, list)) else [x]


def same(got, expected, rtol=1e-12):
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    expected = expected.detach().numpy()
    assert tuple(got.shape) == expected.shape
    np.testing.assert_allclose(got.detach().numpy(), expected, rtol=rtol, atol=rtol)


def compare(name, x, *args, gradient=True, indices=True, **kwargs):
    """Our function and PyTorch's on x; the q of quantiles is a Tensor where it is a list."""
    gradient = gradient and x.dtype.kind == "f"
    a, b = wrap(x.copy()), torch.tensor(x)
    theirs = dict(kwargs)
    if isinstance(kwargs.get("q"), list):
        kwargs["q"] = wrap(np.array(kwargs["q"], x.dtype))
        theirs["q"] = torch.tensor(kwargs["q"].numpy())
    if gradient:
        a.requires_grad_()
        b.requires_grad_()
    try:
        expected = unpack(getattr(torch, name)(b, *args, **theirs))
    except Exception as error:
        with pytest.raises(type(error)):
            getattr(ops, name)(a, *args, **kwargs)
        return
    got = unpack(getattr(ops, name)(a, *args, **kwargs))
    rtol = 1e-12 if x.dtype == np.float64 else 1e-6
    for y, z in zip(got, expected, strict=True):
        if z.dtype == torch.int64 and x.dtype != np.int64 and not indices:
            continue
        same(y, z, rtol)
        if z.requires_grad:
            weight = np.linspace(0.5, 2.0, max(z.numel(), 1))[: z.numel()].reshape(z.shape)
            weight = weight.astype(x.dtype)
            (ga,) = mg.autograd.grad(y, a, wrap(weight), retain_graph=True, materialize_grads=True)
            (gb,) = torch.autograd.grad(
                z, b, torch.tensor(weight), retain_graph=True, materialize_grads=True
            )
            same(ga, gb, rtol)


def each(inputs):
    return pytest.mark.parametrize("x", [pytest.param(x, id=what) for what, x in inputs.items()])


@each(EVERY)
@pytest.mark.parametrize("kwargs", AXES)
@pytest.mark.parametrize("descending", [False, True])
def test_stable_sort(x, kwargs, descending):
    compare("sort", x, stable=True, descending=descending, **kwargs)
    compare("argsort", x, stable=True, descending=descending, **kwargs)


@each(DISTINCT | WITH_NAN | EMPTY)
@pytest.mark.parametrize("kwargs", AXES)
@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("k", [0, 1, 2, 3, 6])
def test_topk(x, kwargs, largest, k):
    compare("topk", x, k, largest=largest, **kwargs)


@each(DISTINCT | WITH_NAN | EMPTY)
@pytest.mark.parametrize("kwargs", [*AXES, {"keepdim": True}])
@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_kthvalue(x, kwargs, k):
    if k == 9 and x.dtype.kind == "f" and 0 in x.shape:
        pytest.skip("two errors at once: which comes first is no convention")
    compare("kthvalue", x, k, **kwargs)


@each(EVERY)
@pytest.mark.parametrize("kwargs", [*AXES, {"dim": 1, "keepdim": True}])
@pytest.mark.parametrize("name", ["median", "nanmedian"])
def test_median(name, x, kwargs):
    if x.dtype == bool:
        pytest.skip("PyTorch has none")
    # Of equal elements PyTorch's selection returns any.
    distinct = not any(x is t for t in TIES.values())
    compare(name, x, gradient=distinct or not kwargs, indices=distinct, **kwargs)


@each(DISTINCT | TIES | EMPTY)
@pytest.mark.parametrize("kwargs", [*AXES, {"dim": -1, "keepdim": True}])
def test_mode(x, kwargs):
    if x is TIES["two nan"]:
        pytest.skip("PyTorch's order of NaN is undefined there")
    compare("mode", x, **kwargs)


@each({k: v for k, v in EVERY.items() if v.dtype.kind == "f"})
@pytest.mark.parametrize("kwargs", QUANTILES)
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
def test_quantile(name, x, kwargs):
    if x is EVERY["infinite"] and kwargs["interpolation"] in ("linear", "midpoint"):
        return  # inf - inf: compared below
    # Ties: the values agree, and where the gradient goes depends on an unstable sort.
    distinct = not any(x is t for t in TIES.values())
    compare(name, x, gradient=distinct, **kwargs)


@pytest.mark.parametrize("q", [0.0, 0.1, 0.4, 0.5, 0.6, 1.0])
def test_quantile_between_infinities(q):
    x = EVERY["infinite"]
    for interpolation in ("linear", "midpoint"):
        compare("quantile", x, q=q, dim=1, interpolation=interpolation, gradient=False)


@each({k: v for k, v in EVERY.items() if k != "scalar"})
@pytest.mark.parametrize("dim", [None, 0, -1])
@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_unique(name, x, dim):
    if dim is not None and (np.isnan(x.astype(float)).any() or 0 in x.shape):
        pytest.skip("slices with NaN, or none: PyTorch's answer has no rule")
    compare(name, x, return_inverse=True, return_counts=True, dim=dim, gradient=False)
    compare(name, x, dim=dim, gradient=False)


def both(name, *args, **kwargs):
    def tensors(make):
        return [make(a) if isinstance(a, np.ndarray) else a for a in args], {
            k: make(a) if isinstance(a, np.ndarray) else a for k, a in kwargs.items()
        }

    a, more = tensors(torch.tensor)
    expected = getattr(torch, name)(*a, **more)
    a, more = tensors(wrap)
    same(getattr(ops, name)(*a, **more), expected)


@pytest.mark.parametrize("kwargs", [{}, {"right": True}, {"side": "right"}, {"out_int32": True}])
def test_searchsorted_and_bucketize(kwargs):
    edges = np.array([1.0, 3.0, 3.0, 5.0])
    values = np.array([[0.0, 1.0, 3.0], [4.0, 5.0, NAN]])
    both("searchsorted", edges, values, **kwargs)
    both("searchsorted", edges, 3.0, **kwargs)
    both("searchsorted", np.stack([edges, edges + 2]), values, **kwargs)
    both("searchsorted", edges[::-1].copy(), values, sorter=np.array([3, 1, 2, 0]), **kwargs)
    both("searchsorted", np.array([1, 4]), np.array([[4]]), **kwargs)
    if "side" not in kwargs:
        both("bucketize", values, edges, **kwargs)
        both("bucketize", np.array([1, 3, 9]), np.array([1, 3, 5]), **kwargs)
        both("bucketize", 3.5, edges, **kwargs)
        both("bucketize", 3.5, np.array([1, 3, 5]), **kwargs)


def test_bincount():
    x = np.array([0, 3, 1, 3])
    both("bincount", x)
    both("bincount", x.astype(np.uint8), minlength=7)
    for dtype in (np.float32, np.float64, np.int64):
        both("bincount", x, np.array([1, 2, 3, 4], dtype))
    both("bincount", np.zeros(0, np.int64), minlength=3)


@pytest.mark.parametrize("kwargs", [
    {"bins": 4, "min": -1, "max": 1}, {"bins": 5}, {}, {"bins": 3, "min": 10, "max": 11},
    {"bins": 3, "min": 1, "max": 1},
])  # fmt: skip
def test_histc(kwargs):
    both("histc", RANDOM.standard_normal(50), **kwargs)
    both("histc", np.array([1.0, 1.0]), **kwargs)
    both("histc", np.array([0.0, 0.25, 0.5, 0.75, 1.0]), **kwargs)
    both("histc", RANDOM.standard_normal((5, 5)).astype(np.float32), **kwargs)


def test_msort():
    both("msort", RANDOM.standard_normal((4, 2)))
