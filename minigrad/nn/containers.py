"""Modules that hold Modules: one after the other, in a list, in a dict."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from minigrad.nn.module import Module, indent, nested_repr

List = TypeVar("List", bound="_Numbered")


class _Numbered(Module):
    """What Sequential and ModuleList share: Modules named "0", "1", ... and a list's methods."""

    def _list(self) -> list[Module]:
        return [module for _, module in self._members("module")]

    def _name(self, index: Any) -> str:
        """The name of the Module at `index`, which may be negative."""
        names = list(self._modules)
        try:
            index = operator.index(index)
        except TypeError:
            raise TypeError(
                f"{type(self).__name__}: expected an integer or a slice as index, got {index!r}"
            ) from None
        if not -len(names) <= index < len(names):
            raise IndexError(
                f"{type(self).__name__}: index {index} is out of range for {len(names)} modules"
            )
        return names[index]

    def _replace_all(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        for i, module in enumerate(modules):  # before any is taken out
            if not isinstance(module, Module):
                raise TypeError(
                    f"{type(self).__name__}: expected Modules, got {type(module).__name__} at {i}"
                )
        for name in list(self._modules):
            delattr(self, name)
        for i, module in enumerate(modules):
            self.add_module(str(i), module)

    def __len__(self) -> int:
        return len(self._members("module"))

    def __iter__(self) -> Iterator[Module]:
        return iter(self._list())

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name(index), module)

    def __delitem__(self, index: int | slice) -> None:
        modules = self._list()
        if not isinstance(index, slice):
            self._name(index)  # says so if it is out of range
        del modules[index]
        self._replace_all(modules)

    def append(self: List, module: Module) -> List:
        """Put `module` at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self: List, modules: Iterable[Module]) -> List:
        """Put all of `modules` at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}.extend: expected an iterable of Modules, got "
                f"{type(modules).__name__}"
            )
        for module in modules:
            self.append(module)
        return self

    def pop(self, key: Any) -> Any:
        """Take the Module at `key` out and return it."""
        module = self[key]
        del self[key]
        return module

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError


class Sequential(_Numbered):
    """Modules called one after the other, each on the result of the one before.

    Made of Modules, or of one OrderedDict of them by name; works like a list of Modules.

    >>> import minigrad as mg
    >>> mg.nn.Sequential(mg.nn.Linear(4, 2), mg.nn.Tanh())
    Sequential(
      (0): Linear(in_features=4, out_features=2, bias=True)
      (1): Tanh()
    )
    """

    def __init__(self, *args: Any):
        super().__init__()
        named = len(args) == 1 and isinstance(args[0], OrderedDict)
        pairs = args[0].items() if named else ((str(i), module) for i, module in enumerate(args))
        for name, module in pairs:
            self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        attributes = self.__dict__
        for name, kind in self._kinds.items():
            if kind == "module":
                input = attributes[name](input)
        return input

    def __getitem__(self, index: Any) -> Any:
        """The Module at an index; for a slice a Sequential of the Modules, under their names."""
        if isinstance(index, slice):
            return type(self)(OrderedDict(self._members("module")[index]))
        return self.__dict__[self._name(index)]

    def insert(self, index: int, module: Module) -> Sequential:
        """Put `module` before the one at `index`."""
        if not isinstance(module, Module):
            raise AssertionError(f"insert: expected a Module, got {type(module).__name__}")
        modules = self._list()
        if not -len(modules) <= index <= len(modules):
            raise IndexError(f"insert: index {index} is out of range for {len(modules)} modules")
        modules.insert(index, module)
        self._replace_all(modules)
        return self

    def __add__(self, other: Any) -> Sequential:
        return Sequential(*self, *self._checked(other))

    def __iadd__(self, other: Any) -> Sequential:
        return self.extend(self._checked(other))

    def __mul__(self, times: int) -> Sequential:
        """The same Modules several times over: their parameters are shared."""
        return Sequential(*self._list() * self._checked_times(times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        return self.extend(self._list() * (self._checked_times(times) - 1))

    def _checked(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"Sequential + {type(other).__name__}: expected another Sequential")
        return other

    def _checked_times(self, times: Any) -> int:
        if not isinstance(times, int):
            raise TypeError(f"Sequential * {type(times).__name__}: expected an int")
        if times <= 0:
            raise ValueError(f"Sequential * {times}: expected a positive number")
        return times


class ModuleList(_Numbered):
    """A list of Modules whose parameters are found (those in a plain list are not)."""

    def __init__(self, modules: Iterable[Module] | None = None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: Any) -> Any:
        """The Module at an index; for a slice a new ModuleList."""
        if isinstance(index, slice):
            return type(self)(self._list()[index])
        return self.__dict__[self._name(index)]

    def insert(self, index: int, module: Module) -> None:
        """Put `module` before the one at `index`."""
        modules = self._list()
        modules.insert(index, module)
        self._replace_all(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __repr__(self) -> str:
        """As for any Module, with equal neighbours on one line: `(0-3): 4 x Linear(...)`."""
        runs: list[list] = []  # [first, last, text]
        for i, module in enumerate(self):
            text = indent(module)
            if runs and runs[-1][2] == text:
                runs[-1][1] = i
            else:
                runs.append([i, i, text])
        children = [
            f"({a}): {text}" if a == b else f"({a}-{b}): {b - a + 1} x {text}"
            for a, b, text in runs
        ]
        return nested_repr(self._get_name(), [], children)


class ModuleDict(Module):
    """A dict of Modules by name, in order, whose parameters are found."""

    def __init__(self, modules: Mapping[str, Module] | None = None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Module:
        if key not in self:
            raise KeyError(f"ModuleDict: no {key!r}; it has {list(self)}")
        return self._modules[key]  # type: ignore[return-value]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        self[key]  # KeyError if it is not there
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Take everything out."""
        for key in self:
            delattr(self, key)

    def pop(self, key: str) -> Module:
        """Take the Module under `key` out and return it."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """(name, Module) pairs."""
        return self._modules.items()

    def values(self) -> Any:
        """The Modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Put in the Modules of a dict, or of (name, Module) pairs, in their order."""
        for key, module in pairs_of(modules, "ModuleDict"):
            self[key] = module


def pairs_of(items: Any, caller: str) -> list[tuple[str, Any]]:
    """The (key, value) pairs of a dict, of something like it, or of an iterable of pairs."""
    if hasattr(items, "items"):
        return list(items.items())
    if not isinstance(items, Iterable):
        raise TypeError(
            f"{caller}.update: expected a dict or (key, value) pairs, got {type(items).__name__}"
        )
    pairs = list(items)
    for i, pair in enumerate(pairs):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{caller}.update: element {i} is {pair!r}, not a (key, value) pair")
        if len(tuple(pair)) != 2:
            raise ValueError(f"{caller}.update: element {i} has length {len(tuple(pair))}, not 2")
    return pairs
