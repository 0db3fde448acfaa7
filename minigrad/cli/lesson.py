"""read a lesson of the course, step by step"""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Without a number: the lessons, and how far you are. With one: the lesson, cell by cell, in the
terminal. It asks for your guess before it runs what you can guess, and when you leave it remembers
the place. --notebook and --html write it to a file instead.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lesson", nargs="?", help="its number")
    parser.add_argument("--from-start", action="store_true", help="begin at the first cell")
    parser.add_argument(
        "--notebook", type=Path, nargs="?", const=Path("."), metavar="FILE",
        help="write it as a Jupyter notebook",
    )  # fmt: skip
    parser.add_argument(
        "--html", type=Path, nargs="?", const=Path("."), metavar="FILE",
        help="run it, and write it with all that comes out as one page",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from minigrad.classroom.lesson import course, find
    from minigrad.classroom.stepping import Walk, overview
    from minigrad.classroom.workspace import State, Workspace

    console = Console(highlight=False)
    try:
        lessons = course()
    except FileNotFoundError as error:
        raise SystemExit(f"minigrad lesson: {error}") from None
    workspace = Workspace.around(Path.cwd())
    state = State() if workspace is None else workspace.state
    if arguments.lesson is None and (arguments.notebook or arguments.html):
        raise SystemExit(
            "minigrad lesson: which one? Its number comes first: minigrad lesson 4 --html"
        )
    if arguments.lesson is None:
        console.print(overview(lessons, state))
        if workspace is None:
            console.print("\nTo write its exercises and keep your place: minigrad start ~/course")
        return 0
    try:
        lesson = find(lessons, arguments.lesson)
    except LookupError as error:
        raise SystemExit(f"minigrad lesson: {error.args[0]}") from None
    if arguments.notebook or arguments.html:
        return export(lesson, arguments.notebook, arguments.html)
    figures = Path.cwd() / "figures" if workspace is None else workspace.folder / "figures"
    walk = Walk(lesson, console, console.input, figures, state.predictions)
    try:
        walk.go(0 if arguments.from_start else state.cells.get(str(lesson.number), 0))
    except EOFError:
        console.print()
    finally:
        state.cells[str(lesson.number)] = walk.at
        if workspace is not None:
            workspace.save()
        elif walk.at:
            console.print(
                "\nTo come back to this place: minigrad start ~/course, and read it there."
            )
    return 0


def export(lesson, notebook: Path | None, html: Path | None) -> int:
    from minigrad.classroom.pages import as_html, as_notebook

    for path, suffix, write in ((notebook, ".ipynb", as_notebook), (html, ".html", as_html)):
        if path is not None:
            file = path / f"{lesson.folder.name}{suffix}" if path.is_dir() else path
            text = write(lesson)
            try:
                if suffix == ".ipynb" and file.exists() and file.read_bytes() != text.encode():
                    raise SystemExit(
                        f"minigrad lesson: {file} is there already, and may hold what you wrote; "
                        "name another: --notebook FILE"
                    )
                file.write_text(text, encoding="utf-8", newline="\n")
            except OSError as error:
                raise SystemExit(
                    f"minigrad lesson: cannot write {file}: {error.strerror or error}"
                ) from None
            print(file)
    return 0
