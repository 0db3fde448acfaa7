"""Every place of a pullback's source in which an expression can be changed, and how."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from minigrad.clinic.substitutions import changes


class Rewrite(NamedTuple):
    """One change that can be made, and what it would be the repair of."""

    code: str
    certainty: float
    words: str  # the new expression and the old one
    line: int
    make: Callable[[], Callable[[], None]]  # changes the tree, returns what takes it back


def rewrites(
    node: ast.FunctionDef, known: dict[str, Any], parameters: list[str], *, whole: bool
) -> Iterator[Rewrite]:
    """All changes in the functions inside `node` (a pullback is one), or in all of it (whole).

    known: the variables of the forward pass, by name; parameters: those that are arguments.
    """
    roots = [node] if whole else [n for n in ast.walk(node) if n is not node and _is_function(n)]
    seen: set[int] = set()
    found = []
    for root in roots:
        for put, child in _inside(root):
            if id(child) in seen:
                continue
            seen.add(id(child))
            for code, certainty, new in changes(child, known, parameters):
                rewrite = _made(child, new, code, certainty, put)
                found += [] if rewrite is None else [rewrite]
    yield from sorted(found, key=lambda r: -r.certainty)


def _is_function(node: Any) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.Lambda))


def _inside(parent: Any) -> Iterator[tuple[Callable[[Any], None], Any]]:
    """Everything in a function that can be replaced, with what replaces it.

    What an `if` asks is no arithmetic, what is assigned to stays, and a `while` might not end.
    """
    if isinstance(parent, ast.While):
        return
    for name, value in ast.iter_fields(parent):
        if name in ("test", "targets", "target", "decorator_list") or isinstance(
            value, ast.arguments
        ):
            continue
        if isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, ast.AST):
                    if isinstance(item, (ast.expr, ast.stmt)):
                        yield lambda new, value=value, i=i: value.__setitem__(i, new), item
                    yield from _inside(item)
        elif isinstance(value, ast.AST):
            if isinstance(value, ast.expr):
                yield lambda new, parent=parent, name=name: setattr(parent, name, new), value
            yield from _inside(value)


def _made(old: Any, new: Any, code: str, certainty: float, put: Callable) -> Rewrite | None:
    ast.copy_location(new, old)
    ast.fix_missing_locations(new)
    before, after = ast.unparse(old), ast.unparse(new)
    if before == after:
        return None

    def make() -> Callable[[], None]:
        put(new)
        return lambda: put(old)

    words = f"`{after}` for `{before}`".replace("__import__('numpy')", "np")
    return Rewrite(code, certainty, words, old.lineno, make)
