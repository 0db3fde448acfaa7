"""Logs of a run for TensorBoard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.train.run import Run


class TensorBoard:
    """Write the loss and learning rate of each step, and the numbers of each epoch, to a folder.

    Look at them with `tensorboard --logdir FOLDER`. Needs tensorboardX: ImportError says how to get
    it. A run that goes on from a checkpoint goes on in the same curves.
    """

    first_rank_only = True

    def __init__(self, folder: str | Path):
        self.folder = folder
        self.writer: Any = None

    def on_start(self, run: Run) -> None:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise ImportError(
                "TensorBoard: needs tensorboardX, which is not installed: "
                "pip install 'minigrad[tensorboard]'"
            ) from None
        self.writer = SummaryWriter(str(self.folder), purge_step=run.steps or None)

    def on_step(self, run: Run) -> None:
        for name, value in run.numbers.items():
            self.writer.add_scalar(f"step/{name}", value, run.steps)
        for i, group in enumerate(run.optimizer.param_groups):
            self.writer.add_scalar(f"step/lr{i or ''}", group["lr"], run.steps)

    def on_epoch(self, run: Run) -> None:
        for name, value in run.history.rows[-1].items():
            kind, quantity = ("held_out", name[4:]) if name.startswith("val_") else ("train", name)
            self.writer.add_scalar(f"{quantity}/{kind}", value, run.epoch)

    def on_close(self, run: Run) -> None:
        if self.writer is not None:
            self.writer.close()
