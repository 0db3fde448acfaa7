"""Callbacks that judge a run: stop it when it gets no better, keep the best weights."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrad.serialization import save

if TYPE_CHECKING:
    from minigrad.train.run import Run


class EarlyStopping:
    """Stop when `monitor` has not improved by more than min_delta for `patience` epochs.

    mode: "min" for a loss, "max" for an accuracy. restore_best: at the end of the run the model
    gets the weights of the best epoch. Prechelt, "Early stopping, but when?", 1998.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = False,
    ):
        if patience < 1:
            raise ValueError(f"EarlyStopping: expected patience >= 1, got {patience}")
        self.monitor, self.patience, self.restore_best = monitor, patience, restore_best
        self.better = Better("EarlyStopping", mode, min_delta)
        self.waited = 0
        self.weights: Any = None

    def on_epoch(self, run: Run) -> None:
        value = monitored(run, self.monitor)
        if self.better(value):
            self.waited = 0
            if self.restore_best:
                self.weights = copy.deepcopy(run.model.state_dict())
            return
        self.waited += 1
        if self.waited >= self.patience:
            best = f"{self.better.best:.4g}"
            run.stop(f"{self.monitor} was {best} and not better for {self.waited} epochs")

    def on_end(self, run: Run) -> None:
        if self.weights is not None:
            run.model.load_state_dict(self.weights)

    def state_dict(self) -> dict:
        return {"best": self.better.best, "waited": self.waited, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.better.best = state["best"]
        self.waited, self.weights = state["waited"], state["weights"]


class SaveBest:
    """Write the model's weights to a file whenever `monitor` is better than ever before."""

    first_rank_only = True

    def __init__(self, path: str | Path, monitor: str = "val_loss", mode: str = "min"):
        self.path, self.monitor = path, monitor
        self.better = Better("SaveBest", mode)

    def on_epoch(self, run: Run) -> None:
        if self.better(monitored(run, self.monitor)):
            save(run.model.state_dict(), self.path)

    def state_dict(self) -> dict:
        return {"best": self.better.best}

    def load_state_dict(self, state: dict) -> None:
        self.better.best = state["best"]


class Better:
    """Whether a value is better than all before it; NaN never is."""

    def __init__(self, name: str, mode: str, min_delta: float = 0.0):
        if mode not in ("min", "max"):
            raise ValueError(f"{name}: mode is 'min' or 'max', got {mode!r}")
        self.sign = 1 if mode == "min" else -1
        self.min_delta = min_delta
        self.best = self.sign * math.inf

    def __call__(self, value: float) -> bool:
        if not self.sign * value < self.sign * self.best - self.min_delta:
            return False
        self.best = value
        return True


def monitored(run: Run, name: str) -> float:
    row = run.history.rows[-1]
    if name not in row:
        raise KeyError(
            f"{name!r} is not measured in this run, only {', '.join(map(repr, row))}"
            f"{'; give fit validation=' if name.startswith('val_') else ''}"
        )
    return row[name]
