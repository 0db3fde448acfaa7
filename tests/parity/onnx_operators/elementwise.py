"""Element by element: arithmetic, comparison, logic, bits, dtypes."""

from __future__ import annotations

import functools

from onnx.helper import tensor_dtype_to_np_dtype

import minigrad as mg


def variadic(function):
    """A function of two for one, two or more."""
    return lambda *xs: functools.reduce(function, xs)


def div(x, y):
    return mg.div(x, y, rounding_mode=None if x.dtype.kind == "f" else "trunc")


def clip(x, low=None, high=None):
    return x if low is None and high is None else mg.clamp(x, low, high)


def is_inf(x, *, detect_negative=1, detect_positive=1):
    if detect_negative and detect_positive:
        return mg.isinf(x)
    return mg.isposinf(x) if detect_positive else mg.isneginf(x)


def bit_shift(x, y, *, direction):
    return mg.bitwise_left_shift(x, y) if direction == "LEFT" else mg.bitwise_right_shift(x, y)


def cast(x, *, to, saturate=1, round_mode="up"):
    """The two options are for dtypes of 8 bits and fewer."""
    return x.to(tensor_dtype_to_np_dtype(to))


OPERATORS = {
    "Abs": mg.abs, "Acos": mg.acos, "Acosh": mg.acosh, "Asin": mg.asin, "Asinh": mg.asinh,
    "Atan": mg.atan, "Atanh": mg.atanh, "Ceil": mg.ceil, "Cos": mg.cos, "Cosh": mg.cosh,
    "Erf": mg.erf, "Exp": mg.exp, "Floor": mg.floor, "Identity": mg.clone, "IsInf": is_inf,
    "IsNaN": mg.isnan, "Log": mg.log, "Neg": mg.neg, "Reciprocal": mg.reciprocal,
    "Round": mg.round, "Sign": mg.sign, "Sin": mg.sin, "Sinh": mg.sinh, "Sqrt": mg.sqrt,
    "Tan": mg.tan,
    "Add": mg.add, "Sub": mg.sub, "Mul": mg.mul, "Div": div, "Clip": clip,
    "Pow": lambda x, y: mg.pow(x, y).to(x.dtype),
    "Mod": lambda x, y, *, fmod=0: mg.fmod(x, y) if fmod else mg.remainder(x, y),
    "Max": variadic(mg.maximum), "Min": variadic(mg.minimum), "Sum": variadic(mg.add),
    "Mean": lambda *xs: mg.mean(mg.stack(mg.broadcast_tensors(*xs)), 0),
    "Equal": mg.eq, "Greater": mg.gt, "GreaterOrEqual": mg.ge, "Less": mg.lt,
    "LessOrEqual": mg.le, "Where": mg.where,
    "And": mg.logical_and, "Or": mg.logical_or, "Xor": mg.logical_xor, "Not": mg.logical_not,
    "BitwiseAnd": mg.bitwise_and, "BitwiseOr": mg.bitwise_or, "BitwiseXor": mg.bitwise_xor,
    "BitwiseNot": mg.bitwise_not, "BitShift": bit_shift,
    "Cast": cast,
    "CastLike": lambda x, y, *, saturate=1, round_mode="up": x.to(y.dtype),
    "BitCast": lambda x, *, to: x.view(tensor_dtype_to_np_dtype(to)),
}  # fmt: skip
