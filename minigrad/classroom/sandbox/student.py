"""The judge's end of the pipe: a submission as if it were a module, and what goes wrong with it."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minigrad.classroom.sandbox.channel import Closed, Late
from minigrad.classroom.sandbox.isolation import Limits
from minigrad.classroom.sandbox.remote import Call, Part, Remote, printable
from minigrad.classroom.sandbox.scratch import remove
from minigrad.classroom.sandbox.starting import Nursery
from minigrad.classroom.sandbox.wire import Malformed, Ref, arrays_in

SHOWN = 4_000  # bytes of a submission's output that are read
LONGEST = 2_000  # letters of an exception's text
CALLBACKS = 100_000  # of one question
DEEPEST = 20  # calls of the judge's functions within calls of the judge's functions
MODULE = Ref("student", -1, "module")


class Raised(Exception):
    """The submission raised an exception. kind: its type's name; where: the line."""

    def __init__(self, kind: str, text: str, where: str):
        super().__init__(f"{kind}: {text}" + (f" ({where})" if where else ""))
        self.kind, self.text, self.where = kind, text, where


class Stopped(Exception):
    """The submission's process is gone, or was ended: a limit, a crash, an exit."""


class Student:
    """One run of a submission: `student.softmax(x)` is computed over there. A context manager.

    Whatever it does comes out as an answer, as `Raised`, or as `Stopped`.
    """

    def __init__(
        self, nursery: Nursery, sources: Sequence[tuple[str, str]], limits: Limits | None = None,
        *, sees_changes: bool = True,
    ):  # fmt: skip
        """sources: (text, name of the file), which become one module, one after the other.

        sees_changes: whether what it writes into arrays that it is given is written here too, until
        it is closed.
        """
        # (Names with an underscore: all others are the submission's.)
        self._nursery, self._limits, self._sees = nursery, limits or Limits(), sees_changes
        self._callbacks: list[Callable] = []
        self._calls = self._depth = 0
        self._over = ""
        self._last: tuple[Call | None, Any] = None, None  # what was called, and what came back
        self._before: list[tuple[np.ndarray, np.ndarray]] = []  # arrays, and what was in them
        self._scratch = Path(tempfile.mkdtemp(prefix="minigrad-"))
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 -- until it is closed
        try:
            self._channel, self._pid = nursery.start(
                self._scratch, self._printed.fileno(), self._limits
            )
        except BaseException:
            self._clean()
            raise
        try:
            for text, name in sources:
                self._ask(do="load", args=[text, name])
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Student:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        try:
            if not self._over:
                self._end("closed")
        finally:
            self._clean()

    def _clean(self) -> None:
        self._printed.close()
        remove(self._scratch)
        for array, before in reversed(self._before):
            if array.flags.writeable:
                np.copyto(array, before)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._ask(origin=name, do="get", of=MODULE, name=name)

    @property
    def _output(self) -> str:
        """The beginning of what it printed."""
        with contextlib.suppress(OSError):  # it may have set O_DIRECT, which is the file's
            return printable(os.pread(self._printed.fileno(), SHOWN, 0).decode("utf-8", "replace"))
        return ""

    @property
    def _wrote(self) -> bool:
        """Whether it has written into an array that it was given."""
        return bool(self._before)

    def _ask(self, changing: Any = (), origin: Any = None, **request: Any) -> Any:
        """Send a request, answer what is asked back, and return the answer.

        changing: what holds the arrays in which changes made over there are made here too;
        origin: a name, a Part or a Call, by which a student can know the answer.
        """
        if self._over:
            raise Stopped(self._over)
        if isinstance(origin, Call):
            self._last = origin, None
        try:
            self._channel.send(request, self._keep)
            while True:
                reply = self._channel.receive()
                if "call" not in reply:
                    answer = self._answer(reply, changing, origin)
                    if isinstance(origin, Call):
                        self._last = origin, answer
                    return answer
                self._channel.send({"value": self._called(reply)}, self._keep)
        except Late:
            self._stop(f"no answer within {self._limits.wall:g} s: is there an endless loop?")
        except Closed:
            self._stop("")
        except (Malformed, LookupError, TypeError, ValueError) as error:
            self._stop(f"what came was not an answer ({error})"[:300])

    def _answer(self, reply: dict[str, Any], changing: Any, origin: Any) -> Any:
        if "error" in reply:
            said = [str(reply.get(k, "")) for k in ("error", "text", "where")]
            raise Raised(*(printable(text[:LONGEST]) for text in said))
        if reply.get("changed"):
            arrays = list(arrays_in(changing))
            for i, array in dict(reply["changed"]).items():
                self._change(arrays[int(i)], array)
        return self._mine(reply["value"], origin)

    def _change(self, array: np.ndarray, new: Any) -> None:
        before = array.copy()
        if self._sees and array.flags.writeable:
            np.copyto(array, new)
        self._before.append((array, before))

    def _called(self, reply: dict[str, Any]) -> Any:
        self._calls += 1
        if self._calls > CALLBACKS:
            raise ValueError(f"a function was called more than {CALLBACKS:,} times")
        if self._depth > DEEPEST:
            raise ValueError(f"a function was called within itself more than {DEEPEST} times")
        self._depth += 1
        args, named = self._mine(reply["args"]), self._mine(reply.get("named", {}))
        answer = self._callbacks[reply["call"]](*args, **named)
        self._depth -= 1
        return answer

    def _keep(self, x: Any) -> Ref:
        if isinstance(x, Remote):
            return object.__getattribute__(x, "_ref")
        if not callable(x):
            raise TypeError(f"{type(x).__name__} cannot be sent to a submission")
        self._callbacks.append(x)
        return Ref("judge", len(self._callbacks) - 1)

    def _mine(self, x: Any, origin: Any = None) -> Any:
        if isinstance(x, Ref):
            if x.side != "student":
                raise Malformed("a function of the judge's came back")
            return Remote(self, x, origin)
        if isinstance(x, (list, tuple)):
            return type(x)(self._mine(part, Part(origin, f"[{i}]")) for i, part in enumerate(x))
        if isinstance(x, dict):
            return {k: self._mine(part, Part(origin, f"[{k!r}]")) for k, part in x.items()}
        return x

    def _stop(self, reason: str) -> None:
        raise Stopped(self._end(reason))

    def _end(self, reason: str) -> str:
        status = self._nursery.end(self._pid)
        self._channel.close()
        self._over = reason or how_it_ended(status, self._limits)
        return self._over


def not_fenced() -> list[str]:
    """What this system cannot keep a submission from, in words; nothing on a recent Linux."""
    with Nursery() as nursery, Student(nursery, []):
        return nursery.missing


def how_it_ended(status: int, limits: Limits) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return (
                f"it needed more than {limits.cpu} s of processor time: is there an endless loop?"
            )
        if number == signal.SIGKILL:
            return f"it hung up, or went on after {limits.cpu} s of processor time"
        return f"the process crashed ({signal.Signals(number).name})"
    return f"the process ended by itself, with exit code {os.WEXITSTATUS(status)}"
