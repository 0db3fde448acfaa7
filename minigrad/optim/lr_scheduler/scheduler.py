"""What all schedules share: counting epochs, writing the rates into the optimizer, saving."""

from __future__ import annotations

import copy
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from minigrad.optim.optimizer import Optimizer


class LRScheduler:
    """Changes the learning rate of an optimizer as training goes on.

    `scheduler.step()` follows `optimizer.step()`, once an epoch, or once a batch for schedules
    that are made so. The constructor sets the first rate. last_epoch says where to go on: then
    every group of the optimizer has an "initial_lr".

    A subclass writes `get_lr()`, the next rates, one for each group. Most are recursive: they
    change the present rate, so schedules can be chained and a rate that was set by hand lasts.
    Where the rate has a formula of its own, `_get_closed_form_lr()` gives it.
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1):
        self.optimizer = check_optimizer(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: param 'initial_lr' is not specified in "
                    f"param_groups[{i}] when resuming scheduler with last_epoch={last_epoch}; "
                    "load the optimizer's state_dict first, or leave last_epoch out"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch: int = last_epoch
        self._initial_step()

    def _initial_step(self) -> None:
        """Set the rate of the first epoch, or on resuming leave it as it is."""
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rates of the epoch `last_epoch`, computed from those before it.

        To read the present rates, call `get_last_lr()`.
        """
        raise NotImplementedError(f"{type(self).__name__}: a subclass writes get_lr()")

    def get_last_lr(self) -> list[float]:
        """The rates that this schedule set last, one for each group."""
        return self._last_lr

    def step(self, epoch: float | None = None) -> None:
        """Go on by one epoch, or (deprecated, as in PyTorch) to `epoch`."""
        if self._step_count == 1 and not self.optimizer._stepped:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`: the first value "
                "of the learning rate schedule is skipped. Call them in the opposite order",
                UserWarning,
                stacklevel=2,
            )
        self._step_count += 1
        if epoch is not None:
            warnings.warn(
                "scheduler.step(epoch) is deprecated; call scheduler.step() once an epoch",
                UserWarning,
                stacklevel=2,
            )
        self._update_lr(epoch)

    def _update_lr(self, epoch: Any = None) -> None:
        closed_form = getattr(self, "_get_closed_form_lr", None)
        if epoch is None:
            self.last_epoch += 1
            rates = self.get_lr()
        else:
            self.last_epoch = epoch
            rates = closed_form() if closed_form is not None else self.get_lr()
        self._set(rates)

    def _set(self, rates: Sequence[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = float(lr)
        self._last_lr = self._present()

    def _present(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _times(self, factor: float) -> list[float]:
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer; of callables their attributes, of functions nothing."""
        state = {key: value for key, value in self.__dict__.items() if key != "optimizer"}
        return {key: _save(value) for key, value in state.items()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state_dict."""
        if not isinstance(state_dict, dict):
            raise TypeError(
                f"{type(self).__name__}: expected a state_dict, got {type(state_dict).__name__}"
            )
        for key, value in state_dict.items():
            self.__dict__[key] = _load(self.__dict__.get(key), value)


def _save(value: Any) -> Any:
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if isinstance(value, list):
        return [_save(v) for v in value]
    if callable(value):
        return None if isinstance(value, types.FunctionType) else copy.deepcopy(vars(value))
    return copy.deepcopy(value)


def _load(mine: Any, value: Any) -> Any:
    """`value`; where it is the state of a schedule or of a callable, that one with this state."""
    if isinstance(mine, LRScheduler):
        mine.load_state_dict(value)
        return mine
    if isinstance(mine, list) and any(isinstance(m, LRScheduler) or callable(m) for m in mine):
        return [_load(m, v) for m, v in zip(mine, value, strict=True)]
    if callable(mine):
        if value is not None:
            vars(mine).update(copy.deepcopy(value))
        return mine
    return copy.deepcopy(value)


def check_optimizer(optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"scheduler: {type(optimizer).__name__} is not an Optimizer")
    return optimizer


def one_per_group(name: str, value: Any, optimizer: Optimizer) -> list:
    """`value` for each group, or its elements if it is a list of as many."""
    groups = len(check_optimizer(optimizer).param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * groups
    if len(value) != groups:
        raise ValueError(f"{name}: got {len(value)} values for {groups} parameter groups")
    return list(value)


def functions_per_group(name: str, value: Any, optimizer: Optimizer) -> list[Callable]:
    functions = one_per_group(name, value, optimizer)
    for function in functions:
        if not callable(function):
            raise TypeError(f"{name}: should be a function, but got {type(function).__name__}")
    return functions
