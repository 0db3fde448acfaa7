"""Module: the base of every layer and of every network made of layers.

What is in a Module, and how to walk through it, is in registry.py; here is what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from minigrad import backend, dtypes
from minigrad.graph import Value, wrap
from minigrad.nn import hooks, state
from minigrad.nn.registry import Registry
from minigrad.tensor import RemovableHandle

Self = TypeVar("Self", bound="Module")


class Module(Registry):
    """Base class: assign parameters and layers in `__init__`, compute in `forward`.

    >>> import minigrad as mg
    >>> class Net(mg.nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = mg.nn.Linear(2, 3)
    ...         self.scale = mg.nn.Parameter(mg.tensor(1.0))
    ...     def forward(self, x):
    ...         return self.scale * self.hidden(x)
    >>> net = Net()
    >>> [name for name, _ in net.named_parameters()]
    ['scale', 'hidden.weight', 'hidden.bias']
    >>> net
    Net(
      (hidden): Linear(in_features=2, out_features=3, bias=True)
    )
    """

    training: bool
    _hooks: hooks.Hooks | None = None

    def __init__(self) -> None:
        super().__init__()
        self.training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the Module computes; every subclass writes its own."""
        raise NotImplementedError(
            f'Module [{type(self).__name__}] is missing the required "forward" function'
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._hooks is None:
            return self.forward(*args, **kwargs)
        return hooks.call_with_hooks(self, self._hooks, args, kwargs)

    # ------------------------------------------------------------------ what is done to it

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call `fn(module)` on everything in this Module, then on itself: to initialise, say."""
        for child in self.children():
            child.apply(fn)
        fn(self)
        return self

    def train(self: Self, mode: bool = True) -> Self:
        """Training mode (dropout drops, batch norm uses its batch), or evaluation mode."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: expected True or False, got {mode!r}")
        self.training = mode
        for child in self.children():
            child.train(mode)
        return self

    def eval(self: Self) -> Self:
        """Evaluation mode; the same as `train(False)`."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Say whether gradients are wanted for all its parameters: False freezes it."""
        for param in self.parameters():
            param.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with set_to_none=False fill them with zeros instead."""
        for param in self.parameters():
            if param.grad is not None:
                param.grad = None if set_to_none else wrap(np.zeros_like(param.grad.array))

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Move and cast: `to("cuda")`, `to(mg.float64)`, `to("cuda", mg.float16)`, `to(tensor)`.

        It changes this Module's own parameters and buffers. A dtype is for the floating ones
        only: integers (a count of batches, say) stay integers.
        """
        device, dtype = parse_to(*args, **kwargs)
        if dtype is not None and dtype.kind not in "fc":
            raise TypeError(f"Module.to: expected a floating dtype, got {dtype}")

        def convert(array: Any) -> Any:
            if dtype is not None and array.dtype.kind in "fc":
                array = array.astype(dtype, copy=False)
            return array if device is None else backend.to_device(array, device)

        for kind in ("parameter", "buffer"):
            for _, tensor in self._named_tensors(kind):
                tensor.array = convert(tensor.array)
                if tensor.grad is not None:
                    tensor.grad.array = convert(tensor.grad.array)
        return self

    def half(self: Self) -> Self:
        """Cast the floating parameters and buffers to float16."""
        return self.to(dtypes.float16)

    def float(self: Self) -> Self:
        """Cast the floating parameters and buffers to float32."""
        return self.to(dtypes.float32)

    def double(self: Self) -> Self:
        """Cast the floating parameters and buffers to float64: to check gradients, say."""
        return self.to(dtypes.float64)

    def cpu(self: Self) -> Self:
        """Move to the CPU."""
        return self.to("cpu")

    def cuda(self: Self, device: Any = None) -> Self:
        """Move to a GPU; `device` is its number."""
        return self.to("cuda" if device is None else device)

    # ------------------------------------------------------------------ its state

    def state_dict(
        self, *, destination: dict | None = None, prefix: str = "", keep_vars: bool = False
    ) -> dict[str, Any]:
        """Every parameter and persistent buffer by its path; Tensors that share their memory.

        keep_vars: the parameters themselves, not detached ones.
        """
        destination = {} if destination is None else destination
        state.collect(self, Module, prefix, keep_vars, destination)
        return destination

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> state.IncompatibleKeys:
        """Copy the values of `state_dict` (Tensors or arrays) into this Module.

        RuntimeError names every key that is missing or unexpected (unless strict=False) and every
        one whose shape differs, with both shapes; then nothing is changed. assign: take over the
        Tensors of `state_dict` themselves, with their dtype and device.
        """
        return state.load(self, Module, state_dict, strict, assign)

    def get_extra_state(self) -> Any:
        """Override it to put something more than Tensors into `state_dict`."""
        raise NotImplementedError(f"{type(self).__name__} has no extra state")

    def set_extra_state(self, state: Any) -> None:
        """Override it to take back what `get_extra_state` gave."""
        raise NotImplementedError(f"{type(self).__name__} has no extra state")

    # ------------------------------------------------------------------ hooks

    def _add_hook(self, kind: str, hook: hooks.Hook, prepend: bool) -> RemovableHandle:
        if self._hooks is None:
            self._hooks = hooks.Hooks()
        return self._hooks.add(kind, hook, prepend)

    def register_forward_pre_hook(
        self, hook: Callable, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, args)` before forward; what it returns replaces args.

        with_kwargs: `hook(module, args, kwargs)`, which may return `(args, kwargs)`.
        """
        return self._add_hook("forward_pre", hooks.Hook(hook, with_kwargs), prepend)

    def register_forward_hook(
        self,
        hook: Callable,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Call `hook(module, args, output)` after forward; what it returns replaces output.

        with_kwargs: `hook(module, args, kwargs, output)`. always_call: also if forward raised.
        """
        return self._add_hook("forward", hooks.Hook(hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(
        self, hook: Callable, prepend: bool = False
    ) -> RemovableHandle:
        """Call `hook(module, grad_output)` when the gradients of the outputs are known.

        grad_output is a tuple; what the hook returns replaces it.
        """
        return self._add_hook("backward_pre", hooks.Hook(hook), prepend)

    def register_full_backward_hook(self, hook: Callable, prepend: bool = False) -> RemovableHandle:
        """Call `hook(module, grad_input, grad_output)` when backward has passed the Module.

        Both are tuples, None for what needs no gradient; what it returns replaces grad_input.
        """
        return self._add_hook("backward", hooks.Hook(hook), prepend)

    # ------------------------------------------------------------------ how it prints

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What stands in the parentheses of its repr, before the Modules in it."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        children = [f"({name}): {indent(child)}" for name, child in self._members("module")]
        return nested_repr(self._get_name(), extra_lines, children)


def indent(x: Any) -> str:
    """repr(x), its lines after the first two columns further in."""
    return repr(x).replace("\n", "\n  ")


def nested_repr(name: str, extra: list[str], children: list[str]) -> str:
    """`name(...)`, on one line if there is one extra line and no child."""
    if len(extra) == 1 and not children:
        return f"{name}({extra[0]})"
    lines = "\n  ".join(extra + children)
    return f"{name}(\n  {lines}\n)" if lines else f"{name}()"


def parse_to(*args: Any, **kwargs: Any) -> tuple[Any, np.dtype | None]:
    """(device, dtype), each None if not given, from the arguments that `Module.to` takes."""
    device, dtype = kwargs.pop("device", None), kwargs.pop("dtype", None)
    other = kwargs.pop("tensor", None)
    kwargs.pop("non_blocking", None)  # what it asks for happens anyway: PyTorch's code passes it
    if kwargs:
        raise TypeError(f"to: unexpected argument {next(iter(kwargs))!r}")
    for a in args:
        if isinstance(a, Value):
            other = a
        elif isinstance(a, np.dtype) or (isinstance(a, type) and issubclass(a, np.generic)):
            dtype = a
        elif isinstance(a, int) and not isinstance(a, bool):
            device = f"cuda:{a}"
        elif isinstance(a, (str, backend.Device)):
            device = a
        elif not (a is None or isinstance(a, bool)):
            raise TypeError(f"to: expected a device, a dtype or a Tensor, got {a!r}")
    if other is not None:
        device, dtype = backend.device_of(other.array), other.dtype
    return device, None if dtype is None else np.dtype(dtype)


def check_sizes(layer: Module, **sizes: Any) -> None:
    """Refuse what is no number of features, by the name of the layer and of its argument."""
    for name, n in sizes.items():
        whole = hasattr(n, "__index__")
        if not whole or n < 0:
            raise (RuntimeError if whole else TypeError)(
                f"{type(layer).__name__}: {name} must be an integer of at least 0, got {n!r}"
            )
