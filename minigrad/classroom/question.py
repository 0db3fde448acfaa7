"""The questions that are asked of a solution, and the words in which `checks.py` asks them.

    @question("4.2", points=2, says="softmax(x + c) is softmax(x)", hints=["What is exp(1000)?"])
    def shifted(student, rng):
        for x in rows(rng):
            same(student.softmax(x + 1000), softmax(x), f"softmax({shown(x)} + 1000)")

A question goes from small cases to larger ones, so that the first that fails is the smallest.
"""

from __future__ import annotations

import reprlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.classroom.sandbox.remote import Remote
from minigrad.classroom.sandbox.student import Raised
from minigrad.tensor import Tensor


class Wrong(Exception):
    """An answer that is not right.

    asked: the call; got, expected: as text; why: its cause; known: whether that is a mistake that
    was looked for, and not only how the two differ.
    """

    def __init__(
        self, asked: str, got: str = "", expected: str = "", why: str = "", known: bool = False
    ):
        super().__init__(asked, got, expected, why)
        self.asked, self.got, self.expected, self.why = asked, got, expected, why
        self.known = known


@dataclass
class Question:
    """exercise: "4.2"; name: the function's; says: what must hold; hints: from vague to plain;
    seconds: of processor time that the answers may take."""

    exercise: str
    name: str
    says: str
    ask: Callable[[Any, np.random.Generator], None]
    points: int = 1
    hints: Sequence[str] = field(default_factory=tuple)
    hidden: bool = False
    seconds: int = 5

    def rng(self, seed: int) -> np.random.Generator:
        """Where its inputs come from: of one seed, each question has its own."""
        return np.random.default_rng([seed, zlib.crc32(self.name.encode())])


def question(
    exercise: str,
    *,
    says: str,
    points: int = 1,
    hints: Sequence[str] = (),
    hidden: bool = False,
    seconds: int = 5,
) -> Callable[[Callable], Question]:
    """Make a question of a function of (student, rng). hidden: asked by the grader only."""

    def made(ask: Callable) -> Question:
        return Question(exercise, ask.__name__, says, ask, points, tuple(hints), hidden, seconds)

    return made


def questions_of(module: Mapping[str, Any]) -> list[Question]:
    return [value for value in module.values() if isinstance(value, Question)]


def beside(student: Any, source: str) -> None:
    """Define functions of the judge's beside the submission's: what they hand on is no copy.

    Lists and tuples that a question gives and gets are copies; whether a list was changed in place,
    a function over there can see. It can be seen there, too, so it holds nothing secret.
    """
    student._ask(do="load", args=[source, "beside.py"])


# ---------------------------------------------------------------------- what can be demanded


def same(
    got: Any, expected: Any, asked: str, *, rtol: float = 1e-6, atol: float = 1e-8,
    mistakes: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Demand that an answer is `expected`, of its shape, within rtol and atol.

    mistakes: by what is said of it, the answer that a known mistake gives.
    """
    problem = difference(got, expected, rtol, atol)
    if problem is None:
        return
    for why, answer in (mistakes or {}).items():
        if difference(got, answer, rtol, atol) is None:
            raise Wrong(asked, shown(got), shown(expected), why, known=True)
    raise Wrong(asked, shown(got), shown(expected), problem)


def difference(got: Any, expected: Any, rtol: float = 1e-6, atol: float = 1e-8) -> str | None:
    """How an answer differs from what is expected, in words; None if it does not."""
    if isinstance(expected, (list, tuple)) and not isinstance(expected, str):
        if not isinstance(got, (list, tuple)):
            return f"expected {len(expected)} values, got {kind_of(got)}"
        if len(got) != len(expected):
            return f"expected {len(expected)} values, got {len(got)}"
        pairs = enumerate(zip(got, expected, strict=True))
        found = ((i, difference(g, e, rtol, atol)) for i, (g, e) in pairs)
        return next((f"value {i}: {problem}" for i, problem in found if problem), None)
    if isinstance(expected, (str, bool, type(None), dict)):
        return None if type(got) is type(expected) and got == expected else "it is another"
    if isinstance(got, (Remote, str, dict, list, tuple, type(None))):
        return f"expected numbers, got {kind_of(got)}"
    a, b = as_array(got), as_array(expected)
    if a.shape != b.shape:
        return f"expected shape {b.shape}, got {a.shape}"
    if a.dtype.kind == "b" and b.dtype.kind != "b":
        return "expected numbers, got truth values"
    wrong = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
    if not wrong.any():
        return None
    if np.isnan(a).any() and not np.isnan(b).any():
        return f"{int(np.isnan(a).sum())} of {a.size} numbers are NaN"
    where = tuple(int(i) for i in np.argwhere(wrong)[0]) if a.ndim else ()
    at = f" at {list(where)}" if where else ""
    return f"{int(wrong.sum())} of {a.size} numbers differ, first{at}: {a[where]:.6g}"


def holds(truth: Any, asked: str, why: str = "") -> None:
    """Demand that something is true. `asked` says what, `why` what it may come from."""
    if not bool(truth):
        raise Wrong(asked, why=why, known=bool(why))


def raises(call: Callable[[], Any], kinds: Sequence[str], asked: str) -> None:
    """Demand an exception of one of these names."""
    try:
        got = call()
    except Raised as error:
        if error.kind in kinds:
            return
        raise Wrong(asked, str(error), f"an exception: {' or '.join(kinds)}") from None
    raise Wrong(asked, shown(got), f"an exception: {' or '.join(kinds)}")


def as_array(x: Any) -> np.ndarray:
    return np.asarray(x.detach().cpu().numpy() if isinstance(x, Tensor) else x)


def kind_of(x: Any) -> str:
    if isinstance(x, Remote):
        return repr(x)
    return "None: is a `return` missing?" if x is None else f"a {type(x).__name__}"


SHORT = reprlib.Repr()
SHORT.maxlevel = 2  # lists in lists in lists of arrays take long to be written out


def shown(x: Any, depth: int = 3) -> str:
    """An answer as text, short enough to be read. depth: of lists in lists that are written out."""
    if isinstance(x, (np.ndarray, np.generic, Tensor)):
        a = as_array(x)
        if a.size > 40:
            return f"an array of shape {a.shape}, from {a.min():.4g} to {a.max():.4g}"
        return np.array2string(a, precision=5, separator=", ", suppress_small=True)
    if isinstance(x, (list, tuple)) and depth:
        parts = [shown(part, depth - 1).replace("\n", "\n ") for part in x[:6]]
        parts += ["..."] * (len(x) > 6)
        inner = (",\n " if any("\n" in part for part in parts) else ", ").join(parts)
        return f"({inner})" if isinstance(x, tuple) else f"[{inner}]"
    if isinstance(x, float):
        return f"{x:.6g}"
    return SHORT.repr(x)
