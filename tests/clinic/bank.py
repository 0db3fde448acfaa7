"""Wrong pullbacks over real ops: each is an op with one planted fault, and inputs to check it at.

@wrong("missing-factor", array(2, 3))
def square(x):
    return x * x, lambda g: g * x
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import minigrad as mg
from minigrad.graph import Op, run


class Wrong(NamedTuple):
    code: str
    name: str
    function: Callable
    inputs: tuple


BANK: list[Wrong] = []


def array(*shape: int, seed: int = 0, low: float = 0.3, high: float = 1.9) -> np.ndarray:
    """Positive numbers without ties and away from zero."""
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


def signed(*shape: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng([seed + 7, *shape])
    return rng.uniform(0.3, 1.9, shape) * rng.choice([-1.0, 1.0], shape)


def leaf(a: Any) -> Any:
    if isinstance(a, np.ndarray) and a.dtype == np.float64:
        return mg.tensor(a, dtype=mg.float64, requires_grad=True)
    return a


def wrong(code: str, *inputs: Any) -> Callable:
    """Plant the function as an op; not by @mg.op, which would add it to the library's table."""

    def plant(fn: Callable) -> Callable:
        if isinstance(fn, type):
            call: Any = fn.apply  # type: ignore[attr-defined]
        else:
            spec = Op(fn)

            def call(*args):
                return run(spec, args, {})

            call.spec = spec  # type: ignore[attr-defined]
        BANK.append(
            Wrong(code, f"{code}-{fn.__name__}-{len(BANK)}", call, tuple(map(leaf, inputs)))
        )
        return fn

    return plant


# ------------------------------------------------------------------ 1 and 2: factor, sign


@wrong("missing-factor", signed(2, 3))
def square(x):
    return x * x, lambda g: g * x


@wrong("missing-factor", signed(5))
def gelu_tanh(x):
    t = np.tanh(x)
    return 3 * t, lambda g: g * (1 - t * t)


@wrong("missing-factor", array(2, 3), array(3, 4))
def matmul_half(x, w):
    return x @ w, lambda g: (g @ w.T / 2, x.T @ g)


@wrong("missing-factor", signed(4), signed(4, seed=1))
def mse_sum(x, t):
    d = x - t
    return np.sum(d * d), lambda g: (g * d, -2 * g * d)


@wrong("missing-factor", array(3, 5))
def rsqrt(x):
    y = 1 / np.sqrt(x)
    return y, lambda g: -g * y**3


@wrong("wrong-sign", signed(2, 3), signed(2, 3, seed=1))
def subtract(x, y):
    return x - y, lambda g: (g, g)


@wrong("wrong-sign", signed(5))
def cos(x):
    return np.cos(x), lambda g: g * np.sin(x)


@wrong("wrong-sign", array(2, 3))
def reciprocal(x):
    return 1 / x, lambda g: g / (x * x)


@wrong("wrong-sign", signed(3), signed(3, seed=1))
def mse(x, t):
    d = x - t
    return np.mean(d * d), lambda g: (2 * g * d / 3, 2 * g * d / 3)


@wrong("wrong-sign", array(2, 5), array(2, 5, seed=2))
def divide(x, y):
    return x / y, lambda g: (g / y, g * x / y**2)


# ------------------------------------------------------------------ 3: upstream


@wrong("ignores-upstream", signed(2, 3))
def tanh_alone(x):
    y = np.tanh(x)
    return y, lambda g: 1 - y * y


@wrong("ignores-upstream", signed(7))
def sum_ones(x):
    return np.sum(x), lambda g: np.ones_like(x)


@wrong("ignores-upstream", signed(2, 3), signed(3, 2))
def matmul_alone(x, w):
    return x @ w, lambda g: (np.ones_like(g) @ w.T, x.T @ g)


@wrong("ignores-upstream", signed(4))
def softplus(x):
    return np.log1p(np.exp(x)), lambda g: 1 / (1 + np.exp(-x))


# ------------------------------------------------------------------ 4, 5, 6: broadcasting


@wrong("not-unbroadcast", signed(2, 3), signed(3))
def add_bias(x, b):
    return x + b, lambda g: (g, g)


