"""What `minigrad bench --device cuda` measures: kernels on raw arrays, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

import kernels
from minigrad.bench.case import normal
from minigrad.bench.images import Size, flops, traffic
from minigrad.bench.sequences import attention_flops


class Case(NamedTuple):
    group: str
    name: str
    inputs: list[np.ndarray]
    kernel: Callable[..., Any]  # of the inputs: calls kernels, by whatever implementation is chosen
    torch: Callable[..., Any]  # of torch and the inputs as its tensors: the same
    differentiable: int  # so many of the inputs, from the first, have a gradient
    flops: float
    numbers: float  # that are read and written at the least
    products: bool = True  # tensor cores could do the arithmetic
    dtypes: tuple[str, ...] = ("float32",)


def cases(quick: bool) -> Iterator[Case]:
    n = 5 if quick else 4096
    yield Case(
        "matmul", f"matmul {n}x{n}x{n}", [normal(n, n), normal(n, n, seed=1)],
        lambda a, b: kernels.matmul(a, b), lambda torch, a, b: torch.matmul(a, b), 0,
        2 * n**3, 3 * n**2, dtypes=("float32", "tf32", "float16"),
    )  # fmt: skip
    yield conv(Size(2, 3, 4, 2) if quick else Size(64, 64, 56, 64))
    yield attention(*((1, 2, 5, 4) if quick else (4, 16, 2048, 64)))
    rows, columns = (3, 5) if quick else (8192, 4096)
    x, g = normal(rows, columns), normal(rows, columns, seed=1)
    yield Case(
        "rows", f"softmax {rows}x{columns}", [x, g], softmax,
        lambda torch, x, g: gradients(torch, torch.softmax(x, -1), [x], g), 1,
        9 * x.size, 5 * x.size, products=False,
    )  # fmt: skip
    yield Case(
        "rows", f"gelu {rows}x{columns}", [x, g], gelu,
        lambda torch, x, g: gradients(torch, torch.nn.functional.gelu(x), [x], g), 1,
        14 * x.size, 5 * x.size, products=False,
    )  # fmt: skip
    weight, bias = normal(columns, seed=2), normal(columns, seed=3)
    yield Case(
        "rows", f"layer norm {rows}x{columns}", [x, weight, bias, g], layer_norm,
        lambda torch, x, w, b, g: gradients(
            torch, torch.nn.functional.layer_norm(x, (columns,), w, b), [x, w, b], g
        ), 3, 22 * x.size, 5 * x.size, products=False,
    )  # fmt: skip


def gradients(torch: Any, y: Any, inputs: list, g: Any) -> tuple:
    return y, *torch.autograd.grad(y, inputs, g)


def softmax(x: Any, g: Any) -> tuple:
    y = kernels.softmax(x)
    return y, kernels.softmax_backward(g, y)


def gelu(x: Any, g: Any) -> tuple:
    return kernels.gelu(x), kernels.gelu_backward(g, x)


def layer_norm(x: Any, weight: Any, bias: Any, g: Any) -> tuple:
    y, mean, rstd = kernels.layer_norm(x, weight, bias, 1e-5)
    return y, *kernels.layer_norm_backward(g, x, weight, mean, rstd)


def conv(size: Size) -> Case:
    x = normal(size.n, size.c, size.s, size.s)
    weight = normal(size.filters, size.c, 3, 3, scale=0.1, seed=1)
    g = normal(size.n, size.filters, size.s, size.s, seed=2)
    options = (1, 1), (1, 1), (1, 1), 1  # stride, padding, dilation, groups

    def kernel(x: Any, weight: Any, g: Any) -> tuple:
        return (
            kernels.conv(x, weight, None, *options),
            kernels.conv_grad_input(g, weight, x.shape[2:], *options),
            kernels.conv_grad_weight(g, x, weight.shape[2:], *options),
        )

    def by_torch(torch: Any, x: Any, weight: Any, g: Any) -> tuple:
        y = torch.nn.functional.conv2d(x, weight, None, 1, 1)
        return gradients(torch, y, [x, weight], g)

    return Case(
        "conv", f"conv2d {size}", [x, weight, g], kernel, by_torch, 2, flops(size),
        traffic(size) / 4, dtypes=("float32", "tf32", "float16"),
    )  # fmt: skip


def attention(n: int, h: int, t: int, d: int) -> Case:
    def kernel(q: Any, k: Any, v: Any, g: Any) -> tuple:
        out, lse = kernels.attention(q, k, v, None, True)
        return out, *kernels.attention_backward(g, q, k, v, out, lse, None, True)[:3]

    def by_torch(torch: Any, q: Any, k: Any, v: Any, g: Any) -> tuple:
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return gradients(torch, y, [q, k, v], g)

    return Case(
        "attention", f"attention {n}x{h}x{t}x{d} causal",
        [normal(n, h, t, d, seed=i) for i in range(4)], kernel, by_torch, 3,
        attention_flops(n, h, t, d), (4 + 8) * n * h * t * d, dtypes=("float32", "tf32", "float16"),
    )  # fmt: skip
