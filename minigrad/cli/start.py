"""lay out a folder with the exercises of the course"""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Writes the exercises of every lesson into a folder, each as a file to be filled in. What is there
already is kept: run it again after an update, and only new lessons are added.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where to, say ~/course")


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.classroom.lesson import course
    from minigrad.classroom.workspace import Workspace

    folder = arguments.folder.expanduser()
    console = Console(highlight=False)
    try:
        done = Workspace(folder).lay_out(course())
    except FileNotFoundError as error:
        raise SystemExit(f"minigrad start: {error}") from None
    except OSError as error:
        reason = "it is a file, not a folder" if folder.is_file() else error.strerror or error
        raise SystemExit(f"minigrad start: cannot write into {folder}: {reason}") from None
    for name, what in done.items():
        console.print(f"  {name}  [dim]{what}[/]", soft_wrap=True)
    console.print(
        f"\nThe course lies in {folder}. Go there, and begin with [bold]minigrad lesson[/].",
        soft_wrap=True,
    )
    return 0
