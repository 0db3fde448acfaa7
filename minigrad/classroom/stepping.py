"""A lesson in the terminal: prose, guesses, code and what comes out, one cell after the other."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.syntax import Syntax
from rich.text import Text

from minigrad.classroom.formulas import in_words
from minigrad.classroom.lesson import Cell, Lesson
from minigrad.classroom.running import Result, Runner

KEYS = "Enter: next   b: back   r: run again   e: edit and run   q: leave"
GUESS = "Your guess (Enter: none, b: back, q: leave): "


class Walk:
    """Where a learner is in a lesson. `go()` shows cells until they leave; `at` is then the place.

    read: asks for a line, and is given the prompt; figures: the folder for pictures.
    """

    def __init__(
        self,
        lesson: Lesson,
        console: Console,
        read: Callable[[str], str],
        figures: Path,
        predictions: dict[str, str],
    ):
        self.lesson, self.console, self.read = lesson, console, read
        self.figures, self.predictions = figures, predictions
        self.at = 0
        self.path = str(lesson.folder / "lesson.py")
        self.runner = Runner(self.path)
        self.done = 0  # cells before this one have been run

    def go(self, at: int = 0) -> None:
        """From cell `at` on. What stands before it is run again first, unseen."""
        cells = self.lesson.cells
        self.at = min(at, len(cells) - 1)
        if self.at:
            self.console.print(
                f"[dim]Back at cell {self.at + 1} of {len(cells)}. What stands before it is run "
                "again, unseen. (From the first cell: --from-start)[/]"
            )
        while self.at < len(cells):
            self.catch_up()
            self.show(cells[self.at])
            if not self.ask(cells[self.at]):
                return
        self.console.print(f"That was lesson {self.lesson.number}. {self.next_task()}")

    def catch_up(self) -> None:
        for cell in self.lesson.cells[self.done : self.at]:
            if cell.kind == "code":
                self.run(cell)
        self.done = max(self.done, self.at)

    def run(self, cell: Cell, name: str = "") -> Result:
        """What a cell gives; Ctrl-C stops the cell, and not the lesson."""
        try:
            return self.runner.run(cell, name)
        except KeyboardInterrupt:
            return Result(error="KeyboardInterrupt: the cell was stopped by Ctrl-C")

    def show(self, cell: Cell) -> None:
        if cell.kind == "markdown":
            self.console.print(Markdown(in_words(cell.text)), "")
            return
        self.console.print(Syntax(cell.text, "python", theme="ansi_dark", word_wrap=True))
        self.show_result(self.run(cell))
        self.done = max(self.done, self.at + 1)
        guess = self.predictions.get(f"{self.lesson.number}.{self.at - 1}")
        if guess:
            self.console.print(f"Your guess was: {guess}\n", markup=False)

    def show_result(self, result: Result) -> None:
        if result.printed.strip():
            self.console.print(Panel(Text(result.printed.rstrip()), style="dim", expand=False))
        if hasattr(result.value, "savefig"):
            self.figures.mkdir(parents=True, exist_ok=True)
            file = self.figures / f"lesson-{self.lesson.number:02}-cell-{self.at + 1:02}.png"
            result.value.savefig(file, dpi=150)
            self.console.print(f"[green]figure:[/] {file}", soft_wrap=True)
        elif result.value is not None:
            self.console.print(Panel(Text(repr(result.value)), expand=False))
        if result.error:
            self.console.print(result.error.rstrip(), style="red", markup=False)
        self.console.print()

    def ask(self, cell: Cell) -> bool:
        """What next? False to leave."""
        key = f"{self.lesson.number}.{self.at}"
        if cell.prediction:
            guess = self.read(GUESS).strip()
            if guess.lower() in ("q", "b"):
                self.at = max(self.at - (guess.lower() == "b"), 0)
                return guess.lower() == "b"
            if guess:
                self.predictions[key] = guess
            self.at += 1
            return True
        place = f"{self.at + 1}/{len(self.lesson.cells)}"
        while True:
            answer = self.read(f"[{place}] {KEYS} > ").strip().lower()
            if answer == "q":
                return False
            if answer == "b":
                self.at = max(self.at - 1, 0)
                return True
            if answer == "r":
                self.show(cell)
            elif answer == "e":
                self.edit(cell)
            elif answer == "":
                self.at += 1
                return True
            else:
                self.console.print(f"[dim]{KEYS}[/]")

    def edit(self, cell: Cell) -> None:
        """Run what the learner makes of the cell. The lesson itself stays as it is."""
        if cell.kind != "code":
            self.console.print("[dim]This is prose; there is nothing to run.[/]")
            return
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self.console.print("Which editor? Set EDITOR, say `export EDITOR=nano`, and come back.")
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "cell.py")
            file.write_text(cell.text + "\n", encoding="utf-8")
            try:
                subprocess.run([*shlex.split(editor), str(file)], check=True)
                text = file.read_text(encoding="utf-8")
            except (OSError, ValueError, subprocess.CalledProcessError) as error:
                self.console.print(
                    f"The editor {editor!r} (from VISUAL or EDITOR) did not work: {error}",
                    style="red", markup=False,
                )  # fmt: skip
                return
        self.console.print(Syntax(text, "python", theme="ansi_dark", word_wrap=True))
        self.show_result(self.run(cell._replace(text=text, line=0), "your cell"))
        self.console.print("[dim]The lesson keeps its own cell: r runs that again.[/]")

    def next_task(self) -> str:
        number = self.lesson.number
        return (
            f"Now its exercises: write them in {self.lesson.folder.name}/exercises.py, in the "
            f"folder that `minigrad start` laid out, then: minigrad check {number}"
        )


def points(lesson: Lesson, right: list[str]) -> tuple[int, int]:
    """(points reached, points in all) of the visible questions of a lesson."""
    questions = [q for q in lesson.questions if not q.hidden]
    reached = sum(q.points for q in questions if f"{q.exercise} {q.name}" in right)
    return reached, sum(q.points for q in questions)


def overview(lessons: list[Lesson], state: Any) -> Any:
    """The lessons as a table, with how far one is."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("", "lesson", "read", "points", "its question"):
        table.add_column(heading)
    for lesson in lessons:
        reached, total = points(lesson, state.right)
        cells, at = len(lesson.cells), state.cells.get(str(lesson.number), 0)
        color = "green" if reached == total else ""
        table.add_row(
            str(lesson.number), lesson.title, f"{100 * at // cells} %" if at else "-",
            f"[{color}]{reached} of {total}[/]" if color else f"{reached} of {total}", lesson.asks,
        )  # fmt: skip
    return table
