"""The submission's side: loads its file, and answers requests until the judge hangs up.

Nothing here is to be trusted once the file is loaded: what runs in this process can change all of
it. It can change its own answers by that, and nothing else.
"""

from __future__ import annotations

import difflib
import linecache
import operator
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from minigrad import autograd
from minigrad.classroom.sandbox.channel import Channel, Closed
from minigrad.classroom.sandbox.wire import Malformed, Ref, arrays_in
from minigrad.classroom.submission import place
from minigrad.function import Function
from minigrad.graph import Value
from minigrad.nn import Module
from minigrad.tensor import tensor

OPERATORS: dict[str, Callable] = {
    name: getattr(operator, name)
    for name in (
        "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs",
        "getitem",
    )
} | {"len": len, "float": float, "iter": list}  # fmt: skip
LONGEST = 2_000  # letters of a message


class Worker:
    def __init__(self, channel: Channel):
        self.channel, self.name = channel, ""
        self.module = ModuleType("exercises")
        self.kept: list[Any] = []

    def serve(self) -> None:
        while True:
            try:
                request = self.channel.receive()
            except Closed:
                return
            self.answer(request)

    def answer(self, request: dict[str, Any]) -> None:
        try:
            self.channel.send(self.reply(request), self.keep)
        except (Malformed, RecursionError, ValueError, MemoryError) as error:
            # What cannot be sent: too large, a list in itself, a number of 5,000 digits.
            self.channel.send(explained(error, self.name), self.keep)

    def reply(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            arguments = [self.local(a) for a in request.get("args", [])]
            arrays = list(arrays_in([request.get("args", []), request.get("named", {})]))
            before = [a.copy() for a in arrays]
            value = getattr(self, f"do_{request['do']}")(request, arguments)
            reply: dict[str, Any] = {"value": value}
            changed = {
                str(i): a for i, (a, b) in enumerate(zip(arrays, before, strict=True))
                if not np.array_equal(a, b, equal_nan=b.dtype.kind in "fc")
            }  # fmt: skip
            if changed:
                reply["changed"] = changed
            return reply
        except BaseException as error:
            return explained(error, self.name)

    # ------------------------------------------------------------------ what can be asked

    def do_load(self, request: dict[str, Any], arguments: list) -> None:
        source, self.name = arguments
        self.module.__file__ = self.name
        sys.modules["exercises"] = self.module  # where a dataclass looks for its names
        lines = source.splitlines(keepends=True)
        linecache.cache[self.name] = (len(source), None, lines, self.name)
        exec(compile(source, self.name, "exec", dont_inherit=True), self.module.__dict__)

    def do_get(self, request: dict[str, Any], arguments: list) -> Any:
        of, name = self.local(request["of"]), request["name"]
        if of is self.module and not hasattr(of, name):
            near = difflib.get_close_matches(
                name, [n for n in vars(of) if not n.startswith("_")], 1
            )
            there = f"; it has {near[0]}" if near else ""
            raise AttributeError(f"{self.name} has no {name}, which is asked for{there}")
        return getattr(of, name)

    def do_set(self, request: dict[str, Any], arguments: list) -> None:
        setattr(self.local(request["of"]), request["name"], arguments[0])

    def do_call(self, request: dict[str, Any], arguments: list) -> Any:
        named = {k: self.local(v) for k, v in request.get("named", {}).items()}
        return self.local(request["of"])(*arguments, **named)

    def do_operator(self, request: dict[str, Any], arguments: list) -> Any:
        return OPERATORS[request["name"]](*arguments)

    def do_pull(self, request: dict[str, Any], arguments: list) -> tuple:
        """(arrays of the values, their pullback) of an op, a Function, a Module or a function."""
        return pull(self.local(request["of"]), arguments)

    # ------------------------------------------------------------------ what stays where it is

    def keep(self, x: Any) -> Ref:
        self.kept.append(x)
        return Ref("student", len(self.kept) - 1, type(x).__name__)

    def local(self, x: Any) -> Any:
        if isinstance(x, Ref):
            return self.callback(x.number) if x.side == "judge" else self.own(x.number)
        if isinstance(x, (list, tuple)):
            return type(x)(self.local(part) for part in x)
        if isinstance(x, dict):
            return {k: self.local(part) for k, part in x.items()}
        return x

    def own(self, number: int) -> Any:
        return self.module if number < 0 else self.kept[number]

    def callback(self, number: int) -> Callable:
        """A function of the judge's: each call of it is a question back.

        Before the answer may come requests: the function uses an object that it was given.
        """

        def ask(*args: Any, **named: Any) -> Any:
            self.channel.send({"call": number, "args": list(args), "named": named}, self.keep)
            while "do" in (message := self.channel.receive()):
                self.answer(message)
            return self.local(message["value"])

        return ask


def pull(function: Any, arguments: list) -> tuple:
    if isinstance(function, type) and issubclass(function, Function):
        function = function.apply
    if not isinstance(function, Module):
        raw = getattr(getattr(function, "op", None), "fn", function)
        found = raw(*arguments)
        if isinstance(found, tuple) and len(found) == 2 and callable(found[1]):
            return found
    leaves = [
        tensor(a, requires_grad=True) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in arguments
    ]
    result = function(*leaves)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]

    def pullback(*gs: Any) -> tuple:
        wanted = [x for x in leaves if isinstance(x, Value) and x.requires_grad]
        kept = [(y, g) for y, g in zip(outputs, gs, strict=True) if y.requires_grad]
        found = iter(
            autograd.grad(
                [y for y, _ in kept], wanted, [tensor(g) for _, g in kept],
                retain_graph=True, materialize_grads=True,
            )
        )  # fmt: skip
        return tuple(next(found).numpy() if x in wanted else None for x in leaves)

    values = tuple(y.detach().numpy() for y in outputs)
    return (values if isinstance(result, (tuple, list)) else values[0]), pullback


def explained(error: BaseException, name: str) -> dict[str, Any]:
    """The exception in words, with the last line of the submission that it passed."""
    try:
        text = str(error)
    except BaseException:
        text = "(its text cannot be made)"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == name]
    source = "".join(linecache.getlines(name))
    where = ""
    if frames:
        where = f"{place(source, name, frames[-1].lineno or 1)}: {frames[-1].line}"
    if isinstance(error, SyntaxError) and error.filename == name:
        at = error.lineno if isinstance(error.lineno, int) else 1
        line = linecache.getline(name, at)  # the compiler does not always know it
        where = f"{place(source, name, at)}: {line.strip()}"
        text = error.msg
    return {"error": type(error).__name__[:100], "text": text[:LONGEST], "where": where[:LONGEST]}
