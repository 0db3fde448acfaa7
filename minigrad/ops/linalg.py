"""Products of matrices and vectors: matmul of every rank, the linear layer, what builds on them.

`matmul` and `linear` are ops with pullbacks of their own; the others are functions of these.
Products of many matrices and powers are in `matrix_functions.py`, sums of products over named
axes in `contractions.py`, inverses in `decompositions.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import kernels
from kernels.reference.matmul import matmul as reference
from minigrad.autograd import sum_to
from minigrad.dispatch import NUMPY
from minigrad.graph import describe, is_tensor, op
from minigrad.ops.axes import raw

__all__ = [
    "addbmm", "addmm", "addmv", "addr", "baddbmm", "bilinear", "bmm", "dot", "ger",
    "inner", "linear", "matmul", "mm", "mv", "outer", "vdot", "vecdot",
]  # fmt: skip


def mT(x):
    """x with its last two axes exchanged."""
    return np.swapaxes(x, -1, -2)


def expect_square(name, x):
    if len(x.shape) < 2 or x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: expected square matrices of shape (*, n, n), got {describe(x)}"
        )


# ---------------------------------------------------------------------------- products


# Multiplications from which on Numba's product is called. NumPy's BLAS alone is the faster one for
# some way above that, but its threads fight for the cores with those of the kernels around it.
LARGE = 2**18


def product(x, y, bias=None):
    """x @ y + bias; of large arrays of 2 or more axes, by the kernel."""
    if is_tensor(x) or is_tensor(y) or is_tensor(bias):
        z = np.matmul(x, y)
        return z if bias is None else z + bias
    if x.dtype == np.float16 and isinstance(x, np.ndarray):
        # NumPy multiplies these one by one, some 100 times as slow as float32's; both add up in
        # float32, as GPUs do.
        wide = [None if a is None else a.astype(np.float32) for a in (x, y, bias)]
        return product(*wide).astype(np.float16)
    large = x.size * y.shape[-1] >= LARGE and min(x.ndim, y.ndim) >= 2
    run = kernels.matmul if large else reference
    if bias is not None and (bias.shape != y.shape[-1:] or bias.dtype != x.dtype):
        return run(x, y) + bias
    return run(x, y, bias)


def sum_rows(g):
    """The sum of the rows of a matrix: the gradient of what was added to each of them."""
    if g.dtype == np.float16 and isinstance(g, np.ndarray):  # as above
        return np.add.reduce(g, axis=0, dtype=np.float32).astype(np.float16)
    return np.sum(g, axis=0) if is_tensor(g) else kernels.matmul_grad_bias(g)


@op
def matmul(x, y):
    """The matrix product x @ y, of every rank.

    (n, k) @ (k, m) is (n, m); a 1-D x stands for a row, a 1-D y for a column, and the axis of
    length 1 is left out of the result; axes before the last two are batches, and broadcast.
    Gradients: g @ y^T and x^T @ g, summed over the batches that were broadcast.

    >>> import minigrad as mg
    >>> mg.matmul(mg.tensor([[1.0, 2.0], [3.0, 4.0]]), mg.tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    if x.dtype is not y.dtype:
        _same_dtype("matmul", x, y)
    dims = x.ndim, y.ndim
    if dims == (2, 2):
        if x.shape[1] != y.shape[0]:
            raise _mismatch(x, y)
        return product(x, y), (lambda g: product(g, y.T), lambda g: product(x.T, g))
    if 0 in dims:
        raise RuntimeError(
            f"matmul: both arguments need at least 1 dimension, got {describe(x)} and "
            f"{describe(y)}; multiply by a number with *"
        )
    if x.shape[-1] != y.shape[-2 if y.ndim > 1 else -1]:
        raise _mismatch(x, y)
    if y.ndim == 2 and x.ndim > 2:  # one large product is faster than a batch of small ones
        return _rows(x, y)
    try:
        z = product(x, y)
    except ValueError:
        raise RuntimeError(
            f"matmul: {tuple(x.shape)} @ {tuple(y.shape)}: the batch axes {tuple(x.shape[:-2])} "
            f"and {tuple(y.shape[:-2])} do not broadcast"
        ) from None
    # From here on a vector is a matrix with one row (x) or one column (y).
    xs = (1, *x.shape) if x.ndim == 1 else x.shape
    ys = (*y.shape, 1) if y.ndim == 1 else y.shape
    gs = z.shape if x.ndim > 1 else (*z.shape[:-1], 1, z.shape[-1]) if y.ndim > 1 else (1,)
    gs = gs if y.ndim > 1 else (*gs, 1)

    def grad_x(g):
        gx = product(np.reshape(g, gs), mT(np.reshape(y, ys)))
        return np.reshape(gx if gx.shape == xs else sum_to(gx, xs), x.shape)

    def grad_y(g):
        gy = product(mT(np.reshape(x, xs)), np.reshape(g, gs))
        return np.reshape(gy if gy.shape == ys else sum_to(gy, ys), y.shape)

    return z, (grad_x, grad_y)


def _rows(x, y):
    """x @ y for a 2-D y: all rows of all batches of x as one matrix."""
    *batch, k = x.shape
    n = y.shape[1]
    rows = math.prod(batch)
    z = np.reshape(product(np.reshape(x, (rows, k)), y), (*batch, n))
    return z, (
        lambda g: np.reshape(product(np.reshape(g, (rows, n)), y.T), x.shape),
        lambda g: product(np.reshape(x, (rows, k)).T, np.reshape(g, (rows, n))),
    )


def _same_dtype(name, x, y):
    """Raise unless both have one dtype; complex with real is allowed, for the complex step."""
    if x.dtype != y.dtype and "c" not in (x.dtype.kind, y.dtype.kind):
        raise RuntimeError(
            f"{name}: both must have the same dtype, got {describe(x)} and {describe(y)}; convert "
            "one with .to(dtype)"
        )


def _mismatch(x, y):
    inner = y.shape[-2 if y.ndim > 1 else -1]
    return RuntimeError(
        f"matmul: {tuple(x.shape)} @ {tuple(y.shape)}: inner sizes differ, {x.shape[-1]} != {inner}"
    )


@op
def linear(x, weight, bias=None):
    """x @ weight^T + bias, the last axis of x being the features.

    x: (*, in), weight: (out, in), bias: (out) or None; result (*, out). A weight of shape (in)
    gives one feature, without an axis. Gradients: g @ weight; g^T @ x and the sum of g, over all
    but the last axis.
    """
    if weight.shape[-1] != x.shape[-1]:
        raise RuntimeError(
            f"linear: the input has {x.shape[-1]} features (shape {tuple(x.shape)}), but the "
            f"weight {tuple(weight.shape)} takes {weight.shape[-1]}"
        )
    if x.dtype is not weight.dtype:
        _same_dtype("linear", x, weight)
    if x.ndim == 2 and weight.ndim == 2:
        return _linear(x, weight, bias)
    *batch, n = x.shape
    rows, features = math.prod(batch), math.prod(weight.shape[:-1])
    y, (to_x, to_weight, to_bias) = _linear(
        np.reshape(x, (rows, n)), np.reshape(weight, (features, n)), bias
    )

    def flat(g):
        return np.reshape(g, (rows, features))

    return np.reshape(y, (*batch, *weight.shape[:-1])), (
        lambda g: np.reshape(to_x(flat(g)), x.shape),
        lambda g: np.reshape(to_weight(flat(g)), weight.shape),
        lambda g: to_bias(flat(g)),
    )


def _linear(x, weight, bias):
    """linear for a matrix x (rows, in)."""
    shape: Any = None if bias is None else bias.shape

    def grad_bias(g):
        return sum_rows(g) if shape == g.shape[1:] else sum_to(g, shape)

    return product(x, weight.T, bias), (
        lambda g: product(g, weight),
        lambda g: product(g.T, x),
        grad_bias,
    )


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """y_o = input1^T weight_o input2 + bias_o.

    input1: (*, in1), input2: (*, in2), weight: (out, in1, in2), bias: (out); result (*, out).
    """
    if input1.shape[:-1] != input2.shape[:-1] or weight.shape[1:] != (
        input1.shape[-1],
        input2.shape[-1],
    ):
        raise RuntimeError(
            "bilinear: expected inputs of equal leading shape with in1 and in2 features and a "
            f"weight (out, in1, in2), got {describe(input1)}, {describe(input2)} and "
            f"{describe(weight)}"
        )
    out, n, m = weight.shape
    # (*, in1) @ (in1, out * in2), then for each sample (out, in2) @ (in2)
    half = input1 @ np.reshape(np.transpose(weight, (1, 0, 2)), (n, out * m))
    half = np.reshape(half, (*input1.shape[:-1], out, m))
    y = np.squeeze(half @ np.expand_dims(input2, -1), -1)
    return y if bias is None else y + bias


# ---------------------------------------------------------------------------- of one rank only


def expect_dims(name, *pairs):
    """Raise unless each argument has the number of dimensions that `name` works on."""
    for x, ndim in pairs:
        if len(x.shape) != ndim:
            got = " and ".join(describe(a) for a, _ in pairs)
            raise RuntimeError(
                f"{name}: expected arguments of {' and '.join(f'{n}' for _, n in pairs)} "
                f"dimensions, got {got}; matmul works on every number of dimensions"
            )


def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices, (n, k) and (k, m)."""
    expect_dims("mm", (input, 2), (mat2, 2))
    return matmul(input, mat2)


def bmm(input: Any, mat2: Any) -> Any:
    """The products of b pairs of matrices, (b, n, k) and (b, k, m); nothing is broadcast."""
    expect_dims("bmm", (input, 3), (mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise RuntimeError(
            f"bmm: {tuple(input.shape)} @ {tuple(mat2.shape)}: batch sizes differ, "
            f"{input.shape[0]} != {mat2.shape[0]}"
        )
    return matmul(input, mat2)


def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix (n, k) and a vector (k)."""
    expect_dims("mv", (input, 2), (vec, 1))
    return matmul(input, vec)


def dot(input: Any, tensor: Any) -> Any:
    """The dot product of two vectors: sum_i input_i * tensor_i."""
    expect_dims("dot", (input, 1), (tensor, 1))
    return matmul(input, tensor)


def vdot(input: Any, other: Any) -> Any:
    """The dot product of two vectors; the same as `dot` for real numbers."""
    expect_dims("vdot", (input, 1), (other, 1))
    return matmul(input, other)


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """The dot products of the vectors along `dim`; the other axes broadcast."""
    return np.sum(x * y, axis=dim)


def inner(input: Any, other: Any) -> Any:
    """The dot products of all vectors along the last axes: (*a, k), (*b, k) give (*a, *b)."""
    if not input.shape or not other.shape:
        return input * other
    if input.shape[-1] != other.shape[-1]:
        raise RuntimeError(
            f"inner: the last axes of {describe(input)} and {describe(other)} differ, "
            f"{input.shape[-1]} != {other.shape[-1]}"
        )
    k = other.shape[-1]
    rows = np.reshape(other, (math.prod(other.shape[:-1]), k))
    return np.reshape(matmul(input, rows.T), (*input.shape[:-1], *other.shape[:-1]))


def outer(input: Any, vec2: Any) -> Any:
    """The outer product of two vectors: y_ij = input_i * vec2_j."""
    expect_dims("outer", (input, 1), (vec2, 1))
    return np.expand_dims(input, 1) * vec2


ger = outer


# ---------------------------------------------------------------------------- product and sum


def _plus(input, product, beta, alpha):
    """beta * input + alpha * product; with beta = 0 not even a NaN of input counts."""
    if product.dtype.kind in "biu":  # the factors take the matrices' dtype
        kind = bool if product.dtype.kind == "b" else int
        beta, alpha = kind(beta), kind(alpha)
    product = product if alpha == 1 else alpha * product
    if beta == 0:
        return np.where(np.ones_like(raw(product), dtype=bool), product, input)
    return (input if beta == 1 else beta * input) + product


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * (mat1 @ mat2), for matrices (n, k) and (k, m)."""
    expect_dims("addmm", (mat1, 2), (mat2, 2))
    return _plus(input, matmul(mat1, mat2), beta, alpha)


def addmv(input: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * (mat @ vec), for a matrix (n, k) and a vector (k)."""
    expect_dims("addmv", (mat, 2), (vec, 1))
    return _plus(input, matmul(mat, vec), beta, alpha)


def addr(input: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * outer(vec1, vec2)."""
    return _plus(input, outer(vec1, vec2), beta, alpha)


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * bmm(batch1, batch2)."""
    return _plus(input, bmm(batch1, batch2), beta, alpha)


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """beta * input + alpha * the sum over the batch of batch1 @ batch2."""
    products = bmm(batch1, batch2)
    return _plus(input, np.sum(products, axis=0, dtype=products.dtype), beta, alpha)


NUMPY.update({np.matmul: matmul, np.outer: outer, np.inner: inner, np.vdot: vdot})
