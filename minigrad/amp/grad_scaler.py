"""`GradScaler`: a loss so large that the gradients of float16 do not vanish."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.graph import Value, describe
from minigrad.inplace import note_write


class GradScaler:
    """Multiplies the loss, divides the gradients, and finds the largest factor that works.

    Numbers of float16 below 6e-8 are zero, and gradients often are that small. Times `scale` they
    are not. If some then are infinite or NaN, the step is left out and the scale times
    backoff_factor; after growth_interval steps without that it is times growth_factor.

        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)          # only if gradients are looked at or clipped
        clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()

    enabled=False: all of these do what they would do without a scaler. device is accepted for
    PyTorch's sake. Section 3.2 of Micikevicius et al. 2018, "Mixed Precision Training".

    >>> import minigrad as mg
    >>> w = mg.tensor([1.0], requires_grad=True)
    >>> scaler, sgd = GradScaler(init_scale=4.0), mg.optim.SGD([w], lr=0.5)
    >>> scaler.scale(w.sum()).backward()
    >>> w.grad
    tensor([4.])
    >>> scaler.step(sgd)
    >>> w
    tensor([0.5000], requires_grad=True)
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ):
        if not growth_factor > 1 or not 0 < backoff_factor < 1:
            raise ValueError(
                "GradScaler: expected growth_factor > 1 and 0 < backoff_factor < 1, got "
                f"{growth_factor} and {backoff_factor}"
            )
        self._scale, self._enabled = float(init_scale), enabled
        self._growth_factor, self._backoff_factor = growth_factor, backoff_factor
        self._growth_interval, self._growth_tracker = growth_interval, 0
        # By id of the optimizer, since the last update: whether its gradients were finite, and
        # whether it has been stepped.
        self._finite: dict[int, bool] = {}
        self._stepped: set[int] = set()

    def scale(self, outputs: Any) -> Any:
        """The loss, or each of a list or tuple of them, times the scale."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, Value):
            return outputs * self._scale  # type: ignore[operator]
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(map(self.scale, outputs))
        raise TypeError(f"GradScaler.scale: expected Tensors, got {describe(outputs)}")

    def unscale_(self, optimizer: Any) -> None:
        """Divide the gradients of the optimizer's parameters by the scale, in place.

        Raises RuntimeError if that has been done since the last update, ValueError for gradients of
        float16, which it would round to zero: parameters have to be float32.
        """
        if not self._enabled:
            return
        if id(optimizer) in self._stepped:
            raise RuntimeError("GradScaler: unscale_() is called after step(); call it before")
        if id(optimizer) in self._finite:
            raise RuntimeError(
                "GradScaler: unscale_() has already been called on this optimizer since the last "
                "update()"
            )
        params = [p for group in optimizer.param_groups for p in group["params"]]
        grads = [p.grad.array for p in params if p.grad is not None]
        for g in grads:
            if g.dtype == np.float16:
                raise ValueError(
                    "GradScaler: attempting to unscale float16 gradients; keep the parameters in "
                    "float32, autocast casts what it needs"
                )
        for g in grads:
            g *= g.dtype.type(1 / self._scale)
        note_write(*grads)
        self._finite[id(optimizer)] = all(bool(np.isfinite(g).all()) for g in grads)

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """optimizer.step(), unless a gradient is infinite or NaN; unscales them first if need be.

        Raises RuntimeError for a closure, and if it has been called since the last update.
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if args or "closure" in kwargs:
            raise RuntimeError("GradScaler: closures are not supported; take the step without one")
        if id(optimizer) in self._stepped:
            raise RuntimeError("GradScaler: step() has already been called since the last update()")
        if id(optimizer) not in self._finite:
            self.unscale_(optimizer)
        self._stepped.add(id(optimizer))
        return optimizer.step(**kwargs) if self._finite[id(optimizer)] else None

    def update(self, new_scale: float | None = None) -> None:
        """Change the scale, by what the steps since the last update have found; or to new_scale.

        Raises RuntimeError if there was none.
        """
        if not self._enabled:
            return
        if new_scale is None and not self._finite:
            raise RuntimeError("GradScaler: no step() or unscale_() was called before update()")
        if new_scale is not None:
            self._scale = float(new_scale)
        elif not all(self._finite.values()):
            self._scale *= self._backoff_factor
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._growth_tracker = 0
                grown = self._scale * self._growth_factor
                if np.isfinite(np.float32(grown)):  # the loss is float32
                    self._scale = grown
        self._finite.clear()
        self._stepped.clear()

    # ------------------------------------------------------------------ its options and its state

    def get_scale(self) -> float:
        """The scale; 1 if it is not enabled."""
        return self._scale if self._enabled else 1.0

    def is_enabled(self) -> bool:
        return self._enabled

    def get_growth_factor(self) -> float:
        return self._growth_factor

    def set_growth_factor(self, new_factor: float) -> None:
        self._growth_factor = new_factor

    def get_backoff_factor(self) -> float:
        return self._backoff_factor

    def set_backoff_factor(self, new_factor: float) -> None:
        self._backoff_factor = new_factor

    def get_growth_interval(self) -> int:
        return self._growth_interval

    def set_growth_interval(self, new_interval: int) -> None:
        self._growth_interval = new_interval

    def state_dict(self) -> dict[str, Any]:
        """Its numbers by PyTorch's names; empty if it is not enabled."""
        if not self._enabled:
            return {}
        names = ("growth_factor", "backoff_factor", "growth_interval", "_growth_tracker")
        return {"scale": self._scale} | {n: getattr(self, f"_{n.lstrip('_')}") for n in names}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from what state_dict returned."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "GradScaler: the state is empty: that of a scaler that was not enabled"
            )
        for name in self.state_dict():
            setattr(self, f"_{name.lstrip('_')}", state_dict[name])
