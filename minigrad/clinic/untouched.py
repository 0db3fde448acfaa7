"""A student's function is left as it was: what a trial changes is a copy, or is put back."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from minigrad.graph import Value

OURS = ("minigrad.", "numpy")


def copied(function: Any, cells: dict[int, CellType] | None = None) -> Any:
    """A pullback, or a tuple of some, with a closure of its own, and so have the functions in it.

    What is put into that closure is not seen by the function that made the pullback.
    """
    cells = {} if cells is None else cells
    if isinstance(function, tuple):
        return tuple(copied(f, cells) for f in function)
    if not isinstance(function, FunctionType):
        return function
    closure = tuple(_own(cell, cells) for cell in function.__closure__ or ())
    return with_closure(function, function.__code__, closure)


def with_closure(
    function: FunctionType, code: CodeType, closure: tuple, names: dict[str, Any] | None = None
) -> FunctionType:
    """The function with other code and cells; names: globals that are others for it alone."""
    scope = {**function.__globals__, **names} if names else function.__globals__
    made = FunctionType(code, scope, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__dict__.update(function.__dict__)
    return made


def _own(cell: CellType, cells: dict[int, CellType]) -> CellType:
    if id(cell) not in cells:
        cells[id(cell)] = own = CellType()
        if is_filled(cell):
            value = cell.cell_contents
            own.cell_contents = copied(value, cells) if isinstance(value, FunctionType) else value
    return cells[id(cell)]


def is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - it raises if there is none
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def put_back(function: Any, *others: Any) -> Iterator[None]:
    """Afterwards all that the function holds is as it is now: closure, defaults, globals.

    That is what the names stand for, and what is in arrays, Tensors, lists, dicts and sets.
    others: objects whose contents are put back as well.
    """
    seen: set[int] = set()
    restore = [*_of_function(function, seen)]
    for other in others:
        restore += _of_contents(other, seen)
    try:
        yield
    finally:
        for put in restore:
            put()


def _of_function(function: Any, seen: set[int]) -> Iterator[Callable]:
    for inner in (getattr(getattr(function, "spec", None), "fn", None),
                  getattr(function, "__wrapped__", None)):  # fmt: skip
        if inner is not None:
            yield from _of_function(inner, seen)
    owner = getattr(function, "__self__", None)
    for name in ("forward", "backward") if isinstance(owner, type) else ():
        yield from _of_function(getattr(owner, name, None), seen)
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    if function.__module__ and function.__module__.startswith(OURS):
        for cell in function.__closure__ or ():  # what was wrapped may be a student's
            if is_filled(cell):
                yield from _of_function(cell.cell_contents, seen)
        return
    seen.add(id(function))
    yield lambda f=function, a=function.__defaults__: setattr(f, "__defaults__", a)
    yield lambda f=function, a=function.__kwdefaults__: setattr(f, "__kwdefaults__", a)
    held = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in filter(is_filled, function.__closure__ or ()):
        held.append(cell.cell_contents)
        yield lambda c=cell, a=cell.cell_contents: setattr(c, "cell_contents", a)
    scope = function.__globals__
    for name in named(function.__code__) & scope.keys():
        held.append(scope[name])
        yield lambda s=scope, n=name, a=scope[name]: s.__setitem__(n, a)
    for value in held:
        yield from _of_contents(value, seen)
        yield from _of_function(value, seen)


def named(code: CodeType) -> set[str]:
    """The names that a function uses, and the functions in it: its pullback uses some as well."""
    inner = [named(c) for c in code.co_consts if isinstance(c, CodeType)]
    return set(code.co_names).union(*inner)


def _of_contents(value: Any, seen: set[int]) -> Iterator[Callable]:
    value = value.array if isinstance(value, Value) else value
    if id(value) in seen:
        return
    if isinstance(value, np.ndarray):
        seen.add(id(value))
        if value.flags.writeable:
            yield functools.partial(np.copyto, value, value.copy())
    elif isinstance(value, list):
        seen.add(id(value))
        yield functools.partial(value.__setitem__, slice(None), list(value))
        for item in value:
            yield from _of_contents(item, seen)
    elif isinstance(value, (dict, set)):
        seen.add(id(value))
        yield functools.partial(_refill, value, value.copy())
        for item in value.values() if isinstance(value, dict) else ():
            yield from _of_contents(item, seen)


def _refill(held: Any, before: Any) -> None:
    held.clear()
    held.update(before)