@wrong("not-unbroadcast", signed(2, 3), signed(2, 1))
def scale_rows(x, s):
    return x * s, lambda g: (g * s, g * x)


@wrong("not-unbroadcast", signed(2, 3, 5), signed(3, 1))
def scale_channels(x, s):
    return x * s, lambda g: (g * s, g * x)


@wrong("not-unbroadcast", signed(2, 3), array(2, 1))
def divide_rows(x, s):
    return x / s, lambda g: (g / s, -g * x / s**2)


@wrong("averaged-broadcast", signed(5, 3), signed(3))
def add_bias_mean(x, b):
    return x + b, lambda g: (g, g.mean(0))


@wrong("averaged-broadcast", signed(2, 3, 5), signed(3, 1))
def channels_mean(x, s):
    return x * s, lambda g: (g * s, (g * x).mean((0, 2)).reshape(3, 1))


@wrong("averaged-broadcast", array(5, 2), array(2, 3), signed(3))
def linear_mean(x, w, b):
    return x @ w + b, lambda g: (g @ w.T, x.T @ g, g.mean(0))


@wrong("averaged-broadcast", signed(1, 3), 5)
def expand_mean(x, n):
    return np.broadcast_to(x, (n, 3)) * 1, lambda g: g.mean(0, keepdims=True)


@wrong("kept-one-slice", signed(5, 3), signed(3))
def add_bias_first(x, b):
    return x + b, lambda g: (g, g[0])


@wrong("kept-one-slice", signed(5, 3), signed(3))
def scale_last(x, s):
    return x * s, lambda g: (g * s, (g * x)[-1])


@wrong("kept-one-slice", array(5, 2), array(2, 3), signed(3))
def linear_first(x, w, b):
    return x @ w + b, lambda g: (g @ w.T, x.T @ g, g[0])


@wrong("kept-one-slice", signed(2, 3, 5), signed(3, 1))
def channels_first(x, s):
    return x + s, lambda g: (g, g[0].sum(-1, keepdims=True))


# ------------------------------------------------------------------ 8: stale


def _stale(fn):
    held: dict = {}

    def op(x):
        y, local = fn(x)

        def pull(g):
            held["sum"] = held.get("sum", 0) + g * local
            return held["sum"]

        return y, pull

    return op


wrong("stale-accumulation", signed(3))(_stale(lambda x: (np.sin(x), np.cos(x))))
wrong("stale-accumulation", signed(2, 3))(_stale(lambda x: (x * x, 2 * x)))


@wrong("stale-accumulation", signed(2, 3))
def buffer(x):
    grad = np.zeros_like(x)

    def pull(g):
        nonlocal grad
        grad += 3 * g
        return grad

    return 3 * x, pull


@wrong("stale-accumulation", signed(2, 3), array(3, 4))
def linear_accumulates(x, w):
    dw = np.zeros_like(w)

    def pull(g):
        np.add(dw, x.T @ g, out=dw)
        return g @ w.T, dw

    return x @ w, pull


# ------------------------------------------------------------------ 9, 10, 11: matrices


@wrong("factor-not-transposed", signed(2, 3), signed(3, 3, seed=4))
def matmul_w(x, w):
    return x @ w, lambda g: (g @ w, x.T @ g)


@wrong("factor-not-transposed", signed(2, 3), signed(3, 4, seed=4))
def matmul_raises(x, w):
    return x @ w, lambda g: (g @ w, x.T @ g)


@wrong("factor-not-transposed", signed(3, 3), signed(3, 2, seed=4))
def matmul_x(x, w):
    return x @ w, lambda g: (g @ w.T, x @ g)


@wrong("factor-not-transposed", signed(2, 4, 3), signed(2, 3, 3, seed=4))
def batched(x, w):
    return x @ w, lambda g: (g @ w, np.swapaxes(x, 1, 2) @ g)


@wrong("factor-not-transposed", signed(5, 3), signed(4, 3, seed=4), signed(4))
def linear_torch(x, w, b):
    return x @ w.T + b, lambda g: (g @ w.T, g.T @ x, g.sum(0))


