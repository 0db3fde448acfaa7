"""Reductions and what else is defined by sums: products of matrices, cumulative sums."""

from __future__ import annotations

import minigrad as mg


def reduction(function):
    """The translation for `function(x, dim, keepdim)`, where dim is a tuple of axes."""

    def translation(x, axes=None, *, keepdims=1, noop_with_empty_axes=0):
        dim = () if axes is None else tuple(axes.tolist())
        if not dim and noop_with_empty_axes:
            return x
        return function(x, dim or tuple(range(x.ndim)), bool(keepdims))

    return translation


def prod(x, dim, keepdim):
    """minigrad's product is over one axis."""
    for d in sorted((d % x.ndim for d in dim), reverse=True):
        x = mg.prod(x, d, keepdim)
    return x


def extreme(function):
    """argmax or argmin; the last of equal ones is the first in reverse."""

    def translation(x, *, axis=0, keepdims=1, select_last_index=0):
        if select_last_index:
            return x.shape[axis] - 1 - function(mg.flip(x, axis), axis, bool(keepdims))
        return function(x, axis, bool(keepdims))

    return translation


def cumulative(function):
    """A running sum or product; an exclusive one begins with that of nothing."""

    def translation(x, axis, *, exclusive=0, reverse=0):
        axis = int(axis)
        x = mg.flip(x, axis) if reverse else x
        if exclusive:
            first = mg.ones_like(x.narrow(axis, 0, 1)) * (function is mg.cumprod)
            x = mg.cat([first, x.narrow(axis, 0, x.shape[axis] - 1)], axis)
        y = function(x, axis).to(x.dtype)
        return mg.flip(y, axis) if reverse else y

    return translation


def gemm(a, b, c=0.0, *, alpha=1.0, beta=1.0, transA=0, transB=0):
    return alpha * ((a.T if transA else a) @ (b.T if transB else b)) + beta * c


OPERATORS = {
    "ReduceSum": reduction(mg.sum), "ReduceMean": reduction(mg.mean), "ReduceProd": reduction(prod),
    "ReduceMax": reduction(mg.amax), "ReduceMin": reduction(mg.amin),
    "ReduceLogSumExp": reduction(mg.logsumexp),
    "ReduceL1": reduction(lambda x, *options: mg.linalg.vector_norm(x, 1, *options)),
    "ReduceL2": reduction(lambda x, *options: mg.linalg.vector_norm(x, 2, *options)),
    "ReduceLogSum": reduction(lambda x, *options: mg.log(mg.sum(x, *options))),
    "ReduceSumSquare": reduction(lambda x, *options: mg.sum(mg.square(x), *options)),
    "ArgMax": extreme(mg.argmax), "ArgMin": extreme(mg.argmin),
    "CumSum": cumulative(mg.cumsum), "CumProd": cumulative(mg.cumprod),
    "Gemm": gemm, "MatMul": mg.matmul, "Det": mg.det,
    "Einsum": lambda *xs, equation: mg.einsum(equation, *xs),
}  # fmt: skip
