"""What one sees of a run: a line for each epoch, and in a terminal a bar for the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.train.run import Run


class Progress:
    """The bar has the loss and the other numbers, samples a second and the time left."""

    first_rank_only = True

    def __init__(self, epochs: int):
        self.epochs = epochs
        self.console: Any = None
        self.bar: Any = None  # in a terminal
        self.task: Any = None  # of the bar: the present epoch

    def on_start(self, run: Run) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.console = Console(highlight=False)
        if self.console.is_terminal:
            text = TextColumn("{task.fields[rate]}{task.fields[numbers]}")
            columns = TextColumn("{task.description}"), BarColumn(), text, TimeRemainingColumn()
            self.bar = Bar(*columns, console=self.console, transient=True)
            self.bar.start()
            self.begin(run)

    def begin(self, run: Run) -> None:
        """The bar of one epoch, which a checkpoint may have left in its middle."""
        if self.task is not None:
            self.bar.remove_task(self.task)
        loader: Any = run.loader
        steps = -(-len(loader) // run.accumulate) if hasattr(loader, "__len__") else None
        done = loader.state_dict()["batches"] if hasattr(loader, "state_dict") else 0
        self.task = self.bar.add_task(
            f"epoch {run.epoch + 1}/{self.epochs}", total=steps, completed=done // run.accumulate,
            rate="", numbers="",
        )  # fmt: skip
        self.samples_before = run.samples

    def on_step(self, run: Run) -> None:
        if self.bar is not None:
            seconds = self.bar.tasks[0].elapsed or 1e-9
            rate = f"{(run.samples - self.samples_before) / seconds:,.0f} samples/s  "
            self.bar.update(self.task, advance=1, rate=rate, numbers=written(run.means))

    def on_epoch(self, run: Run) -> None:
        line = f"epoch {run.epoch:{len(str(self.epochs))}d}/{self.epochs}  "
        self.console.print(line + written(run.history.rows[-1]), soft_wrap=True)
        if self.bar is not None and run.epoch < self.epochs:
            self.begin(run)

    def on_close(self, run: Run) -> None:
        if self.bar is not None:
            self.bar.stop()
        if run.stopped is not None:
            self.console.print(f"stopped: {run.stopped}")


def written(numbers: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:<8.4g}" for name, value in numbers.items()).rstrip()
