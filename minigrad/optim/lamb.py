"""LAMB."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, average_square, norm, zeros_like


class LAMB(Optimizer):
    """Adam whose step, parameter by parameter, is as long as lr times the parameter itself.

        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        r = (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
        u = r + weight_decay p
        p = p - lr |p| / |u| u                     (lr u where |p| or |u| is 0)

    For large batches. A parameter here is a layer in the paper, whose phi is the identity.
    PyTorch has no LAMB.

    You, Li, Reddi, Hseu, Kumar, Bhojanapalli, Song, Demmel, Keutzer & Hsieh (2020), Large Batch
    Optimization for Deep Learning: Training BERT in 76 Minutes, algorithm 2.

    Raises ValueError for a negative lr, eps or weight_decay, and for betas outside [0, 1).
    """

    shaped = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-6,
        weight_decay: float = 1e-2,
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
            state.update(step=0, exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        state["step"] += 1
        beta1, beta2 = group["betas"]
        # As in Adam: both sides of r times sqrt(1 - beta2^t), so that no array is divided by it.
        correction = math.sqrt(1 - beta2 ** state["step"])
        scale = correction / (1 - beta1 ** state["step"])
        eps = group["eps"] * correction

        u = np.empty_like(param)  # the norm needs all of u before any of it is used
        averages = state["exp_avg"].array, state["exp_avg_sq"].array
        for p, g, m, v, r, t in self.pieces(param, grad, *averages, u):
            average(m, g, beta1, t)
            average_square(v, g, beta2, t)
            np.sqrt(v, out=t)
            t += eps
            np.divide(m, t, out=r)
            r *= scale
            if group["weight_decay"]:
                r += group["weight_decay"] * p
        length, size = norm(param), norm(u)
        u *= group["lr"] * np.where((length == 0) | (size == 0), 1, length / size)
        param -= u
