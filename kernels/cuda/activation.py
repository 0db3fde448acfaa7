"""Activation functions on a GPU, and their gradients: `activation.cu`, and here the readable twins.

The simplest kernels there are: a thread an element. What takes the time is memory, so all that
matters is that 32 neighbouring threads, which run in step, read 32 neighbouring numbers at once.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kernels.cuda import source
from kernels.cuda.launch import blocks, cuda, dense, launch, side
from kernels.table import simulated

THREADS = side(16) ** 2
# The simulator runs Python, whose math.exp(1000) is an error and not infinity.
exp: Callable = np.exp if simulated() else math.exp

FILE = "activation.cu"
OPS = (
    "Relu", "LeakyRelu", "Tanh", "Sigmoid", "Elu", "Silu", "Softplus", "Mish", "Gelu", "GeluTanh",
)  # fmt: skip
VARIANTS = {
    FILE: [
        f"{name}<{t}, {op}>"
        for name in ("activate", "activate_backward")
        for t in source.TYPES.values()
        for op in OPS
    ]
}


def relu(x: Any) -> Any:
    return _forward("Relu", x)


def relu_backward(g: Any, y: Any) -> Any:
    return _backward("Relu", g, y)


def leaky_relu(x: Any, negative_slope: float) -> Any:
    return _forward("LeakyRelu", x, negative_slope)


def leaky_relu_backward(g: Any, x: Any, negative_slope: float) -> Any:
    return _backward("LeakyRelu", g, x, negative_slope)


def tanh(x: Any) -> Any:
    return _forward("Tanh", x)


def tanh_backward(g: Any, y: Any) -> Any:
    return _backward("Tanh", g, y)


def sigmoid(x: Any) -> Any:
    return _forward("Sigmoid", x)


def sigmoid_backward(g: Any, y: Any) -> Any:
    return _backward("Sigmoid", g, y)


def elu(x: Any, alpha: float, scale: float, width: float) -> Any:
    return _forward("Elu", x, alpha, scale, width)


def elu_backward(g: Any, y: Any, alpha: float, scale: float, width: float) -> Any:
    return _backward("Elu", g, y, alpha, scale, width)


def silu(x: Any) -> Any:
    return _forward("Silu", x)


def silu_backward(g: Any, x: Any) -> Any:
    return _backward("Silu", g, x)


def softplus(x: Any, beta: float, threshold: float) -> Any:
    return _forward("Softplus", x, beta, threshold)


def softplus_backward(g: Any, x: Any, beta: float, threshold: float) -> Any:
    return _backward("Softplus", g, x, beta, threshold)


def mish(x: Any) -> Any:
    return _forward("Mish", x)


def mish_backward(g: Any, x: Any) -> Any:
    return _backward("Mish", g, x)


def gelu(x: Any, approximate: str = "none") -> Any:
    return _forward("GeluTanh" if approximate == "tanh" else "Gelu", x)


def gelu_backward(g: Any, x: Any, approximate: str = "none") -> Any:
    return _backward("GeluTanh" if approximate == "tanh" else "Gelu", g, x)


def _forward(op: str, x: Any, *options: float) -> Any:
    x = dense(x)
    y = np.empty_like(x)
    a, b, c = (*options, 0.0, 0.0, 0.0)[:3]
    if source.compiled(x):
        _launch(f"activate<{source.c_type(x)}, {op}>", x, y, a, b, c)
    else:
        kernel = elementwise(FUNCTIONS[op][0])
        launch(kernel, blocks((x.size, THREADS)), (THREADS,), x.reshape(-1), y.reshape(-1), a, b, c)
    return y


def _backward(op: str, g: Any, v: Any, *options: float) -> Any:
    g, v = dense(g), dense(v)
    dx = np.empty_like(g)
    a, b, c = (*options, 0.0, 0.0, 0.0)[:3]
    if source.compiled(g):
        _launch(f"activate_backward<{source.c_type(g)}, {op}>", g, v, dx, a, b, c)
    else:
        arrays = g.reshape(-1), v.reshape(-1), dx.reshape(-1)
        kernel = elementwise_backward(FUNCTIONS[op][1])
        launch(kernel, blocks((g.size, THREADS)), (THREADS,), *arrays, a, b, c)
    return dx


def _launch(name: str, *arguments: Any) -> None:
    *arrays, a, b, c = arguments
    n, each = arrays[0].size, 256 * 16 // arrays[0].itemsize  # 16 bytes a thread
    numbers = [np.float64(option) for option in (a, b, c)]
    source.launch(FILE, name, blocks((n, each)), (256,), *arrays, *numbers, np.int64(n))


# ---------------------------------------------------------------------------- Numba


@functools.cache
def elementwise(f: Callable) -> Any:
    function = cuda.jit(device=True)(f)

    def kernel(x, y, a, b, c):
        i = cuda.grid(1)
        if i < x.shape[0]:
            y[i] = function(x[i], a, b, c)

    return cuda.jit(kernel)


@functools.cache
def elementwise_backward(gradient: Callable) -> Any:
    function = cuda.jit(device=True)(gradient)

    def kernel(g, v, dx, a, b, c):
        i = cuda.grid(1)
        if i < g.shape[0]:
            dx[i] = function(g[i], v[i], a, b, c)

    return cuda.jit(kernel)


@cuda.jit(device=True)
def logistic(x):
    return 1 / (1 + exp(-x))


@cuda.jit(device=True)
def tanh_softplus(x):  # n / (n + 2) with n = e**x (e**x + 2); from x = 20 on it is 1
    e = exp(20.0 if x > 20 else x)
    return e * (e + 2) / (e * (e + 2) + 2)


@cuda.jit(device=True)
def normal(x):  # P(Z <= x)
    return 0.5 * (1 + math.erf(x * math.sqrt(0.5)))


@cuda.jit(device=True)
def normal_by_tanh(x):
    return 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * x * (1 + 0.044715 * x * x)))


# (f(x), gradient(g, x or y)), with up to three options a, b, c: see reference/activation.py.
FUNCTIONS: dict[str, tuple[Callable, Callable]] = {
    "Relu": (
        lambda x, a, b, c: 0 * a if x <= 0 else x,
        lambda g, y, a, b, c: 0 * a if y == 0 else g,
    ),
    "LeakyRelu": (
        lambda x, a, b, c: x if x > 0 else a * x,
        lambda g, x, a, b, c: g if x > 0 else a * g,
    ),
    "Tanh": (
        lambda x, a, b, c: math.tanh(x),
        lambda g, y, a, b, c: g * (1 - y * y),
    ),
    "Sigmoid": (
        lambda x, a, b, c: logistic(x),
        lambda g, y, a, b, c: g * (y * (1 - y)),
    ),
    "Elu": (
        lambda x, a, b, c: b * (x if x > 0 else a * math.expm1(x / c)),
        lambda g, y, a, b, c: b * g if y > 0 else g * ((y + b * a) / c),
    ),
    "Silu": (
        lambda x, a, b, c: x * logistic(x),
        lambda g, x, a, b, c: g * (logistic(x) * (1 + x * (1 - logistic(x)))),
    ),
    "Softplus": (
        lambda x, a, b, c: x if a * x > b else (max(a * x, 0) + math.log1p(exp(-abs(a * x)))) / a,
        lambda g, x, a, b, c: g if a * x > b else g * logistic(a * x),
    ),
    "Mish": (
        lambda x, a, b, c: x * tanh_softplus(x),
        lambda g, x, a, b, c: (
            g if x > 20 else g * (tanh_softplus(x) + x * logistic(x) * (1 - tanh_softplus(x) ** 2))
        ),
    ),
    "Gelu": (
        lambda x, a, b, c: x * normal(x),
        lambda g, x, a, b, c: g * (normal(x) + x * math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)),
    ),
    "GeluTanh": (
        lambda x, a, b, c: x * normal_by_tanh(x),
        lambda g, x, a, b, c: (
            g * normal_by_tanh(x) * (1 + 2 * x * (1 - normal_by_tanh(x))
                                     * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x))
        ),
    ),
}  # fmt: skip
