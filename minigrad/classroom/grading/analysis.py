"""What an instructor reads of a class: the gradebook, the questions, the misconceptions."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minigrad.atomic import replacing
from minigrad.classroom.grading.assignment import Item
from minigrad.classroom.grading.gradebook import Gradebook
from minigrad.classroom.grading.scores import by_exercise, score

# With what a cell begins that is computed, or cut up: the last four are =+-@ of double width.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


class Class:
    """Sums over a class, one student after the other: its memory does not grow with the class.

    Only the points of each student are kept, for the correlations.
    """

    def __init__(self, items: Sequence[Item]):
        self.items = list(items)
        self.rows: list[list] = []
        self.right: list[list[bool]] = []  # by student and question
        self.totals: list[int] = []
        self.mistakes: Counter[tuple[str, str]] = Counter()

    def add(self, graded) -> None:
        total = score(graded, self.items)
        parts = [score(graded, some) for some in by_exercise(self.items).values()]
        alone, own = [p.alone for p in parts], [p.own for p in parts]
        self.rows.append(
            [graded.student, total.alone, total.own, total.most, *alone, *own, graded.note]
        )
        self.right.append([graded.outcomes[i.key, True].right for i in self.items])
        self.totals.append(total.alone)
        for item in self.items:
            outcome = graded.outcomes[item.key, True]
            if outcome.known:
                self.mistakes[item.key, outcome.why.split("\n")[0][:200]] += 1

    def gradebook(self) -> str:
        exercises = list(by_exercise(self.items))
        head = ["student", "alone", "own", "most", *(f"{e} alone" for e in exercises)]
        return as_csv([*head, *(f"{e} own" for e in exercises), "note"], self.rows)

    def questions(self) -> str:
        """Of each question: the share that is right, its correlation with the rest of the score.

        A question that those who do well otherwise do not answer better is a bad one, or a wrong
        one: look at it first.
        """
        right = np.array(self.right, dtype=float).reshape(len(self.rows), len(self.items))
        totals = np.array(self.totals, dtype=float)
        rows = []
        for j, item in enumerate(self.items):
            column = right[:, j]
            others = totals - column * item.question.points
            moving = len(column) > 1 and column.std() > 0 and others.std() > 0
            with_rest = f"{np.corrcoef(column, others)[0, 1]:.2f}" if moving else ""
            rows.append(
                [item.question.exercise, item.question.name, item.question.says,
                 item.question.points, f"{column.mean():.3f}" if len(column) else "", with_rest]
            )  # fmt: skip
        head = ["exercise", "question", "says", "points", "right", "correlation with the rest"]
        return as_csv(head, rows)

    def misconceptions(self) -> str:
        """What was said of wrong answers, the most frequent first."""
        rows = [[n, key, why] for (key, why), n in self.mistakes.most_common()]
        return as_csv(["students", "question", "what was said"], rows)


def as_csv(head: Sequence[str], rows: Sequence[Sequence]) -> str:
    """A cell that a spreadsheet would take for a formula is made text: names come from outside."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return out.getvalue()


def harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in FORMULA else cell


def write(book: Gradebook, items: Sequence[Item], folder: Path) -> Class:
    """`gradebook.csv`, `questions.csv` and `misconceptions.csv`."""
    everybody = Class(items)
    for graded in book:
        everybody.add(graded)
    for name, text in (
        ("gradebook.csv", everybody.gradebook()),
        ("questions.csv", everybody.questions()),
        ("misconceptions.csv", everybody.misconceptions()),
    ):
        with replacing(folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8", errors="replace")
    return everybody
