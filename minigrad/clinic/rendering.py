"""A report in a notebook (HTML) and in a terminal (rich): both Jacobians, wrong entries marked."""

from __future__ import annotations

import html as escaping
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.clinic.report import Report
from minigrad.clinic.words import called

SHOWN = 10  # rows and columns of a Jacobian; the first of those that hold a wrong entry
CELL = 10  # characters, in a terminal

STYLE = """
.minigrad-report { font: 14px/1.5 system-ui, sans-serif; max-width: 62rem; overflow-x: auto }
.minigrad-report .pair { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 4px 0 12px }
.minigrad-report table { border-collapse: collapse; margin: 2px 0 }
.minigrad-report td { font: 12px ui-monospace, monospace; padding: 2px 7px; text-align: right;
  border: 1px solid #8886 }
.minigrad-report .backward .bad { background: #e5484d55; font-weight: 700 }
.minigrad-report .numeric .bad { background: #30a46c44; font-weight: 700 }
.minigrad-report li { margin: 8px 0 }
.minigrad-report .quiet { opacity: .75 }
"""


def grids(
    report: Report, columns_shown: int = SHOWN
) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray, str]]:
    """For each argument with an error: both Jacobians, the wrong entries, what was left out."""
    for argument, (backward, numeric) in report.jacobians.items():
        wrong = report.wrong(argument)
        if not wrong.any():
            continue
        rows = _window(wrong.any(axis=1), SHOWN)
        columns = _window(wrong.any(axis=0), columns_shown)
        part = np.ix_(rows, columns)
        left_out = "" if wrong[part].size == wrong.size else f" (part of {wrong.shape})"
        name = called(argument, report.names.get(argument, ""))
        yield name, backward[part], numeric[part], wrong[part], left_out


def _window(is_wrong: Any, shown: int) -> np.ndarray:
    """Indices of at most so many rows: all, or those around the first wrong one."""
    first = max(0, min(int(np.argmax(is_wrong)) - 1, len(is_wrong) - shown))
    return np.arange(first, min(first + shown, len(is_wrong)))


def terminal(report: Report, width: int) -> Iterator[Any]:
    """What rich prints for a report, in so many columns: of wide Jacobians a part."""
    from rich.table import Table
    from rich.text import Text

    yield Text(report.message or str(report), style="" if report.ok else "bold")
    fitting = max(2, min(SHOWN, (width // 2 - 2) // CELL))
    for argument, backward, numeric, wrong, left_out in grids(report, fitting):
        table = Table(title=f"{argument}{left_out}", title_justify="left", box=None)
        table.add_column("what backward gives")
        table.add_column("what differences give")
        table.add_row(_grid(backward, wrong, "white on red"), _grid(numeric, wrong, "green"))
        yield table
    for i, text in enumerate(report.entries(), 1):
        code, rest = text.split(":", 1)
        yield Text.assemble(f"{i}. ", (code, "bold yellow"), f":{rest}")
    if report.unlikely:
        yield Text(f"Less likely: {', '.join(report.unlikely)}", style="dim")
    for note in report.notes:
        yield Text(f"Note: {note}", style="dim")


def _grid(values: np.ndarray, wrong: np.ndarray, style: str) -> Any:
    from rich.text import Text

    grid = Text()
    for row, marks in zip(values, wrong, strict=True):
        for value, is_wrong in zip(row, marks, strict=True):
            mark = "*" if is_wrong else " "  # not by colour alone
            colour = style if is_wrong else "dim" if value == 0 else ""
            grid.append(f"{_short(value):>9}{mark}", colour)
        grid.append("\n")
    return grid


def _short(value: float) -> str:
    return "0" if value == 0 else f"{value:.3g}"


def html(report: Report) -> str:
    """A report for a notebook, light or dark; it brings its own style and needs nothing else."""
    parts = [f"<p><b>{'ok' if report.ok else 'wrong'}</b>: {_lines(report.message)}</p>"]
    for argument, backward, numeric, wrong, left_out in grids(report):
        tables = "".join(
            f"<div class='{side}'>{caption}{_table(values, wrong)}</div>"
            for side, caption, values in (
                ("backward", "what backward gives", backward),
                ("numeric", "what differences give", numeric),
            )
        )
        parts.append(
            f"<p>{escaping.escape(argument)}{left_out}</p><div class='pair'>{tables}</div>"
        )
    items = []
    for text in report.entries():
        code, rest = escaping.escape(text).split(":", 1)
        items.append(f"<li><code>{code}</code>:{rest}</li>".replace("\n", "<br>"))
    parts += [f"<ol>{''.join(items)}</ol>"] if items else []
    if report.unlikely:
        parts.append(f"<p class='quiet'>Less likely: {', '.join(report.unlikely)}</p>")
    parts += [f"<p class='quiet'>Note: {escaping.escape(note)}</p>" for note in report.notes]
    return f"<div class='minigrad-report'><style>{STYLE}</style>{''.join(parts)}</div>"


def _lines(text: str) -> str:
    return escaping.escape(text).replace("\n", "<br>")


def _table(values: np.ndarray, wrong: np.ndarray) -> str:
    rows = []
    for row, marks in zip(values, wrong, strict=True):
        cells = "".join(
            f"<td class='bad'>{_short(v)}*</td>" if bad else f"<td>{_short(v)}</td>"
            for v, bad in zip(row, marks, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"
