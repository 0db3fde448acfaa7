"""Sums, means, extremes, norms, order; softmax, products of matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import ops
from minigrad.onnx.table import TRANSLATIONS, translates


def axes(g: Any, dim: Any) -> Any:
    """The axes of a reduction as its second input: none stands for all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return None
    return g.ints(*(dim if isinstance(dim, (tuple, list)) else (dim,)))


def reduced(g: Any, name: str, x: Any, dim: Any, keepdim: bool) -> Any:
    return g.node(name, x, axes(g, dim), keepdims=int(keepdim))


def in_dtype(g: Any, x: Any, dtype: Any = None) -> Any:
    """x in the dtype to sum in: that of the result, unless it is given."""
    dtype = np.dtype(dtype or g.out.dtype)
    return x if x.dtype == dtype else ops.astype(x, dtype)


@translates("sum")
def sum_(g: Any, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return reduced(g, "ReduceSum", in_dtype(g, x, dtype), dim, keepdim)


@translates("mean")
def mean(g: Any, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return reduced(g, "ReduceMean", in_dtype(g, x, dtype), dim, keepdim)


@translates("prod")
def prod(g: Any, x: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    return reduced(g, "ReduceProd", in_dtype(g, x, dtype), dim, keepdim)


@translates("amax")
def amax(g: Any, x: Any, dim: Any = (), keepdim: bool = False) -> Any:
    return reduced(g, "ReduceMax", x, dim, keepdim)


@translates("amin")
def amin(g: Any, x: Any, dim: Any = (), keepdim: bool = False) -> Any:
    return reduced(g, "ReduceMin", x, dim, keepdim)


TRANSLATIONS |= {"max_all": amax, "min_all": amin}


@translates("max_dim")
def max_dim(g: Any, x: Any, dim: int, keepdim: bool = False) -> Any:
    return [ops.amax(x, dim, keepdim), ops.argmax(x, dim, keepdim)]


@translates("min_dim")
def min_dim(g: Any, x: Any, dim: int, keepdim: bool = False) -> Any:
    return [ops.amin(x, dim, keepdim), ops.argmin(x, dim, keepdim)]


@translates("argmax")
def argmax(g: Any, x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    return place(g, "ArgMax", x, dim, keepdim)


@translates("argmin")
def argmin(g: Any, x: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    return place(g, "ArgMin", x, dim, keepdim)


def place(g: Any, name: str, x: Any, dim: int | None, keepdim: bool) -> Any:
    """Without dim, the place in x flattened."""
    if dim is not None:
        return g.node(name, x, axis=dim, keepdims=int(keepdim))
    found = g.node(name, ops.reshape(x, (-1,)), axis=0, keepdims=0)
    return g.node("Reshape", found, g.ints(*g.out.shape))


@translates("any")
def any_(g: Any, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return reduced(g, "ReduceMax", ops.astype(x, np.dtype(bool)), dim, keepdim)


@translates("all")
def all_(g: Any, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    return reduced(g, "ReduceMin", ops.astype(x, np.dtype(bool)), dim, keepdim)


@translates("logsumexp")
def logsumexp(g: Any, x: Any, dim: Any, keepdim: bool = False) -> Any:
    return reduced(g, "ReduceLogSumExp", in_dtype(g, x), dim, keepdim)


@translates("std")
def std(g: Any, x: Any, *options: Any, **more: Any) -> Any:
    return ops.sqrt(ops.var(x, *options, **more))


@translates("vector_norm")
def vector_norm(
    g: Any, x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    x = in_dtype(g, x, dtype)
    if ord in (1, 2):
        return reduced(g, f"ReduceL{int(ord)}", x, dim, keepdim)
    dims = () if dim is None else dim
    if ord == math.inf:
        return ops.amax(ops.abs(x), dims, keepdim)
    if ord == -math.inf:
        return ops.amin(ops.abs(x), dims, keepdim)
    if ord == 0:
        return ops.sum(ops.astype(x != 0, x.dtype), dim, keepdim)
    return ops.sum(ops.abs(x) ** ord, dim, keepdim) ** (1 / ord)


# ---------------------------------------------------------------------------- along an axis


@translates("softmax")
def softmax(g: Any, x: Any, dim: int, dtype: Any = None) -> Any:
    return g.node("Softmax", in_dtype(g, x, dtype), axis=dim)


@translates("log_softmax")
def log_softmax(g: Any, x: Any, dim: int, dtype: Any = None) -> Any:
    return g.node("LogSoftmax", in_dtype(g, x, dtype), axis=dim)


@translates("cumsum")
def cumsum(g: Any, x: Any, dim: int, *, dtype: Any = None) -> Any:
    return g.node("CumSum", in_dtype(g, x, dtype), np.asarray(dim, np.int64))


@translates("topk")
def topk(g: Any, x: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    options = {"axis": dim, "largest": int(largest), "sorted": int(sorted)}
    return g.node("TopK", x, g.ints(k), outputs=2, **options)


@translates("sort")
def sort(g: Any, x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    return topk(g, x, x.shape[dim], dim, descending)


@translates("argsort")
def argsort(g: Any, x: Any, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    return topk(g, x, x.shape[dim], dim, descending)[1]


# ---------------------------------------------------------------------------- products


@translates("matmul")
def matmul(g: Any, x: Any, y: Any) -> Any:
    return g.node("MatMul", x, y)


@translates("det")
def det(g: Any, x: Any) -> Any:
    return g.node("Det", x)


@translates("linear")
def linear(g: Any, x: Any, weight: Any, bias: Any = None) -> Any:
    if len(x.shape) == len(weight.shape) == 2:
        return g.node("Gemm", x, weight, bias, transB=1)
    y = g.node("MatMul", x, ops.transpose(weight, 0, 1) if len(weight.shape) == 2 else weight)
    return y if bias is None else g.node("Add", y, bias)
