"""Submissions that do harm, lie, or break: each gets what it deserves, the next is graded."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from minigrad.classroom.asking import RAISED, RIGHT, STOPPED, WRONG, ask
from minigrad.classroom.question import Question, holds, same
from minigrad.classroom.sandbox.isolation import Limits
from minigrad.classroom.sandbox.student import Nursery, not_fenced

LINUX = sys.platform == "linux"
LIMITS = Limits(wall=3, cpu=1, memory=2**29)
GOOD = "def double(x):\n    return 2 * x\n"


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as nursery:
        yield nursery


def doubled(student, rng):
    x = rng.standard_normal(5)
    same(student.double(x), 2 * x, "double(x)")


def outcome(nursery, source, question=doubled, limits=LIMITS):
    return ask(
        Question("1.1", question.__name__, "2 x", question), [(source, "exercises.py")], nursery,
        limits=limits,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _the_next_one_is_graded(nursery):
    """After each of them a good submission still gets its point."""
    yield
    assert outcome(nursery, GOOD).status == RIGHT


def body(lines: str) -> str:
    """A submission whose `double` runs these lines."""
    indented = "\n".join("    " + line for line in lines.strip().split("\n"))
    return (
        f"import os, sys, time, signal, threading\nimport numpy as np\ndef double(x):\n{indented}\n"
    )


ENDLESS = {
    "loop": "while True: pass",
    "sleep": "time.sleep(100)",
    "thread that computes": "threading.Thread(target=lambda: sum(iter(int, 1))).start()\n"
    "while True: pass",
    "signal handlers": "for s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n"
    "    except Exception: pass\nwhile True: pass",
    "regular expression": "import re\nre.match('(a+)+b', 'a' * 50)",
    "large power": "return 9 ** 9 ** 9",
    "deadlock": "lock = threading.Lock()\nlock.acquire()\nlock.acquire()",
    "swallows every exception": "while True:\n    try:\n        while True: pass\n"
    "    except BaseException: pass",
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=list(ENDLESS))
def test_without_end(nursery, source):
    start = time.monotonic()
    found = outcome(nursery, body(source), limits=LIMITS._replace(wall=1.5))
    assert found.status == STOPPED, found
    assert "processor time" in found.why or "no answer within" in found.why
    assert time.monotonic() - start < 5


ENDED = {
    "sys.exit(0)": ("sys.exit(0)", RAISED),
    "raise SystemExit": ("raise SystemExit", RAISED),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", RAISED),
    "os._exit(0)": ("os._exit(0)", STOPPED),
    "abort": ("os.abort()", STOPPED),
    "null pointer": ("import ctypes\nctypes.string_at(0)", STOPPED),
    "recursion": ("return double(x)", RAISED),
    "deep recursion": ("sys.setrecursionlimit(10**9)\nreturn double(x)", STOPPED),
    "reads the pipe": ("sys.stdin.read()\nos.read(3, 1)", RAISED),
    "closes the pipe": ("os.close(3)", STOPPED),
    "closes every file": ("os.closerange(0, 100)", STOPPED),
    "writes to the pipe": ("os.write(3, b'x' * 1000)", STOPPED),
    "a header of gigabytes": ("os.write(3, b'\\xff' * 16)", STOPPED),
    "JSON that is none": (
        "os.write(3, (5).to_bytes(8, 'little') + bytes(8) + b'{\"a\":')",
        STOPPED,
    ),
    "memory": ("y = [x]\nwhile True: y = y + y", RAISED),
    "memory of arrays": ("return np.ones(10**10)", RAISED),
}


@pytest.mark.parametrize(("source", "status"), ENDED.values(), ids=list(ENDED))
def test_an_end_of_its_own(nursery, source, status):
    found = outcome(nursery, body(source))
    assert found.status == status, found


class_of_lies = """
class Lie:
    dtype, shape, ndim, size = np.dtype(float), (5,), 1, 5
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __le__(self, other): return True
    def __bool__(self): return True
    def __sub__(self, other): return 0 * other
    def __abs__(self): return 0
    def __array__(self, *args, **kwargs): return np.zeros(5)
    def __float__(self): return 0.0
    def __len__(self): return 5
    def __reduce__(self): return os.system, ("touch harm",)
