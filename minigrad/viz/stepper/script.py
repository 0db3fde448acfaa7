"""Steps through a script of the student's: runs it until backward is called, and records that."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from minigrad import autograd
from minigrad.value import Value, describe
from minigrad.viz.names import of_variables
from minigrad.viz.stepper.page import Stepper
from minigrad.viz.stepper.recorder import record
from minigrad.viz.stepper.watch import Watch


class ScriptError(Exception):
    """The script computed nothing that can be stepped through; the message says what to change."""


class Reached(BaseException):
    """Ends the script where its backward is called. No `except Exception` of it catches this."""


def step_script(path: Any, arguments: Sequence[str] = (), call: int = 1) -> Stepper:
    """The stepper of what a script computed: of what its backward number `call` starts from.

    The script runs as `python PATH ARGUMENTS` would, up to that call, and no further: a training
    loop does not go on. Of a script that never calls backward, it is the variable `loss`. Raises
    ScriptError if there is neither, and what the script raises.
    """
    path = Path(path)
    if not path.is_file():
        kind = "is a folder, not a script" if path.is_dir() else "does not exist"
        raise ScriptError(f"{path} {kind}; name a Python file that computes a loss")
    watch = Watch()
    calls = Calls(watch, call)
    variables: dict[str, Any] = {}
    with as_main(path, arguments), calls.counted(), watch, suppress(Reached, SystemExit):
        variables = runpy.run_path(str(path), run_name="__main__")
    return Stepper(calls.recording or record(*calls.fallback(path, variables)))


class Calls:
    """Counts calls of backward, of a Tensor or of `autograd`, and records what one starts from."""

    def __init__(self, watch: Watch, wanted: int):
        self.watch, self.wanted, self.count = watch, wanted, 0
        self.recording: Any = None

    @contextmanager
    def counted(self) -> Iterator[None]:
        real = autograd.backward

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> None:
            self.count += 1
            if self.count == self.wanted:
                several = isinstance(tensors, (list, tuple))
                if several and len(tensors) != 1:
                    raise ScriptError(
                        f"backward was called on {len(tensors)} Tensors at once; a computation is "
                        "stepped through from one: add them up"
                    )
                self.recording = record(tensors[0] if several else tensors, self.watch.names())
                raise Reached
            real(tensors, *args, **kwargs)
            self.watch.forget()

        autograd.backward = backward
        try:
            yield
        finally:
            autograd.backward = real

    def fallback(self, path: Path, variables: dict[str, Any]) -> tuple[Any, dict[int, str]]:
        """What is recorded where backward was not called often enough: the variable `loss`."""
        loss = variables.get("loss")
        if self.count:
            times = "once" if self.count == 1 else f"{self.count} times"
            raise ScriptError(
                f"{path} called backward {times}, and number {self.wanted} was asked for; "
                f"give a number from 1 to {self.count}"
            )
        if not isinstance(loss, Value):
            held = "has no variable `loss`" if loss is None else f"its `loss` is {describe(loss)}"
            raise ScriptError(
                f"{path} never called backward, and {held}. Call .backward() on the Tensor to step "
                "through, or name it `loss` at the top level of the script"
            )
        return loss, self.watch.names() | of_variables(variables)


@contextmanager
def as_main(path: Path, arguments: Sequence[str]) -> Iterator[None]:
    """The script sees its own arguments, and imports what stands beside it."""
    argv, paths = sys.argv, list(sys.path)
    sys.argv, sys.path[:] = [str(path), *arguments], [str(path.resolve().parent), *paths]
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, paths