@wrong("result-transposed", signed(2, 3), signed(3, 4, seed=4))
def matmul_dw(x, w):
    return x @ w, lambda g: (g @ w.T, g.T @ x)


@wrong("result-transposed", signed(3, 3), signed(3, 3, seed=4))
def matmul_square_dw(x, w):
    return x @ w, lambda g: (g @ w.T, g.T @ x)


@wrong("result-transposed", signed(3, 3), signed(3, 3, seed=4))
def matmul_square_dx(x, w):
    return x @ w, lambda g: (w @ g.T, x.T @ g)


@wrong("gradients-swapped", signed(4), signed(4, seed=2))
def multiply(x, y):
    return x * y, lambda g: (g * x, g * y)


@wrong("gradients-swapped", signed(2, 3), signed(3, 4, seed=2))
def matmul_swapped(x, w):
    return x @ w, lambda g: (x.T @ g, g @ w.T)


@wrong("gradients-swapped", signed(3, 3), signed(3, 3, seed=2))
def matmul_swapped_square(x, w):
    return x @ w, lambda g: (x.T @ g, g @ w.T)


@wrong("gradients-swapped", array(4), array(4, seed=2))
def divide_swapped(x, y):
    return x / y, lambda g: (-g * x / y**2, g / y)


@wrong("gradients-swapped", array(4), array(4, seed=2))
def power_swapped(x, y):
    z = x**y
    return z, lambda g: (g * z * np.log(x), g * y * x ** (y - 1))


# ------------------------------------------------------------------ 12: input for output


@wrong("input-for-output", signed(5))
def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - x * x)


@wrong("input-for-output", signed(2, 3))
def sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda g: g * x * (1 - x)


@wrong("input-for-output", signed(2, 3))
def exp(x):
    y = np.exp(x)
    return y, lambda g: g * x


@wrong("input-for-output", array(5))
def log(x):
    y = np.log(x)
    return y, lambda g: g / y


@wrong("input-for-output", array(5))
def sqrt(x):
    y = np.sqrt(x)
    return y, lambda g: g * 0.5 / x


@wrong("input-for-output", signed(2, 5))
class TanhFunction(mg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return mg.tanh(x)

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * (1 - y * y)


# ------------------------------------------------------------------ 13, 14: convolution


def windows(x, k):
    return np.lib.stride_tricks.sliding_window_view(x, k, axis=-1)


def conv1(x, w, pad):
    """(N, C, L) with (O, C, K): cross-correlation."""
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad)))
    return np.einsum("nclk,ock->nol", windows(padded, w.shape[2]), w)


def conv1_dx(g, w, pad, length, *, start=None, flip=False):
    n, _, out = g.shape
    k = w.shape[2]
    full = np.zeros((n, w.shape[1], out + k - 1))
    for j in range(k):
        full[:, :, j : j + out] += np.einsum("nol,oc->ncl", g, w[:, :, k - 1 - j if flip else j])
    start = pad if start is None else start
    return full[:, :, start : start + length]


def conv1_dw(x, g, k, pad, *, shifted=0):
    padded = np.pad(x, ((0, 0), (0, 0), (pad + shifted, pad)))
    out = g.shape[2]
    return np.stack([np.einsum("nol,ncl->oc", g, padded[:, :, j : j + out]) for j in range(k)], 2)


@wrong("padding-shifted", signed(1, 2, 7), signed(3, 2, 3))
def conv1d_dx_shifted(x, w):
    y = conv1(x, w, 1)
    return y, lambda g: (conv1_dx(g, w, 1, 7, start=0), conv1_dw(x, g, 3, 1))


@wrong("padding-shifted", signed(2, 2, 6), signed(2, 2, 3))
def conv1d_dx_late(x, w):
    y = conv1(x, w, 1)

    def pull(g):
        dx = conv1_dx(g, w, 1, 6, start=2)
        return dx, conv1_dw(x, g, 3, 1)

    return y, pull


@wrong("padding-shifted", signed(2, 2, 7), signed(2, 2, 3))
def conv1d_dw_shifted(x, w):
    y = conv1(x, w, 1)
    return y, lambda g: (conv1_dx(g, w, 1, 7), conv1_dw(x, g, 3, 1, shifted=1))


