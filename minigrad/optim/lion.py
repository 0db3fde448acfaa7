"""Lion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, zeros_like


class Lion(Optimizer):
    """Steps of the same size for every element: the sign of an average of gradients.

        c = beta1 m + (1 - beta1) g
        p = p - lr (sign(c) + weight_decay p)
        m = beta2 m + (1 - beta2) g

    Every element moves by lr, so lr is 3 to 10 times smaller than Adam's, and weight_decay as many
    times larger. PyTorch has no Lion.

    Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu & Le (2023), Symbolic
    Discovery of Optimization Algorithms, algorithm 2.

    Raises ValueError for a negative lr or weight_decay, and for betas outside [0, 1).
    """

    shaped = ("exp_avg",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {"lr": lr, "betas": betas, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state["exp_avg"] = zeros_like(param)
        lr, weight_decay, (beta1, beta2) = group["lr"], group["weight_decay"], group["betas"]
        for p, g, m, t in self.pieces(param, grad, state["exp_avg"].array):
            if weight_decay:
                p *= 1 - lr * weight_decay
            np.subtract(g, m, out=t)  # c = beta1 m + (1 - beta1) g
            t *= 1 - beta1
            t += m
            np.sign(t, out=t)
            t *= lr
            p -= t
            average(m, g, beta2, t)
