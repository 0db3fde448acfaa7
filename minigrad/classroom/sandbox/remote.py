"""Something of the submission's that stays over there, and what can be done with it from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from minigrad.classroom.sandbox.wire import Ref

if TYPE_CHECKING:
    from minigrad.classroom.sandbox.student import Student


class Remote:
    """Something of the submission's that stayed there: a function, a class, an object."""

    def __init__(self, student: Student, ref: Ref):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_ref", ref)

    def __call__(self, *args: Any, **named: Any) -> Any:
        given = [args, named]
        return self._student._ask(given, do="call", of=self._ref, args=list(args), named=named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._student._ask(do="get", of=self._ref, name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._student._ask(do="set", of=self._ref, name=name, args=[value])

    def __iter__(self) -> Iterator:
        return iter(_operate("iter", self))

    def __repr__(self) -> str:
        return f"<{self._ref.kind} of the submission>"

    def __bool__(self) -> bool:
        """A comparison is made here, with numbers: an object over there would say what it likes."""
        raise TypeError(f"expected a number or an array, got {self!r}")


def _operate(name: str, *args: Any) -> Any:
    student = next(a._student for a in args if isinstance(a, Remote))
    return student._ask(do="operator", name=name, args=list(args))


def _operator(name: str, reflected: bool = False) -> Callable:
    if reflected:
        return lambda self, other: _operate(name, other, self)
    return lambda self, *others: _operate(name, self, *others)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Remote, f"__{_name}__", _operator(_name))
    setattr(Remote, f"__r{_name}__", _operator(_name, reflected=True))
for _name in ("neg", "pos", "abs", "getitem", "len", "float"):
    setattr(Remote, f"__{_name}__", _operator(_name))
