"""Wrong pullbacks that once were missed or misnamed, each for the principle that it showed lacking.

They come from a bank that an independent examiner wrote. Here the planted name must come first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.graph import Op, run
from tests.clinic.bank import Wrong, array, leaf, signed, soft

PRINCIPLES: list[Wrong] = []


def op(fn: Callable) -> Any:
    spec = Op(fn)

    def call(*args):
        return run(spec, args, {})

    call.spec = spec  # type: ignore[attr-defined]
    return call


def planted(code: str, *inputs: Any, composed: bool = False) -> Callable:
    """Plant an op, or a function that is composed of ops."""

    def plant(fn: Callable) -> Callable:
        name = f"{code}-{fn.__name__}-{len(PRINCIPLES)}"
        function = fn if composed else op(fn)
        PRINCIPLES.append(Wrong(code, name, function, tuple(map(leaf, inputs))))
        return fn

    return plant


# ------------------------------------- what is written to: the input, what was saved, g, in forward


@planted("mutates", signed(6))
def square_into_its_input(x):
    def pull(g):
        np.multiply(x, 2 * g, out=x)
        return x.copy()

    return x * x, pull


@planted("mutates", signed(4, 3))
def cross_entropy_into_p(x):
    """Each call takes 1 off again: the calls go up by steps, but not by the first one."""
    p, y = soft(x), np.array([0, 2, 1, 1])
    loss = -np.log(p[np.arange(4), y]).mean()

    def pull(g):
        p[np.arange(4), y] -= 1
        return g * p / 4

    return loss, pull


@planted("mutates", signed(5))
def doubled_in_place(x):
    x *= 2
    return np.sin(x), lambda g: 2 * g * np.cos(x)


@planted("mutates", signed(3, 4))
def softmax_in_place(x):
    """The value and the gradient are right, and the input has changed."""
    x -= x.max(1, keepdims=True)
    s = np.exp(x)
    s /= s.sum(1, keepdims=True)
    return s, lambda g: s * (g - (g * s).sum(1, keepdims=True))


@planted("mutates", signed(4))
def mutates_and_fails(x):
    def pull(g):
        g *= 2
        raise ValueError("after it wrote to g")

    return x * 2, pull


@planted("stale-accumulation", signed(4))
def accumulates(x):
    total = np.zeros_like(x)

    def pull(g):
        nonlocal total
        total = total + g * np.cos(x)
        return total

    return np.sin(x), pull


# ------------------------------------------ sums over broadcast axes, before any likeness of shapes


@planted("not-unbroadcast", signed(4, 2, 3, 3), signed(2), signed(2, seed=1))
def affine_of_channels(x, w, b):
    return x * w[:, None, None] + b[:, None, None], lambda g: (g * w[:, None, None], g * x, g)


@planted("not-unbroadcast", signed(2, 3, 2, 2), signed(3))
def bias_of_channels(x, b):
    """The gradient of b has the shape of x, and is x's."""
    return x + b[:, None, None], lambda g: (g, g)


@planted("not-unbroadcast", signed(4, 4), signed(4))
def bias_of_a_square(x, b):
    return x + b, lambda g: (g, g)


@planted("gradients-swapped", signed(3), signed(5))
def outer_product(a, b):
    """The shapes are exchanged as well, and there is nothing to sum."""
    return np.outer(a, b), lambda g: (a @ g, g @ b)


# ------------------------------------------------------ transposed, and not a lost axis of a sum


@planted("result-transposed", signed(3, 3), signed(3))
def matrix_times_vector(a, x):
    return a @ x, lambda g: (np.outer(x, g), a.T @ g)


@planted("result-transposed", signed(4), signed(4, 4), signed(4, seed=1))
def bilinear(x, w, y):
    return x @ w @ y, lambda g: (g * (w @ y), g * np.outer(y, x), g * (x @ w))


@planted("keepdims", signed(3, 3))
def sum_of_rows(x):
    """Here it is the axis that is lost: the slopes are all the same."""
    return x.sum(1), lambda g: np.broadcast_to(g, x.shape)


