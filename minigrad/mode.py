"""What the engine does while it runs an op: record a graph, look for NaN, tell somebody, or not.

The mode is a context variable, so one thread's (or one async task's) `no_grad` is invisible to
every other one.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np


class Mode(NamedTuple):
    grad: bool = True  # record a graph
    anomaly: bool = False  # stop at the first NaN
    watch: Callable[..., None] | None = None  # told of every result: (op, args, kwargs, out, slot)
    autocast: Any = None  # inside amp.autocast: what casts the arguments of ops


_DEFAULT = Mode()
MODE: ContextVar[Mode] = ContextVar("minigrad.mode", default=_DEFAULT)


class _ModeBlock:
    """A `with` block, or a decorator, that changes fields of the mode and then restores them.

    Only those: what somebody does to another field in the meantime (a Doctor, that looks on from a
    forward to its backward) stands.

    It decorates functions, coroutine functions and generator functions: the mode holds while their
    body runs, not while a generator or a coroutine waits to be resumed by somebody else.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """`@no_grad` without parentheses decorates at once, as in PyTorch."""
        return cls()(args[0]) if args and callable(args[0]) else super().__new__(cls)

    def __init__(self, **change: Any):
        self._change = change
        self._before: list[dict[str, Any]] = []  # a stack: the same object may be entered nested

    def __enter__(self):
        self._before.append(self._switch())
        return self

    def __exit__(self, *exc_info):
        MODE.set(MODE.get()._replace(**self._before.pop()))

    def _changes(self) -> dict[str, Any]:
        """The fields, and what they become when the block is entered now."""
        return self._change

    def _switch(self) -> dict[str, Any]:
        """Change the fields, and return what they were."""
        mode, change = MODE.get(), self._changes()
        MODE.set(mode._replace(**change))
        return {field: getattr(mode, field) for field in change}

    def __call__(self, fn):
        # A decorated function may run in several threads at once: each call gets its own block.
        def block():
            return _ModeBlock(**self._changes())

        def generate(*args, **kwargs):
            return _generate(fn(*args, **kwargs), block)

        async def wait(*args, **kwargs):
            with block():
                return await fn(*args, **kwargs)

        def run(*args, **kwargs):
            with block():
                return fn(*args, **kwargs)

        if inspect.isgeneratorfunction(fn):
            run = generate
        elif inspect.iscoroutinefunction(fn):
            run = wait
        return functools.wraps(fn)(run)


def _generate(generator, block):
    """What `generator` yields and returns; each time it runs, it runs within a block."""
    resume, with_what = generator.send, None
    while True:
        try:
            with block():
                value = resume(with_what)
        except StopIteration as stop:
            return stop.value
        try:
            resume, with_what = generator.send, (yield value)
        except GeneratorExit:
            with block():
                generator.close()
            raise
        except BaseException as error:
            resume, with_what = generator.throw, error


class no_grad(_ModeBlock):
    """Inside, no op is recorded: results have `requires_grad=False`. Also a decorator.

    >>> import minigrad as mg
    >>> w = mg.ones(2, requires_grad=True)
    >>> with mg.no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    def __init__(self):
        super().__init__(grad=False)


class enable_grad(_ModeBlock):
    """Inside, ops are recorded again, even within a `no_grad` block. Also a decorator."""

    def __init__(self):
        super().__init__(grad=True)


class watching(_ModeBlock):
    """Inside, `by(op, args, kwargs, out, slot)` is told of every result that an op makes.

    slot: which of them, of an op with several; else None. Writing in place is told of as the op
    `written`, whose result is the Tensor that was written to.
    """

    def __init__(self, *, by: Callable[..., None]):
        super().__init__(watch=by)


class inference_mode(_ModeBlock):
    """no_grad, by the name of PyTorch's stricter twin; `inference_mode(False)` changes nothing."""

    def __init__(self, mode: bool = True):
        super().__init__(**({"grad": False} if mode else {}))


class backward_mode(_ModeBlock):
    """Records during a backward only if a graph of the gradient was asked for; casts nothing: a
    backward runs in the dtypes of its forward."""

    def __init__(self, create_graph: bool):
        super().__init__(grad=create_graph, autocast=None)


class _Switch(_ModeBlock):
    """Changes the mode at once; as a `with` block it restores it on leaving."""

    def __init__(self, **change: bool):
        super().__init__(**change)
        self._at_call = self._switch()

    def __enter__(self):
        super().__enter__()
        self._before[-1] = self._at_call
        return self

    def __call__(self, fn):
        # A decorator changes nothing but what it decorates.
        MODE.set(MODE.get()._replace(**self._at_call))
        return super().__call__(fn)


class set_grad_enabled(_Switch):
    """Turns recording on or off at once; as a `with` block it restores the mode on leaving."""

    def __init__(self, mode: bool):
        super().__init__(grad=bool(mode))


class detect_anomaly(_ModeBlock):
    """Inside, the first NaN that an op or its pullback makes raises, naming op and source line.

    The check reads every result once, so it costs time: a tool for looking, not for training.

    >>> import minigrad as mg
    >>> with mg.detect_anomaly():  # doctest: +ELLIPSIS
    ...     mg.log(mg.tensor([-1.0], requires_grad=True))
    Traceback (most recent call last):
    ...
    RuntimeError: log: made the first NaN, from float32[1], at ...
    """

    def __init__(self, check_nan: bool = True):
        super().__init__(anomaly=check_nan)


class set_detect_anomaly(_Switch):
    """Turns detect_anomaly on or off at once; a `with` block restores the mode on leaving."""

    def __init__(self, mode: bool, check_nan: bool = True):
        super().__init__(anomaly=bool(mode and check_nan))


def is_grad_enabled() -> bool:
    """True where ops are being recorded."""
    return MODE.get().grad


# Where code is not the user's: in here, and in NumPy, whose functions call back.
_LIBRARIES = tuple(str(Path(file).parent) + os.sep for file in (__file__, np.__file__))


def user_frame() -> FrameType:
    """The innermost frame of the user's own code: where a call from there has led here."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_LIBRARIES):
        frame = frame.f_back
    return frame


def user_line() -> str:
    """`file:line` of that frame: the line that led here."""
    frame = user_frame()
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
