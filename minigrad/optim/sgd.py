"""Stochastic gradient descent, with momentum and Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

import kernels
from minigrad.optim.fused import arrays, fused
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import zeros_like


def _begin_step(param: Any, state: dict[str, Any]) -> bool:
    """Whether this is the first step: the buffer is made, and its zeros are to be replaced."""
    first = state.get("momentum_buffer") is None
    if first:
        state["momentum_buffer"] = zeros_like(param)
    return first


def _all_at_once(params: list, grads: list, states: list, group: dict[str, Any]) -> None:
    momentum = group["momentum"]
    fresh = [_begin_step(p, s) for p, s in zip(params, states, strict=True)] if momentum else []
    kernels.sgd(
        params,
        grads,
        arrays(states, "momentum_buffer") if momentum else [],
        fresh,
        group["lr"],
        momentum,
        group["dampening"],
        group["weight_decay"],
        group["nesterov"],
        group["maximize"],
    )


class SGD(Optimizer):
    """Stochastic gradient descent: p = p - lr g; with momentum, p = p - lr b.

        g = g + weight_decay p
        b = momentum b + (1 - dampening) g         (b = g in the first step)
        g = g + momentum b if nesterov, else b
        p = p - lr g

    Robbins & Monro (1951), A Stochastic Approximation Method. Momentum: Polyak (1964), Some
    methods of speeding up the convergence of iteration methods, eq. 9. Nesterov's: Sutskever,
    Martens, Dahl & Hinton (2013), On the importance of initialization and momentum in deep
    learning, eq. 3-4, in PyTorch's form, in which lr is outside of b.

    Raises ValueError for a negative lr, momentum or weight_decay, and for nesterov without
    momentum or with dampening.

    >>> import minigrad as mg
    >>> w = mg.tensor([1.0, -2.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> SGD([w], lr=0.1).step()
    >>> w
    tensor([ 0.8000, -1.6000], requires_grad=True)
    """

    shaped = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def _check_options(self, group: dict[str, Any]) -> None:
        super()._check_options(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError(
                "SGD: Nesterov momentum requires a momentum and zero dampening, got "
                f"momentum={group['momentum']}, dampening={group['dampening']}"
            )

    @fused(kernels.sgd, _all_at_once)
    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        lr, momentum, weight_decay = group["lr"], group["momentum"], group["weight_decay"]
        if not momentum and param.size < 1000:
            # The same as below; for a small array the calls are what takes time.
            param -= (grad + weight_decay * param if weight_decay else grad) * lr
            return
        if not momentum:
            for p, g, t in self.pieces(param, grad):
                if weight_decay:
                    g = g + weight_decay * p
                np.multiply(g, lr, out=t)  # p = p - lr g
                p -= t
            return
        first = _begin_step(param, state)
        for p, g, b, t in self.pieces(param, grad, state["momentum_buffer"].array):
            if weight_decay:
                g = g + weight_decay * p
            if first:
                b[...] = g
            else:  # b = momentum b + (1 - dampening) g
                b *= momentum
                b += (1 - group["dampening"]) * g if group["dampening"] else g
            if group["nesterov"]:  # p = p - lr (g + momentum b)
                np.multiply(b, momentum, out=t)
                t += g
                t *= lr
            else:  # p = p - lr b
                np.multiply(b, lr, out=t)
            p -= t