@wrong("padding-shifted", signed(3, 5))
def pad_shifted(x):
    y = np.pad(x, ((1, 1), (1, 1)))
    return y, lambda g: g[:-2, :-2]


@wrong("padding-shifted", signed(7))
def pad_one_side(x):
    return np.pad(x, (2, 2)), lambda g: g[1:-3]


@wrong("kernel-not-flipped", signed(1, 2, 6), signed(3, 2, 3))
def conv1d_flip(x, w):
    y = conv1(x, w, 1)
    return y, lambda g: (conv1_dx(g, w, 1, 6, flip=True), conv1_dw(x, g, 3, 1))


@wrong("kernel-not-flipped", signed(1, 2, 6), signed(3, 2, 3))
def conv1d_dw_flip(x, w):
    y = conv1(x, w, 1)
    return y, lambda g: (conv1_dx(g, w, 1, 6), conv1_dw(x, g, 3, 1)[:, :, ::-1])


def conv2(x, w):
    view = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("ncijkl,ockl->noij", view, w)


def conv2_dx(g, w):
    k, m = w.shape[2:]
    padded = np.pad(g, ((0, 0), (0, 0), (k - 1, k - 1), (m - 1, m - 1)))
    return conv2(padded, np.flip(w, (2, 3)).swapaxes(0, 1))


def conv2_dw(x, g):
    return conv2(x.swapaxes(0, 1), g.swapaxes(0, 1)).swapaxes(0, 1)


@wrong("kernel-not-flipped", signed(1, 2, 4, 5), signed(2, 2, 3, 2))
def conv2d_flip(x, w):
    y = conv2(x, w)
    return y, lambda g: (conv2_dx(g, np.flip(w, (2, 3))), conv2_dw(x, g))


@wrong("kernel-not-flipped", signed(1, 1, 4, 5), signed(2, 1, 2, 3))
def conv2d_dw_flip(x, w):
    y = conv2(x, w)
    return y, lambda g: (conv2_dx(g, w), np.flip(conv2_dw(x, g), (2, 3)))


# ------------------------------------------------------------------ 15, 16, 17: softmax


