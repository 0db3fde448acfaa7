"""The fence around somebody else's code: what Linux lets a process give up for good.

A process can give up rights and never get them back, and needs no privilege for it:

- a file system of its own for what it writes, in memory and of limited size (`scratch.py`);
- Landlock (Linux 5.13): no file may be opened but below the folders that are named, and no signal
  sent to a process outside (Linux 6.12);
- seccomp (`seccomp.py`): no network, no new process or thread, no look into another process, no
  signal, no change of a file's owner or mode, which Landlock does not see;
- capabilities: root without them is a user like any other;
- resource limits: processor time, memory, size of files, number of files.

Where the kernel has not one of these, `fence` says so: whoever grades has to know.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from minigrad.classroom.sandbox.scratch import private
from minigrad.classroom.sandbox.seccomp import seccomp


class Limits(NamedTuple):
    """Of one question. Times in seconds, sizes in bytes: output of a file, disk of all of them."""

    wall: float = 15.0
    cpu: int = 5
    memory: int = 2 * 2**30
    output: int = 2**20
    files: int = 64
    disk: int = 16 * 2**20


def fence(scratch: Path, readable: Iterable[Path], limits: Limits) -> list[str]:
    """Give up everything but computing, reading `readable` and writing below `scratch`.

    Returns what this system cannot enforce, in words; nothing at all on a recent Linux.
    """
    if sys.platform != "linux":
        return [*limit(limits), "the file system", "the network", "new processes"]
    libc = ctypes.CDLL(None, use_errno=True)
    missing = [] if private(libc, scratch, limits.disk) else ["how much it writes"]
    missing += limit(limits)
    os.chdir(scratch)
    die_with_parent()  # a new user namespace has undone it
    if libc.prctl(38, 1, 0, 0, 0):  # PR_SET_NO_NEW_PRIVS
        return [*missing, "the file system", "the network", "new processes"]
    if not drop_capabilities(libc):
        missing.append("what root may do")
    if not landlock(libc, scratch, readable):
        missing.append("the file system")
    if not seccomp(libc):
        missing.append("the network and new processes")
    return missing


def die_with_parent() -> None:
    """Have this process killed when the one that made it is gone, however that came (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


@contextlib.contextmanager
def memory_at_most(size: int) -> Iterator[None]:
    """Raise MemoryError where this process would take so many bytes more (Linux)."""
    if sys.platform != "linux":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [n for n in (soft, hard, address_space() + size) if n != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def address_space() -> int:
    """Bytes of this process (Linux); 0 elsewhere."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def limit(limits: Limits) -> list[str]:
    try:
        import resource
    except ImportError:  # Windows
        return ["memory", "processor time"]
    used = address_space()
    missing = []
    for name, soft, hard in [
        ("RLIMIT_CPU", limits.cpu, limits.cpu + 1),  # first a signal, then the end
        ("RLIMIT_AS", used + limits.memory, used + limits.memory),
        ("RLIMIT_FSIZE", limits.output, limits.output),
        ("RLIMIT_NOFILE", limits.files, limits.files),
        ("RLIMIT_CORE", 0, 0),
    ]:
        try:
            resource.setrlimit(getattr(resource, name), (soft, hard))
        except (ValueError, OSError):
            missing.append({"RLIMIT_AS": "memory"}.get(name, name))
    return missing


def drop_capabilities(libc: ctypes.CDLL) -> bool:
    """Give up every privilege of root's; no program that is run later brings one back."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", 0x20080522, 0))  # version 3
    none = ctypes.create_string_buffer(bytes(24))
    return libc.capset(header, none) == 0


# ---------------------------------------------------------------------- Landlock

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16}  # by version, how many rights there are
LATEST = 6
# Make devices, sockets, pipes and links, which somebody else would open or follow:
SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
ABSTRACT_SOCKETS, SIGNALS = 1 << 0, 1 << 1  # not to those outside, from version 6 on


def landlock(libc: ctypes.CDLL, scratch: Path, readable: Iterable[Path]) -> bool:
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    every = (1 << RIGHTS[min(version, LATEST)]) - 1
    fields = [every] if version < 6 else [every, 0, ABSTRACT_SOCKETS | SIGNALS]
    attributes = ctypes.create_string_buffer(struct.pack(f"={len(fields)}Q", *fields))
    ruleset = libc.syscall(CREATE_RULESET, attributes, 8 * len(fields), 0)
    if ruleset < 0:
        return False
    read = READ_FILE | READ_DIR
    for path, rights in [
        *((path, read) for path in readable),
        (scratch, every & ~EXECUTE & ~SPECIAL),
    ]:
        if not path.exists():
            continue
        rights = rights if path.is_dir() else rights & (READ_FILE | WRITE_FILE)
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place))
        failed = libc.syscall(ADD_RULE, ruleset, 1, rule, 0)
        os.close(place)
        if failed:
            return False
    done = libc.syscall(RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return done
