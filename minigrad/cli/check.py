"""ask the questions on your exercises"""

from __future__ import annotations

import argparse
import ast
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minigrad.classroom.lesson import Lesson
    from minigrad.classroom.workspace import Workspace

DESCRIPTION = """\
Runs what you wrote in a process of its own, asks the questions of a lesson (`minigrad check 2`) or
of one exercise (`minigrad check 2.1`), and says of the first that fails: what was asked, expected
and got, what may be the cause, and a hint; the next hint comes when you have changed the exercise
and it fails again. Each exercise stands on the reference's earlier ones, so that one mistake costs
one exercise. The exit code is 0 if all is right.
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
    from minigrad.classroom.asking import NOT_ASKED, UNWRITTEN, ask_in_turn, sources
    from minigrad.classroom.exercises import stub
    from minigrad.classroom.lesson import course, find
    from minigrad.classroom.sandbox.starting import Nursery
    from minigrad.classroom.submission import Unreadable, parse, read
    from minigrad.classroom.workspace import Workspace

    console = Console(highlight=False)
    workspace = Workspace.around(Path.cwd())
    try:
        lessons = course()
        lesson = find(lessons, arguments.what)
        exercises = lesson.exercises
        chosen = [e for e in exercises if arguments.what in (str(lesson.number), e.number)]
        if not chosen:
            exercises[arguments.what]
        path = arguments.file or where(lesson, workspace)
        submission = read(path)
        parse(submission.text, submission.name)
        nursery = Nursery()
    except (LookupError, Unreadable, OSError) as error:
        raise SystemExit(
            f"minigrad check: {error if isinstance(error, OSError) else error.args[0]}"
        ) from None
    path = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    console.print(f"Lesson {lesson.number}, {lesson.title}: [dim]{path}[/]\n", soft_wrap=True)
    stubs = stub(exercises.text, exercises.name)
    reached = total = 0
    any_begun = False
    with nursery:
        for exercise in chosen:
            questions = [q for q in lesson.questions_of(exercise.number) if not q.hidden]
            texts = sources(exercises, submission, exercise.number, alone=True)
            outcomes = ask_in_turn(questions, texts, nursery)
            begun = exercises.part(*submission, exercise.number) != exercises.part(
                stubs, exercises.name, exercise.number
            )
            tries = [1] * len(questions)
            if workspace is not None:
                code = ast.unparse(parse(*texts[-1]))  # a comment more is not another try
                tries = [
                    workspace.tried(
                        f"{q.exercise} {q.name}", code, o.right and begun,
                        begun and o.loaded and o.status not in (UNWRITTEN, NOT_ASKED),
                    )
                    for q, o in zip(questions, outcomes, strict=True)
                ]  # fmt: skip
            feedback.show(console, exercise, questions, outcomes, tries, begun)
            any_begun |= begun
            reached += sum(q.points for q, o in zip(questions, outcomes, strict=True) if o.right)
            total += sum(q.points for q in questions)
    if workspace is not None:
        workspace.save()
    if not any_begun:
        console.print(f"You have not written in {path} yet.", soft_wrap=True, markup=False)
    elif reached == total:
        console.print(feedback.next_step(lesson, lessons, chosen[-1]), markup=False)
    elif len(chosen) > 1:
        console.print(f"{reached} of {total} points")
    return 0 if reached == total else 1


def where(lesson: Lesson, workspace: Workspace | None) -> Path:
    """The file of the lesson in the learner's folder. Raises LookupError."""
    if workspace is None:
        raise LookupError(
            "which file? Go into the folder that `minigrad start ~/course` lays out, or name the "
            f"file: minigrad check {lesson.number} FILE"
        )
    path = workspace.file(lesson)
    if not path.exists():
        raise LookupError(f"{path} is missing: minigrad start {workspace.folder} lays it out again")
    return path