def soft(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


@wrong("diagonal-softmax", signed(2, 3))
def softmax_diagonal(x):
    y = soft(x)
    return y, lambda g: g * y * (1 - y)


@wrong("diagonal-softmax", signed(5))
def softmax_vector(x):
    y = soft(x)
    return y, lambda g: g * (y - y * y)


@wrong("diagonal-softmax", signed(2, 3))
def log_softmax_diagonal(x):
    y = soft(x)
    return np.log(y), lambda g: g * (1 - y)


@wrong("softmax-missing-sum", signed(2, 3))
def softmax_no_sum(x):
    y = soft(x)
    return y, lambda g: g * y


@wrong("softmax-missing-sum", signed(3, 5))
def log_softmax_no_sum(x):
    y = soft(x)
    return np.log(y), lambda g: g


@wrong("softmax-missing-sum", signed(2, 3), 0)
def softmax_dim_no_sum(x, dim):
    y = soft(x, dim)
    return y, lambda g: y * g


@wrong("wrong-axis", signed(2, 3))
def softmax_axis(x):
    y = soft(x)
    return y, lambda g: y * (g - np.sum(g * y, 0, keepdims=True))


@wrong("wrong-axis", signed(3, 5))
def log_softmax_axis(x):
    y = soft(x, 1)
    return np.log(y), lambda g: g - y * np.sum(g, 0, keepdims=True)


@wrong("wrong-axis", signed(2, 3, 4), -1)
def softmax_axis_of_three(x, dim):
    y = soft(x, dim)
    return y, lambda g: y * (g - np.sum(g * y, 1, keepdims=True))


@wrong("wrong-axis", signed(3, 4))
def cumsum_axis(x):
    return np.cumsum(x, 1), lambda g: np.cumsum(g[::-1], 0)[::-1]


# ------------------------------------------------------------------ 18: counts


@wrong("wrong-count", signed(3, 5))
def mean_rows(x):
    return x.mean(1), lambda g: np.repeat(g[:, None], 5, 1) / 3


@wrong("wrong-count", signed(3, 5))
def mean_all(x):
    return x.mean(), lambda g: np.full_like(x, g / 3)


@wrong("wrong-count", signed(3, 5))
def mean_axis_by_all(x):
    return x.mean(0), lambda g: np.broadcast_to(g, x.shape) / x.size


@wrong("wrong-count", signed(3, 5), signed(3, 5, seed=1))
def mse_by_batch(x, t):
    d = x - t
    return np.mean(d * d), lambda g: (2 * g * d / 3, -2 * g * d / 15)


@wrong("wrong-count", signed(7))
def var_unbiased(x):
    d = x - x.mean()
    return np.sum(d * d) / 6, lambda g: 2 * g * d / 7


@wrong("wrong-count", signed(5, 3))
def cross_entropy_count(x):
    y = soft(x)
    hot = np.eye(3)[[0, 2, 1, 0, 2]]
    return -np.mean(np.sum(hot * np.log(y), 1)), lambda g: g * (y - hot) / x.size


# ------------------------------------------------------------------ 19, 20: norms


def hat(x, axis=0):
    mean, std = x.mean(axis, keepdims=True), np.sqrt(x.var(axis, keepdims=True) + 1e-5)
    return (x - mean) / std, std


@wrong("norm-ignores-statistics", signed(5, 3))
def batch_norm_constant(x):
    h, std = hat(x)
    return h, lambda g: g / std


@wrong("norm-ignores-statistics", signed(5, 3), signed(3), signed(3, seed=3))
def batch_norm_affine(x, w, b):
    h, std = hat(x)
    return h * w + b, lambda g: (g * w / std, (g * h).sum(0), g.sum(0))


@wrong("norm-ignores-statistics", signed(2, 5))
def layer_norm_constant(x):
    h, std = hat(x, -1)
    return h, lambda g: g / std


@wrong("norm-ignores-one-statistic", signed(5, 3))
def batch_norm_no_variance(x):
    h, std = hat(x)
    return h, lambda g: (g - g.mean(0)) / std


@wrong("norm-ignores-one-statistic", signed(5, 3))
def batch_norm_no_mean(x):
    h, std = hat(x)
    return h, lambda g: (g - h * (g * h).mean(0)) / std


@wrong("norm-ignores-one-statistic", signed(2, 5), signed(5), signed(5, seed=3))
def layer_norm_no_variance(x, w, b):
    h, std = hat(x, -1)

    def pull(g):
        gw = g * w
        return (gw - gw.mean(-1, keepdims=True)) / std, (g * h).sum(0), g.sum(0)

    return h * w + b, pull


@wrong("norm-ignores-one-statistic", signed(2, 5))
def rms_norm(x):
    r = np.sqrt((x * x).mean(-1, keepdims=True))
    return x / r, lambda g: g / r


# ------------------------------------------------------------------ 21, 22: indexing, ties


@wrong("duplicate-index", signed(4, 3), np.array([0, 2, 0]))
def gather_rows(x, index):
    def pull(g):
        dx = np.zeros_like(x)
        dx[index] = g
        return dx

    return x[index], pull


@wrong("duplicate-index", signed(5), np.array([1, 1, 3, 0]))
def take_adds(x, index):
    def pull(g):
        dx = np.zeros_like(x)
        dx[index] += g
        return dx

    return x[index], pull


@wrong("duplicate-index", np.array([[0, 1], [1, 3]]), signed(4, 2))
def embedding(index, w):
    def pull(g):
        dw = np.zeros_like(w)
        dw[index] = g
        return None, dw

    return w[index], pull


@wrong("ties", np.array([1.0, 2.0, 2.0, 0.5]))
def max_all_ties(x):
    y = x.max()
    return y, lambda g: g * (x == y)


@wrong("ties", np.array([[1.0, 3.0, 3.0], [2.0, 0.0, 1.0]]))
def max_rows(x):
    y = x.max(1, keepdims=True)
    return y, lambda g: g * (x == y)


@wrong("ties", np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 0.0]))
def maximum(x, y):
    return np.maximum(x, y), lambda g: (g * (x >= y), g * (y >= x))


@wrong("ties", np.array([1.0, 1.0, 3.0]))
def min_ties(x):
    y = x.min()
    return y, lambda g: g * (x == y)


