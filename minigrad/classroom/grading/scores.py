"""Points: of an exercise alone, on the reference's earlier parts, and on the student's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minigrad.classroom.grading.assignment import Item
from minigrad.classroom.grading.gradebook import Graded


class Score(NamedTuple):
    """Points reached alone, on the student's own earlier exercises, and points there are."""

    alone: int
    own: int
    most: int


def score(graded: Graded, items: Sequence[Item]) -> Score:
    """Over all of these questions; each gives its points or none."""

    def points(alone: bool) -> int:
        return sum(
            item.question.points
            for item in items
            if (item.key, alone) in graded.outcomes and graded.outcomes[item.key, alone].right
        )

    return Score(points(True), points(False), sum(item.question.points for item in items))


def by_exercise(items: Sequence[Item]) -> dict[str, list[Item]]:
    """The questions of each exercise, in their order."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.question.exercise, []).append(item)
    return found
