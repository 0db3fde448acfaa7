"""What a student reads about an exercise: what was asked, the failing case, the next hint."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from minigrad.classroom.asking import (
    NOT_ASKED,
    RAISED,
    RIGHT,
    STOPPED,
    UNWRITTEN,
    WRONG,
    Outcome,
)
from minigrad.classroom.exercises import Exercise
from minigrad.classroom.lesson import Lesson
from minigrad.classroom.question import Question

WORDS = {
    RIGHT: ("right", "green"),
    WRONG: ("wrong", "red"),
    UNWRITTEN: ("to do", "yellow"),
    RAISED: ("error", "red"),
    STOPPED: ("ended", "red"),
    NOT_ASKED: ("-", "dim"),
}
STILL_THERE = "this line is still there; what stands after it is not reached"
NOT_LOADED = "the file stops there, before anything can be asked"


def show(
    console: Console,
    exercise: Exercise,
    questions: Sequence[Question],
    outcomes: Sequence[Outcome],
    tries: Sequence[int],
    begun: bool,
) -> None:
    """One exercise: its points, and of the first question that failed all that helps.

    begun: whether the student has written in it; if not, there is nothing to explain but what a
    bug that they are to find does.
    """
    points = sum(q.points for q, o in zip(questions, outcomes, strict=True) if o.right)
    total = sum(q.points for q in questions)
    head = Text(f"{exercise.number}  {exercise.title}", style="bold")
    head.append(f"   {points} of {total} points", style="green" if points == total else "")
    console.print(head)
    explained = False
    for q, o, n in zip(questions, outcomes, tries, strict=True):
        word, color = WORDS[o.status]
        line = Table.grid(padding=(0, 2))
        line.add_column(width=5, no_wrap=True)
        line.add_column(overflow="fold")
        line.add_row(Text(word, style=color), Text(q.says))
        console.print(Padding(line, (0, 0, 0, 5)))
        if not o.right and not explained and (begun or o.status != UNWRITTEN):
            console.print(Padding(details(q, o, n, begun), (0, 0, 0, 12)))
            explained = True
    console.print()


def details(question: Question, outcome: Outcome, tries: int, begun: bool) -> Table:
    """The failing case and the hint that this try has come to."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in rows(outcome, begun):
        if text:
            grid.add_row(name, Text(text))
    hints = question.hints
    if hints and begun and outcome.loaded and outcome.status != UNWRITTEN:
        n = min(max(tries, 1), len(hints))
        grid.add_row("hint", Text(f"{hints[n - 1]}  ({n} of {len(hints)})", style="cyan"))
    return grid


def rows(outcome: Outcome, begun: bool) -> list[tuple[str, str]]:
    told = [("asked", outcome.asked), ("expected", outcome.expected), ("got", outcome.got)]
    if outcome.status in (RAISED, UNWRITTEN):
        told.append(("where", outcome.why))
    elif begun:
        told.append(("why", outcome.why))
    if outcome.status == UNWRITTEN:
        told.append(("why", STILL_THERE))
    elif not outcome.loaded:
        told.append(("why", NOT_LOADED))
    return [*told, ("printed", outcome.printed.strip())]


def next_step(lesson: Lesson, lessons: Sequence[Lesson], done: Exercise) -> str:
    """What comes after an exercise that is right."""
    later = [e for e in lesson.exercises if e.first > done.first]
    if later:
        return f"Next: exercise {later[0].number}, {later[0].title}"
    following = [other for other in lessons if other.number > lesson.number]
    return f"Next: minigrad lesson {following[0].number}" if following else "That was the course."
