"""RAdam."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, average_square, zeros_like


class RAdam(Optimizer):
    """Adam that trusts its second moment only as far as it has seen enough gradients.

        g = g + weight_decay p                     (decoupled: p = p - lr weight_decay p)
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        rho_inf = 2 / (1 - beta2) - 1
        rho     = rho_inf - 2 t beta2^t / (1 - beta2^t)
        r = sqrt((rho - 4)(rho - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho))
        p = p - lr m / (1 - beta1^t) * r sqrt(1 - beta2^t) / (sqrt(v) + eps)     if rho > 5
        p = p - lr m / (1 - beta1^t)                                             otherwise

    Liu, Jiang, He, Chen, Liu, Gao & Han (2020), On the Variance of the Adaptive Learning Rate and
    Beyond, algorithm 2. (There the threshold is 4; 5, as in PyTorch, keeps r away from 0.)

    Raises ValueError for a negative lr, eps or weight_decay, and for betas outside [0, 1).
    """

    shaped = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        state["step"] += 1
        lr, weight_decay, (beta1, beta2) = group["lr"], group["weight_decay"], group["betas"]
        step = state["step"]
        correction = 1 - beta2**step
        alpha = lr / (1 - beta1**step)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * step * beta2**step / correction
        adaptive = rho > 5
        if adaptive:
            rectifier = (rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)
            alpha *= math.sqrt(rectifier * correction)

        averages = state["exp_avg"].array, state["exp_avg_sq"].array
        for p, g, m, v, t in self.pieces(param, grad, *averages):
            if weight_decay and group["decoupled_weight_decay"]:
                p *= 1 - lr * weight_decay
            elif weight_decay:
                g = g + weight_decay * p
            average(m, g, beta1, t)
            average_square(v, g, beta2, t)
            if adaptive:  # p = p - alpha m / (sqrt(v) + eps)
                np.sqrt(v, out=t)
                t += group["eps"]
                np.divide(m, t, out=t)
                t *= alpha
            else:  # p = p - alpha m
                np.multiply(m, alpha, out=t)
            p -= t
