"""`fit` trains a model, `evaluate` measures one: the loop that everybody writes, written once.

Those who want their own loop lose nothing: `save_checkpoint`, the metrics and the callbacks' parts
are functions and classes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from minigrad.autograd import no_grad
from minigrad.distributed.data_parallel import DistributedDataParallel
from minigrad.distributed.failure import failing_together
from minigrad.distributed.group import world
from minigrad.nn import functional as F
from minigrad.nn.modes import modes_kept
from minigrad.train.history import History
from minigrad.train.progress import Progress
from minigrad.train.ranks import finish_epoch, in_turn, parts, size_of, total
from minigrad.train.run import Run, as_numbers


def fit(
    model: Any,
    loader: Iterable,
    optimizer: Any,
    epochs: int,
    *,
    loss: Callable[[Any, Any], Any] = F.cross_entropy,
    metrics: Mapping[str, Callable[[Any, Any], Any]] | None = None,
    step: Callable[[Any, Any], Any] | None = None,
    validation: Iterable | None = None,
    scheduler: Any = None,
    schedule: str = "epoch",
    accumulate: int = 1,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    callbacks: Iterable[Any] = (),
    checkpoint: str | Path | None = None,
    save_every: int | None = None,
    progress: bool = True,
) -> History:
    """Train until `epochs` epochs are done; returns what was measured in each.

    loader gives batches (inputs, targets), and the loss is loss(model(inputs), targets), a mean
    over the batch. For anything else, `step(model, batch)` returns the loss, or a dict with it
    under "loss" and with other numbers; it takes the place of loss and metrics. metrics: name to
    function of outputs and targets. Of all numbers the history has the mean over the epoch's
    samples, and under "val_..." that over `validation`, measured in eval mode.

    scheduler: stepped after each "epoch", or each "step" of the optimizer (schedule); one that asks
    for a metric gets "val_loss", or without validation "loss". accumulate: the optimizer steps on
    the mean gradient of so many batches. clip_norm, clip_value: see nn.utils.clip_grad_norm_.

    callbacks: objects with any of the methods on_start, on_step, on_epoch, on_end and on_close
    (always called, after an error too), which get the `Run` (see run.py); and with state_dict and
    load_state_dict if they have a state.

    checkpoint: a file that holds all of the run after each epoch, and with save_every after so many
    steps. If it is there, the run goes on from it, to the same bits as without the interruption.

    A loss or a gradient that is not finite ends the run with a FloatingPointError that names the op
    which made the first NaN; the weights are still those before the step. Raises ValueError for an
    empty loader and for options that make no sense.

    On several ranks (`mpiexec -n 4 python train.py`) each learns from its part of every batch, so
    that the steps are those of one process; see ranks.py. Rank 0 prints, logs and writes; all of
    them must see the checkpoint's file. With the same number of ranks a run goes on to the same
    bits, with another to rounding (and dropout draws other numbers). Whatever is raised on one rank
    ends all of them.

    >>> import minigrad as mg
    >>> x = mg.linspace(-1, 1, 20).reshape(-1, 1)
    >>> data = mg.data.DataLoader(mg.data.TensorDataset(x, 3 * x), batch_size=5)
    >>> model = mg.nn.Linear(1, 1)
    >>> sgd = mg.optim.SGD(model.parameters(), lr=0.5)
    >>> history = fit(model, data, sgd, 20, loss=mg.nn.functional.mse_loss, progress=False)
    >>> round(model.weight.item(), 3)
    3.0
    """
    check(epochs, schedule, accumulate, save_every, checkpoint, loader)
    if isinstance(model, DistributedDataParallel):
        model.reducer.close()  # the run has one of its own
        model = model.module
    with failing_together():
        run = Run(
            model, loader, optimizer, step or step_of(loss, metrics or {}), scheduler, accumulate,
            clip_norm, clip_value, [*callbacks, *([Progress(epochs)] if progress else [])],
        )  # fmt: skip
        if world().broadcast_object(checkpoint is not None and Path(checkpoint).exists(), 0):
            run.restore(checkpoint)  # type: ignore[arg-type]
        run.tell("on_start")
        try:
            while run.epoch < epochs and run.stopped is None:
                one_epoch(run, validation, schedule, checkpoint, save_every)
                if checkpoint is not None:
                    run.save(checkpoint)
            run.tell("on_end")
        finally:
            run.tell("on_close")
            run.close()
        world().barrier()  # what rank 0 has written is there
    return run.history


def one_epoch(
    run: Run, validation: Any, schedule: str, checkpoint: Any, save_every: int | None
) -> None:
    run.model.train()
    for batch, own, scale in parts(run):
        if run.learn(batch, own, scale):
            after_step(run, schedule, checkpoint, save_every)
    if run.waiting:  # fewer than `accumulate` were left
        run.update()
        after_step(run, schedule, None, None)
    finish_epoch(run)
    if run.samples == 0:
        raise ValueError("fit: the loader gave no batch; is the dataset empty, or drop_last set?")
    row = run.means
    if validation is not None:
        measured = evaluate(run.model, validation, step=run.step)
        row |= {f"val_{name}": value for name, value in measured.items()}
    run.history.add(row)
    run.epoch += 1
    run.sums, run.samples = {}, 0
    if run.scheduler is not None and schedule == "epoch":
        step_scheduler(run.scheduler, row)
    run.tell("on_epoch")
    # A callback may have stopped one rank only.
    run.stopped = next(filter(None, world().gather_objects(run.stopped)), None)


def after_step(run: Run, schedule: str, checkpoint: Any, save_every: int | None) -> None:
    if run.scheduler is not None and schedule == "step":
        run.scheduler.step()
    run.tell("on_step")
    if save_every is not None and checkpoint is not None and run.steps % save_every == 0:
        run.save(checkpoint)


def evaluate(
    model: Any,
    loader: Iterable,
    *,
    loss: Callable[[Any, Any], Any] = F.cross_entropy,
    metrics: Mapping[str, Callable[[Any, Any], Any]] | None = None,
    step: Callable[[Any, Any], Any] | None = None,
) -> dict[str, float]:
    """The means over all samples of the loss and the metrics, in eval mode and without a graph.

    The arguments are those of `fit`. The model's mode is afterwards what it was. Several ranks
    share the work: all of them must call it, and all get the same numbers. Raises ValueError for an
    empty loader.
    """
    step = step or step_of(loss, metrics or {})
    sums: dict[str, float] = {}
    samples = 0
    with modes_kept(model), no_grad():
        model.eval()
        for batch in in_turn(loader):
            weight = size_of(batch)
            samples += weight
            for name, value in as_numbers(step(model, batch)).items():
                sums[name] = sums.get(name, 0.0) + value * weight
    samples, sums = total(samples, sums)
    if samples == 0:
        raise ValueError("evaluate: the loader gave no batch; is the dataset empty?")
    return {name: total / samples for name, total in sums.items()}


def step_of(loss: Callable, metrics: Mapping[str, Callable]) -> Callable[[Any, Any], Any]:
    """The step for batches of (inputs, targets)."""

    def step(model: Any, batch: Any) -> dict[str, Any]:
        if not isinstance(batch, (list, tuple)) or len(batch) != 2:
            raise ValueError(
                f"fit: expected batches (inputs, targets), got {type(batch).__name__}"
                f"{f' of {len(batch)}' if isinstance(batch, (list, tuple)) else ''}; for others "
                "give step=, a function of the model and a batch"
            )
        inputs, targets = batch
        outputs = model(inputs)
        with no_grad():
            numbers = {name: metric(outputs, targets) for name, metric in metrics.items()}
        return {"loss": loss(outputs, targets), **numbers}

    return step


def step_scheduler(scheduler: Any, row: dict[str, float]) -> None:
    from minigrad.optim.lr_scheduler import ReduceLROnPlateau

    if isinstance(scheduler, ReduceLROnPlateau):
        scheduler.step(row.get("val_loss", row["loss"]))
    else:
        scheduler.step()


def check(
    epochs: int, schedule: str, accumulate: int, save_every: Any, checkpoint: Any, loader: Any
) -> None:
    if epochs < 0:
        raise ValueError(f"fit: expected epochs >= 0, got {epochs}")
    if schedule not in ("epoch", "step"):
        raise ValueError(f"fit: schedule is 'epoch' or 'step', got {schedule!r}")
    if accumulate < 1:
        raise ValueError(f"fit: expected accumulate >= 1, got {accumulate}")
    if save_every is None:
        return
    if checkpoint is None or save_every < 1:
        raise ValueError(f"fit: save_every={save_every} needs a checkpoint= and to be at least 1")
    if not hasattr(loader, "state_dict"):
        raise ValueError(
            "fit: save_every needs a loader that knows its place (state_dict), as DataLoader does; "
            f"a {type(loader).__name__} has none, so leave save_every out: epochs are saved whole"
        )
