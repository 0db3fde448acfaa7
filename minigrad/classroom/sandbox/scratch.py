"""The folder in which a submission may write: its own file system, or one to be cleaned up."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
RECURSIVE, PRIVATE, NO_SUID, NO_DEVICES, NO_EXEC = 1 << 14, 1 << 18, 1 << 1, 1 << 2, 1 << 3
MOST = 1_000  # files and folders


def private(libc: ctypes.CDLL, folder: Path, size: int) -> bool:
    """Mount a file system in memory, of so many bytes, that only this process sees (Linux).

    It is gone with the process, whatever was made in it. False where the kernel does not allow it;
    then what is written goes to `folder`.
    """
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_MOUNTS):  # root may; all others only in a user namespace of their own
        if libc.unshare(NEW_USER | NEW_MOUNTS):
            return False
        try:
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        except OSError:
            return False
    if libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None):
        return False
    options = f"size={size},nr_inodes={MOST},mode=700,uid={user},gid={group}".encode()
    flags = NO_SUID | NO_DEVICES | NO_EXEC
    return libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", flags, options) == 0


def remove(folder: Path) -> None:
    """Remove a folder, however deep the folders in it nest and whatever their modes are.

    Each is moved up beside `folder` before it is emptied: paths do not become too long.
    """
    waiting = [folder]
    made = 0
    while waiting:
        place = waiting.pop()
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(place)):
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry)
                    continue
                os.chmod(entry, 0o700)
                made += 1
                waiting.append(folder.with_name(f"{folder.name}-{made}"))
                os.rename(entry, waiting[-1])
            os.rmdir(place)
