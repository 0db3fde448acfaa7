"""Averaged stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import zeros_like


class ASGD(Optimizer):
    """SGD with a falling step size, and on the side the average of the parameters.

        g = g + weight_decay p
        p = (1 - lambd eta) p - eta g
        ax = ax + mu (p - ax)
        eta = lr / (1 + lambd lr t)^alpha,    mu = 1 / max(1, t - t0)

    The average is in `optimizer.state[p]["ax"]`. Until step t0 it is p itself.

    Polyak & Juditsky (1992), Acceleration of Stochastic Approximation by Averaging; the schedule of
    Xu (2011), Towards Optimal One Pass Large Scale Learning with Averaged Stochastic Gradient
    Descent.

    Raises ValueError for a negative lr, alpha or weight_decay.
    """

    shaped = ("ax",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, lambd = group["lr"], group["lambd"]
        if not state:
            state.update(step=0, eta=lr, mu=1.0, ax=zeros_like(param))
        state["step"] += 1
        eta, mu = state["eta"], state["mu"]
        for p, g, ax, t in self.pieces(param, grad, state["ax"].array):
            if group["weight_decay"]:
                g = g + group["weight_decay"] * p
            p *= 1 - lambd * eta
            np.multiply(g, eta, out=t)
            p -= t
            if mu == 1:
                ax[...] = p
            else:  # ax = ax + mu (p - ax)
                np.subtract(p, ax, out=t)
                t *= mu
                ax += t
        state["eta"] = lr / (1 + lambd * lr * state["step"]) ** group["alpha"]
        state["mu"] = 1 / max(1, state["step"] - group["t0"])
