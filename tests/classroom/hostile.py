"""What the tests of hostile submissions share: a question, and submissions to answer it."""

from __future__ import annotations

from minigrad.classroom.asking import Outcome, ask
from minigrad.classroom.question import Question, same
from minigrad.classroom.sandbox.isolation import Limits

LIMITS = Limits(wall=3, cpu=1, memory=2**29)
GOOD = "def double(x):\n    return 2 * x\n"


def doubled(student, rng):
    x = rng.standard_normal(5)
    same(student.double(x), 2 * x, "double(x)")


def outcome(nursery, source, question=doubled, limits=LIMITS) -> Outcome:
    return ask(
        Question("1.1", question.__name__, "2 x", question), [(source, "exercises.py")], nursery,
        limits=limits,
    )  # fmt: skip


def body(lines: str) -> str:
    """A submission whose `double` runs these lines."""
    indented = "\n".join("    " + line for line in lines.strip().split("\n"))
    return (
        f"import os, sys, time, signal, threading\nimport numpy as np\ndef double(x):\n{indented}\n"
    )
