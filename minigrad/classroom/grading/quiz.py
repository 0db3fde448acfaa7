"""Questions to be answered on paper. Here: find the bug; the others are in name_the_fault.py."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from minigrad.classroom.lesson import Known, Lesson

CHOICES = 4
LETTERS = "abcd"


class Drawn(NamedTuple):
    """A question with its choices; right: the index of the true one."""

    lesson: Lesson
    exercise: str
    known: Known
    choices: list[str]
    right: int


def draw(lessons: Sequence[Lesson], n: int, seed: int) -> list[Drawn]:
    """n known-wrong solutions, each with what is wrong with it among other mistakes of its lesson.

    Raises ValueError if there are not so many.
    """
    rng = random.Random(seed)
    pool = [
        (lesson, exercise.number, known)
        for lesson in lessons
        for exercise in lesson.exercises
        for known in lesson.known("wrong", exercise.number)
    ]
    if n > len(pool):
        raise ValueError(f"there are {len(pool)} known mistakes in these lessons, not {n}")
    found = []
    for lesson, number, known in rng.sample(pool, n):
        others = sorted({title(k) for L, _, k in pool if L is lesson} - {title(known)})
        choices = [title(known), *rng.sample(others, min(CHOICES - 1, len(others)))]
        rng.shuffle(choices)
        found.append(Drawn(lesson, number, known, choices, choices.index(title(known))))
    return found


def title(known: Known) -> str:
    return known.name.partition(": ")[2]


def as_markdown(drawn: Sequence[Drawn], answers: bool) -> str:
    """The sheet; with `answers`, the key."""
    out = ["# Find the bug" + (": answers" if answers else ""), ""]
    for i, q in enumerate(drawn, 1):
        exercise = q.lesson.exercises[q.exercise]
        out.append(f"## {i}. {exercise.title} (lesson {q.lesson.number})")
        if answers:
            property_ = next(x for x in q.lesson.questions if x.name == q.known.fails)
            out += ["", f"{LETTERS[q.right]}) {q.choices[q.right]}. Not so: {property_.says}.", ""]
            continue
        body = [s for s in q.known.text.strip().split("\n") if not s.startswith("# ")]
        out += ["", "```python", *body, "```", "", "What is wrong with it?", ""]
        out += [f"{letter}) {choice}" for letter, choice in zip(LETTERS, q.choices, strict=False)]
        out.append("")
    return "\n".join(out)
