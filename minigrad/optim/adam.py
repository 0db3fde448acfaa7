"""Adam, AMSGrad and AdamW."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import kernels
from minigrad.optim.fused import arrays, fused
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, average_square, zeros_like


def _begin_step(param: Any, state: dict[str, Any], amsgrad: bool) -> None:
    """Count the step; before the first one, all averages are 0."""
    if not state:
        state.update(step=0, exp_avg=zeros_like(param), exp_avg_sq=zeros_like(param))
        if amsgrad:
            state["max_exp_avg_sq"] = zeros_like(param)
    state["step"] += 1


def _all_at_once(params: list, grads: list, states: list, group: dict[str, Any]) -> None:
    amsgrad = group["amsgrad"]
    for param, state in zip(params, states, strict=True):
        _begin_step(param, state, amsgrad)
    kernels.adam(
        params,
        grads,
        arrays(states, "exp_avg"),
        arrays(states, "exp_avg_sq"),
        arrays(states, "max_exp_avg_sq") if amsgrad else [],
        [state["step"] for state in states],
        group["lr"],
        *group["betas"],
        group["eps"],
        group["weight_decay"],
        group["decoupled_weight_decay"],
        group["maximize"],
    )


class Adam(Optimizer):
    """Steps along a running average of the gradient, divided by the gradient's usual size.

        g = g + weight_decay p                     (decoupled: p = p - lr weight_decay p)
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        p = p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    Kingma & Ba (2015), Adam: A Method for Stochastic Optimization, algorithm 1.
    amsgrad divides by the largest v so far instead: Reddi, Kale & Kumar (2018), On the
    Convergence of Adam and Beyond, algorithm 2.

    Raises ValueError for a negative lr, eps or weight_decay, and for betas outside [0, 1).

    >>> import minigrad as mg
    >>> w = mg.tensor([1.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> Adam([w], lr=0.1).step()  # the first step moves each parameter by lr
    >>> w
    tensor([ 0.9000, -1.9000], requires_grad=True)
    """

    shaped = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults, **implementation)

    @fused(kernels.adam, _all_at_once)
    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        amsgrad = group["amsgrad"]
        _begin_step(param, state, amsgrad)
        lr, weight_decay, (beta1, beta2) = group["lr"], group["weight_decay"], group["betas"]
        decoupled = group["decoupled_weight_decay"]
        # The bias corrections are numbers: both sides of the fraction times sqrt(1 - beta2^t), as
        # at the end of section 2 of the paper, and they need no pass over the arrays.
        correction = math.sqrt(1 - beta2 ** state["step"])
        alpha = lr * correction / (1 - beta1 ** state["step"])
        eps = group["eps"] * correction

        averages = state["exp_avg"].array, state["exp_avg_sq"].array
        largest_v = state["max_exp_avg_sq" if amsgrad else "exp_avg_sq"].array
        for p, g, m, v, largest, t in self.pieces(param, grad, *averages, largest_v):
            if weight_decay and decoupled:
                p *= 1 - lr * weight_decay
            elif weight_decay:
                g = g + weight_decay * p
            average(m, g, beta1, t)  # m = beta1 m + (1 - beta1) g
            average_square(v, g, beta2, t)  # v = beta2 v + (1 - beta2) g^2
            if amsgrad:
                np.maximum(largest, v, out=largest)
            np.sqrt(largest, out=t)  # p = p - alpha m / (sqrt(v) + eps)
            t += eps
            np.divide(m, t, out=t)
            t *= alpha
            p -= t


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself and stays out of its averages.

        p = p - lr weight_decay p
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        p = p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)

    Loshchilov & Hutter (2019), Decoupled Weight Decay Regularization, algorithm 2.
    """

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
            **implementation,
        )
