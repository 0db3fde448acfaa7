"""A process that has Python, NumPy and minigrad loaded and knows nothing else; it forks workers.

To start Python and import minigrad takes many times as long as a fork, and every question of every
submission waits for it. Of each worker the nursery tells how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import selectors
import signal
import socket
import sys
import sysconfig
from functools import cache
from pathlib import Path

import numpy as np

import kernels
import minigrad
from minigrad.classroom.sandbox.channel import Channel
from minigrad.classroom.sandbox.isolation import Limits, die_with_parent, fence
from minigrad.classroom.sandbox.wire import Ref
from minigrad.classroom.sandbox.worker import Worker

JOB = 2**16  # bytes that a job may have


def main(control: socket.socket) -> None:
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    kernels.use("numpy")  # a submission may not write compiled code to a cache
    readable()  # once, and not in every child
    gc.freeze()  # a collection in a child would write to, and so copy, all that is shared with it
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(woken, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fd == woken:
                os.read(woken, 512)
                for pid, status in ended():
                    tell(control, {"ended": pid, "status": status})
            else:
                data, descriptors, _, _ = socket.recv_fds(control, JOB, 2)
                if not data:
                    return
                pid = os.fork()
                if pid == 0:
                    selector.close()
                    live(json.loads(data), *descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                tell(control, {"started": pid})


def ended() -> list[tuple[int, int]]:
    found = []
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            found.append((pid, status))
    return found


def tell(control: socket.socket, message: dict) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")


def live(job: dict, descriptor: int, output: int) -> None:
    """In the child: behind the fence first, then be the worker, and never come back.

    descriptor: the pipe; output: the file for what is printed, of which the judge knows no name
    that a submission could give to something else.
    """
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        scratch = Path(job["scratch"])
        nothing = os.open(os.devnull, os.O_RDONLY)
        kept = [os.dup(old) for old in (nothing, output, output, descriptor)]
        for new, old in enumerate(kept):
            os.dup2(old, new)
        os.closerange(4, min(os.sysconf("SC_OPEN_MAX"), 2**16))  # macOS may say 2**63 - 1
        if isinstance(sys.stdout, io.TextIOWrapper):  # what was printed before a wrong answer shows
            sys.stdout.reconfigure(line_buffering=True)
        channel = Channel(3)
        channel.send({"missing": fence(scratch, readable(), Limits(*job["limits"]))}, refuse)
        Worker(channel).serve()
        code = 0
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
        os._exit(code)


def refuse(x: object) -> Ref:
    raise TypeError(f"{x!r} does not go over the pipe")


@cache
def readable() -> list[Path]:
    """What a submission needs to compute: Python, NumPy, minigrad; the lessons are not among it."""
    root = Path(minigrad.__file__).parent
    folders = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    folders |= {Path(sysconfig.get_path(name)) for name in ("platlib", "purelib")}
    inside = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    hidden = {"lessons", "site-packages", "dist-packages"}
    found = [root, root.parent / "kernels", Path(np.__file__).parent]
    found += [path for path in inside if path.name not in hidden]
    found += [Path(p) for p in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")]
    found += [Path(p) for p in ("/dev/null", "/dev/urandom", "/usr/share/zoneinfo")]
    return [path for path in dict.fromkeys(found) if path.exists()]


if __name__ == "__main__":
    with contextlib.suppress(ConnectionError):  # the judge is gone, by Ctrl-C say
        main(socket.socket(fileno=int(sys.argv[1])))
