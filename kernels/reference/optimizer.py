"""The updates of optimizers, of many parameters in one call, in place.

Each argument in the plural is a list with one array (or number) for each parameter; a parameter's
arrays have its shape and dtype. Adam reads four arrays and writes three: 28 bytes for a parameter
of float32, and 12 operations, a root and a division among them. So memory is what takes the time,
and a fused kernel goes through it once.
"""

from __future__ import annotations

import math

import numpy as np


def adam(
    params: list,
    grads: list,
    means: list,
    squares: list,
    largest: list,
    steps: list[int],
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
    maximize: bool,
) -> None:
    """One step of Adam. Kingma & Ba (2015), algorithm 1.

        g = g + weight_decay p                     (decoupled: p = p - lr weight_decay p)
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        p = p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    m: one of `means`; v: of `squares`; t: of `steps`, 1 in the first. g is -g to maximize.
    largest: [], or for AMSGrad the largest v so far, which then takes v's place in the last line.
    """
    for i, (p, g, m, v, t) in enumerate(zip(params, grads, means, squares, steps, strict=True)):
        if maximize:
            g = -g
        if decoupled:
            p *= 1 - lr * weight_decay
        elif weight_decay:
            g = g + weight_decay * p
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * g * g
        if largest:
            largest[i][...] = v = np.maximum(largest[i], v)
        alpha, eps_t = bias_corrected(lr, beta1, beta2, eps, t)
        p -= alpha * m / (np.sqrt(v) + eps_t)


def bias_corrected(
    lr: float, beta1: float, beta2: float, eps: float, t: int
) -> tuple[float, float]:
    """The numbers that take the place of lr and eps, so that m and v need no correction.

    Both sides of the fraction times sqrt(1 - beta2^t), as at the end of section 2 of the paper.
    """
    correction = math.sqrt(1 - beta2**t)
    return lr * correction / (1 - beta1**t), eps * correction


def sgd(
    params: list,
    grads: list,
    buffers: list,
    fresh: list[bool],
    lr: float,
    momentum: float,
    dampening: float,
    weight_decay: float,
    nesterov: bool,
    maximize: bool,
) -> None:
    """One step of gradient descent: p = p - lr g; with momentum, p = p - lr b.

        g = g + weight_decay p
        b = momentum b + (1 - dampening) g         (fresh, in the first step: b = g; it holds 0)
        g = g + momentum b if nesterov, else b
        p = p - lr g

    b: one of `buffers`, which is [] (and so is fresh) if there is no momentum. g is -g to maximize.
    """
    for i, (p, g) in enumerate(zip(params, grads, strict=True)):
        if maximize:
            g = -g
        if weight_decay:
            g = g + weight_decay * p
        if buffers:
            b = buffers[i]
            b[...] = g if fresh[i] else momentum * b + (1 - dampening) * g
            g = g + momentum * b if nesterov else b
        p -= lr * g