return Lie()
"""
WRONG_ANSWERS = {
    "lies about equality": class_of_lies,
    "an array that lies": "class A(np.ndarray):\n    def __eq__(self, o): return True\n"
    "return np.zeros(5).view(A)",
    "NaN": "return x * np.nan",
    "None": "return None",
    "text": "return '2 x'",
    "a list in itself": "y = []\ny.append(y)\nreturn y",
    "an array of objects": "return np.array([print, None, 1, 2, 3])",
    "a generator": "return (2 * v for v in x)",
    "a function": "return lambda: x",
    "the wrong shape": "return 2 * x[:, None]",
    "a huge number": "return 10 ** 5000",
    "letters": "return np.array(['a'] * 5)",
    "dates": "return x.astype('datetime64[s]')",
    "a huge array": "return np.zeros(2**24)",
    "its input, changed": "x *= 3\nreturn x",
    "a dict": "return {'x': x}",
    "prints a result": "print('{\"score\": 100}')\nprint('ok: 1 of 1 right')\nreturn x",
    "a name of its own": "return type('ndarray', (), {})()",
}


UNSENDABLE = ("lists more than", "digits", "bytes; the most is")


@pytest.mark.parametrize("source", WRONG_ANSWERS.values(), ids=list(WRONG_ANSWERS))
def test_an_answer_that_is_not_right(nursery, source):
    found = outcome(nursery, body(source))
    assert found.status in (WRONG, RAISED), found
    assert found.status == WRONG or any(words in found.got for words in UNSENDABLE), found


def test_an_exception_whose_text_raises(nursery):
    source = "class E(Exception):\n    def __str__(self): raise ValueError\n" + body("raise E")
    found = outcome(nursery, source)
    assert (found.status, found.got) == (RAISED, "E: (its text cannot be made)")


def test_escape_sequences_do_not_reach_the_terminal(nursery):
    found = outcome(nursery, body("print('\\x1b]0;owned\\x07')\nraise ValueError('\\x1b[2Jgone')"))
    assert "\x1b" not in found.got + found.printed
    assert "gone" in found.got


def test_output_without_end_is_cut(nursery):
    found = outcome(nursery, body("for _ in range(10**5):\n    print('x' * 10**5)\nreturn 2 * x"))
    assert found.status == RAISED
    assert len(found.printed) <= 4_000


REPLACED = {
    "numpy.testing": "np.testing.assert_allclose = lambda *a, **k: None",
    "np.isclose": "np.isclose = lambda *a, **k: np.True_",
    "gradcheck": "import minigrad\nminigrad.gradcheck = lambda *a, **k: True",
    "minigrad": "sys.modules['minigrad'] = None",
    "the judge's module": "import minigrad.classroom.question as q\nq.same = lambda *a, **k: None",
    "builtins": "import builtins as b\nb.isinstance = lambda *a: True\nb.abs = lambda x: 0",
    "the worker": "import minigrad.classroom.sandbox.worker as w\nw.Worker.reply = "
    "lambda self, request: {'value': np.zeros(5)}",
    "the wire": "import minigrad.classroom.sandbox.wire as w\nw.dump = lambda *a: b''",
    "pickle": "import pickle\npickle.loads = lambda *a: 0",
}


@pytest.mark.parametrize("source", REPLACED.values(), ids=list(REPLACED))
def test_what_is_replaced_over_there_is_not_replaced_here(nursery, source):
    found = outcome(nursery, body(source + "\nreturn 3 * x"))
    assert not found.right


needs_linux = pytest.mark.skipif(not LINUX, reason="only Linux can fence a process in")


@needs_linux
def test_nothing_is_missing_from_the_fence():
    assert not_fenced() == []


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
    "another user": "os.setuid(0)\nopen('/etc/shadow')",
    "shared memory": "from multiprocessing import shared_memory as s\n"
    "s.SharedMemory('m', True, 10)",
}


@needs_linux
@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=list(FORBIDDEN))
def test_what_is_forbidden_raises(nursery, source):
    lessons = Path(__file__).parents[2] / "lessons" / "README.md"
    found = outcome(nursery, f"LESSONS = {str(lessons)!r}\n" + body(source + "\nreturn 2 * x"))
    assert found.status == RAISED, found
    assert any(
        word in found.got for word in ("ermission", "not permitted", "not allowed", "resolution")
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


def test_each_question_finds_a_new_process(nursery):
    source = "n = 0\ndef double(x):\n    global n\n    n += 1\n    return n * x\n"

    def counted(student, rng):
        same(student.double(1.0), 1.0, "the first call")

    assert outcome(nursery, source, counted).right
    assert outcome(nursery, source, counted).right


LOADED = {
    "a loop": ("while True: pass", STOPPED),
    "an exit": ("import sys\nsys.exit(0)", RAISED),
    "a syntax error": ("def double(x) return x", RAISED),
    "another import": ("import no_such_module", RAISED),
    "no such name": ("def triple(x): return x", RAISED),
    "nothing": ("", RAISED),
    "a zero byte": ("x = 1\0", RAISED),
    "brackets": ("(" * 5000, RAISED),
    "minuses": ("x = " + "-" * 10**5 + "1", RAISED),
    "a reassigned name": (GOOD + "double = None", WRONG),
}


@pytest.mark.parametrize(("source", "status"), LOADED.values(), ids=list(LOADED))
def test_a_file_that_does_not_load(nursery, source, status):
    found = outcome(nursery, source, limits=LIMITS._replace(wall=1.5))
    assert found.status == status, found


WRONG_KINDS = {
    "truth values": "return np.ones(100, bool)",
    "complex": "return np.ones(100, complex)",
    "nothing": "return None",
    "a dict": "return {'\\x1b[2J': [x] * 3}",
    "lists in lists": "y = [x]\nfor _ in range(40): y = [y]\nreturn y",
    "a name that moves the cursor": "return type('\\x1b[2J', (), {})()",
}


@pytest.mark.parametrize("lines", WRONG_KINDS.values(), ids=list(WRONG_KINDS))
def test_what_cannot_be_used_is_shown(nursery, lines):
    def unpacked(student, rng):
        value, pullback = student.double(rng.standard_normal(3))
        same(pullback(value), value, "the pullback")

    for question in (unpacked, doubled):
        found = outcome(nursery, body(lines), question)
        assert found.status in (WRONG, RAISED)
        assert "double(" in found.asked
        assert found.got
        assert "\x1b" not in found.got + found.asked + found.why
