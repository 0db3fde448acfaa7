"""Asking a whole class: one submission after the other, each question in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from minigrad.classroom.asking import STOPPED, Outcome, ask, sources
from minigrad.classroom.grading.assignment import Assignment, items, load
from minigrad.classroom.grading.gradebook import Gradebook, Graded
from minigrad.classroom.grading.handed_in import digest, handed_in, students
from minigrad.classroom.lesson import Lesson
from minigrad.classroom.question import Question
from minigrad.classroom.sandbox.isolation import die_with_parent
from minigrad.classroom.sandbox.remote import printable
from minigrad.classroom.sandbox.starting import Nursery, NurseryGone
from minigrad.classroom.sandbox.student import Student
from minigrad.classroom.submission import Unreadable

BUDGET = 60.0  # seconds that a student's questions may take which are not answered right
AHEAD = 2  # submissions that wait for each process: enough to keep it busy, few in memory
SLOW = f"the answers that were not right took more than {BUDGET:g} s; no more was asked"
FATAL = "the grader's process did not survive it"


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
            submission, reason = None, printable(str(error))[:500]
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
                if not outcome.right and not reason:
                    spent += time.monotonic() - began
                    if outcome.status == STOPPED and not outcome.loaded:
                        reason = outcome.why  # the others would wait as long
                    elif spent > BUDGET:
                        reason = SLOW
                if alone:  # what it prints there could be of the reference's
                    outcome.printed = ""
                outcomes[item.key, alone] = outcome
    seconds = time.monotonic() - start
    return Graded(name, digest(path, folder, lessons), "; ".join(notes), seconds, outcomes)


def asked(question: Question, texts: list[tuple[str, str]], seed: int) -> Outcome:
    """One question; once more with a new nursery, should the old one be gone."""
    global _judge
    assert _judge is not None
    for _ in range(2):
        try:
            return ask(question, texts, _judge[0], seed=seed)
        except NurseryGone:
            _judge[0].close()
            _judge = (Nursery(), *_judge[1:])
    with Student(_judge[0], []):  # raises, if it is this machine that cannot start a process
        pass
    return Outcome(question.exercise, question.name, STOPPED, why="it ended what starts it")


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
    todo = deque(
        (name, path)
        for name, path in everybody.items()
        if book.digest(name) != digest(path, folder, lessons)
    )
    done = len(everybody) - len(todo)
    yield "", done, len(everybody)
    while todo:
        for graded in by_several(todo, folder, jobs):
            book.add(graded)
            done += 1
            yield graded.student, done, len(everybody)


def pool(folder: Path, jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), begin, (folder,))


def by_several(todo: deque[tuple[str, Path]], folder: Path, jobs: int) -> Iterator[Graded]:
    """Those that are taken from `todo`; all of them, unless a process that judges dies.

    Then who was being graded is graded each in a process of their own.
    """
    running: dict[Future[Graded], tuple[str, Path]] = {}
    try:
        with pool(folder, jobs) as processes:
            while todo or running:
                while todo and len(running) < jobs * AHEAD:
                    running[processes.submit(grade_one, *todo[0])] = todo[0]
                    todo.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    graded = future.result()
                    del running[future]
                    yield graded
    except BrokenProcessPool:
        for name, path in running.values():
            yield by_one(name, path, folder)


def by_one(name: str, path: Path, folder: Path) -> Graded:
    """Without points for who ends the process that judges."""
    with pool(folder, 1) as process:
        process.submit(len, ()).result()  # raises, if it is this machine that cannot judge
        with contextlib.suppress(BrokenProcessPool):
            return process.submit(grade_one, name, path).result()
    _, lessons = load(folder)
    outcomes = {
        (item.key, alone): Outcome(item.question.exercise, item.question.name, STOPPED, why=FATAL)
        for item in items(lessons)
        for alone in (True, False)
    }
    return Graded(name, digest(path, folder, lessons), FATAL, 0.0, outcomes)
