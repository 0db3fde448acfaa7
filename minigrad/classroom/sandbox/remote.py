"""Something of the submission's that stays over there, and what can be done with it from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from minigrad.classroom.sandbox.wire import Ref

if TYPE_CHECKING:
    from minigrad.classroom.sandbox.student import Student


def printable(text: str) -> str:
    """Without the control characters that move a terminal's cursor or set its title."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


class Part(NamedTuple):
    """Where something of the submission's is from: a part of that, `[1]` or `.weight`."""

    of: Any
    which: str


class Call(NamedTuple):
    """Where something of the submission's is from: a call of that."""

    of: Any
    args: Sequence[Any]
    named: dict[str, Any]


class Remote:
    """Something of the submission's that stayed there: a function, a class, an object."""

    def __init__(self, student: Student, ref: Ref, origin: Any = None):
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_ref", ref)
        object.__setattr__(self, "_origin", origin)

    def __call__(self, *args: Any, **named: Any) -> Any:
        call = Call(self._origin, args, named)
        given = [args, named]
        return self._student._ask(
            given, call, do="call", of=self._ref, args=list(args), named=named
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._student._ask(
            origin=Part(self._origin, f".{name}"), do="get", of=self._ref, name=name
        )

    def __setattr__(self, name: str, value: Any) -> None:
        self._student._ask(do="set", of=self._ref, name=name, args=[value])

    def __iter__(self) -> Iterator:
        return iter(_operate("iter", self))

    def __repr__(self) -> str:
        return f"<{printable(self._ref.kind[:100])} of the submission>"

    def __bool__(self) -> bool:
        """A comparison is made here, with numbers: an object over there would say what it likes."""
        raise TypeError(f"expected a number or an array, got {self!r}")


def _operate(name: str, *args: Any) -> Any:
    student = next(a._student for a in args if isinstance(a, Remote))
    origin = Call(f"operator.{name}", args, {})
    return student._ask(origin=origin, do="operator", name=name, args=list(args))


def _operator(name: str, reflected: bool = False) -> Callable:
    if reflected:
        return lambda self, other: _operate(name, other, self)
    return lambda self, *others: _operate(name, self, *others)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Remote, f"__{_name}__", _operator(_name))
    setattr(Remote, f"__r{_name}__", _operator(_name, reflected=True))
for _name in ("neg", "pos", "abs", "getitem", "len", "float"):
    setattr(Remote, f"__{_name}__", _operator(_name))
