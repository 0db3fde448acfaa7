"""A pipe both ways that carries messages, with a time by which they must have come."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from typing import Any

from minigrad.classroom.sandbox import wire
from minigrad.classroom.sandbox.wire import HEADER, Ref


class Late(TimeoutError):
    """No message came in time."""


class Closed(EOFError):
    """The other side is gone."""


class Channel:
    """Messages over a file descriptor that is read and written."""

    def __init__(self, descriptor: int):
        self.descriptor = descriptor
        self.deadline = float("inf")  # of time.monotonic()
        os.set_blocking(descriptor, False)

    def send(self, message: dict[str, Any], keep: Callable[[Any], Ref]) -> None:
        rest = memoryview(wire.dump(message, keep))
        while rest:
            self.wait(select.POLLOUT)
            try:
                rest = rest[os.write(self.descriptor, rest) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Closed("the other side has closed the pipe") from None

    def receive(self) -> dict[str, Any]:
        """The next message. Raises Late, Closed or Malformed."""
        text, body = HEADER.unpack(self.read(HEADER.size))
        wire.check(text, body)
        return wire.load(self.read(text), self.read(body))

    def read(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self.wait(select.POLLIN)
            try:
                part = os.read(self.descriptor, min(size - len(parts), 2**20))
            except BlockingIOError:
                continue
            except OSError:
                part = b""
            if not part:
                raise Closed("the other side has closed the pipe")
            parts += part
        return bytes(parts)

    def wait(self, event: int) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Late("no answer in time")
        poll = select.poll()
        poll.register(self.descriptor, event)
        if not poll.poll(None if left == float("inf") else left * 1000):
            raise Late("no answer in time")

    def close(self) -> None:
        os.close(self.descriptor)
