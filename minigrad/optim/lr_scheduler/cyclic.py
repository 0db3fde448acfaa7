"""Schedules that go up and down, with the momentum the other way: CyclicLR and OneCycleLR."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

from minigrad.optim.lr_scheduler.scheduler import LRScheduler, one_per_group
from minigrad.optim.optimizer import Optimizer


class _WithMomentum(LRScheduler):
    """A schedule that also sets the momentum: SGD's, or the first of Adam's betas."""

    use_beta1: bool

    def _init_momentum(self, low: Any, high: Any, last_epoch: int) -> tuple[list, list]:
        defaults = self.optimizer.defaults
        if "momentum" not in defaults and "betas" not in defaults:
            raise ValueError(
                f"{type(self).__name__}: optimizer must support momentum or beta1 with "
                f"`cycle_momentum` option enabled; {type(self.optimizer).__name__} has neither: "
                "pass cycle_momentum=False"
            )
        self.use_beta1 = "betas" in defaults
        lows = one_per_group("base_momentum", low, self.optimizer)
        highs = one_per_group("max_momentum", high, self.optimizer)
        if last_epoch == -1:
            for group, low_, high_ in zip(self.optimizer.param_groups, lows, highs, strict=True):
                self._set_momentum(group, high_)
                group["max_momentum"], group["base_momentum"] = high_, low_
        return lows, highs

    def _set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(_WithMomentum):
    """From base_lr up to max_lr in step_size_up steps, down in step_size_down, and again.

        lr = base_lr + (max_lr - base_lr) h(t) s(t)

    h is the triangle from 0 to 1 to 0. s is 1 for mode "triangular", 1/2^(cycle - 1) for
    "triangular2", gamma^t for "exp_range", or scale_fn of the cycle or of t, by scale_mode
    "cycle" or "iterations". With cycle_momentum the momentum moves likewise from max_momentum to
    base_momentum and back. Made to be stepped once a batch.

    Smith (2017), Cyclical Learning Rates for Training Neural Networks, section 3.2.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float = 0.8,
        max_momentum: float = 0.9,
        last_epoch: int = -1,
    ):
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(
                f"CyclicLR: mode {mode!r} is invalid and scale_fn is None; expected 'triangular', "
                "'triangular2' or 'exp_range'"
            )
        base_lrs = one_per_group("base_lr", base_lr, optimizer)
        self.max_lrs = one_per_group("max_lr", max_lr, optimizer)
        self.optimizer = optimizer
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, base_lrs, strict=True):
                group["lr"] = lr
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        if scale_fn is None:
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums, self.max_momentums = self._init_momentum(
                base_momentum, max_momentum, last_epoch
            )
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """s: by how much this cycle is lower than the first."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular2":
            return 1 / 2.0 ** (x - 1)
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def get_lr(self) -> list[float]:
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        up = x <= self.step_ratio
        height = x / self.step_ratio if up else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            pairs = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, pairs, strict=True):
                self._set_momentum(group, high - (high - low) * height * scale)
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * scale for low, high in pairs]


class OneCycleLR(_WithMomentum):
    """One rise to max_lr and one long fall, over the whole training.

    From max_lr / div_factor to max_lr in the first pct_start of total_steps (or epochs *
    steps_per_epoch), then to max_lr / div_factor / final_div_factor; with three_phase first back
    to where it began, in as many steps as the rise. The momentum goes the other way. Stepped once
    a batch.

    Smith & Topin (2019), Super-Convergence: Very Fast Training of Neural Networks Using Large
    Learning Rates, section 3.

    Raises ValueError for missing or non-positive step counts, and when stepped too often.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ):
        max_lrs = one_per_group("max_lr", max_lr, optimizer)
        self.optimizer = optimizer
        self.total_steps = _total_steps(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(
                f"OneCycleLR: Expected float between 0 and 1 pct_start, but got {pct_start}"
            )
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                "OneCycleLR: anneal_strategy must be one of 'cos' or 'linear', instead got "
                f"{anneal_strategy}"
            )
        self._anneal_func_type = anneal_strategy
        top = pct_start * self.total_steps - 1
        end = self.total_steps - 1
        # Where each phase ends, the names of its first and last rate, of its first and last
        # momentum (in each group of the optimizer).
        rise = _phase(top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
        if three_phase:
            back = 2 * pct_start * self.total_steps - 2
            fall = [
                _phase(back, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                _phase(end, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        else:
            fall = [_phase(end, "max_lr", "min_lr", "base_momentum", "max_momentum")]
        self._schedule_phases = [rise, *fall]
        if last_epoch == -1:
            for group, lr in zip(optimizer.param_groups, max_lrs, strict=True):
                group["initial_lr"] = lr / div_factor
                group["max_lr"] = lr
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self._init_momentum(base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        t = self.last_epoch
        if t > self.total_steps:
            raise ValueError(
                f"OneCycleLR: Tried to step {t} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        start = 0.0
        for phase in self._schedule_phases[:-1]:
            if t <= phase["end_step"]:
                break
            start = phase["end_step"]
        else:
            phase = self._schedule_phases[-1]
        done = (t - start) / (phase["end_step"] - start)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._anneal(group[phase["start_lr"]], group[phase["end_lr"]], done))
            if self.cycle_momentum:
                first, last = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self._set_momentum(group, self._anneal(first, last, done))
        return rates

    def _anneal(self, first: float, last: float, done: float) -> float:
        """From first to last, along half a cosine or straight."""
        if self._anneal_func_type == "cos":
            return last + (first - last) / 2.0 * (1 + math.cos(math.pi * done))
        return (last - first) * done + first


def _phase(end: float, lr: str, end_lr: str, momentum: str, end_momentum: str) -> dict[str, Any]:
    return {
        "end_step": end,
        "start_lr": lr,
        "end_lr": end_lr,
        "start_momentum": momentum,
        "end_momentum": end_momentum,
    }


def _total_steps(total: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
    given = {"total_steps": total}
    if total is None:
        if epochs is None or steps_per_epoch is None:
            raise ValueError(
                "OneCycleLR: You must define either total_steps OR (epochs AND steps_per_epoch), "
                f"got {total}, {epochs} and {steps_per_epoch}"
            )
        given = {"epochs": epochs, "steps_per_epoch": steps_per_epoch}
    for name, value in given.items():
        if not isinstance(value, int) or value <= 0:
            raise ValueError(f"OneCycleLR: Expected positive integer {name}, but got {value}")
    return math.prod(value for value in given.values() if value is not None)
