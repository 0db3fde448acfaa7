"""prove that the course is sound"""

from __future__ import annotations

import argparse

DESCRIPTION = """\
For those who write lessons: each reference must pass all its questions, alone and on its own
stack; each stub must fail; each known-wrong solution must be rejected with its own hint, and each
correct but unusual one must pass; no stub may hold a line of a solution; the examples in the
docstrings must come out, and each lesson run to its end in a minute; it may refer only to what is
there, and use only what earlier lessons opened. The exit code is 0 if all of it is so.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lesson", nargs="*", help="numbers of lessons (default: all)")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.classroom.audit import audit
    from minigrad.classroom.lesson import course, find
    from minigrad.classroom.sandbox.student import Nursery, not_fenced

    lessons = course()
    try:
        chosen = [find(lessons, name) for name in arguments.lesson] or lessons
    except LookupError as error:
        raise SystemExit(f"minigrad audit: {error.args[0]}") from None
    console = Console(highlight=False, soft_wrap=True)
    with Nursery() as nursery:
        found = audit(chosen, nursery, lessons)
    missing = not_fenced()
    for problem in found.problems:
        console.print(f"[red]problem[/]  {problem}", markup=True)
    for what, count in found.counts.items():
        console.print(f"{count:6} {what}")
    if missing:
        console.print(f"[yellow]not fenced in on this system:[/] {', '.join(missing)}")
    console.print("sound" if not found.problems else f"{len(found.problems)} problems")
    return 1 if found.problems else 0
