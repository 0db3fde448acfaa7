"""Reductions, running results and softmax against PyTorch: value, dtype and gradient."""

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
FLOATS = {
    "matrix": RANDOM.standard_normal((3, 4)),
    "cube": RANDOM.standard_normal((2, 3, 2)),
    "scalar": np.array(-1.5),
    "ties": np.array([[1.0, 3, 3], [2, 2, 2]]),
    "zeros": np.array([[0.0, 3, 0], [2, 0, 2]]),
    "nan": np.array([[1.0, NAN, 3], [NAN, NAN, NAN]]),
    "infinite": np.array([[1.0, INF, -INF], [-INF, -INF, -INF]]),
    "plus": np.array([[INF, 1.0, INF], [INF, INF, INF]]),
    "narrow": RANDOM.standard_normal((3, 1)),
    "no rows": np.zeros((0, 3)),
}
INTEGERS = {
    "int64": np.array([[3, -1, 2], [0, 2, 2]]),
    "int32": np.array([[3, -1, 2], [0, 2, 2]], dtype=np.int32),
    "uint8": np.array([[3, 1, 200], [0, 200, 2]], dtype=np.uint8),
    "bool": np.array([[True, False, True], [True, True, True]]),
}
REDUCED = [{}, {"dim": 0}, {"dim": -1, "keepdim": True}, {"dim": (0, 1)}, {"dim": ()},
           {"dim": (1, 0), "keepdim": True}]  # fmt: skip
ONE_AXIS = [{"dim": 0}, {"dim": -1}, {"dim": 1, "keepdim": True}]

SPREAD = [kwargs for kwargs in REDUCED if kwargs != {"dim": ()}]  # PyTorch's gradient is infinite

PLAN = {
    "sum": REDUCED, "mean": REDUCED, "nansum": REDUCED, "nanmean": REDUCED,
    "prod": [{}, *ONE_AXIS],
    "var": [*SPREAD, {"correction": 0}, {"dim": 1, "correction": 0.5}, {"unbiased": False},
            {"dim": 1, "unbiased": False}],
    "std": [*SPREAD, {"correction": 0}, {"dim": 1, "unbiased": True}],
    "var_mean": [{}, {"dim": 1, "keepdim": True}, {"unbiased": False}],
    "std_mean": [{}, {"dim": (0, 1), "correction": 0}],
    "amax": REDUCED, "amin": REDUCED,
    "max": [{}, *ONE_AXIS], "min": [{}, *ONE_AXIS], "aminmax": [{}, *ONE_AXIS],
    "argmax": [{}, {"keepdim": True}, *ONE_AXIS], "argmin": [{}, {"keepdim": True}, *ONE_AXIS],
    "any": REDUCED, "all": REDUCED,
    "count_nonzero": [{}, {"dim": 0}, {"dim": (0, 1)}, {"dim": ()}],
    "logsumexp": [{"dim": 0}, {"dim": (0, -1)}, {"dim": 1, "keepdim": True}],
    "norm": [{}, {"p": "fro", "dim": (0, 1)}, {"p": 1, "dim": 0}, {"p": INF}, {"p": 3, "dim": -1}],
    "cumsum": [{"dim": 0}, {"dim": -1}], "cumprod": [{"dim": 0}, {"dim": -1}],
    "cummax": [{"dim": 0}, {"dim": -1}], "cummin": [{"dim": 0}, {"dim": -1}],
    "logcumsumexp": [{"dim": 0}, {"dim": -1}],
    "diff": [{}, {"n": 2}, {"dim": 0}, {"n": 0}],
    "trapezoid": [{}, {"dx": 0.5}, {"dim": 0}],
    "cumulative_trapezoid": [{}, {"dim": 0}],
    "softmax": [{"dim": 0}, {"dim": -1}, {"dim": -1, "dtype": "float64"}],
    "log_softmax": [{"dim": 0}, {"dim": -1}, {"dim": -1, "dtype": "float64"}],
}  # fmt: skip
for order in (0, 1, 2, 3, 1.5, 0.5, -1, -2, INF, -INF):
    PLAN.setdefault("vector_norm", []).extend(
        {"ord": order} | more for more in ({}, {"dim": -1}, {"dim": (0, 1), "keepdim": True})
    )


def cases(inputs):
    return [
        pytest.param(name, kwargs, x, id=f"{name}-{kwargs}-{what}")
        for name, options in PLAN.items()
        for kwargs in options
        for what, x in inputs.items()
    ]


def functions(name):
    ours = getattr(ops, name)
    theirs = torch.linalg.vector_norm if name == "vector_norm" else getattr(torch, name)
    return ours, theirs


def outcome(call):
    """What a call returns, as a list, or the exception it raises."""
    try:
        result = call()
    except Exception as error:
        return error
    return list(result) if isinstance(result, (tuple, list)) else [result]


def torch_kwargs(kwargs):
    return {k: getattr(torch, v) if k == "dtype" else v for k, v in kwargs.items()}


