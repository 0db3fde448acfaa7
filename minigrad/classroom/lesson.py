"""A lesson: a folder with text and code, exercises, questions, and solutions known to be wrong.

lessons/04_tensor_autograd/
    lesson.py       prose and code in percent format, as Jupyter, VS Code and Colab read it
    exercises.py    the reference; the stubs are made from it
    checks.py       the questions
    wrong/*.py      known-wrong solutions: which exercise, which question they fail, the hint
    right/*.py      correct solutions that look different
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from minigrad.classroom.exercises import BadLesson, Exercises, read_exercises
from minigrad.classroom.question import Question, questions_of


class Cell(NamedTuple):
    """kind: "markdown" or "code"; line: where it begins in the file, from 1."""

    kind: str
    text: str
    line: int

    @property
    def prediction(self) -> bool:
        """Whether it asks for a guess before the next cell is run."""
        return self.kind == "markdown" and self.text.lstrip().startswith("**Predict")


class Known(NamedTuple):
    """A solution known to be wrong, or right. fails: a question's name; hint: what it is told."""

    exercise: str
    name: str
    text: str
    fails: str
    hint: str


def cells(text: str) -> list[Cell]:
    """The cells of a file in percent format.

    >>> [tuple(c) for c in cells("# %% [markdown]\\n# One\\n\\n# %%\\nx = 1\\n")]
    [('markdown', 'One', 1), ('code', 'x = 1', 4)]
    """
    found: list[tuple[str, list[str], int]] = []
    for i, line in enumerate(text.split("\n"), 1):
        if line.startswith("# %%"):
            found.append(("markdown" if "[markdown]" in line else "code", [], i))
        elif found:
            found[-1][1].append(line)
    return [Cell(kind, plain(kind, lines), at) for kind, lines, at in found]


def plain(kind: str, lines: Sequence[str]) -> str:
    if kind == "markdown":
        lines = [re.sub(r"^# ?", "", line) for line in lines]
    return "\n".join(lines).strip("\n")


@dataclass(frozen=True)
class Lesson:
    """number: its place in the course; needs: the lessons to be done before; opens: what of
    minigrad lessons may use from here on, as patterns: "mg.gradcheck", "optim.*"."""

    number: int
    folder: Path
    title: str
    asks: str
    needs: tuple[int, ...]
    builds: tuple[str, ...]
    opens: tuple[str, ...] = ()

    @cached_property
    def cells(self) -> list[Cell]:
        return cells((self.folder / "lesson.py").read_text(encoding="utf-8"))

    @cached_property
    def exercises(self) -> Exercises:
        return read_exercises(self.folder / "exercises.py")

    @cached_property
    def questions(self) -> list[Question]:
        """Those of checks.py, in its order."""
        path = self.folder / "checks.py"
        module: dict[str, Any] = {"__name__": "checks", "__file__": str(path)}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module)
        found = questions_of(module)
        for q in found:
            if q.exercise not in [e.number for e in self.exercises]:
                raise BadLesson(
                    f"{path}: {q.name} asks of exercise {q.exercise}, which is not there"
                )
        return found

    def known(self, kind: str, number: str) -> list[Known]:
        """The solutions of an exercise in wrong/ or right/, as `kind` says."""
        path = self.folder / kind / f"{number.replace('.', '_')}.py"
        if not path.exists():
            return []
        before, *blocks = re.split(r"^# %% ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        found = []
        for block in blocks:
            title, _, text = block.partition("\n")
            said = dict(re.findall(r"^# (fails|hint): (.*)$", text, flags=re.MULTILINE))
            name = f"{kind}/{path.name}: {title}"
            fails, hint = said.get("fails", ""), said.get("hint", "")
            found.append(Known(number, name, before + text, fails, hint))
        return found

    def questions_of(self, number: str) -> list[Question]:
        return [q for q in self.questions if q.exercise == number]


def course(root: Path | None = None) -> list[Lesson]:
    """The lessons of `course.toml`, in their order. root: the folder `lessons`."""
    root = root or Path(__file__).parents[2] / "lessons"
    table = root / "course.toml"
    if not table.exists():
        raise FileNotFoundError(
            f"no course in {root}: course.toml is missing. The lessons lie in minigrad's "
            "repository: install it from there, with `pip install -e .`"
        )
    entries = tomllib.loads(table.read_text(encoding="utf-8"))["lesson"]
    lessons = [
        Lesson(
            e["number"], root / e["folder"], e["title"], e["asks"], tuple(e.get("needs", ())),
            tuple(e.get("builds", ())), tuple(e.get("opens", ())),
        )
        for e in entries
    ]  # fmt: skip
    seen: set[int] = set()
    for lesson in lessons:
        if not set(lesson.needs) <= seen:
            raise BadLesson(f"{table}: lesson {lesson.number} needs {lesson.needs}, not yet there")
        if not lesson.folder.is_dir():
            raise BadLesson(f"{table}: lesson {lesson.number}: no folder {lesson.folder.name}")
        seen.add(lesson.number)
    return lessons


def find(lessons: Sequence[Lesson], name: str) -> Lesson:
    """The lesson of "4" or "4.2". Raises LookupError that says which there are."""
    number = name.partition(".")[0]
    for lesson in lessons:
        if str(lesson.number) == number:
            return lesson
    there = ", ".join(str(lesson.number) for lesson in lessons)
    raise LookupError(f"no lesson {name}; there are {there}")
