"""A class of 300 is graded: how long it takes, how much memory, and what a kill changes.

    python -m benchmarks.grading               # about ten minutes at the most; Linux
    python -m benchmarks.grading --kills 5     # then once more, killed at five random moments

The class is made up (grading_class.py), the command is the one that an instructor types:
`minigrad grade` on two processes. Memory is read from /proc, each shared page divided among those
who share it (PSS), as it is added up over processes.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from benchmarks import grading_class
from minigrad.bench.report import Goal, Row, machine, table
from minigrad.classroom.lesson import course, find

DESCRIPTION = "A made-up class is graded: time, memory, and the same once more with kills."
JOBS = 2
MINUTES = 10  # for 300
GROWTH = 1.1  # of the memory, from the first third of the class to the last
PAUSE = 0.5  # seconds between two looks at the memory
PAGE = 1024  # /proc counts in kB


class Sample(NamedTuple):
    """How many students were in the gradebook, and bytes: the grader's, all submissions'."""

    graded: int
    grader: int
    submissions: int


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grading", description=DESCRIPTION)
    parser.add_argument("--students", type=int, default=300, metavar="N")
    parser.add_argument("--lesson", default="4", metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of class and kills")
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="and how often it dies")
    arguments = parser.parse_args()
    if not Path("/proc/self/smaps_rollup").exists():
        raise SystemExit("the memory is read from /proc/PID/smaps_rollup, which only Linux has")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # a run that is killed leaves its scratch folders there
        command = prepare(arguments, Path(folder))
        load = os.getloadavg()[0]
        print(f"{machine(JOBS)}. Load average {load:.1f}; what else runs slows this down.\n")
        print(f"grading {arguments.students} submissions ...", file=sys.stderr, flush=True)
        out = Path(folder, "grades")
        seconds, samples = watched([*command, str(out)], out)
        print(table(rows(arguments.students, seconds, samples), []))
        if not arguments.kills:
            return 0
        print(f"again, killed {arguments.kills} times ...", file=sys.stderr, flush=True)
        again = Path(folder, "again")
        rng = random.Random(arguments.seed)
        moments = [rng.uniform(0, seconds / arguments.kills) for _ in range(arguments.kills)]
        left = killed([*command, str(again)], again, moments)
        differing = list(differences(out, again))
        print(
            f"Killed when {', '.join(map(str, left))} submissions were graded, and started again: "
            f"{len(differing)} files differ from those of the run that nobody disturbed."
        )
        print("\n".join(map(str, differing)))
    return bool(differing)


def prepare(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """The class and its assignment; the command to grade it, but for the folder to write to."""
    lesson = find(course(), arguments.lesson)
    grading_class.hand_in(lesson, arguments.students, arguments.seed, folder / "submissions")
    minigrad = [sys.executable, "-m", "minigrad"]
    build = ["assign", "build", "--lessons", arguments.lesson, "--out", str(folder / "hw")]
    subprocess.run([*minigrad, *build], check=True, stdout=subprocess.DEVNULL)
    return [*minigrad, "grade", str(folder / "submissions"), "--jobs", str(JOBS),
            "--assignment", str(folder / "hw"), "--out"]  # fmt: skip


# ------------------------------------------------------------------ one run


def start(command: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def watched(command: Sequence[str], out: Path) -> tuple[float, list[Sample]]:
    """Seconds until it is done, and what was seen meanwhile."""
    began, samples = time.monotonic(), []
    process = start(command)
    while process.poll() is None:
        samples.append(Sample(graded(out), *memory(process.pid)))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PAUSE)
    if process.returncode:
        raise SystemExit(f"minigrad grade ended with {process.returncode}")
    return time.monotonic() - began, samples


def killed(command: Sequence[str], out: Path, moments: Sequence[float]) -> list[int]:
    """Run it, each time for so long; then to the end. How many were graded at each kill."""
    left = []
    for moment in moments:
        process = start(command)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        left.append(graded(out))
    if code := start(command).wait():
        raise SystemExit(f"minigrad grade ended with {code}")
    return left


def graded(out: Path) -> int:
    """How many students are in the gradebook."""
    with contextlib.suppress(sqlite3.OperationalError):  # not yet there
        book = sqlite3.connect(f"file:{out / 'grades.sqlite'}?mode=ro", uri=True)
        with contextlib.closing(book):
            return book.execute("SELECT count(*) FROM students").fetchone()[0]
    return 0


def differences(one: Path, other: Path) -> Iterator[Path]:
    """The files that are not the same in both folders: gradebook, analysis, reports, results."""
    names = {p.relative_to(f) for f in (one, other) for p in f.rglob("*") if p.is_file()}
    for name in sorted(name for name in names if "sqlite" not in name.name):
        if text(one / name) != text(other / name):
            yield name


def text(path: Path) -> str:
    """Without the time that it took, which Gradescope is told."""
    if not path.exists():
        return ""
    lines = path.read_text(encoding="utf-8").split("\n")
    return "\n".join(line for line in lines if "execution_time" not in line)


# ------------------------------------------------------------------ memory


def memory(pid: int) -> tuple[int, int]:
    """Bytes of the grader's processes, and of those in which submissions run.

    Those are the children of a nursery, the process that has loaded all that they need.
    """
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    own, theirs = 0, 0
    waiting = [(pid, False)]
    while waiting:
        process, is_theirs = waiting.pop()
        size = pss(process)
        own, theirs = (own, theirs + size) if is_theirs else (own + size, theirs)
        below = is_theirs or is_nursery(process)
        waiting += [(child, below) for child in children.get(process, [])]
    return own, theirs


def pss(pid: int) -> int:
    with contextlib.suppress(OSError):  # it is gone
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().split("\n"):
            if line.startswith("Pss:"):
                return int(line.split()[1]) * PAGE
    return 0


def is_nursery(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"sandbox.nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


# ------------------------------------------------------------------ the table


def rows(students: int, seconds: float, samples: Sequence[Sample]) -> list[Row]:
    middle = [s.grader for s in samples if 0 < s.graded < students]
    if not middle:
        raise SystemExit("too few submissions to see how the memory goes")
    third = -(-len(middle) // 3)
    first, last = fmean(middle[:third]), fmean(middle[-third:])
    amounts = [
        (f"{students} submissions, {JOBS} processes", "s", seconds, Goal(60 * MINUTES, "")),
        ("memory of the grader: mean, first third", "bytes", first, None),
        ("memory of the grader: mean, last third", "bytes", last, None),
        ("memory of the grader: last third / first", "", last / first, Goal(GROWTH, "")),
        ("memory of the grader: most", "bytes", max(s.grader for s in samples), None),
        ("memory of the submissions: most at once", "bytes",
         max(s.submissions for s in samples), None),
    ]  # fmt: skip
    return [Row.of_amounts(name, unit, {"minigrad": n}, goal) for name, unit, n, goal in amounts]


if __name__ == "__main__":
    sys.exit(main())
