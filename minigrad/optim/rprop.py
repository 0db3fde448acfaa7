"""Rprop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.graph import wrap
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.updates import zeros_like


class Rprop(Optimizer):
    """Looks only at the gradient's sign; every element has a step size of its own.

        s = s * eta_plus   where the gradient kept its sign,
            s * eta_minus  where it changed, and there g = 0: no step this time,
            s              where either gradient is 0
        p = p - sign(g) s

    s begins at lr and stays within `step_sizes`. For full batches: a sign that noise changes
    shrinks the step.

    Riedmiller & Braun (1993), A Direct Adaptive Method for Faster Backpropagation Learning: The
    RPROP Algorithm, eq. 4-6; in the form without the step back of Igel & Hüsken (2000), Improving
    the Rprop Learning Algorithm (iRprop-).

    Raises ValueError for a negative lr, and unless 0 < etas[0] < 1 < etas[1].
    """

    shaped = ("prev", "step_size")

    def __init__(
        self,
        params: Iterable,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
        **implementation: Any,
    ):
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "maximize": maximize}
        super().__init__(params, defaults, **implementation)

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        if not state:
            step_size = wrap(np.full_like(param, group["lr"]))
            state.update(step=0, prev=zeros_like(param), step_size=step_size)
        state["step"] += 1
        (eta_minus, eta_plus), (smallest, largest) = group["etas"], group["step_sizes"]
        arrays = state["prev"].array, state["step_size"].array
        for p, g, previous, s, t in self.pieces(param, grad, *arrays):
            np.multiply(g, previous, out=t)
            turned = t < 0
            s *= np.where(t > 0, eta_plus, np.where(turned, eta_minus, np.ones_like(t)))
            np.clip(s, smallest, largest, out=s)
            previous[...] = np.where(turned, 0, g)
            p -= np.where(previous > 0, s, np.where(previous < 0, -s, 0))  # a NaN has no sign
