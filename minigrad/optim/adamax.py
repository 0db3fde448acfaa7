"""Adamax."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, zeros_like


class Adamax(Optimizer):
    """Adam with the largest recent gradient in the place of the root mean square.

        g = g + weight_decay p
        m = beta1 m + (1 - beta1) g
        u = max(beta2 u, |g| + eps)
        p = p - lr / (1 - beta1^t) m / u

    Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, algorithm 2.

    Raises ValueError for a negative lr, eps or weight_decay, and for betas outside [0, 1).
    """

    shaped = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params: Iterable,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, exp_avg=zeros_like(param), exp_inf=zeros_like(param))
        state["step"] += 1
        beta1, beta2 = group["betas"]
        alpha = group["lr"] / (1 - beta1 ** state["step"])
        averages = state["exp_avg"].array, state["exp_inf"].array
        for p, g, m, u, t in self.pieces(param, grad, *averages):
            if group["weight_decay"]:
                g = g + group["weight_decay"] * p
            average(m, g, beta1, t)
            np.abs(g, out=t)  # u = max(beta2 u, |g| + eps)
            t += group["eps"]
            u *= beta2
            np.maximum(u, t, out=u)
            np.divide(m, u, out=t)  # p = p - alpha m / u
            t *= alpha
            p -= t