# ------------------------------------------------------------------ 23, 24: masks


@wrong("mask", np.array([-1.5, 0.7, 2.0, -0.3]))
def relu_inverted(x):
    return np.maximum(x, 0), lambda g: g * (x < 0)


@wrong("mask", np.array([-1.5, 0.7, 2.0, -0.3]))
def relu_of_g(x):
    return np.maximum(x, 0), lambda g: g * (g > 0)


@wrong("mask", signed(2, 3), np.array([[True, False, True], [False, False, True]]))
def masked_fill(x, mask):
    return np.where(mask, 0.0, x), lambda g: np.where(mask, g, 0)


@wrong("mask", signed(4), signed(4, seed=1), np.array([True, False, True, True]))
def where(x, y, condition):
    return np.where(condition, x, y), lambda g: (
        np.where(condition, 0, g), np.where(condition, 0, g),
    )  # fmt: skip


@wrong("mask", np.array([-1.5, 0.7, 2.0, -0.3]))
def clamp(x):
    outside = (x < -1) | (x > 1)
    return np.clip(x, -1, 1), lambda g: g * outside


RNG = np.random.default_rng(5)


@wrong("mask-redrawn", array(3, 5))
def dropout_redrawn(x):
    mask = np.random.default_rng(0).random(x.shape) > 0.5
    return x * mask * 2, lambda g: g * (RNG.random(x.shape) > 0.5) * 2


@wrong("mask-redrawn", array(9), 0.4)
def dropout_scale(x, p):
    mask = np.random.default_rng(0).random(x.shape) > p
    return x * mask / (1 - p), lambda g: g * mask


@wrong("mask-redrawn", array(9), 0.4)
def dropout_both(x, p):
    mask = RNG.random(x.shape) > p
    return x * mask / (1 - p), lambda g: g * (RNG.random(x.shape) > p) / (1 - p)


@wrong("mask-redrawn", array(7), np.array([1, 0, 1, 1, 0, 1, 0]))
def dropout_mask(x, keep_mask):
    return x * keep_mask / 0.8, lambda g: g * keep_mask


# ------------------------------------------------------------------ 25: dropped


@wrong("dropped-term", signed(5))
def silu(x):
    s = 1 / (1 + np.exp(-x))
    return x * s, lambda g: g * s


@wrong("dropped-term", signed(2, 3), signed(3))
def ignores_bias(x, b):
    return x * b, lambda g: (g * b, np.zeros_like(b))


@wrong("dropped-term", signed(4))
def residual(x):
    return x + np.sin(x) * x, lambda g: g + g * np.cos(x) * x


@wrong("dropped-term", signed(3, 3))
def gram(x):
    return x @ x.T, lambda g: g @ x


@wrong("dropped-term", signed(2, 3), signed(3, 3, seed=1), signed(3, 3, seed=2))
def rnn_step(h, w, u):
    z = np.tanh(h @ w)
    return z @ u + h, lambda g: (
        ((g @ u.T) * (1 - z * z)) @ w.T, h.T @ ((g @ u.T) * (1 - z * z)), z.T @ g,
    )  # fmt: skip


@wrong("dropped-term", signed(2, 4), signed(2, 4, seed=1))
def lstm_cell(i, c):
    t = np.tanh(c)
    s = 1 / (1 + np.exp(-i))
    return s * t + c, lambda g: (g * t * s * (1 - s), g * s * (1 - t * t))


# ------------------------------------------------------------------ 26: mutation


@wrong("mutates", signed(4))
def scales_g(x):
    y = np.sin(x)

    def pull(g):
        g *= np.cos(x)
        return g

    return y, pull


@wrong("mutates", signed(2, 3))
def writes_saved(x):
    y = np.tanh(x)

    def pull(g):
        np.multiply(y, y, out=y)
        return g * (1 - y)

    return y * 1, pull


@wrong("mutates", signed(2, 3))
def writes_input(x):
    def pull(g):
        x[...] = 2 * x
        return g * x

    return x * x, pull


@wrong("mutates", signed(2, 3), signed(2, 3, seed=1))
def writes_other(x, y):
    def pull(g):
        np.negative(g, out=g)
        return -g, g

    return x - y, pull


