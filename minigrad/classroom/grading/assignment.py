"""An assignment: which lessons, and the seed of its questions' inputs."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.classroom.lesson import Lesson, course, find
from minigrad.classroom.question import Question

FILE = "assignment.json"


@dataclass(frozen=True)
class Assignment:
    """name: its folder's; variants: whether each student's questions have inputs of their own;
    source: the repository that students get minigrad from, as `git clone` takes it."""

    name: str
    lessons: tuple[int, ...]
    seed: int = 0
    variants: bool = False
    source: str = ""

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    def seed_of(self, student: str) -> int:
        return zlib.crc32(f"{self.seed} {student}".encode()) if self.variants else self.seed


class Item(NamedTuple):
    """One question of an assignment."""

    lesson: Lesson
    question: Question

    @property
    def key(self) -> str:
        return f"{self.question.exercise} {self.question.name}"


def load(folder: Path) -> tuple[Assignment, list[Lesson]]:
    """An assignment and its lessons, from the folder `grader` that `minigrad assign build` wrote.

    folder: that, or the folder around it. Raises FileNotFoundError.
    """
    for place in (folder / "grader", folder):
        if (place / FILE).exists():
            data: dict[str, Any] = json.loads((place / FILE).read_text(encoding="utf-8"))
            assignment = Assignment(**{**data, "lessons": tuple(data["lessons"])})
            return assignment, chosen(course(place / "lessons"), assignment.lessons)
    raise FileNotFoundError(
        f"{folder} is not an assignment: no {FILE} in it. Make one: minigrad assign build"
    )


def chosen(lessons: Sequence[Lesson], numbers: Sequence[int]) -> list[Lesson]:
    return [find(lessons, str(number)) for number in numbers]


def items(lessons: Sequence[Lesson]) -> list[Item]:
    """All questions, hidden ones too."""
    return [Item(lesson, q) for lesson in lessons for q in lesson.questions]
