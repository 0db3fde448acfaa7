"""What all optimizers share: groups of parameters, their state, and the walk over them.

An optimizer is one class with one method, `update(param, grad, state, group)`: the paper's update
of one parameter, written on the raw arrays of the parameter and its gradient, in place.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrad import backend
from minigrad.graph import Value, describe, wrap
from minigrad.inplace import note_write
from minigrad.mode import enable_grad
from minigrad.optim.fused import fused_update
from minigrad.optim.options import check_options

# How many elements are updated at a time: an update runs over its arrays several times, so they
# should stay in the processor's cache between one pass and the next.
PIECE = 2**17

# State that is one number for a parameter. PyTorch keeps it in a Tensor.
_NUMBERS = {"step", "mu_product", "eta", "mu", "t", "ro", "H_diag"}


class Optimizer:
    """Changes parameters so that a loss falls, by their gradients.

    params: Tensors, (name, Tensor) pairs, or dicts, each a group with options of its own:
    `[{"params": model.body.parameters()}, {"params": model.head.parameters(), "lr": 1e-2}]`.
    `defaults` are the options of groups that do not say otherwise. `param_groups` can be changed
    between steps (`optimizer.param_groups[0]["lr"] /= 10`).

    Every optimizer here also takes PyTorch's `foreach`, `fused` and `capturable`. They choose
    between PyTorch's implementations of one and the same update, so here they change nothing.
    `maximize=True` climbs instead of descending.

    A subclass writes `update`; see `SGD`. One that writes `step` itself works as well. Where an
    update has a kernel for many parameters at once (`minigrad/optim/fused.py`), large ones take it.
    """

    #: Names of the state that has the shape of its parameter; load_state_dict checks them.
    shaped: tuple[str, ...] = ()

    def __init__(
        self,
        params: Iterable,
        defaults: dict[str, Any],
        *,
        foreach: bool | None = None,
        fused: bool | None = None,
        capturable: bool = False,
    ):
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        self._scratch: dict[Any, np.ndarray] = {}
        # For the schedulers, which warn when they are stepped first. A step of a subclass's own
        # is not seen from here.
        self._stepped = type(self).step is not Optimizer.step
        if isinstance(params, Value) or not isinstance(params, Iterable):
            got = "one Tensor; write [tensor]" if isinstance(params, Value) else repr(params)
            raise TypeError(f"{self._name}: expected an iterable of Tensors or dicts, got {got}")
        groups = list(params)
        if not groups:
            raise ValueError(
                f"{self._name}: optimizer got an empty parameter list. A generator such as "
                "model.parameters() is used up after one pass: call it again"
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        lines = [f"{self._name} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key != "params"]
        return "\n".join([*lines, ")"])

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimize more parameters: `{"params": [...], "lr": ...}`, say of a layer unfrozen.

        Raises ValueError for a parameter that is there already, for one that is not a leaf, and
        for an option out of range; TypeError for what is not a Tensor.
        """
        if not isinstance(param_group, dict):
            raise TypeError(
                f"{self._name}: param_group must be a dict, got {type(param_group).__name__}"
            )
        if "params" not in param_group:
            raise KeyError(
                f"{self._name}: param_group needs an entry 'params', got {list(param_group)}"
            )
        group = {**self.defaults, **param_group}
        params = group.pop("params")
        if isinstance(params, (set, frozenset)):
            raise TypeError(
                f"{self._name}: parameters need an order that is the same in every run, and a set "
                "has none; use a list"
            )
        params = [params] if isinstance(params, Value) else list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        params = [p[1] if isinstance(p, tuple) else p for p in params]
        if names and len(names) != len(params):
            raise ValueError(f"{self._name}: either all parameters have a name, or none has")
        if self.param_groups and bool(names) != ("param_names" in self.param_groups[0]):
            raise ValueError(f"{self._name}: either all groups have parameter names, or none has")
        self._check_params(params)
        for key, value in group.items():
            if getattr(value, "ndim", None) == 0 or isinstance(value, np.generic):
                group[key] = value.item()  # a number: float32 stays float32 next to it
        self._check_options(group)
        self.param_groups.append({"params": params, **group})
        if names:
            self.param_groups[-1]["param_names"] = names

    def _check_params(self, params: list) -> None:
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        for i, p in enumerate(params):
            if not isinstance(p, Value):
                raise TypeError(
                    f"{self._name}: can only optimize Tensors, but parameter {i} is {describe(p)}"
                )
            if p.node is not None:
                raise ValueError(
                    f"{self._name}: can't optimize a non-leaf Tensor: parameter {i} "
                    f"({describe(p)}) was computed by {p.node.name}, so a step would not change "
                    "what it was computed from; pass that instead, or a .detach() of it"
                )
            if id(p) in seen:
                raise ValueError(
                    f"{self._name}: parameter {i} ({describe(p)}) appears twice; each step would "
                    "update it twice"
                )
            seen.add(id(p))

    def _check_options(self, group: dict[str, Any]) -> None:
        """Raise ValueError for an option out of range. Subclasses add what is theirs."""
        check_options(self._name, group)

    # ------------------------------------------------------------------ the step

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients; with set_to_none=False they become zeros in their own memory.

        A parameter whose gradient is None is skipped by `step`; one whose gradient is zero is
        still moved by momentum and weight decay.
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none or p.grad is None:
                    p.grad = None
                else:
                    p.grad.detach_()
                    p.grad.array[...] = 0
                    note_write(p.grad.array)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        closure: computes the loss and its gradients again; what it returns is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._stepped = True
        for group in self.param_groups:
            params, grads, states = [], [], []  # of the parameters that have a gradient
            for param in group["params"]:
                grad = param.grad
                if grad is None:
                    continue
                p, g = param.array, grad.array
                if g.shape != p.shape:
                    raise ValueError(
                        f"{self._name}: a parameter of shape {list(p.shape)} has a gradient of "
                        f"shape {list(g.shape)}; they must be equal"
                    )
                params.append(p)
                grads.append(g)
                states.append(self.state[param])
            all_at_once = fused_update(self.update, params, grads)
            if all_at_once is not None:
                all_at_once(params, grads, states, group)
            else:
                maximize = group.get("maximize", False)
                for p, g, state in zip(params, grads, states, strict=True):
                    self.update(p, -g if maximize else g, state, group)
            if params:
                note_write(*params)
        return loss

    def update(self, param: Any, grad: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        """Change the array `param`, in place, by its gradient `grad`, which is not changed.

        state: what this optimizer remembers of this parameter, {} before the first step.
        group: the options, such as group["lr"].
        """
        raise NotImplementedError(f"{self._name}: a subclass writes update() or step()")

    def pieces(self, p: Any, *others: Any) -> Iterable[tuple]:
        """The arrays, and one more of the same shape to write intermediate results into.

        An array that is too large for the cache comes in several pieces, cut along the first
        axis: an elementwise update does one piece after the other.
        """
        if p.size <= PIECE or not isinstance(p, np.ndarray):
            return ((p, *others, np.empty_like(p)),)
        return self._cut(p, *others)

    def _cut(self, *arrays: Any) -> Iterable[tuple]:
        p = arrays[0]
        rows = max(1, PIECE * len(p) // p.size)
        row_size = p.size // len(p)
        scratch = self._scratch.get(p.dtype)
        if scratch is None or scratch.size < rows * row_size:
            # Kept from step to step: fresh memory of this size is handed out by the system a
            # page at a time, which takes longer than the arithmetic.
            scratch = self._scratch[p.dtype] = np.empty(rows * row_size, p.dtype)
        for start in range(0, len(p), rows):
            cut = [a[start : start + rows] for a in arrays]
            yield (*cut, scratch[: cut[0].size].reshape(cut[0].shape))

    # ------------------------------------------------------------------ saving

    def state_dict(self) -> dict[str, Any]:
        """`{"state": {index: {...}}, "param_groups": [{..., "params": [indices]}]}`.

        PyTorch's layout, in which parameters are counted through all groups. The Tensors in it
        are the optimizer's own: `copy.deepcopy` it to keep it while training goes on.
        """
        index: dict[Any, int] = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                index[p] = len(index)
            packed = {key: value for key, value in group.items() if key != "params"}
            groups.append({**packed, "params": [index[p] for p in group["params"]]})
        state = {index.get(key, key): value for key, value in self.state.items() if value}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a state_dict, PyTorch's included: state and options, in copies.

        Raises ValueError when its groups or sizes are not this optimizer's. Parameters are told
        by their order alone. Schedulers write into the options: make them before this call.
        """
        if not isinstance(state_dict, dict) or not {"state", "param_groups"} <= state_dict.keys():
            got = list(state_dict) if isinstance(state_dict, dict) else describe(state_dict)
            raise (KeyError if isinstance(state_dict, dict) else TypeError)(
                f"{self._name}: a state_dict has the entries 'state' and 'param_groups', got {got}"
            )
        saved = state_dict["param_groups"]
        if len(saved) != len(self.param_groups):
            raise ValueError(
                f"{self._name}: loaded state dict has a different number of parameter groups: "
                f"{len(saved)}, this optimizer has {len(self.param_groups)}"
            )
        params: dict[Any, Any] = {}
        for i, (group, new) in enumerate(zip(self.param_groups, saved, strict=True)):
            if len(group["params"]) != len(new["params"]):
                raise ValueError(
                    f"{self._name}: loaded state dict contains a parameter group that doesn't "
                    f"match the size of optimizer's group {i}: {len(new['params'])} parameters, "
                    f"this optimizer has {len(group['params'])}"
                )
            params.update(zip(new["params"], group["params"], strict=True))
        state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        for key, values in state_dict["state"].items():
            p = params.get(key)
            if p is None:
                state[key] = copy.deepcopy(values)
            else:
                state[p] = {name: _load(name, value, p) for name, value in values.items()}
                self._check_shapes(key, p, state[p])
        self.state = state
        for group, new in zip(self.param_groups, saved, strict=True):
            group.update(copy.deepcopy({k: v for k, v in new.items() if k != "params"}))

    def _check_shapes(self, index: Any, p: Any, state: dict[str, Any]) -> None:
        for name in self.shaped:
            value = state.get(name)
            if value is not None and value.shape != p.shape:
                raise ValueError(
                    f"{self._name}: loaded state dict has {name} of shape {list(value.shape)} for "
                    f"parameter {index}, whose shape is {list(p.shape)}"
                )


def _load(name: str, value: Any, p: Any) -> Any:
    """A copy of one entry of a state, in the dtype and on the device of its parameter."""
    if isinstance(value, (list, tuple)):
        return type(value)(_load(name, v, p) for v in value)
    if isinstance(value, dict):
        return {key: _load(key, v, p) for key, v in value.items()}
    if name in _NUMBERS:
        return value.item() if hasattr(value, "item") else value
    if isinstance(value, Value):
        value = value.array
    elif hasattr(value, "__array__"):  # PyTorch's Tensor
        value = np.asarray(value)
    else:
        return value
    value = backend.to_device(value, backend.device_of(p.array))
    return wrap(np.array(value, dtype=p.dtype if value.dtype.kind == "f" else None, copy=True))
