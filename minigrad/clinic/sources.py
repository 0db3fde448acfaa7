"""The source line on which a pullback computes the gradient of one argument."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from types import CodeType
from typing import Any


def gradient_line(pullback: Any, position: int | None) -> tuple[str, str] | None:
    """(`file:line`, its text) for the argument at `position`; None if there is no source.

    It is where the returned name was last assigned, or where the returned expression stands.
    """
    if isinstance(pullback, tuple):
        own = pullback[position] if position is not None and position < len(pullback) else None
        pullback, position = own, None
    code = getattr(inspect.unwrap(pullback), "__code__", None) if callable(pullback) else None
    if code is None:
        return None
    lines = linecache.getlines(code.co_filename)
    if not lines:
        return None
    line = code.co_firstlineno
    function = node_of(code, "".join(lines))
    if function is not None:
        line = _line_of(function, position)
    text = lines[line - 1].strip() if line <= len(lines) else ""
    return f"{code.co_filename}:{line}", text


@functools.lru_cache(maxsize=16)
def _functions(source: str) -> list[Any]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a notebook's magic, say
        return []
    return [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.Lambda))]


def node_of(code: CodeType, source: str) -> Any:
    """The innermost function of the source in which the first instruction of `code` stands."""
    spots = [p for p in code.co_positions() if None not in p and p[2] != p[3]]
    inside = [
        node
        for node in _functions(source)
        for first in (min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]),)
        if first == code.co_firstlineno
        and (not isinstance(node, ast.Lambda) or any(_holds(node.body, p) for p in spots))
        and (getattr(node, "name", "<lambda>") == code.co_name)
    ]
    return max(inside, key=lambda node: (node.lineno, node.col_offset), default=None)


def _holds(node: Any, spot: Any) -> bool:
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    return start <= (spot[0], spot[2]) and (spot[1], spot[3]) <= end


def _line_of(function: Any, position: int | None) -> int:
    value: Any
    if isinstance(function, ast.Lambda):
        value = function.body
    else:
        returns = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
        if not returns:
            return function.lineno
        value = returns[-1].value
    if isinstance(value, (ast.Tuple, ast.List)):
        if position is None or position >= len(value.elts):
            return value.lineno
        value = value.elts[position]
    if isinstance(value, ast.Name) and isinstance(function, ast.FunctionDef):
        assigned: list[Any] = [n for n in ast.walk(function) if _assigns(n, value.id)]
        return max((n.lineno for n in assigned), default=value.lineno)
    return value.lineno


def _assigns(node: Any, name: str) -> bool:
    """`name = ...`, also among others, `name += ...` or `name[...] = ...`."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    else:
        return False
    names = [n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    return any(n.id == name for n in names)
