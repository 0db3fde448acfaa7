"""What the engine does while it runs an op: record a graph or not, look for NaN or not.

The mode is a context variable, so one thread's (or one async task's) `no_grad` is invisible to
every other one.
"""

from __future__ import annotations

import functools
import sys
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple


class Mode(NamedTuple):
    grad: bool = True  # record a graph
    anomaly: bool = False  # stop at the first NaN


_DEFAULT = Mode()
MODE: ContextVar[Mode] = ContextVar("minigrad.mode", default=_DEFAULT)


class _ModeBlock:
    """A `with` block, or a decorator, that changes one field of the mode and then restores it."""

    def __init__(self, **change: bool):
        self._change = change
        self._before: list[Mode] = []  # a stack: the same object may be entered again, nested

    def __enter__(self):
        mode = MODE.get()
        self._before.append(mode)
        MODE.set(mode._replace(**self._change))
        return self

    def __exit__(self, *exc_info):
        MODE.set(self._before.pop())

    def __call__(self, fn):
        # A decorated function may run in several threads at once: each call gets its own block.
        @functools.wraps(fn)
        def run(*args, **kwargs):
            with _ModeBlock(**self._change):
                return fn(*args, **kwargs)

        return run


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

    def __new__(cls, fn: Any = None) -> Any:
        """`@no_grad` without parentheses decorates at once, as in PyTorch."""
        return super().__new__(cls) if fn is None else cls()(fn)


class enable_grad(_ModeBlock):
    """Inside, ops are recorded again, even within a `no_grad` block. Also a decorator."""

    def __init__(self):
        super().__init__(grad=True)


class set_grad_enabled(_ModeBlock):
    """Turns recording on or off at once; as a `with` block it restores the mode on leaving."""

    def __init__(self, mode: bool):
        super().__init__(grad=bool(mode))
        before = MODE.get()
        MODE.set(before._replace(grad=bool(mode)))
        self._at_call = before

    def __enter__(self):
        self._before.append(self._at_call)
        return self


inference_mode = no_grad  # PyTorch's stricter twin makes no difference here


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


def is_grad_enabled() -> bool:
    """True where ops are being recorded."""
    return MODE.get().grad


_PACKAGE = str(Path(__file__).parent)


def user_line() -> str:
    """`file:line` of the innermost frame outside minigrad: the line of the user that led here."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