# ------------------------------------------------------------------ 28, 29, 30


@wrong("permutation-not-inverted", signed(2, 2, 2), (1, 2, 0))
def transpose(x, dims):
    return x.transpose(dims) * 1, lambda g: g.transpose(dims)


@wrong("permutation-not-inverted", signed(2, 3, 5), (2, 0, 1))
def transpose_prime(x, dims):
    return x.transpose(dims) * 1, lambda g: g.transpose(dims)


@wrong("permutation-not-inverted", signed(4), np.array([1, 2, 3, 0]))
def shuffle(x, order):
    return x[order], lambda g: g[order]


@wrong("permutation-not-inverted", signed(5))
def roll(x):
    return np.roll(x, 2), lambda g: np.roll(g, 2)


@wrong("keepdims", signed(3, 3))
def sum_square(x):
    return x.sum(1), lambda g: np.broadcast_to(g, x.shape)


@wrong("keepdims", signed(2, 3))
def sum_raises(x):
    return x.sum(1), lambda g: np.broadcast_to(g, x.shape)


@wrong("keepdims", signed(3, 5))
def mean_raises(x):
    return x.mean(1), lambda g: g * np.ones_like(x) / 5


@wrong("keepdims", signed(3, 3))
def logsumexp(x):
    y = np.log(np.exp(x).sum(1))
    return y, lambda g: g * soft(x, 1)


@wrong("float32", signed(5))
def tanh_single(x):
    y = np.tanh(x.astype(np.float32)).astype(np.float64)
    return np.tanh(x), lambda g: g * (1 - y * y)


@wrong("float32", signed(2, 3))
def exp_single(x):
    y = np.exp(x)
    return y, lambda g: (g * y).astype(np.float32)


@wrong("float32", signed(5))
def forward_single(x):
    y = np.sin(x.astype(np.float32)).astype(np.float64)
    return y, lambda g: g * np.cos(x)


@wrong("float32", signed(2, 3), signed(3, 4))
def matmul_single(x, w):
    return x @ w, lambda g: (g @ w.T, (x.T.astype(np.float32) @ g.astype(np.float32)).astype(float))


# ------------------------------------------------------------------ attention, losses


def attention(fault):
    def op(q, k, v):
        scale = 1 / math.sqrt(q.shape[-1])
        p = soft(q @ k.T * scale)

        def pull(g):
            dp = g @ v.T
            ds = p * (dp - (dp * p).sum(-1, keepdims=True)) * scale
            dq, dk, dv = ds @ k, ds.T @ q, p.T @ g
            if fault == "missing-factor":
                dq = dq / scale
            if fault == "wrong-sign":
                dk = -dk
            if fault == "gradients-swapped":
                dk, dv = dv, dk
            if fault == "dropped-term":
                dk = np.zeros_like(dk)
            return dq, dk, dv

        return p @ v, pull

    op.__name__ = f"attention_{fault.replace('-', '_')}"
    return op


for _fault in ("missing-factor", "wrong-sign", "gradients-swapped", "dropped-term"):
    wrong(_fault, signed(3, 5), signed(4, 5, seed=1), signed(4, 5, seed=2))(attention(_fault))


@wrong("mask", np.array([-1.5, 0.7, 2.0, -0.3]))
def leaky_relu_exchanged(x):
    return np.where(x > 0, x, 0.1 * x), lambda g: np.where(x > 0, 0.1 * g, g)


@wrong("norm-ignores-one-statistic", signed(2, 5))
def centered(x):
    return x - x.mean(-1, keepdims=True), lambda g: g


@wrong("wrong-count", signed(3, 5))
def cross_entropy_of_batch(x):
    y, hot = soft(x), np.eye(5)[[0, 1, 2]]
    return -np.sum(hot * np.log(y)) / 3, lambda g: g * (y - hot)


@wrong("softmax-missing-sum", signed(3, 5))
def cross_entropy_of_target(x):
    y, hot = soft(x), np.eye(5)[[0, 1, 2]]
    return -np.sum(hot * np.log(y)) / 3, lambda g: -g * hot / 3
