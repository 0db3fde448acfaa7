"""One question asked of one submission, and what came of it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigrad.classroom.exercises import Exercises
from minigrad.classroom.question import Question, Wrong
from minigrad.classroom.sandbox.isolation import Limits
from minigrad.classroom.sandbox.student import Nursery, Raised, Stopped, Student
from minigrad.classroom.submission import Submission

RIGHT, WRONG, UNWRITTEN, RAISED, STOPPED = "right", "wrong", "not written", "raised", "stopped"


@dataclass
class Outcome:
    """What came of a question. status: one of the five above; the rest is for the student to read.

    asked: the call; got, expected: the answers; why: what explains it, known: and whether that is
    a mistake that was looked for; printed: what the submission printed; loaded: whether its file
    ran to the end, before anything was asked.
    """

    exercise: str
    question: str
    status: str
    asked: str = ""
    got: str = ""
    expected: str = ""
    why: str = ""
    known: bool = False
    printed: str = ""
    loaded: bool = False

    @property
    def right(self) -> bool:
        return self.status == RIGHT

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def ask(
    question: Question, sources: Sequence[tuple[str, str]], nursery: Nursery, *, seed: int = 0,
    limits: Limits | None = None,
) -> Outcome:  # fmt: skip
    """Run the submission in a process of its own, ask, and judge here. Raises nothing of it."""
    outcome = Outcome(question.exercise, question.name, RIGHT)
    rng = np.random.default_rng([seed, zlib.crc32(question.name.encode())])
    try:
        limits = limits or Limits(cpu=question.seconds)
        with Student(nursery, sources, limits) as student:
            outcome.loaded = True
            try:
                question.ask(student, rng)
            finally:
                outcome.printed = student._output
    except Wrong as wrong:
        outcome.status = WRONG
        outcome.asked, outcome.got = wrong.asked, wrong.got
        outcome.expected, outcome.why, outcome.known = wrong.expected, wrong.why, wrong.known
    except Raised as error:
        outcome.status = UNWRITTEN if error.kind == "NotImplementedError" else RAISED
        outcome.got, outcome.why = f"{error.kind}: {error.text}", error.where
    except Stopped as stopped:
        outcome.status, outcome.why = STOPPED, str(stopped)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError) as error:
        # The question could not use an answer: it asked something of it that it is not.
        outcome.status = WRONG
        outcome.why = f"the answer is not of the kind that is asked for ({error})"
    return outcome


def sources(
    exercises: Exercises, submission: Submission, number: str, alone: bool
) -> list[tuple[str, str]]:
    """The texts that make the module. alone: with the reference's earlier exercises, not theirs."""
    if not alone:
        return [(submission.text, submission.name)]
    own = exercises.alone(submission.text, submission.name, number)
    return [(exercises.given(number), "given.py"), (own, submission.name)]
