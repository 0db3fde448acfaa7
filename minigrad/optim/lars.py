"""LARS."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import norm, zeros_like


class LARS(Optimizer):
    """SGD with momentum whose step, parameter by parameter, is in proportion to the parameter.

        rate = trust_coefficient |p| / (|g| + weight_decay |p|)      (1 where a norm is 0)
        b = momentum b + lr rate (g + weight_decay p)
        p = p - b

    For large batches of convolutional networks. A parameter here is a layer in the paper. One
    step moves a parameter by about lr * trust_coefficient of its norm. Biases and normalization
    are usually left to another optimizer. PyTorch has no LARS.

    You, Gitman & Ginsburg (2017), Large Batch Training of Convolutional Networks, algorithm 1,
    with its momentum, weight decay and trust coefficient.

    Raises ValueError for a negative option.
    """

    shaped = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1.0,
        momentum: float = 0.9,
        weight_decay: float = 5e-4,
        trust_coefficient: float = 1e-3,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "trust_coefficient": trust_coefficient,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state["momentum_buffer"] = zeros_like(param)
        weight_decay = group["weight_decay"]
        length, size = norm(param), norm(grad)
        ratio = group["trust_coefficient"] * length / (size + weight_decay * length)
        rate = group["lr"] * np.where((length == 0) | (size == 0), 1, ratio)
        for p, g, b, t in self.pieces(param, grad, state["momentum_buffer"].array):
            np.multiply(p, weight_decay, out=t)  # b = momentum b + rate (g + weight_decay p)
            t += g
            t *= rate
            b *= group["momentum"]
            b += t
            p -= b
