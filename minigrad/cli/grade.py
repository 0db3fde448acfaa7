"""grade a folder of submissions"""

from __future__ import annotations

import argparse
from pathlib import Path

from minigrad.cli.numbers import natural

DESCRIPTION = """\
Asks every question of an assignment, hidden ones too, of every submission in a folder, and writes
a report for each student, a gradebook, and what the class got wrong. Each answer comes from a
process of its own that can read no file but Python's, reach no network and outlive no limit; it is
judged here. A run that was stopped, or killed, goes on where it was; a submission that has changed
is graded anew.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("submissions", type=Path, help="a folder with one folder or file a student")
    parser.add_argument(
        "--assignment", type=Path, required=True, metavar="FOLDER",
        help="what `minigrad assign build` wrote",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("grades"), help="default: ./grades")
    parser.add_argument("--jobs", type=natural, default=2, help="processes (default: 2)")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from minigrad.classroom.grading import analysis, reports
    from minigrad.classroom.grading.assignment import FILE, items, load
    from minigrad.classroom.grading.gradebook import Gradebook
    from minigrad.classroom.grading.grader import grade
    from minigrad.classroom.sandbox.starting import NurseryGone
    from minigrad.classroom.sandbox.student import not_fenced

    console = Console(highlight=False)
    folder = arguments.assignment
    folder = folder / "grader" if (folder / "grader" / FILE).exists() else folder
    out = arguments.out
    try:
        if arguments.submissions.resolve() in (out.resolve(), *out.resolve().parents):
            raise ValueError(f"{out} lies among the submissions; choose another --out")
        assignment, lessons = load(folder)
        out.mkdir(parents=True, exist_ok=True)
        asked = items(lessons)
        missing = not_fenced()
        if missing:
            console.print(
                f"[yellow]Careful:[/] this system cannot fence in {', '.join(missing)}. Grade "
                "submissions that you do not trust on Linux 5.13 or newer, with user namespaces."
            )
        with Gradebook(out / "grades.sqlite") as book:
            columns = (
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}", markup=False),
            )
            with Progress(*columns, console=console) as progress:
                bar = progress.add_task("")
                steps = grade(arguments.submissions, folder, book, max(arguments.jobs, 1))
                for student, done, total in steps:
                    progress.update(bar, completed=done, total=total, description=student)
            for graded in book:
                reports.write(graded, asked, assignment, out)
            everybody = analysis.write(book, asked, out)
    except (OSError, ValueError, NurseryGone) as error:
        raise SystemExit(f"minigrad grade: {error}") from None
    console.print(f"{len(everybody.rows)} submissions graded: {out / 'gradebook.csv'}")
    for (key, why), n in everybody.mistakes.most_common(3):
        console.print(f"  {n:4} of them, question {key}: {why}", markup=False, soft_wrap=True)
    return 0
