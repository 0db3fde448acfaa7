"""Element by element: arithmetic, comparison, logic, powers, dtypes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.onnx.table import TRANSLATIONS, translates

UNARY = {
    "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "asin": "Asin", "asinh": "Asinh",
    "atan": "Atan", "atanh": "Atanh", "ceil": "Ceil", "cos": "Cos",
    "cosh": "Cosh", "erf": "Erf", "exp": "Exp", "floor": "Floor", "hardswish": "HardSwish",
    "isinf": "IsInf", "isnan": "IsNaN", "log": "Log", "mish": "Mish", "neg": "Neg",
    "reciprocal": "Reciprocal", "relu": "Relu", "selu": "Selu", "sigmoid": "Sigmoid",
    "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softsign": "Softsign", "sqrt": "Sqrt",
    "tan": "Tan", "tanh": "Tanh",
}  # fmt: skip
BINARY = {
    "eq": "Equal", "ge": "GreaterOrEqual", "gt": "Greater", "le": "LessOrEqual", "lt": "Less",
    "maximum": "Max", "minimum": "Min", "mul": "Mul", "pow": "Pow", "true_divide": "Div",
}  # fmt: skip
LOGICAL = {"and": "And", "or": "Or", "xor": "Xor", "not": "Not"}


def unary(name: str) -> Any:
    return lambda g, x: g.node(name, x)


def binary(name: str) -> Any:
    return lambda g, x, y: g.node(name, *operands(g, x, y))


def operands(g: Any, *xs: Any) -> list:
    """Numbers among them as arrays, in the dtype of the others."""
    like = next(x for x in xs if hasattr(x, "dtype"))
    return [g.like(x, like) for x in xs]


def logical(name: str) -> Any:
    """True is everything but 0."""
    return lambda g, *xs: g.node(name, *(as_bool(g, x) for x in operands(g, *xs)))


def bitwise(name: str) -> Any:
    """Of booleans, what is logical."""

    def translation(g: Any, *xs: Any) -> Any:
        of_bools = g.out.dtype == np.bool_
        return g.node(name if of_bools else f"Bitwise{name}", *operands(g, *xs))

    return translation


def as_bool(g: Any, x: Any) -> Any:
    return x if x.dtype == np.bool_ else g.node("Cast", x, to=np.dtype(bool))


TRANSLATIONS |= {name: unary(its) for name, its in UNARY.items()}
TRANSLATIONS |= {name: binary(its) for name, its in BINARY.items()}
TRANSLATIONS |= {f"logical_{name}": logical(its) for name, its in LOGICAL.items()}
TRANSLATIONS |= {f"bitwise_{name}": bitwise(its) for name, its in LOGICAL.items()}


@translates("positive", "clone", "identity", "to_device")
def same(g: Any, x: Any, *options: Any) -> Any:
    return x


@translates("astype")
def astype(g: Any, x: Any, dtype: Any) -> Any:
    return g.node("Cast", x, to=np.dtype(dtype))


@translates("add")
def add(g: Any, x: Any, y: Any, *, alpha: Any = 1) -> Any:
    if alpha != 1:
        return x + y * alpha
    return g.node("Or" if g.out.dtype == np.bool_ else "Add", *operands(g, x, y))


@translates("sub")
def sub(g: Any, x: Any, y: Any, *, alpha: Any = 1) -> Any:
    return g.node("Sub", *operands(g, x, y)) if alpha == 1 else x - y * alpha


@translates("rsub")
def rsub(g: Any, x: Any, y: Any, *, alpha: Any = 1) -> Any:
    return y - x * alpha


@translates("ne")
def ne(g: Any, x: Any, y: Any) -> Any:
    return g.node("Not", g.node("Equal", *operands(g, x, y)))


@translates("fmod")
def fmod(g: Any, x: Any, y: Any) -> Any:
    return g.node("Mod", *operands(g, x, y), fmod=1)


@translates("remainder")
def remainder(g: Any, x: Any, y: Any) -> Any:
    """ONNX's Mod has the sign of y for integers alone."""
    return g.node("Mod", *operands(g, x, y)) if is_integer(g) else x - y * ops.floor(x / y)


