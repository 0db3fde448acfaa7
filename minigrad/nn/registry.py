"""Registry: how a Module knows its parameters, its buffers and the Modules in it.

It looks at what is assigned to it. The values are ordinary attributes, so `self.weight` in a
forward pass is an ordinary, fast lookup; `_kinds` says which names are of which kind, in order.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from minigrad.graph import Value
from minigrad.nn.parameter import Buffer, Parameter
from minigrad.tensor import Tensor

if TYPE_CHECKING:
    from minigrad.nn.module import Module


class Registry:
    """The part of a Module that keeps order among what is assigned to it."""

    _kinds: dict[str, str]  # "parameter", "buffer" or "module", by attribute
    _transient: set[str]  # the buffers that are not part of the state_dict

    def __init__(self) -> None:
        self.__dict__.update(_kinds={}, _transient=set())

    # ------------------------------------------------------------------ putting in

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` the attribute `name`, one of the parameters; None keeps the place for it."""
        self._register("parameter", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor` the attribute `name`: state that moves and is saved, but is not learned.

        persistent: whether it is part of `state_dict()`.
        """
        self._register("buffer", name, tensor)
        self._set_persistent(name, persistent)

    def register_module(self, name: str, module: Module | None) -> None:
        """Make `module` the attribute `name`, which need not be a Python identifier."""
        self._register("module", name, module)

    add_module = register_module

    def _register(self, kind: str, name: str, value: Any) -> None:
        mine = type(self).__name__
        self._require_init(kind, name)
        if not isinstance(name, str):
            raise TypeError(f"{mine}: {kind} name should be a string, got {type(name).__name__}")
        if "." in name or name == "":
            raise KeyError(f"{mine}: {kind} name cannot be empty or contain a dot, got {name!r}")
        if self._kinds.get(name) != kind and hasattr(self, name):
            raise KeyError(f"{mine}: attribute {name!r} already exists")
        self._keep(kind, name, value)

    def _keep(self, kind: str, name: str, value: Any) -> None:
        self._require_init(kind, name)
        if value is not None and not isinstance(value, CLASSES[kind]):
            raise TypeError(
                f"{type(self).__name__}: cannot assign {type(value).__name__!r} object to {kind} "
                f"{name!r} ({WANTED[kind]} or None required)"
            )
        if kind == "parameter" and value is not None and value.node is not None:
            raise ValueError(
                f"{type(self).__name__}: cannot assign non-leaf Tensor to parameter {name!r}; to "
                f"compute {name!r} from other parameters, do so in forward()"
            )
        if self._kinds.get(name, kind) != kind:
            del self._kinds[name]  # so that it comes last among its new kind
        self._kinds[name] = kind
        self.__dict__[name] = value

    def _set_persistent(self, name: str, persistent: bool) -> None:
        if persistent:
            self._transient.discard(name)
        else:
            self._transient.add(name)

    def _require_init(self, kind: str, name: str) -> None:
        if "_kinds" not in self.__dict__:
            mine = type(self).__name__
            raise AttributeError(
                f"{mine}: cannot assign {kind} {name!r} before Module.__init__() call; "
                f"begin {mine}.__init__ with super().__init__()"
            )

    def __setattr__(self, name: str, value: Any) -> None:
        kind = self.__dict__.get("_kinds", {}).get(name)
        if isinstance(value, Parameter):
            self._keep("parameter", name, value)
        elif isinstance(value, Registry) and kind != "parameter":
            self._keep("module", name, value)
        elif isinstance(value, Buffer) and kind in (None, "buffer"):
            self._keep("buffer", name, value)
            self._set_persistent(name, value.persistent)
        elif kind is not None:
            self._keep(kind, name, value)
        else:
            super().__setattr__(name, value)

    # ------------------------------------------------------------------ not finding, taking out

    def __getattr__(self, name: str) -> Any:  # only called when there is no such attribute
        mine = type(self).__name__
        if "_kinds" not in self.__dict__:
            hint = f"; {mine}.__init__ has not called super().__init__()"
        else:
            public = [k for k in dir(self) if k[0] != "_"]
            close = difflib.get_close_matches(name, public, n=1)
            hint = f". Did you mean: {close[0]!r}?" if close else ""
        raise AttributeError(f"{mine!r} object has no attribute {name!r}{hint}")

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._kinds.pop(name, None)

    def __dir__(self) -> list[str]:
        return sorted(name for name in super().__dir__() if not name[0].isdigit())

    # ------------------------------------------------------------------ looking through

    def _members(self, kind: str) -> list[tuple[str, Any]]:
        return [(name, self.__dict__[name]) for name, k in self._kinds.items() if k == kind]

    @property
    def _parameters(self) -> Mapping[str, Parameter | None]:
        return MappingProxyType(dict(self._members("parameter")))

    @property
    def _buffers(self) -> Mapping[str, Tensor | None]:
        return MappingProxyType(dict(self._members("buffer")))

    @property
    def _modules(self) -> Mapping[str, Module | None]:
        return MappingProxyType(dict(self._members("module")))

    def named_modules(
        self, memo: set | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Module]]:
        """(path, Module) for this Module (path "") and all in it, each before what is in it."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self  # type: ignore[misc]
        for name, child in self._members("module"):
            if child is not None:
                path = f"{prefix}.{name}" if prefix else name
                yield from child.named_modules(memo, path, remove_duplicate)

    def modules(self, remove_duplicate: bool = True) -> Iterator[Module]:
        """This Module and all in it, each once."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """(name, Module) for those directly in this one, each once."""
        seen = set()
        for name, child in self._members("module"):
            if child is not None and child not in seen:
                seen.add(child)
                yield name, child

    def children(self) -> Iterator[Module]:
        """The Modules directly in this one, each once."""
        for _, child in self.named_children():
            yield child

    def _named_tensors(
        self, kind: str, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        seen = set()
        parts: Any = [(prefix, self)]
        if recurse:
            parts = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
        for path, part in parts:
            for name, value in part._members(kind):
                if value is None or value in seen:
                    continue
                if remove_duplicate:
                    seen.add(value)
                yield (f"{path}.{name}" if path else name), value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(path, Parameter) for all in this Module; one that is shared comes once."""
        yield from self._named_tensors("parameter", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, in the order in which they were assigned: what an optimizer takes."""
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """(path, Tensor) for all buffers in this Module."""
        yield from self._named_tensors("buffer", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    # ------------------------------------------------------------------ by path

    def get_submodule(self, target: str) -> Module:
        """The Module at a path such as "layers.0"; "" is this Module itself."""
        module: Any = self
        for name in target.split(".") if target else ():
            module = module._get(name, "module")
        return module

    def get_parameter(self, target: str) -> Parameter:
        """The Parameter at a path such as "layers.0.weight"."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._get(name, "parameter")

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path such as "norm.running_mean"."""
        path, _, name = target.rpartition(".")
        return self.get_submodule(path)._get(name, "buffer")

    def _get(self, name: str, kind: str) -> Any:
        value = getattr(self, name)
        if self._kinds.get(name) != kind or value is None:
            raise AttributeError(f"{type(self).__name__}: {name!r} is not a {kind}")
        return value

    def set_submodule(self, target: str, module: Module, strict: bool = False) -> None:
        """Put `module` at a path; with strict only where there is one already."""
        path, _, name = target.rpartition(".")
        if not name:
            raise ValueError("set_submodule: expected the path of a submodule, got an empty name")
        if not isinstance(module, Registry):
            raise ValueError(f"set_submodule: expected a Module, got {type(module).__name__}")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            parent._get(name, "module")
        setattr(parent, name, module)


CLASSES: dict[str, type] = {"parameter": Parameter, "buffer": Value, "module": Registry}
WANTED = {"parameter": "Parameter", "buffer": "Tensor", "module": "Module"}  # their public names
