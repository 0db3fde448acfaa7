"""prove that the course is sound"""

from __future__ import annotations

import argparse

from minigrad.cli.numbers import natural

DESCRIPTION = """\
For those who write lessons: each reference must pass all its questions, alone and on its own
stack; each stub must fail; each known-wrong solution must be rejected with its own hint, and each
correct but unusual one must pass; nothing that is handed out may hold a line of a solution; the
examples in the docstrings must come out, and each lesson run to its end in a minute; it may refer
only to what is there, and use only what earlier lessons opened. The exit code is 0 if all is so.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lesson", nargs="*", help="numbers of lessons (default: all)")
    parser.add_argument("--jobs", type=natural, default=2, help="processes (default: 2)")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.classroom.audit import audit
    from minigrad.classroom.lesson import course, find
    from minigrad.classroom.sandbox.student import not_fenced

    lessons = course()
    try:
        chosen = [find(lessons, name) for name in arguments.lesson] or lessons
        missing = not_fenced()
    except (LookupError, OSError) as error:
        raise SystemExit(f"minigrad audit: {error.args[0]}") from None
    console = Console(highlight=False, soft_wrap=True)
    found = audit(chosen, max(arguments.jobs, 1))
    for problem in found.problems:
        console.print(f"problem  {problem}", style="red", markup=False)
    for what, count in found.counts.items():
        console.print(f"{count:6} {what}")
    if missing:
        console.print(f"[yellow]not fenced in on this system:[/] {', '.join(missing)}")
    console.print("sound" if not found.problems else f"{len(found.problems)} problems")
    return 1 if found.problems else 0
