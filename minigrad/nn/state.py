"""A Module's state as a flat dict of Tensors, and back: `state_dict` and `load_state_dict`.

The keys are PyTorch's (`layers.0.weight`), and so are shapes and layouts: weights carry over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from minigrad import backend
from minigrad.graph import Value, wrap
from minigrad.inplace import note_write
from minigrad.nn.parameter import Parameter

EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(strict=False)` did not find, and what it had no use for."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        missing, unexpected = self
        if not missing and not unexpected:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={missing}, unexpected_keys={unexpected})"


def own_state(module: Any) -> Iterator[tuple[str, Any]]:
    """The parameters and then the persistent buffers of one module itself."""
    for name, value in module._members("parameter"):
        if value is not None:
            yield name, value
    for name, value in module._members("buffer"):
        if value is not None and name not in module._transient:
            yield name, value


def has_extra_state(module: Any, base: type) -> bool:
    return type(module).get_extra_state is not base.get_extra_state  # type: ignore[attr-defined]


def collect(module: Any, base: type, prefix: str, keep_vars: bool, destination: dict) -> None:
    """Put the state of `module` and of everything in it into `destination`."""
    for name, value in own_state(module):
        destination[prefix + name] = value if keep_vars else value.detach()
    if has_extra_state(module, base):
        destination[prefix + EXTRA] = module.get_extra_state()
    for name, child in module._members("module"):
        if child is not None:
            child.state_dict(
                destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
            )


def load(module: Any, base: type, state: Mapping, strict: bool, assign: bool) -> IncompatibleKeys:
    """Copy `state` into `module`; every problem is found before the first value is changed."""
    if not isinstance(state, Mapping):
        raise TypeError(f"load_state_dict: expected a dict, got {type(state).__name__}")
    steps: list[Callable[[], None]] = []
    missing: list[str] = []
    wrong: list[str] = []
    expected: set[str] = set()
    for path, part in module.named_modules(remove_duplicate=False):
        prefix = path + "." if path else ""
        for name, current in own_state(part):
            key = prefix + name
            expected.add(key)
            if key not in state:
                missing.append(key)
                continue
            new, problem = fitting(key, state[key], current)
            if problem:
                wrong.append(problem)
            else:
                steps.append(step(part, name, current, new, assign))
        if has_extra_state(part, base):
            key = prefix + EXTRA
            expected.add(key)
            if key not in state:
                missing.append(key)
            else:
                steps.append(lambda part=part, key=key: part.set_extra_state(state[key]))
    unexpected = [key for key in state if key not in expected]
    if strict and unexpected:
        wrong.insert(0, f"Unexpected key(s) in state_dict: {quoted(unexpected)}.")
    if strict and missing:
        wrong.insert(0, f"Missing key(s) in state_dict: {quoted(missing)}.")
    if wrong:
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(module).__name__} (nothing was changed):"
            "\n\t" + "\n\t".join(wrong)
        )
    for do in steps:
        do()
    return IncompatibleKeys(missing, unexpected)


def fitting(key: str, value: Any, current: Any) -> tuple[Any, str]:
    """`value` as a Tensor of the shape of `current`; or what is wrong with it."""
    if not isinstance(value, Value):
        if not backend.is_array(value):
            if not hasattr(value, "__array__"):
                return None, f"{key}: expected a Tensor or an array, got {type(value).__name__}"
            value = np.asarray(value)
        value = wrap(value)
    if value.dtype.kind not in "biuf":
        return None, f"{key}: expected real numbers, got dtype {value.dtype}"
    if current.shape == () and value.shape == (1,):  # a number, as old checkpoints keep it
        value = wrap(value.array[0])
    if value.shape != current.shape:
        return None, (
            f"size mismatch for {key}: the state_dict has shape {list(value.shape)}, "
            f"the model has {list(current.shape)}."
        )
    return value, ""


def step(part: Any, name: str, current: Any, new: Any, assign: bool) -> Callable[[], None]:
    """The change to make to one parameter or buffer, to be made later."""

    def replace() -> None:
        value = new
        if isinstance(current, Parameter):
            if not isinstance(new, Parameter):
                value = Parameter(new, requires_grad=current.requires_grad)
            value.requires_grad_(current.requires_grad)
        setattr(part, name, value)

    def copy() -> None:
        current.array[...] = backend.to_device(new.array, current.device)
        note_write(current.array)

    return replace if assign else copy


def quoted(keys: list[str]) -> str:
    return ", ".join(f'"{key}"' for key in keys)
