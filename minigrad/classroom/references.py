"""What a lesson refers to, and whether it is there: other lessons, files, parts of minigrad."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from minigrad.classroom.lesson import Lesson

ROOT = Path(__file__).parents[2]
FIRST, LAST = 1, 28  # lessons of the whole course, of which some are still to be written
OTHERS = {"numpy", "matplotlib", "minigrad"}  # besides Python's own modules, what may be imported
PYTHON = {
    "collections", "dataclasses", "functools", "inspect", "io", "itertools", "math", "pathlib",
    "random", "re", "string", "sys", "tempfile", "textwrap", "time", "tracemalloc", "typing",
}  # fmt: skip


def dangling(lesson: Lesson) -> Iterator[str]:
    """References in the text that lead nowhere."""
    text = (lesson.folder / "lesson.py").read_text(encoding="utf-8")
    known = [e.number for e in lesson.exercises]
    for found in re.finditer(r"[Ee]xercises? ((?:\d+\.\d+(?:, | and | or )?)+)", text):
        for number in re.findall(r"\d+\.\d+", found[1]):
            if number.split(".")[0] == str(lesson.number) and number not in known:
                yield f"the text speaks of exercise {number}, which is not there"
    for number in re.findall(r"[Ll]esson (\d+)\b", text):
        if not FIRST <= int(number) <= LAST:
            yield f"the text speaks of lesson {number}, which the course has not"
    for path in re.findall(r"`((?:minigrad|kernels|lessons|tests)/[\w./-]+)`", text):
        if not (ROOT / path).exists():
            yield f"the text speaks of {path}, which is not there"


def too_early(lesson: Lesson, before: Sequence[Lesson]) -> Iterator[str]:
    """Imports that no lesson may have, and parts of minigrad that no lesson has opened yet."""
    opened = [pattern for one in (*before, lesson) for pattern in one.opens]
    for name in ("lesson.py", "exercises.py", "checks.py"):
        tree = ast.parse((lesson.folder / name).read_text(encoding="utf-8"))
        for module in sorted(imports(tree)):
            if module.split(".")[0] not in OTHERS | PYTHON:
                yield f"{name} imports {module}"
        if name == "checks.py":  # the judge may know more than the student
            continue
        for used in sorted(uses(tree)):
            if not any(fnmatch(used, pattern) for pattern in opened):
                yield f"{name} uses {used}, which no lesson up to here opens (course.toml)"


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def uses(tree: ast.AST) -> set[str]:
    """Parts of minigrad that are named: `mg.tensor`, `nn.Linear`, `optim.Adam`, `viz.step`.

    >>> code = "import minigrad as mg; from minigrad import nn; nn.Linear(mg.e, 2)"
    >>> sorted(uses(ast.parse(code)))
    ['mg.e', 'nn.Linear']
    """
    roots: dict[str, str] = {}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {a.asname or a.name: "mg" for a in node.names if a.name == "minigrad"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("minigrad"):
            inside = (node.module or "").removeprefix("minigrad").lstrip(".")
            for alias in node.names:
                if not inside and alias.name.islower():
                    roots[alias.asname or alias.name] = alias.name
                else:
                    found.add(f"{inside}.{alias.name}" if inside else f"mg.{alias.name}")
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            inner |= {id(part) for part in ast.walk(node) if isinstance(part, ast.Attribute)}
            names = ast.unparse(node).split(".")
            if names[0] in roots and all(name.isidentifier() for name in names):
                path = [roots[names[0]], *names[1:]]
                found.add(".".join(path[1:3] if path[0] == "mg" and path[1] in AREAS else path[:2]))
    return found


AREAS = ("nn", "optim", "data", "train", "metrics", "text", "models", "func", "viz", "autograd")
