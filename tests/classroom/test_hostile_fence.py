"""Submissions that reach for what is not theirs: files, processes, the network, memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from minigrad.classroom.asking import RAISED
from minigrad.classroom.question import holds
from minigrad.classroom.sandbox.scratch import remove
from minigrad.classroom.sandbox.student import not_fenced
from tests.classroom.hostile import body, outcome

pytestmark = pytest.mark.usefixtures("the_next_one_is_graded")

needs_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux can fence a process in"
)


@needs_linux
def test_nothing_is_missing_from_the_fence():
    missing = not_fenced()
    if missing == ["how much it writes"]:
        pytest.skip("this system allows no file system of one's own (in a container, most often)")
    assert missing == []


C_CALL = """
def c_call(name, *args):
    import ctypes
    found = getattr(ctypes.CDLL(None, use_errno=True), name)(*args)
    if found < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
"""
FORBIDDEN = {
    "fork": "os.fork()",
    "fork bomb": "while True: os.fork()",
    "a process": "import subprocess\nsubprocess.run(['true'])",
    "system": "if os.system('true'): raise PermissionError",
    "exec": "os.execv('/bin/true', ['true'])",
    "a socket": "import socket\nsocket.socket()",
    "a name server": "import socket\nsocket.getaddrinfo('www.example.org', 80)",
    "the parent's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "its own /proc": "open('/proc/self/environ')",
    "kill the parent": "os.kill(os.getppid(), 9)",
    "kill its group": "os.killpg(0, 9)",
    "a folder": "os.listdir('/')",
    "the temporary folder": "os.listdir('/tmp')",
    "a password file": "open('/etc/passwd')",
    "write elsewhere": "open('/tmp/harm', 'w')",
    "write into the library": "import minigrad\nopen(minigrad.__file__, 'a')",
    "up from the scratch folder": "open('../harm', 'w')",
    "a link out": "os.symlink('/etc/passwd', 'link')\nopen('link')",
    "the solutions": "open(LESSONS)",
    "cut a file": "os.truncate(LESSONS, 0)",
    "a file's mode": "os.chmod(LESSONS, 0o777)",
    "a file's owner": "os.chown(LESSONS, 1, 1)",
    "a file's time": "os.utime(LESSONS)",
    "another root": "os.chroot('.')",
    "the host's name": "socket_ = __import__('socket')\nsocket_.sethostname('x')",
    "restart the machine": "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "if libc.reboot(0): raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))",
    "more limits": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (100, 100))",
    "another user": "try: os.setuid(0)\nexcept OSError: pass\nopen('/etc/shadow')",
    "a signal by a file": "import fcntl\nfcntl.fcntl(3, fcntl.F_SETOWN, os.getppid())",
    "a deadly one": "import fcntl\nfcntl.fcntl(3, 10, signal.SIGKILL)",
    "a signal by ioctl": "import fcntl\nfcntl.ioctl(3, 0x8901, b'\\1\\0\\0\\0')",
    "another pace for the parent": "os.sched_setaffinity(os.getppid(), {0})",
    "the parent idle": "os.sched_setscheduler(os.getppid(), 5, os.sched_param(0))",
    "to outlive the grader": "c_call('prctl', 1, 0, 0, 0, 0)",
    "to watch a folder": "c_call('inotify_add_watch', c_call('inotify_init1', 0), b'/tmp', 4095)",
    "a message with files": "import socket\ns = socket.socket(fileno=os.dup(3))\n"
    "socket.send_fds(s, [b'x'], [0])",
    "an attribute, by a call of 2025": "c_call('syscall', 463, -100, LESSONS.encode(), 0, 0, 0, 0)",
    "a file's flags": "import fcntl\nf = open(np.__file__)\nfcntl.ioctl(f, 0x40086602, b'\\0' * 8)",
    "somebody's shared memory": "c_call('shmctl', 0, 0, 0)",
    "somebody's queue": "c_call('mq_unlink', b'/queue')",
    "a pipe with a name": "os.mkfifo('fifo')",
    "a device": "os.mknod('device', 0o20600)",
    "a file system": "c_call('unshare', 0x10020000)",
    "a link to a folder": "os.symlink('/', 'link')",
    "shared memory": "from multiprocessing import shared_memory as s\n"
    "s.SharedMemory('m', True, 10)",
}


@needs_linux
@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_what_is_forbidden_raises(nursery, source):
    lessons = Path(__file__).parents[2] / "lessons" / "README.md"
    given = f"LESSONS = {str(lessons)!r}\n{C_CALL}"
    found = outcome(nursery, given + body(source + "\nreturn 2 * x"))
    assert found.status == RAISED, found
    assert any(
        word in found.got
        for word in ("ermission", "not permitted", "not allowed", "resolution", "not implemented")
    ), found
    assert not Path("/tmp/harm").exists()


@needs_linux
def test_the_environment_holds_nothing(nursery, monkeypatch):
    monkeypatch.setenv("SECRET", "hidden")
    found = outcome(nursery, body("raise ValueError(str(dict(os.environ)))"))
    assert "SECRET" not in found.got
    assert "PATH" in found.got


def test_nothing_of_the_judge_is_in_its_memory(nursery):
    lines = "import gc\nreturn len([o for o in gc.get_objects() if 'Question' in type(o).__name__])"

    def counted(student, rng):
        holds(student.double(1.0) == 0, "no question in memory")

    assert outcome(nursery, body(lines), counted).right


def test_nothing_is_left_in_the_scratch_folder_or_running(nursery, tmp_path):
    seen = []

    def looked(student, rng):
        seen.append((student._scratch, student._pid))
        student.double(np.ones(2))

    outcome(nursery, body("open('a.txt', 'w').write('x')\nos.mkdir('b')\nreturn x"), looked)
    ((scratch, pid),) = seen
    assert not scratch.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_is_left_in_a_folder_is_removed(tmp_path):
    """Where it cannot have a file system of its own: deep, not to be entered, with links out."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "out").symlink_to(kept)
    (scratch / "closed" / "inside").mkdir(parents=True)
    (scratch / "closed").chmod(0)
    here = os.getcwd()
    try:
        os.chdir(scratch)
        for _ in range(1500):
            os.mkdir("deep")
            os.chdir("deep")
    finally:
        os.chdir(here)
    remove(scratch)
    assert os.listdir(tmp_path) == ["kept"]
    assert os.listdir(kept) == ["file"]


@needs_linux
def test_what_it_writes_is_seen_by_nobody(nursery):
    """So the judge opens nothing that a submission has made."""
    seen = []

    def looked(student, rng):
        student.double(np.ones(2))
        seen.append(os.listdir(student._scratch))

    if not_fenced():
        pytest.skip("this system allows no file system of one's own")
    outcome(nursery, body("open('a.txt', 'w').write('x')\nreturn x"), looked)
    assert seen == [[]]
