"""Muon."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.graph import describe
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import average, norm, zeros_like


class Muon(Optimizer):
    """For weight matrices: steps whose singular values are all about 1, along the momentum.

        b = momentum b + (1 - momentum) g
        g = momentum b + (1 - momentum) g if nesterov, else b
        p = p - lr weight_decay p
        p = p - lr scale orthogonalize(g)

    scale, for a matrix of A rows and B columns: sqrt(max(1, A / B)) for adjust_lr_fn "original" or
    None; 0.2 sqrt(max(A, B)) for "match_rms_adamw", which takes AdamW's lr and weight_decay.

    Biases, embeddings and the last layer are left to another optimizer. PyTorch orthogonalizes in
    bfloat16; here it is done in the parameter's dtype, so the two agree to bfloat16's precision.

    Jordan, Jin, Boza, You, Cesista, Newhouse & Bernstein (2024), Muon: An optimizer for hidden
    layers in neural networks. "match_rms_adamw": Liu et al. (2025), Muon is Scalable for LLM
    Training, eq. 4.

    Raises ValueError for a parameter that is not a matrix, for a negative lr, momentum or
    weight_decay, and for an adjust_lr_fn that is none of the above.
    """

    shaped = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
        **implementation: Any,
    ):
        defaults = {
            "lr": lr,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "nesterov": nesterov,
            "ns_coefficients": ns_coefficients,
            "eps": eps,
            "ns_steps": ns_steps,
            "adjust_lr_fn": adjust_lr_fn,
        }
        super().__init__(params, defaults, **implementation)

    def _check_params(self, params: list) -> None:
        super()._check_params(params)
        for i, p in enumerate(params):
            if p.array.ndim != 2:
                raise ValueError(
                    f"Muon: only supports 2D parameters, but parameter {i} is {describe(p)}; give "
                    "biases, embeddings and norms to another optimizer, AdamW say"
                )

    def _check_options(self, group: dict[str, Any]) -> None:
        super()._check_options(group)
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Muon: adjust_lr_fn {group['adjust_lr_fn']!r} is not supported; expected "
                "'original', 'match_rms_adamw' or None"
            )
        if len(group["ns_coefficients"]) != 3 or group["ns_steps"] >= 100:
            raise ValueError(
                "Muon: expected three ns_coefficients and fewer than 100 ns_steps, got "
                f"{group['ns_coefficients']} and {group['ns_steps']}"
            )

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            state["momentum_buffer"] = zeros_like(param)
        lr, momentum = group["lr"], group["momentum"]
        b = state["momentum_buffer"].array
        t = np.empty_like(param)
        average(b, grad, momentum, t)
        direction = grad + momentum * (b - grad) if group["nesterov"] else b
        rows, columns = param.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            scale = 0.2 * math.sqrt(max(rows, columns))
        else:
            scale = math.sqrt(max(1, rows / max(1, columns)))
        o = orthogonalize(direction, group["ns_coefficients"], group["ns_steps"], group["eps"])
        param *= 1 - lr * group["weight_decay"]
        np.multiply(o, lr * scale, out=t)
        param -= t


def orthogonalize(
    x: Any, coefficients: tuple[float, float, float], steps: int, eps: float = 1e-7
) -> Any:
    """A matrix with the singular vectors of `x` and singular values of about 1 (0.7 to 1.2).

    Newton-Schulz iteration: X = a X + b (X X^T) X + c (X X^T)^2 X turns each singular value s
    into a s + b s^3 + c s^5, the same odd polynomial again and again, whose coefficients are
    chosen to lift small singular values fast. Only products of matrices: no SVD.
    """
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x  # X X^T is the smaller one
    x = x / np.maximum(norm(x), eps)  # no singular value above 1
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x