@translates("floor_divide")
def floor_divide(g: Any, x: Any, y: Any) -> Any:
    """ONNX's Div of integers rounds to 0, this down."""
    if not is_integer(g):
        return ops.floor(x / y)
    rest = g.node("Mod", *operands(g, x, y))
    return g.node("Div", g.node("Sub", operands(g, x, y)[0], rest), operands(g, x, y)[1])


@translates("_trunc_divide")
def trunc_divide(g: Any, x: Any, y: Any) -> Any:
    return g.node("Div", *operands(g, x, y)) if is_integer(g) else ops.trunc(x / y)


def is_integer(g: Any) -> bool:
    return g.out.dtype.kind in "iu"


@translates("trunc")
def trunc(g: Any, x: Any) -> Any:
    return ops.sign(x) * ops.floor(ops.abs(x))


@translates("frac")
def frac(g: Any, x: Any) -> Any:
    return x - ops.trunc(x)


@translates("round")
def round_(g: Any, x: Any, *, decimals: int = 0) -> Any:
    return ops.round(x * 10.0**decimals) / 10.0**decimals if decimals else g.node("Round", x)


@translates("where")
def where(g: Any, condition: Any, x: Any, y: Any) -> Any:
    return g.node("Where", condition, g.like(x, g.out), g.like(y, g.out))


@translates("masked_fill")
def masked_fill(g: Any, x: Any, mask: Any, value: Any) -> Any:
    return g.node("Where", mask, g.like(value, x), x)


@translates("clamp")
def clamp(g: Any, x: Any, min: Any = None, max: Any = None) -> Any:
    if hasattr(min, "dtype") or hasattr(max, "dtype"):  # bounds for each element
        x = x if min is None else ops.maximum(x, min)
        return x if max is None else ops.minimum(x, max)
    return g.node("Clip", x, *(None if v is None else np.asarray(v, x.dtype) for v in (min, max)))


@translates("isfinite")
def isfinite(g: Any, x: Any) -> Any:
    return g.node("Not", g.node("Or", g.node("IsInf", x), g.node("IsNaN", x)))


# ---------------------------------------------------------------------------- powers and logarithms


@translates("lerp")
def lerp(g: Any, x: Any, end: Any, weight: Any) -> Any:
    return x + weight * (end - x)


@translates("logit")
def logit(g: Any, x: Any, eps: float | None = None) -> Any:
    x = x if eps is None else ops.clamp(x, eps, 1 - eps)
    return ops.log(x / (1 - x))


@translates("rsqrt")
def rsqrt(g: Any, x: Any) -> Any:
    return ops.reciprocal(ops.sqrt(x))


@translates("exp2")
def exp2(g: Any, x: Any) -> Any:
    return ops.exp(x * math.log(2))


@translates("expm1")
def expm1(g: Any, x: Any) -> Any:
    return ops.exp(x) - 1


@translates("log1p")
def log1p(g: Any, x: Any) -> Any:
    return ops.log(x + 1)


@translates("log2")
def log2(g: Any, x: Any) -> Any:
    return ops.log(x) / math.log(2)


@translates("log10")
def log10(g: Any, x: Any) -> Any:
    return ops.log(x) / math.log(10)


@translates("erfc")
def erfc(g: Any, x: Any) -> Any:
    return 1 - ops.erf(x)


@translates("hypot")
def hypot(g: Any, x: Any, y: Any) -> Any:
    return ops.sqrt(x * x + y * y)


@translates("logaddexp")
def logaddexp(g: Any, x: Any, y: Any) -> Any:
    return ops.maximum(x, y) + ops.log(1 + ops.exp(-ops.abs(x - y)))


@translates("xlogy")
def xlogy(g: Any, x: Any, y: Any) -> Any:
    """0 where x is 0, whatever y is."""
    return ops.where(x == 0, 0.0, x * ops.log(ops.where(x == 0, 1.0, y)))
