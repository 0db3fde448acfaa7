"""Adafactor."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import norm, zeros_like


class Adafactor(Optimizer):
    """Adam's second moment in the memory of a row and a column, and no first moment.

        beta = 1 - t^beta2_decay,    rho = min(lr, 1 / sqrt(t)),    alpha = max(eps2, RMS(p)) rho
        p = p - lr weight_decay p
        R = beta R + (1 - beta) mean(g^2 over columns)        matrices (and stacks of them)
        C = beta C + (1 - beta) mean(g^2 over rows)
        V = R C / max(mean(R), eps1)
        V = beta V + (1 - beta) g^2                           vectors and numbers
        U = g / max(sqrt(V), eps1)
        p = p - alpha U / max(1, RMS(U) / d)

    eps = (eps1, eps2); eps1=None is the dtype's machine epsilon. lr bounds the relative step,
    0.01 in the paper, and scales weight_decay.

    Shazeer & Stern (2018), Adafactor: Adaptive Learning Rates with Sublinear Memory Cost,
    algorithms 4 and 5 (with PyTorch's use of eps1: in the division, not added to g^2).

    Raises ValueError for a negative lr, eps or weight_decay, for beta2_decay above 0, and for d
    below 1.
    """

    shaped = ("variance",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "beta2_decay": beta2_decay,
            "eps": eps,
            "d": d,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults, **implementation)

    def _check_options(self, group: dict[str, Any]) -> None:
        super()._check_options(group)
        if not group["beta2_decay"] <= 0:
            raise ValueError(f"Adafactor: beta2_decay should be <= 0, got {group['beta2_decay']}")
        if not group["d"] >= 1:
            raise ValueError(f"Adafactor: clipping threshold d should be >= 1, got {group['d']}")

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state["step"] = 0
            if grad.ndim > 1:
                state["row_var"] = wrap(np.zeros_like(grad[..., :1]))
                state["col_var"] = wrap(np.zeros_like(grad[..., :1, :]))
            else:
                state["variance"] = zeros_like(grad)
        state["step"] += 1
        lr, (eps1, eps2), step = group["lr"], group["eps"], state["step"]
        eps1 = float(np.finfo(param.dtype).eps) if eps1 is None else eps1
        # fmax, not maximum: a NaN in one element leaves the others' step as it is, as in PyTorch.
        one_minus_beta = step ** group["beta2_decay"]
        alpha = np.fmax(rms(param), eps2) * min(lr, 1 / math.sqrt(step))

        if group["weight_decay"]:
            param *= 1 - lr * group["weight_decay"]
        square = grad * grad
        if grad.ndim > 1:
            r, c = state["row_var"].array, state["col_var"].array  # (..., A, 1), (..., 1, B)
            r += one_minus_beta * (mean(square, -1) - r)
            c += one_minus_beta * (mean(square, -2) - c)
            v = r * c / np.maximum(mean(r, -2), eps1)  # (..., A, B)
        else:
            variance = state["variance"].array
            variance += one_minus_beta * (square - variance)
            v = variance
        u = grad / np.sqrt(np.maximum(v, eps1 * eps1))
        param -= alpha / np.fmax(1, rms(u) / group["d"]) * u


def mean(x: Any, axis: int) -> Any:
    """The mean along an axis, which stays as one of length 1."""
    return np.sum(x, axis=axis, keepdims=True) / max(1, x.shape[axis])


def rms(x: Any) -> Any:
    """The root mean square of all elements."""
    return norm(x) / math.sqrt(max(1, x.size))
