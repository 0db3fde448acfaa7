"""NAdam."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, average_square, zeros_like


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: the step looks ahead to the next momentum.

        mu_t = beta1 (1 - 0.5 * 0.96^(t momentum_decay)),    M_t = mu_1 mu_2 ... mu_t
        g = g + weight_decay p                     (decoupled: p = p - lr weight_decay p)
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        n = mu_{t+1} / (1 - M_{t+1}) m + (1 - mu_t) / (1 - M_t) g
        p = p - lr n / (sqrt(v / (1 - beta2^t)) + eps)

    Dozat (2016), Incorporating Nesterov Momentum into Adam, algorithm 2; the schedule of mu as in
    Sutskever et al. (2013), On the importance of initialization and momentum in deep learning.

    Raises ValueError for a negative lr, eps, weight_decay or momentum_decay, and for betas outside
    [0, 1).
    """

    shaped = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
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
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state.update(step=0, mu_product=1.0)
            state.update(exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        state["step"] += 1
        lr, weight_decay, (beta1, beta2) = group["lr"], group["weight_decay"], group["betas"]
        step, decay = state["step"], group["momentum_decay"]
        mu = beta1 * (1 - 0.5 * 0.96 ** (step * decay))
        mu_next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * decay))
        state["mu_product"] *= mu
        along_m = lr * mu_next / (1 - state["mu_product"] * mu_next)
        along_g = lr * (1 - mu) / (1 - state["mu_product"])
        correction = 1 - beta2**step

        averages = state["exp_avg"].array, state["exp_avg_sq"].array
        for p, g, m, v, t in self.pieces(param, grad, *averages):
            if weight_decay and group["decoupled_weight_decay"]:
                p *= 1 - lr * weight_decay
            elif weight_decay:
                g = g + weight_decay * p
            average(m, g, beta1, t)
            average_square(v, g, beta2, t)
            np.divide(v, correction, out=t)
            np.sqrt(t, out=t)
            t += group["eps"]
            p -= (along_m * m + along_g * g) / t
