"""Averages of weights over training: often better, and always calmer, than the last weights.

    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999))
    for x, y in loader:
        ...
        optimizer.step()
        average.update_parameters(model)
    update_bn(loader, average)              # if the model has batch normalization

Equal weights, with a rate that does not go to zero (SWALR): Izmailov et al., "Averaging weights
leads to wider optima and better generalization", 2018. Exponential: Polyak and Juditsky, 1992.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad.creation import zeros
from minigrad.mode import no_grad
from minigrad.nn.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from minigrad.nn.module import Module
from minigrad.optim.lr_scheduler.scheduler import LRScheduler, one_per_group
from minigrad.optim.optimizer import Optimizer

__all__ = [
    "SWALR", "AveragedModel", "get_ema_avg_fn", "get_ema_multi_avg_fn", "get_swa_avg_fn",
    "get_swa_multi_avg_fn", "update_bn",
]  # fmt: skip


def get_ema_avg_fn(decay: float = 0.999) -> Callable[[Any, Any, Any], Any]:
    """For one Tensor: decay * average + (1 - decay) * value. decay: from 0 to 1."""
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"get_ema_avg_fn: decay must be in [0, 1], got {decay}")
    return lambda average, value, count: decay * average + (1 - decay) * value


def get_swa_avg_fn() -> Callable[[Any, Any, Any], Any]:
    """For one Tensor: the mean of all values so far, of which `count` are in the average."""
    return lambda average, value, count: average + (value - average) / (count + 1)


def get_ema_multi_avg_fn(decay: float = 0.999) -> Callable[[Any, Any, Any], None]:
    """get_ema_avg_fn for lists of Tensors; the averages are changed in place."""
    return _for_each(get_ema_avg_fn(decay))


def get_swa_multi_avg_fn() -> Callable[[Any, Any, Any], None]:
    """get_swa_avg_fn for lists of Tensors; the averages are changed in place."""
    return _for_each(get_swa_avg_fn())


def _for_each(average_of: Callable) -> Callable[[Any, Any, Any], None]:
    def update(averages: Iterable[Any], values: Iterable[Any], count: Any) -> None:
        for average, value in zip(averages, values, strict=True):
            average.copy_(average_of(average, value, count))

    return update


class AveragedModel(Module):
    """A copy of the model, `module`, whose weights are averages of the model's.

    avg_fn(average, value, count) gives a new average, multi_avg_fn(averages, values, count) changes
    lists of them in place; without either it is the mean. use_buffers: average the buffers too;
    else they are copied. n_averaged counts the updates. Calling it calls the copy.

    >>> import minigrad as mg
    >>> model = mg.nn.Linear(1, 1, bias=False)
    >>> average = AveragedModel(model)
    >>> for value in (1.0, 2.0, 6.0):
    ...     _ = mg.nn.init.constant_(model.weight, value)
    ...     average.update_parameters(model)
    >>> average.module.weight.item()
    3.0
    """

    n_averaged: Any

    def __init__(
        self,
        model: Module,
        device: Any = None,
        avg_fn: Callable[[Any, Any, Any], Any] | None = None,
        multi_avg_fn: Callable[[Any, Any, Any], None] | None = None,
        use_buffers: bool = False,
    ):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: give avg_fn or multi_avg_fn, not both")
        self.module = copy.deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", zeros((), dtype=np.int64, device=device))
        self.update = multi_avg_fn or _for_each(avg_fn or get_swa_avg_fn())
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take the model's present weights into the average; the first time, copy them."""
        own, others = self._averaged(self.module), self._averaged(model)
        with no_grad():
            values = [
                value.detach().to(mine.device) for mine, value in zip(own, others, strict=True)
            ]
            averages = [mine.detach() for mine in own]
            if self.n_averaged == 0:
                for average, value in zip(averages, values, strict=True):
                    average.copy_(value)
            else:
                self.update(averages, values, self.n_averaged)
            if not self.use_buffers:
                for mine, value in zip(self.module.buffers(), model.buffers(), strict=True):
                    mine.detach().copy_(value.detach())
            self.n_averaged += 1

    def _averaged(self, model: Module) -> list[Any]:
        return [*model.parameters(), *(model.buffers() if self.use_buffers else ())]


def update_bn(loader: Iterable[Any], model: Module, device: Any = None) -> None:
    """Measure the statistics of all batch normalizations anew, over one pass of the loader.

    Those that belong to the averaged weights are not the average of statistics. loader: batches of
    inputs, or tuples that begin with them. The model is afterwards in the mode it was in.
    """
    layers = [m for m in model.modules() if isinstance(m, (BatchNorm1d, BatchNorm2d, BatchNorm3d))]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    modes = [(module, module.training) for module in model.modules()]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the plain mean over all batches
    model.train()
    try:
        with no_grad():
            for batch in loader:
                inputs = batch[0] if isinstance(batch, (list, tuple)) else batch
                model(inputs if device is None else inputs.to(device))
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for module, training in modes:
            module.training = training


class SWALR(LRScheduler):
    """From the rate of the moment to swa_lr within anneal_epochs, and from then on that.

    lr = (1 - a) lr_0 + a swa_lr,  a = s if anneal_strategy is "linear", (1 - cos(pi s)) / 2 if it
    is "cos", s = min(1, t / anneal_epochs). swa_lr: a rate, or a list of one for each group. Like
    other schedules it changes the present rate, so another one may go before it.

    >>> import minigrad as mg
    >>> sgd = mg.optim.SGD([mg.tensor(1.0, requires_grad=True)], lr=1.0)
    >>> scheduler = SWALR(sgd, swa_lr=0.5, anneal_epochs=2, anneal_strategy="linear")
    >>> rates = []
    >>> for _ in range(4):
    ...     rates += scheduler.get_last_lr()
    ...     sgd.step()
    ...     scheduler.step()
    >>> rates
    [1.0, 0.75, 0.5, 0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ):
        rates = one_per_group("swa_lr", swa_lr, optimizer)
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"SWALR: anneal_strategy is 'cos' or 'linear', got {anneal_strategy!r}"
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR: expected anneal_epochs >= 0, got {anneal_epochs}")
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def _share(self, t: int) -> float:
        """How far it is at step t: from 0 to 1."""
        s = max(0.0, min(1.0, t / max(1, self.anneal_epochs)))
        return s if self.anneal_strategy == "linear" else (1 - math.cos(math.pi * s)) / 2

    def get_lr(self) -> list[float]:
        t = self._step_count - 1
        if self.anneal_epochs == 0:
            t = max(1, t)
        before, now = self._share(t - 1), self._share(t)
        rates = []
        for group in self.optimizer.param_groups:
            lr, goal = group["lr"], group["swa_lr"]
            first = goal if before == 1 else (lr - before * goal) / (1 - before)
            rates.append((1 - now) * first + now * goal)
        return rates
