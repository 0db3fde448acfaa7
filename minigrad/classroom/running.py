"""Running a lesson's cells one after the other, as a notebook does."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigrad.classroom.lesson import Cell, cells


@dataclass
class Result:
    """What a cell printed, the value of its last line, and what it raised, as text."""

    printed: str = ""
    value: Any = None
    error: str = ""


class Runner:
    """Runs cells in one namespace."""

    def __init__(self, name: str):
        self.name = name
        self.namespace: dict[str, Any] = {"__name__": "__main__"}

    def run(self, cell: Cell, name: str = "") -> Result:
        """Run a cell of code. Its lines keep the numbers that they have in the lesson's file.

        name: of the file, as a traceback shows it, for a cell that is not the lesson's own.
        """
        name = name or self.name
        source = "\n" * cell.line + cell.text
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        result = Result()
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                result.value = self.value(ast.parse(source, name), name)
            except (Exception, SystemExit) as error:
                result.error = "".join(traceback.format_exception(without_this_file(error)))
        result.printed = printed.getvalue()
        return result

    def value(self, tree: ast.Module, name: str) -> Any:
        """Run all statements; if the last is an expression, its value is what the cell shows."""
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), self.namespace)
        if last is None:
            return None
        assert isinstance(last, ast.Expr)
        return eval(compile(ast.Expression(last.value), name, "eval"), self.namespace)


def without_this_file(error: BaseException) -> BaseException:
    """The exception, its traceback from the cell on: what is before it tells a reader nothing."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename in (__file__, ast.__file__):
        at = at.tb_next
    return error.with_traceback(at)


def run_all(cells: Sequence[Cell], name: str) -> list[tuple[Cell, Result]]:
    """Every cell of code with its result, up to the first that raises."""
    runner = Runner(name)
    found = []
    for cell in cells:
        if cell.kind == "code":
            found.append((cell, runner.run(cell)))
            if found[-1][1].error:
                break
    return found


def main(path: str) -> None:
    """Run a lesson and show what its cells print; the exit code is 1 if one raises."""
    for _, result in run_all(cells(Path(path).read_text(encoding="utf-8")), path):
        sys.stdout.write(result.printed)
        if hasattr(result.value, "savefig"):  # drawn, so that what is wrong with it shows
            result.value.savefig(io.BytesIO())
        if result.error:
            sys.exit(result.error)


if __name__ == "__main__":
    main(sys.argv[1])
