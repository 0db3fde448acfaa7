"""Activation functions in one pass over memory: see `kernels/reference/activation.py`.

A function of one number is all that each of them needs. `each` and `each_pair` make kernels of
these: they compile a loop with the function inlined, which becomes vector instructions if it has
no branches (`a if c else b` of two numbers is none).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from kernels.cpu import elementary
from kernels.cpu.elementary import F, by_dtype, exp, expm1, larger, log1p
from kernels.cpu.jit import AS_WRITTEN, dense, jit
from kernels.cpu.parallel import parallel
from kernels.reference.activation import CUBIC, DENSITY, TANH_SCALE
from kernels.scratch import empty

CHUNK = 2**14  # elements that a thread does at a time; fewer are not worth waking another

# A function that loops are made of. In the order that is written: (x * 0) * x is 0, and
# (x * x) * 0 may be infinity times 0.
formula = register_jitable(fastmath=AS_WRITTEN, forceinline=True)


def each(f: Callable) -> Callable:
    """The kernel y[i] = f(x[i], *options)."""

    def over(chunk, chunks, x, y, options):
        here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        xs, ys = x[here], y[here]
        for i in range(len(xs)):
            ys[i] = f(xs[i], *options)

    run = parallel(over, name=f.__name__)

    def kernel(x: Any, *options: float) -> np.ndarray:
        x = dense(x)
        y = empty(x.shape, x.dtype)
        options = tuple(map(x.dtype.type, options))
        run[-(-x.size // CHUNK)](x.reshape(-1), y.reshape(-1), options)
        return y

    return kernel


def each_pair(f: Callable) -> Callable:
    """The kernel z[i] = f(g[i], x[i], *options)."""

    def over(chunk, chunks, g, x, z, options):
        here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
        gs, xs, zs = g[here], x[here], z[here]
        for i in range(len(xs)):
            zs[i] = f(gs[i], xs[i], *options)

    run = parallel(over, name=f.__name__)

    def kernel(g: Any, x: Any, *options: float) -> np.ndarray:
        g, x = dense(g), dense(x)
        z = empty(x.shape, x.dtype)
        options = tuple(map(x.dtype.type, options))
        run[-(-x.size // CHUNK)](g.reshape(-1), x.reshape(-1), z.reshape(-1), options)
        return z

    return kernel


# F(1) is a 1 of x's type: a plain one would turn float32 into float64.


@formula
def _relu(x):
    return larger(x, type(x)(0))


@formula
def _relu_backward(g, y):
    return g if y != type(y)(0) else type(y)(0)


@formula
def _leaky_relu(x, slope):
    return x if x > type(x)(0) else slope * x


@formula
def _leaky_relu_backward(g, x, slope):
    return g if x > type(x)(0) else slope * g


@formula
def _tanh(x):
    return elementary.tanh(x)


@formula
def _tanh_backward(g, y):
    return g * (type(y)(1) - y * y)


@formula
def _sigmoid(x):
    return elementary.sigmoid(x)


@formula
def _sigmoid_backward(g, y):
    return g * (y * (type(y)(1) - y))


@formula
def _erf(x):
    return elementary.erf(x)


@formula
def _elu(x, alpha, scale, width):
    return scale * (x if x > type(x)(0) else alpha * expm1(x / width))


@formula
def _elu_backward(g, y, alpha, scale, width):
    return g * (scale if y > type(y)(0) else (y + scale * alpha) / width)


@formula
def _silu(x):
    return x * elementary.sigmoid(x)


@formula
def _silu_backward(g, x):
    one, s = type(x)(1), elementary.sigmoid(x)
    return g * (s * (one + x * (one - s)))


@formula
def _softplus(x, beta, threshold):
    z = beta * x
    y = (larger(z, type(x)(0)) + log1p(exp(-abs(z)))) / beta
    return x if z > threshold else y


@formula
def _softplus_backward(g, x, beta, threshold):
    z = beta * x
    return g if z > threshold else g * elementary.sigmoid(z)


@formula
def _mish(x):
    F = type(x)
    e = exp(F(20) if x > F(20) else x)
    n = e * (e + F(2))
    return x * (n / (n + F(2)))


@formula
def _mish_backward(g, x):
    F = type(x)
    e = exp(F(20) if x > F(20) else x)
    n = e * (e + F(2))
    d = F(1) / (n + F(2))
    slope = n * d + x * (F(4) * e * (e + F(1)) * (d * d))
    return g * (F(1) if x > F(20) else slope)


def normal(x: Any) -> Any:
    """P(Z <= x) of a standard normal Z, and e**(-x**2 / 2), sqrt(2 pi) times its derivative."""
    raise TypeError("kernels.cpu.activation.normal is for kernels")


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _normal_32(x):
    """Both from one exponential: of a = |x|, P(Z <= -a) = e**(-a**2 / 2) u (1/2 + v S(v)).

    u = 1 / (1 + 0.265 a), v = 1 - u, and S is a polynomial fitted to that, to 1.4e-8 of P. So P is
    right to 2e-7 of itself near 0 and in both tails, where 1 + erf would cancel.
    """
    a = abs(x)
    a = F(20) if a > F(20) else a  # there P is 0 or 1; beyond, v would be infinity times 0
    u = F(1) / (F(0.265) * a + F(1))
    v = F(0.265) * a * u
    s = (F(0.0306320254) * v + F(-0.101723727)) * v + F(0.0703766218)
    s = ((s * v + F(0.112887637)) * v + F(-0.067410564)) * v + F(-0.482712332)
    s = ((s * v + F(1.04913401)) * v + F(-1.00544326)) * v + F(0.5)
    e = exp(F(-0.5) * x * x)
    tail = e * (s * u)
    return (F(1) - tail if x > F(0) else tail), e


@jit(fastmath=AS_WRITTEN, forceinline=True)
def _normal_64(x):
    return 0.5 * math.erfc(-x * math.sqrt(0.5)), exp(-0.5 * x * x)


by_dtype(normal, _normal_32, _normal_64)


@formula
def _gelu(x):
    return x * normal(x)[0]


@formula
def _gelu_backward(g, x):
    p, e = normal(x)
    return g * (p + x * (type(x)(DENSITY) * e))


@formula
def _gelu_tanh(x):
    F = type(x)
    return F(0.5) * x * (F(1) + elementary.tanh(F(TANH_SCALE) * x * (F(1) + F(CUBIC) * (x * x))))


@formula
def _gelu_tanh_backward(g, x):
    F = type(x)
    square = x * x
    t = elementary.tanh(F(TANH_SCALE) * x * (F(1) + F(CUBIC) * square))
    slope = F(TANH_SCALE) * (F(1) + F(3 * CUBIC) * square)
    return g * (F(0.5) * (F(1) + t) + F(0.5) * x * (F(1) - t * t) * slope)


relu, relu_backward = each(_relu), each_pair(_relu_backward)
leaky_relu, leaky_relu_backward = each(_leaky_relu), each_pair(_leaky_relu_backward)
tanh, tanh_backward = each(_tanh), each_pair(_tanh_backward)
sigmoid, sigmoid_backward = each(_sigmoid), each_pair(_sigmoid_backward)
erf = each(_erf)
elu, elu_backward = each(_elu), each_pair(_elu_backward)
silu, silu_backward = each(_silu), each_pair(_silu_backward)
softplus, softplus_backward = each(_softplus), each_pair(_softplus_backward)
mish, mish_backward = each(_mish), each_pair(_mish_backward)
GELU = {"none": each(_gelu), "tanh": each(_gelu_tanh)}
GELU_BACKWARD = {"none": each_pair(_gelu_backward), "tanh": each_pair(_gelu_tanh_backward)}


def gelu(x: Any, approximate: str = "none") -> np.ndarray:
    return GELU[approximate](x)


def gelu_backward(g: Any, x: Any, approximate: str = "none") -> np.ndarray:
    return GELU_BACKWARD[approximate](g, x)
