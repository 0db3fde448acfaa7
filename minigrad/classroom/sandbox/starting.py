"""The judge's end of the nursery: a worker is started, is killed, and how it had ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import minigrad
from minigrad.classroom.sandbox.channel import Channel, Closed, Late
from minigrad.classroom.sandbox.isolation import Limits

NURSERY = "minigrad.classroom.sandbox.nursery"
STARTING = 60.0  # seconds until a worker is there, before it has seen the submission


class NurseryGone(RuntimeError):
    """The process that starts submissions is gone."""


class Nursery:
    """The process that forks workers. A context manager; `missing` is what is not fenced in."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise OSError(
                "exercises are asked in processes that are forked, which this system has not; on "
                "Windows, work in WSL (wsl --install)"
            )
        self.control, theirs = socket.socketpair()
        kept = ("PATH", "LD_LIBRARY_PATH", "LANG")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment["PYTHONPATH"] = str(Path(minigrad.__file__).parents[1])
        threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
        environment |= dict.fromkeys(threads, "1")
        environment["PYTHONUNBUFFERED"] = "1"  # what it printed is read before it ends
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", NURSERY, str(theirs.fileno())],
            pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the judge, who then ends it
        )  # fmt: skip
        theirs.close()
        self.lines = self.control.makefile("r", encoding="utf-8")
        self.statuses: dict[int, int] = {}
        self.missing: list[str] = []

    def __enter__(self) -> Nursery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.lines.close()
        self.control.close()
        self.process.wait()

    def start(self, scratch: Path, output: int, limits: Limits) -> tuple[Channel, int]:
        """A worker of its own, and the number of its process. output: a file descriptor."""
        mine, theirs = socket.socketpair()
        job = json.dumps({"scratch": str(scratch), "limits": limits}).encode()
        try:
            socket.send_fds(self.control, [job], [theirs.fileno(), output])
        except OSError:
            mine.close()
            raise NurseryGone("the process that starts submissions is gone; start again") from None
        finally:
            theirs.close()
        pid = self.hear("started")["started"]
        channel = Channel(mine.detach())
        channel.deadline = time.monotonic() + STARTING
        try:
            self.missing = channel.receive()["missing"]
        except (Late, Closed) as error:
            self.end(pid)
            channel.close()
            raise NurseryGone(f"a process could not be fenced in ({error}); start again") from None
        channel.deadline = time.monotonic() + limits.wall
        return channel, pid

    def hear(self, wanted: str, pid: int | None = None) -> dict:
        """The next message of a kind; those of ends that come before it are remembered."""
        while True:
            line = ""
            with contextlib.suppress(ConnectionError):
                line = self.lines.readline()
            if not line:
                raise NurseryGone("the process that starts submissions is gone; start again")
            message = json.loads(line)
            if "ended" in message:
                self.statuses[message["ended"]] = message["status"]
            if wanted in message and pid in (None, message[wanted]):
                return message

    def end(self, pid: int) -> int:
        """Kill a worker with all that it left behind; how it had ended, as waitpid's status."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if pid not in self.statuses:
            self.hear("ended", pid)
        return self.statuses.pop(pid)
