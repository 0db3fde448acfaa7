"""One question asked of one submission, and what came of it."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from minigrad.classroom.calls import written
from minigrad.classroom.exercises import Exercises
from minigrad.classroom.question import Question, Wrong, kind_of, shown
from minigrad.classroom.sandbox.isolation import Limits, memory_at_most
from minigrad.classroom.sandbox.remote import Call, printable
from minigrad.classroom.sandbox.starting import Nursery, NurseryGone
from minigrad.classroom.sandbox.student import Raised, Stopped, Student
from minigrad.classroom.submission import Submission

RIGHT, WRONG, UNWRITTEN, RAISED, STOPPED = "right", "wrong", "not written", "raised", "stopped"
NOT_ASKED = "not asked"
LONGEST = 4_000  # letters of each text of an outcome
MEMORY = 2 * 2**30  # bytes that a question may take here, whatever the answers are


@dataclass
class Outcome:
    """What came of a question. status: one of those above; the rest is for the student to read.

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

    @property
    def stopped(self) -> bool:
        return self.status == STOPPED

    @property
    def exception(self) -> str:
        """The type of Python's own that it raised: a name that no submission has made up."""
        name = self.got.partition(":")[0] if self.status == RAISED else ""
        return name if hasattr(builtins, name) else ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def ask(
    question: Question, sources: Sequence[tuple[str, str]], nursery: Nursery, *, seed: int = 0,
    limits: Limits | None = None,
) -> Outcome:  # fmt: skip
    """Run the submission in a process of its own, ask, and judge here. Raises nothing of it.

    What a submission writes into the arrays that it is given, the question sees: some ask that
    nothing is written. But then `same(student.double(x), 2 * x)` expects what was made of x. So
    who writes, and is right, is asked once more, and has to be right where that is not seen.
    """
    outcome, wrote = once(question, sources, nursery, seed, limits, sees_changes=True)
    if outcome.right and wrote:
        outcome, _ = once(question, sources, nursery, seed, limits, sees_changes=False)
    return outcome


def once(
    question: Question, sources: Sequence[tuple[str, str]], nursery: Nursery, seed: int,
    limits: Limits | None, *, sees_changes: bool,
) -> tuple[Outcome, bool]:  # fmt: skip
    """(what came of it, whether the submission wrote into what it was given)"""
    outcome = Outcome(question.exercise, question.name, RIGHT)
    called: Call | None = None
    answer: Any = None
    limits = limits or Limits(cpu=question.seconds)
    wrote = False
    try:
        with Student(nursery, sources, limits, sees_changes=sees_changes) as student:
            outcome.loaded = True
            try:
                with memory_at_most(MEMORY):
                    question.ask(student, question.rng(seed))
            finally:
                outcome.printed = student._output
                called, answer = student._last
                wrote = student._wrote
    except Wrong as wrong:
        outcome.status = WRONG
        outcome.asked, outcome.got = wrong.asked, wrong.got
        outcome.expected, outcome.why, outcome.known = wrong.expected, wrong.why, wrong.known
    except Raised as error:
        outcome.status = UNWRITTEN if error.kind == "NotImplementedError" else RAISED
        outcome.asked = written(called) if called else ""
        outcome.got = error.kind + (f": {error.text}" if error.text else "")
        outcome.why = error.where
    except Stopped as stopped:
        outcome.status, outcome.why = STOPPED, str(stopped)
        outcome.asked = written(called) if called else ""
    except (NurseryGone, OSError):  # of this machine, not of the submission
        raise
    except MemoryError:
        outcome.status, outcome.why = WRONG, "to judge the answer takes too much memory"
    except Exception as error:
        # The question could not use an answer: it asked something of it that it is not.
        outcome.status = WRONG
        outcome.asked, outcome.got = written(called) if called else "", shown(answer)
        outcome.why = "the answer is not of the kind that is asked for: "
        outcome.why += kind_of(answer) if answer is None else str(error)
    for name in ("asked", "got", "expected", "why", "printed"):
        setattr(outcome, name, printable(getattr(outcome, name)[:LONGEST]))
    return outcome, wrote


def ask_in_turn(
    questions: Sequence[Question], sources: Sequence[tuple[str, str]], nursery: Nursery
) -> list[Outcome]:
    """The outcomes of an exercise's questions. Where the file does not run to its end, or has to be
    stopped, the others are not asked: they would wait as long for the same."""
    outcomes: list[Outcome] = []
    for q in questions:
        last = outcomes[-1] if outcomes else None
        if last and (last.status in (STOPPED, NOT_ASKED) or not last.loaded):
            status = UNWRITTEN if last.status == UNWRITTEN else NOT_ASKED
            outcomes.append(Outcome(q.exercise, q.name, status))
        else:
            outcomes.append(ask(q, sources, nursery))
    return outcomes


def sources(
    exercises: Exercises, submission: Submission, number: str, alone: bool
) -> list[tuple[str, str]]:
    """The texts that make the module. alone: with the reference's earlier exercises, not theirs."""
    if not alone:
        return [(submission.text, submission.name)]
    own = exercises.alone(submission.text, submission.name, number)
    return [(exercises.given(number), "given.py"), (own, submission.name)]
