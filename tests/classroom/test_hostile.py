"""Submissions that do not end, end too early, or do not load: each gets what it deserves."""

from __future__ import annotations

import os
import tempfile
import time

import pytest

from minigrad.classroom.asking import RAISED, STOPPED, WRONG
from tests.classroom.hostile import GOOD, LIMITS, body, outcome

pytestmark = pytest.mark.usefixtures("the_next_one_is_graded")

ENDLESS = {
    "loop": "while True: pass",
    "sleep": "time.sleep(100)",
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
    "memory that is mapped": ("import mmap\nm = [mmap.mmap(-1, 2**28) for _ in range(9)]", RAISED),
    "a thread": ("threading.Thread(target=time.sleep, args=(9,)).start()", RAISED),
}


@pytest.mark.parametrize(("source", "status"), ENDED.values(), ids=list(ENDED))
def test_an_end_of_its_own(nursery, source, status):
    found = outcome(nursery, body(source))
    assert found.status == status, found


WRITES = {
    "a disk full of files": "for i in range(10**6): open(str(i), 'wb').write(bytes(10**6))",
    "a million empty files": "for i in range(10**6): open(str(i), 'w').close()",
    "folders without a bottom": "while True:\n    os.mkdir('d')\n    os.chdir('d')",
    "a folder that is closed": "os.mkdir('d', 0)\nos.listdir('d')",
}


@pytest.mark.parametrize("source", WRITES.values(), ids=list(WRITES))
def test_what_it_writes_is_bounded_and_gone(nursery, source, tmp_path, monkeypatch):
    """By a file system of its own; without one, by its time."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = outcome(nursery, body(source))
    assert found.status in (RAISED, STOPPED, WRONG), found
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("then", ["return 2 * x", "return x", "os._exit(0)", "while True: pass"])
def test_what_it_printed_is_told(nursery, then):
    assert outcome(nursery, body(f"print('here')\n{then}")).printed == "here\n"


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
