"""What only the running code knows of a computation: the line of each op, and its value's name."""

from __future__ import annotations

from types import FrameType
from typing import Any

from minigrad.mode import user_frame, watching
from minigrad.value import Value
from minigrad.viz.names import of_variables


class Watch:
    """While its `with` block runs, every op's node gets its source line, and every Tensor that a
    variable holds is remembered under the name that it had first: `h` at each step of a loop."""

    def __init__(self) -> None:
        self.made: list[Any] = []  # held, so that no value has to be computed again
        self.named: dict[int, tuple[str, Value]] = {}  # held, so that an id is not used again
        self.frames: dict[FrameType, None] = {}  # of the functions of the user that ran an op
        self.block = watching(by=self.note)

    def __enter__(self) -> Watch:
        self.block.__enter__()
        return self

    def __exit__(self, *exc_info: Any) -> None:
        self.block.__exit__(*exc_info)

    def note(self, op: Any, args: tuple, kwargs: dict, out: Any, slot: int | None) -> None:
        self.made.append(out)
        frame = user_frame()
        if isinstance(out, Value) and out.node is not None:
            out.node.site = f"{frame.f_code.co_filename}:{frame.f_lineno}"
            if slot is not None:  # one of several values: the op that made them is one node up
                ((_, made_by),) = out.node.edges
                made_by.site = out.node.site
        self.frames[frame] = None
        self.look(frame)

    def forget(self) -> None:
        """Let go of what ran so far."""
        self.made.clear()
        self.named.clear()
        self.frames.clear()

    def look(self, frame: FrameType) -> None:
        for name, x in frame.f_locals.items():
            if isinstance(x, Value) and not name.startswith("_"):
                self.named.setdefault(id(x.array), (name, x))

    def names(self) -> dict[int, str]:
        """By the id of an array, its name. A function that has returned is looked at as it was."""
        found: dict[int, str] = {}
        for frame in self.frames:
            self.look(frame)
            found = {**of_variables(frame.f_locals), **found}
        return {**found, **{key: name for key, (name, _) in self.named.items()}}
