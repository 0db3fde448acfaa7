"""RMSprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, average_square, zeros_like


class RMSprop(Optimizer):
    """Divides each element's step by a running root mean square of its gradient.

        g = g + weight_decay p
        v = alpha v + (1 - alpha) g^2
        a = alpha a + (1 - alpha) g                (centered: the variance, v - a^2, for v below)
        b = momentum b + g / (sqrt(v) + eps)
        p = p - lr b

    Tieleman & Hinton (2012), Lecture 6e, COURSERA: Neural Networks for Machine Learning.
    Centered: Graves (2013), Generating Sequences With Recurrent Neural Networks, eq. 38-45.

    Raises ValueError for a negative option.
    """

    shaped = ("square_avg", "momentum_buffer", "grad_avg")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, alpha, momentum = group["lr"], group["alpha"], group["momentum"]
        centered = group["centered"]
        if not state:
            state.update(step=0, square_avg=zeros_like(param))
            if momentum:
                state["momentum_buffer"] = zeros_like(param)
            if centered:
                state["grad_avg"] = zeros_like(param)
        state["step"] += 1
        square = state["square_avg"]
        mean = state["grad_avg"] if centered else square  # v again, where there is no a or b
        buffer = state["momentum_buffer"] if momentum else square
        arrays = square.array, mean.array, buffer.array
        for p, g, v, a, b, t in self.pieces(param, grad, *arrays):
            if group["weight_decay"]:
                g = g + group["weight_decay"] * p
            average_square(v, g, alpha, t)
            if centered:
                average(a, g, alpha, t)
                np.multiply(a, a, out=t)
                np.subtract(v, t, out=t)
                np.sqrt(t, out=t)
            else:
                np.sqrt(v, out=t)
            t += group["eps"]
            np.divide(g, t, out=t)  # g / (sqrt(v) + eps)
            if momentum:
                b *= momentum
                b += t
                np.multiply(b, lr, out=t)
            else:
                t *= lr
            p -= t
