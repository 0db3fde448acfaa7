"""A computation written down, forward and backward: what the stepper shows.

Everything here is plain data. `Recording.as_dict()` is what JSON can hold, and what the page of
`minigrad.viz.step` reads. `recorder.py` beside this writes it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from minigrad.viz.stepper.picture import Picture


@dataclass
class Argument:
    """What an op was given: the value of another entry, or a number or option as text."""

    name: str
    source: int | None = None
    text: str | None = None
    needs_grad: bool = False


@dataclass
class Entry:
    """A node of the graph: an op that ran, a leaf that gets a gradient, or data that gets none."""

    index: int
    kind: str  # "op", "leaf" or "data"
    name: str  # of the op, or of the variable
    label: str = ""  # of an op: the variable that holds its value
    doc: str = ""  # the first sentence of the op's docstring: what it computes
    line: str | None = None  # file:line that ran it
    code: str | None = None
    age: int | None = None  # of an op: how many had run when it had
    arguments: list[Argument] = field(default_factory=list)
    values: list[Picture] = field(default_factory=list)  # one, but for an op with several
    saved: dict[str, Picture | str] = field(default_factory=dict)
    users: list[int] = field(default_factory=list)  # the ops that send a gradient here


@dataclass
class Contribution:
    """The gradient that an op sends to one of its arguments, and the sum that it joins there."""

    argument: str
    to: int
    gradient: Picture
    before: Picture | None
    after: Picture
    local: Picture | None
    elementwise: bool  # whether `local` multiplies elementwise; else it is a Jacobian
    late: bool = False  # whether the input has had its turn already, and does not pass this on


@dataclass
class Turn:
    """An op's turn in backward."""

    node: int
    upstream: list[Picture | None]
    contributions: list[Contribution]
    why: str  # it is this op's turn
    missing: list[int] = field(default_factory=list)  # ops that send it a gradient too late


@dataclass
class Recording:
    """nodes in the order of forward; `backward` in the right order, `wrong` depth first.

    gradients: what arrives at each leaf, by its index, in the right order; wrong_gradients: in
    the wrong one; spoiled: the leaves where the two differ by more than rounding.
    """

    nodes: list[Entry]
    backward: list[Turn]
    gradients: dict[int, Picture]
    wrong: list[Turn]
    wrong_gradients: dict[int, Picture]
    spoiled: list[int]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
