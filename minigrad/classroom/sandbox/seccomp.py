"""Which calls of the kernel are refused to a submission from now on, whatever it does."""

from __future__ import annotations

import ctypes
import platform
import struct

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000  # REFUSE | errno
EPERM, ENOSYS = 1, 38
LOAD, JUMP_IF_EQUAL, JUMP_IF_GREATER, RETURN = 0x20, 0x15, 0x25, 0x06
# The latest call that was looked at (futex_requeue, Linux 6.7). What is newer is not there, for a
# submission; nor are the calls that x86_64 has once more for 32-bit pointers, from 2**30 on.
HIGHEST = 456
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data

# What an architecture calls: its audit number, the number of clone3, and of what is refused:
# sockets, new programs, processes and threads, a look into others or into folders that are being
# used, another pace for somebody else, kernel interfaces that nobody who computes needs, and
# signals to anybody.
SYSCALLS = {
    "x86_64": (0xC000003E, 435, {
        "clone": 56, "sendmsg": 46, "sendmmsg": 307, "setsockopt": 54,
        "sched_setaffinity": 203, "sched_setscheduler": 144, "sched_setparam": 142,
        "sched_setattr": 314, "ioprio_set": 251, "migrate_pages": 256, "move_pages": 279,
        "kcmp": 312, "process_madvise": 440, "process_mrelease": 448, "inotify_init": 253,
        "inotify_init1": 294, "inotify_add_watch": 254, "fanotify_init": 300, "syslog": 103,
        "name_to_handle_at": 303, "memfd_secret": 447,
        "shmctl": 31, "semop": 65, "semctl": 66, "semtimedop": 220, "msgsnd": 69, "msgrcv": 70,
        "msgctl": 71, "mq_unlink": 241, "io_setup": 206,
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
    "aarch64": (0xC00000B7, 435, {
        "clone": 220, "sendmsg": 211, "sendmmsg": 269, "setsockopt": 208,
        "sched_setaffinity": 122, "sched_setscheduler": 119, "sched_setparam": 118,
        "sched_setattr": 274, "ioprio_set": 30, "migrate_pages": 238, "move_pages": 239,
        "kcmp": 272, "process_madvise": 440, "process_mrelease": 448, "inotify_init1": 26,
        "inotify_add_watch": 27, "fanotify_init": 262, "syslog": 116, "name_to_handle_at": 264,
        "memfd_secret": 447, "shmctl": 195, "semop": 193, "semctl": 191, "semtimedop": 192,
        "msgsnd": 189, "msgrcv": 188, "msgctl": 187, "mq_unlink": 181, "io_setup": 0,
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


# Calls of which some values of one argument are refused: a signal that comes by itself when a file
# is written to, for any process or group; a file's flags; and to live on when the grader has died.
F_SETOWN, F_SETSIG, F_SETOWN_EX = 8, 10, 15
FIOSETOWN, SIOCSPGRP = 0x8901, 0x8902
SET_FLAGS, SET_VERSION, SET_ATTRIBUTES = 0x40086602, 0x40087602, 0x401C5820  # of a file
IOCTLS = (FIOSETOWN, SIOCSPGRP, SET_FLAGS, SET_VERSION, SET_ATTRIBUTES)
PR_SET_PDEATHSIG = 1
VALUES = (
    ({"x86_64": 72, "aarch64": 25}, 1, (F_SETOWN, F_SETSIG, F_SETOWN_EX)),  # fcntl
    ({"x86_64": 16, "aarch64": 29}, 1, IOCTLS),  # ioctl
    ({"x86_64": 157, "aarch64": 167}, 0, (PR_SET_PDEATHSIG,)),  # prctl
)


def seccomp(libc: ctypes.CDLL) -> bool:
    """Have the kernel refuse these calls from now on."""
    machine = platform.machine()
    if machine not in SYSCALLS:
        return False
    architecture, clone3, refused = SYSCALLS[machine]
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_IF_GREATER, 0, 1, HIGHEST),
        (RETURN, 0, 0, REFUSE | ENOSYS),
        (JUMP_IF_EQUAL, 0, 1, clone3),  # the C library then uses clone
        (RETURN, 0, 0, REFUSE | ENOSYS),
    ]
    for number in refused.values():
        program += [(JUMP_IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE | EPERM)]
    for numbers, argument, values in VALUES:
        program += [
            (JUMP_IF_EQUAL, 0, 2 + 2 * len(values), numbers[machine]),
            (LOAD, 0, 0, FIRST_ARGUMENT + 8 * argument),
        ]
        for value in values:
            program += [(JUMP_IF_EQUAL, 0, 1, value), (RETURN, 0, 0, REFUSE | EPERM)]
        program.append((RETURN, 0, 0, ALLOW))
    program.append((RETURN, 0, 0, ALLOW))
    code = b"".join(struct.pack("=HBBI", *line) for line in program)
    instructions = ctypes.create_string_buffer(code)
    header = struct.pack("@HP", len(program), ctypes.addressof(instructions))
    filters = ctypes.create_string_buffer(header)
    return libc.prctl(22, 2, filters, 0, 0) == 0  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
