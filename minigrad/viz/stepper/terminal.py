"""Walking through a recording in the terminal, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minigrad.viz.stepper.recording import Recording
from minigrad.viz.stepper.text import page, pages

if TYPE_CHECKING:
    from rich.text import Text

HELP = "Enter: next   b: back   a number: that step   w: wrong order   q: quit"


def walk(recording: Recording) -> None:
    """Show pages until the last one is left, or q is typed."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    console = Console(highlight=False)
    at, wrong = 0, False
    while at < len(pages(recording, wrong)):
        head, *lines = page(recording, at, wrong).splitlines()
        about = Text("\n").join(map(styled, lines))
        console.print(Panel(about, title=Text(head, "bold"), title_align="left", padding=(0, 1)))
        try:
            typed = console.input(Text(f"{HELP}: ", "dim")).strip()
        except EOFError:
            return
        if typed == "q":
            return
        if typed == "w":
            wrong = not wrong
            at = min(at, len(pages(recording, wrong)) - 1)
        elif typed == "b":
            at = max(at - 1, 0)
        elif typed.isdecimal() and 0 < int(typed) <= len(pages(recording, wrong)):
            at = int(typed) - 1
        elif typed:
            console.print(Text(f"There is no step {typed!r}", "red"))
        else:
            at += 1


def styled(line: str) -> Text:
    """A line of a page: what it is about in bold, warnings in red."""
    from rich.text import Text

    line = line.removeprefix("  ")
    about, colon, rest = line.partition(": ")
    style = "red" if "Too early" in rest or "too late" in rest or "right would be" in rest else ""
    return Text(about + colon, "bold" if colon else "").append(Text(rest, style))
