"""Elementwise ops against PyTorch: values, gradients and dtypes, special values included."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

import minigrad as mg
from minigrad import ops

torch = pytest.importorskip("torch")
F = torch.nn.functional
pytestmark = pytest.mark.parity

UNARY = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh",
    "deg2rad", "digamma", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "floor", "frac",
    "lgamma", "log", "log10", "log1p", "log2", "logit", "nan_to_num", "neg", "positive",
    "rad2deg", "reciprocal", "round", "rsqrt", "sgn", "sigmoid", "sign", "sin", "sinc",
    "sinh", "sqrt", "square", "tan", "tanh", "trunc", "relu", "relu6", "hardtanh",
    "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign",
    "logsigmoid", "hardswish", "hardsigmoid", "hardshrink", "softshrink", "tanhshrink",
]  # fmt: skip
BINARY = [
    "add", "sub", "mul", "div", "true_divide", "remainder", "fmod", "pow", "float_power",
    "maximum", "minimum", "fmax", "fmin", "atan2", "hypot", "copysign", "logaddexp",
    "logaddexp2", "xlogy", "floor_divide", "heaviside", "ldexp", "rsub",
]  # fmt: skip
BINARY_BOOL = [
    "eq", "ne", "lt", "le", "gt", "ge", "isclose", "logical_and", "logical_or",
    "logical_xor",
]  # fmt: skip
UNARY_BOOL = [
    "isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logical_not",
    "isreal",
]  # fmt: skip
NO_GRADIENT = {"floor_divide", "heaviside"}  # zero here, an error in PyTorch

inf, nan = math.inf, math.nan
SPECIAL = [
    nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 6.0, 1.5, -2.5,
    1e-30, -1e-30, 1e30, -1e30, 88.0, -88.0, 30.0, -30.0, 710.0, -710.0,
]  # fmt: skip


def theirs(name: str) -> Any:
    return getattr(torch, name, None) or getattr(F, name, None) or getattr(torch.special, name)


def compare(name: str, *args: Any, tolerance: dict | None = None, gradient: bool = True, **kwargs):
    """Value, dtype and gradients of `name` on `args` (arrays become tensors) in both libraries."""
    mine = [mg.tensor(a) if isinstance(a, np.ndarray) else a for a in args]
    their = [torch.from_numpy(a.copy()) if isinstance(a, np.ndarray) else a for a in args]
    for m, t in zip(mine, their, strict=True):
        if gradient and isinstance(m, mg.Tensor) and m.is_floating_point():
            m.requires_grad_()
            t.requires_grad_()
    got, expected = getattr(ops, name)(*mine, **kwargs), theirs(name)(*their, **kwargs)
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    tolerance = tolerance or {}
    same(
        name, "value", got.detach().numpy(), expected.detach().numpy(force=True), args, **tolerance
    )
    if not expected.requires_grad or name in NO_GRADIENT:
        return
    seed = np.random.default_rng(0).uniform(0.5, 1.5, got.shape).astype(got.dtype)
    got.backward(mg.tensor(seed))
    expected.backward(torch.from_numpy(np.array(seed)))
    for i, (m, t) in enumerate(zip(mine, their, strict=True)):
        if isinstance(m, mg.Tensor) and m.requires_grad:
            if t.grad is None:
                assert m.grad is None or not m.grad.numpy().any()
            else:
                same(
                    name,
                    f"gradient {i}",
                    m.grad.numpy(),
                    t.grad.numpy(force=True),
                    args,
                    **tolerance,
                )


def same(name, what, got, expected, args, rtol=None, atol=0.0):
    rtol = rtol or (1e-5 if got.dtype == np.float32 else 1e-9)
    close = np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not close.all():
        at = [a[~close][:8] if getattr(a, "shape", None) == close.shape else a for a in args]
        pytest.fail(
            f"{name}: {what} at {at}: got {got[~close][:8]}, PyTorch has {expected[~close][:8]}"
        )


# Where PyTorch's answer is wrong or depends on the position in memory, and ours is not its.
PYTORCH_IS_OFF = {
    "digamma": [inf, -1.0, -2.0, -3.0, -30.0, -88.0, -710.0, -1e30],  # gradient at poles: finite
    "logit": [-0.0],  # the gradient's sign differs between float32 and float64
    "gelu": [inf],  # NaN in float32
    "mish": [inf],  # NaN
    "softsign": [inf, -inf],  # NaN
    "hardswish": [nan],  # in these four it differs between float32 and float64
    "elu": [nan],
    "selu": [nan],
    "celu": [nan],
}
# These it computes with a constant in float32, or from the difference of equal numbers.
LESS_EXACT = {"hardsigmoid": 1e-7, "softsign": 1e-4}
# Ours come from the result, as its own in-place versions: small gradients lose digits.
FROM_RESULT = {"elu": 1e-6, "selu": 1e-6, "celu": 1e-6, "gelu": 1e-6}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNARY + UNARY_BOOL)
def test_unary_at_special_values(name, dtype):
    off = PYTORCH_IS_OFF.get(name, [])
    x = [v for v in SPECIAL if not any(str(v) == str(o) for o in off)]
    atol = 1e-30 if name not in FROM_RESULT else FROM_RESULT[name] if dtype == "float32" else 1e-15
    compare(name, np.array(x, dtype), tolerance={"atol": atol, "rtol": LESS_EXACT.get(name)})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BINARY + BINARY_BOOL)
def test_binary_at_special_values(name, dtype):
    pairs = [
        (a, b)
        for a, b in itertools.product(SPECIAL, SPECIAL)
        if not (name in ("remainder", "fmod") and abs(a) == 1e30 and abs(b) == 1e-30)  # NaN
        and not (name == "copysign" and abs(a) == inf)  # its gradient is NaN
        # Squares of 1e-30 vanish in float32; its gradient is 0 there, ours infinite.
        and not (name == "atan2" and a == 0 and abs(b) == 1e-30)
    ]
    x, y = np.array(pairs, dtype).T.copy()
    compare(name, x, y, tolerance={"atol": 1e-7 if name == "logaddexp2" else 1e-30})


# ---------------------------------------------------------------------------- arguments


def case(name: str, **kwargs: Any) -> Any:
    return pytest.param(name, kwargs, id=f"{name}-{kwargs}")


CASES = [
    case("add", alpha=2), case("sub", alpha=-0.5), case("rsub", alpha=3),
    case("div", rounding_mode="floor"), case("div", rounding_mode="trunc"),
    case("isclose", rtol=0.5, atol=0.1), case("isclose", equal_nan=True),
]  # fmt: skip
ACTIVATIONS = [
    case("hardtanh", min_val=-0.5, max_val=2.0), case("leaky_relu", negative_slope=0.3),
    case("leaky_relu", negative_slope=-0.3), case("leaky_relu", negative_slope=2.0),
    case("leaky_relu", negative_slope=0),
    case("elu", alpha=0.3), case("elu", alpha=-2.0), case("elu", alpha=0),
    case("celu", alpha=0.3), case("celu", alpha=-2.0), case("gelu", approximate="tanh"),
    case("softplus", beta=2), case("softplus", beta=0.5, threshold=1),
    case("hardshrink", lambd=1.0), case("softshrink", lambd=0.0),
    case("softshrink", lambd=1.0), case("threshold", threshold=0.5, value=20.0),
    case("glu", dim=0), case("glu", dim=-1), case("clamp", min=-0.5),
    case("clamp", max=0.5), case("clamp", min=-0.5, max=0.5), case("clamp", min=1, max=-1),
    case("round", decimals=2), case("round", decimals=-1), case("logit", eps=0.2),
    case("nan_to_num", nan=2.0), case("nan_to_num", nan=1.0, posinf=3.0, neginf=-4.0),
    case("clamp_min", min=0.5), case("clamp_max", max=0.5),
]  # fmt: skip


def numbers(shape, dtype, seed=0):
    """Random, with some equal and some special ones; NaN and infinity only in floats."""
    rng = np.random.default_rng(seed)
    x = (
        rng.integers(-4, 5, shape) / 2
        if np.dtype(dtype).kind == "f"
        else rng.integers(-4, 5, shape)
    )
    return np.asarray(x).astype(dtype)


@pytest.mark.parametrize("shapes", [((4, 6), (4, 6)), ((4, 1), (6,)), ((), (4,)), ((0, 2), (2,))])
@pytest.mark.parametrize(("name", "kwargs"), CASES)
def test_arguments_of_two(name, kwargs, shapes):
    compare(name, numbers(shapes[0], "float64"), numbers(shapes[1], "float64", 1), **kwargs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "kwargs"), ACTIVATIONS)
def test_arguments_of_one(name, kwargs, dtype):
    # celu's gradient comes from a float32 constant in PyTorch; here from y, in which e**(x / alpha)
    # of 2e-4 has lost 12 bits.
    tolerance = (
        {"rtol": 3e-4 if dtype == "float32" else 1e-6, "atol": 1e-30} if name == "celu" else None
    )
    compare(name, numbers((4, 6), dtype) * dtype_of(dtype)(1.25), tolerance=tolerance, **kwargs)
    compare(name, np.zeros((0, 2), dtype), **kwargs)
    if name == "glu":
        return
    compare(name, numbers((), dtype), **kwargs)
    special = np.array(SPECIAL, dtype)
    small = special[np.isfinite(special) & (np.abs(special) < 1e3)]
    compare(
        name,
        small,
        tolerance={**(tolerance or {}), "atol": 1e-6 if dtype == "float32" else 1e-14},
        **kwargs,
    )


def dtype_of(name):
    return np.dtype(name).type


DTYPES = ["float32", "float64", "int64", "int32", "uint8", "bool"]


@pytest.mark.parametrize(
    "name", [n for n in BINARY + BINARY_BOOL if n not in ("rsub", "heaviside")]
)
@pytest.mark.parametrize(("a", "b"), list(itertools.product(DTYPES, DTYPES)))
def test_dtypes_mix_as_in_pytorch(name, a, b):
    """Value and dtype wherever PyTorch accepts the two; what it refuses may be refused here."""
    for x, y in ((numbers((3, 4), a), numbers((4,), b, 1)), (numbers((), a), numbers((4,), b, 1))):
        if np.dtype(b).kind != "f":
            y = y + (y == 0)
        if name == "isclose" and a == b == "uint8":
            continue  # differences wrap around in PyTorch: 0 and 255 are close to it
        if name == "ldexp" and b != "float64":
            continue  # PyTorch takes the power in float32
        assert_same_or_refused(name, x, y.astype(b))


@pytest.mark.parametrize(
    "name", [n for n in BINARY + BINARY_BOOL if n not in ("rsub", "heaviside")]
)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("number", [2, 1.5, True, -3, 0.0])
def test_numbers_do_not_widen(name, dtype, number):
    if dtype in ("uint8", "bool") and number == -3:
        return  # wraps around in PyTorch
    if name in ("remainder", "fmod", "div", "floor_divide") and number == 0.0:
        return
    if name == "pow" and number is True and dtype == "bool":
        return  # of two Tensors PyTorch refuses it, too
    if name != "ldexp":
        assert_same_or_refused(name, numbers((5,), dtype), number)


def assert_same_or_refused(name, x, y):
    try:
        theirs(name)(torch.from_numpy(x), torch.from_numpy(y) if isinstance(y, np.ndarray) else y)
    except (RuntimeError, TypeError):  # NotImplementedError is a RuntimeError
        return
    compare(name, x, y, gradient=False, tolerance={"atol": 1e-7})


@pytest.mark.parametrize("name", UNARY + UNARY_BOOL)
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
def test_integers_in_one_argument(name, dtype):
    x = numbers((3, 4), dtype)
    try:
        expected = theirs(name)(torch.from_numpy(x))
    except (RuntimeError, TypeError):
        return
    got = getattr(ops, name)(mg.tensor(x))
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-5, atol=1e-7)


POWERS = [0, 1, 2, 3, 4, -1, -2, -3, 0.5, -0.5, 1.5, 2.0, 0.0, inf, -inf, nan]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("exponent", POWERS)
def test_pow_with_numbers(exponent, dtype):
    x = np.array([v for v in SPECIAL if abs(v) < 1e10 or v != v or abs(v) == inf], dtype)
    compare("pow", x, exponent, tolerance={"atol": 1e-30})
    compare("pow", exponent, x, tolerance={"atol": 1e-30})
    compare("float_power", x, exponent, tolerance={"atol": 1e-30})


@pytest.mark.parametrize(
    "shapes", [((2, 3), (2, 3), (2, 3)), ((2, 1), (3,), ()), ((0, 2), (2,), (1, 2))]
)
@pytest.mark.parametrize("name", ["addcmul", "addcdiv", "lerp", "clamp"])
def test_three_arguments(name, shapes):
    x, y, z = (numbers(shape, "float64", seed) for seed, shape in enumerate(shapes))
    z = np.asarray(z + (z == 0)) if name == "addcdiv" else z
    if name == "clamp" and x.shape == (2, 1):
        x = np.broadcast_to(x, (2, 3)).copy()  # PyTorch broadcasts the bounds only
    compare(name, x, y, z)
    if name.startswith("addc"):
        compare(name, x, y, z, value=-2.5)
    if name == "lerp":
        for weight in (0.0, 0.3, 0.5, 0.75, 1.0, 2.0):
            compare(name, x, y, weight)


@pytest.mark.parametrize("bounds", [("min",), ("max",), ("min", "max")])
def test_clamp_with_tensors_as_bounds(bounds):
    x = numbers((4, 6), "float64")
    for shape in ((4, 6), (6,), ()):
        low = numbers(shape, "float64", 1)
        high = numbers(shape, "float64", 2)
        args = (x, low if "min" in bounds else None, high if "max" in bounds else None)
        compare("clamp", *args)


CONDITION = np.array([[True, False, True], [False, False, True]])


@pytest.mark.parametrize(("x", "y"), [
    (numbers((2, 3), "float32"), numbers((3,), "float32", 1)),
    (numbers((2, 1), "float64"), numbers((), "float32", 1)),
    (numbers((), "float64"), numbers((3,), "float32", 1)),
    (numbers((2, 3), "int64"), numbers((3,), "float32", 1)),
    (numbers((2, 3), "int64"), 2.5), (2, numbers((2, 3), "uint8")), (1.5, 2), (1, True), (1, 2),
    (numbers((2, 3), "float64"), nan), (numbers((2, 3), "bool"), 1),
])  # fmt: skip
def test_where(x, y):
    mine = [mg.tensor(a) if isinstance(a, np.ndarray) else a for a in (x, y)]
    their = [torch.from_numpy(np.array(a)) if isinstance(a, np.ndarray) else a for a in (x, y)]
    for m, t in zip(mine, their, strict=True):
        if isinstance(m, mg.Tensor) and m.is_floating_point():
            m.requires_grad_()
            t.requires_grad_()
    got = mg.where(mg.tensor(CONDITION), *mine)
    expected = torch.where(torch.from_numpy(CONDITION), *their)
    assert str(got.dtype) == str(expected.dtype).removeprefix("torch.")
    np.testing.assert_array_equal(got.detach().numpy(), expected.detach().numpy())
    if expected.requires_grad:
        got.sum().backward()
        expected.sum().backward()
        for m, t in zip(mine, their, strict=True):
            if isinstance(m, mg.Tensor) and m.requires_grad:
                np.testing.assert_array_equal(m.grad.numpy(), t.grad.numpy())


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_polygamma(n):
    x = np.random.default_rng(0).uniform(0.3, 30, 50)
    got, expected = mg.polygamma(n, mg.tensor(x)), torch.polygamma(n, torch.from_numpy(x))
    np.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=1e-8)


@pytest.mark.parametrize(
    "shapes", [((4, 6), (6,)), ((4, 6), (1,)), ((2, 3, 5), (3,)), ((6,), (1,))]
)
def test_prelu(shapes):
    compare("prelu", numbers(shapes[0], "float64"), numbers(shapes[1], "float64", 1))


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm",
                                  "bitwise_left_shift", "bitwise_right_shift"])  # fmt: skip
@pytest.mark.parametrize("dtype", ["int64", "int32", "int8", "uint8", "bool"])
def test_integer_ops(name, dtype):
    x, y = numbers((3, 4), dtype), numbers((4,), dtype, 1)
    assert_same_or_refused(name, x, y)
    assert_same_or_refused(name, x, 2)


def test_equal_and_allclose():
    x = numbers((3, 4), "float64")
    for y in (x, x + 1e-9, x + 1, x[:2], x.astype("float32")):
        a, b = (mg.tensor(v) for v in (x, y))
        c, d = (torch.from_numpy(np.array(v)) for v in (x, y))
        assert mg.equal(a, b) is torch.equal(c, d)
        if x.shape == y.shape and x.dtype == y.dtype:
            assert mg.allclose(a, b) is torch.allclose(c, d)
