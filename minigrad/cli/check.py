"""ask the questions on your exercises"""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Runs what you wrote in a process of its own, asks the questions of a lesson (`minigrad check 2`) or
of one exercise (`minigrad check 2.1`), and says of the first that fails: what was asked, expected
and got, what may be the cause, and a hint; the next hint comes when you have changed the file and
it fails again. Each exercise stands on the reference's earlier ones, so that one mistake costs one
exercise. The exit code is 0 if all is right.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", help="a lesson, 2, or an exercise, 2.1")
    parser.add_argument(
        "file", type=Path, nargs="?",
        help="a .py file or a notebook (default: exercises.py of that lesson, in the folder that "
        "`minigrad start` laid out, in which you are)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.classroom import feedback
    from minigrad.classroom.asking import ask, sources
    from minigrad.classroom.lesson import course, find
    from minigrad.classroom.sandbox.starting import Nursery
    from minigrad.classroom.submission import Unreadable, parse, read
    from minigrad.classroom.workspace import Workspace

    console = Console(highlight=False)
    workspace = Workspace.around(Path.cwd())
    try:
        lesson = find(course(), arguments.what)
        chosen = [e for e in lesson.exercises if arguments.what in (str(lesson.number), e.number)]
        if not chosen:
            lesson.exercises[arguments.what]
        path = arguments.file or (workspace and workspace.file(lesson))
        if path is None:
            raise LookupError(
                "which file? Go into the folder that `minigrad start` laid out, or name the file: "
                f"minigrad check {arguments.what} FILE"
            )
        submission = read(path)
        parse(submission.text, submission.name)
        nursery = Nursery()
    except (LookupError, Unreadable, OSError) as error:
        raise SystemExit(f"minigrad check: {error.args[0]}") from None
    console.print(f"Lesson {lesson.number}, {lesson.title}: [dim]{path}[/]\n", soft_wrap=True)
    all_right = True
    with nursery:
        for exercise in chosen:
            questions = [q for q in lesson.questions_of(exercise.number) if not q.hidden]
            texts = sources(lesson.exercises, submission, exercise.number, alone=True)
            outcomes = [ask(q, texts, nursery) for q in questions]
            tries = [1] * len(questions)
            if workspace is not None:
                tries = [
                    workspace.tried(f"{q.exercise} {q.name}", submission.text, o.right)
                    for q, o in zip(questions, outcomes, strict=True)
                ]
            feedback.show(console, exercise, questions, outcomes, tries)
            all_right &= all(o.right for o in outcomes)
    if workspace is not None:
        workspace.save()
    return 0 if all_right else 1
