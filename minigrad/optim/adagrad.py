"""Adagrad."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.optim.optimizer import Optimizer


class Adagrad(Optimizer):
    """Divides each element's step by the root of all its squared gradients so far.

        g = g + weight_decay p
        s = s + g^2                                (s = initial_accumulator_value at first)
        p = p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)

    Duchi, Hazan & Singer (2011), Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization, figure 1 (composite mirror descent, diagonal matrices).

    Raises ValueError for a negative option.
    """

    shaped = ("sum",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            start = np.full_like(param, group["initial_accumulator_value"])
            state.update(step=0, sum=wrap(start))
        state["step"] += 1
        lr = group["lr"] / (1 + (state["step"] - 1) * group["lr_decay"])
        weight_decay = group["weight_decay"]
        for p, g, s, t in self.pieces(param, grad, state["sum"].array):
            if weight_decay:
                g = g + weight_decay * p
            np.multiply(g, g, out=t)  # s = s + g^2
            s += t
            np.sqrt(s, out=t)  # p = p - lr g / (sqrt(s) + eps)
            t += group["eps"]
            np.divide(g, t, out=t)
            t *= lr
            p -= t
