"""The fence around somebody else's code: what Linux lets a process give up for good.

A process can give up rights and never get them back, and needs no privilege for it:

- Landlock (Linux 5.13): no file may be opened but below the folders that are named;
- seccomp: no network, no new process, no look into another process, no change of a file's owner
  or mode, which Landlock does not see;
- capabilities: root without them is a user like any other;
- resource limits: processor time, memory, size of files, number of files.

Where the kernel has not one of these, `fence` says so: whoever grades has to know.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Limits(NamedTuple):
    """Of one question. memory and output in bytes, times in seconds."""

    wall: float = 15.0
    cpu: int = 5
    memory: int = 2 * 2**30
    output: int = 2**20
    files: int = 64


def fence(scratch: Path, readable: Iterable[Path], limits: Limits) -> list[str]:
    """Give up everything but computing, reading `readable` and writing below `scratch`.

    Returns what this system cannot enforce, in words; nothing at all on a recent Linux.
    """
    missing = limit(limits)
    if sys.platform != "linux":
        return [*missing, "the file system", "the network", "new processes"]
    libc = ctypes.CDLL(None, use_errno=True)
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


def limit(limits: Limits) -> list[str]:
    try:
        import resource
    except ImportError:  # Windows
        return ["memory", "processor time"]
    used = 0
    statm = Path("/proc/self/statm")
    if statm.exists():
        used = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
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
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # by version, how many rights there are
LATEST = 5


def landlock(libc: ctypes.CDLL, scratch: Path, readable: Iterable[Path]) -> bool:
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    every = (1 << RIGHTS[min(version, LATEST)]) - 1
    attributes = ctypes.create_string_buffer(struct.pack("=Q", every))
    ruleset = libc.syscall(CREATE_RULESET, attributes, 8, 0)
    if ruleset < 0:
        return False
    read = READ_FILE | READ_DIR
    for path, rights in [*((path, read) for path in readable), (scratch, every & ~EXECUTE)]:
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


# ---------------------------------------------------------------------- seccomp

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000  # REFUSE | errno
EPERM, ENOSYS = 1, 38
CLONE_THREAD = 0x10000
LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER, JUMP_IF_SET, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
HIGHEST = 0x3FFFFFFF  # above it x86_64 has the same calls once more, for 32-bit pointers
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data

# What an architecture calls: its audit number, the numbers of clone and clone3, and of what is
# refused: sockets, new programs and processes, a look into others, kernel interfaces that nobody
# who computes needs, and signals to anybody.
SYSCALLS = {
    "x86_64": (0xC000003E, 56, 435, {
        "socket": 41, "connect": 42, "sendto": 44, "bind": 49, "listen": 50, "socketpair": 53,
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "kill": 62, "tkill": 200,
        "tgkill": 234, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424, "unshare": 272,
        "setns": 308, "mount": 165, "bpf": 321, "io_uring_setup": 425, "userfaultfd": 323,
        "keyctl": 250, "add_key": 248, "perf_event_open": 298, "setpriority": 141,
        "prlimit64": 302, "setrlimit": 160, "setsid": 112, "setpgid": 109, "memfd_create": 319,
        "shmget": 29, "shmat": 30, "msgget": 68, "semget": 64, "mq_open": 240,
        "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "truncate": 76, "chmod": 90,
        "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94,
        "fchownat": 260, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
        "lremovexattr": 198, "fremovexattr": 199, "utime": 132, "utimes": 235, "futimesat": 261,
        "utimensat": 280, "open_by_handle_at": 304, "chroot": 161,
    }),
    "aarch64": (0xC00000B7, 220, 435, {
        "socket": 198, "connect": 203, "sendto": 206, "bind": 200, "listen": 201,
        "socketpair": 199, "execve": 221, "execveat": 281, "kill": 129, "tkill": 130,
        "tgkill": 131, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424, "unshare": 97,
        "setns": 268, "mount": 40, "bpf": 280, "io_uring_setup": 425, "userfaultfd": 282,
        "keyctl": 219, "add_key": 217, "perf_event_open": 241, "setpriority": 140,
        "prlimit64": 261, "setrlimit": 164, "setsid": 157, "setpgid": 154, "memfd_create": 279,
        "shmget": 194, "shmat": 196, "msgget": 186, "semget": 190, "mq_open": 180,
        "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "truncate": 45, "fchmod": 52,
        "fchmodat": 53, "fchmodat2": 452, "fchown": 55, "fchownat": 54, "setxattr": 5,
        "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16,
        "utimensat": 88, "open_by_handle_at": 265, "chroot": 51,
    }),
}  # fmt: skip


def seccomp(libc: ctypes.CDLL) -> bool:
    """Have the kernel refuse these calls from now on. A thread may be made, a process not."""
    if platform.machine() not in SYSCALLS:
        return False
    architecture, clone, clone3, refused = SYSCALLS[platform.machine()]
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_IF_GREATER, 0, 1, HIGHEST),
        (RETURN, 0, 0, REFUSE | ENOSYS),
        (JUMP_IF_EQUAL, 0, 1, clone3),  # its flags cannot be seen; the C library then uses clone
        (RETURN, 0, 0, REFUSE | ENOSYS),
        *(line for n in refused.values() for line in (
            (JUMP_IF_EQUAL, 0, 1, n), (RETURN, 0, 0, REFUSE | EPERM),
        )),
        (JUMP_IF_EQUAL, 0, 3, clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_IF_SET, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, REFUSE | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]  # fmt: skip
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    instructions = ctypes.create_string_buffer(code)
    header = struct.pack("@HP", len(program), ctypes.addressof(instructions))
    filters = ctypes.create_string_buffer(header)
    return libc.prctl(22, 2, filters, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