def same(got, expected, rtol):
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    expected = expected.detach().numpy()
    assert tuple(got.shape) == expected.shape
    np.testing.assert_allclose(got.detach().numpy(), expected, rtol=rtol, atol=rtol)


def compare(name, kwargs, x, gradient=True):
    ours, theirs = functions(name)
    if x.ndim == 0 and (kwargs.get("dim") in (1, (0, 1), (1, 0), (0, -1))):
        pytest.skip("no such axis")
    a = wrap(x.copy())
    b = torch.tensor(x)
    if gradient:
        a.requires_grad_()
        b.requires_grad_()
    got = outcome(lambda: ours(a, **kwargs))
    expected = outcome(lambda: theirs(b, **torch_kwargs(kwargs)))
    if isinstance(expected, Exception):
        assert isinstance(got, type(expected)), (got, expected)
        return
    if isinstance(got, Exception):
        raise got
    rtol = 1e-12 if x.dtype == np.float64 and kwargs.get("dtype") != "float32" else 2e-6
    for y, z in zip(got, expected, strict=True):
        same(y, z, rtol)
        if z.requires_grad:
            assert y.requires_grad
            weight = np.linspace(0.5, 2.0, max(z.numel(), 1))[: z.numel()].reshape(z.shape)
            weight = weight.astype(kwargs.get("dtype", x.dtype))
            (ga,) = mg.autograd.grad(y, a, wrap(weight), retain_graph=True, materialize_grads=True)
            (gb,) = torch.autograd.grad(
                z, b, torch.tensor(weight), retain_graph=True, materialize_grads=True
            )
            same(ga, gb, rtol)


SKIPPED = {"var_mean", "std_mean"}  # PyTorch's running mean of infinities is NaN
# cumprod: PyTorch multiplies infinity by the zero gradients of what comes later, and its formula
# for zeros takes other paths to NaN; logcumsumexp: it takes the logarithm of g.
UNLIKE = {"cumprod": ("infinite", "plus", "nan"), "logcumsumexp": ("infinite", "plus", "nan")}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("name", "kwargs", "x"), cases(FLOATS))
def test_floats(name, kwargs, x, dtype):
    what = next(what for what in FLOATS if x is FLOATS[what])
    if name in SKIPPED and what in ("infinite", "plus"):
        pytest.skip("PyTorch loses the infinities on its way")
    unlike = what in UNLIKE.get(name, ())
    compare(name, kwargs, x.astype(dtype), gradient=not unlike)


@pytest.mark.parametrize(("name", "kwargs", "x"), cases(INTEGERS))
def test_integers_and_bools(name, kwargs, x):
    if (name in ("argmax", "argmin", "diff") and x.dtype == bool) or (
        name in ("trapezoid", "cumulative_trapezoid")
    ):
        pytest.skip("PyTorch has none, or another dtype")
    compare(name, kwargs, x, gradient=False)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "nansum", "cumsum", "cumprod"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int64"])
@pytest.mark.parametrize("x", [FLOATS["matrix"], INTEGERS["int32"], INTEGERS["bool"]])
def test_dtype_argument(name, dtype, x):
    if name in ("nansum", "mean") and dtype == "int64":
        pytest.skip("PyTorch has none")
    kwargs = {"dtype": dtype} | ({"dim": 1} if name.startswith("cum") else {})
    compare(name, kwargs, x, gradient=False)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "cumsum", "softmax", "logsumexp"])
def test_half_precision_is_accumulated_in_single(name):
    x = RANDOM.uniform(0, 2, (4000, 2)).astype(np.float16)
    ours, theirs = functions(name)
    got = ours(wrap(x), dim=0)
    expected = theirs(torch.tensor(x), dim=0)
    assert str(got.dtype) == "float16"
    np.testing.assert_allclose(
        got.numpy(), expected.numpy(), rtol=2e-2 if name == "cumsum" else 2e-3
    )


def test_two_tensors():
    x, y = RANDOM.standard_normal((2, 3)), RANDOM.standard_normal(3)
    for name in ("max", "min"):
        ours, theirs = functions(name)
        same(ours(wrap(x), wrap(y)), theirs(torch.tensor(x), torch.tensor(y)), 0)


def test_product_of_zeros_to_second_order():
    for zeros in ([], [1], [0, 3], [0, 1, 2, 3]):
        x = np.array([2.0, -3.0, 0.5, 4.0])
        x[zeros] = 0
        a, b = wrap(x).requires_grad_(), torch.tensor(x, requires_grad=True)
        (ga,) = mg.autograd.grad(ops.prod(a), a, create_graph=True)
        (gb,) = torch.autograd.grad(b.prod(), b, create_graph=True)
        same(ga, gb, 1e-12)
        for i in range(4):
            (ha,) = mg.autograd.grad(ga[i], a, retain_graph=True)
            (hb,) = torch.autograd.grad(gb[i], b, retain_graph=True)
            same(ha, hb, 1e-12)
