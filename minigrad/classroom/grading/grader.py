"""Asking a whole class: one submission after the other, each question in a process of its own."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path

from minigrad.classroom.asking import STOPPED, Outcome, ask, sources
from minigrad.classroom.grading.assignment import FILE, Assignment, items, load
from minigrad.classroom.grading.gradebook import Gradebook, Graded
from minigrad.classroom.lesson import Lesson
from minigrad.classroom.question import Question
from minigrad.classroom.sandbox.isolation import die_with_parent
from minigrad.classroom.sandbox.student import Nursery, NurseryGone
from minigrad.classroom.submission import LARGEST, Submission, Unreadable, parse, read

BUDGET = 60.0  # seconds that the questions of one student may take which do not come to an end
AHEAD = 2  # submissions that wait for each process: enough to keep it busy, few in memory


def students(folder: Path) -> dict[str, Path]:
    """The submissions by the student's name: folders, or files of their own."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir() or path.suffix in (".py", ".ipynb"):
            name, stem = (os.fsencode(n).decode("utf-8", "replace") for n in (path.name, path.stem))
            found[name if path.is_dir() or stem in found else stem] = path
    if not found:
        raise FileNotFoundError(
            f"no submissions in {folder}: expected a folder, or a .py or .ipynb file, for each "
            "student"
        )
    return found


def files(path: Path, lesson: Lesson, lessons: Sequence[Lesson]) -> list[Path]:
    """Where a student's exercises of a lesson may be, the most likely place first."""
    if path.is_file():
        return [path]
    folder = path / lesson.folder.name
    places = [folder / "exercises.py", folder / "exercises.ipynb"]
    if len(lessons) == 1:
        places += [path / "exercises.py", path / "exercises.ipynb"]
    inside = [
        Path(where, name)
        for where, _, names in sorted(os.walk(path, followlinks=False))
        for name in ("exercises.py", "exercises.ipynb")
        if name in names
    ]
    places += [p for p in inside if p.parent.name == lesson.folder.name or len(lessons) == 1]
    return [p for p in dict.fromkeys(places) if p.is_file() and not p.is_symlink()]


def handed_in(path: Path, lesson: Lesson, lessons: Sequence[Lesson]) -> Submission:
    """A student's file of a lesson. Raises Unreadable."""
    there = files(path, lesson, lessons)
    if not there:
        raise Unreadable(f"no exercises.py of lesson {lesson.number} ({lesson.folder.name})")
    submission = read(there[0])
    parse(submission.text, submission.name)
    return submission


def digest(path: Path, assignment: Path, lessons: Sequence[Lesson]) -> str:
    """Of all that decides a student's grade: their files, and the assignment's."""
    sums = hashlib.sha256((assignment / FILE).read_bytes())
    for lesson in lessons:
        given = [lesson.folder / name for name in ("checks.py", "exercises.py")]
        for file in (*files(path, lesson, lessons)[:1], *given):
            sums.update(file.name.encode() + b"\0" + beginning(file))
    return sums.hexdigest()


def beginning(file: Path) -> bytes:
    """What is read of a file when it is graded; a file that cannot be read has nothing in it."""
    try:
        with open(file, "rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError:
        return b""


# ---------------------------------------------------------------------- in a process of its own

_judge: tuple[Nursery, Path, Assignment, list[Lesson]] | None = None


def begin(folder: Path) -> None:
    """What each process does once: the assignment is read, a nursery is started."""
    global _judge
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    die_with_parent()
    _judge = (Nursery(), folder, *load(folder))


def grade_one(name: str, path: Path) -> Graded:
    """All questions to one student, twice: on the reference's earlier exercises, on their own."""
    assert _judge is not None
    _, folder, assignment, lessons = _judge
    start = time.monotonic()
    outcomes: dict[tuple[str, bool], Outcome] = {}
    notes = []
    spent = 0.0
    for lesson in lessons:
        try:
            submission = handed_in(path, lesson, lessons)
            reason = ""
        except Unreadable as error:
            submission, reason = None, str(error)
            notes.append(reason)
        for alone in (True, False):
            for item in items([lesson]):
                number = item.question.exercise
                began = time.monotonic()
                if reason:
                    outcome = Outcome(number, item.question.name, STOPPED, why=reason)
                else:
                    assert submission is not None
                    texts = sources(lesson.exercises, submission, number, alone)
                    outcome = asked(item.question, texts, assignment.seed_of(name))
                if outcome.status == STOPPED:
                    spent += time.monotonic() - began
                    if not outcome.loaded or spent > BUDGET:  # the others would wait as long
                        reason = outcome.why
                if alone:  # what it prints there could be of the reference's
                    outcome.printed = ""
                outcomes[item.key, alone] = outcome
    seconds = time.monotonic() - start
    return Graded(name, digest(path, folder, lessons), "; ".join(notes), seconds, outcomes)


def asked(question: Question, texts: list[tuple[str, str]], seed: int) -> Outcome:
    """One question; once more with a new nursery, should the old one be gone."""
    global _judge
    assert _judge is not None
    try:
        return ask(question, texts, _judge[0], seed=seed)
    except NurseryGone:
        _judge = (Nursery(), *_judge[1:])
        return ask(question, texts, _judge[0], seed=seed)


# ---------------------------------------------------------------------- the whole class


def grade(
    submissions: Path, folder: Path, book: Gradebook, jobs: int
) -> Iterator[tuple[str, int, int]]:
    """Grade who is not in the book as they are now; (student, how many are done, of how many).

    folder: the assignment's, with the hidden questions. What has been yielded is in the book.
    """
    _, lessons = load(folder)
    everybody = students(submissions)
    book.forget_all_but(set(everybody))
    todo = [
        (name, path)
        for name, path in everybody.items()
        if book.digest(name) != digest(path, folder, lessons)
    ]
    done = len(everybody) - len(todo)
    yield "", done, len(everybody)
    spawn = multiprocessing.get_context("spawn")
    waiting = iter(todo)
    with ProcessPoolExecutor(jobs, spawn, begin, (folder,)) as pool:
        running = {pool.submit(grade_one, *one) for one in islice(waiting, jobs * AHEAD)}
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                graded = future.result()
                book.add(graded)
                done += 1
                yield graded.student, done, len(everybody)
                running |= {pool.submit(grade_one, *one) for one in islice(waiting, 1)}
