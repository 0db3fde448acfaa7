"""Whether the course is sound: references pass, stubs fail, known mistakes get their own hint."""

from __future__ import annotations

import doctest
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from minigrad.classroom.asking import Outcome, ask, sources
from minigrad.classroom.exercises import stub
from minigrad.classroom.grading import bundles
from minigrad.classroom.grading.assignment import Assignment
from minigrad.classroom.lesson import Known, Lesson, course, find
from minigrad.classroom.question import Question
from minigrad.classroom.references import dangling, too_early
from minigrad.classroom.sandbox.starting import Nursery
from minigrad.classroom.submission import Submission

WRONG_EACH, RIGHT_EACH = 5, 2  # at least so many solutions for each exercise
LONGEST = 60  # seconds that a lesson may take


@dataclass
class Audit:
    """Counts, and every problem as a sentence."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by


def audit(lessons: Sequence[Lesson], jobs: int = 2) -> Audit:
    """Of these lessons of one course, several at a time."""
    found = Audit()
    spawn = multiprocessing.get_context("spawn")
    longest_first = sorted(lessons, key=lambda lesson: -len(lesson.questions))
    with ProcessPoolExecutor(jobs, spawn) as pool:
        roots = [lesson.folder.parent for lesson in longest_first]
        numbers = [lesson.number for lesson in longest_first]
        by_lesson = dict(zip(numbers, pool.map(audit_one, roots, numbers), strict=True))
    for number in sorted(by_lesson):
        for what, count in by_lesson[number].counts.items():
            found.count(what, count)
        found.problems += by_lesson[number].problems
    found.problems += leaks(lessons)
    return found


def audit_one(root: Path, number: int) -> Audit:
    found = Audit()
    every = course(root)
    lesson = find(every, str(number))
    before = [other for other in every if other.number < number]
    with Nursery() as nursery:
        for problem in (
            *problems(lesson, nursery, found), *runs(lesson), *examples(lesson),
            *dangling(lesson), *too_early(lesson, before),
        ):  # fmt: skip
            found.problems.append(f"lesson {lesson.number}: {problem}")
    found.count("lessons")
    return found


def problems(lesson: Lesson, nursery: Nursery, counts: Audit) -> Iterator[str]:
    exercises = lesson.exercises
    reference = Submission(exercises.text, "exercises.py")
    empty = Submission(stub(exercises.text, exercises.name), "exercises.py")
    for exercise in exercises:
        questions = lesson.questions_of(exercise.number)
        counts.count("exercises")
        counts.count("questions", len(questions))
        counts.count("of them hidden", sum(q.hidden for q in questions))
        if not questions:
            yield f"exercise {exercise.number} has no question"
        for q in questions:
            for alone in (False, True):
                texts = sources(exercises, reference, exercise.number, alone)
                outcome = ask(q, texts, nursery)
                if not outcome.right:
                    yield f"the reference fails {name(q)} ({summary(outcome)})"
        on_stub = [
            ask(q, sources(exercises, empty, exercise.number, True), nursery) for q in questions
        ]
        if questions and all(o.right for o in on_stub):
            yield f"the stub of exercise {exercise.number} passes all its questions"
        yield from known(lesson, exercise.number, questions, nursery, counts)
        yield from hidden(lesson, exercise.number, questions, nursery)


def hidden(
    lesson: Lesson, number: str, questions: list[Question], nursery: Nursery
) -> Iterator[str]:
    """Whether the grader asks more than the student was shown, and what that is good for."""
    visible = [q for q in questions if not q.hidden]
    if not visible:
        yield f"exercise {number} has no question that a student may ask"
    if len(visible) == len(questions):
        yield f"exercise {number} has no hidden question"
    fitted = {  # to the visible questions
        solution.fails
        for solution in lesson.known("wrong", number)
        if solution.fails not in {q.name for q in visible}
        and all(ask(q, on_reference(lesson, solution), nursery).right for q in visible)
    }
    for q in questions:
        if q.hidden and q.name not in fitted:
            yield f"{name(q)} is hidden, and nothing in wrong/ passes all but it"


def leaks(lessons: Sequence[Lesson]) -> Iterator[str]:
    """Whether what students would be handed out, all at once, holds a line of a solution."""
    numbers = tuple(lesson.number for lesson in lessons)
    with tempfile.TemporaryDirectory() as folder:
        try:
            bundles.for_students(lessons, Assignment("audit", numbers), Path(folder))
            bundles.verify(lessons, Path(folder))
        except bundles.Leak as error:
            yield str(error)


def runs(lesson: Lesson) -> Iterator[str]:
    """Whether the text runs to its end, in its time, in a process of its own.

    On one core: others are audited beside it, and threads that wait for each other take long.
    """
    start = time.monotonic()
    command = [sys.executable, "-m", "minigrad.classroom.running", str(lesson.folder / "lesson.py")]
    one_each = dict.fromkeys(("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | one_each
    )
    if done.returncode:
        yield f"lesson.py does not run to its end: {done.stderr.strip()[-1500:]}"
    elif time.monotonic() - start > LONGEST:
        yield f"lesson.py takes {time.monotonic() - start:.0f} s; {LONGEST} s are allowed"


def examples(lesson: Lesson) -> Iterator[str]:
    """Whether the examples in the docstrings of the reference come out."""
    module: dict[str, Any] = {"__name__": "exercises"}
    exec(compile(lesson.exercises.text, lesson.exercises.name, "exec"), module)
    runner = doctest.DocTestRunner(verbose=False)
    for e in lesson.exercises:
        tests = [
            test
            for name in sorted(e.names)
            for test in doctest.DocTestFinder().find(module[name], name, globs=module)
        ]
        said: list[str] = []
        for test in tests:
            runner.run(test, out=said.append)
        if not any(test.examples for test in tests):
            yield f"exercise {e.number} shows no example in its docstring"
        if said:
            yield f"an example of exercise {e.number} does not come out: {''.join(said)[-600:]}"


def known(
    lesson: Lesson, number: str, questions: list[Question], nursery: Nursery, counts: Audit
) -> Iterator[str]:
    """The solutions in wrong/ and right/ of one exercise."""
    for kind, least in (("wrong", WRONG_EACH), ("right", RIGHT_EACH)):
        solutions = lesson.known(kind, number)
        counts.count(f"{kind} solutions", len(solutions))
        if len(solutions) < least:
            yield f"exercise {number} has {len(solutions)} {kind} solutions, fewer than {least}"
        for solution in solutions:
            if kind == "wrong":
                yield from rejected(lesson, solution, questions, nursery)
                continue
            for q in questions:
                outcome = ask(q, on_reference(lesson, solution), nursery)
                if not outcome.right:
                    yield f"{solution.name} is right, and fails {name(q)} ({summary(outcome)})"


def on_reference(lesson: Lesson, solution: Known) -> list[tuple[str, str]]:
    """The sources of a solution in wrong/ or right/, on the reference's earlier exercises."""
    given = lesson.exercises.given(solution.exercise)
    return [(given, "given.py"), (solution.text, solution.name)]


def rejected(
    lesson: Lesson, solution: Known, questions: list[Question], nursery: Nursery
) -> Iterator[str]:
    """A known-wrong solution must fail its question, and be told its hint there."""
    question = next((q for q in questions if q.name == solution.fails), None)
    if question is None:
        yield f"{solution.name}: {solution.exercise} has no question {solution.fails!r}"
        return
    outcome = ask(question, on_reference(lesson, solution), nursery)
    if outcome.right:
        yield f"{solution.name} is wrong, and passes {name(question)}"
    elif solution.hint not in "\n".join([outcome.why, outcome.got, *question.hints]):
        yield f"{solution.name} is not told {solution.hint!r} ({summary(outcome)})"


def name(q: Question) -> str:
    return f"{q.name} of {q.exercise}"


def summary(outcome: Outcome) -> str:
    parts = [outcome.status, outcome.asked, outcome.got[:300], outcome.expected[:200], outcome.why]
    return "; ".join(part for part in parts if part)