# ----------------------------------------------- repeated indices that no argument tells of


@planted("duplicate-index", signed(3, 4))
def take_along(x):
    i = np.array([[0, 0, 1], [2, 3, 1], [1, 1, 1]])

    def pull(g):
        d = np.zeros_like(x)
        np.put_along_axis(d, i, g, 1)
        return d

    return np.take_along_axis(x, i, 1), pull


@planted("duplicate-index", signed(3, 5))
def chosen_columns(x):
    i = np.array([3, 3, 0])

    def pull(g):
        d = np.zeros_like(x)
        d[:, i] = g
        return d

    return x[:, i], pull


# ------------------------------------------------------------- one of several outputs


@planted("wrong-sign", signed(2, 3), array(2, 3))
def ratio_and_sum(a, b):
    return (a / b, a + b), lambda g, h: (g / b + h, g * a / b**2 + h)


@planted("missing-factor", signed(2, 3))
def square_and_sine(x):
    return (x * x, np.sin(x)), lambda g, h: g * x + h * np.cos(x)


# ------------------------------------------- a fault inside a larger op, or in a helper of it


def diagonal(s, g):
    return g * s * (1 - s)


def along_columns(s, g):
    return s * (g - (g * s).sum(0, keepdims=True))


def attention(back: Callable) -> Callable:
    def op(q, k, v):
        r = np.sqrt(q.shape[-1])
        s = soft(q @ k.T / r)

        def pull(g):
            ds = back(s, g @ v.T)
            return ds @ k / r, ds.T @ q / r, s.T @ g

        return s @ v, pull

    op.__name__ = f"attention_{back.__name__.strip('<>')}"
    return op


QKV = (signed(3, 4), signed(5, 4, seed=1), signed(5, 2, seed=2))
planted("diagonal-softmax", *QKV)(attention(diagonal))
planted("wrong-axis", *QKV)(attention(along_columns))
planted("wrong-axis", *QKV)(attention(lambda s, g: s * (g - (g * s).sum(0, keepdims=True))))


@planted("missing-factor", *QKV)
def attention_without_scale_in_one(q, k, v):
    scale = 1 / np.sqrt(q.shape[-1])
    p = soft(q @ k.T * scale)

    def pull(g):
        dp = g @ v.T
        ds = p * (dp - (p * dp).sum(axis=-1, keepdims=True))
        return ds @ k * scale, ds.T @ q, p.T @ g

    return p @ v, pull


@planted("dropped-term", signed(4, 2), signed(2, 3))
def recurrence(x, w):
    """The state's gradient of the step after is lost in every step."""
    states = [np.zeros(3)]
    for row in x:
        states.append(np.tanh(row @ w + 0.5 * states[-1]))

    def pull(g):
        dx, dw, carried = np.zeros_like(x), np.zeros_like(w), 0.0
        for t in reversed(range(len(x))):
            carried = g[t] + 0 * carried
            dz = carried * (1 - states[t + 1] ** 2)
            dx[t], carried = w @ dz, 0.5 * dz
            dw += np.outer(x[t], dz)
        return dx, dw

    return np.stack(states[1:]), pull


@planted("wrong-count", signed(3, 4), signed(4, seed=1))
def layer_norm_with_a_sum(x, w):
    """What is missing has rank one, as if the variance were a constant; a repair says better."""
    d = x - x.mean(-1, keepdims=True)
    s = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)
    h = d * s

    def pull(g):
        gh = g * w
        mean = gh.mean(-1, keepdims=True)
        return s * (gh - mean - h * (gh * h).sum(-1, keepdims=True)), (g * h).sum(0)

    return h * w, pull


# ------------------------------------------------------------------- float32 on the way


def tanh_32(x):
    y = np.tanh(x)
    return y, lambda g: (g.astype(np.float32) * (1 - y * y).astype(np.float32)).astype(float)


@planted("float32", signed(5), composed=True)
def tanh_32_within(x):
    return op(tanh_32)(x * 2) * x


@planted("float32", signed(4), composed=True)
def exp_of_floats(x):
    return (mg.exp(x.float()) * 2).double()
