"""A student's file as text: a `.py` file or a notebook, whatever state it is in."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Set
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

LARGEST = 2**17  # bytes of a submission's code: to parse more takes the grader long
NOTEBOOK = 2**25  # bytes of a notebook, which holds pictures and what was printed
CELL = "# code cell "  # and its number: the line before each cell of a notebook
MAGIC = re.compile(r"\s*(%{1,2}[a-zA-Z]|!(?!=)|\?|[\w.]+\?{1,2}$)")  # %time, !ls, ?sum, sum?


class Unreadable(ValueError):
    """The file cannot be read as Python; the message says why, to the student."""


class Submission(NamedTuple):
    """The text of a file and its name, as tracebacks show it."""

    text: str
    name: str


def read(path: Path) -> Submission:
    """The Python of a file. Of a notebook, the code cells one after the other."""
    if path.is_dir():
        raise Unreadable(f"{path} is a folder; name the file in it")
    notebook = path.suffix == ".ipynb"
    try:
        if path.stat().st_size > (NOTEBOOK if notebook else LARGEST):
            raise too_large(path.name, NOTEBOOK if notebook else LARGEST)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Unreadable(
            f"{path.name}, line {line}: {error.object[error.start]:#x} is not text in UTF-8. Save "
            "the file in your editor with the encoding UTF-8"
        ) from None
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or error}") from None
    if "\0" in text:
        raise Unreadable(f"{path.name} is not text: it has zero bytes in it")
    if notebook:
        text = code_of(text, path.name)
        if len(text) > LARGEST:
            raise too_large(f"the code of {path.name}", LARGEST)
    if not text.strip():
        raise Unreadable(f"{path.name} is empty")
    return Submission(text.replace("\r\n", "\n").replace("\r", "\n"), path.name)


def too_large(what: str, most: int) -> Unreadable:
    return Unreadable(f"{what} has more than {most // 1024} kB; is it the right one?")


def code_of(text: str, name: str) -> str:
    """The code cells of a notebook; lines for the notebook itself become comments."""
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        joined = [f"{CELL}{i}\n{''.join(s)}" for i, s in enumerate(sources, 1)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable(f"{name} is not a notebook: its JSON is broken or has no cells") from None
    lines = "\n".join(joined).split("\n")
    return "\n".join("# " + s if MAGIC.match(s) else s for s in lines)


def place(text: str, name: str, line: int) -> str:
    """Where a line is, as one finds it: in a notebook they are counted in each cell.

    >>> place("# code cell 1\\nx = 1\\n# code cell 2\\ny = 2\\nz = 3", "a.ipynb", 5)
    'code cell 2, line 2'
    """
    if name.endswith(".ipynb"):
        before = text.split("\n")[:line]
        for i in range(len(before) - 1, -1, -1):
            if before[i].startswith(CELL):
                return f"{before[i].removeprefix('# ')}, line {line - i - 1}"
    return f"line {line}"


@lru_cache(maxsize=8)  # every question asks for the same trees
def parse(text: str, name: str) -> ast.Module:
    """The syntax tree, which is not to be changed. Raises Unreadable with line and reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of "\\d" would go to the grader's terminal
            return ast.parse(text, name)
    except SyntaxError as error:
        line = (error.text or "").strip()
        where = place(text, name, error.lineno or 1)
        raise Unreadable(f"{name}, {where}: {error.msg}: {line}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise Unreadable(f"{name} is not Python: {type(error).__name__}: {error}") from None


DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)  # use names when called


def used(node: ast.stmt) -> set[str]:
    """The names that a statement reads."""
    names = (x for x in ast.walk(node) if isinstance(x, ast.Name))
    return {x.id for x in names if isinstance(x.ctx, ast.Load)}


def defined(node: ast.stmt) -> set[str]:
    """The names that a statement at the top of a file gives a value."""
    if isinstance(node, DEFINITIONS):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {x.id for t in targets if t is not None for x in ast.walk(t) if isinstance(x, ast.Name)}


def without(text: str, name: str, names: set[str], unknown: Set[str] = frozenset()) -> str:
    """The text with the definitions of `names` left blank: every other line keeps its number.

    unknown: names that nothing else defines; statements at the top that use one go too, and with
    them those that use what they define.
    """
    lines = text.split("\n")
    unknown = set(unknown)
    for node in parse(text, name).body:
        made = defined(node)
        needs = unknown and not isinstance(node, DEFINITIONS) and used(node) & unknown
        if needs:
            unknown |= made
        if needs or (made and made <= names):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
            last = node.end_lineno or node.lineno
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)
