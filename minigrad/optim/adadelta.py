"""Adadelta."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average_square, zeros_like


class Adadelta(Optimizer):
    """Steps in the parameter's own unit: the usual step's size over the usual gradient's.

        g = g + weight_decay p
        v = rho v + (1 - rho) g^2
        d = sqrt(u + eps) / sqrt(v + eps) g
        u = rho u + (1 - rho) d^2
        p = p - lr d

    Zeiler (2012), ADADELTA: An Adaptive Learning Rate Method, algorithm 1.

    Raises ValueError for a negative lr, eps or weight_decay, and for rho outside [0, 1].
    """

    shaped = ("square_avg", "acc_delta")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, square_avg=zeros_like(param), acc_delta=zeros_like(param))
        state["step"] += 1
        lr, rho, eps = group["lr"], group["rho"], group["eps"]
        averages = state["square_avg"].array, state["acc_delta"].array
        for p, g, v, u, t in self.pieces(param, grad, *averages):
            if group["weight_decay"]:
                g = g + group["weight_decay"] * p
            average_square(v, g, rho, t)
            d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
            average_square(u, d, rho, t)
            p -= lr * d
