"""Whether the course is sound: references pass, stubs fail, known mistakes get their own hint."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from minigrad.classroom.asking import Outcome, ask, sources
from minigrad.classroom.exercises import solution_lines, stub
from minigrad.classroom.lesson import Lesson
from minigrad.classroom.question import Question
from minigrad.classroom.sandbox.student import Nursery
from minigrad.classroom.submission import Submission

WRONG_EACH, RIGHT_EACH = 5, 2  # at least so many solutions for each exercise


@dataclass
class Audit:
    """Counts, and every problem as a sentence."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by


def audit(lessons: Sequence[Lesson], nursery: Nursery) -> Audit:
    found = Audit()
    for lesson in lessons:
        for problem in problems(lesson, nursery, found):
            found.problems.append(f"lesson {lesson.number}: {problem}")
        found.count("lessons")
    return found


def problems(lesson: Lesson, nursery: Nursery, counts: Audit) -> Iterator[str]:
    exercises = lesson.exercises
    reference = Submission(exercises.text, "exercises.py")
    empty = Submission(stub(exercises.text, exercises.name), "exercises.py")
    for line in sorted(solution_lines(exercises.text, exercises.name)):
        if line in (text.strip() for text in empty.text.split("\n")):
            yield f"the stubs hold a line of a solution: {line}"
    for exercise in exercises:
        questions = lesson.questions_of(exercise.number)
        counts.count("exercises")
        counts.count("questions", len(questions))
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


def known(
    lesson: Lesson, number: str, questions: list[Question], nursery: Nursery, counts: Audit
) -> Iterator[str]:
    """The solutions in wrong/ and right/ of one exercise."""
    for kind, least in (("wrong", WRONG_EACH), ("right", RIGHT_EACH)):
        paths = [
            p
            for p in sorted((lesson.folder / kind).glob("*.py"))
            if header(p)["exercise"] == number
        ]
        counts.count(f"{kind} solutions", len(paths))
        if len(paths) < least:
            yield f"exercise {number} has {len(paths)} {kind} solutions, fewer than {least}"
        for path in paths:
            text = path.read_text(encoding="utf-8")
            texts = [(lesson.exercises.given(number), "given.py"), (text, path.name)]
            outcomes = {q.name: ask(q, texts, nursery) for q in questions}
            if kind == "right":
                for q in questions:
                    if not outcomes[q.name].right:
                        got = summary(outcomes[q.name])
                        yield f"{path.name} is right, and fails {name(q)} ({got})"
            else:
                yield from rejected(path, questions, outcomes)


def rejected(path: Path, questions: list[Question], outcomes: dict[str, Outcome]) -> Iterator[str]:
    """A known-wrong solution must fail its question, and be told its hint there."""
    head = header(path)
    question = next((q for q in questions if q.name == head["fails"]), None)
    if question is None:
        yield f"{path.name}: no question {head['fails']!r} of exercise {head['exercise']}"
        return
    outcome = outcomes[question.name]
    if outcome.right:
        yield f"{path.name} is wrong, and passes {name(question)}"
    elif head["hint"] not in "\n".join([outcome.why, outcome.got, *question.hints]):
        yield f"{path.name} is not told {head['hint']!r} ({summary(outcome)})"


def header(path: Path) -> dict[str, str]:
    """`exercise: 4.2`, `fails: shifted`, `hint: ...` from the docstring of a known solution."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    parts = [line.partition(":") for line in doc.split("\n")]
    found = {key.strip(): value.strip() for key, _, value in parts}
    return {"exercise": "", "fails": "", "hint": "", **found}


def name(q: Question) -> str:
    return f"{q.name} of {q.exercise}"


def summary(outcome: Outcome) -> str:
    parts = [outcome.status, outcome.asked, outcome.got[:300], outcome.expected[:200], outcome.why]
    return "; ".join(part for part in parts if part)
