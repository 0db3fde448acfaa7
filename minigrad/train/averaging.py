"""A callback that keeps an average of the weights, which the model gets in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from minigrad.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, update_bn

if TYPE_CHECKING:
    from minigrad.train.run import Run


class Averaging:
    """After each step, average = decay * average + (1 - decay) * weights; at the end of the run the
    model gets the average. decay=None: the mean of the weights after each epoch from `start` on.

    The statistics of batch normalizations are measured anew, over one pass of the run's loader.
    """

    def __init__(self, decay: float | None = 0.999, start: int = 0):
        self.decay, self.start = decay, start
        self.average: Any = None
        self.state: dict | None = None

    def on_start(self, run: Run) -> None:
        update = None if self.decay is None else get_ema_multi_avg_fn(self.decay)
        self.average = AveragedModel(run.model, multi_avg_fn=update)
        if self.state is not None:
            self.average.load_state_dict(self.state)

    def on_step(self, run: Run) -> None:
        if self.decay is not None and run.epoch >= self.start:
            self.average.update_parameters(run.model)

    def on_epoch(self, run: Run) -> None:
        if self.decay is None and run.epoch > self.start:
            self.average.update_parameters(run.model)

    def on_end(self, run: Run) -> None:
        if self.average.n_averaged > 0:
            run.model.load_state_dict(self.average.module.state_dict())
            update_bn(run.loader, run.model)

    def state_dict(self) -> dict:
        return {"average": self.state if self.average is None else self.average.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        self.state = state["average"]
