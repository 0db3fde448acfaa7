"""What a student reads about an exercise: what was asked, the failing case, the next hint."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from minigrad.classroom.asking import RAISED, RIGHT, STOPPED, UNWRITTEN, WRONG, Outcome
from minigrad.classroom.exercises import Exercise
from minigrad.classroom.question import Question

WORDS = {
    RIGHT: ("right", "green"),
    WRONG: ("wrong", "red"),
    UNWRITTEN: ("to do", "yellow"),
    RAISED: ("error", "red"),
    STOPPED: ("ended", "red"),
}


def show(
    console: Console,
    exercise: Exercise,
    questions: Sequence[Question],
    outcomes: Sequence[Outcome],
    tries: Sequence[int],
) -> None:
    """One exercise: its points, and of the first question that failed all that helps."""
    points = sum(q.points for q, o in zip(questions, outcomes, strict=True) if o.right)
    total = sum(q.points for q in questions)
    head = Text(f"{exercise.number}  {exercise.title}", style="bold")
    head.append(f"   {points} of {total} points", style="green" if points == total else "")
    console.print(head)
    explained = False
    for q, o, n in zip(questions, outcomes, tries, strict=True):
        word, color = WORDS[o.status]
        console.print(Padding(Text.assemble((f"{word}  ", color), q.says), (0, 0, 0, 5)))
        if not o.right and not explained and o.status != UNWRITTEN:
            console.print(Padding(details(q, o, n), (0, 0, 0, 12)))
            explained = True
    console.print()


def details(question: Question, outcome: Outcome, tries: int) -> Group:
    """The failing case and the hint that this try has come to."""
    rows = [
        ("asked", outcome.asked), ("expected", outcome.expected), ("got", outcome.got),
        ("why", outcome.why), ("printed", outcome.printed.strip()),
    ]  # fmt: skip
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in rows:
        if text:
            grid.add_row(name, Text(text))
    hints = question.hints
    if hints:
        n = min(max(tries, 1), len(hints))
        grid.add_row("hint", Text(f"{hints[n - 1]}  ({n} of {len(hints)})", style="cyan"))
    return Group(grid)
