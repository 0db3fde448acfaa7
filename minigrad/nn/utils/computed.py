"""A parameter that a Module computes from others, each time before it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter


class Computation:
    """The forward pre-hook that sets the attribute `name` to `compute(module)`."""

    def __init__(self, name: str, compute: Callable[[Module], Any]):
        self.name, self.compute = name, compute

    def __call__(self, module: Module, args: tuple) -> None:
        setattr(module, self.name, self.compute(module))


def compute_before_forward(module: Module, name: str, compute: Callable[[Module], Any]) -> None:
    """Set the attribute `name`, a parameter no more, to `compute(module)`: now, and each time."""
    computation = Computation(name, compute)
    computation(module, ())
    module.register_forward_pre_hook(computation)


def computation_of(module: Module, name: str) -> Computation | None:
    hooks = () if module._hooks is None else module._hooks.forward_pre
    found = (hook.call for hook in hooks if isinstance(hook.call, Computation))
    return next((computation for computation in found if computation.name == name), None)


def computed_by(module: Module, name: str) -> Any:
    """What computes the attribute `name`; None if it is an ordinary one."""
    computation = computation_of(module, name)
    return None if computation is None else computation.compute


def stop_computing(module: Module, name: str, value: Any, sources: Iterable[str]) -> None:
    """Make `name` a parameter with this value, and forget `sources`, which it was computed from."""
    computation = computation_of(module, name)
    hooks = module._hooks
    assert hooks is not None
    hooks.forward_pre[:] = [hook for hook in hooks.forward_pre if hook.call is not computation]
    for source in (name, *sources):
        delattr(module, source)
    module.register_parameter(name, Parameter(value.detach()))
