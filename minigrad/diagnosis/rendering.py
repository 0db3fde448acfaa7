"""A report as plain text, in a terminal (rich) and in a notebook (HTML)."""

from __future__ import annotations

import html as escaping
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minigrad.diagnosis.report import Finding, Report

WIDTH = 96


def headline(report: Report) -> str:
    n = len(report.findings)
    count = "nothing found" if report.ok else f"{n} finding{'s' * (n > 1)}"
    return f"diagnose: {count} in {report.of}"


def text(report: Report) -> str:
    return "\n\n".join([headline(report), *map(str, report.findings)])


def text_of(finding: Finding) -> str:
    wide = max(map(len, finding.evidence), default=0)
    lines = [f"{finding.code}: {finding.title}"]
    lines += [f"    {name:<{wide}}  {show(value)}" for name, value in seen(finding)]
    advice = textwrap.fill(
        f"Try: {finding.advice}.", WIDTH, initial_indent="    ", subsequent_indent="         ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join([*lines, advice])


def seen(finding: Finding) -> list[tuple[str, Any]]:
    """The evidence, its place first: that is where one goes to look."""
    return sorted(finding.evidence.items(), key=lambda item: item[0] != "where")


def terminal(report: Report) -> Iterator[Any]:
    """What rich prints for a report."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    yield Text(headline(report), style="green" if report.ok else "bold")
    for finding in report.findings:
        yield Text.assemble("\n", (finding.code, "bold yellow"), f": {finding.title}")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for name, value in seen(finding):
            table.add_row(Text(name, style="dim"), Text(show(value)))
        yield Padding(table, (0, 0, 0, 4))
        yield Padding(Text.assemble(("Try: ", "green"), f"{finding.advice}."), (0, 0, 0, 4))


def html(report: Report) -> str:
    """A report for a notebook; it takes the notebook's colours, so it is legible on any ground."""
    parts = [f"<p><b>{escaping.escape(headline(report))}</b></p>"]
    for finding in report.findings:
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left;font-weight:normal'>"
            f"{escaping.escape(name)}</th>"
            f"<td style='text-align:left'>{escaping.escape(show(value))}</td></tr>"
            for name, value in seen(finding)
        )
        parts.append(
            f"<li><b>{escaping.escape(finding.code)}</b>: {escaping.escape(finding.title)}"
            f"<table>{rows}</table><p>Try: {escaping.escape(finding.advice)}.</p></li>"
        )
    return f"<div>{parts[0]}<ol>{''.join(parts[1:])}</ol></div>"


def show(value: Any) -> str:
    """A number with three digits, a list with its first five."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, list):
        more = f" and {len(value) - 5} more" if len(value) > 5 else ""
        return ", ".join(map(show, value[:5])) + more
    return str(value)
