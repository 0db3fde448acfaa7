"""A training run as it stands: what `fit` works on, and what callbacks see and may change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minigrad import random as rng
from minigrad.autograd import detect_anomaly, no_grad
from minigrad.distributed.group import world
from minigrad.nn.utils import clip_grad_norm_, clip_grad_value_
from minigrad.train.checkpoint import load_checkpoint, save_checkpoint
from minigrad.train.history import History
from minigrad.train.ranks import Together, add_up, numbers_of_rank, size_of

# What a batch gives: a loss, or a dict with a "loss" in it and other numbers to keep a mean of.
Step = Callable[[Any, Any], Any]


class Run:
    """model, loader, optimizer, scheduler: what `fit` was given. epoch and steps: how many epochs
    and steps of the optimizer are done. numbers: those of the last batch; means: of the epoch so
    far. history: of the epochs before. `stop(why)` ends the run after this epoch."""

    def __init__(
        self,
        model: Any,
        loader: Iterable,
        optimizer: Any,
        step: Step,
        scheduler: Any = None,
        accumulate: int = 1,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        callbacks: Iterable[Any] = (),
    ):
        self.model, self.loader, self.optimizer = model, loader, optimizer
        self.together = Together(self) if world().size > 1 else None
        self.step, self.scheduler, self.accumulate = step, scheduler, accumulate
        self.clip_norm, self.clip_value = clip_norm, clip_value
        self.callbacks = list(callbacks)
        self.epoch = self.steps = self.samples = 0
        self.history = History()
        self.sums: dict[str, float] = {}
        self.numbers: dict[str, float] = {}
        self.stopped: str | None = None
        self.waiting = 0  # batches whose gradients are summed up, but not yet a step

    @property
    def means(self) -> dict[str, float]:
        return {name: total / self.samples for name, total in self.sums.items()}

    def stop(self, why: str) -> None:
        self.stopped = why

    def tell(self, event: str) -> None:
        """Call this method of every callback that has it.

        Of several ranks, only the first calls those that print or write: `first_rank_only`.
        """
        for callback in self.callbacks:
            if world().rank == 0 or not getattr(callback, "first_rank_only", False):
                getattr(callback, event, lambda run: None)(self)

    def close(self) -> None:
        """From here on gradients are this process's alone."""
        if self.together is not None:
            self.together.reducer.close()

    # ------------------------------------------------------------------ learning

    def learn(self, batch: Any, own: int | None = None, scale: float = 1.0) -> bool:
        """One batch; whether it completed a step of the optimizer.

        own: how many of its samples count, if that is not all. scale: of the gradient, where the
        parts that ranks have of a batch are not equal.
        """
        before = rng.get_rng_state()
        if self.waiting == 0:
            self.optimizer.zero_grad()
        with numbers_of_rank(self):
            numbers = self.step(self.model, batch)
            values = as_numbers(numbers)
            loss = numbers["loss"] if isinstance(numbers, Mapping) else numbers
            if not math.isfinite(values["loss"]):
                self.explain(f"the loss is {values['loss']}", batch, before)
            if scale != 1.0:
                loss = loss * scale
            if self.together is None:
                loss.backward()
            else:
                self.together.backward(loss, last=self.waiting + 1 == self.accumulate)
        self.waiting += 1
        self.numbers = values
        weight = size_of(batch) if own is None else own
        self.samples += weight
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0.0) + value * weight
        if self.waiting < self.accumulate:
            return False
        self.update(batch, before)
        return True

    def update(self, batch: Any = None, before: Any = None) -> None:
        """A step of the optimizer, with the mean of the gradients that are waiting."""
        if self.together is not None:
            self.together.synchronize()
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        parameters = [p for p in parameters if p.grad is not None]
        with no_grad():
            if self.waiting > 1:
                for p in parameters:
                    p.grad.mul_(1 / self.waiting)
        self.waiting = 0
        if not all(np.isfinite(np.sum(p.grad.array)) for p in parameters):
            self.explain("the gradient is not finite", batch, before)
        if self.clip_norm is not None:
            clip_grad_norm_(parameters, self.clip_norm)
        if self.clip_value is not None:
            clip_grad_value_(parameters, self.clip_value)
        self.optimizer.step()
        self.steps += 1

    def explain(self, what: str, batch: Any, before: Any) -> None:
        """Raise for a loss or a gradient that is no number, with the op that made the first NaN."""
        found = "no op made a NaN of numbers: something became infinite"
        if before is not None:
            rng.set_rng_state(before)  # the same dropout
            try:
                with numbers_of_rank(self), detect_anomaly():
                    numbers = self.step(self.model, batch)
                    (numbers["loss"] if isinstance(numbers, Mapping) else numbers).backward()
            except RuntimeError as error:
                found = str(error)
        raise FloatingPointError(
            f"fit: {what}, in epoch {self.epoch + 1} after {self.steps} steps. {found}. The "
            "weights are those before this step. Look at the batch, lower the learning rate, or "
            "clip the gradient (clip_norm=1.0)"
        )

    # ------------------------------------------------------------------ stopping and going on

    def parts(self) -> dict[str, Any]:
        """What a checkpoint consists of."""
        parts = {"model": self.model, "optimizer": self.optimizer, "run": self}
        if self.scheduler is not None:
            parts["scheduler"] = self.scheduler
        if hasattr(self.loader, "state_dict"):
            parts["loader"] = self.loader
        return parts

    def save(self, path: str | Path) -> None:
        if self.together is not None:
            self.together.sums = world().gather_objects((self.samples, self.sums))
        if world().rank == 0:
            save_checkpoint(path, **self.parts())

    def restore(self, path: str | Path) -> None:
        load_checkpoint(path, **self.parts())

    def state_dict(self) -> dict:
        callbacks = [c.state_dict() if hasattr(c, "state_dict") else None for c in self.callbacks]
        ranks = [(self.samples, self.sums)] if self.together is None else self.together.sums
        return {
            "epoch": self.epoch, "steps": self.steps,
            "ranks": [{"samples": samples, "sums": dict(sums)} for samples, sums in ranks],
            "history": self.history.rows, "callbacks": callbacks, "stopped": self.stopped,
        }  # fmt: skip

    def load_state_dict(self, state: dict) -> None:
        if len(state["callbacks"]) != len(self.callbacks):
            raise ValueError(
                f"fit: the checkpoint is of a run with {len(state['callbacks'])} callbacks, this "
                f"one has {len(self.callbacks)}; give the same ones"
            )
        for callback, own in zip(self.callbacks, state["callbacks"], strict=True):
            if own is not None:
                callback.load_state_dict(own)
        self.epoch, self.steps = state["epoch"], state["steps"]
        # Each rank goes on with its own sums; if there are more or fewer now, the first has all.
        sums = [(one["samples"], one["sums"]) for one in state["ranks"]]
        if len(sums) != world().size:
            sums = [add_up(sums), *[(0, {})] * (world().size - 1)]
        self.samples, self.sums = sums[world().rank]
        self.history.rows, self.stopped = list(state["history"]), state["stopped"]


def as_numbers(numbers: Any) -> dict[str, float]:
    """What a step returned, as floats by name."""
    if not isinstance(numbers, Mapping):
        numbers = {"loss": numbers}
    if "loss" not in numbers:
        raise ValueError(
            f"fit: step returned a dict without 'loss', only {', '.join(map(repr, numbers))}"
        )
    return {name: float(value) for name, value in numbers.items()}
